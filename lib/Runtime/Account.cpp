//===- Account.cpp - What a run may cost, and does -------------------------===//

#include "XcsLLM/Runtime/Account.h"
#include <utility>

namespace xcs::runtime {

/// Sums of doubles are not exact: what is as much as allowed is not too much.
static constexpr double leeway = 1 + 1e-9;

Account::~Account() {
  while (around && around.use_count() == 1)
    around = std::exchange(around->around, nullptr);
}

Account *Account::findExceeded(double usd, double endMs) {
  for (Account *at = this; at; at = at->around.get())
    if (at->spentUsd + at->reservedUsd + usd > at->budgetUsd * leeway ||
        endMs > at->deadlineMs * leeway)
      return at;
  return nullptr;
}

bool Account::isOverspent() const { return spentUsd > budgetUsd * leeway; }

void Account::reserve(double usd) {
  for (Account *at = this; at; at = at->around.get())
    at->reservedUsd += usd;
}

void Account::pay(double usd, double reserved) {
  for (Account *at = this; at; at = at->around.get()) {
    at->spentUsd += usd;
    at->reservedUsd -= reserved;
  }
}

} // namespace xcs::runtime

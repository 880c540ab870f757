//===- Account.h - What a run may cost, and does ----------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_ACCOUNT_H
#define XCSLLM_RUNTIME_ACCOUNT_H

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace xcs::runtime {

/// Money and time of a run, or of a scope in it with limits of its own. What one
/// spends, those around it do, too.
struct Account {
  static constexpr double none = std::numeric_limits<double>::infinity();

  Account() = default;
  ~Account(); ///< of accounts in accounts, one after another

  std::shared_ptr<Account> around;
  uint64_t frame = 0; ///< of the engine
  double budgetUsd = none, deadlineMs = none;
  double spentUsd = 0;
  double reservedUsd = 0; ///< for what is under way

  /// The account, this one or one around it, of which something that costs `usd` and
  /// ends at `endMs` would exceed a limit; null if there is none.
  Account *findExceeded(double usd, double endMs);
  /// Whether more was spent than is allowed: estimates may be too low.
  bool isOverspent() const;
  void reserve(double usd);
  /// Pays `usd` for what `reserved` was reserved for.
  void pay(double usd, double reserved);
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_ACCOUNT_H

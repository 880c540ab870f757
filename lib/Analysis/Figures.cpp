//===- Figures.cpp - Figures as people read them --------------------------===//

#include "XcsLLM/Analysis/Figures.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace llvm;
using namespace xcs;

/// `value` with that many decimals, thousands apart.
static std::string formatFixed(double value, unsigned decimals) {
  std::string text;
  raw_string_ostream(text) << format("%.*f", int(decimals), value);
  size_t end = std::min(text.find('.'), text.size());
  size_t begin = text.front() == '-';
  for (size_t at = end; at > begin + 3; at -= 3)
    text.insert(at - 3, ",");
  return text;
}

std::string xcs::formatUsd(double usd) {
  unsigned decimals = 6;
  if (usd > 0 && usd < 1e-3)
    decimals = std::clamp(2 - int(std::floor(std::log10(usd))), 6, 15);
  return "$" + formatFixed(usd, decimals);
}

std::string xcs::formatMs(double ms) {
  constexpr double second = 1000, minute = 60 * second, hour = 60 * minute;
  // What rounds up to a second is one.
  if (ms < 9.95)
    return formatFixed(ms, ms == std::round(ms) ? 0 : ms < 0.095 ? 6 : 1) + " ms";
  if (ms < 999.5)
    return formatFixed(ms, 0) + " ms";
  if (ms < 2 * minute)
    return formatFixed(ms / second, 2) + " s";
  if (ms < 2 * hour)
    return formatFixed(ms / minute, 1) + " min";
  return formatFixed(ms / hour, 1) + " h";
}

std::string xcs::formatCount(double count) {
  double whole = std::round(count);
  bool isWhole = std::abs(count - whole) <= 1e-9 * std::max(1.0, std::abs(count));
  return formatFixed(count, isWhole || count >= 1000 ? 0 : 1);
}

std::string xcs::formatAmount(Amount amount, function_ref<std::string(double)> format) {
  if (amount.complete)
    return format(amount.known);
  return amount.known > 0 ? ">= " + format(amount.known) : "unknown";
}

std::string xcs::formatUnknown(const std::set<UnknownFigure> &unknown) {
  std::string text;
  raw_string_ostream os(text);
  const UnknownFigure *previous = nullptr;
  for (const UnknownFigure &figure : unknown) {
    if (previous && previous->isTool == figure.isTool && previous->name == figure.name) {
      os << ", " << figure.field;
    } else {
      os << (previous ? "), " : "");
      if (figure.isTool)
        os << "tool '@" << figure.name << "' (";
      else if (figure.name.empty())
        os << "calls without a model (";
      else
        os << "model '" << figure.name << "' (";
      os << figure.field;
    }
    previous = &figure;
  }
  return previous ? text + ")" : text;
}

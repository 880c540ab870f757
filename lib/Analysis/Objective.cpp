//===- Objective.cpp - What rewrites are for, and may do ------------------===//

#include "XcsLLM/Analysis/Objective.h"

using namespace mlir;
using namespace xcs;

Allow xcs::getLeave(Operation *function, Allow limit) {
  Allow leave = Allow::Distribution;
  if (auto own = function->getAttrOfType<StringAttr>("xcs_llm.allow"))
    leave = symbolizeAllow(own.getValue()).value_or(leave);
  return std::min(leave, limit);
}

StringRef xcs::getClassName(Allow rewriteClass) {
  switch (rewriteClass) {
  case Allow::Lossless:
    return "lossless";
  case Allow::Distribution:
    return "distribution-preserving";
  case Allow::Quality:
    return "quality-bounded";
  }
  llvm_unreachable("every class has a name");
}

/// Differences below are those of rounding.
static constexpr double precision = 1e-9;

/// The logarithm of how many times as much `after` is; 0 where they are equal.
static double compare(double before, double after) {
  constexpr double least = 1e-12;
  double larger = std::max(before, after);
  if (std::abs(after - before) <= precision * larger)
    return 0;
  return std::log(std::max(after, least)) - std::log(std::max(before, least));
}

double xcs::compareEfforts(const Effort &before, const Effort &after, Objective objective) {
  double cost = compare(before.costUsd.known, after.costUsd.known);
  double latency = compare(before.latencyMs.known, after.latencyMs.known);
  switch (objective) {
  case Objective::Cost:
    return cost;
  case Objective::Latency:
    return latency;
  case Objective::Balanced:
    return std::abs(cost + latency) <= precision ? 0 : cost + latency;
  }
  llvm_unreachable("every objective is compared");
}

bool xcs::isGain(const Effort &before, const Effort &after, Objective objective) {
  Objective other = objective == Objective::Latency ? Objective::Cost : Objective::Latency;
  for (double change : {compareEfforts(before, after, objective),
                        compareEfforts(before, after, other),
                        compare(before.requests, after.requests)})
    if (change != 0)
      return change < 0;
  return false;
}

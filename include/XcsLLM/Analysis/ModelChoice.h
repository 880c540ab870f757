//===- ModelChoice.h - Which model answers which call -----------*- C++ -*-===//
//
// The best choice of one option, a model at a tier, for each call of a program:
// the cheapest that is done in time, the fastest within a budget, or the best of both
// on balance. Knows no IR.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_MODELCHOICE_H
#define XCSLLM_ANALYSIS_MODELCHOICE_H

#include "XcsLLM/Analysis/Objective.h"
#include "XcsLLM/Analysis/TimeCost.h"
#include <optional>

namespace xcs {

struct ModelChoiceProblem {
  struct Option {
    uint32_t model;
    double timeMs, cost; ///< in one run of the program
  };
  struct Call {
    llvm::SmallVector<Option, 4> options; ///< at least one
    uint32_t activity = ~0u;              ///< of `program`, if that has any
  };
  std::vector<Call> calls;
  /// What takes time and waits for what; of the activities of calls the options do
  /// not count. Empty where time does not matter.
  TimeCostProblem program;
  /// Calls that must not have the same model.
  std::vector<std::pair<uint32_t, uint32_t>> different;
  /// Calls, and activities of `program`, that have limits of their own: the time from
  /// the first start of an activity that waits for nothing in it to the last end, and
  /// what its calls cost.
  struct Chain {
    std::vector<uint32_t> calls;
    uint32_t first = 0, end = 0; ///< activities
    double deadlineMs = std::numeric_limits<double>::infinity();
    double budget = std::numeric_limits<double>::infinity();
  };
  std::vector<Chain> chains; ///< inner ones before those around them

  Objective objective = Objective::Cost;
  double deadlineMs = std::numeric_limits<double>::infinity();
  double budget = std::numeric_limits<double>::infinity();
};

struct ModelChoice {
  /// What no choice can keep: the deadline, the budget (within the deadline), or
  /// that some calls must differ.
  enum class Outcome : uint8_t { Chosen, TooLate, TooDear, TooFew };

  Outcome outcome = Outcome::Chosen;
  std::vector<uint32_t> chosen; ///< the option of each call
  double timeMs = 0, cost = 0;  ///< if not chosen: the least that can be had
  /// Of cost, no choice that keeps the deadline takes less; for other objectives than
  /// cost, within the time that was chosen.
  double bound = 0;
  /// Which of the chains has the deadline or budget that cannot be kept, if one has;
  /// time and cost are its own then.
  std::optional<uint32_t> chain;
};

/// What one chain takes with a choice.
struct ChainFigures {
  double timeMs = 0, cost = 0;
};
ChainFigures measureChain(const ModelChoiceProblem &problem,
                          const ModelChoiceProblem::Chain &chain,
                          llvm::ArrayRef<uint32_t> chosen);

/// The cheapest choice of allowed options within `effort` steps or so, for calls that
/// need not differ. Where it breaks a chain's limit, that chain is chosen for alone, and
/// its calls keep to options that are no slower, or to those that were chosen: then
/// another choice may be cheaper, and the bound may be less than the cost.
ModelChoice chooseWithChains(const ModelChoiceProblem &problem, double deadlineMs,
                             std::vector<std::vector<uint32_t>> allowed, size_t effort);

/// The cheapest choice, or another by the objective:
/// - latency: the least time in which the budget suffices, and the cheapest within it;
/// - balanced: of the cheapest choices for a number of times between the fastest and
///   the cheapest, that with the least product of time and cost.
ModelChoice chooseModels(const ModelChoiceProblem &problem);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_MODELCHOICE_H

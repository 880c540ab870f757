//===- ModelChoice.cpp - Which model answers which call -------------------===//

#include "XcsLLM/Analysis/ModelChoice.h"
#include "llvm/ADT/STLExtras.h"

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precision = 1e-9;

class Chooser {
public:
  explicit Chooser(const ModelChoiceProblem &problem) : problem(problem) {}

  ModelChoice run();

private:
  /// That a call may not have a model.
  struct Ban {
    uint32_t call, model;
  };

  bool hasTimes() const { return !problem.program.activities.empty(); }
  ModelChoice chooseWithin(double deadlineMs);
  ModelChoice relax(double deadlineMs, ArrayRef<Ban> bans) const;
  ModelChoice chooseFastest();
  ModelChoice chooseBalanced();

  const ModelChoiceProblem &problem;
  size_t effort = 20'000'000; ///< of one solution
};

} // namespace

//===----------------------------------------------------------------------===//
// The cheapest within a time
//===----------------------------------------------------------------------===//

/// The cheapest choice that keeps to `bans`; calls need not differ.
ModelChoice Chooser::relax(double deadlineMs, ArrayRef<Ban> bans) const {
  std::vector<std::vector<uint32_t>> allowed(problem.calls.size());
  for (auto [index, call] : llvm::enumerate(problem.calls)) {
    for (uint32_t option = 0; option < call.options.size(); ++option)
      if (llvm::none_of(bans, [&, call = index, model = call.options[option].model](Ban ban) {
            return ban.call == call && ban.model == model;
          }))
        allowed[index].push_back(option);
    if (allowed[index].empty())
      return {ModelChoice::Outcome::TooFew, {}, 0, 0, infinity, {}};
  }
  return chooseWithChains(problem, deadlineMs, std::move(allowed), effort);
}

/// Branches where two calls that must differ do not: one or the other has another
/// model.
ModelChoice Chooser::chooseWithin(double deadlineMs) {
  size_t left = hasTimes() ? 100 : std::max<size_t>(100, 1'000'000 / (problem.calls.size() + 1));
  ModelChoice best{ModelChoice::Outcome::TooFew, {}, 0, infinity, infinity, {}};
  bool isLate = false;
  double open = infinity; // the least bound of what was not looked at
  std::vector<std::pair<SmallVector<Ban>, double>> stack{{{}, 0}};
  while (!stack.empty()) {
    auto [bans, least] = stack.back();
    stack.pop_back();
    if (least >= best.cost * (1 - precision))
      continue;
    if (left == 0) {
      open = std::min(open, least);
      continue;
    }
    --left;
    ModelChoice choice = relax(deadlineMs, bans);
    if (bans.empty() && (choice.outcome == ModelChoice::Outcome::TooLate || choice.chain))
      return choice;
    isLate |= choice.outcome == ModelChoice::Outcome::TooLate;
    if (choice.outcome != ModelChoice::Outcome::Chosen ||
        choice.bound >= best.cost * (1 - precision))
      continue;
    auto getModel = [&](uint32_t call) {
      return problem.calls[call].options[choice.chosen[call]].model;
    };
    const auto *equal = llvm::find_if(ArrayRef(problem.different), [&](auto pair) {
      return getModel(pair.first) == getModel(pair.second);
    });
    if (equal == ArrayRef(problem.different).end()) {
      open = std::min(open, choice.bound);
      if (choice.cost < best.cost)
        best = choice;
      continue;
    }
    for (uint32_t call : {equal->first, equal->second}) {
      stack.push_back({bans, choice.bound});
      stack.back().first.push_back({call, getModel(call)});
    }
  }
  best.bound = std::min(open, best.cost);
  if (best.cost == infinity && isLate)
    best.outcome = ModelChoice::Outcome::TooLate;
  return best;
}

//===----------------------------------------------------------------------===//
// Objectives
//===----------------------------------------------------------------------===//

ModelChoice Chooser::chooseFastest() {
  ModelChoice slowest = chooseWithin(problem.deadlineMs);
  if (slowest.outcome != ModelChoice::Outcome::Chosen)
    return slowest;
  effort /= 20; // from here on for each of many
  // What cannot be kept tells the fastest time.
  ModelChoice best = slowest;
  double high = slowest.timeMs, low = chooseWithin(0).timeMs;
  for (unsigned step = 0; step < 30 && high - low > precision * high; ++step) {
    double middle = step == 0 ? low : (low + high) / 2;
    ModelChoice choice = chooseWithin(middle);
    bool isGood = choice.outcome == ModelChoice::Outcome::Chosen && choice.cost <= problem.budget;
    if (isGood)
      best = choice, high = std::min(middle, choice.timeMs);
    else
      low = middle;
    if (step == 0 && isGood)
      break;
  }
  return best;
}

ModelChoice Chooser::chooseBalanced() {
  ModelChoice best = chooseWithin(problem.deadlineMs);
  if (best.outcome != ModelChoice::Outcome::Chosen)
    return best;
  effort /= 10; // from here on for each of many
  double high = best.timeMs, low = chooseWithin(0).timeMs;
  if (low <= 0 || high <= low)
    return best;
  constexpr unsigned steps = 16;
  for (unsigned step = 0; step < steps; ++step) {
    ModelChoice choice = chooseWithin(low * std::pow(high / low, double(step) / steps));
    if (choice.outcome == ModelChoice::Outcome::Chosen && choice.cost <= problem.budget &&
        choice.cost * choice.timeMs < best.cost * best.timeMs * (1 - precision))
      best = choice;
  }
  return best;
}

ModelChoice Chooser::run() {
  ModelChoice choice = !hasTimes() || problem.objective == Objective::Cost
                           ? chooseWithin(problem.deadlineMs)
                       : problem.objective == Objective::Latency ? chooseFastest()
                                                                 : chooseBalanced();
  if (choice.outcome == ModelChoice::Outcome::Chosen &&
      choice.cost > problem.budget * (1 + precision)) {
    choice = chooseWithin(problem.deadlineMs);
    if (choice.outcome == ModelChoice::Outcome::Chosen)
      choice.outcome = ModelChoice::Outcome::TooDear;
  }
  return choice;
}

ModelChoice xcs::chooseModels(const ModelChoiceProblem &problem) { return Chooser(problem).run(); }

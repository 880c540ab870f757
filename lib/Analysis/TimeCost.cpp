//===- TimeCost.cpp - The cheapest way to be done in time -----------------===//

#include "TimeCostSearch.h"
#include "TimeCostTuner.h"
#include "llvm/ADT/STLExtras.h"

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

constexpr double precision = 1e-9;

/// The problem with, of each activity, the options that are not both slower and
/// dearer than another, the fastest first; `numbers` says which these are.
static TimeCostProblem sortOptions(const TimeCostProblem &problem,
                                   std::vector<SmallVector<uint32_t, 2>> &numbers) {
  TimeCostProblem sorted;
  sorted.deadlineMs = problem.deadlineMs;
  for (const TimeCostProblem::Activity &activity : problem.activities) {
    SmallVector<uint32_t, 2> &order = numbers.emplace_back(activity.options.size());
    for (auto [index, number] : llvm::enumerate(order))
      number = index;
    llvm::stable_sort(order, [&](uint32_t a, uint32_t b) {
      const TimeCostOption &one = activity.options[a], &other = activity.options[b];
      return std::tie(one.timeMs, one.cost) < std::tie(other.timeMs, other.cost);
    });
    TimeCostProblem::Activity &own = sorted.activities.emplace_back();
    own.predecessors = activity.predecessors;
    size_t kept = 0;
    for (uint32_t number : order)
      if (kept == 0 || activity.options[number].cost < own.options.back().cost) {
        own.options.push_back(activity.options[number]);
        order[kept++] = number;
      }
    order.resize(kept);
  }
  return sorted;
}
double xcs::getTimeMs(const TimeCostProblem &problem, ArrayRef<uint32_t> chosen) {
  return findTimes(problem, chosen).lengthMs;
}

/// Improves `result`, a way in time, until it is the best or `effort` is spent.
static void improve(const TimeCostProblem &problem, TimeCostResult &result, size_t effort) {
  Search search(problem, effort);
  result.bound = std::max(result.bound, search.bound);
  auto take = [&](const std::vector<uint32_t> &chosen) {
    double cost = getCost(problem, chosen);
    if (cost < result.cost)
      result.cost = cost, result.chosen = chosen;
  };
  auto isDone = [&] { return result.cost - result.bound <= precision * result.cost; };
  std::vector<uint32_t> chosen = search.getStart();
  if (tune(problem, effort / 8, chosen))
    take(chosen);
  if (isDone())
    return;
  constexpr size_t fewPoints = 64;
  std::vector<uint32_t> narrow = result.chosen;
  search.find(std::numeric_limits<double>::max(), fewPoints, narrow);
  if (findTimes(problem, narrow).lengthMs <= problem.deadlineMs * (1 + precision))
    take(narrow);
  for (double share : {1.0 / 64, 1.0 / 16, 1.0 / 4, 1.0}) {
    if (isDone())
      return;
    double excess = (result.cost - search.bound) * share;
    std::vector<uint32_t> found = result.chosen;
    Search::Outcome outcome = search.find(excess * (1 + precision), size_t(-1), found);
    if (findTimes(problem, found).lengthMs <= problem.deadlineMs * (1 + precision))
      take(found);
    if (outcome == Search::Outcome::Unknown)
      return;
    // All that costs no more than this was looked at.
    result.bound = std::max(result.bound, std::min(result.cost, search.bound + excess));
  }
  result.bound = result.cost;
}

TimeCostResult xcs::solveTimeCost(const TimeCostProblem &problem, size_t effort) {
  std::vector<SmallVector<uint32_t, 2>> numbers;
  TimeCostProblem sorted = sortOptions(problem, numbers);
  size_t count = sorted.activities.size();
  TimeCostResult result;
  std::vector<uint32_t> cheapest(count);
  for (auto [activity, option] : llvm::zip(sorted.activities, cheapest))
    option = activity.options.size() - 1;
  result.chosen = cheapest;
  result.cost = result.bound = getCost(sorted, cheapest);
  double limit = problem.deadlineMs * (1 + precision);
  if (findTimes(sorted, cheapest).lengthMs > limit) {
    result.chosen.assign(count, 0);
    result.isFeasible = findTimes(sorted, result.chosen).lengthMs <= limit;
    result.cost = getCost(sorted, result.chosen);
    constexpr size_t most = 20'000;
    if (result.isFeasible && count > most)
      improveAtOnePrice(sorted, result);
    else if (result.isFeasible)
      improve(sorted, result, effort);
  }
  result.timeMs = findTimes(sorted, result.chosen).lengthMs;
  for (auto [option, names] : llvm::zip(result.chosen, numbers))
    option = names[option];
  return result;
}

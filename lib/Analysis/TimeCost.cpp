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
    if (cost < result.cost &&
        findTimes(problem, chosen).lengthMs <= problem.deadlineMs * (1 + precision))
      result.cost = cost, result.chosen = chosen;
  };
  auto isDone = [&] { return result.cost - result.bound <= precision * result.cost; };
  // Looks at all that costs at most `share` of the way from the bound to the best.
  auto look = [&](double share, size_t width, double effort) {
    double excess = (result.cost - search.bound) * share * (1 + precision);
    std::vector<uint32_t> found = result.chosen;
    double bound = search.find(excess, width, effort, found);
    take(found);
    result.bound = std::max(result.bound, std::min(result.cost, bound));
    return bound >= search.bound + excess;
  };
  for (std::vector<uint32_t> start : {search.getStart(), result.chosen})
    if (tune(problem, effort / 8, start))
      take(start);
  // A better way than that of the thumb leaves less to look at.
  constexpr size_t fewPoints = 64;
  if (!isDone())
    look(1, fewPoints, 1.0 / 8);
  for (double share : {1.0 / 64, 1.0 / 16, 1.0 / 4, 1.0})
    if (isDone() || !look(share, size_t(-1), 1))
      break;
  if (isDone())
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
    if (result.isFeasible)
      improveAtOnePrice(sorted, result);
    if (result.isFeasible && count <= most)
      improve(sorted, result, effort);
  }
  result.timeMs = findTimes(sorted, result.chosen).lengthMs;
  for (auto [option, names] : llvm::zip(result.chosen, numbers))
    option = names[option];
  return result;
}

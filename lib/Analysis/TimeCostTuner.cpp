//===- TimeCostTuner.cpp - Ways in time, by rules of thumb ----------------===//

#include "TimeCostTuner.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precision = 1e-9;
constexpr uint32_t none = ~0u;

Times xcs::findTimes(const TimeCostProblem &problem, ArrayRef<uint32_t> chosen) {
  size_t count = problem.activities.size();
  Times times;
  times.finishMs.resize(count);
  for (size_t index = 0; index < count; ++index) {
    const TimeCostProblem::Activity &activity = problem.activities[index];
    double start = 0;
    for (uint32_t predecessor : activity.predecessors)
      start = std::max(start, times.finishMs[predecessor]);
    times.finishMs[index] = start + activity.options[chosen[index]].timeMs;
    times.lengthMs = std::max(times.lengthMs, times.finishMs[index]);
  }
  std::vector<double> latest(count, times.lengthMs);
  times.slackMs.resize(count);
  for (size_t index = count; index-- > 0;) {
    const TimeCostProblem::Activity &activity = problem.activities[index];
    times.slackMs[index] = latest[index] - times.finishMs[index];
    double start = latest[index] - activity.options[chosen[index]].timeMs;
    for (uint32_t predecessor : activity.predecessors)
      latest[predecessor] = std::min(latest[predecessor], start);
  }
  return times;
}
double xcs::getCost(const TimeCostProblem &problem, ArrayRef<uint32_t> chosen) {
  double cost = 0;
  for (auto [activity, option] : llvm::zip(problem.activities, chosen))
    cost += activity.options[option].cost;
  return cost;
}
namespace {
/// Makes activities faster, where that costs least for what it gains, until the
/// deadline is kept; then, one by one, those cheaper that have time for it.
class Tuner {
public:
  Tuner(const TimeCostProblem &problem, size_t effort) : problem(problem), effort(effort) {}

  /// False if it has to give up.
  bool run(std::vector<uint32_t> &chosen) {
    while (true) {
      Times times = findTimes(problem, chosen);
      double late = times.lengthMs - problem.deadlineMs * (1 + precision);
      if (!spend())
        return late <= 0;
      if (!(late > 0 ? hasten(chosen, times, late) : relax(chosen, times)))
        return late <= 0;
    }
  }

private:
  bool spend() {
    size_t step = problem.activities.size();
    bool isLeft = effort >= step;
    effort -= isLeft ? step : 0;
    return isLeft;
  }

  bool hasten(std::vector<uint32_t> &chosen, const Times &times, double late) const {
    double least = infinity;
    uint32_t which = none, best = none;
    for (uint32_t index = 0; index < chosen.size(); ++index) {
      if (times.slackMs[index] > precision * times.lengthMs)
        continue;
      ArrayRef<TimeCostOption> options = problem.activities[index].options;
      const TimeCostOption &now = options[chosen[index]];
      for (uint32_t option = 0; option < options.size(); ++option) {
        double gained = std::min(late, now.timeMs - options[option].timeMs);
        double ratio = (options[option].cost - now.cost) / gained;
        if (gained > 0 && ratio < least)
          least = ratio, which = index, best = option;
      }
    }
    if (which != none)
      chosen[which] = best;
    return which != none;
  }

  bool relax(std::vector<uint32_t> &chosen, const Times &times) const {
    double most = 0;
    uint32_t which = none, best = none;
    double spare = std::max(0.0, problem.deadlineMs - times.lengthMs);
    for (uint32_t index = 0; index < chosen.size(); ++index) {
      ArrayRef<TimeCostOption> options = problem.activities[index].options;
      const TimeCostOption &now = options[chosen[index]];
      for (uint32_t option = 0; option < options.size(); ++option)
        if (options[option].timeMs <= now.timeMs + times.slackMs[index] + spare &&
            now.cost - options[option].cost > most * (1 + precision))
          most = now.cost - options[option].cost, which = index, best = option;
    }
    if (which != none)
      chosen[which] = best;
    return which != none;
  }

  const TimeCostProblem &problem;
  size_t effort;
};
} // namespace

bool xcs::tune(const TimeCostProblem &problem, size_t effort, std::vector<uint32_t> &chosen) {
  return Tuner(problem, effort).run(chosen);
}

/// The activities of one longest path.
static std::vector<uint32_t> findLongestPath(const TimeCostProblem &problem,
                                             ArrayRef<uint32_t> chosen) {
  Times times = findTimes(problem, chosen);
  std::vector<uint32_t> path;
  const auto *last = llvm::max_element(ArrayRef(times.finishMs));
  uint32_t index = last - times.finishMs.data();
  while (index != none) {
    path.push_back(index);
    uint32_t before = none;
    for (uint32_t predecessor : problem.activities[index].predecessors)
      if (before == none || times.finishMs[predecessor] > times.finishMs[before])
        before = predecessor;
    index = before;
  }
  return path;
}

void xcs::improveAtOnePrice(const TimeCostProblem &problem, TimeCostResult &result) {
  auto choose = [&](double price) {
    std::vector<uint32_t> chosen;
    for (const TimeCostProblem::Activity &activity : problem.activities) {
      const auto *best = llvm::min_element(activity.options, [&](auto &one, auto &other) {
        return one.cost + price * one.timeMs < other.cost + price * other.timeMs;
      });
      chosen.push_back(best - activity.options.begin());
    }
    return chosen;
  };
  double low = 0, high = 0;
  for (unsigned step = 0; step < 60; ++step) {
    double price = high == 0 ? std::ldexp(1e-12, 2 * step) : (low + high) / 2;
    std::vector<uint32_t> chosen = choose(price);
    if (findTimes(problem, chosen).lengthMs > problem.deadlineMs * (1 + precision)) {
      low = price;
      continue;
    }
    high = price;
    if (double cost = getCost(problem, chosen); cost < result.cost)
      result.cost = cost, result.chosen = chosen;
  }
  // What is on one path has to be done by the deadline, one after another.
  std::vector<uint32_t> chosen = choose(low), path = findLongestPath(problem, chosen);
  double bound = result.bound - low * problem.deadlineMs;
  for (uint32_t index : path) {
    const auto &options = problem.activities[index].options;
    bound +=
        options[chosen[index]].cost + low * options[chosen[index]].timeMs - options.back().cost;
  }
  result.bound = std::max(result.bound, bound);
}

//===- TimeCostSearch.h - The search for the best way in time ---*- C++ -*-===//
//
// Of each part of the network the ways that may be part of the best, and of what is
// left of the network the best way.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_TIMECOSTSEARCH_H
#define XCSLLM_LIB_ANALYSIS_TIMECOSTSEARCH_H

#include "TimeCostNetwork.h"
#include "TradeoffHull.h"

namespace xcs {

/// One way to do a part, and which ways of the parts in it that takes.
struct Point {
  double timeMs, cost;
  uint32_t first, second; ///< of an activity: the option
};

class Search {
public:
  Search(const TimeCostProblem &problem, size_t effort)
      : problem(problem), network(problem), effort(effort), fronts(network.parts.size()),
        flows(network.parts.size()), least(network.parts.size()),
        mostMs(network.parts.size(), problem.deadlineMs), fastestMs(network.parts.size()) {
    findBound();
    findMost();
  }

  double bound = 0;

  /// The option of each activity that is best by the flow alone.
  std::vector<uint32_t> getStart() const { return start; }
  /// Looks for the best way that costs less than `bound + excess`; `chosen` stays if
  /// there is none. What ways in time cost at least, or `bound + excess` if that is less.
  /// Of the points of a part at most `width` are kept: where there are more, that is not
  /// known. Takes at most `share` of the effort that is left.
  double find(double excess, size_t width, double share, std::vector<uint32_t> &chosen);

private:
  void findBound();
  double findFlows(const std::vector<Hull> &hulls);
  void splitFlow(const Part &part, double flow, const std::vector<Hull> &hulls, double timeMs);
  void findMost();
  double getExcess(uint32_t part, const Point &point) const {
    return std::max(0.0, point.cost + flows[part] * point.timeMs - least[part]);
  }
  double findWithin(double excess, size_t width, std::vector<uint32_t> &chosen);
  bool build(uint32_t part, double excess, size_t width);
  void buildActivity(uint32_t part);
  bool buildSeries(uint32_t part, double excess);
  void buildParallel(uint32_t part);
  void prune(uint32_t part, double excess, size_t width);
  bool spend(size_t steps) {
    bool isLeft = effort >= steps;
    effort -= isLeft ? steps : effort;
    return isLeft;
  }
  void expand(uint32_t part, uint32_t point, std::vector<uint32_t> &chosen) const;

  const TimeCostProblem &problem;
  Network network;
  size_t effort;
  bool isNarrowed = false;                ///< whether points were left out for the width alone
  std::vector<std::vector<Point>> fronts; ///< of parts, the fastest first
  std::vector<double> flows, least;       ///< of parts; `least` of cost + flow * time
  std::vector<double> mostMs, fastestMs;  ///< that a part may take, and takes at least
  std::vector<uint32_t> start;
};

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_TIMECOSTSEARCH_H

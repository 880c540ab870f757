//===- TimeCost.h - The cheapest way to be done in time ---------*- C++ -*-===//
//
// Activities that wait for each other can each be done in several ways, faster or
// cheaper: the discrete time-cost tradeoff problem. See D. R. Fulkerson, "A Network
// Flow Computation for Project Cost Curves" (1961), for the relaxation; P. De et
// al., "Complexity of the Discrete Time-Cost Tradeoff Problem for Project Networks"
// (1997), for the problem: it is hard even for a chain. Knows nothing of programs.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_TIMECOST_H
#define XCSLLM_ANALYSIS_TIMECOST_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace xcs {

/// One way to do an activity. Neither is negative.
struct TimeCostOption {
  double timeMs = 0, cost = 0;
};

struct TimeCostProblem {
  struct Activity {
    llvm::SmallVector<TimeCostOption, 1> options; ///< at least one
    llvm::SmallVector<uint32_t, 2> predecessors;  ///< all of them before this one
  };
  std::vector<Activity> activities;
  double deadlineMs = std::numeric_limits<double>::infinity();
};

struct TimeCostResult {
  std::vector<uint32_t> chosen; ///< the option of each activity; those of the fastest
                                ///< way where the deadline cannot be kept
  bool isFeasible = true;
  double timeMs = 0, cost = 0;
  double bound = 0; ///< no way in time costs less; where that is not known, it is less than `cost`
};

/// How long the ways `chosen` take.
double getTimeMs(const TimeCostProblem &problem, llvm::ArrayRef<uint32_t> chosen);

/// The cheapest way to be done by the deadline.
///
/// Activities one after another and side by side are put together to one with more
/// options until nothing more can be: a series-parallel problem is one activity
/// then. A flow gives the relaxation's lower bound, and with it how much each
/// option is worse than the best at least; options that are worse than what is still
/// in question are left out. What is left is searched. Both are stopped after
/// `effort` steps or so: the bound holds in any case.
TimeCostResult solveTimeCost(const TimeCostProblem &problem, size_t effort = 20'000'000);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_TIMECOST_H

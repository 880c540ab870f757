//===- TimeCostFlow.h - The flow that bounds a time-cost problem *- C++ -*-===//
//
// The relaxation of a time-cost problem is the dual of a flow of least cost through its
// network. See D. R. Fulkerson, "A Network Flow Computation for Project Cost Curves"
// (1961).
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_TIMECOSTFLOW_H
#define XCSLLM_LIB_ANALYSIS_TIMECOSTFLOW_H

#include "TimeCostNetwork.h"
#include "TradeoffHull.h"

namespace xcs {

/// The flow that proves the bound, by successive longest paths: a path that is
/// longer than the deadline gets more flow until one of its edges becomes faster.
class FlowSearch {
public:
  FlowSearch(const Network &network, llvm::ArrayRef<Hull> hulls, double deadlineMs, size_t effort);
  double getFlow(uint32_t edge) const { return states[edge].flow; }

private:
  /// Segments from `left` on are given up; of the next, `within` of its slope is
  /// already paid for.
  struct State {
    double flow = 0, timeMs = 0;
    size_t left = 0;
  };

  const Hull &getHull(uint32_t edge) const { return hulls[network.edges[edge].part]; }
  void setTime(uint32_t edge) {
    State &state = states[edge];
    state.timeMs = getHull(edge).fastestMs;
    for (size_t index = 0; index < state.left; ++index)
      state.timeMs += getHull(edge).segments[index].timeMs;
  }
  /// The time at a little less flow; noPart where there is no flow to take back.
  double getBackwardMs(uint32_t edge) const {
    const State &state = states[edge];
    if (state.flow <= 0)
      return std::numeric_limits<double>::infinity();
    const auto &segments = getHull(edge).segments;
    bool isAtCorner = state.left < segments.size() && state.flow <= segments[state.left].slope;
    return state.timeMs + (isAtCorner ? segments[state.left].timeMs : 0);
  }

  bool findPath();
  bool augment();

  const Network &network;
  llvm::ArrayRef<Hull> hulls;
  std::vector<State> states;
  std::vector<llvm::SmallVector<uint32_t, 4>> incident;
  std::vector<double> lengths;
  std::vector<uint32_t> via;
};

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_TIMECOSTFLOW_H

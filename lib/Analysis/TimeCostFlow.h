//===- TimeCostFlow.h - The flow that bounds a time-cost problem *- C++ -*-===//
//
// The relaxation of a time-cost problem is the dual of a flow through its network,
// along edges that cost less time the more of it they carry. See D. R. Fulkerson, "A
// Network Flow Computation for Project Cost Curves" (1961). Where one edge changes,
// the flow is mended there, as L. R. Ford and D. R. Fulkerson's out-of-kilter method
// does ("Flows in Networks", 1962).
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_TIMECOSTFLOW_H
#define XCSLLM_LIB_ANALYSIS_TIMECOSTFLOW_H

#include "TradeoffHull.h"
#include "llvm/ADT/SmallVector.h"

namespace xcs {

/// A convex tradeoff with sums, so that each question takes a binary search.
class Curve {
public:
  Curve(const Hull &hull, double fastestCost);

  /// The least and the most time that is best if each unit of time costs `flow`.
  double getFastMs(double flow) const { return timesMs[countAbove(flow)]; }
  double getSlowMs(double flow) const;
  /// How much more, or less, flow changes these.
  double getRoomAbove(double flow) const;
  double getRoomBelow(double flow) const;
  /// The cost at a time; that of the fastest where there is less.
  double getCost(double timeMs) const;
  /// The slope that `flow` is but for rounding, or `flow`.
  double snap(double flow) const;

private:
  /// How many segments are steeper than `flow`.
  size_t countAbove(double flow) const;

  std::vector<double> slopes;         ///< the steepest first
  std::vector<double> timesMs, costs; ///< of corners, the fastest first
};

/// A flow that may go around in circles; what deadlines stand for is an edge back. With
/// it go the times of events, such that each edge has time for what is best at its flow.
class TimeCostFlow {
public:
  explicit TimeCostFlow(uint32_t events) : incident(events), times(events), paths(events) {}

  /// Adds an edge without flow, behind those that lead to `from`; `curve` has to outlive it.
  void addEdge(uint32_t from, uint32_t to, const Curve &curve);
  /// Adds one, after all others, that leads back: to be settled then.
  uint32_t addBack(uint32_t from, uint32_t to, const Curve &curve);
  /// To be followed by `reset`.
  void setCurve(uint32_t edge, const Curve &curve) { edges[edge].curve = &curve; }
  const std::vector<double> &getTimes() const { return times; }
  std::vector<double> getFlows() const;
  /// Goes back to what was the best before curves were changed.
  void reset(llvm::ArrayRef<double> flows, llvm::ArrayRef<double> times);

  enum class Outcome { Settled, Impossible, Stopped };
  /// Makes flow and times the best again where they are but for `edge`. Each step is
  /// taken off `effort`.
  Outcome settle(uint32_t edge, size_t &effort);
  /// What the flow proves that all costs at least.
  double getBound() const;

private:
  struct Edge {
    uint32_t from, to;
    const Curve *curve;
    double flow, fastMs, slowMs; ///< infinite where there is no flow to take back
  };
  /// How far an event is: how much more time there is on the way than is needed.
  struct Path {
    double spareMs = std::numeric_limits<double>::infinity();
    uint32_t via = ~0u; ///< the last edge
    bool isDone = false;
  };

  void setFlow(Edge &edge, double flow);
  bool shift(uint32_t from, uint32_t to, uint32_t without, double most, size_t &effort);
  double push(uint32_t edge, bool isForward);

  std::vector<Edge> edges;
  std::vector<llvm::SmallVector<uint32_t, 4>> incident;
  std::vector<double> times;
  std::vector<Path> paths;       ///< all as they are at first, but for those that are touched
  std::vector<uint32_t> touched; ///< events
};

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_TIMECOSTFLOW_H

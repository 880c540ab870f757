//===- TradeoffHull.h - Convex tradeoffs of time for cost -------*- C++ -*-===//
//
// What a time-cost problem is relaxed to: ways between two options may be taken in part.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_TRADEOFFHULL_H
#define XCSLLM_LIB_ANALYSIS_TRADEOFFHULL_H

#include "XcsLLM/Analysis/TimeCost.h"

namespace xcs {

/// A convex tradeoff of time for cost: from the fastest way on, each segment saves
/// `slope` for each of `timeMs` more, the steepest first.
struct Hull {
  struct Segment {
    double slope, timeMs;
  };
  double fastestMs = 0;
  std::vector<Segment> segments;
};

/// That of options sorted by time, each cheaper than those before.
Hull getHull(llvm::ArrayRef<TimeCostOption> sorted);
/// Of both one after another, and of both side by side.
Hull addInSeries(const Hull &a, const Hull &b);
Hull addInParallel(const Hull &a, const Hull &b);
/// Of the cost at `timeMs`, how much one more saves, and one less costs.
std::pair<double, double> getSlopes(const Hull &hull, double timeMs);

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_TRADEOFFHULL_H

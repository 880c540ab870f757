//===- ActivityGraph.h - Activities in time ---------------------*- C++ -*-===//
//
// Activities that take time and wait for each other: the critical path method,
// and list scheduling under limits. Knows nothing of programs or calls. See J. E.
// Kelley and M. R. Walker, "Critical-Path Planning and Scheduling" (1959), and
// R. L. Graham, "Bounds on Multiprocessing Timing Anomalies" (1969): with lists,
// more capacity may once in a while take longer.
//
// Times are in milliseconds. All is linear in activities and edges, but for the
// logarithm of a priority queue. For finite input all results are finite.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_ACTIVITYGRAPH_H
#define XCSLLM_ANALYSIS_ACTIVITYGRAPH_H

#include "llvm/ADT/ArrayRef.h"
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace xcs {

/// Something that takes time: `width` equal parts side by side, each as long as
/// the activity; of a width that is not whole, the last part sends less but takes
/// as long. An activity without a pool only waits for others.
struct Activity {
  static constexpr uint32_t noPool = ~0u;

  double durationMs = 0;
  uint32_t pool = noPool; ///< whose limits it shares
  double width = 1;       ///< parts that may run at once; with none it still lasts
  double requests = 0;    ///< that each part sends
  double tokens = 0;      ///< that each part takes of the pool's tokens
};

/// What activities of one pool share. Absent, or not above 0: no limit.
struct Pool {
  std::optional<double> requestsPerMin, tokensPerMin;
  std::optional<double> maxConcurrency; ///< parts that run at once; at least 1
};

/// Activities in an order in which they could run: each is added after those
/// that it waits for.
class ActivityGraph {
public:
  /// Adds an activity that waits for `predecessors`, which were added before;
  /// returns its index. Numbers below 0 and NaN count as 0, those above 1e30 as
  /// that, so that no sum or product of them overflows.
  uint32_t add(const Activity &activity, llvm::ArrayRef<uint32_t> predecessors);

  size_t size() const { return activities.size(); }
  const Activity &operator[](uint32_t index) const { return activities[index]; }
  llvm::ArrayRef<uint32_t> getPredecessors(uint32_t index) const {
    size_t first = firstPredecessor[index];
    return llvm::ArrayRef(predecessors).slice(first, firstPredecessor[index + 1] - first);
  }

  /// When an activity starts and ends, without limits, if nothing waits longer
  /// than it must.
  double getStart(uint32_t index) const { return starts[index]; }
  double getFinish(uint32_t index) const { return starts[index] + activities[index].durationMs; }

  /// Ends, at `timeMs`, all activities from `first` on that would end later; those
  /// that would start later take no time and no part in their pool.
  void cutOff(uint32_t first, double timeMs);

private:
  std::vector<Activity> activities;
  std::vector<double> starts;
  std::vector<size_t> firstPredecessor{0}; ///< into `predecessors`
  std::vector<uint32_t> predecessors;
};

/// The critical path method's answers.
struct CriticalPath {
  double lengthMs = 0;         ///< when the last activity ends
  std::vector<double> slackMs; ///< how much later each may end without delaying the last; exactly 0
                               ///< on every longest path
  std::vector<uint32_t> path;  ///< one longest path's activities, first to last; of equals those
                               ///< with the lowest index, seen from the end
};
CriticalPath findCriticalPath(const ActivityGraph &graph);

/// The most parts of activities with a pool that run at once, if each starts as
/// early as it can. What ends when another starts does not run beside it.
double findPeakParallelism(const ActivityGraph &graph);

/// When the last activity ends if pools' limits hold and, of those that are ready,
/// the one with the longest way to the end goes first, then the one with the
/// lowest index (list scheduling). Parts of one activity start as slots get free,
/// but never before those of one that goes first in the same pool.
///
/// An allowance per minute is a bucket that holds one minute's, is full at the
/// start and is refilled steadily. A part takes what it needs when it starts; one
/// that needs more than the bucket holds starts when the bucket is full, and
/// leaves it in debt. Activities of a pool that `pools` does not have are without
/// limits.
///
/// The result is at least the critical path's length, and without limits equal to
/// it. Exact for activities of up to 65,536 parts and up to 500,000 parts in all,
/// plus 4 for each activity. Wider ones start by chunks, shares of what is left,
/// that run in the slots which are free at that moment: exact for an activity that
/// has its pool for itself; but if it has more slots than the bucket holds, and they
/// still need less than the bucket gets, it may end some percent too late. Beside
/// others, a chunk keeps its slots while they wait.
double findMakespan(const ActivityGraph &graph, llvm::ArrayRef<Pool> pools);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_ACTIVITYGRAPH_H

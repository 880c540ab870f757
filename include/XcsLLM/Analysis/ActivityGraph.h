//===- ActivityGraph.h - Activities in time ---------------------*- C++ -*-===//
//
// Activities that take time and wait for each other: the critical path method,
// and list scheduling under limits. Knows nothing of programs or calls.
//
// Times are in milliseconds. All is linear in activities and edges, but for the
// logarithm of a priority queue.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_ACTIVITYGRAPH_H
#define XCSLLM_ANALYSIS_ACTIVITYGRAPH_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace xcs {

/// Something that takes time: `width` equal parts side by side, each as long as
/// the activity. An activity without a pool only waits for others.
struct Activity {
  static constexpr uint32_t noPool = ~0u;

  double durationMs = 0;
  uint32_t pool = noPool; ///< whose limits it shares
  double width = 1;       ///< parts that may run at once
  double requests = 0;    ///< that each part sends
  double tokens = 0;      ///< that each part takes of the pool's tokens
};

/// What activities of one pool share. Absent: no limit.
struct Pool {
  std::optional<double> requestsPerMin, tokensPerMin;
  std::optional<double> maxConcurrency; ///< parts that run at once
};

/// Activities in an order in which they could run: each is added after those
/// that it waits for.
class ActivityGraph {
public:
  /// Adds an activity that waits for `predecessors`; returns its index.
  uint32_t add(const Activity &activity, llvm::ArrayRef<uint32_t> predecessors);

  size_t size() const { return activities.size(); }
  const Activity &operator[](uint32_t index) const { return activities[index]; }
  llvm::ArrayRef<uint32_t> getPredecessors(uint32_t index) const;

  /// When an activity starts and ends, without limits, if nothing waits longer
  /// than it must.
  double getStart(uint32_t index) const { return starts[index]; }
  double getFinish(uint32_t index) const { return starts[index] + activities[index].durationMs; }

private:
  std::vector<Activity> activities;
  std::vector<double> starts;
  std::vector<uint32_t> firstPredecessor{0}; ///< into `predecessors`
  std::vector<uint32_t> predecessors;
};

/// The critical path method's answers.
struct CriticalPath {
  double lengthMs = 0;          ///< when the last activity ends
  std::vector<double> slackMs;  ///< how much later each may end without delaying the last
  std::vector<uint32_t> path;   ///< one longest path's activities, first to last
};
CriticalPath findCriticalPath(const ActivityGraph &graph);

/// The most parts of activities with a pool that run at once, if each starts as
/// early as it can.
double findPeakParallelism(const ActivityGraph &graph);

/// When the last activity ends if pools' limits hold and, of those that are ready,
/// the one with the longest way to the end goes first (list scheduling). An
/// allowance per minute is a bucket, full at the start.
double findMakespan(const ActivityGraph &graph, llvm::ArrayRef<Pool> pools);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_ACTIVITYGRAPH_H

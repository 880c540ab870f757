//===- Observer.h - Who watches runs ----------------------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_OBSERVER_H
#define XCSLLM_RUNTIME_OBSERVER_H

#include "XcsLLM/Runtime/Services.h"

namespace xcs::runtime {

/// What a query, or what came of it, has cost.
struct Charge {
  TokenCounts tokens;
  std::optional<double> usd; ///< none: a price is unknown
  bool isEstimated = false;  ///< the server has not said what it took
};

/// What has come of a query for one of its jobs, for a run that goes on later.
struct KeptAnswer {
  int64_t sample = 0;        ///< the first that it answers; of a tool 0
  /// Of the samples, in order, none if all have failed; of a tool its outputs.
  std::vector<Value> values;
  /// The job's share, as the server says.
  std::optional<TokenCounts> usage = {};
  /// How long it took; none where that is told with another job of the same query.
  std::optional<double> latencyMs = {};
  double usd = 0; ///< all that is known of, for tries that failed, too
};

/// One run of a scope.
struct ScopeEvent {
  const Engine &run;
  const Scope &scope;
  uint64_t frame, around;         ///< that of the scope around it: 0 for the plan's own
  llvm::ArrayRef<Iteration> path; ///< outermost first, with its own
  size_t number;                  ///< which of its owner's runs it is, from 0
};

enum class ScopeEnd : uint8_t {
  Accepted,  ///< with values
  Rejected,  ///< by its verdict
  Failed,    ///< a yield has, or a limit has ended it
  Cancelled, ///< nobody needed it any more
};

/// Is told of what happens, at the time when it does, in milliseconds from the start.
/// What it is given lives no longer than the call.
class Observer {
public:
  virtual ~Observer();

  /// The first and the last of a run.
  virtual void onRunStarted(const Engine &run, llvm::ArrayRef<Value> inputs, double now) {}
  virtual void onRunEnded(const Engine &run, const Outcome &outcome, double now) {}

  virtual void onScopeStarted(const ScopeEvent &event, double now) {}
  virtual void onScopeEnded(const ScopeEvent &event, ScopeEnd end, double now) {}
  /// A vote is over; `share` is the winner's of all votes that were cast.
  virtual void onVoted(const Engine &run, const Task &task, llvm::ArrayRef<Iteration> path,
                       double share, double now) {}

  /// A request or a tool has all that it needs.
  virtual void onReady(const Job &job, double now) {}
  /// A query is sent; of retries, each.
  virtual void onSent(const Query &query, double now) {}
  /// It is answered, perhaps by a failure. `charge` is what the answer has cost.
  virtual void onAnswered(const Query &query, const Reply &reply, const Charge &charge,
                          double now) {}
  /// It will be tried again, at the time `at`.
  virtual void onRetry(const Query &query, double at, double now) {}
  /// It was broken off; `charge` is what it has cost by then, as estimated.
  virtual void onBrokenOff(const Query &query, const Charge &charge, double now) {}
  /// The job has its outputs, which may have failed.
  virtual void onSettled(const Job &job, llvm::ArrayRef<Value> outputs, double now) {}
  /// Nobody needs the job any more.
  virtual void onCancelled(const Job &job, double now) {}
  /// A lookup in a cache.
  virtual void onLookUp(const Job &job, bool isHit, double now) {}
  /// An answer that an earlier part of the run has paid for.
  virtual void onRecalled(const Job &job, const KeptAnswer &answer, double now) {}
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_OBSERVER_H

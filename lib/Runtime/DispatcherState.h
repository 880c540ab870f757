//===- DispatcherState.h - What waits and what is under way -----*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_DISPATCHERSTATE_H
#define XCSLLM_LIB_RUNTIME_DISPATCHERSTATE_H

#include "RateLimiter.h"
#include "XcsLLM/Runtime/Dispatcher.h"
#include "llvm/ADT/STLExtras.h"
#include <deque>
#include <queue>

namespace xcs::runtime {

/// A job, and what has come of it.
struct Dispatcher::Item {
  Job job;
  uint64_t id = 0;
  std::vector<Value> answers = {};    ///< of each sample; of a tool its outputs
  size_t parts = 0;                   ///< that have not been answered
  std::vector<uint64_t> queries = {}; ///< of these, and of those that have
  bool isNeeded = true;
  std::vector<bool> isKept = {}; ///< each sample, for a run that goes on later; a tool is one
  double unkeptUsd = 0;          ///< what was paid for what is not kept
  double failedUsd = 0;          ///< what was, for samples that failed, and is kept as that

  /// Takes values of samples from the first on, or all outputs of a tool.
  void take(llvm::ArrayRef<Value> values, size_t first) {
    answers.resize(std::max(answers.size(), first + values.size()));
    llvm::copy(values, answers.begin() + first);
  }
};

/// A query, sent or not: some samples of one item, or several items.
struct Dispatcher::Part {
  enum class State : uint8_t { Waiting, Pausing, Running };

  Query query;
  llvm::SmallVector<uint64_t, 1> items = {};
  Lane *lane = nullptr;
  State state = State::Waiting;
  Charge expected = {};
  double latencyMs = 0; ///< as expected
  double sentAt = 0;
  double urgency = 0;       ///< the lower, the sooner
  std::string failure = {}; ///< of the last try, while it waits for the next
  bool isFixed = false;     ///< what it asks for is settled: no item joins it any more

  void add(Item &item) {
    items.push_back(item.id);
    query.jobs.push_back(&item.job);
  }
  bool wasSent() const { return state == State::Running || query.attempt > 1; }
};

/// Those that wait for the same limits.
struct Dispatcher::Lane {
  struct Entry {
    double urgency;
    uint64_t part;
    bool operator<(const Entry &other) const {
      return urgency != other.urgency ? urgency > other.urgency : part > other.part;
    }
  };

  llvm::SmallVector<RateLimiter *, 3> limiters; ///< that all have to allow it
  std::priority_queue<Entry> waiting;
  /// Of tasks whose items may share a request, by who pays: parts that may still wait.
  llvm::DenseMap<std::pair<const Account *, const Task *>, std::deque<uint64_t>> arrays;
};

struct Dispatcher::Limiters {
  Limiters(const Options &options)
      : requests({{}, {}, options.mostRequests}), tools({{}, {}, options.mostToolCalls}) {}

  RateLimiter requests, tools; ///< of all models, and of all tools
  std::vector<std::unique_ptr<RateLimiter>> models, pools;
  llvm::DenseMap<std::pair<uint32_t, uint32_t>, Lane *> lanes; ///< by model and pool
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_DISPATCHERSTATE_H

//===- Services.h - Models and tools ----------------------------*- C++ -*-===//
//
// Those who answer: servers of models, and tools. Asked by the dispatcher, which
// keeps their limits; the answers come later.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_SERVICES_H
#define XCSLLM_RUNTIME_SERVICES_H

#include "XcsLLM/Runtime/Engine.h"

namespace xcs::runtime {

/// One request to a model, or one call of a tool.
struct Query {
  uint64_t id = 0;
  /// What is asked: several jobs are items of one array. All of them live until the
  /// query is answered or cancelled.
  llvm::SmallVector<const Job *, 1> jobs;
  int64_t firstSample = 0, samples = 1; ///< of the job's
  unsigned attempt = 1;
  std::string key; ///< the same for every attempt, and for no other query

  const Task &getTask() const { return *jobs[0]->task; }
  bool isTool() const { return getTask().kind == TaskKind::Tool; }
};

struct Reply {
  uint64_t query = 0;
  /// A value for each sample or item, in order, fewer if fewer came; of a tool its
  /// outputs. None if all has failed.
  std::vector<Value> values = {};
  std::optional<TokenCounts> usage = {}; ///< as the server says
  std::string failure = {};              ///< why there is less than was asked for; for people
  std::string failureKind = {};          ///< in a word: of a response the status, say; if known
  /// After how many milliseconds it is worth another try; none if it is not.
  std::optional<double> pauseMs = {};
  std::optional<double> firstTokenMs = {}; ///< from the start of the query
  /// It was sent, and the answer did not come, or not whole: it may have to be paid.
  bool isLost = false;
  /// The server will not have what was asked for, whoever asks and when.
  bool isRefused = false;
};

class Services {
public:
  virtual ~Services();
  virtual void start(const Query &query) = 0;
  /// Breaks the query off: there is no reply to it.
  virtual void cancel(uint64_t query) = 0;
  /// Waits for replies, but no longer than until the time, which may be infinite.
  virtual std::vector<Reply> wait(double untilMs) = 0;
  /// The tier that requests of that tier are served, and paid, at.
  virtual Tier getTier(Tier asked) const { return asked; }
  /// Ends a wait, or the next one. For signal handlers.
  virtual void wakeUp() noexcept {}
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_SERVICES_H

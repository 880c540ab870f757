//===- Runner.h - Runs of a plan, to their ends -----------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_RUNNER_H
#define XCSLLM_RUNTIME_RUNNER_H

#include "XcsLLM/Runtime/Dispatcher.h"
#include <atomic>
#include <map>

namespace xcs::runtime {

/// What a run has come to.
struct RunResult {
  uint64_t number = 0;
  Outcome outcome;
  double startMs = 0, endMs = 0;
  double usd = 0;
  bool isOverspent = false; ///< by requests that took more than expected
  std::string fault; ///< what must not be: an answer of a wrong type
};

/// Runs a plan on many inputs, several at a time, on one thread.
class Runner {
public:
  /// The next inputs, none after the last.
  using Source = std::function<std::optional<std::vector<Value>>()>;
  using Sink = std::function<void(RunResult)>;

  Runner(const Document &document, const Plan &plan, Services &services, Clock &clock,
         Dispatcher &dispatcher)
      : document(document), plan(plan), graph(document, plan, Pace::AtOnce), services(services),
        clock(clock), dispatcher(dispatcher) {}

  /// Runs until the source has no more inputs. The results come as the runs end.
  void run(const Source &source, const Sink &sink);

  /// Ends all runs soon; none starts any more. For signal handlers.
  void interrupt() noexcept {
    isInterrupted = true;
    services.wakeUp();
  }
  bool wasInterrupted() const { return isInterrupted; }

  size_t mostRuns = 64;                               ///< that are under way at once
  std::function<void()> tick;                         ///< called now and then
  std::optional<double> longestWaitMs = std::nullopt; ///< between two of those calls

private:
  struct Run {
    std::unique_ptr<Engine> engine;
    double startMs = 0;
    double deadlineMs = Clock::never;      ///< the last of its that is among `deadlines`
    bool isAwake = false, hasMore = false; ///< whether it is among `awake`, and `opening`
  };
  void startRuns(const Source &source);
  void wake(Run &run);
  void work(const Sink &sink);
  void hold(Run &run);
  void openMore();
  bool applyRefusals();
  void finish(Run &run, const Sink &sink);
  void stop(llvm::StringRef reason);
  double getNextTime() const;

  const Document &document;
  const Plan &plan;
  Graph graph;
  Services &services;
  Clock &clock;
  Dispatcher &dispatcher;
  std::map<uint64_t, Run> runs;                 ///< by number
  std::vector<Run *> awake;                     ///< those that have something to do
  std::vector<uint64_t> opening;                ///< those that have more to open
  using Deadline = std::pair<double, uint64_t>; ///< of which run; it may have ended before
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines;
  uint64_t started = 0;
  bool hasMore = true;
  std::atomic<bool> isInterrupted = false;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_RUNNER_H

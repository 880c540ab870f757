//===- Runner.cpp - Runs of a plan, to their ends --------------------------===//

#include "XcsLLM/Runtime/Runner.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

void Runner::startRuns(const Source &source) {
  while (hasMore && !isInterrupted && runs.size() < mostRuns) {
    std::optional<std::vector<Value>> inputs = source();
    if (!inputs) {
      hasMore = false;
      return;
    }
    double now = clock.getNow();
    auto engine = std::make_unique<Engine>(document, plan, graph, dispatcher);
    engine->number = started++;
    engine->observers = dispatcher.getObservers();
    engine->start(std::move(*inputs), now);
    runs.push_back({std::move(engine), now});
  }
}

/// Does what needs no waiting. Whether what was refused leaves more to do.
bool Runner::work() {
  double now = clock.getNow();
  for (Run &run : runs) {
    // What has come by now has come in time.
    run.engine->work(now);
    run.engine->expire(now);
    run.engine->work(now);
  }
  dispatcher.send();
  std::vector<Dispatcher::Refusal> refusals = dispatcher.takeRefusals();
  for (Dispatcher::Refusal &refusal : refusals)
    refusal.run->exceed(*refusal.account, std::move(refusal.reason));
  return !refusals.empty();
}

void Runner::finishRuns(const Sink &sink) {
  for (Run &run : runs) {
    Engine &engine = *run.engine;
    if (!engine.isDone())
      continue;
    RunResult result{engine.number,  engine.takeOutcome(),         run.startMs,
                     clock.getNow(), engine.getAccount().spentUsd, engine.getFault()};
    run.engine.reset();
    sink(std::move(result));
  }
  erase_if(runs, [](const Run &run) { return !run.engine; });
}

double Runner::getNextTime() const {
  double next = dispatcher.getNextTime();
  for (const Run &run : runs)
    next = std::min(next, run.engine->getDeadline().value_or(Clock::never));
  return next;
}

void Runner::run(const Source &source, const Sink &sink) {
  bool wasStopped = false;
  while (true) {
    startRuns(source);
    while (work()) {
    }
    finishRuns(sink);
    if (runs.empty() && (!hasMore || isInterrupted))
      return;
    if (runs.empty() || (hasMore && runs.size() < mostRuns && !isInterrupted))
      continue;
    if (isInterrupted && !wasStopped) {
      wasStopped = true;
      for (Run &run : runs)
        run.engine->stop("interrupted");
      continue;
    }
    double next = getNextTime();
    if (next == Clock::never && dispatcher.countRunning() == 0) {
      for (Run &run : runs) // cannot be, but must not hang
        run.engine->stop("nothing is left to wait for");
      continue;
    }
    if (longestWaitMs)
      next = std::min(next, clock.getNow() + *longestWaitMs);
    for (Reply &reply : services.wait(next))
      dispatcher.take(std::move(reply));
    if (tick)
      tick();
  }
}

} // namespace xcs::runtime

//===- Runner.cpp - Runs of a plan, to their ends --------------------------===//

#include "XcsLLM/Runtime/Runner.h"
#include <algorithm>
#include <utility>

using namespace llvm;

namespace xcs::runtime {

void Runner::wake(Run &run) {
  if (!std::exchange(run.isAwake, true))
    awake.push_back(&run);
}

void Runner::startRuns(const Source &source) {
  while (hasMore && !isInterrupted && runs.size() < mostRuns) {
    std::optional<std::vector<Value>> inputs = source();
    if (!inputs) {
      hasMore = false;
      return;
    }
    Run &run = runs[started];
    run.startMs = clock.getNow();
    run.engine = std::make_unique<Engine>(document, plan, graph, dispatcher);
    run.engine->number = started++;
    run.engine->observers = dispatcher.getObservers();
    run.engine->onWork = [this, &run] { wake(run); };
    run.engine->start(std::move(*inputs), run.startMs);
  }
}

void Runner::work(const Sink &sink) {
  double now = clock.getNow();
  for (; !deadlines.empty() && deadlines.top().first <= now; deadlines.pop())
    if (auto run = runs.find(deadlines.top().second); run != runs.end())
      wake(run->second);
  for (Run *run : std::exchange(awake, {})) {
    Engine &engine = *run->engine;
    engine.work(now);
    engine.expire(now); // what has come by now has come in time
    engine.work(now);
    run->isAwake = false;
    if (engine.isDone())
      finish(*run, sink);
    else
      hold(*run);
  }
}

/// Notes what the run waits for, other than replies.
void Runner::hold(Run &run) {
  std::optional<double> deadline = run.engine->getDeadline();
  if (deadline && *deadline != std::exchange(run.deadlineMs, *deadline))
    deadlines.push({*deadline, run.engine->number});
  if (run.engine->hasMore() && !std::exchange(run.hasMore, true))
    opening.push_back(run.engine->number);
}

/// One part of what there is to open, of each run.
void Runner::openMore() {
  for (uint64_t number : std::exchange(opening, {})) {
    auto run = runs.find(number);
    if (run == runs.end())
      continue;
    run->second.hasMore = false;
    if (run->second.engine->hasMore())
      run->second.engine->openMore();
    wake(run->second);
  }
}

/// Whether that leaves something to do.
bool Runner::applyRefusals() {
  std::vector<Dispatcher::Refusal> refusals = dispatcher.takeRefusals();
  for (Dispatcher::Refusal &refusal : refusals) {
    refusal.run->exceed(*refusal.account, std::move(refusal.reason), clock.getNow());
    wake(runs.find(refusal.run->number)->second);
  }
  return !refusals.empty();
}

void Runner::finish(Run &run, const Sink &sink) {
  Engine &engine = *run.engine;
  const Account &account = engine.getAccount();
  RunResult result{engine.number,    engine.takeOutcome(),  run.startMs,      clock.getNow(),
                   account.spentUsd, account.isOverspent(), engine.getFault()};
  runs.erase(engine.number);
  sink(std::move(result));
}

void Runner::stop(StringRef reason) {
  for (auto &[number, run] : runs) {
    run.engine->stop(reason.str(), clock.getNow());
    wake(run);
  }
}

void Runner::run(const Source &source, const Sink &sink) {
  bool wasStopped = false;
  while (true) {
    startRuns(source);
    do {
      work(sink);
      dispatcher.send(opening.empty());
    } while (applyRefusals());
    openMore();
    if (isInterrupted && !std::exchange(wasStopped, true)) {
      stop("interrupted");
      continue;
    }
    bool startsMore = hasMore && !isInterrupted && runs.size() < mostRuns;
    if (runs.empty() && !startsMore)
      return;
    if (runs.empty())
      continue;
    double next = awake.empty() && !startsMore ? getNextTime() : clock.getNow();
    if (next == Clock::never && dispatcher.countRunning() == 0) {
      stop("nothing is left to wait for"); // cannot be, but must not hang
      awake.clear();
      while (!runs.empty())
        finish(runs.begin()->second, sink);
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

double Runner::getNextTime() const {
  double next = dispatcher.getNextTime();
  return deadlines.empty() ? next : std::min(next, deadlines.top().first);
}

} // namespace xcs::runtime

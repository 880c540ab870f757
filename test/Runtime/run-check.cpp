//===- run-check.cpp - Whether order and time change what a run gives ------===//
//
// Runs each plan of a schedule one task after another, and then as `xcs-run` does, with
// everything at once and answers that come whenever they like. Both have to give the
// same, whatever fails. Plans in which the first in time wins are left out.
//
// usage: run-check <seeds> schedule.json...
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Runtime/Runner.h"
#include "XcsLLM/Runtime/StandIn.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace xcs::runtime {

/// What models and tools say: functions of what they are asked.
class Answers {
public:
  Answers(const Vocabulary &vocabulary, uint64_t seed) : vocabulary(vocabulary), seed(seed) {}

  /// Of seven samples one has failed, unless the seed is even.
  Value answer(const Call &call, int64_t sample) const {
    std::string key = call.get<Request>().parameters + getKey(Value::list(call.inputs.vec())) +
                      getIdentity(call, sample) + std::to_string(seed);
    bool fails = seed % 2 && xxh3_64bits(StringRef(key)) % 7 == 0;
    return fails ? failed : inventAnswer(call, sample, vocabulary);
  }
  std::vector<Value> use(const Call &call) {
    const Tool &tool = call.document.tools[call.get<ToolUse>().tool];
    if (!tool.isPure)
      calls.push_back({tool.name, call.inputs.vec()});
    return inventOutputs(call, vocabulary);
  }

  const Vocabulary &vocabulary;
  uint64_t seed;
  std::vector<std::pair<std::string, std::vector<Value>>> calls; ///< of impure tools
};

class InTurn : public Backend {
public:
  explicit InTurn(Answers &answers) : answers(answers) {}

  Value ask(const Call &call) override {
    const Request &request = call.get<Request>();
    Value::List samples;
    for (int64_t at = 0; at < request.samples.value_or(1); ++at)
      samples.push_back(answers.answer(call, at));
    if (all_of(samples, [](const Value &value) { return value.isFailed(); }))
      return failed;
    return request.samples ? Value::list(std::move(samples)) : samples[0];
  }
  std::vector<Value> use(const Call &call) override { return answers.use(call); }
  Value lookUp(const Call &call) override { return failed; }
  void store(const Call &call) override {}

private:
  Answers &answers;
};

/// Answers after times that are drawn; now and then fewer samples than were asked for, or
/// after a try that failed.
class AtRandom : public Services {
public:
  AtRandom(Answers &answers, Clock &clock) : answers(answers), clock(clock), dice(answers.seed) {}

  void start(const Query &query) override {
    double due = clock.getNow() + (dice.oneIn(4) ? 0 : double(dice.roll(1000)));
    waiting[{due, query.id}] = query;
    // An impure tool does what it does when it is called.
    if (query.isTool())
      outputs[query.id] = answers.use(query.jobs[0]->getCall());
  }
  void cancel(uint64_t id) override {
    for (auto at = waiting.begin(); at != waiting.end(); ++at)
      if (at->first.second == id) {
        waiting.erase(at);
        return;
      }
  }
  std::vector<Reply> wait(double untilMs) override {
    double next = waiting.empty() ? untilMs : std::min(untilMs, waiting.begin()->first.first);
    clock.sleepUntil(next);
    if (waiting.empty() || waiting.begin()->first.first > clock.getNow())
      return {};
    Query query = std::move(waiting.begin()->second);
    waiting.erase(waiting.begin());
    std::vector<Reply> replies(1);
    replies[0].query = query.id;
    answer(query, replies[0]);
    return replies;
  }

private:
  void answer(const Query &query, Reply &reply) {
    if (query.isTool()) {
      reply.values = std::move(outputs[query.id]);
      return;
    }
    if (dice.oneIn(9)) {
      reply.failure = "not now";
      reply.pauseMs = double(dice.roll(500));
      return;
    }
    for (const Job *job : query.jobs)
      for (int64_t at = 0; at < query.samples; ++at)
        reply.values.push_back(answers.answer(job->getCall(), query.firstSample + at));
    if (query.jobs.size() == 1 && dice.oneIn(2))
      reply.values.resize(1 + dice.roll(query.samples));
  }

  Answers &answers;
  Clock &clock;
  Dice dice;
  std::map<std::pair<double, uint64_t>, Query> waiting;
  std::map<uint64_t, std::vector<Value>> outputs;
};

static bool hasRace(const Plan &plan) {
  return any_of(plan.tasks, [](const Task &task) {
    return task.kind == TaskKind::Ensemble &&
           std::get<Control>(task.details).policy == Policy::First;
  });
}

/// What is different; empty if nothing is.
static std::string compare(const Document &document, const Plan &plan, const Vocabulary &vocabulary,
                           uint64_t seed) {
  Answers answers(vocabulary, seed), later(vocabulary, seed);
  std::vector<Value> inputs = inventInputs(plan, answers.vocabulary);
  InTurn backend(answers);
  Expected<Outcome> expected = runPlan(document, plan, inputs, backend);
  if (!expected)
    return toString(expected.takeError());
  Clock clock(0);
  AtRandom services(later, clock);
  Dispatcher dispatcher(document, services, clock, {});
  Runner runner(document, plan, services, clock, dispatcher);
  std::optional<std::vector<Value>> next = inputs;
  std::string fault = "has no result";
  runner.run([&] { return std::exchange(next, std::nullopt); },
             [&](RunResult result) {
               fault = result.fault;
               if (result.outcome.outputs != expected->outputs)
                 fault += "other outputs";
               if (result.outcome.isStopped != expected->isStopped)
                 fault += "stopped in one of them";
             });
  if (fault.empty() && dispatcher.countRunning() + dispatcher.countWaiting() > 0)
    return "something is left";
  // A plan that has stopped may have got further in one of them.
  if (fault.empty() && !expected->isStopped && answers.calls != later.calls)
    return "other calls of tools";
  return fault;
}

static int check(StringRef file, uint64_t seeds) {
  std::unique_ptr<MemoryBuffer> buffer =
      std::move(*errorOrToExpected(MemoryBuffer::getFileOrSTDIN(file)));
  Expected<Document> document = readDocument(buffer->getBuffer());
  if (!document) {
    outs() << "FAILED " << file << ": " << toString(document.takeError()) << "\n";
    return 1;
  }
  Vocabulary vocabulary(*document);
  unsigned runs = 0, races = 0, faults = 0;
  for (const Plan &plan : document->plans) {
    if (hasRace(plan)) {
      ++races;
      continue;
    }
    for (uint64_t seed = 0; seed < seeds; ++seed, ++runs) {
      std::string fault = compare(*document, plan, vocabulary, seed);
      if (fault.empty())
        continue;
      ++faults;
      outs() << "FAILED " << plan.name << ", seed " << seed << ": " << fault << "\n";
    }
  }
  outs() << document->plans.size() << " plans, " << runs << " runs, " << races << " left out, "
         << faults << " mismatches\n";
  return faults > 0;
}

} // namespace xcs::runtime

int main(int argc, char **argv) {
  int result = 0;
  for (int at = 2; at < argc; ++at)
    result |= xcs::runtime::check(argv[at], std::stoull(argv[1]));
  return result;
}

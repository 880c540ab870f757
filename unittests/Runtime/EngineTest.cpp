//===- EngineTest.cpp - Runs in time --------------------------------------===//
//
// Time is virtual: answers come when a script says, and nothing waits.
//
//===----------------------------------------------------------------------===//

#include "Documents.h"
#include "XcsLLM/Runtime/Runner.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <map>

using namespace xcs::runtime;

namespace {

Value text(std::string text) { return Value::text(std::move(text)); }

/// One try of a query.
struct Try {
  double latencyMs = 100;
  std::vector<Value> values = {};
  std::string failure = {};
  std::optional<double> pauseMs = {};
  std::optional<TokenCounts> usage = {};
  bool isLost = false;
};

/// Answers by what `script` says of the task, one after another, and else with its name.
class Script : public Services {
public:
  explicit Script(Clock &clock) : clock(clock) {}

  std::map<std::string, std::vector<Try>> script;
  std::vector<std::string> log; ///< what happened, and when
  std::map<uint64_t, std::string> keys;

  void start(const Query &query) override {
    const std::string &id = query.getTask().id;
    std::vector<Try> &rest = script[id];
    Try next;
    if (!rest.empty()) {
      next = rest.front();
      rest.erase(rest.begin());
    } else {
      next.values.assign(query.samples * query.jobs.size(), text(id));
    }
    note(id);
    EXPECT_TRUE(keys.emplace(query.id, query.key).first->second == query.key);
    running.emplace(query.id, std::pair(clock.getNow() + next.latencyMs, std::move(next)));
  }
  void cancel(uint64_t query) override {
    EXPECT_EQ(running.erase(query), 1u);
    note("-" + std::to_string(query));
  }
  std::vector<Reply> wait(double untilMs) override {
    auto first = running.end();
    for (auto at = running.begin(); at != running.end(); ++at)
      if (first == running.end() || at->second.first < first->second.first)
        first = at;
    double next = first == running.end() ? untilMs : std::min(untilMs, first->second.first);
    clock.sleepUntil(next);
    if (first == running.end() || first->second.first > clock.getNow())
      return {};
    Try &done = first->second.second;
    Reply reply;
    reply.query = first->first;
    reply.values = done.values;
    reply.failure = done.failure;
    reply.pauseMs = done.pauseMs;
    reply.usage = done.usage;
    reply.isLost = done.isLost;
    running.erase(first);
    return {reply};
  }

private:
  void note(const std::string &what) {
    log.push_back(std::to_string(int64_t(clock.getNow())) + " " + what);
  }

  Clock &clock;
  std::map<uint64_t, std::pair<double, Try>> running;
};

/// A run of a plan in virtual time.
struct Stage {
  explicit Stage(const std::string &json) : document(llvm::cantFail(readDocument(json))) {}

  RunResult run(std::vector<Value> inputs = {}) {
    dispatcher = std::make_unique<Dispatcher>(document, script, clock, options);
    runner = std::make_unique<Runner>(document, document.plans[0], script, clock, *dispatcher);
    std::optional<std::vector<Value>> next = std::move(inputs);
    RunResult result;
    runner->run([&] { return std::exchange(next, std::nullopt); },
                [&](RunResult given) { result = std::move(given); });
    EXPECT_EQ(dispatcher->countRunning() + dispatcher->countWaiting(), 0u);
    return result;
  }
  const Statistics &statistics() const { return dispatcher->getStatistics(); }
  uint64_t countBrokenOff(Ending ending = Ending::Unneeded) const {
    auto found = statistics().brokenOff.find(ending);
    return found == statistics().brokenOff.end() ? 0 : found->second.count;
  }

  Clock clock{0};
  Script script{clock};
  Dispatcher::Options options;
  Document document;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<Runner> runner;
};

using Log = std::vector<std::string>;

std::string replace(std::string text, const std::string &from, const std::string &to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// A request that waits for the tasks in `after`, and takes the output of the first.
std::string askAfter(const std::string &id, const std::vector<std::string> &after,
                     const std::string &extra = "") {
  std::string names;
  for (const std::string &name : after)
    names += (names.empty() ? "\"" : ",\"") + name + "\"";
  std::string input =
      after.empty() ? R"({"text":0})" : R"({"task":")" + after[0] + R"(","output":0})";
  return R"({"id":")" + id + R"(","kind":"generate","scope":"plan1","inputs":[)" + input +
         R"(],"outputs":["text"],"depends_on":[)" + names + "]," + request + extra + "}";
}

std::string tool(const std::string &id, const std::vector<std::string> &after) {
  return replace(replace(askAfter(id, after), R"("kind":"generate")", R"("kind":"tool")"), request,
                 R"("tool":{"name":"send"})");
}

std::string plan(const std::string &tasks, const std::string &output,
                 const std::string &constraints = "{}") {
  return replace(document("[]", textPort,
                          "[" + planScope(R"([{"task":")" + output + R"(","output":0}])") + "]",
                          "[" + tasks + "]"),
                 R"("name":"p",)", R"("name":"p","constraints":)" + constraints + ",");
}

//===----------------------------------------------------------------------===//
// What runs when
//===----------------------------------------------------------------------===//

TEST(Runs, WhatIsReadyRunsAtOnce) {
  Stage stage(
      plan(askAfter("a", {}) + "," + askAfter("b", {}) + "," + askAfter("c", {"b", "a"}), "c"));
  stage.script.script["a"] = {{300, {text("x")}}};
  RunResult result = stage.run();
  EXPECT_EQ(stage.script.log, (Log{"0 a", "0 b", "300 c"}));
  EXPECT_EQ(result.endMs, 400);
  EXPECT_EQ(result.outcome.outputs[0], text("c"));
}

TEST(Runs, TheFirstInTimeWinsAndTheOthersAreBrokenOff) {
  Stage stage(ensemble(R"("policy":"first")", 3));
  stage.script.script["generate1"] = {{300}};
  stage.script.script["generate2"] = {{50, {}, "no"}}; // has no value
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], text("generate3"));
  EXPECT_EQ(result.endMs, 100);
  EXPECT_EQ(stage.countBrokenOff(), 1u);
  EXPECT_EQ(stage.script.log.back(), "100 -2");
}

TEST(Runs, AVoteEndsWhenTheRestCannotChangeIt) {
  Stage stage(ensemble(R"("policy":"majority")", 5));
  for (int at = 1; at <= 5; ++at)
    stage.script.script["generate" + std::to_string(at)] = {{at * 100.0, {text("same")}}};
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], text("same"));
  EXPECT_EQ(result.endMs, 300);
  EXPECT_EQ(stage.countBrokenOff(), 2u);
}

TEST(Runs, OfEqualVotesTheFirstMemberWinsWheneverItComes) {
  Stage stage(ensemble(R"("policy":"majority")", 4));
  const char *votes[] = {"a", "b", "b", "a"};
  for (int at = 0; at < 4; ++at)
    stage.script.script["generate" + std::to_string(at + 1)] = {{400.0 - at, {text(votes[at])}}};
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], text("a"));
  EXPECT_EQ(result.endMs, 400);
}

TEST(Runs, AQuorumThatIsOutOfReachEndsTheVote) {
  Stage stage(ensemble(R"("policy":"majority","quorum":3)", 4));
  for (int at = 1; at <= 4; ++at)
    stage.script.script["generate" + std::to_string(at)] = {
        {at * 100.0, {text(std::to_string(at))}}};
  RunResult result = stage.run();
  EXPECT_TRUE(result.outcome.outputs[0].isFailed());
  EXPECT_EQ(result.endMs, 300); // two more votes could not make three of any
}

TEST(Runs, AllFailsWithTheFirstThatIsMissing) {
  Stage stage(replace(ensemble(R"("policy":"all")", 3),
                      R"("outputs":["text"],"depends_on":[],"control")",
                      R"("outputs":[{"item":"text","shape":[3]}],"depends_on":[],"control")"));
  stage.script.script["generate2"] = {{50, {}, "no"}};
  RunResult result = stage.run();
  EXPECT_TRUE(result.outcome.outputs[0].isFailed());
  EXPECT_EQ(result.endMs, 50);
  EXPECT_EQ(stage.countBrokenOff(), 2u);
}

TEST(Runs, WavesFollowOneAnother) {
  Stage stage(ensemble(R"("policy":"majority","waves":[2,1,2])", 5));
  const char *votes[] = {"a", "b", "a", "a", "b"};
  for (int at = 0; at < 5; ++at)
    stage.script.script["generate" + std::to_string(at + 1)] = {{100, {text(votes[at])}}};
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], text("a"));
  // With the fourth vote the last one cannot change the result.
  EXPECT_EQ(stage.script.log, (Log{"0 generate1", "0 generate2", "100 generate3", "200 generate4",
                                   "200 generate5", "300 -10"}));
}

TEST(Runs, WhatOneInputDecidesBreaksTheOtherOff) {
  std::string json = disjunction("[0,1]");
  for (const char *number : {"1", "2"})
    json = replace(json, R"("id":"generate)" + std::string(number) + "\"",
                   R"("cancel_when_settled":"parse)" + std::string(number) + R"(","id":"generate)" +
                       number + "\"");
  Stage stage(json);
  stage.script.script["generate1"] = {{1000, {text("no")}}};
  stage.script.script["generate2"] = {{100, {text("yes")}}};
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], Value::flag(true));
  EXPECT_EQ(result.endMs, 100);
  EXPECT_EQ(stage.countBrokenOff(), 1u);
}

TEST(Runs, ImpureToolsKeepTheirOrder) {
  Stage stage(plan(tool("t1", {}) + "," + tool("t2", {"t1"}) + "," + askAfter("a", {}), "t2"));
  stage.script.script["t1"] = {{500, {text("x")}}};
  RunResult result = stage.run();
  EXPECT_EQ(stage.script.log, (Log{"0 t1", "0 a", "500 t2"}));
  EXPECT_EQ(result.endMs, 600);
}

TEST(Runs, AToolWhoseInputHasFailedEndsTheRun) {
  Stage stage(plan(askAfter("a", {}) + "," + askAfter("b", {}) + "," + tool("t", {"a"}), "b"));
  stage.script.script["a"] = {{100, {}, "no"}};
  stage.script.script["b"] = {{900}};
  RunResult result = stage.run();
  EXPECT_TRUE(result.outcome.isStopped);
  EXPECT_EQ(result.endMs, 100);
  EXPECT_EQ(stage.countBrokenOff(), 1u);
}

TEST(Runs, TellWhatHappens) {
  struct Listener : Observer {
    Log log;
    void onScopeStarted(const ScopeEvent &event, double now) override {
      log.push_back(event.scope.id + " starts");
    }
    void onScopeEnded(const ScopeEvent &event, ScopeEnd end, double now) override {
      const char *ends[] = {"accepted", "rejected", "failed", "cancelled"};
      log.push_back(event.scope.id + " " + ends[unsigned(end)]);
    }
    void onVoted(const Engine &, const Task &task, llvm::ArrayRef<Iteration>, double share,
                 double now) override {
      log.push_back(task.id + " " + std::to_string(int(share * 100)) + " %");
    }
    void onSent(const Query &query, double now) override { log.push_back(query.key); }
    void onSettled(const Job &job, llvm::ArrayRef<Value> outputs, double now) override {
      log.push_back(job.task->id + " settles");
    }
    void onCancelled(const Job &job, double now) override {
      log.push_back(job.task->id + " cancelled");
    }
  } listener;
  Stage stage(ensemble(R"("policy":"majority")", 3));
  stage.script.script["generate1"] = {{100, {text("a")}}};
  stage.script.script["generate2"] = {{200, {text("a")}}};
  stage.script.script["generate3"] = {{300, {text("a")}}};
  stage.options.observers = {&listener};
  stage.run();
  EXPECT_EQ(listener.log,
            (Log{"plan1 starts", "member1 starts", "member2 starts", "member3 starts",
                 "run/p/generate1/0", "run/p/generate2/0", "run/p/generate3/0", "generate1 settles",
                 "member1 accepted", "generate2 settles", "member2 accepted", "ensemble1 100 %",
                 "member3 cancelled", "generate3 cancelled", "plan1 accepted"}));
}

//===----------------------------------------------------------------------===//
// Tries, samples, arrays
//===----------------------------------------------------------------------===//

TEST(Queries, AreTriedAgainAfterThePauseUnderTheSameKey) {
  Stage stage(plan(askAfter("a", {}), "a"));
  stage.script.script["a"] = {{100, {}, "busy", 500}, {100, {}, "busy", 1000}, {100, {text("x")}}};
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], text("x"));
  EXPECT_EQ(stage.script.log, (Log{"0 a", "600 a", "1700 a"}));
  EXPECT_EQ(stage.statistics().retries, 2u);
  EXPECT_EQ(stage.script.keys.size(), 1u);
}

TEST(Queries, ThatWaitForAnotherTryWereSent) {
  Stage stage(plan(askAfter("a", {}), "a", R"({"deadline_ms":300})"));
  stage.script.script["a"] = {{100, {}, "busy", 500}};
  EXPECT_TRUE(stage.run().outcome.isStopped);
  EXPECT_EQ(stage.script.log, (Log{"0 a"}));
  EXPECT_EQ(stage.statistics().unsent, 0u);
}

/// A request of five samples of a model that gives `most` at once.
std::string samples(const std::string &most) {
  std::string json =
      replace(plan(askAfter("a", {}), "a"), R"("model":"m")", R"("model":"m","n":5)");
  json = replace(json, R"("outputs":["text"],"depends_on":[],"request")",
                 R"("outputs":[{"item":"text","shape":[5]}],"depends_on":[],"request")");
  return replace(json, R"("models":[])", R"("models":[{"name":"m")" + most + "}]");
}

TEST(Queries, AskForAsManySamplesAsTheModelGives) {
  Stage stage(samples(R"(,"max_samples":2)"));
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], Value::list(Value::List(5, text("a"))));
  EXPECT_EQ(stage.script.log.size(), 3u);
  EXPECT_EQ(result.endMs, 100);
}

TEST(Queries, AskAgainForSamplesThatDidNotCome) {
  Stage stage(samples(""));
  stage.script.script["a"] = {
      {100, {text("1"), text("2")}}, {100, {text("3"), text("4")}}, {100, {text("5")}}};
  RunResult result = stage.run();
  Value::List all = {text("1"), text("2"), text("3"), text("4"), text("5")};
  EXPECT_EQ(result.outcome.outputs[0], Value::list(all));
  EXPECT_EQ(stage.script.log, (Log{"0 a", "100 a", "100 a"}));
  std::vector<std::string> keys;
  for (const auto &[query, key] : stage.script.keys)
    keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"run/p/a/0+5", "run/p/a/2+2", "run/p/a/4"}));
}

TEST(Queries, SamplesThatFailAreItemsThatHaveFailed) {
  Stage stage(samples(R"(,"max_samples":4)"));
  stage.script.script["a"] = {{100, {}, "no"}, {100, {text("5")}}};
  Value::List all = {failed, failed, failed, failed, text("5")};
  EXPECT_EQ(stage.run().outcome.outputs[0], Value::list(all));
}

/// Embeds each of three constant texts, at most `size` in one request.
std::string embeddings(const std::string &size) {
  std::string json = document("[]", R"([{"type":{"item":"f32","shape":[3,2]}}])",
                              "[" + planScope(R"([{"task":"batch1","output":0}])") +
                                  R"(,{"id":"item1","kind":"item","owner":"batch1",
    "arguments":["text"],"runs":{"when":"each_item"},"yields":[{"task":"embed1","output":0}],
    "on_failed":"keep","cancels":"nothing"}])",
                              R"([{"id":"batch1","kind":"batch","scope":"plan1",
    "inputs":[{"list":0}],"outputs":[{"item":"f32","shape":[3,2]}],"depends_on":[],
    "control":{"scopes":["item1"],"settles":"all_done")" +
                                  size + R"(}},{"id":"embed1","kind":"embed","scope":"item1",
    "inputs":[{"scope":"item1","argument":0}],"outputs":[{"item":"f32","shape":[2]}],
    "depends_on":[],"request":{"model":"m","deterministic":true}}])");
  return replace(json, R"("models":[])", R"("models":[{"name":"m","array_inputs":true}])");
}

TEST(Queries, ItemsShareARequestWhereTheModelTakesArrays) {
  Value vector = Value::list({Value::number(1), Value::number(2)});
  Stage all(embeddings(""));
  all.script.script["embed1"] = {{100, {vector, vector, vector}}};
  EXPECT_EQ(all.run().outcome.outputs[0], Value::list({vector, vector, vector}));
  EXPECT_EQ(all.script.log.size(), 1u);
  Stage two(embeddings(R"(,"batch_size":2)"));
  two.script.script["embed1"] = {{100, {vector, vector}}, {100, {}, "no"}};
  EXPECT_EQ(two.run().outcome.outputs[0], Value::list({vector, vector, failed}));
  EXPECT_EQ(two.script.log.size(), 2u);
  Stage alone(
      replace(embeddings(""), R"("model":"m",)", R"("model":"m","batch_compatible":false,)"));
  alone.script.script["embed1"] = {{100, {vector}}, {100, {vector}}, {100, {vector}}};
  EXPECT_EQ(alone.run().outcome.outputs[0], Value::list({vector, vector, vector}));
  EXPECT_EQ(alone.script.log.size(), 3u);
}

/// The same for so many texts.
std::string embeddingsOf(int texts, bool asArray) {
  std::string items = R"("a")", count = std::to_string(texts);
  for (int at = 1; at < texts; ++at)
    items += R"(,"b")";
  std::string json = replace(embeddings(""), R"("a","b","c")", items);
  json = replace(replace(json, "[3]", "[" + count + "]"), "[3,2]", "[" + count + ",2]");
  return asArray ? json
                 : replace(json, R"("model":"m",)", R"("model":"m","batch_compatible":false,)");
}

TEST(Queries, TheFirstItemsAreSentBeforeTheLastAreReady) {
  struct Counting : Script {
    using Script::Script;
    void start(const Query &query) override {
      most = std::max(most, dispatcher->countWaiting());
      Script::start(query);
    }
    Dispatcher *dispatcher = nullptr;
    size_t most = 0;
  };
  for (bool asArray : {false, true}) {
    Document document = llvm::cantFail(readDocument(embeddingsOf(1000, asArray)));
    Clock clock(0);
    Counting script(clock);
    Dispatcher dispatcher(document, script, clock, {});
    script.dispatcher = &dispatcher;
    Runner runner(document, document.plans[0], script, clock, dispatcher);
    bool isFirst = true;
    runner.run(
        [&] {
          return std::exchange(isFirst, false) ? std::optional(std::vector<Value>()) : std::nullopt;
        },
        [&](RunResult result) { EXPECT_EQ(result.endMs, 100); });
    // Those of an array wait for each other.
    EXPECT_EQ(script.log.size(), asArray ? 1u : 1000u);
    if (!asArray) {
      EXPECT_LT(script.most, 500u);
    }
  }
}

TEST(Queries, AnAnswerOfAWrongTypeHasFailed) {
  Stage stage(plan(askAfter("a", {}), "a"));
  stage.script.script["a"] = {{100, {Value::number(1)}}};
  RunResult result = stage.run();
  EXPECT_TRUE(result.fault.empty());
  EXPECT_TRUE(result.outcome.outputs[0].isFailed());
}

TEST(Queries, ArePaidAtTheTierThatTheyAreServedAt) {
  struct Standard : Script {
    using Script::Script;
    Tier getTier(Tier asked) const override { return Tier::Standard; }
  };
  std::string json = replace(
      plan(askAfter("a", {}, R"(,"service_tier":"batch","estimate":{
    "input_tokens":1000000,"output_tokens":0,"cost_usd":1.0})"),
           "a"),
      R"("models":[])", R"("models":[{"name":"m","input_usd_per_mtok":2.0,"batch_discount":0.5}])");
  Stage batch(json);
  EXPECT_DOUBLE_EQ(batch.run().usd, 1);
  Document document = llvm::cantFail(readDocument(json));
  Clock clock(0);
  Standard script(clock);
  Dispatcher dispatcher(document, script, clock, {});
  Runner runner(document, document.plans[0], script, clock, dispatcher);
  bool isFirst = true;
  runner.run(
      [&] {
        return std::exchange(isFirst, false) ? std::optional(std::vector<Value>()) : std::nullopt;
      },
      [&](RunResult result) { EXPECT_DOUBLE_EQ(result.usd, 2); });
}

//===----------------------------------------------------------------------===//
// Runs that go on
//===----------------------------------------------------------------------===//

/// Keeps answers for a later part of the run.
struct Notes : Memory {
  Value lookUp(const Call &) override { return failed; }
  void store(const Call &) override {}
  std::vector<KeptAnswer> recall(const std::string &key, const Job &) override {
    std::vector<KeptAnswer> answers;
    for (const Entry &entry : entries)
      if (entry.key == key)
        answers.push_back(entry.answer);
    return answers;
  }
  void keep(llvm::ArrayRef<Entry> kept) override {
    for (const Entry &entry : kept) {
      llvm::erase_if(entries, [&](const Entry &old) {
        return old.key == entry.key && old.answer.sample == entry.answer.sample;
      });
      entries.push_back(entry);
    }
    ++times;
  }

  std::vector<Entry> entries;
  size_t times = 0;
};

/// Runs with what was kept before.
struct LaterStage : Stage {
  LaterStage(const std::string &json, Notes &notes) : Stage(json) { options.memory = &notes; }
};

TEST(Resumed, RunsAskForSamplesThatAreMissing) {
  Notes notes;
  LaterStage first(samples(""), notes);
  first.script.script["a"] = {
      {100, {text("1"), text("2")}}, {100, {text("3"), text("4")}}, {100, {text("5")}}};
  Value all = first.run().outcome.outputs[0];
  ASSERT_EQ(notes.entries.size(), 3u);
  EXPECT_EQ(notes.entries[1].answer.sample, 2);
  EXPECT_EQ(notes.entries[1].answer.latencyMs, 100);
  notes.entries.erase(notes.entries.begin() + 1); // it was killed before that came
  LaterStage second(samples(""), notes);
  second.script.script["a"] = {{100, {text("3"), text("4")}}};
  EXPECT_EQ(second.run().outcome.outputs[0], all);
  EXPECT_EQ(second.script.keys.begin()->second, "run/p/a/2+2");
  EXPECT_EQ(second.statistics().requests, 1u);
  EXPECT_EQ(second.statistics().recalled, 2u);
  LaterStage third(samples(""), notes);
  EXPECT_EQ(third.run().outcome.outputs[0], all);
  EXPECT_EQ(third.statistics().requests, 0u);
}

TEST(Resumed, RunsTakeSamplesThatFailedForWhatTheyWere) {
  Notes notes;
  std::string json = samples(R"(,"max_samples":4)");
  Value::List all = {failed, failed, failed, failed, text("5")};
  LaterStage first(json, notes);
  first.script.script["a"] = {{100, {}, "no"}, {200, {text("5")}}};
  EXPECT_EQ(first.run().outcome.outputs[0], Value::list(all));
  LaterStage second(json, notes);
  EXPECT_EQ(second.run().outcome.outputs[0], Value::list(all));
  EXPECT_EQ(second.statistics().requests, 0u);
  // Of a task that had not finished they are asked for again.
  notes.entries.resize(1);
  LaterStage third(json, notes);
  third.script.script["a"] = {{100, {text("1"), text("2"), text("3"), text("4")}}};
  third.run();
  EXPECT_EQ(third.script.keys.begin()->second, "run/p/a/0+4");
  EXPECT_EQ(third.statistics().requests, 1u);
}

TEST(Resumed, RunsAskAgainWhatHasFailedButForTools) {
  Notes notes;
  std::string json = plan(tool("t", {}) + "," + askAfter("a", {}), "a");
  LaterStage first(json, notes);
  first.script.script["t"] = {{100, {}, "no"}};
  first.script.script["a"] = {{100, {failed}, "no"}};
  first.run();
  LaterStage second(json, notes);
  EXPECT_EQ(second.run().outcome.outputs[0], text("a"));
  EXPECT_EQ(second.script.log, (Log{"0 a"}));
}

TEST(Resumed, RunsKnowItemsOfOneRequestTogether) {
  Value vector = Value::list({Value::number(1), Value::number(2)});
  Notes notes;
  LaterStage first(embeddings(""), notes);
  first.script.script["embed1"] = {{100, {vector, failed, vector}}};
  first.run();
  EXPECT_EQ(notes.times, 1u);
  ASSERT_EQ(notes.entries.size(), 2u);
  EXPECT_EQ(notes.entries[0].answer.latencyMs, 100); // which is that of the request
  EXPECT_FALSE(notes.entries[1].answer.latencyMs);
  LaterStage second(embeddings(""), notes);
  second.script.script["embed1"] = {{100, {vector}}};
  EXPECT_EQ(second.run().outcome.outputs[0], Value::list({vector, vector, vector}));
  EXPECT_EQ(second.script.keys.begin()->second, "run/p/embed1/1/0");
}

TEST(Resumed, RunsCountWhatWasPaidBefore) {
  std::string price = R"(,"estimate":{"input_tokens":1000000,"output_tokens":0})";
  std::string json =
      replace(plan(askAfter("a", {}, price) + "," + askAfter("b", {"a"}, price), "b",
                   R"({"budget_usd":3})"),
              R"("models":[])", R"("models":[{"name":"m","input_usd_per_mtok":2.0}])");
  Notes notes;
  for (size_t requests : {1, 0}) {
    LaterStage stage(json, notes);
    RunResult result = stage.run();
    EXPECT_EQ(result.usd, 2);
    EXPECT_EQ(stage.statistics().requests, requests);
    EXPECT_EQ(result.outcome.losses.size(), 1u); // the second one would cost too much
  }
  // What has failed was paid, too: the second part of the run has nothing left.
  std::string twice = replace(json, R"("budget_usd":3)", R"("budget_usd":4)");
  Notes failures;
  for (size_t requests : {1, 1, 0}) {
    LaterStage stage(twice, failures);
    stage.script.script["a"] = {{100, {failed}, "no text", {}, TokenCounts{1000000, 0, 0}}};
    RunResult result = stage.run();
    EXPECT_EQ(stage.statistics().requests, requests);
    EXPECT_EQ(result.usd, failures.times == 1 ? 2 : 4);
  }
}

//===----------------------------------------------------------------------===//
// Limits
//===----------------------------------------------------------------------===//

TEST(Limits, ADeadlineEndsWhatIsRunning) {
  Stage stage(plan(askAfter("a", {}) + "," + askAfter("b", {"a"}) + "," + askAfter("c", {"b"}), "c",
                   R"({"deadline_ms":150})"));
  RunResult result = stage.run();
  EXPECT_EQ(result.endMs, 150);
  EXPECT_TRUE(result.outcome.isStopped);
  ASSERT_EQ(result.outcome.losses.size(), 1u);
  EXPECT_EQ(result.outcome.losses[0].tasks, (Log{"b", "c"}));
  EXPECT_EQ(stage.countBrokenOff(Ending::Limited), 1u);
}

TEST(Limits, AToolThatMayNotBeCancelledIsWaitedFor) {
  Stage stage(plan(tool("t", {}) + "," + askAfter("a", {"t"}), "a", R"({"deadline_ms":50})"));
  RunResult result = stage.run();
  EXPECT_EQ(result.endMs, 100);
  EXPECT_TRUE(result.outcome.outputs[0].isFailed());
  EXPECT_EQ(stage.script.log, (Log{"0 t"}));
}

TEST(Limits, AToolThatWasNotCalledYetIsNotCalledAnyMore) {
  std::string late = replace(plan(tool("t", {}), "t", R"({"deadline_ms":50})"), R"("pure":false)",
                             R"("pure":false,"latency_ms":60)");
  Stage tooLate(late);
  EXPECT_TRUE(tooLate.run().outcome.isStopped);
  EXPECT_EQ(tooLate.script.log, Log());
  Stage waiting(
      plan(tool("t", {}) + "," + tool("u", {}), "u", R"({"deadline_ms":50,"budget_usd":1})"));
  waiting.options.mostToolCalls = 1;
  RunResult result = waiting.run();
  EXPECT_EQ(waiting.script.log, (Log{"0 t"}));
  EXPECT_EQ(result.endMs, 100);
  EXPECT_EQ(waiting.statistics().unsent, 1u);
}

const std::string price =
    R"(,"estimate":{"input_tokens":0,"output_tokens":100,"cost_usd":0.1,"latency_ms":100})";

TEST(Limits, ItemsWithBudgetsOfTheirOwnShareNoRequest) {
  std::string json = replace(embeddings(R"(,"batch_size":3)"), R"("scope":"item1",
    "inputs":[{"scope":"item1")",
                             R"("scope":"body1",)" + price.substr(1) + R"(,
    "inputs":[{"scope":"item1")");
  json = replace(json, R"({"task":"embed1","output":0}],
    "on_failed":"keep","cancels":"nothing"})",
                 R"({"task":"chain1","output":0}],"on_failed":"keep","cancels":"nothing"},
    {"id":"body1","kind":"body","owner":"chain1","arguments":[],"runs":{"when":"owner_starts"},
    "yields":[{"task":"embed1","output":0}],"constraints":{"budget_usd":0.15},
    "on_failed":"forward","cancels":"nothing"})");
  json = replace(json, R"({"id":"embed1")", R"({"id":"chain1","kind":"chain","scope":"item1",
    "inputs":[],"outputs":[{"item":"f32","shape":[2]}],"depends_on":[],
    "control":{"scopes":["body1"],"settles":"all_done"}},{"id":"embed1")");
  Stage stage(json);
  Value vector = Value::list({Value::number(1), Value::number(2)});
  stage.script.script["embed1"] = {{100, {vector}}, {100, {vector}}, {100, {vector}}};
  EXPECT_EQ(stage.run().outcome.outputs[0], Value::list({vector, vector, vector}));
  EXPECT_EQ(stage.statistics().requests, 3u);
}

TEST(Limits, NothingStartsThatWouldExceedTheBudget) {
  std::string tasks = askAfter("a", {}, price) + "," + askAfter("b", {"a"}, price) + "," +
                      askAfter("c", {"b"}, price);
  Stage enough(plan(tasks, "c", R"({"budget_usd":0.3})"));
  EXPECT_EQ(enough.run().outcome.outputs[0], text("c"));
  Stage less(plan(tasks, "c", R"({"budget_usd":0.25})"));
  RunResult result = less.run();
  EXPECT_TRUE(result.outcome.isStopped);
  EXPECT_EQ(less.script.log, (Log{"0 a", "100 b"}));
  EXPECT_EQ(result.endMs, 200);
  EXPECT_NEAR(result.usd, 0.2, 1e-9);
}

TEST(Limits, WhatIsUnderWayCountsAgainstTheBudget) {
  std::string tasks = askAfter("a", {}, price) + "," + askAfter("b", {}, price) + "," +
                      askAfter("c", {"b", "a"}, price);
  Stage stage(plan(tasks, "c", R"({"budget_usd":0.15})"));
  RunResult result = stage.run();
  EXPECT_TRUE(result.outcome.isStopped);
  EXPECT_EQ(stage.script.log.front(), "0 a");
  EXPECT_EQ(stage.statistics().requests, 1u); // and is broken off
  EXPECT_LE(result.usd, 0.15);
}

TEST(Limits, NothingStartsThatWouldEndTooLate) {
  std::string tasks = askAfter("a", {}, price) + "," + askAfter("b", {"a"}, price);
  Stage stage(plan(tasks, "b", R"({"deadline_ms":199})"));
  RunResult result = stage.run();
  EXPECT_EQ(stage.script.log, (Log{"0 a"}));
  EXPECT_EQ(result.endMs, 100);
  Stage enough(plan(tasks, "b", R"({"deadline_ms":200})"));
  EXPECT_EQ(enough.run().outcome.outputs[0], text("b"));
}

/// A cascade of a chain, which has 70 ms, and a request.
std::string cascadeOfChain() {
  return document(
      "[]", textPort,
      "[" + planScope(R"([{"task":"cascade1","output":0}])") +
          R"(,{"id":"stage1","kind":"stage","owner":"cascade1","arguments":[],
    "runs":{"when":"owner_starts"},"yields":[{"task":"chain1","output":0}],"on_failed":"next",
    "cancels":"siblings"},{"id":"body1","kind":"body","owner":"chain1","arguments":[],
    "runs":{"when":"owner_starts"},"yields":[{"task":"generate1","output":0}],
    "constraints":{"deadline_ms":70},"on_failed":"forward","cancels":"nothing"},
    {"id":"stage2","kind":"stage","owner":"cascade1","arguments":[],
    "runs":{"when":"not_accepted","after":"stage1"},"yields":[{"task":"generate2","output":0}],
    "on_failed":"forward","cancels":"siblings"}])",
      R"([{"id":"cascade1","kind":"cascade","scope":"plan1","inputs":[],"outputs":["text"],
    "depends_on":[],"control":{"scopes":["stage1","stage2"],"settles":"first_accepted"}},
    {"id":"chain1","kind":"chain","scope":"stage1","inputs":[],"outputs":["text"],
    "depends_on":[],"control":{"scopes":["body1"],"settles":"all_done"}},)" +
          ask("generate1", "body1") + "," + ask("generate2", "stage2") + "]");
}

TEST(Limits, AChainThatExceedsFailsAndTheRunGoesOn) {
  Stage stage(cascadeOfChain());
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], text("generate2"));
  EXPECT_FALSE(result.outcome.isStopped);
  ASSERT_EQ(result.outcome.losses.size(), 1u);
  EXPECT_EQ(result.outcome.losses[0].scope, "body1");
  EXPECT_EQ(stage.script.log, (Log{"0 generate1", "70 -2", "70 generate2"}));
}

/// The schedule with a price for its model: two dollars for a million tokens.
static std::string setPrice(const std::string &json) {
  return replace(json, R"("models":[])",
                 R"("models":[{"name":"m","input_usd_per_mtok":2.0,"output_usd_per_mtok":2.0}])");
}

TEST(Limits, AChainThatHasCostMoreThanItMayFails) {
  Stage stage(setPrice(replace(cascadeOfChain(), R"("constraints":{"deadline_ms":70})",
                               R"("constraints":{"budget_usd":1})")));
  stage.script.script["generate1"] = {
      {60, {text("too dear")}, "", {}, TokenCounts{400000, 0, 200000}}};
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], text("generate2"));
  ASSERT_EQ(result.outcome.losses.size(), 1u);
  EXPECT_EQ(result.outcome.losses[0].reason, "it has cost 1.200000 dollars, and may cost 1.000000");
}

TEST(Limits, ARunThatHasCostMoreThanItMayTellsSo) {
  std::string json = setPrice(plan(askAfter("a", {}), "a", R"({"budget_usd":1})"));
  for (double tokens : {500000, 500001}) {
    Stage stage(json);
    stage.script.script["a"] = {{100, {text("a")}, "", {}, TokenCounts{tokens, 0, 0}}};
    RunResult result = stage.run();
    EXPECT_EQ(result.outcome.outputs[0], text("a"));
    EXPECT_EQ(result.isOverspent, tokens > 500000);
  }
}

TEST(Limits, WhatWasSentAndNotAnsweredIsPaidAsEstimated) {
  std::string estimate =
      R"(,"estimate":{"input_tokens":100000,"output_tokens":100000,"latency_ms":100})";
  // Each try may cost as much as its prompt, or more the longer it took.
  Stage stage(setPrice(plan(askAfter("a", {}, estimate), "a", R"({"budget_usd":0.9})")));
  stage.script.script["a"] = {{50, {}, "closed", 0, {}, true},
                              {1000, {}, "timed out", 0, {}, true},
                              {100, {text("never asked")}}};
  RunResult result = stage.run();
  EXPECT_TRUE(result.outcome.isStopped);
  EXPECT_NEAR(result.usd, 0.3 + 0.4, 1e-9);
  EXPECT_EQ(stage.statistics().lost.count, 2u);
  EXPECT_NEAR(stage.statistics().lost.usd, 0.7, 1e-9);
  EXPECT_EQ(stage.statistics().uncounted, 0u);
  // What a server refuses costs nothing.
  Stage refused(setPrice(plan(askAfter("a", {}, estimate), "a")));
  refused.script.script["a"] = {{50, {}, "busy"}};
  EXPECT_EQ(refused.run().usd, 0);
}

TEST(Limits, AChainStartsWhenAllIsThereThatItTakesFromOutside) {
  std::string json = replace(cascadeOfChain(), R"([{"id":"cascade1")",
                             "[" + askAfter("a", {}) + R"(,{"id":"cascade1")");
  std::string outer = askAfter("generate1", {"a"});
  json = replace(json, ask("generate1", "body1"),
                 replace(outer, R"("scope":"plan1")", R"("scope":"body1")"));
  Stage stage(json);
  stage.script.script["generate1"] = {{60, {text("in time")}}};
  RunResult result = stage.run();
  EXPECT_EQ(result.outcome.outputs[0], text("in time"));
  EXPECT_EQ(stage.script.log, (Log{"0 a", "100 generate1"}));
}

TEST(Limits, AModelTakesSoManyAtOnceTheMostUrgentFirst) {
  auto at = [](int start) {
    return R"(,"timing":{"earliest_start_ms":0.0,"earliest_finish_ms":1.0,"slack_ms":)" +
           std::to_string(start) + ".0}";
  };
  std::string tasks = askAfter("a", {}, at(30)) + "," + askAfter("b", {}, at(10)) + "," +
                      askAfter("c", {}, at(20)) + "," + askAfter("d", {"a", "b", "c"});
  Stage stage(replace(plan(tasks, "d"), R"("models":[])",
                      R"("models":[{"name":"m","max_concurrency":1}])"));
  stage.run();
  EXPECT_EQ(stage.script.log, (Log{"0 b", "100 c", "200 a", "300 d"}));
}

TEST(Limits, OfSeveralRunsThatWhichStartedEarlierIsMoreUrgent) {
  std::string later = R"(,"timing":{"earliest_start_ms":100.0,"slack_ms":0.0})";
  Stage stage(plan(askAfter("a", {}, R"(,"timing":{"earliest_start_ms":0.0,"slack_ms":0.0})") +
                       "," + askAfter("b", {"a"}, later),
                   "b"));
  stage.options.mostRequests = 1;
  Dispatcher dispatcher(stage.document, stage.script, stage.clock, stage.options);
  Runner runner(stage.document, stage.document.plans[0], stage.script, stage.clock, dispatcher);
  runner.mostRuns = 2;
  int started = 0;
  std::vector<double> ends;
  runner.run([&] { return started++ < 3 ? std::optional(std::vector<Value>()) : std::nullopt; },
             [&](RunResult result) { ends.push_back(result.endMs); });
  EXPECT_EQ(stage.script.log, (Log{"0 a", "100 a", "200 b", "300 b", "400 a", "500 b"}));
  EXPECT_EQ(ends, (std::vector<double>{300, 400, 600}));
}

TEST(Limits, AllModelsTogetherTakeNoMoreThanTheRunAllows) {
  Stage stage(plan(askAfter("a", {}) + "," + askAfter("b", {}) + "," + tool("t", {}) + "," +
                       askAfter("c", {}) + "," + askAfter("d", {"a", "b", "c", "t"}),
                   "d"));
  stage.options.mostRequests = 2;
  stage.options.mostToolCalls = 1;
  stage.run();
  EXPECT_EQ(stage.script.log, (Log{"0 a", "0 b", "0 t", "100 c", "200 d"}));
}

TEST(Limits, RequestsPerMinuteAreABucket) {
  std::string tasks;
  std::vector<std::string> names;
  for (int at = 0; at < 5; ++at) {
    names.push_back("a" + std::to_string(at));
    tasks += askAfter(names.back(), {}) + ",";
  }
  Stage stage(replace(plan(tasks + askAfter("z", names), "z"), R"("models":[])",
                      R"("models":[{"name":"m","requests_per_min":3}])"));
  stage.run();
  EXPECT_EQ(stage.script.log, (Log{"0 a0", "0 a1", "0 a2", "20000 a3", "40000 a4", "60000 z"}));
}

TEST(Limits, AnInterruptedRunEndsAtOnce) {
  struct Interrupting : Script {
    using Script::Script;
    std::vector<Reply> wait(double untilMs) override {
      std::vector<Reply> replies = Script::wait(untilMs);
      if (runner)
        runner->interrupt();
      return replies;
    }
    Runner *runner = nullptr;
  };
  Document document =
      llvm::cantFail(readDocument(plan(askAfter("a", {}) + "," + askAfter("b", {"a"}), "b")));
  Clock clock(0);
  Interrupting script(clock);
  Dispatcher dispatcher(document, script, clock, {});
  Runner runner(document, document.plans[0], script, clock, dispatcher);
  script.runner = &runner;
  unsigned results = 0;
  runner.run([&] { return std::optional(std::vector<Value>()); },
             [&](RunResult result) {
               ++results;
               EXPECT_TRUE(result.outcome.isStopped);
               EXPECT_EQ(result.outcome.losses[0].reason, "interrupted");
             });
  EXPECT_EQ(results, 64u);
  EXPECT_EQ(dispatcher.countRunning() + dispatcher.countWaiting(), 0u);
}

} // namespace

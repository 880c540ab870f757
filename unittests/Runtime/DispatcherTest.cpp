//===- DispatcherTest.cpp - Queries, and what is known of them ------------===//

#include "Stage.h"

using namespace xcs::runtime;

namespace {

const Value vector = Value::list({Value::number(1), Value::number(2)});

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
  RunResult result = stage.run();
  EXPECT_TRUE(result.outcome.isStopped);
  EXPECT_EQ(result.endMs, 100); // there is no time for another one
  EXPECT_EQ(result.outcome.losses[0].reason,
            "'a' was not tried again: it would end 300 ms after the deadline");
  EXPECT_EQ(stage.script.log, (Log{"0 a"}));
  EXPECT_EQ(stage.statistics().unsent, 0u);
  EXPECT_EQ(stage.statistics().retries, 0u);
  EXPECT_EQ(stage.statistics().reasons, (Log{"a: busy"}));
}

TEST(Queries, ThatThereIsNoMoneyForAnyMoreSayWhyTheyHadFailed) {
  std::string price = R"(,"estimate":{"input_tokens":1000000,"output_tokens":0})";
  Stage stage(replace(plan(askAfter("a", {}, price) + "," + askAfter("b", {}, price) + "," +
                               askAfter("c", {"a", "b"}, price),
                           "c", R"({"budget_usd":4.5})"),
                      R"("models":[])", R"("models":[{"name":"m","input_usd_per_mtok":2.0}])"));
  stage.script.script["a"] = {{100, {}, "busy", 100}};
  stage.script.script["b"] = {{150, {text("x")}, "", {}, TokenCounts{2000000, 0, 0}}};
  EXPECT_TRUE(stage.run().outcome.isStopped);
  EXPECT_EQ(stage.script.log, (Log{"0 a", "0 b"}));
  EXPECT_EQ(stage.statistics().reasons, (Log{"a: busy"}));
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

TEST(Queries, ItemsShareARequestWhereTheModelTakesArrays) {
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

TEST(Queries, ItemsThatAreTriedAgainKeepTheirKeys) {
  // Each item asks first for the text that it embeds, and so is ready at a time of its own.
  std::string json = replace(embeddings(""), R"({"id":"embed1",)",
                             R"({"id":"a","kind":"generate","scope":"item1",
    "inputs":[{"scope":"item1","argument":0}],"outputs":["text"],"depends_on":[],)" +
                                 request + R"(},{"id":"embed1",)");
  json = replace(json, R"("inputs":[{"scope":"item1","argument":0}],"outputs":[{"item":"f32")",
                 R"("inputs":[{"task":"a","output":0}],"outputs":[{"item":"f32")");
  Stage stage(json);
  stage.script.script["a"] = {{100, {text("x")}}, {150, {text("y")}}, {400, {text("z")}}};
  stage.script.script["embed1"] = {
      {100, {}, "no", 100}, {100, {}, "no", 50}, {100, {vector}}, {100, {vector}}, {100, {vector}}};
  EXPECT_EQ(stage.run().outcome.outputs[0], Value::list({vector, vector, vector}));
  EXPECT_EQ(stage.statistics().retries, 2u);
  EXPECT_EQ(stage.statistics().requests, 8u); // three texts, three embeddings, two tries
}

TEST(Queries, ItemsAreCountedBelowOtherControl) {
  std::string json = replace(embeddings(R"(,"batch_size":2)"), R"("scope":"item1",
    "inputs")",
                             R"("scope":"stage1",
    "inputs")");
  json = replace(json, R"("on_failed":"keep","cancels":"nothing"})",
                 R"("on_failed":"keep","cancels":"nothing"},{"id":"stage1","kind":"stage",
    "owner":"cascade1","arguments":[],"runs":{"when":"owner_starts"},
    "yields":[{"task":"embed1","output":0}],"on_failed":"forward","cancels":"siblings"})");
  json = replace(json, R"("yields":[{"task":"embed1","output":0}],
    "on_failed":"keep")",
                 R"("yields":[{"task":"cascade1","output":0}],
    "on_failed":"keep")");
  json = replace(json, R"({"id":"embed1",)",
                 R"({"id":"cascade1","kind":"cascade","scope":"item1","inputs":[],
    "outputs":[{"item":"f32","shape":[2]}],"depends_on":[],
    "control":{"scopes":["stage1"],"settles":"first_accepted"}},{"id":"embed1",)");
  Stage stage(json);
  stage.script.script["embed1"] = {{100, {vector, vector}}, {100, {vector}}};
  EXPECT_EQ(stage.run().outcome.outputs[0], Value::list({vector, vector, vector}));
}

TEST(Queries, ItemsShareARequestThatTheLimitsHaveRoomFor) {
  std::string json = replace(embeddings(""), R"("array_inputs":true)",
                             R"("array_inputs":true,"tokens_per_min":250)");
  json = replace(json, R"("deterministic":true})",
                 R"("deterministic":true},"estimate":{"input_tokens":100})");
  Stage stage(json);
  stage.script.script["embed1"] = {{100, {vector, vector}}, {100, {vector}}};
  EXPECT_EQ(stage.run().outcome.outputs[0], Value::list({vector, vector, vector}));
  EXPECT_EQ(stage.script.log, (Log{"0 embed1", "12000 embed1"}));
}

TEST(Queries, OfItemsThatAreRefusedTogetherTheOthersAreAskedForAgain) {
  Stage stage(embeddings(""));
  Try refusal;
  refusal.failure = "status 400";
  refusal.isRefused = true;
  // All three; the first; the others, and each of them.
  stage.script.script["embed1"] = {refusal, {100, {vector}}, refusal, {100, {vector}}, refusal};
  EXPECT_EQ(stage.run().outcome.outputs[0], Value::list({vector, vector, failed}));
  EXPECT_EQ(stage.statistics().requests, 5u);
  EXPECT_EQ(stage.statistics().failures, 1u);
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

TEST(Resumed, RunsPayOnceForSamplesThatFailed) {
  std::string json =
      replace(samples(R"(,"max_samples":1,"input_usd_per_mtok":2.0)"), R"("deterministic":false})",
              R"("deterministic":false},"estimate":{"input_tokens":0})");
  TokenCounts usage{1000000, 0, 0};
  Notes notes;
  for (bool isFirst : {true, false}) {
    LaterStage stage(json, notes);
    for (int at = 0; at < 5; ++at)
      stage.script.script["a"].push_back(
          {100, {isFirst || at < 4 ? failed : text("x")}, "no text", {}, usage});
    EXPECT_EQ(stage.run().usd, isFirst ? 10 : 20);
  }
  double kept = 0;
  for (const Memory::Entry &entry : notes.entries)
    kept += entry.answer.usd;
  EXPECT_EQ(kept, 20);
}

} // namespace

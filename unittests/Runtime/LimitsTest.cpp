//===- LimitsTest.cpp - Money, time, and what runs at once ----------------===//

#include "Stage.h"

using namespace xcs::runtime;

namespace {

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

TEST(Limits, AToolThatIsWaitedForIsNotCalledAgain) {
  Stage stage(plan(tool("t", {}) + "," + askAfter("a", {"t"}), "a", R"({"deadline_ms":50})"));
  stage.script.script["t"] = {{100, {}, "no", 10}};
  EXPECT_EQ(stage.run().endMs, 100);
  EXPECT_EQ(stage.script.log, (Log{"0 t"}));
  EXPECT_EQ(stage.statistics().retries, 0u);
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
  struct Ends : Observer {
    void onRunEnded(const Engine &, const Outcome &, double now) override { EXPECT_EQ(now, 100); }
  };
  Document document =
      llvm::cantFail(readDocument(plan(askAfter("a", {}) + "," + askAfter("b", {"a"}), "b")));
  Clock clock(0);
  Interrupting script(clock);
  Ends ends;
  Dispatcher::Options options;
  options.observers = {&ends};
  Dispatcher dispatcher(document, script, clock, options);
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

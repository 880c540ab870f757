//===- EngineTest.cpp - What runs when ------------------------------------===//

#include "Stage.h"

using namespace xcs::runtime;

namespace {

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

} // namespace

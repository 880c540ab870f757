//===- ScheduleJsonTest.cpp - Documents made by hand, as JSON -------------===//
//
// What is printed is read by schedule-check, too, which shares no code with the
// exporter: it has to follow the schema, and to hang together.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Export/Export.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "gtest/gtest.h"

using namespace xcs;
using namespace xcs::schedule;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Making, printing, checking
//===----------------------------------------------------------------------===//

/// Adds a request to the model "small" or "large", which waits for `dependencies`.
static Task &addCall(Plan &plan, std::string_view model, std::vector<uint32_t> dependencies) {
  auto sliceOf = [](size_t begin, size_t end) {
    return Slice{static_cast<uint32_t>(begin), static_cast<uint32_t>(end - begin)};
  };
  auto request = std::make_unique<Request>();
  request->model = model;
  request->roles = {"user"};
  size_t firstInput = plan.references.size(), firstType = plan.types.size();
  size_t firstDependency = plan.dependencies.size();
  if (dependencies.empty())
    plan.references.push_back({Reference::Kind::Argument, 0, 0, 80});
  else
    plan.references.push_back({Reference::Kind::Task, dependencies.front(), 0, std::nullopt});
  plan.types.push_back(plan.inputs.front().type);
  plan.dependencies.insert(plan.dependencies.end(), dependencies.begin(), dependencies.end());
  Task &task = plan.tasks.emplace_back();
  task.kind = TaskKind::Generate;
  task.number = plan.tasks.size();
  task.scope = 0;
  task.inputs = sliceOf(firstInput, plan.references.size());
  task.outputs = sliceOf(firstType, plan.types.size());
  task.dependsOn = sliceOf(firstDependency, plan.dependencies.size());
  task.details = std::move(request);
  task.planning = std::make_unique<Planning>();
  return task;
}

/// One plan, of two requests, the second with the answer of the first. Nothing is
/// estimated.
static Document makeDocument() {
  Document document;
  document.sourceFile = "by-hand.mlir";
  document.sourceHash = std::string(64, '0');
  const Type *text = &*document.types.insert({"text", std::nullopt}).first;
  document.models["small"];
  document.models["large"];
  Plan &plan = document.plans.emplace_back();
  plan.name = "ask";
  plan.inputs.push_back({text, "question", 80, std::nullopt});
  plan.outputs.push_back({text, std::nullopt, std::nullopt, std::nullopt});
  Scope &scope = plan.scopes.emplace_back();
  scope.kind = ScopeKind::Plan;
  scope.number = 1;
  scope.arguments = {text};
  scope.when = When::PlanStarts;
  scope.yields.push_back({Reference::Kind::Task, 1, 0, std::nullopt});
  addCall(plan, "small", {});
  addCall(plan, "large", {0});
  return document;
}

static std::string print(const Document &document) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printSchedule(document, os);
  return text;
}

/// What schedule-check says of `json`, or nothing if it is valid.
static std::string check(StringRef json) {
  llvm::SmallString<128> path, said;
  if (llvm::sys::fs::createTemporaryFile("schedule", "json", path) ||
      llvm::sys::fs::createTemporaryFile("said", "txt", said))
    return "no temporary file";
  llvm::FileRemover removePath(path), removeSaid(said);
  std::error_code error;
  llvm::raw_fd_ostream(path, error) << json;
  if (error)
    return error.message();
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(said), StringRef(said)};
  int result = llvm::sys::ExecuteAndWait(
      SCHEDULE_CHECK, {SCHEDULE_CHECK, SCHEDULE_SCHEMA, path}, std::nullopt, redirects);
  if (result == 0)
    return "";
  auto output = llvm::MemoryBuffer::getFile(said);
  return output && !(*output)->getBuffer().empty() ? (*output)->getBuffer().str() : "not run";
}

/// The line of `json` that has `part`, without its indent and the comma behind.
static std::string lineWith(StringRef json, StringRef part) {
  size_t at = json.find(part);
  if (at == StringRef::npos)
    return "";
  size_t begin = json.rfind('\n', at) + 1;
  return json.slice(begin, json.find('\n', at)).trim().rtrim(',').str();
}

//===----------------------------------------------------------------------===//
// Tests
//===----------------------------------------------------------------------===//

TEST(ScheduleJson, WhatNobodyEstimatedIsAbsent) {
  std::string json = print(makeDocument());
  EXPECT_EQ(check(json), "");
  for (StringRef field : {"pools", "totals", "model_totals", "unknown", "critical_path",
                          "assumptions", "service_tier", "estimate", "expected_runs", "timing",
                          "resources", "rate_limit_pool", "locality", "price_steps"})
    EXPECT_EQ(json.find(("\"" + field + "\"").str()), std::string::npos) << field.str();
}

TEST(ScheduleJson, ModelsHavePricesByTierAndLength) {
  Document document = makeDocument();
  Model &model = document.models["small"];
  model.fields = {{"provider", document.keep("acme")},
                  {"input_usd_per_mtok", 0.15},
                  {"flex_input_usd_per_mtok", 0.1},
                  {"flex_output_usd_per_mtok", 0.3},
                  {"flex_cached_input_usd_per_mtok", 0.02},
                  {"flex_cache_write_usd_per_mtok", 0.2},
                  {"batch_input_usd_per_mtok", 0.075},
                  {"batch_output_usd_per_mtok", 0.3},
                  {"batch_cached_input_usd_per_mtok", 0.01},
                  {"batch_cache_write_usd_per_mtok", 0.1},
                  {"max_input_tokens", int64_t(128000)}};
  model.priceSteps = {{200000, {{"input_usd_per_mtok", 0.5}, {"output_usd_per_mtok", 1.5}}},
                      {400000, {{"batch_cached_input_usd_per_mtok", 0.25}}}};
  model.qualityByTask = {{"titles", 0.9}, {"code", 0.5}};
  std::string json = print(document);
  EXPECT_EQ(check(json), "");
  EXPECT_EQ(
      lineWith(json, R"("name":"small")"),
      R"({"name":"small","provider":"acme","input_usd_per_mtok":0.15,)"
      R"("flex_input_usd_per_mtok":0.1,"flex_output_usd_per_mtok":0.3,)"
      R"("flex_cached_input_usd_per_mtok":0.02,"flex_cache_write_usd_per_mtok":0.2,)"
      R"("batch_input_usd_per_mtok":0.075,"batch_output_usd_per_mtok":0.3,)"
      R"("batch_cached_input_usd_per_mtok":0.01,"batch_cache_write_usd_per_mtok":0.1,)"
      R"("max_input_tokens":128000,)"
      R"("price_steps":[{"above_tokens":200000,"input_usd_per_mtok":0.5,"output_usd_per_mtok":1.5},)"
      R"({"above_tokens":400000,"batch_cached_input_usd_per_mtok":0.25}],)"
      R"("quality_by_task":{"code":0.5,"titles":0.9}})");
}

TEST(ScheduleJson, TasksArePlannedWith) {
  Document document = makeDocument();
  document.pools["b"];
  const NamedPool &pool = *document.pools.insert({document.keep("a"), {500.0, 1e6, 8}}).first;
  Planning &first = *document.plans.front().tasks[0].planning;
  first.serviceTier = ServiceTier::Flex;
  first.estimate.emplace();
  first.estimate->requests = 0.5;
  first.estimate->inputTokens = 1200;
  first.estimate->cachedInputTokens = 1100;
  first.estimate->outputTokens = 6;
  first.estimate->costUsd = 0.1 + 0.2;
  first.estimate->latencyMs = 400;
  first.expectedRuns = 2.5;
  first.timing = Timing{0, 1000, 0, true};
  first.resources = std::make_unique<Resources>();
  first.resources->memoryMb = 16384;
  first.pool = &pool;
  first.prefix = document.keep("small/1");
  first.prefixTokens = 1100;
  Planning &second = *document.plans.front().tasks[1].planning;
  second.serviceTier = ServiceTier::Batch;
  second.timing = Timing{0.25, 0.75, 12.5, false};
  second.localityScope = 0;
  second.prefix = document.keep("small/1");
  second.expectedRuns = 0;
  std::string json = print(document);
  EXPECT_EQ(check(json), "");
  EXPECT_EQ(lineWith(json, R"("tokens_per_min")"),
            R"({"name":"a","requests_per_min":500.0,"tokens_per_min":1000000.0,"max_concurrency":8})");
  EXPECT_EQ(lineWith(json, R"("name":"b")"), R"({"name":"b"})");
  EXPECT_NE(
      json.find(R"("service_tier":"flex","estimate":{"requests":0.5,"input_tokens":1200,)"
                R"("cached_input_tokens":1100,"output_tokens":6,"cost_usd":0.30000000000000004,)"
                R"("latency_ms":400.0},"expected_runs":2.5,"timing":{"earliest_start_ms":0.0,)"
                R"("earliest_finish_ms":1000.0,"slack_ms":0.0,"critical":true},)"
                R"("resources":{"memory_mb":16384.0},"rate_limit_pool":"a",)"
                R"("locality":{"prefix":"small/1","prefix_tokens":1100}})"),
      std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("service_tier":"batch","expected_runs":0.0,)"
                      R"("timing":{"earliest_start_ms":0.25,"earliest_finish_ms":0.75,)"
                      R"("slack_ms":12.5},"locality":{"group":"plan1","prefix":"small/1"}})"),
            std::string::npos)
      << json;
}

TEST(ScheduleJson, PlansHaveTotals) {
  Document document = makeDocument();
  Forecast &forecast = document.plans.front().forecast;
  forecast.totals.emplace();
  forecast.totals->calls = {2, 2.5, 1200.5, 100, 12, Figure{0.25, true}, Figure{0.5, true}};
  forecast.totals->latencyMs = Figure{400, false};
  forecast.totals->worstLatencyMs = Figure{800, true};
  forecast.totals->sequentialMs = Figure{600, false};
  forecast.totals->makespanMs = Figure{500, true};
  forecast.totals->peakParallelism = 2;
  forecast.models["small"] = {1, 1.5, 1000.5, 100, 6, Figure{0.25, false}, Figure{0.5, false}};
  forecast.models["large"] = {1, 1, 200, 0, 6, std::nullopt, std::nullopt};
  std::string json = print(document);
  EXPECT_EQ(check(json), "");
  EXPECT_EQ(lineWith(json, R"("totals")"),
            R"("totals": {"calls":2,"requests":2.5,"input_tokens":1200.5,)"
            R"("cached_input_tokens":100.0,"output_tokens":12.0,"cost_usd":0.25,)"
            R"("worst_cost_usd":0.5,"latency_ms":400.0,"worst_latency_ms":800.0,)"
            R"("sequential_ms":600.0,"makespan_ms":500.0,"peak_parallelism":2.0,)"
            R"("at_least":["cost_usd","worst_cost_usd","worst_latency_ms","makespan_ms"]})");
  EXPECT_EQ(lineWith(json, R"("model":"large","calls")"),
            R"({"model":"large","calls":1,"requests":1.0,"input_tokens":200.0,)"
            R"("cached_input_tokens":0.0,"output_tokens":6.0})");
  EXPECT_EQ(lineWith(json, R"("model":"small","calls")"),
            R"({"model":"small","calls":1,"requests":1.5,"input_tokens":1000.5,)"
            R"("cached_input_tokens":100.0,"output_tokens":6.0,"cost_usd":0.25,)"
            R"("worst_cost_usd":0.5})");
}

TEST(ScheduleJson, PlansSayWhatIsCriticalUnknownAndAssumed) {
  Document document = makeDocument();
  document.tools["search"] = {"web", true, std::nullopt, {}, {}};
  Forecast &forecast = document.plans.front().forecast;
  forecast.criticalPath = {0, 1};
  forecast.unknown = {{Unknown::Of::Model, "large", "ttft_ms"},
                      {Unknown::Of::Tool, "search", "latency_ms"}};
  forecast.assumptions = {
      {Assumption::What::Tokens, Assumption::Where::Input, 0, 100},
      {Assumption::What::Count, Assumption::Where::Task, 0, 10},
      {Assumption::What::OutputTokens, Assumption::Where::Task, 1, 256},
      {Assumption::What::Probability, Assumption::Where::Scope, 0, 0.5}};
  std::string json = print(document);
  EXPECT_EQ(check(json), "");
  EXPECT_NE(json.find(R"(
      "unknown": [
        {"model":"large","field":"ttft_ms"},
        {"tool":"search","field":"latency_ms"}
      ],
      "critical_path": ["generate1","generate2"],
      "assumptions": [
        {"what":"tokens","value":100.0,"input":0},
        {"what":"count","value":10.0,"task":"generate1"},
        {"what":"output_tokens","value":256.0,"task":"generate2"},
        {"what":"probability","value":0.5,"scope":"plan1"}
      ],
      "scopes": [)"),
            std::string::npos)
      << json;
}

// Whoever makes a document goes by what the checker says; it has to say something.
TEST(ScheduleJson, TheCheckerRefuses) {
  Document document = makeDocument();
  document.plans.front().forecast.models["nobody's"];
  EXPECT_NE(check(print(document)).find("models must have 'nobody's'"), std::string::npos);
}

TEST(ScheduleJson, KeptNamesStayWhereTheyAre) {
  Document document;
  std::string name = "short";
  std::string_view kept = document.keep(name);
  name = "other";
  for (int i = 0; i < 1000; ++i)
    document.keep(std::to_string(i));
  EXPECT_EQ(document.keep("short").data(), kept.data());
  Document moved = std::move(document);
  EXPECT_EQ(kept, "short");
  EXPECT_EQ(moved.keep("short").data(), kept.data());
}

// A million of them may be in memory at once.
static_assert(sizeof(Planning) <= 352, "what few tasks have must be behind a pointer");

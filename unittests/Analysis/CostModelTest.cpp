//===- CostModelTest.cpp - What programs cost, and how long they take -------===//

#include "Programs.h"

using namespace mlir;
using namespace xcs;
using namespace xcs::test;

namespace {

// Millionths of a dollar: small i + 4 o, large 10 i + 40 o. Milliseconds: small
// 200 + 10 o, large 500 + 20 o.
constexpr StringLiteral models = R"(
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64, ttft_ms = 200.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @large {input_usd_per_mtok = 10.0 : f64, output_usd_per_mtok = 40.0 : f64, ttft_ms = 500.0 : f64, output_tokens_per_s = 50.0 : f64}
xcs_llm.model @flaky {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64, ttft_ms = 200.0 : f64, output_tokens_per_s = 100.0 : f64, failure_rate = 0.2 : f64}
xcs_llm.model @arrays {input_usd_per_mtok = 1.0 : f64, array_inputs = true, ttft_ms = 200.0 : f64}
)";

std::string call(StringRef name, StringRef prompt, StringRef model = "small",
                 StringRef attributes = "expected_output_tokens = 50 : i64") {
  return ("%" + name + " = xcs_llm.generate \"" + model + "\" (" + prompt + ") {" + attributes +
          "} : !text\n").str();
}

/// A function of a prompt of 100 tokens, without results.
std::string function(StringRef name, StringRef body) {
  return ("func.func @" + name + "(%p: !text {xcs_llm.tokens = 100 : i64}) {\n" + body +
          "\nreturn\n}\n").str();
}

bool hasUnknown(const ProgramCost &cost, StringRef name, StringRef field) {
  return llvm::any_of(cost.unknown, [&](const UnknownFigure &figure) {
    return figure.name == name && figure.field == field;
  });
}

//===----------------------------------------------------------------------===//
// Programs by hand
//===----------------------------------------------------------------------===//

TEST(CostModelTest, AnEmptyFunctionTakesNothing) {
  Program program(function("f", ""));
  const ProgramCost &cost = program.getCost();
  EXPECT_EQ(cost.totals.calls, 0);
  EXPECT_EQ(cost.totals.costUsd.known, 0);
  EXPECT_TRUE(cost.totals.costUsd.complete);
  EXPECT_EQ(cost.latencyMs.known, 0);
  EXPECT_TRUE(cost.latencyMs.complete);
  EXPECT_EQ(cost.makespanMs.known, 0);
  EXPECT_EQ(cost.peakParallelism, 0);
  EXPECT_TRUE(cost.criticalPath.empty());
}

TEST(CostModelTest, AMemberThatMayBeRejectedHasNoValue) {
  Program program((models +
                   function("f", "%ok = xcs_llm.parse_response %p as boolean : i1\n"
                                 "%r = xcs_llm.cascade -> !text {\n"
                                 "%v = xcs_llm.ensemble first -> !text {\n" + call("a", "%p") +
                                     "xcs_llm.yield %a, %ok : !text, i1\n}\n"
                                     "xcs_llm.yield %v : !text\n}, {\n" + call("b", "%p") +
                                     "xcs_llm.yield %b : !text\n}")).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_DOUBLE_EQ(cost.calls[1].runs.expected, 0.5);
}

TEST(CostModelTest, AConstantRulesABranchOut) {
  Program program((models + function("f", "%c = arith.constant true\nxcs_llm.conditional %c {\n" +
                                              call("a", "%p") + "xcs_llm.yield\n} else {\n" +
                                              call("b", "%p", "large") + "xcs_llm.yield\n}")).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_DOUBLE_EQ(cost.totals.worstCostUsd.known, cost.totals.costUsd.known);
  EXPECT_DOUBLE_EQ(cost.worstLatencyMs.known, cost.latencyMs.known);
}

TEST(CostModelTest, ControlOfOtherDialectsMakesSumsIncomplete) {
  Program program((models + function("f", "%c = arith.constant true\nscf.if %c {\n" +
                                              call("a", "%p") + "}")).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_GT(cost.totals.costUsd.known, 0);
  EXPECT_FALSE(cost.totals.costUsd.complete);
  EXPECT_FALSE(cost.latencyMs.complete);
}

TEST(CostModelTest, AFunctionThatIsCalledTwice) {
  // @ask: 100 + 4 * 50 = 300 millionths, 700 ms.
  Program program((models + "func.func @ask(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text {\n" +
                   call("r", "%p") + "return %r : !text\n}\n" +
                   function("f", "%a = func.call @ask(%p) : (!text) -> !text\n"
                                 "%b = func.call @ask(%a) : (!text) -> !text")).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_EQ(cost.totals.calls, 2);
  EXPECT_EQ(cost.totals.inputTokens, 200);
  EXPECT_DOUBLE_EQ(cost.totals.costUsd.known, 600e-6);
  EXPECT_DOUBLE_EQ(cost.totals.worstCostUsd.known, 600e-6);
  EXPECT_DOUBLE_EQ(cost.latencyMs.known, 1400);
  EXPECT_DOUBLE_EQ(cost.sequentialMs.known, 1400);
  EXPECT_DOUBLE_EQ(cost.models.at("small").costUsd.known, 600e-6);
}

TEST(CostModelTest, AFunctionInABranch) {
  Program program((models + function("ask", call("r", "%p")) +
                   function("f", "%c = xcs_llm.parse_response %p as boolean : i1\n"
                                 "xcs_llm.conditional %c {\nfunc.call @ask(%p) : (!text) -> ()\n"
                                 "xcs_llm.yield\n} else {\nfunc.call @ask(%p) : (!text) -> ()\n"
                                 "func.call @ask(%p) : (!text) -> ()\nxcs_llm.yield\n} "
                                 "{probability = 0.75 : f64}")).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_DOUBLE_EQ(cost.totals.costUsd.known, (0.75 + 0.25 * 2) * 300e-6);
  EXPECT_DOUBLE_EQ(cost.totals.worstCostUsd.known, 600e-6);
  EXPECT_DOUBLE_EQ(cost.models.at("small").worstCostUsd.known, 600e-6);
}

TEST(CostModelTest, ACallInsideOfAChainIsItsStart) {
  // What it uses takes 1500 ms before it.
  Program program((models + function("f", call("a", "%p", "large") + "%v = xcs_llm.chain -> !text {\n" +
                   call("b", "%a") + call("c", "%b") +
                   "xcs_llm.yield %c : !text\n} {deadline_ms = 1500.0 : f64}")).str());
  const ProgramCost &cost = program.getCost();
  ASSERT_EQ(cost.chains.size(), 1u);
  EXPECT_DOUBLE_EQ(cost.chains[0].latencyMs.known, 1400); // and not 2900
  EXPECT_DOUBLE_EQ(cost.chains[0].worstLatencyMs.known, 1400);
  EXPECT_TRUE(cost.chains[0].latencyMs.complete);
  EXPECT_DOUBLE_EQ(cost.chains[0].costUsd.known, 2 * (50 + 200) * 1e-6);
  EXPECT_DOUBLE_EQ(cost.latencyMs.known, 2900);
}

TEST(CostModelTest, AChainIsForOneRunOfIt) {
  Program program((models + function("f", "%n = xcs_llm.generate \"small\" (%p) {n = 4 : i64, expected_output_tokens = 50 : i64} : tensor<4x!text>\n"
                   "%l = xcs_llm.batch (%x in %n : tensor<4x!text>) -> tensor<4x!text> {\n"
                   "%v = xcs_llm.cascade -> !text {\n%w = xcs_llm.chain -> !text {\n" +
                   call("b", "%x", "flaky") +
                   "xcs_llm.yield %b : !text\n} {budget_usd = 0.001 : f64}\nxcs_llm.yield %w : !text\n}, {\n"
                   "xcs_llm.yield %x : !text\n} {attempts = array<i64: 3, 1>}\n"
                   "xcs_llm.yield %v : !text\n}")).str());
  const ProgramCost &cost = program.getCost();
  ASSERT_EQ(cost.chains.size(), 1u);
  EXPECT_NEAR(cost.chains[0].costUsd.known, 250e-6, 1e-15);
  EXPECT_NEAR(cost.chains[0].worstCostUsd.known, 250e-6, 1e-15);
  EXPECT_NEAR(cost.chains[0].latencyMs.known, 700, 1e-9);
  EXPECT_NEAR(cost.calls[1].runs.expected, 4 * 1.24, 1e-12);
  EXPECT_EQ(cost.calls[1].runs.worst, 12);
}

TEST(CostModelTest, AChainThatIsNotKnownSaysSo) {
  std::string chain = "xcs_llm.chain {\n" + call("b", "%p", "unheard-of") +
                      "xcs_llm.yield\n} {deadline_ms = 1500.0 : f64}\n"
                      "xcs_llm.chain {\n" + call("b", "%p") +
                      "xcs_llm.yield\n} {deadline_ms = 1500.0 : f64}";
  Program program((models + function("f", chain)).str());
  const ProgramCost &cost = program.getCost();
  ASSERT_EQ(cost.chains.size(), 2u);
  EXPECT_FALSE(cost.chains[0].latencyMs.complete);
  EXPECT_FALSE(cost.chains[0].worstLatencyMs.complete);
  EXPECT_FALSE(cost.chains[0].costUsd.complete);
  EXPECT_TRUE(cost.chains[1].latencyMs.complete);
  EXPECT_FALSE(cost.latencyMs.complete);
}

TEST(CostModelTest, WhatIsUnknownAtWorstIsNamed) {
  Program program(("xcs_llm.model @free {input_usd_per_mtok = 1.0 : f64, ttft_ms = 1.0 : f64, output_tokens_per_s = 1.0 : f64}\n" +
                   function("f", call("r", "%p", "free", "max_tokens = 9 : i64, expected_output_tokens = 0 : i64"))));
  const ProgramCost &cost = program.getCost();
  EXPECT_TRUE(cost.totals.costUsd.complete);
  EXPECT_FALSE(cost.totals.worstCostUsd.complete);
  EXPECT_TRUE(hasUnknown(cost, "free", "output_usd_per_mtok"));
  EXPECT_EQ(cost.unknown.size(), 1u);
}

TEST(CostModelTest, WhatNeverRunsLacksNothing) {
  Program program((models + function("f", "%l = tensor.empty() : tensor<0x!text>\n"
                   "%r = xcs_llm.batch (%x in %l : tensor<0x!text>) -> tensor<0x!text> {\n" +
                   call("b", "%x", "unheard-of") + "xcs_llm.yield %b : !text\n}")).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_EQ(cost.totals.calls, 1);
  EXPECT_EQ(cost.totals.requests, 0);
  EXPECT_TRUE(cost.totals.costUsd.complete);
  EXPECT_TRUE(cost.totals.worstCostUsd.complete);
  EXPECT_TRUE(cost.latencyMs.complete);
  EXPECT_EQ(cost.latencyMs.known, 0);
  EXPECT_EQ(cost.worstLatencyMs.known, 0);
  EXPECT_EQ(cost.makespanMs.known, 0);
  EXPECT_TRUE(cost.unknown.empty());
}

TEST(CostModelTest, LessThanOneItem) {
  // Of one item, half is kept: 1/2 * 700 ms, and 1/2 request.
  std::string body = "%l = tensor.from_elements %p : tensor<1x!text>\n"
                     "%ok = xcs_llm.parse_response %p as boolean : i1\n"
                     "%kept = xcs_llm.batch (%x in %l : tensor<1x!text>) -> tensor<?x!text> {\n"
                     "xcs_llm.yield %x, %ok : !text, i1\n}\n"
                     "%r = xcs_llm.batch (%x in %kept : tensor<?x!text>) -> tensor<?x!text> {\n" +
                     call("b", "%x") + "xcs_llm.yield %b : !text\n}";
  Program program((models + function("f", body)).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_DOUBLE_EQ(cost.totals.requests, 0.5);
  EXPECT_DOUBLE_EQ(cost.totals.costUsd.known, 150e-6);
  EXPECT_DOUBLE_EQ(cost.latencyMs.known, 350);
  EXPECT_DOUBLE_EQ(cost.sequentialMs.known, 350);
  EXPECT_DOUBLE_EQ(cost.worstLatencyMs.known, 700);
  EXPECT_DOUBLE_EQ(cost.totals.worstCostUsd.known, 300e-6);
}

TEST(CostModelTest, ItemsOfOneArrayTakeItsLatencyOnce) {
  std::string body = "%l = tensor.splat %p : tensor<10x!text>\n"
                     "%r = xcs_llm.batch (%x in %l : tensor<10x!text>) -> tensor<10x4xf32> {\n"
                     "%e = xcs_llm.embed \"arrays\" (%x) : tensor<4xf32>\n"
                     "xcs_llm.yield %e : tensor<4xf32>\n} {batch_size = 4 : i64}";
  Program program((models + function("f", body)).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_DOUBLE_EQ(cost.totals.requests, 3);
  EXPECT_DOUBLE_EQ(cost.sequentialMs.known, 600);
  EXPECT_DOUBLE_EQ(cost.latencyMs.known, 200);
  EXPECT_DOUBLE_EQ(cost.peakParallelism, 3);
}

TEST(CostModelTest, BatchesWithinBatches) {
  // 3 groups of 5 prompts: with arrays of 2, 3 * 3 requests.
  std::string body = "%l = tensor.splat %p : tensor<3x!text>\n"
                     "%r = xcs_llm.batch (%x in %l : tensor<3x!text>) -> tensor<3x5x4xf32> {\n"
                     "%m = tensor.splat %x : tensor<5x!text>\n"
                     "%s = xcs_llm.batch (%y in %m : tensor<5x!text>) -> tensor<5x4xf32> {\n"
                     "%e = xcs_llm.embed \"arrays\" (%y) : tensor<4xf32>\n"
                     "xcs_llm.yield %e : tensor<4xf32>\n} {batch_size = 2 : i64}\n"
                     "xcs_llm.yield %s : tensor<5x4xf32>\n}";
  Program program((models + function("f", body)).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_DOUBLE_EQ(cost.calls[0].runs.expected, 15);
  EXPECT_DOUBLE_EQ(cost.totals.requests, 9);
  EXPECT_DOUBLE_EQ(cost.totals.costUsd.known, 1500e-6);
}

TEST(CostModelTest, AttemptsWaitForWhatTheyUseOnce) {
  // At worst 1500 ms until %a is there, and then 3 attempts of 700 ms.
  Program program((models + function("f", call("a", "%p", "large") + "%r = xcs_llm.cascade -> !text {\n" +
                   call("b", "%a", "flaky") + "xcs_llm.yield %b : !text\n}, {\n"
                   "xcs_llm.yield %p : !text\n} {attempts = array<i64: 3, 1>}")).str());
  EXPECT_DOUBLE_EQ(program.getCost().worstLatencyMs.known, 1500 + 3 * 700);
  EXPECT_DOUBLE_EQ(program.getCost().latencyMs.known, 1500 + 1.24 * 700);
}

TEST(CostModelTest, ImpureToolsKeepTheirOrder) {
  std::string tool = "func.func private @say(!text) -> () attributes {xcs_llm.task = \"say\", xcs_llm.latency_ms = 100.0 : f64}\n"
                     "func.func private @see(!text) -> () attributes {xcs_llm.task = \"see\", xcs_llm.pure, xcs_llm.latency_ms = 100.0 : f64}\n";
  std::string say = "func.call @say(%p) : (!text) -> ()\n", see = "func.call @see(%p) : (!text) -> ()\n";
  Program program(tool + function("f", say + say + see + see));
  EXPECT_DOUBLE_EQ(program.getCost().latencyMs.known, 200);
  EXPECT_DOUBLE_EQ(program.getCost().sequentialMs.known, 400);
  EXPECT_EQ(program.getCost().criticalPath.size(), 2u);
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

TEST(ModelTableTest, FieldByFieldTheModuleThenTheCatalog) {
  Program program(R"(xcs_llm.model @m {output_usd_per_mtok = 5.0 : f64, ttft_ms = 10.0 : f64})",
                  R"({"m": {"input_usd_per_mtok": 1, "output_usd_per_mtok": 4, "ttft_ms": 99, "failure_rate": 0.5},
                      "n": {"quality": 0.5}, "o": {"alias_of": "m"}})");
  ModelTable table(*program.module, program.catalog);
  auto lookup = [&](StringRef name) -> const ModelEntry & {
    return table.lookup(StringAttr::get(&program.context, name));
  };
  const ModelEntry &model = lookup("m");
  EXPECT_EQ(model.prices[0].input, 1);
  EXPECT_EQ(model.prices[0].output, 5);
  EXPECT_EQ(model.ttftMs, 10);
  EXPECT_EQ(model.failureRate, 0.5);
  EXPECT_EQ(&lookup("m"), &model);
  EXPECT_EQ(lookup("n").quality, 0.5);
  EXPECT_EQ(lookup("o").prices[0].output, 4); // the module says nothing of that name
  EXPECT_EQ(lookup("o").name, "o");
  EXPECT_FALSE(lookup("nobody").prices[0].input);
  EXPECT_EQ(lookup("nobody").name, "nobody");
  EXPECT_EQ(table.lookup(nullptr).name, "");
}

TEST(ModelTableTest, TheUsersFileOverTheBuiltInCatalog) {
  Program program(R"(xcs_llm.model @"gpt-4o" {ttft_ms = 7.0 : f64})");
  const ModelEntry *builtIn = Catalog::builtIn().lookup("gpt-4o");
  ASSERT_TRUE(builtIn && builtIn->prices[0].input && builtIn->prices[0].output);
  llvm::Expected<Catalog> user = Catalog::parse(
      R"({"gpt-4o": {"input_usd_per_mtok": 123, "ttft_ms": 8, "rpm": 9}})", "user.json");
  ASSERT_TRUE(bool(user));
  Catalog catalog = Catalog::builtIn();
  catalog.overlay(*user);
  ModelTable table(*program.module, catalog);
  const ModelEntry &model = table.lookup(StringAttr::get(&program.context, "gpt-4o"));
  EXPECT_EQ(model.ttftMs, 7);
  EXPECT_EQ(model.prices[0].input, 123);
  EXPECT_EQ(model.requestsPerMin, 9);
  EXPECT_EQ(model.prices[0].output, builtIn->prices[0].output);
}

//===----------------------------------------------------------------------===//
// Odd programs
//===----------------------------------------------------------------------===//

TEST(CostModelTest, RecursionIsIncompleteAndEnds) {
  std::string text = function("self", call("r", "%p") + "func.call @self(%p) : (!text) -> ()") +
                     function("ping", call("r", "%p") + "func.call @pong(%p) : (!text) -> ()") +
                     function("pong", "func.call @ping(%p) : (!text) -> ()") +
                     function("f", "func.call @self(%p) : (!text) -> ()") +
                     function("g", "func.call @ping(%p) : (!text) -> ()");
  Program program((models + text).str());
  for (StringRef name : {"self", "ping", "pong", "f", "g"}) {
    const ProgramCost &cost = program.getCost(name);
    EXPECT_FALSE(cost.totals.costUsd.complete) << name.str();
    EXPECT_FALSE(cost.totals.worstCostUsd.complete) << name.str();
    EXPECT_FALSE(cost.latencyMs.complete) << name.str();
    EXPECT_FALSE(cost.unknown.empty()) << name.str();
  }
  EXPECT_GE(program.getCost("g").totals.costUsd.known, 299e-6);
}

TEST(CostModelTest, DeepCallGraphs) {
  constexpr int depth = 100000;
  std::string text = function("f0", call("r", "%p"));
  for (int i = 1; i < depth; ++i)
    text += function("f" + std::to_string(i),
                     "func.call @f" + std::to_string(i - 1) + "(%p) : (!text) -> ()");
  Program program((models + text).str());
  const ProgramCost &cost = program.getCost("f" + std::to_string(depth - 1));
  EXPECT_DOUBLE_EQ(cost.totals.costUsd.known, 300e-6);
  EXPECT_DOUBLE_EQ(cost.latencyMs.known, 700);
  EXPECT_TRUE(cost.totals.costUsd.complete);
}

void expectFinite(const ProgramCost &cost, StringRef context) {
  auto expect = [&](double figure) {
    EXPECT_TRUE(std::isfinite(figure) && figure >= 0) << figure << " in " << context.str();
  };
  auto expectTotals = [&](const Totals &totals) {
    EXPECT_GE(totals.calls, 0) << context.str();
    for (double figure : {totals.requests, totals.inputTokens, totals.cachedInputTokens,
                          totals.outputTokens, totals.costUsd.known, totals.worstCostUsd.known})
      expect(figure);
  };
  for (const CallCost &call : cost.calls)
    for (double figure :
         {call.inputTokens.expected, call.inputTokens.worst, call.outputTokens.expected,
          call.outputTokens.worst, call.cachedInputTokens, call.requests, call.costUsd.known,
          call.worstCostUsd.known, call.latencyMs.known, call.worstLatencyMs.known,
          call.runs.expected, call.runs.worst, call.prefixTokens, call.timing.startMs,
          call.timing.finishMs, call.timing.slackMs})
      expect(figure);
  for (const ChainCost &chain : cost.chains)
    for (double figure : {chain.costUsd.known, chain.worstCostUsd.known, chain.latencyMs.known,
                          chain.worstLatencyMs.known})
      expect(figure);
  for (double figure : {cost.latencyMs.known, cost.worstLatencyMs.known, cost.sequentialMs.known,
                        cost.makespanMs.known, cost.peakParallelism})
    expect(figure);
  expectTotals(cost.totals);
  for (const auto &[name, totals] : cost.models)
    expectTotals(totals);
}

TEST(CostModelTest, HugeFiguresStayFinite) {
  // Each function calls the one before twice: 2^2000 calls.
  std::string text = function("f0", call("r", "%p"));
  for (int i = 1; i <= 2000; ++i) {
    std::string last = "func.call @f" + std::to_string(i - 1) + "(%p) : (!text) -> ()\n";
    text += function("f" + std::to_string(i), last + last);
  }
  Program program((models + text).str());
  expectFinite(program.getCost("f2000"), "many calls");
  EXPECT_EQ(program.getCost("f2000").totals.calls, std::numeric_limits<int64_t>::max());

  StringRef most = "4611686018427387904 : i64";
  std::string body = "%p0 = xcs_llm.prompt_template \"{a}{b}\" (%q, %l : tensor<?x!text>)\n";
  std::string open, close;
  for (int i = 0; i < 40; ++i) {
    open += "%r" + std::to_string(i) + " = xcs_llm.batch (%x" + std::to_string(i) +
            " in %l : tensor<?x!text>) -> tensor<?xi1> {\n";
    close += "xcs_llm.yield %ok : i1\n}\n";
  }
  body += open + call("c", "%p0", "small", ("max_tokens = " + most + ", expected_output_tokens = " + most).str()) +
          close;
  Program huge((models + "func.func @f(%q: !text {xcs_llm.tokens = " + most + "}, %l: tensor<?x!text> {xcs_llm.tokens = " +
                most + ", xcs_llm.count = " + most + "}, %ok: i1) {\n" + body + "return\n}").str());
  expectFinite(huge.getCost(), "huge figures");
}

TEST(CostModelTest, SeveralBlocks) {
  Program program((models + "func.func @f(%p: !text, %c: i1) -> !text {\n" + call("a", "%p") +
                   "cf.cond_br %c, ^one(%a : !text), ^two\n^one(%x: !text):\n" + call("b", "%x") +
                   "cf.br ^three(%b : !text)\n^two:\n" + call("d", "%a") +
                   "cf.br ^three(%d : !text)\n^three(%y: !text):\nreturn %y : !text\n}").str());
  const ProgramCost &cost = program.getCost();
  EXPECT_EQ(cost.calls.size(), 3u);
  expectFinite(cost, "blocks");
  EXPECT_GE(cost.latencyMs.known, 1400);
}

TEST(CostModelTest, RegionsOfOtherDialects) {
  Program program((models + "func.func @f(%p: !text, %c: i1, %n: index) -> !text {\n"
                   "%zero = arith.constant 0 : index\n%one = arith.constant 1 : index\n"
                   "%r = scf.if %c -> !text {\n" + call("a", "%p") + "scf.yield %a : !text\n} else {\n" +
                   call("b", "%p") + "scf.yield %b : !text\n}\n"
                   "%s = scf.for %i = %zero to %n step %one iter_args(%x = %r) -> !text {\n" +
                   call("d", "%x") + "scf.yield %d : !text\n}\n"
                   "scf.if %c {\n" + call("e", "%s") + "}\nreturn %s : !text\n}").str());
  const ProgramCost &cost = program.getCost();
  EXPECT_EQ(cost.calls.size(), 4u);
  expectFinite(cost, "regions");
}

TEST(CostModelTest, NobodyChoseAModel) {
  Program program((models + function("f", "%r = xcs_llm.generate (%p) : !text")).str());
  const ProgramCost &cost = program.getCost();
  EXPECT_FALSE(cost.totals.costUsd.complete);
  EXPECT_TRUE(hasUnknown(cost, "", "input_usd_per_mtok"));
  EXPECT_TRUE(succeeded(program.model->verifyPrices()));
}

} // namespace

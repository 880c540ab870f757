//===- CostPropertiesTest.cpp - What holds of all programs' costs ----------===//
//
// Random programs, one for each seed. A failure names the seed; the program is
// printed with it.
//
//===----------------------------------------------------------------------===//

#include "Programs.h"
#include "mlir/IR/Verifier.h"
#include <random>

using namespace mlir;
using namespace xcs;
using namespace xcs::test;

namespace {

/// What the programs of a test may have.
struct Options {
  bool hasCache = true;  ///< prices for cached input
  bool hasLimits = true; ///< of requests, tokens and concurrency
};

/// Writes the program of a seed. Numbers that costs should rise with are counted:
/// the one with the index `raised` is made greater, and all else stays the same.
class Writer {
public:
  Writer(uint32_t seed, Options options, int raised = -1)
      : random(seed), options(options), raised(raised) {
    for (int i = 0; i < 3; ++i)
      writeModel(i);
    text += "func.func private @tool(!text) -> (!text {xcs_llm.tokens = " + raise(below(500)) +
            " : i64}) attributes {xcs_llm.task = \"t\"" +
            (flip() ? ", xcs_llm.pure" : "") + (flip(0.8) ? ", xcs_llm.latency_ms = 150.0 : f64" : "") + "}\n";
    text += "func.func private @part(%t0: !text {xcs_llm.tokens = " + raise(below(900)) +
            " : i64}, %flag: i1, %list: tensor<?x!text>) {\n";
    texts = {"%t0"};
    writeRegion(/*depth=*/2);
    text += "return\n}\n";
    text += "func.func @f(%t0: !text {xcs_llm.tokens = " + raise(below(3000)) +
            " : i64}, %t1: !text, %flag: i1, %list: tensor<?x!text> {xcs_llm.tokens = " +
            raise(below(300)) + " : i64, xcs_llm.count = " + raise(below(12)) + " : i64}) {\n";
    texts = {"%t0", "%t1"};
    mayCallPart = true;
    writeRegion(/*depth=*/0);
    text += "return\n}\n";
  }

  std::string text;
  int raisable = 0; ///< how many numbers were counted

private:
  uint32_t below(uint32_t bound) { return random() % bound; }
  bool flip(double chance = 0.5) { return random() < chance * random.max(); }
  template <typename T> const T &pick(const std::vector<T> &from) { return from[below(from.size())]; }
  std::string fresh() { return "%v" + std::to_string(next++); }

  std::string raise(uint32_t value) {
    bool isRaised = raisable++ == raised;
    return std::to_string(isRaised ? value * 2 + 1 : value);
  }
  std::string raisePrice(uint32_t cents) { return raise(cents + 1) + ".0 : f64"; }

  void writeModel(int index) {
    std::vector<std::string> fields;
    auto add = [&](std::string name, std::string value, double chance = 1) {
      bool isThere = flip(chance); // drawn in any case
      if (isThere)
        fields.push_back(name + " = " + value);
    };
    uint32_t input = below(20);
    add("input_usd_per_mtok", raisePrice(input), 0.95);
    add("output_usd_per_mtok", raisePrice(below(60)), 0.95);
    add("ttft_ms", std::to_string(below(900)) + ".0 : f64", 0.95);
    add("output_tokens_per_s", std::to_string(1 + below(200)) + ".0 : f64", 0.95);
    add("failure_rate", "0." + std::to_string(below(10)) + " : f64", 0.5);
    add("max_samples", std::to_string(1 + below(4)) + " : i64", 0.5);
    add("array_inputs", flip() ? "true" : "false");
    add("batch_discount", "0.5 : f64", 0.5);
    add("min_cached_tokens", std::to_string(below(200)) + " : i64");
    if (options.hasCache) {
      add("cached_input_usd_per_mtok", std::to_string(below(input + 2)) + ".0 : f64", 0.8);
      add("cache_write_usd_per_mtok", std::to_string(input + below(9)) + ".0 : f64");
    }
    if (options.hasLimits) {
      add("max_concurrency", std::to_string(1 + below(5)) + " : i64");
      add("requests_per_min", std::to_string(1 + below(60)) + ".0 : f64");
      add("tokens_per_min", std::to_string(100 + below(100000)) + ".0 : f64");
    }
    text += "xcs_llm.model @m" + std::to_string(index) + " {" + llvm::join(fields, ", ") + "}\n";
  }

  /// Writes operations, and returns one text of them.
  std::string writeRegion(int depth) {
    size_t visible = texts.size();
    unsigned count = 1 + below(depth < 2 ? 5 : 3);
    for (unsigned i = 0; i < count; ++i)
      writeOp(depth);
    std::string result = texts.back();
    texts.resize(visible);
    return result;
  }

  void writeOp(int depth) {
    unsigned kind = below(depth < 3 ? 15 : 7);
    if (kind < 4)
      return writeCall();
    if (kind == 4)
      return writeTemplate();
    if (kind == 5)
      return writeParse();
    if (kind == 6) {
      if (!mayCallTools)
        return writeCall();
      std::string result = fresh();
      text += result + " = func.call @tool(" + pick(texts) + ") : (!text) -> !text\n";
      texts.push_back(result);
      if (mayCallPart && flip())
        text += "func.call @part(" + pick(texts) + ", %flag, %list) : (!text, i1, tensor<?x!text>) -> ()\n";
      return;
    }
    if (kind < 9)
      return writeConditional(depth);
    if (kind < 11)
      return writeCascade(depth);
    if (kind == 11)
      return writeChain(depth);
    if (kind == 12)
      return writeBatch(depth);
    writeEnsemble(depth);
  }

  void writeCall() {
    std::string result = fresh(), type = "!text", attributes;
    if (flip(0.8)) {
      attributes = "expected_output_tokens = " + raise(below(200)) + " : i64";
      if (flip())
        attributes += ", max_tokens = " + raise(1 + below(300)) + " : i64";
    } else {
      attributes = "temperature = 0.0 : f64";
    }
    if (flip(0.1))
      attributes += flip() ? ", service_tier = \"batch\"" : ", service_tier = \"flex\"";
    std::string model = " \"m" + std::to_string(below(3)) + "\" (";
    std::string messages = flip(0.3) ? "system " + pick(texts) + ", user " + pick(texts) : pick(texts);
    unsigned samples = flip(0.2) ? 2 + below(4) : 1;
    if (samples > 1) {
      attributes += ", n = " + std::to_string(samples) + " : i64";
      type = "tensor<" + std::to_string(samples) + "x!text>";
    }
    text += result + " = xcs_llm.generate" + model + messages + ") {" + attributes + "} : " + type + "\n";
    if (samples > 1) {
      std::string joined = fresh();
      text += joined + " = xcs_llm.prompt_template \"{x}\" (" + result + " : " + type + ")\n";
      result = joined;
    }
    texts.push_back(result);
  }

  void writeTemplate() {
    std::string result = fresh();
    static const std::vector<std::string> constants = {
        "", "A constant beginning of some length, which many prompts have, to be kept by providers.\\0A"};
    text += result + " = xcs_llm.prompt_template \"" + pick(constants);
    std::string first = pick(texts), second = pick(texts); // in this order
    if (flip(0.2))
      text += "{l}{x}\" (%list : tensor<?x!text>, " + first + ")\n";
    else
      text += "{x}\\0A{y}\" (" + first + ", " + second + ")\n";
    texts.push_back(result);
  }

  void writeParse() {
    std::string result = fresh();
    text += result + " = xcs_llm.parse_response " + pick(texts) + " as json \"/x\"";
    if (flip())
      text += " {expected_output_tokens = " + raise(below(100)) + " : i64}";
    text += " : !text\n";
    texts.push_back(result);
  }

  std::string writeFlag() {
    if (flip())
      return "%flag";
    std::string result = fresh();
    text += result + (flip() ? " = xcs_llm.parse_response " + pick(texts) + " as boolean : i1\n"
                             : std::string(" = arith.constant ") + (flip() ? "true\n" : "false\n"));
    return result;
  }

  /// A region that yields a text and, `verdict` or not, a flag.
  void writeBlock(int depth, bool verdict, bool mayCallTools) {
    bool before = std::exchange(this->mayCallTools, this->mayCallTools && mayCallTools);
    text += "{\n";
    std::string result = writeRegion(depth + 1);
    std::string flag = verdict ? writeFlagOf(result) : "";
    text += "xcs_llm.yield " + result + (verdict ? ", " + flag + " : !text, i1\n}" : " : !text\n}");
    this->mayCallTools = before;
  }
  std::string writeFlagOf(const std::string &value) {
    std::string result = fresh();
    text += result + " = xcs_llm.parse_response " + value + " as boolean : i1\n";
    return result;
  }

  void writeConditional(int depth) {
    std::string flag = writeFlag(), result = fresh();
    text += result + " = xcs_llm.conditional " + flag + " -> !text ";
    writeBlock(depth, false, true);
    text += " else ";
    writeBlock(depth, false, true);
    text += flip() ? " {probability = 0." + std::to_string(below(10)) + " : f64}\n" : "\n";
    texts.push_back(result);
  }

  void writeCascade(int depth) {
    std::string result = fresh(), attempts, rates;
    unsigned stages = 1 + below(3);
    text += result + " = xcs_llm.cascade -> !text ";
    for (unsigned i = 0; i < stages; ++i) {
      text += i ? ", " : "";
      attempts += (i ? ", " : "") + std::to_string(1 + below(3));
      rates += (i ? ", 0." : "0.") + std::to_string(below(10));
      writeBlock(depth, flip(), false);
    }
    std::vector<std::string> attributes;
    if (flip())
      attributes.push_back("attempts = array<i64: " + attempts + ">");
    if (flip(0.3))
      attributes.push_back("accept_rate = array<f64: " + rates + ">");
    text += " {" + llvm::join(attributes, ", ") + "}\n";
    texts.push_back(result);
  }

  void writeChain(int depth) {
    std::string result = fresh();
    text += result + " = xcs_llm.chain -> !text ";
    writeBlock(depth, false, true);
    text += flip() ? " {deadline_ms = 1000.0 : f64}\n" : "\n";
    texts.push_back(result);
  }

  void writeBatch(int depth) {
    std::string result = fresh(), item = fresh(), joined = fresh(), again = fresh();
    text += result + " = xcs_llm.batch (" + item + " in %list : tensor<?x!text>) -> tensor<?x!text> ";
    texts.push_back(item);
    writeBlock(depth, flip(0.3), false);
    texts.pop_back();
    text += flip() ? " {batch_size = " + std::to_string(1 + below(5)) + " : i64}\n" : "\n";
    if (flip()) { // over what is left
      text += again + " = xcs_llm.batch (" + item + "i in " + result + " : tensor<?x!text>) -> tensor<?x!text> ";
      texts.push_back(item + "i");
      writeBlock(depth, false, false);
      texts.pop_back();
      text += "\n";
    }
    text += joined + " = xcs_llm.prompt_template \"{l}\" (" + result + " : tensor<?x!text>)\n";
    texts.push_back(joined);
  }

  void writeEnsemble(int depth) {
    static const std::vector<std::string> policies = {"all", "majority", "first"};
    std::string result = fresh(), policy = pick(policies);
    unsigned members = 1 + below(4), first = 1 + below(members);
    std::string type = policy == "all" ? "tensor<" + std::to_string(members) + "x!text>" : "!text";
    text += result + " = xcs_llm.ensemble " + policy + " -> " + type + " ";
    for (unsigned i = 0; i < members; ++i) {
      text += i ? ", " : "";
      writeBlock(depth, flip(0.3), false);
    }
    bool hasWaves = flip() && policy != "all" && first < members, hasAgreement = flip();
    if (hasWaves)
      text += " {waves = array<i64: " + std::to_string(first) + ", " + std::to_string(members - first) + ">" +
              (hasAgreement && policy == "majority" ? ", agreement = 0.7 : f64}" : "}");
    text += "\n";
    if (policy == "all") {
      std::string joined = fresh();
      text += joined + " = xcs_llm.prompt_template \"{x}\" (" + result + " : " + type + ")\n";
      result = joined;
    }
    texts.push_back(result);
  }

  std::mt19937 random;
  Options options;
  int raised;
  std::vector<std::string> texts;
  bool mayCallTools = true, mayCallPart = false;
  unsigned next = 0;
};

bool isAtMost(double a, double b) { return a <= b * (1 + 1e-9) + 1e-12; }

/// Runs `check` on the programs of `count` seeds, and shows the first that fails.
void forRandomPrograms(unsigned count, Options options,
                       llvm::function_ref<void(uint32_t, Program &)> check) {
  for (uint32_t seed = 1; seed <= count; ++seed) {
    Writer writer(seed, options);
    SCOPED_TRACE("seed " + std::to_string(seed));
    Program program(writer.text);
    if (program.module)
      check(seed, program);
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << writer.text;
      return;
    }
  }
}

void checkCall(const CallCost &call) {
  EXPECT_TRUE(isAtMost(call.costUsd.known, call.worstCostUsd.known));
  EXPECT_TRUE(isAtMost(call.latencyMs.known, call.worstLatencyMs.known));
  EXPECT_TRUE(isAtMost(call.runs.expected, call.runs.worst));
  EXPECT_TRUE(isAtMost(call.cachedInputTokens, call.inputTokens.expected));
  EXPECT_TRUE(isAtMost(call.prefixTokens, call.inputTokens.expected));
  EXPECT_EQ(call.prefixTokens > 0, call.prefixGroup > 0);
  for (double figure : {call.costUsd.known, call.worstCostUsd.known, call.latencyMs.known,
                        call.worstLatencyMs.known, call.runs.expected, call.inputTokens.expected,
                        call.outputTokens.expected, call.requests, call.cachedInputTokens})
    EXPECT_TRUE(std::isfinite(figure) && figure >= 0) << figure;
}

void checkTiming(const Timing &timing, const ProgramCost &cost, double pathMs) {
  EXPECT_GE(timing.slackMs, 0);
  EXPECT_GE(timing.finishMs, timing.startMs);
  EXPECT_TRUE(isAtMost(timing.finishMs + timing.slackMs, pathMs));
  if (timing.isCritical) {
    EXPECT_EQ(timing.slackMs, 0);
  }
}

TEST(CostPropertiesTest, ExpectedIsAtMostWorst) {
  unsigned calls = 0, cached = 0;
  forRandomPrograms(1200, {}, [&](uint32_t, Program &program) {
    const ProgramCost &cost = program.getCost();
    calls += cost.calls.size();
    for (const CallCost &call : cost.calls) {
      checkCall(call);
      cached += call.cachedInputTokens > 0;
    }
    EXPECT_TRUE(isAtMost(cost.totals.costUsd.known, cost.totals.worstCostUsd.known));
    EXPECT_TRUE(isAtMost(cost.latencyMs.known, cost.worstLatencyMs.known));
    for (const auto &[name, totals] : cost.models)
      EXPECT_TRUE(std::isfinite(totals.worstCostUsd.known));
    for (const ChainCost &chain : cost.chains) {
      EXPECT_TRUE(isAtMost(chain.costUsd.known, chain.worstCostUsd.known));
      EXPECT_TRUE(isAtMost(chain.latencyMs.known, chain.worstLatencyMs.known));
      EXPECT_TRUE(std::isfinite(chain.worstLatencyMs.known));
    }
  });
  // The programs are such that this says something.
  EXPECT_GT(calls, 8000u);
  EXPECT_GT(cached, 500u);
}

TEST(CostPropertiesTest, TimesAreInOrder) {
  forRandomPrograms(1200, {}, [](uint32_t, Program &program) {
    const ProgramCost &cost = program.getCost();
    double pathMs = 0;
    for (const CallCost &call : cost.calls)
      pathMs = std::max(pathMs, call.timing.finishMs);
    for (const ToolCost &tool : cost.tools)
      pathMs = std::max(pathMs, tool.timing.finishMs);
    for (const CallCost &call : cost.calls)
      checkTiming(call.timing, cost, pathMs);
    for (const ToolCost &tool : cost.tools)
      checkTiming(tool.timing, cost, pathMs);
    EXPECT_TRUE(isAtMost(cost.latencyMs.known, cost.sequentialMs.known));
    EXPECT_TRUE(isAtMost(cost.latencyMs.known, cost.makespanMs.known));
    EXPECT_TRUE(std::isfinite(cost.makespanMs.known));
    EXPECT_GE(cost.peakParallelism, 0);
  });
}

/// The longest that list scheduling can take: at each moment something runs, or all
/// that is ready waits for an allowance. That waiting is no longer than what is taken
/// in all needs to be refilled.
double boundMakespan(const ProgramCost &cost) {
  double bound = 0;
  for (const CallCost &call : cost.calls) {
    double width = std::ceil(std::max(1.0, call.runs.worst));
    bound += width * (call.timing.finishMs - call.timing.startMs);
    const ModelEntry &model = *call.model;
    double repeats = countRequests(model, LLMCallOpInterface(call.call).getSampleCount());
    double tokens = repeats * call.inputTokens.expected + call.outputTokens.expected;
    if (model.requestsPerMin)
      bound += call.requests * call.runs.expected / *model.requestsPerMin * 60000;
    if (model.tokensPerMin)
      bound += tokens * call.runs.expected / *model.tokensPerMin * 60000;
  }
  for (const ToolCost &tool : cost.tools)
    bound += tool.timing.finishMs - tool.timing.startMs;
  return bound;
}

TEST(CostPropertiesTest, TheMakespanIsBetweenPathAndSum) {
  unsigned waited = 0;
  forRandomPrograms(1200, {}, [&](uint32_t, Program &program) {
    const ProgramCost &cost = program.getCost();
    waited += cost.makespanMs.known > cost.latencyMs.known * 1.01;
    EXPECT_TRUE(isAtMost(cost.makespanMs.known, boundMakespan(cost)))
        << cost.makespanMs.known << " over " << boundMakespan(cost);
  });
  EXPECT_GT(waited, 250u);
}

TEST(CostPropertiesTest, WithoutLimitsTheMakespanIsTheCriticalPath) {
  Options options;
  options.hasLimits = false;
  forRandomPrograms(500, options, [](uint32_t, Program &program) {
    const ProgramCost &cost = program.getCost();
    double pathMs = 0;
    for (const CallCost &call : cost.calls)
      pathMs = std::max(pathMs, call.timing.finishMs);
    for (const ToolCost &tool : cost.tools)
      pathMs = std::max(pathMs, tool.timing.finishMs);
    EXPECT_TRUE(isNear(cost.makespanMs.known, pathMs));
  });
}

TEST(CostPropertiesTest, TotalsAreSumsOverCalls) {
  forRandomPrograms(1000, {}, [](uint32_t, Program &program) {
    const ProgramCost &cost = program.getCost();
    Totals calls, models;
    for (const CallCost &call : cost.calls) {
      double runs = call.runs.expected;
      Totals totals{1, call.requests * runs, call.inputTokens.expected * runs,
                    call.cachedInputTokens * runs, call.outputTokens.expected * runs,
                    call.costUsd * runs, call.worstCostUsd * (call.runsAtWorst ? call.runs.worst : 0)};
      calls += totals;
    }
    for (const ToolCost &tool : cost.tools) {
      auto callee = program.getFunction(func::CallOp(tool.call).getCallee());
      if (callee.isExternal())
        continue;
      const Totals &once = program.model->getCost(callee).totals;
      double runs = tool.runs.expected;
      Totals totals{once.calls, once.requests * runs, once.inputTokens * runs,
                    once.cachedInputTokens * runs, once.outputTokens * runs, once.costUsd * runs, {}};
      calls += totals;
    }
    for (const auto &[name, totals] : cost.models)
      models += totals;
    for (const Totals *sum : {&calls, &models}) {
      EXPECT_EQ(sum->calls, cost.totals.calls);
      EXPECT_TRUE(isNear(sum->requests, cost.totals.requests));
      EXPECT_TRUE(isNear(sum->inputTokens, cost.totals.inputTokens));
      EXPECT_TRUE(isNear(sum->cachedInputTokens, cost.totals.cachedInputTokens));
      EXPECT_TRUE(isNear(sum->outputTokens, cost.totals.outputTokens));
      EXPECT_NEAR(sum->costUsd.known, cost.totals.costUsd.known, 1e-12);
      EXPECT_EQ(sum->costUsd.complete, cost.totals.costUsd.complete);
    }
    EXPECT_NEAR(models.worstCostUsd.known, cost.totals.worstCostUsd.known, 1e-9);
  });
}

TEST(CostPropertiesTest, UnknownIsNamed) {
  forRandomPrograms(1000, {}, [](uint32_t, Program &program) {
    const ProgramCost &cost = program.getCost();
    bool isComplete = cost.totals.costUsd.complete && cost.totals.worstCostUsd.complete &&
                      cost.latencyMs.complete && cost.worstLatencyMs.complete;
    EXPECT_EQ(isComplete, cost.unknown.empty());
  });
}

// With prompt caching, a longer prompt may cost less: it reaches the minimum that is
// cached, and one that takes longer may be sent when an earlier one is in the cache.
TEST(CostPropertiesTest, CostNeverFallsWhenAnythingRises) {
  Options options;
  options.hasCache = false;
  unsigned risen = 0;
  for (uint32_t seed = 1; seed <= 250; ++seed) {
    Writer writer(seed, options);
    Program program(writer.text);
    const ProgramCost &cost = program.getCost();
    std::mt19937 random(seed);
    for (int i = 0; i < 6; ++i) {
      int raised = random() % writer.raisable;
      Writer dearerWriter(seed, options, raised);
      Program dearer(dearerWriter.text);
      const ProgramCost &more = dearer.getCost();
      std::pair<double, double> figures[] = {
          {cost.totals.costUsd.known, more.totals.costUsd.known},
          {cost.totals.worstCostUsd.known, more.totals.worstCostUsd.known},
          {cost.latencyMs.known, more.latencyMs.known},
          {cost.worstLatencyMs.known, more.worstLatencyMs.known},
          {cost.sequentialMs.known, more.sequentialMs.known}};
      for (auto [less, greater] : figures)
        ASSERT_TRUE(isAtMost(less, greater))
            << "seed " << seed << ", number " << raised << ": from " << less << " to " << greater
            << "\n" << writer.text << dearerWriter.text;
      risen += more.totals.costUsd.known > cost.totals.costUsd.known;
    }
  }
  EXPECT_GT(risen, 300u);
}

/// Moves each operation of a block up to some place behind all that it uses; what
/// is not pure keeps its order.
void permute(Block &block, std::mt19937 &random) {
  SmallVector<Operation *> ops;
  for (Operation &op : block.without_terminator())
    ops.push_back(&op);
  auto isTool = [](Operation *op) {
    return op->walk([](func::CallOp) { return WalkResult::interrupt(); }).wasInterrupted();
  };
  auto uses = [](Operation *op, Operation *other) {
    return op->walk([&](Operation *inner) {
      return llvm::any_of(inner->getOperands(), [&](Value value) { return value.getDefiningOp() == other; })
                 ? WalkResult::interrupt() : WalkResult::advance();
    }).wasInterrupted();
  };
  for (Operation *op : ops) {
    unsigned steps = random() % ops.size();
    for (Operation *before = op->getPrevNode(); before && steps > 0;
         before = op->getPrevNode(), --steps) {
      if (uses(op, before) || (isTool(op) && isTool(before)))
        break;
      op->moveBefore(before);
    }
    for (Region &region : op->getRegions())
      permute(region.front(), random);
  }
}

TEST(CostPropertiesTest, TheOrderOfIndependentCallsDoesNotMatter) {
  Options options;
  options.hasCache = false;
  for (uint32_t seed = 1; seed <= 500; ++seed) {
    Writer writer(seed, options);
    Program program(writer.text), other(writer.text);
    std::mt19937 random(seed);
    for (StringRef name : {"part", "f"})
      permute(other.getFunction(name).front(), random);
    ASSERT_TRUE(succeeded(mlir::verify(*other.module)));
    const ProgramCost &cost = program.getCost(), &permuted = other.getCost();
    ASSERT_TRUE(isNear(cost.totals.costUsd.known, permuted.totals.costUsd.known) &&
                isNear(cost.totals.worstCostUsd.known, permuted.totals.worstCostUsd.known) &&
                isNear(cost.latencyMs.known, permuted.latencyMs.known) &&
                isNear(cost.worstLatencyMs.known, permuted.worstLatencyMs.known) &&
                isNear(cost.sequentialMs.known, permuted.sequentialMs.known))
        << "seed " << seed << "\n" << writer.text;
  }
}

} // namespace

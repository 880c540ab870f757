//===- PrefixesTest.cpp - Prompts that begin alike ------------------------===//
//
// By what calls then read from the prompt cache, and how they are grouped.
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

using namespace mlir;
using namespace xcs;
using namespace xcs::test;

namespace {

constexpr StringLiteral models = R"(
xcs_llm.model @kept {input_usd_per_mtok = 2.0 : f64, cached_input_usd_per_mtok = 0.2 : f64, output_usd_per_mtok = 10.0 : f64,
  min_cached_tokens = 1000 : i64, ttft_ms = 100.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @other {input_usd_per_mtok = 2.0 : f64, cached_input_usd_per_mtok = 0.2 : f64, output_usd_per_mtok = 10.0 : f64,
  min_cached_tokens = 1000 : i64, ttft_ms = 100.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @priceless {input_usd_per_mtok = 2.0 : f64, output_usd_per_mtok = 10.0 : f64, min_cached_tokens = 1000 : i64}
xcs_llm.model @endless {input_usd_per_mtok = 2.0 : f64, cached_input_usd_per_mtok = 0.2 : f64, output_usd_per_mtok = 10.0 : f64}
)";

class PrefixesTest : public testing::Test {
protected:
  /// Of a function that gets a document of 1000 tokens, one of 999, and questions.
  const std::vector<CallCost> &run(StringRef body) {
    program.emplace((models + "func.func @f(%doc: !text {xcs_llm.tokens = 1000 : i64}, "
                     "%short: !text {xcs_llm.tokens = 999 : i64}, %q: !text {xcs_llm.tokens = 5 : i64}, "
                     "%q2: !text {xcs_llm.tokens = 5 : i64}, %c: i1, %list: tensor<4x!text>) {\n" +
                     body + "\n return\n}").str());
    return program->getCost().calls;
  }
  /// A call whose prompt is `first` and then `second`.
  static std::string call(StringRef name, StringRef first, StringRef second, StringRef model = "kept",
                          StringRef attributes = "") {
    return ("%p" + name + " = xcs_llm.prompt_template \"{a}{b}\" (" + first + ", " + second +
            ")\n%" + name + " = xcs_llm.generate \"" + model + "\" (%p" + name + ") {" + attributes +
            (attributes.empty() ? "" : ", ") + "expected_output_tokens = 10 : i64} : !text\n").str();
  }
  std::optional<Program> program;
};

TEST_F(PrefixesTest, TheMinimumReachedExactly) {
  auto &calls = run(call("r", "%doc", "%q") + call("s", "%doc", "%r"));
  EXPECT_EQ(calls[0].cachedInputTokens, 0);
  EXPECT_EQ(calls[1].cachedInputTokens, 1000);
  EXPECT_EQ(calls[0].prefixGroup, 1u);
  EXPECT_EQ(calls[1].prefixGroup, 1u);
  EXPECT_EQ(calls[0].prefixTokens, 1000);
  auto &shorter = run(call("r", "%short", "%q") + call("s", "%short", "%r"));
  EXPECT_EQ(shorter[1].cachedInputTokens, 0);
  EXPECT_EQ(shorter[1].prefixGroup, 0u);
}

TEST_F(PrefixesTest, EqualPromptsShareAllTokens) {
  auto &calls = run(call("r", "%doc", "%q") + call("w", "%r", "%q") +
                    "%s = xcs_llm.generate \"kept\" (%pr) : !text\n" +
                    "%both = xcs_llm.prompt_template \"{a}{b}\" (%pr, %w)\n"
                    "%t = xcs_llm.generate \"kept\" (%both) : !text\n");
  EXPECT_EQ(calls[2].cachedInputTokens, 0); // side by side with the first
  EXPECT_EQ(calls[2].prefixTokens, 1005);
  EXPECT_EQ(calls[3].cachedInputTokens, 1005);
}

TEST_F(PrefixesTest, CallsSideBySideDoNotProfitALaterOneDoes) {
  auto &calls = run(call("r", "%doc", "%q") + call("s", "%doc", "%q2") + call("t", "%doc", "%s"));
  EXPECT_EQ(calls[1].cachedInputTokens, 0);
  EXPECT_EQ(calls[2].cachedInputTokens, 1000);
  EXPECT_EQ(calls[1].prefixGroup, 1u);
}

TEST_F(PrefixesTest, OtherModelsRolesSchemasAndBeginnings) {
  auto &models = run(call("r", "%doc", "%q") + call("s", "%doc", "%r", "other"));
  EXPECT_EQ(models[1].cachedInputTokens, 0);
  EXPECT_EQ(models[1].prefixGroup, 0u);
  auto &roles = run("%r = xcs_llm.generate \"kept\" (system %doc, user %q) : !text\n"
                    "%s = xcs_llm.generate \"kept\" (user %doc, user %r) : !text\n"
                    "%t = xcs_llm.generate \"kept\" (system %doc, user %s) : !text\n");
  EXPECT_EQ(roles[1].cachedInputTokens, 0);
  EXPECT_EQ(roles[2].cachedInputTokens, 1000);
  auto &schemas = run(call("r", "%doc", "%q", "kept", "response_schema = \"{}\"") +
                      call("s", "%doc", "%r") +
                      call("t", "%doc", "%s", "kept", "response_schema = \"{}\""));
  EXPECT_EQ(schemas[1].cachedInputTokens, 0);
  EXPECT_EQ(schemas[2].cachedInputTokens, 1000);
  auto &order = run(call("r", "%doc", "%q") + call("s", "%r", "%doc"));
  EXPECT_EQ(order[1].cachedInputTokens, 0);
}

TEST_F(PrefixesTest, ModelsWithoutPriceOrMinimum) {
  auto &price = run(call("r", "%doc", "%q", "priceless") + call("s", "%doc", "%r", "priceless"));
  EXPECT_EQ(price[1].cachedInputTokens, 0);
  EXPECT_EQ(price[1].prefixGroup, 1u); // one replica is still good for both
  auto &minimum = run(call("r", "%doc", "%q", "endless") + call("s", "%doc", "%r", "endless"));
  EXPECT_EQ(minimum[1].cachedInputTokens, 0);
  EXPECT_EQ(minimum[1].prefixGroup, 0u);
}

TEST_F(PrefixesTest, TiersWithoutACachedPriceTakeNoPart) {
  // The flex tier has no prices: it reads nothing, so nobody pays for writing.
  auto &calls = run(call("r", "%doc", "%q") +
                    call("s", "%doc", "%r", "kept", "service_tier = \"flex\"") +
                    call("t", "%doc", "%s"));
  EXPECT_EQ(calls[1].cachedInputTokens, 0);
  EXPECT_EQ(calls[2].cachedInputTokens, 1000);
}

TEST_F(PrefixesTest, GroupsCountInProgramOrder) {
  auto &calls = run(call("x", "%q", "%q") + call("a", "%doc", "%q", "other") +
                    call("r", "%doc", "%q") + call("s", "%doc", "%r") +
                    call("b", "%doc", "%a", "other"));
  EXPECT_EQ(calls[0].prefixGroup, 0u);
  EXPECT_EQ(calls[1].prefixGroup, 1u);
  EXPECT_EQ(calls[2].prefixGroup, 2u);
  EXPECT_EQ(calls[3].prefixGroup, 2u);
  EXPECT_EQ(calls[4].prefixGroup, 1u);
}

TEST_F(PrefixesTest, ConstantTextCountsByBlocks) {
  std::string common(6400, 'a'); // 100 blocks of 64 bytes
  for (size_t i = 0; i < common.size(); i += 5)
    common[i] = ' ';
  auto text = [](StringRef name, std::string value) {
    return ("%" + name + " = xcs_llm.text \"" + value + "\"\n").str();
  };
  // The second differs in the block behind the common ones.
  std::string one = common + std::string(64, 'x'), other = common + "xxx" + std::string(61, 'y');
  auto &calls = run(text("one", one) + text("other", other) + call("r", "%one", "%q") +
                    call("s", "%other", "%r"));
  double share = 6400.0 / 6464;
  double tokens = program->getCost().lengths->estimate(other);
  ASSERT_GT(tokens * share, 1000);
  EXPECT_NEAR(calls[1].cachedInputTokens, tokens * share, 1e-6);
  // A text in a template's constant part is the same text.
  auto &inTemplate =
      run(text("one", common) + call("r", "%one", "%q") + "%p = xcs_llm.prompt_template \"" + common +
          "{r}\" (%r)\n%s = xcs_llm.generate \"kept\" (%p) : !text");
  EXPECT_NEAR(inTemplate[1].cachedInputTokens, program->getCost().lengths->estimate(common), 1e-6);
}

TEST_F(PrefixesTest, ListsPrintWithTheirSeparator) {
  auto body = [](StringRef separator) {
    return ("%u = xcs_llm.prompt_template \"{l}{d}\" (%list : tensor<4x!text>, %doc) {separator = \"a\"}\n"
            "%r = xcs_llm.generate \"kept\" (%u) : !text\n"
            "%v = xcs_llm.prompt_template \"{l}{d}{r}\" (%list : tensor<4x!text>, %doc, %r) "
            "{separator = \"" + separator + "\"}\n%s = xcs_llm.generate \"kept\" (%v) : !text\n").str();
  };
  EXPECT_EQ(run(body("a"))[1].cachedInputTokens, 1400);
  EXPECT_EQ(run(body("b"))[1].cachedInputTokens, 0);
}

TEST_F(PrefixesTest, ABranchIsNotSeenOutside) {
  std::string branch = "%x = xcs_llm.conditional %c -> !text {\n" + call("r", "%doc", "%q") +
                       call("s", "%doc", "%r") + "xcs_llm.yield %s : !text\n} else {\n" +
                       call("t", "%doc", "%q") + "xcs_llm.yield %t : !text\n}\n";
  auto &calls = run(branch + call("u", "%doc", "%x") + call("v", "%doc", "%u"));
  EXPECT_EQ(calls[1].cachedInputTokens, 1000) << "within the branch, at half of its time";
  EXPECT_EQ(calls[2].cachedInputTokens, 0) << "the other branch";
  EXPECT_EQ(calls[3].cachedInputTokens, 0) << "behind both";
  EXPECT_EQ(calls[4].cachedInputTokens, 1000);
  EXPECT_EQ(calls[2].prefixGroup, 1u);
}

TEST_F(PrefixesTest, WhatIsOutsideIsSeenWithin) {
  auto &calls = run(call("r", "%doc", "%q") + "%x = xcs_llm.conditional %c -> !text {\n" +
                    call("s", "%doc", "%r") + "xcs_llm.yield %s : !text\n} else {\n" +
                    call("t", "%doc", "%r") + "xcs_llm.yield %t : !text\n}\n");
  EXPECT_EQ(calls[1].cachedInputTokens, 1000);
  EXPECT_EQ(calls[2].cachedInputTokens, 1000);
}

TEST_F(PrefixesTest, WhatSurelyRunsIsSeenOutside) {
  std::string inner = call("r", "%doc", "%q") + "xcs_llm.yield %r : !text\n";
  std::string after = call("s", "%doc", "%x");
  EXPECT_EQ(run("%x = xcs_llm.chain -> !text {\n" + inner + "}\n" + after)[1].cachedInputTokens, 1000);
  EXPECT_EQ(run("%t = arith.constant true\n%x = xcs_llm.conditional %t -> !text {\n" + inner +
                "} else {\nxcs_llm.yield %q : !text\n}\n" + after)[1].cachedInputTokens, 1000);
  EXPECT_EQ(run("%x = xcs_llm.cascade -> !text {\n" + inner + "}, {\nxcs_llm.yield %q : !text\n}\n" +
                after)[1].cachedInputTokens, 1000);
  EXPECT_EQ(run("%l = xcs_llm.ensemble all -> tensor<2x!text> {\n" + inner +
                "}, {\nxcs_llm.yield %q : !text\n}\n%i = arith.constant 0 : index\n"
                "%x = tensor.extract %l[%i] : tensor<2x!text>\n" + after)[1].cachedInputTokens, 1000);
}

TEST_F(PrefixesTest, WhatMayNotRunOrRunsOftenIsNotSeenOutside) {
  std::string inner = call("r", "%doc", "%q") + "xcs_llm.yield %r : !text\n";
  std::string after = call("s", "%doc", "%x");
  auto getCached = [&](const std::string &before) { return run(before + after)[1].cachedInputTokens; };
  EXPECT_EQ(getCached("%x = xcs_llm.cascade -> !text {\nxcs_llm.yield %q : !text\n}, {\n" + inner + "}\n"), 0);
  EXPECT_EQ(getCached("%x = xcs_llm.cascade -> !text {\n" + inner +
                      "}, {\nxcs_llm.yield %q : !text\n} {attempts = array<i64: 2, 1>}\n"), 0);
  EXPECT_EQ(getCached("%x = xcs_llm.ensemble first -> !text {\n" + inner +
                      "}, {\nxcs_llm.yield %q : !text\n}\n"), 0);
  EXPECT_EQ(getCached("%l = xcs_llm.batch (%y in %list : tensor<4x!text>) -> tensor<4x!text> {\n" +
                      inner + "}\n%i = arith.constant 0 : index\n"
                      "%x = tensor.extract %l[%i] : tensor<4x!text>\n"), 0);
}

TEST_F(PrefixesTest, TheBatchTierAnswersLate) {
  // Sent 500 ms after the first call, which has answered by then only if its tier is standard.
  StringRef discount = "xcs_llm.model @cheap {input_usd_per_mtok = 2.0 : f64, cached_input_usd_per_mtok = 0.2 : f64, "
                       "output_usd_per_mtok = 10.0 : f64, min_cached_tokens = 1000 : i64, ttft_ms = 100.0 : f64, "
                       "output_tokens_per_s = 100.0 : f64, batch_discount = 0.5 : f64}\n";
  for (StringRef tier : {"standard", "batch"}) {
    program.emplace((discount + models + "func.func @f(%doc: !text {xcs_llm.tokens = 1000 : i64}, %q: !text) {\n" +
                     call("r", "%doc", "%q", "cheap", ("service_tier = \"" + tier + "\"").str()) +
                     call("w", "%q", "%q") + call("s", "%doc", "%w", "cheap") + "return\n}").str());
    EXPECT_EQ(program->getCost().calls[2].cachedInputTokens, tier == "batch" ? 0 : 1000);
  }
}

} // namespace

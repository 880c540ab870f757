//===- LengthsTest.cpp - How long values are ------------------------------===//

#include "Programs.h"

using namespace mlir;
using namespace xcs;
using namespace xcs::test;

namespace {

/// The lengths of what `@f` returns.
class LengthsTest : public testing::Test {
protected:
  void parse(StringRef text, StringRef catalog = "{}") {
    program.emplace(text, catalog);
    table.emplace(*program->module, program->catalog);
    likelihood.emplace(*table);
    lengths.emplace(program->getFunction(), TokenizerFamily::O200k, *likelihood, symbols);
  }
  /// Parses a function with arguments that returns values of these types.
  void parse(StringRef arguments, StringRef body, StringRef values, StringRef types,
             StringRef before = "") {
    parse((before + "func.func @f(" + arguments + ") -> (" + types + ") {\n" + body +
           "\n return " + values + " : " + types + "\n}").str());
  }
  Value getReturned(unsigned index = 0) {
    return program->getFunction().getBody().back().getTerminator()->getOperand(index);
  }
  void expect(unsigned index, double tokens, double items) {
    expect(index, tokens, tokens, items, items);
  }
  void expect(unsigned index, double tokens, double worstTokens, double items, double worstItems) {
    Length length = lengths->get(getReturned(index));
    EXPECT_DOUBLE_EQ(length.tokens.expected, tokens) << "value " << index;
    EXPECT_DOUBLE_EQ(length.tokens.worst, worstTokens) << "value " << index;
    EXPECT_DOUBLE_EQ(length.items.expected, items) << "value " << index;
    EXPECT_DOUBLE_EQ(length.items.worst, worstItems) << "value " << index;
  }
  double estimate(StringRef text) { return estimateTokens(text, TokenizerFamily::O200k); }

  std::optional<Program> program;
  std::optional<ModelTable> table;
  std::optional<Likelihood> likelihood;
  SymbolTableCollection symbols;
  std::optional<Lengths> lengths;
};

TEST_F(LengthsTest, InputsByHintElseByDefault) {
  parse("%a: !text {xcs_llm.tokens = 7 : i64}, %b: !text, "
        "%c: tensor<?x!text> {xcs_llm.tokens = 5 : i64, xcs_llm.count = 3 : i64}, "
        "%d: tensor<?x!text>, %e: tensor<4x!text>, %n: i64, %x: f64, %flag: i1, %v: tensor<?xf64>",
        "", "%a, %b, %c, %d, %e, %n, %x, %flag, %v",
        "!text, !text, tensor<?x!text>, tensor<?x!text>, tensor<4x!text>, i64, f64, i1, "
        "tensor<?xf64>");
  expect(0, 7, 1);
  expect(1, 100, 1);
  expect(2, 5, 3);
  expect(3, 100, 10);
  expect(4, 100, 4);
  expect(5, 2, 1);
  expect(6, 3, 1);
  expect(7, 1, 1);
  expect(8, 3, 10);
  EXPECT_EQ(lengths->getTokens(getReturned(2)).expected, 15);
  // Of %b its tokens, of %d both, of %e its tokens, of %v its items.
  ASSERT_EQ(lengths->getAssumptions().size(), 5u);
  EXPECT_EQ(lengths->getAssumptions()[0].argument, 1);
  EXPECT_EQ(lengths->getAssumptions()[0].kind, Assumption::Kind::Tokens);
  EXPECT_EQ(lengths->getAssumptions()[2].kind, Assumption::Kind::Items);
  EXPECT_EQ(lengths->getAssumptions()[2].value, 10);
  EXPECT_EQ(lengths->getAssumptions()[4].argument, 8);
}

TEST_F(LengthsTest, Tools) {
  parse("%a: !text", "%t, %u = func.call @tool(%a) : (!text) -> (!text, tensor<?x!text>)", "%t, %u",
        "!text, tensor<?x!text>",
        "func.func private @tool(!text) -> (!text {xcs_llm.tokens = 40 : i64}, "
        "tensor<?x!text> {xcs_llm.count = 6 : i64}) attributes {xcs_llm.task = \"t\"}\n");
  expect(0, 40, 1);
  expect(1, 100, 6);
}

TEST_F(LengthsTest, Constants) {
  parse("", "%a = xcs_llm.text \"Some words of text.\"\n %e = xcs_llm.text \"\"\n"
            "%b = arith.constant dense<[\"one\", \"and another one\"]> : tensor<2x!text>\n"
            "%n = arith.constant 12345 : i64\n"
            "%s = arith.constant dense<\"splat\"> : tensor<3x!text>",
        "%a, %e, %b, %n, %s", "!text, !text, tensor<2x!text>, i64, tensor<3x!text>");
  expect(0, estimate("Some words of text."), 1);
  expect(1, 0, 1);
  expect(2, (estimate("one") + estimate("and another one")) / 2, 2);
  expect(3, 2, 1);
  expect(4, estimate("splat"), 3);
}

TEST_F(LengthsTest, Templates) {
  parse("%a: !text {xcs_llm.tokens = 7 : i64}, %n: i64, "
        "%c: tensor<?x!text> {xcs_llm.tokens = 5 : i64, xcs_llm.count = 3 : i64}, "
        "%none: tensor<?x!text> {xcs_llm.tokens = 5 : i64, xcs_llm.count = 0 : i64}",
        "%p = xcs_llm.prompt_template \"{a}{n}{a}\" (%a, %n : i64)\n"
        "%q = xcs_llm.prompt_template \"One: {a}, two.\" (%a)\n"
        "%l = xcs_llm.prompt_template \"{c}\" (%c : tensor<?x!text>) {separator = \" and \"}\n"
        "%m = xcs_llm.prompt_template \"{c}\" (%none : tensor<?x!text>) {separator = \" and \"}",
        "%p, %q, %l, %m", "!text, !text, !text, !text");
  expect(0, 7 + 2 + 7, 1);
  expect(1, estimate("One: ") + 7 + estimate(", two."), 1);
  expect(2, 3 * 5 + 2 * estimate(" and "), 1);
  expect(3, 0, 1);
}

TEST_F(LengthsTest, Calls) {
  parse("%a: !text",
        "%r = xcs_llm.generate \"m\" (%a) : !text\n"
        "%s = xcs_llm.generate \"m\" (%a) {max_tokens = 100 : i64} : !text\n"
        "%t = xcs_llm.generate \"m\" (%a) {max_tokens = 100 : i64, expected_output_tokens = 30 : i64} : !text\n"
        "%u = xcs_llm.generate \"m\" (%a) {max_tokens = 20 : i64, expected_output_tokens = 30 : i64} : !text\n"
        "%n = xcs_llm.generate \"m\" (%a) {n = 3 : i64, expected_output_tokens = 30 : i64} : tensor<3x!text>\n"
        "%e = xcs_llm.embed \"m\" (%a) : tensor<8xf32>\n"
        "%f = xcs_llm.score \"m\" (%a) : f64",
        "%r, %s, %t, %u, %n, %e, %f", "!text, !text, !text, !text, tensor<3x!text>, tensor<8xf32>, f64");
  expect(0, 256, 1);
  expect(1, 100, 1);
  expect(2, 30, 100, 1, 1);
  expect(3, 20, 1);
  expect(4, 30, 3);
  auto getOutput = [&](unsigned index) {
    return lengths->getOutputTokens(getReturned(index).getDefiningOp<LLMCallOpInterface>()).expected;
  };
  EXPECT_EQ(getOutput(4), 30); // of one sample
  EXPECT_EQ(getOutput(5), 0);
  EXPECT_EQ(getOutput(6), 1);
}

TEST_F(LengthsTest, Parses) {
  parse("%a: !text {xcs_llm.tokens = 60 : i64}",
        "%t = xcs_llm.parse_response %a as text : !text\n"
        "%h = xcs_llm.parse_response %a as json \"/x\" {expected_output_tokens = 20 : i64} : !text\n"
        "%m = xcs_llm.parse_response %a as json \"/x\" {expected_output_tokens = 90 : i64} : !text\n"
        "%l = xcs_llm.parse_response %a as json \"/x\" : tensor<?x!text>\n"
        "%s = xcs_llm.parse_response %a as json \"/x\" : tensor<3x!text>\n"
        "%n = xcs_llm.parse_response %a as number : f64\n"
        "%b = xcs_llm.parse_response %a as boolean : i1",
        "%t, %h, %m, %l, %s, %n, %b",
        "!text, !text, !text, tensor<?x!text>, tensor<3x!text>, f64, i1");
  expect(0, 60, 1);
  expect(1, 20, 60, 1, 1);
  expect(2, 60, 1);
  expect(3, 6, 10);
  expect(4, 20, 3);
  expect(5, 3, 1);
  expect(6, 1, 1);
}

TEST_F(LengthsTest, ListsPutTogetherAndTakenApart) {
  parse("%a: !text {xcs_llm.tokens = 10 : i64}, %b: !text {xcs_llm.tokens = 40 : i64}, "
        "%c: tensor<?x!text> {xcs_llm.tokens = 4 : i64, xcs_llm.count = 6 : i64}, "
        "%v: tensor<?xf64> {xcs_llm.count = 50 : i64}, %size: index, %flag: i1",
        "%zero = arith.constant 0 : index\n"
        "%ab = tensor.from_elements %a, %b : tensor<2x!text>\n"
        "%square = tensor.from_elements %a, %b, %b, %b : tensor<2x2x!text>\n"
        "%open = tensor.cast %ab : tensor<2x!text> to tensor<?x!text>\n"
        "%all = tensor.concat dim(0) %open, %c : (tensor<?x!text>, tensor<?x!text>) -> tensor<?x!text>\n"
        "%one = tensor.extract %c[%zero] : tensor<?x!text>\n"
        "%slice = tensor.extract_slice %c[0] [%size] [1] : tensor<?x!text> to tensor<?x!text>\n"
        "%two = tensor.extract_slice %c[0] [2] [1] : tensor<?x!text> to tensor<2x!text>\n"
        "%flat = tensor.collapse_shape %square [[0, 1]] : tensor<2x2x!text> into tensor<4x!text>\n"
        "%put = tensor.insert %b into %c[%zero] : tensor<?x!text>\n"
        "%splat = tensor.splat %a : tensor<5x!text>\n"
        "%either = arith.select %flag, %a, %b : !text\n"
        "%numbers = tensor.extract_slice %v[0] [%size] [1] : tensor<?xf64> to tensor<?xf64>",
        "%ab, %square, %open, %all, %one, %slice, %two, %flat, %put, %splat, %either, %numbers",
        "tensor<2x!text>, tensor<2x2x!text>, tensor<?x!text>, tensor<?x!text>, !text, "
        "tensor<?x!text>, tensor<2x!text>, tensor<4x!text>, tensor<?x!text>, tensor<5x!text>, "
        "!text, tensor<?xf64>");
  expect(0, 25, 2);
  expect(1, (10 + 3 * 40) / 4.0, 2);
  expect(2, 25, 2);
  expect(3, (2 * 25 + 6 * 4) / 8.0, 8);
  expect(4, 4, 1);
  expect(5, 4, 6);
  expect(6, 4, 2);
  expect(7, (10 + 3 * 40) / 4.0, 4);
  expect(8, (5 * 4 + 40) / 6.0, 6);
  expect(9, 10, 5);
  expect(10, 25, 40, 1, 1);
  expect(11, 3, 50);
  EXPECT_EQ(lengths->getTokens(getReturned(1)).expected, 10 + 3 * 40); // lists of lists
}

TEST_F(LengthsTest, ListsOfListsKeepTheirItems) {
  parse("%m: tensor<?x3x!text> {xcs_llm.tokens = 4 : i64, xcs_llm.count = 6 : i64}",
        "%wide = tensor.concat dim(1) %m, %m : (tensor<?x3x!text>, tensor<?x3x!text>) -> tensor<?x6x!text>\n"
        "%flat = tensor.collapse_shape %m [[0, 1]] : tensor<?x3x!text> into tensor<?x!text>",
        "%m, %wide, %flat", "tensor<?x3x!text>, tensor<?x6x!text>, tensor<?x!text>");
  expect(0, 4, 6);
  expect(1, 4, 6);
  expect(2, 4, 18);
  EXPECT_EQ(lengths->getTokens(getReturned(1)).expected, 4 * 6 * 6);
}

TEST_F(LengthsTest, Conditionals) {
  parse("%a: !text {xcs_llm.tokens = 10 : i64}, %b: !text {xcs_llm.tokens = 40 : i64}, %c: i1",
        "%r = xcs_llm.conditional %c -> !text {\n xcs_llm.yield %a : !text\n} else {\n"
        " xcs_llm.yield %b : !text\n} {probability = 0.75 : f64}\n"
        "%t = arith.constant true\n"
        "%s = xcs_llm.conditional %t -> !text {\n xcs_llm.yield %a : !text\n} else {\n"
        " xcs_llm.yield %b : !text\n}",
        "%r, %s", "!text, !text");
  expect(0, 0.75 * 10 + 0.25 * 40, 40, 1, 1);
  expect(1, 10, 40, 1, 1);
  for (const Assumption &assumption : lengths->getAssumptions())
    EXPECT_NE(assumption.kind, Assumption::Kind::Probability);
}

TEST_F(LengthsTest, CascadesAndVotes) {
  parse("%a: !text {xcs_llm.tokens = 10 : i64}, %b: !text {xcs_llm.tokens = 40 : i64}, "
        "%c: tensor<2x!text> {xcs_llm.tokens = 70 : i64}, %ok: i1",
        "%r = xcs_llm.cascade -> !text {\n xcs_llm.yield %a, %ok : !text, i1\n}, {\n"
        " xcs_llm.yield %b : !text\n} {accept_rate = array<f64: 0.9, 1.0>}\n"
        "%all = xcs_llm.ensemble all -> tensor<2x!text> {\n xcs_llm.yield %a : !text\n}, {\n"
        " xcs_llm.yield %b : !text\n}\n"
        "%vote = xcs_llm.ensemble majority -> !text {\n xcs_llm.yield %a : !text\n}, {\n"
        " xcs_llm.yield %c : tensor<2x!text>\n}",
        "%r, %all, %vote", "!text, tensor<2x!text>, !text");
  expect(0, 0.9 * 10 + 0.1 * 40, 40, 1, 1);
  expect(1, 25, 40, 2, 2);
  expect(2, 40, 70, 1, 1);
}

TEST_F(LengthsTest, Batches) {
  StringRef body = "%r = xcs_llm.batch (%x in %c : tensor<?x!text>) -> tensor<?x!text> {\n"
                   " %p = xcs_llm.prompt_template \"{x}{x}\" (%x)\n xcs_llm.yield %p : !text\n}\n"
                   "%s = xcs_llm.batch (%x in %c : tensor<?x!text>) -> tensor<?x!text> {\n"
                   " xcs_llm.yield %x, %ok : !text, i1\n}\n"
                   "%z = xcs_llm.batch (%x in %e : tensor<0x!text>) -> tensor<0x!text> {\n"
                   " xcs_llm.yield %x : !text\n}";
  parse("%c: tensor<?x!text> {xcs_llm.tokens = 4 : i64, xcs_llm.count = 6 : i64}, %ok: i1, "
        "%e: tensor<0x!text>",
        body, "%r, %s, %z", "tensor<?x!text>, tensor<?x!text>, tensor<0x!text>");
  expect(0, 8, 6);
  expect(1, 4, 4, 3, 6);
  expect(2, 100, 0);
  EXPECT_EQ(lengths->getTokens(getReturned(2)).expected, 0);
}

TEST_F(LengthsTest, WhatACacheFinds) {
  parse("%a: !text",
        "%r = xcs_llm.cascade -> !text {\n %k = xcs_llm.cache_lookup \"x\" (%a) : !text\n"
        " xcs_llm.yield %k : !text\n}, {\n"
        " %n = xcs_llm.generate \"m\" (%a) {expected_output_tokens = 33 : i64} : !text\n"
        " %s = xcs_llm.cache_store \"x\" (%a), %n : !text\n xcs_llm.yield %s : !text\n}",
        "%r", "!text");
  expect(0, 33, 1);
}

TEST_F(LengthsTest, VotesAreAssumedToAgree) {
  parse("%a: !text",
        "%r = xcs_llm.ensemble majority -> !text {\n xcs_llm.yield %a : !text\n}, {\n"
        " xcs_llm.yield %a : !text\n} {waves = array<i64: 1, 1>}",
        "%r", "!text");
  const Assumption &assumption = lengths->getAssumptions().back();
  EXPECT_EQ(assumption.kind, Assumption::Kind::Probability);
  EXPECT_EQ(assumption.value, assumedAgreement);
}

TEST_F(LengthsTest, HugeLengthsStayFinite) {
  std::string body = "%p0 = xcs_llm.prompt_template \"{a}{a}\" (%a)\n";
  for (int i = 1; i < 1100; ++i) {
    std::string n = std::to_string(i), last = std::to_string(i - 1);
    body += "%p" + n + " = xcs_llm.prompt_template \"{a}{a}\" (%p" + last + ")\n";
  }
  parse("%a: !text {xcs_llm.tokens = 4611686018427387904 : i64}", body, "%p1099", "!text");
  expect(0, mostFigure, 1);
}

} // namespace

//===- TextTest.cpp - What templates and parses mean ----------------------===//

#include "XcsLLM/Support/Text.h"
#include "gtest/gtest.h"
#include <cstring>
#include <limits>

using namespace xcs;

//===----------------------------------------------------------------------===//
// Templates
//===----------------------------------------------------------------------===//

static std::string render(llvm::StringRef format, llvm::ArrayRef<std::string> operands) {
  return llvm::cantFail(parseTemplate(format)).render(operands);
}

static std::string errorOf(llvm::StringRef format) {
  llvm::Expected<TemplateParts> parts = parseTemplate(format);
  return parts ? "" : llvm::toString(parts.takeError());
}

TEST(Template, BindsDistinctNamesInOrderOfAppearance) {
  TemplateParts parts = llvm::cantFail(parseTemplate("{b}-{a}-{b}"));
  EXPECT_EQ(parts.names, (llvm::SmallVector<llvm::StringRef>{"b", "a"}));
  EXPECT_EQ(parts.slots, (llvm::SmallVector<unsigned>{0, 1, 0}));
  EXPECT_EQ(parts.literals, (llvm::SmallVector<std::string>{"", "-", "-", ""}));
  EXPECT_EQ(parts.render({"x", "y"}), "x-y-x");
}

TEST(Template, DoubledBracesAreLiteral) {
  EXPECT_EQ(render("{{\"a\": {x}}}", {"1"}), "{\"a\": 1}");
  EXPECT_EQ(render("{{{x}}}", {"1"}), "{1}");
  EXPECT_EQ(render("{{x}}", {}), "{x}");
  EXPECT_EQ(render("", {}), "");
}

TEST(Template, WhatIsPutInIsNotReadAgain) { EXPECT_EQ(render("{a}{b}", {"{b}", "x"}), "{b}x"); }

TEST(Template, NamesMayBeOfAnyScript) { EXPECT_EQ(render("{größe}", {"3"}), "3"); }

TEST(Template, ErrorsTellWhere) {
  EXPECT_EQ(errorOf("a}"), "literal braces must be doubled (got '}' at byte 1)");
  EXPECT_EQ(errorOf("a{b"), "a placeholder must be closed (got '{' at byte 1)");
  EXPECT_EQ(errorOf("{{{"), "a placeholder must be closed (got '{' at byte 2)");
  EXPECT_EQ(errorOf("{a b}"), "a placeholder must be a name (got '{a b}' at byte 0)");
  EXPECT_EQ(errorOf("{1}"), "a placeholder must be a name (got '{1}' at byte 0)");
  EXPECT_EQ(errorOf("{}"), "a placeholder must be a name (got '{}' at byte 0)");
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static double fromBits(uint64_t bits) {
  double number;
  std::memcpy(&number, &bits, sizeof(number));
  return number;
}

// The samples of RFC 8785, appendix B.
TEST(FormatNumber, PrintsTheSamplesOfRfc8785) {
  std::pair<uint64_t, const char *> samples[] = {
      {0x0000000000000000, "0"},
      {0x8000000000000000, "0"},
      {0x0000000000000001, "5e-324"},
      {0x8000000000000001, "-5e-324"},
      {0x7fefffffffffffff, "1.7976931348623157e+308"},
      {0xffefffffffffffff, "-1.7976931348623157e+308"},
      {0x4340000000000000, "9007199254740992"},
      {0xc340000000000000, "-9007199254740992"},
      {0x4430000000000000, "295147905179352830000"},
      {0x44b52d02c7e14af5, "9.999999999999997e+22"},
      {0x44b52d02c7e14af6, "1e+23"},
      {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
      {0x444b1ae4d6e2ef4e, "999999999999999700000"},
      {0x444b1ae4d6e2ef4f, "999999999999999900000"},
      {0x444b1ae4d6e2ef50, "1e+21"},
      {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
      {0x3eb0c6f7a0b5ed8d, "0.000001"},
      {0x41b3de4355555553, "333333333.3333332"},
      {0x41b3de4355555554, "333333333.33333325"},
      {0x41b3de4355555555, "333333333.3333333"},
      {0x41b3de4355555556, "333333333.3333334"},
      {0x41b3de4355555557, "333333333.33333343"},
      {0xbecbf647612f3696, "-0.0000033333333333333333"},
      {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (auto [bits, text] : samples)
    EXPECT_EQ(formatNumber(fromBits(bits)), text);
}

TEST(FormatNumber, PrintsIntegersPlainly) {
  EXPECT_EQ(formatNumber(1), "1");
  EXPECT_EQ(formatNumber(-42), "-42");
  EXPECT_EQ(formatNumber(100), "100");
  EXPECT_EQ(formatNumber(0.5), "0.5");
  EXPECT_EQ(formatNumber(1e-7), "1e-7");
}

static void expectNumber(llvm::StringRef response, double value, std::optional<int64_t> integer) {
  std::optional<Number> number = readNumber(response);
  ASSERT_TRUE(number.has_value()) << response.str();
  EXPECT_EQ(number->value, value) << response.str();
  EXPECT_EQ(number->integer, integer) << response.str();
}

TEST(ReadNumber, TakesTheLast) {
  expectNumber("First 3, then 12.", 12, 12);
  expectNumber("Score: 7/10", 10, 10);
  expectNumber("1-2", -2, -2);
  expectNumber("v1.2.3", 3, 3);
  expectNumber("2 apples, no more", 2, 2);
}

TEST(ReadNumber, DropsCommas) {
  expectNumber("1,234,567.5 people", 1234567.5, std::nullopt);
  expectNumber("about 12,", 12, 12);
}

TEST(ReadNumber, ReadsSignsAndExponents) {
  expectNumber("-3.25", -3.25, std::nullopt);
  expectNumber("+4", 4, 4);
  expectNumber("1e3", 1000, 1000);
  expectNumber("25E-1", 2.5, std::nullopt);
  expectNumber("250E-1", 25, 25);
  expectNumber("3.0", 3, 3);
  expectNumber("-0.0", -0.0, 0);
  expectNumber("5e", 5, 5);
  expectNumber("007", 7, 7);
}

TEST(ReadNumber, KeepsIntegersExact) {
  expectNumber("9007199254740993.0", 9007199254740992, 9007199254740993);
  expectNumber("9223372036854775807", 0x1p63, std::numeric_limits<int64_t>::max());
  expectNumber("-9223372036854775808", -0x1p63, std::numeric_limits<int64_t>::min());
  expectNumber("9223372036854775808", 0x1p63, std::nullopt);
  expectNumber("-9223372036854775809", -0x1p63, std::nullopt);
  expectNumber("9.2e18", 9.2e18, 9200000000000000000);
  expectNumber("1e19", 1e19, std::nullopt);
  expectNumber("1e-400", 0, std::nullopt);
  expectNumber("0e99999999999999999999", 0, 0);
}

TEST(ReadNumber, RefusesWhatIsNoFiniteNumber) {
  EXPECT_FALSE(readNumber("none"));
  EXPECT_FALSE(readNumber(""));
  EXPECT_FALSE(readNumber("5 or 1e999"));
  EXPECT_FALSE(readNumber("\u0663")); // a digit of another script
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

TEST(ReadText, Trims) {
  EXPECT_EQ(readText("\n\t a b \r\n"), "a b");
  EXPECT_EQ(readText(" \n"), "");
}

TEST(ReadBoolean, TakesTheFirstWholeWordInAnyCase) {
  EXPECT_EQ(readBoolean("Yes, it is."), true);
  EXPECT_EQ(readBoolean("NO!"), false);
  EXPECT_EQ(readBoolean("It is FALSE, not true"), false);
  EXPECT_EQ(readBoolean("**true**"), true);
  EXPECT_EQ(readBoolean("I know: yes"), true);
  EXPECT_EQ(readBoolean("nothing, untrue, yes_no, no1, 2yes"), std::nullopt);
  EXPECT_EQ(readBoolean(""), std::nullopt);
}

TEST(ReadBoolean, WordsEndAtNoLetterOfAnyScript) {
  EXPECT_EQ(readBoolean("noël"), std::nullopt);
  EXPECT_EQ(readBoolean("caféno"), std::nullopt);
  EXPECT_EQ(readBoolean("дno"), std::nullopt);
  EXPECT_EQ(readBoolean("no\u0663"), std::nullopt);
  EXPECT_EQ(readBoolean("\u65e5no\u672c"), std::nullopt);
  EXPECT_EQ(readBoolean("«no»"), false);
  EXPECT_EQ(readBoolean("\u2014no\u2014"), false);
  EXPECT_EQ(readBoolean("\U0001F642no\U0001F642"), false);
}

TEST(ReadChoice, TakesTheEarliestAndThenTheLongest) {
  EXPECT_EQ(readChoice("not spam", {"spam", "not spam"}), 1);
  EXPECT_EQ(readChoice("spam, not spam", {"not spam", "spam"}), 1);
  EXPECT_EQ(readChoice("the NEGATIVE one", {"positive", "negative"}), 1);
  EXPECT_EQ(readChoice("spammer, then spam", {"spam"}), 0);
  EXPECT_EQ(readChoice("spammer", {"spam"}), std::nullopt);
  EXPECT_EQ(readChoice("C++ it is", {"C", "C++"}), 1);
  EXPECT_EQ(readChoice("a.b", {"a.b", "axb"}), 0);
  EXPECT_EQ(readChoice("axb", {"a.b"}), std::nullopt);
  EXPECT_EQ(readChoice("ÄRGER", {"ärger"}), 0);
  EXPECT_EQ(readChoice("none", {}), std::nullopt);
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

TEST(ReadRegex, TakesGroupOneOrTheWholeMatch) {
  EXPECT_EQ(readRegex("Final Answer: 42\nBye", "Final Answer: (.*)"), "42");
  EXPECT_EQ(readRegex("a 42 b 43", "[0-9]+"), "42");
  EXPECT_EQ(readRegex("x=1,y=2", "x=(\\d),y=(\\d)"), "1");
  EXPECT_EQ(readRegex("ab", "(?:a)(b)"), "b");
  EXPECT_EQ(readRegex("ab", "(x*)b"), "");
  EXPECT_EQ(readRegex("", "^$"), "");
  EXPECT_EQ(readRegex("a", "b"), std::nullopt);
}

TEST(ReadRegex, AGroupThatTookNoPartHasNoText) {
  EXPECT_EQ(readRegex("b", "(a)|b"), std::nullopt);
}

TEST(ReadRegex, ErrorsSayWhy) {
  EXPECT_EQ(regexError("a(b)"), "");
  EXPECT_EQ(regexError("("), "missing ): (");
  EXPECT_NE(regexError("(a)\\1"), "");
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static std::optional<std::string> selectText(llvm::StringRef document, llvm::StringRef pointer) {
  std::optional<JsonSelection> selection = selectJson(document, pointer);
  if (!selection || selection->isList || !std::get_if<std::string>(&selection->items.front()))
    return std::nullopt;
  return std::get<std::string>(selection->items.front());
}

// The samples of RFC 6901, section 5, that are texts, numbers or lists.
TEST(SelectJson, FollowsRfc6901) {
  const char *document = R"({"foo": ["bar", "baz"], "": 0, "a/b": "1", "c%d": "2", "e^f": "3",
                             "g|h": "4", "i\\j": "5", "k\"l": "6", " ": "7", "m~n": "8"})";
  EXPECT_EQ(selectText(document, "/foo/0"), "bar");
  EXPECT_EQ(selectText(document, "/a~1b"), "1");
  EXPECT_EQ(selectText(document, "/c%d"), "2");
  EXPECT_EQ(selectText(document, "/e^f"), "3");
  EXPECT_EQ(selectText(document, "/g|h"), "4");
  EXPECT_EQ(selectText(document, "/i\\j"), "5");
  EXPECT_EQ(selectText(document, "/k\"l"), "6");
  EXPECT_EQ(selectText(document, "/ "), "7");
  EXPECT_EQ(selectText(document, "/m~0n"), "8");
  EXPECT_TRUE(selectJson(document, "/foo")->isList);
  EXPECT_EQ(selectJson(document, "/foo")->items.size(), 2u);
  EXPECT_EQ(std::get<Number>(selectJson(document, "/")->items.front()).integer, 0);
}

TEST(SelectJson, TildesAreUnescapedOnce) {
  EXPECT_EQ(selectText(R"({"~1": "tilde", "/": "slash"})", "/~01"), "tilde");
}

TEST(SelectJson, FindsNothingWhereNothingIs) {
  EXPECT_FALSE(selectJson(R"({"a": 1})", "/b"));
  EXPECT_FALSE(selectJson(R"({"a": null})", "/a"));
  EXPECT_FALSE(selectJson(R"({"a": {"b": 1}})", "/a"));
  EXPECT_FALSE(selectJson(R"({"a": "b"})", "/a/b"));
  EXPECT_FALSE(selectJson(R"([1, 2])", "/2"));
  EXPECT_FALSE(selectJson(R"([1, 2])", "/01"));
  EXPECT_FALSE(selectJson(R"([1, 2])", "/-"));
  EXPECT_FALSE(selectJson(R"([[1], 2])", ""));
  EXPECT_FALSE(selectJson(R"({"a": 1e999})", "/a"));
}

TEST(SelectJson, LeavesWhatIsNoWholeDocument) {
  EXPECT_FALSE(selectJson("Here: {\"a\": 1}", "/a"));
  EXPECT_FALSE(selectJson("{\"a\": 1} {\"a\": 2}", "/a"));
  EXPECT_FALSE(selectJson("5", ""));
  EXPECT_FALSE(selectJson("{\"a\": 1", "/a"));
  EXPECT_TRUE(selectJson(" {\"a\": 1}\n", "/a"));
}

TEST(SelectJson, KeepsIntegersExact) {
  const char *document = "[9007199254740993, 1.0, 18446744073709551615, -5]";
  JsonSelection selection = *selectJson(document, "");
  EXPECT_EQ(std::get<Number>(selection.items[0]).integer, 9007199254740993);
  EXPECT_EQ(std::get<Number>(selection.items[1]).integer, std::nullopt);
  EXPECT_EQ(std::get<Number>(selection.items[2]).integer, std::nullopt);
  EXPECT_EQ(std::get<Number>(selection.items[3]).integer, -5);
}

TEST(Json, DeepNestingDoesNotOverrunTheStack) {
  std::string deep(1000000, '[');
  EXPECT_FALSE(isJson(deep));
  EXPECT_FALSE(selectJson(deep, "/0"));
  std::string closed = deep + std::string(deep.size(), ']');
  EXPECT_TRUE(isJson(closed));
  EXPECT_FALSE(selectJson(closed, "/0"));
}

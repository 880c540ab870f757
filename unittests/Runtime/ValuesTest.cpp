//===- ValuesTest.cpp - Numbers, lists, texts and votes -------------------===//

#include "XcsLLM/Runtime/Operations.h"
#include "XcsLLM/Runtime/RunInputs.h"
#include "XcsLLM/Runtime/Votes.h"
#include "gtest/gtest.h"
#include <limits>

using namespace xcs::runtime;

static Value num(double number) { return Value::number(number); }
static Value count(int64_t integer) { return Value::integer(integer); }
static Value text(std::string text) { return Value::text(std::move(text)); }
static Value list(Value::List items) { return Value::list(std::move(items)); }
static Type listOf(Scalar item, llvm::SmallVector<int64_t, 2> shape) { return {item, shape, true}; }

static std::string json(const Value &value) {
  std::string printed;
  llvm::raw_string_ostream os(printed);
  printJson(value, os);
  return printed;
}

namespace xcs::runtime {
void PrintTo(const Value &value, std::ostream *os) { *os << json(value); }
} // namespace xcs::runtime

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

TEST(Values, PrintAsJson) {
  EXPECT_EQ(json(list({num(1), count(-3), Value::flag(true), text("a\"\n"), failed, list({})})),
            R"([1, -3, true, "a\"\n", null, []])");
}

TEST(Values, AreEqualByWhatTheyStandFor) {
  EXPECT_EQ(num(0.0), num(-0.0));
  EXPECT_EQ(getKey(num(0.0)), getKey(num(-0.0)));
  EXPECT_NE(num(1), count(1));
  EXPECT_NE(list({failed}), failed);
  EXPECT_NE(getKey(list({text("a"), text("b")})), getKey(list({text("ab")})));
}

TEST(Values, FitTypes) {
  EXPECT_TRUE(fits(count(127), Type{Scalar::I8, {}, false}));
  EXPECT_FALSE(fits(count(128), Type{Scalar::I8, {}, false}));
  EXPECT_FALSE(fits(num(1), Type{Scalar::I64, {}, false}));
  Type rows = listOf(Scalar::Text, {Type::unknownSize, 2});
  EXPECT_TRUE(fits(list({list({text("a"), failed}), failed}), rows));
  EXPECT_FALSE(fits(list({list({text("a")})}), rows));
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static Value on(std::string op, Scalar in, std::vector<Value> operands, Scalar out) {
  return compute({std::move(op), "", in}, operands, out);
}
static Value onI64(std::string op, int64_t a, int64_t b) {
  return on(std::move(op), Scalar::I64, {count(a), count(b)}, Scalar::I64);
}
static Value onI8(std::string op, int64_t a, int64_t b) {
  return on(std::move(op), Scalar::I8, {count(a), count(b)}, Scalar::I8);
}

constexpr int64_t least = std::numeric_limits<int64_t>::min();
constexpr int64_t most = std::numeric_limits<int64_t>::max();

TEST(Arith, IntegersWrapAround) {
  EXPECT_EQ(onI64("addi", most, 1), count(least));
  EXPECT_EQ(onI64("muli", most, 2), count(-2));
  EXPECT_EQ(onI64("divsi", least, -1), count(least));
  EXPECT_EQ(onI64("remsi", least, -1), count(0));
  EXPECT_EQ(onI8("addi", 127, 1), count(-128));
  EXPECT_EQ(onI8("divsi", -128, -1), count(-128));
}

TEST(Arith, QuotientsRoundAsTheySay) {
  EXPECT_EQ(onI64("divsi", -7, 2), count(-3));
  EXPECT_EQ(onI64("floordivsi", -7, 2), count(-4));
  EXPECT_EQ(onI64("floordivsi", 7, 2), count(3));
  EXPECT_EQ(onI64("ceildivsi", 7, 2), count(4));
  EXPECT_EQ(onI64("ceildivsi", -7, 2), count(-3));
  EXPECT_EQ(onI64("remsi", -7, 2), count(-1));
  EXPECT_EQ(onI8("divui", -1, 2), count(127));
  EXPECT_EQ(onI8("ceildivui", -1, 2), count(-128));
  EXPECT_EQ(onI8("remui", -1, 16), count(15));
}

TEST(Arith, ByZeroAndBeyondTheWidthFails) {
  for (const char *op :
       {"divsi", "divui", "ceildivsi", "ceildivui", "floordivsi", "remsi", "remui"})
    EXPECT_EQ(onI64(op, 1, 0), failed) << op;
  for (const char *op : {"shli", "shrsi", "shrui"}) {
    EXPECT_EQ(onI8(op, 1, 8), failed) << op;
    EXPECT_EQ(onI8(op, 1, -1), failed) << op;
  }
  EXPECT_EQ(onI8("shli", 1, 7), count(-128));
  EXPECT_EQ(onI8("shrsi", -128, 7), count(-1));
  EXPECT_EQ(onI8("shrui", -128, 7), count(1));
}

TEST(Arith, FlagsAreIntegersOfOneBit) {
  auto flags = [](std::string op, bool a, bool b) {
    return on(std::move(op), Scalar::I1, {Value::flag(a), Value::flag(b)}, Scalar::I1);
  };
  EXPECT_EQ(flags("addi", true, true), Value::flag(false));
  EXPECT_EQ(flags("xori", true, false), Value::flag(true));
  EXPECT_EQ(flags("maxsi", true, false), Value::flag(false)); // true is -1
  EXPECT_EQ(flags("maxui", true, false), Value::flag(true));
  EXPECT_EQ(on("extsi", Scalar::I1, {Value::flag(true)}, Scalar::I64), count(-1));
  EXPECT_EQ(on("extui", Scalar::I1, {Value::flag(true)}, Scalar::I64), count(1));
  EXPECT_EQ(on("trunci", Scalar::I64, {count(2)}, Scalar::I1), Value::flag(false));
  EXPECT_EQ(on("uitofp", Scalar::I1, {Value::flag(true)}, Scalar::F64), num(1));
}

TEST(Arith, WhatIsNotFiniteFails) {
  auto floats = [](std::string op, double a, double b, Scalar type = Scalar::F64) {
    return on(std::move(op), type, {num(a), num(b)}, type);
  };
  EXPECT_EQ(floats("divf", 1, 0), failed);
  EXPECT_EQ(floats("remf", 1, 0), failed);
  EXPECT_EQ(floats("mulf", 1e200, 1e200), failed);
  EXPECT_EQ(floats("mulf", 1e30, 1e30, Scalar::F32), failed);
  EXPECT_EQ(floats("addf", 16777216, 1, Scalar::F32), num(16777216));
  EXPECT_EQ(floats("maximumf", -1, 2), num(2));
}

TEST(Arith, ConversionsOutOfRangeFail) {
  EXPECT_EQ(on("fptosi", Scalar::F64, {num(9223372036854775808.0)}, Scalar::I64), failed);
  EXPECT_EQ(on("fptosi", Scalar::F64, {num(-9223372036854775808.0)}, Scalar::I64), count(least));
  EXPECT_EQ(on("fptosi", Scalar::F64, {num(-128.9)}, Scalar::I8), count(-128));
  EXPECT_EQ(on("fptosi", Scalar::F64, {num(128)}, Scalar::I8), failed);
  EXPECT_EQ(on("fptoui", Scalar::F64, {num(255.5)}, Scalar::I8), count(-1));
  EXPECT_EQ(on("fptoui", Scalar::F64, {num(-0.5)}, Scalar::I8), count(0));
  EXPECT_EQ(on("fptoui", Scalar::F64, {num(-1)}, Scalar::I8), failed);
  EXPECT_EQ(on("sitofp", Scalar::I64, {count(9007199791611905)}, Scalar::F32),
            num(9007200328482816));
}

TEST(Arith, Compares) {
  auto compare = [](std::string op, std::string predicate, Scalar in, Value a, Value b) {
    return compute({std::move(op), std::move(predicate), in}, {a, b}, Scalar::I1);
  };
  EXPECT_EQ(compare("cmpi", "slt", Scalar::I8, count(-1), count(1)), Value::flag(true));
  EXPECT_EQ(compare("cmpi", "ult", Scalar::I8, count(-1), count(1)), Value::flag(false));
  EXPECT_EQ(compare("cmpi", "sgt", Scalar::I1, Value::flag(true), Value::flag(false)),
            Value::flag(false));
  EXPECT_EQ(compare("cmpf", "une", Scalar::F64, num(1), num(1)), Value::flag(false));
  EXPECT_EQ(compare("cmpf", "ord", Scalar::F64, num(1), num(1)), Value::flag(true));
  EXPECT_EQ(compare("cmpf", "oge", Scalar::F64, failed, num(1)), failed);
  EXPECT_FALSE(isKnown(Arith{"cmpi", "oeq", Scalar::I64}));
  EXPECT_FALSE(isKnown(Arith{"cmpf", "", Scalar::F64}));
}

TEST(Arith, SelectFailsByItsConditionOrTheValueChosen) {
  Arith select{"select", "", Scalar::Text};
  Value yes = Value::flag(true);
  EXPECT_EQ(compute(select, {yes, text("a"), failed}, Scalar::Text), text("a"));
  EXPECT_EQ(compute(select, {yes, failed, text("a")}, Scalar::Text), failed);
  EXPECT_EQ(compute(select, {failed, text("a"), text("a")}, Scalar::Text), failed);
  EXPECT_EQ(compute(select, {yes, list({failed}), failed}, Scalar::Text), list({failed}));
  EXPECT_EQ(
      compute(select,
              {list({yes, Value::flag(false)}), list({num(1), failed}), list({failed, num(4)})},
              Scalar::F64),
      list({num(1), num(4)}));
}

TEST(Arith, ListsFailItemByItem) {
  Value items = list({num(1), failed, num(0)});
  EXPECT_EQ(on("divf", Scalar::F64, {list({num(1), num(1), num(1)}), items}, Scalar::F64),
            list({num(1), failed, failed}));
  EXPECT_EQ(on("addf", Scalar::F64, {failed, items}, Scalar::F64), failed);
  EXPECT_EQ(on("addf", Scalar::F64, {items, list({num(1)})}, Scalar::F64), failed);
  EXPECT_EQ(on("addf", Scalar::F64, {text("a"), num(1)}, Scalar::F64), failed);
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

static Value lists(std::string op, std::vector<Value> operands, Type out) {
  Tensor form;
  form.op = std::move(op);
  return build(form, operands, out);
}

TEST(Lists, HoldWhatHasFailed) {
  Value rows =
      lists("from_elements", {num(1), failed, num(3), num(4)}, listOf(Scalar::F64, {2, 2}));
  EXPECT_EQ(rows, list({list({num(1), failed}), list({num(3), num(4)})}));
  Type scalar{Scalar::F64, {}, false};
  EXPECT_EQ(lists("extract", {rows, count(1), count(0)}, scalar), num(3));
  EXPECT_EQ(lists("extract", {rows, count(0), count(1)}, scalar), failed);
  EXPECT_EQ(lists("extract", {rows, count(2), count(0)}, scalar), failed);
  EXPECT_EQ(lists("extract", {rows, count(-1), count(0)}, scalar), failed);
  EXPECT_EQ(lists("extract", {rows, failed, count(0)}, scalar), failed);
  EXPECT_EQ(lists("dim", {rows, count(1)}, scalar), count(2));
  EXPECT_EQ(lists("dim", {rows, count(2)}, scalar), failed);
  EXPECT_EQ(lists("splat", {failed}, listOf(Scalar::F64, {2})), list({failed, failed}));
}

TEST(Lists, ChangeInOnePlace) {
  Value rows = list({list({num(1)}), failed});
  Type type = listOf(Scalar::F64, {2, 1});
  EXPECT_EQ(lists("insert", {num(5), rows, count(0), count(0)}, type),
            list({list({num(5)}), failed}));
  EXPECT_EQ(lists("insert", {num(5), rows, count(1), count(0)}, type), rows);
  EXPECT_EQ(lists("insert", {num(5), rows, count(0), count(1)}, type), failed);
  EXPECT_EQ(lists("insert", {failed, rows, count(0), count(0)}, type),
            list({list({failed}), failed}));
}

TEST(Lists, JoinAndCast) {
  Value ab = list({text("a"), text("b")});
  EXPECT_EQ(lists("cast", {ab}, listOf(Scalar::Text, {3})), failed);
  EXPECT_EQ(lists("cast", {ab}, listOf(Scalar::Text, {Type::unknownSize})), ab);
  EXPECT_EQ(lists("concat", {ab, list({failed})}, listOf(Scalar::Text, {3})),
            list({text("a"), text("b"), failed}));
  EXPECT_EQ(lists("concat", {ab, failed}, listOf(Scalar::Text, {3})), failed);
  Tensor columns;
  columns.op = "concat";
  columns.dim = 1;
  Value rows = list({list({num(1)}), list({num(2)})});
  EXPECT_EQ(build(columns, {rows, rows}, listOf(Scalar::F64, {2, 2})),
            list({list({num(1), num(1)}), list({num(2), num(2)})}));
}

TEST(Lists, CollapseARowThatHasFailed) {
  Tensor form;
  form.op = "collapse_shape";
  form.shape = {2, 2};
  Value rows = list({failed, list({num(1), num(2)})});
  EXPECT_EQ(build(form, {rows}, listOf(Scalar::F64, {4})), list({failed, failed, num(1), num(2)}));
}

TEST(Lists, SliceDropsDimensionsOfOne) {
  Tensor form;
  form.op = "extract_slice";
  form.offsets = {1, 0};
  form.sizes = {1, 2};
  form.strides = {1, 1};
  Value rows = list({list({num(1), num(2)}), list({num(3), num(4)})});
  EXPECT_EQ(build(form, {rows}, listOf(Scalar::F64, {2})), list({num(3), num(4)}));
  EXPECT_EQ(build(form, {rows}, listOf(Scalar::F64, {1, 2})), list({list({num(3), num(4)})}));
  EXPECT_EQ(build(form, {list({failed, failed})}, listOf(Scalar::F64, {2})), failed);
}

//===----------------------------------------------------------------------===//
// Texts
//===----------------------------------------------------------------------===//

TEST(Texts, TemplatesPrintNumbersFlagsAndLists) {
  Template form{{"<", "|", "|", ">"}, {0, 1, 0}};
  EXPECT_EQ(render(form, ", ", {list({num(1), num(0.5)}), Value::flag(true)}),
            text("<1, 0.5|true|1, 0.5>"));
  EXPECT_EQ(render(form, ", ", {list({num(1), failed}), Value::flag(true)}), failed);
  EXPECT_EQ(render(Template{{"x"}, {}}, "", {}), text("x"));
}

static Value readJson(llvm::StringRef response, std::string pointer, Type type) {
  Parse parse;
  parse.format = ParseFormat::Json;
  parse.selector = std::move(pointer);
  return readResponse(parse, response, type);
}

TEST(Texts, JsonIsFoundInProse) {
  Type scalar{Scalar::I64, {}, false}, string{Scalar::Text, {}, false};
  EXPECT_EQ(readJson("Sure [not this one] {\"a\": {\"b\": 2.0}} or {\"a\": 3}", "/a/b", scalar),
            count(2));
  EXPECT_EQ(readJson("```json\n{\"a\": [1, { \"b\" : null } ]}\n```", "/a", string),
            text("[1, { \"b\" : null } ]"));
  EXPECT_EQ(readJson("{\"a~/b\": \"\\u96ea\\n\"}", "/a~0~1b", string), text("雪\n"));
  EXPECT_EQ(readJson("[1, 2, 3]", "", listOf(Scalar::I64, {3})),
            list({count(1), count(2), count(3)}));
  EXPECT_EQ(readJson("[1, 2.5]", "", listOf(Scalar::I64, {2})), failed);
  EXPECT_EQ(readJson("[1, 2]", "", listOf(Scalar::I64, {3})), failed);
  EXPECT_EQ(readJson("12.", "", scalar), count(12));
  EXPECT_EQ(readJson("{\"a\": 1, \"a\": 2}", "/a", scalar), count(2));
  EXPECT_EQ(readJson("{\"a\": true}", "/a", Type{Scalar::I1, {}, false}), Value::flag(true));
  EXPECT_EQ(readJson("{\"a\": 1}", "/a", Type{Scalar::I1, {}, false}), failed);
  EXPECT_EQ(readJson("{\"a\": [5]}", "/a/00", scalar), failed);
}

TEST(Texts, BrokenJsonIsNone) {
  Type string{Scalar::Text, {}, false};
  for (const char *response : {"", "{", "[1,", "{\"a\"}", "{\"a\":}", "{a: 1}", "[1 2]", "{]",
                               "nul", "\"open", "[\"\\x\"]", "-", "{\"a\": 01}"})
    EXPECT_EQ(readJson(response, "/a", string), failed) << response;
  // Neither deep nor long ones take long.
  EXPECT_EQ(readJson(std::string(100000, '['), "", string), failed);
  std::string deep = std::string(200, '[') + std::string(200, ']');
  EXPECT_EQ(readJson(deep, "", string), text(deep));
  // Of a value that is too deep, none that is in it is taken, nor one behind it.
  deep = std::string(512, '[') + std::string(512, ']');
  EXPECT_EQ(readJson("[1, see " + deep, "", string), text(deep));
  EXPECT_EQ(readJson("see [" + deep + "], {}", "", string), failed);
  EXPECT_EQ(readJson("[" + std::string(511, '[') + "nothing, but {}", "", string), text("{}"));
  EXPECT_EQ(readJson("1e999", "", string), failed);
  EXPECT_EQ(readJson("-", "", string), failed);
}

/// `text`, again and again, up to 3 MB.
static std::string repeat(const std::string &text) {
  std::string repeated;
  while (repeated.size() < 3'000'000)
    repeated += text;
  return repeated;
}

// Most of these would take hours if the time grew with the square of its length.
TEST(Texts, LongAnswersThatAreNoJsonAreReadAtOnce) {
  Type string{Scalar::Text, {}, false};
  for (const char *part : {"[", "{\"a\":", "[1,", "[\"[\",", "[\\\"", "[\"\\\",",
                           "[\"{\", {\"[\": 1, \"b\": ", "[1-", "[\"", "{\"\\x\":", "[1 "})
    EXPECT_EQ(readJson(repeat(part), "", string), failed) << part;
  EXPECT_EQ(readJson("[" + repeat("1,"), "", string), failed);
  EXPECT_EQ(readJson("[\"" + repeat("[\\\""), "", string), failed);
  EXPECT_EQ(readJson("[\"[\"," + repeat("\",\","), "", string), failed);
  EXPECT_EQ(readJson("[" + repeat("1e1"), "", string), failed);
  EXPECT_EQ(readJson(repeat("1-"), "", string), text("1"));
  EXPECT_EQ(readJson(repeat("1e"), "", string), text("1e1"));
  std::string item = "{\"a\": 1}";
  EXPECT_EQ(readJson("{\"a\": [" + repeat(item + ", "), "", string), text(item)); // cut off
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

static Plan takesTwo(std::string first, std::string second) {
  Plan plan;
  plan.name = "p";
  plan.inputs = {{std::move(first), {}}, {std::move(second), {}}};
  return plan;
}

TEST(Inputs, AreFoundByNameAndByPlace) {
  auto read = [](const Plan &plan, const char *line) {
    return llvm::cantFail(readInputsLine(plan, line, "rows", 1));
  };
  std::vector<Value> expected = {text("x"), text("y")};
  EXPECT_EQ(read(takesTwo("a", "b"), R"( {"b": "y", "0": "x"} )"), expected);
  EXPECT_EQ(read(takesTwo("a", "b"), R"(["x", "y"])"), expected);
  // In a list no name counts.
  EXPECT_EQ(read(takesTwo("1", "0"), R"(["x", "y"])"), expected);
  EXPECT_EQ(read(takesTwo("1", "0"), R"({"1": "x", "0": "y"})"), expected);
  EXPECT_EQ(llvm::toString(
                readInputsLine(takesTwo("a", "b"), R"({"a":"x","a":"y"})", "rows", 3).takeError()),
            "rows:3: input 'a' must be given once");
}

//===----------------------------------------------------------------------===//
// Votes
//===----------------------------------------------------------------------===//

TEST(Votes, OfEqualsTheFirstWins) {
  Votes votes;
  for (const char *value : {"a", "b", "b", "a"})
    votes.cast({text(value)});
  votes.cast({failed});
  EXPECT_EQ((*votes.getWinner(2))[0], text("a"));
  EXPECT_EQ(votes.getWinner(3), nullptr);
  EXPECT_EQ(Votes().getWinner(std::nullopt), nullptr);
}

TEST(Votes, AreDecidedWhenTheRestChangesNothing) {
  Votes votes;
  EXPECT_FALSE(votes.isDecided(1, std::nullopt, std::nullopt));
  EXPECT_TRUE(votes.isDecided(1, 2, std::nullopt)); // the quorum is out of reach
  for (const char *value : {"a", "b", "b"})
    votes.cast({text(value)});
  // One more for the first draws level, and the first comes first.
  EXPECT_FALSE(votes.isDecided(1, std::nullopt, std::nullopt));
  votes.cast({text("b")});
  EXPECT_TRUE(votes.isDecided(1, std::nullopt, std::nullopt));
  EXPECT_FALSE(votes.isDecided(2, std::nullopt, std::nullopt));
  EXPECT_FALSE(votes.isDecided(std::nullopt, std::nullopt, std::nullopt));
  EXPECT_FALSE(votes.isDecided(1, 4, std::nullopt)); // it may or may not get there
}

TEST(Votes, MayBeDecidedAtAConfidence) {
  Votes votes;
  for (int vote = 0; vote < 4; ++vote)
    votes.cast({text("a")});
  // P(Beta(5, 1) > 1/2) = 31/32.
  EXPECT_TRUE(votes.isDecided(100, std::nullopt, 0.968));
  EXPECT_FALSE(votes.isDecided(100, std::nullopt, 0.969));
}

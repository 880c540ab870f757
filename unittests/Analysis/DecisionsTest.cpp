//===- DecisionsTest.cpp - Tests of what decides early --------------------===//

#include "XcsLLM/Analysis/Decisions.h"
#include "Programs.h"

using namespace mlir;
using namespace xcs;
using test::Program;

namespace {
/// The decisions of a function's first block.
struct Found {
  explicit Found(Program &program) : ordered(program.getFunction(), symbols) {
    Block &block = program.getFunction().getBody().front();
    for (Operation &op : block)
      if (joinsFlags(&op))
        joins.push_back(&op);
    decisions.emplace(block, joins, ordered);
  }

  /// For each conjunction or disjunction: how many calls its first operand saves, and
  /// its second; "-" for one that does not decide.
  std::vector<std::string> describe() const {
    std::vector<std::string> found;
    for (Operation *op : joins) {
      const Decision &decision = decisions->get(op);
      std::string text;
      for (unsigned operand : {0, 1})
        text += (operand ? " " : "") + (decision.decides[operand]
                                            ? std::to_string(decision.saves[operand].size())
                                            : std::string("-"));
      found.push_back(text);
    }
    return found;
  }

  SymbolTableCollection symbols;
  OrderedOps ordered;
  SmallVector<Operation *> joins;
  std::optional<Decisions> decisions;
};
using Saved = std::vector<std::string>;

/// What is found in a function of these lines, in which `%a` and `%b` are flags with a
/// call of their own each, of `%q` and `%p`.
Saved find(StringRef lines, StringRef returned = "") {
  Program program(
      ("func.func private @send(!text) -> !text attributes {xcs_llm.task = \"s\"}\n"
       "func.func @f(%p: !text, %q: !text, %x: i1, %n: i64, %ns: tensor<2xi64>) -> (i1" +
       Twine(returned.empty() ? "" : ", ") + returned.split(" : ").second + R"() {
  %1 = xcs_llm.generate "m" (%q) : !text
  %a = xcs_llm.parse_response %1 as boolean : i1
  %2 = xcs_llm.generate "m" (%p) : !text
  %b = xcs_llm.parse_response %2 as boolean : i1
)" + lines +
       "\n  return %r" + (returned.empty() ? "" : ", ") + returned.split(" : ").first + " : i1" +
       (returned.empty() ? "" : ", ") + returned.split(" : ").second + "\n}")
          .str());
  return Found(program).describe();
}
} // namespace

TEST(Decisions, KnowsWhatJoinsFlags) {
  Program program("func.func @f(%a: i1, %b: i8, %c: tensor<2xi1>) {\n"
                  "  %0 = arith.andi %a, %a : i1\n  %1 = arith.ori %a, %a : i1\n"
                  "  %2 = arith.xori %a, %a : i1\n  %3 = arith.andi %b, %b : i8\n"
                  "  %4 = arith.ori %c, %c : tensor<2xi1>\n  return\n}");
  std::vector<bool> joins;
  for (Operation &op : program.getFunction().getBody().front().without_terminator())
    joins.push_back(joinsFlags(&op));
  EXPECT_EQ(joins, (std::vector<bool>{true, true, false, false, false}));
}

TEST(Decisions, EachOperandSavesWhatTheOtherNeeds) {
  EXPECT_EQ(find("%r = arith.andi %a, %b : i1"), (Saved{"1 1"}));
  EXPECT_EQ(find("%r = arith.ori %x, %b : i1"), (Saved{"1 0"}));
  // Nothing is behind an argument, and nothing that both need is saved.
  EXPECT_EQ(find("%r = arith.andi %x, %x : i1"), (Saved{"0 0"}));
  EXPECT_EQ(find("%r = arith.andi %a, %a : i1"), (Saved{"0 0"}));
}

TEST(Decisions, WhatIsNeededElsewhereDoesNotGo) {
  EXPECT_EQ(find("%r = arith.andi %a, %b : i1", "%a : i1"), (Saved{"1 -"}));
  EXPECT_EQ(find("%r = arith.andi %a, %b : i1", "%2 : !xcs_llm.text"), (Saved{"- 1"}));
  // A text that is returned fails no more than it did.
  EXPECT_EQ(find("%r = arith.andi %x, %b : i1", "%p : !xcs_llm.text"), (Saved{"1 0"}));
}

TEST(Decisions, WhatFailsOtherwiseHasToFailTheDeciderToo) {
  StringRef divides = R"(
  %d = arith.divsi %n, %n : i64
  %c = arith.cmpi slt, %d, %n : i64
)";
  EXPECT_EQ(find((divides + "%r = arith.andi %a, %c : i1").str()), (Saved{"- 1"}));
  // Both flags need the quotient, so neither decides anything that it does not fail.
  EXPECT_EQ(
      find((divides + "%e = arith.cmpi sgt, %d, %n : i64\n%r = arith.andi %e, %c : i1").str()),
      (Saved{"0 0"}));
}

TEST(Decisions, ListsMayHoldFailures) {
  EXPECT_EQ(find(R"(
  %zero = arith.constant 0 : index
  %i = tensor.extract %ns[%zero] : tensor<2xi64>
  %c = arith.cmpi slt, %i, %n : i64
  %r = arith.ori %a, %c : i1)"),
            (Saved{"- 1"}));
}

TEST(Decisions, ImpureToolsRun) {
  EXPECT_EQ(find(R"(
  %sent = func.call @send(%2) : (!text) -> !text
  %c = xcs_llm.parse_response %sent as boolean : i1
  %r = arith.andi %a, %c : i1)"),
            (Saved{"- 1"}));
}

TEST(Decisions, DecisionsAreNeededForDecisions) {
  // A decided disjunction does not fail with each of its operands: it needs neither.
  EXPECT_EQ(find("%any = arith.ori %a, %b : i1\n%r = arith.andi %any, %x : i1"),
            (Saved{"1 1", "0 2"}));
  // What two decisions need is only needed for what both are needed for; here they both
  // surely fail with it.
  EXPECT_EQ(find("%0 = arith.ori %a, %b : i1\n%3 = arith.ori %a, %x : i1\n"
                 "%r = arith.andi %0, %3 : i1"),
            (Saved{"1 -", "0 -", "0 1"}));
}

TEST(Decisions, RegionsNeedWhatTheyCapture) {
  EXPECT_EQ(find(R"(
  %c = xcs_llm.conditional %x -> i1 {
    xcs_llm.yield %b : i1
  } else {
    %3 = xcs_llm.generate "m" (%p) : !text
    %f = xcs_llm.parse_response %3 as boolean : i1
    xcs_llm.yield %f : i1
  }
  %r = arith.andi %a, %c : i1)"),
            (Saved{"2 1"}));
  // A chain may fail by its deadline.
  EXPECT_EQ(find(R"(
  %c = xcs_llm.chain -> i1 {
    xcs_llm.yield %b : i1
  } {deadline_ms = 1.0 : f64}
  %r = arith.andi %a, %c : i1)"),
            (Saved{"- 1"}));
}

TEST(Decisions, NoLongWayIsTaken) {
  std::string lines;
  for (unsigned i = 0; i < 200; ++i)
    lines += "%t" + std::to_string(i) + " = xcs_llm.generate \"m\" (" +
             (i ? "%t" + std::to_string(i - 1) : std::string("%p")) + ") : !text\n";
  lines += "%c = xcs_llm.parse_response %t199 as boolean : i1\n%r = arith.andi %a, %c : i1";
  EXPECT_EQ(find(lines), (Saved{"- -"}));
}

TEST(Decisions, OwnersAreNearest) {
  Program program(R"(func.func @f(%p: !text, %x: i1) -> i1 {
  %1 = xcs_llm.generate "m" (%p) : !text
  %a = xcs_llm.parse_response %1 as boolean : i1
  %any = arith.ori %a, %x : i1
  %r = arith.andi %any, %x : i1
  return %r : i1
})");
  Found found(program);
  auto call = program.find<GenerateOp>();
  EXPECT_EQ(found.decisions->getOwner(call), found.joins[0]);
  EXPECT_EQ(found.decisions->getOwner(found.joins[0]), found.joins[1]);
  EXPECT_EQ(found.decisions->getOwner(found.joins[1]), nullptr);
  EXPECT_TRUE(found.decisions->mayBeCancelled(call));
  EXPECT_FALSE(found.decisions->mayBeCancelled(found.joins[1]));
}

/// Whether the rest may be left behind by an ensemble of this policy, waves and number
/// of members, of which those from `begin` on have a call.
static bool leaves(StringRef policy, unsigned members, StringRef waves = "", unsigned begin = 0) {
  std::string text =
      ("func.func @f(%p: !text) {\n  %v = xcs_llm.ensemble " + policy + " -> !text ").str();
  for (unsigned i = 0; i < members; ++i) {
    text += i ? ", {\n" : "{\n";
    if (i >= begin)
      text += "%r = xcs_llm.generate \"m\" (%p) : !text\nxcs_llm.yield %r : !text\n}";
    else
      text += "xcs_llm.yield %p : !text\n}";
  }
  if (!waves.empty())
    text += (" {waves = array<i64: " + waves + ">}").str();
  Program program(text + "\n  return\n}");
  return mayLeaveMembersBehind(program.find<EnsembleOp>());
}

TEST(Decisions, VotesMayLeaveMembersBehind) {
  EXPECT_TRUE(leaves("first", 2));
  EXPECT_FALSE(leaves("first", 1));
  EXPECT_FALSE(leaves("first", 2, "1, 1"));
  EXPECT_TRUE(leaves("first", 3, "1, 2"));
  EXPECT_FALSE(leaves("first", 2, "", 2));
  EXPECT_TRUE(leaves("majority", 3));
  EXPECT_FALSE(leaves("majority", 2));
  // All three have to agree, so nobody is left.
  EXPECT_FALSE(leaves("majority quorum 3", 3));
  EXPECT_TRUE(leaves("majority quorum 2", 3));
  // Two votes do not settle it, and the third comes last.
  EXPECT_FALSE(leaves("majority", 3, "2, 1"));
  EXPECT_TRUE(leaves("majority", 5, "1, 4"));
  EXPECT_FALSE(leaves("majority", 3, "", 3));
}

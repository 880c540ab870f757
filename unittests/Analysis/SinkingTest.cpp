//===- SinkingTest.cpp - What could wait until it is needed ---------------===//

#include "XcsLLM/Analysis/Sinking.h"
#include "Programs.h"
#include "XcsLLM/Analysis/Judges.h"
#include "XcsLLM/Analysis/Needs.h"
#include "XcsLLM/Analysis/ReadyTimes.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace xcs;
using test::Program;

namespace {
/// What could move in a program, as "operation share" each.
struct Sinking {
  explicit Sinking(Program &program, bool wanted = true)
      : likelihood(program.model->getModels()), shares(likelihood),
        ordered(program.getFunction(), symbols) {
    sinkable = findSinkable(program.getFunction(), ordered, shares, {},
                            [&](const Sinkable &) { return wanted; });
    for (const Sinkable &each : sinkable)
      found.push_back(
          (each.op->getName().getStringRef() + " " + llvm::Twine(int(each.share * 100 + 0.5)))
              .str());
  }

  SymbolTableCollection symbols;
  Likelihood likelihood;
  RegionShares shares;
  OrderedOps ordered;
  std::vector<Sinkable> sinkable;
  std::vector<std::string> found;
};
using Found = std::vector<std::string>;

constexpr llvm::StringLiteral branch = R"(
func.func @f(%c: i1, %d: i1, %q: !text) -> !text {
  %p = xcs_llm.prompt_template "{a}" (%q)
  %other = xcs_llm.prompt_template "Unrelated {a}" (%q)
  %r = xcs_llm.generate "m" (%p) : !text
  %v = xcs_llm.conditional %c -> !text {
    %w = xcs_llm.conditional %d -> !text {
      xcs_llm.yield %r : !text
    } else {
      xcs_llm.yield %other : !text
    } {probability = 0.5 : f64}
    xcs_llm.yield %w : !text
  } else {
    xcs_llm.yield %q : !text
  } {probability = 0.2 : f64}
  return %v : !text
})";
} // namespace

TEST(Sinking, MovesWhatIsNeededWithIt) {
  Program program(branch);
  Sinking sinking(program);
  EXPECT_EQ(sinking.found, (Found{"xcs_llm.generate 10", "xcs_llm.prompt_template 10"}));
  sink(sinking.sinkable);
  EXPECT_TRUE(succeeded(verify(*program.module)));
  EXPECT_TRUE(isa<ConditionalOp>(program.find<GenerateOp>()->getParentOp()));
  EXPECT_TRUE(Sinking(program).found.empty());
}

TEST(Sinking, MovesNothingThatNobodyWants) {
  Program program(branch);
  EXPECT_TRUE(Sinking(program, /*wanted=*/false).found.empty());
}

TEST(Sinking, StaysOutOfWhatMayRunOften) {
  Program program(R"(
func.func @f(%c: i1, %q: !text, %qs: tensor<2x!text>) -> tensor<2x!text> {
  %r = xcs_llm.generate "m" (%q) : !text
  %v = xcs_llm.conditional %c -> tensor<2x!text> {
    %rs = xcs_llm.batch (%item in %qs : tensor<2x!text>) -> tensor<2x!text> {
      %w = xcs_llm.conditional %c -> !text {
        xcs_llm.yield %r : !text
      } else {
        xcs_llm.yield %item : !text
      }
      xcs_llm.yield %w : !text
    }
    xcs_llm.yield %rs : tensor<2x!text>
  } else {
    xcs_llm.yield %qs : tensor<2x!text>
  } {probability = 0.3 : f64}
  return %v : tensor<2x!text>
})");
  // Into the branch, and no further.
  EXPECT_EQ(Sinking(program).found, (Found{"xcs_llm.generate 30"}));
}

TEST(Sinking, KnowsOtherDialectsByTheirBounds) {
  Program program(R"(
func.func @f(%c: i1, %q: !text, %n: index) -> (!text, !text) {
  %r = xcs_llm.generate "m" (%q) : !text
  %s = xcs_llm.generate "m" (%q) : !text
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %v = scf.if %c -> !text {
    scf.yield %r : !text
  } else {
    scf.yield %q : !text
  }
  %w = scf.for %i = %zero to %n step %one iter_args(%a = %q) -> !text {
    %t = xcs_llm.prompt_template "{a}{b}" (%a, %s)
    scf.yield %t : !text
  }
  return %v, %w : !text, !text
})");
  EXPECT_EQ(Sinking(program).found, (Found{"xcs_llm.generate 50"}));
}

TEST(Sinking, StaysInItsBlock) {
  Program program(R"(
func.func @f(%c: i1, %q: !text) -> !text {
  %r = xcs_llm.generate "m" (%q) : !text
  cf.br ^next
^next:
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %r : !text
  } else {
    xcs_llm.yield %q : !text
  }
  cf.cond_br %c, ^next, ^end
^end:
  return %v : !text
})");
  EXPECT_TRUE(Sinking(program).found.empty());
}

TEST(Needs, FindsWhatAValueAloneNeeds) {
  Program program(R"(
func.func @f(%q: !text) -> i1 {
  %facts = xcs_llm.generate "m" (%q) : !text
  %r1 = xcs_llm.generate "m" (%facts) : !text
  %b1 = xcs_llm.parse_response %r1 as boolean : i1
  %r2 = xcs_llm.generate "m" (%facts) : !text
  %b2 = xcs_llm.parse_response %r2 as boolean : i1
  %v = arith.andi %b1, %b2 : i1
  return %v : i1
})");
  SymbolTableCollection symbols;
  OrderedOps ordered(program.getFunction(), symbols);
  Needs needs(program.getFunction(), ordered);
  Operation *join = program.find<arith::AndIOp>();
  llvm::SmallVector<Need> found = needs.find(join->getOperands(), join);
  ASSERT_EQ(found.size(), 2u);
  for (const Need &need : found) {
    EXPECT_TRUE(need.hasCalls);
    ASSERT_EQ(need.ops.size(), 2u); // not the facts
    EXPECT_TRUE(isa<ParseResponseOp>(need.ops[0]));
    EXPECT_TRUE(isa<GenerateOp>(need.ops[1]));
  }
  EXPECT_FALSE(needs.isOrderedBetween(found, join));
  // Of both together the facts are, too.
  EXPECT_EQ(needs.find(ValueRange(join->getResult(0)), join->getBlock()->getTerminator())
                .front()
                .ops.size(),
            6u);
}

TEST(ReadyTimes, FollowsCallsAndStages) {
  Program program(R"(
func.func @f(%q: !text) -> !text {
  %r = xcs_llm.generate "m" (%q) {expected_output_tokens = 10 : i64} : !text
  %c = xcs_llm.parse_response %r as boolean : i1
  %v = xcs_llm.conditional %c -> !text {
    %s = xcs_llm.generate "m" (%q) {expected_output_tokens = 20 : i64} : !text
    xcs_llm.yield %s : !text
  } else {
    xcs_llm.yield %q : !text
  } {probability = 0.5 : f64}
  return %v : !text
})",
                  R"({"m": {"ttft_ms": 100, "output_tokens_per_s": 100}})");
  ReadyTimes times(program.getFunction(), program.getCost());
  auto conditional = program.find<ConditionalOp>();
  EXPECT_EQ(times.get(program.getFunction().getArgument(0)), 0);
  EXPECT_EQ(times.get(conditional.getCondition()), 200);
  EXPECT_EQ(times.getStart(&conditional.getThenRegion()), 200);
  EXPECT_EQ(times.get(conditional.getResult(0)), 350);
}

TEST(Judges, WantsCandidatesThatCanStandIn) {
  auto find = [](llvm::StringRef rest) {
    Program program(("func.func @f(%q: !text) -> !text {\n"
                     "  %a = xcs_llm.generate \"m\" (%q) : !text\n"
                     "  %b = xcs_llm.generate \"m\" (%q) : !text\n" +
                     rest + "}")
                        .str());
    GenerateOp last;
    program.module->walk([&](GenerateOp call) { last = call; });
    llvm::StringRef reason;
    std::optional<Judge> judge = findJudge(last, reason);
    return judge ? std::to_string(judge->count) : reason.str();
  };
  EXPECT_EQ(find(R"(
  %p = xcs_llm.prompt_template "{a} {b} {q}" (%a, %b, %q)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text)"),
            "2");
  EXPECT_EQ(find(R"(
  %p = xcs_llm.prompt_template "{a} {q}" (%a, %q)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text)"),
            "");
  EXPECT_EQ(find(R"(
  %p = xcs_llm.prompt_template "{a} {b}" (%a, %b)
  %r = xcs_llm.generate "m" (%p) : !text
  %t = xcs_llm.prompt_template "More of {r}" (%r)
  return %t : !text)"),
            "its response is used otherwise than by one parse");
  EXPECT_EQ(find(R"(
  %p = xcs_llm.prompt_template "{a} {b}" (%a, %b)
  %r = xcs_llm.generate "m" (%p) : !text
  %n = xcs_llm.parse_response %r as number : i64
  %t = xcs_llm.prompt_template "{n}" (%n : i64)
  return %t : !text)"),
            "its answer is no text, and the candidates are not read as it is");
}

//===- EqualCallsTest.cpp - Equal values, shared calls and samples --------===//

#include "Programs.h"
#include "XcsLLM/Analysis/EqualSamples.h"
#include "XcsLLM/Analysis/SharedCalls.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace xcs;
using test::Program;

namespace {
using Indices = std::vector<std::vector<unsigned>>;

Indices pack(std::vector<int64_t> samples, std::optional<int64_t> limit) {
  Indices requests;
  for (const SmallVector<unsigned> &request : packSamples(samples, limit))
    requests.emplace_back(request.begin(), request.end());
  return requests;
}

TEST(EqualSamples, PacksAllWithoutALimit) {
  EXPECT_EQ(pack({}, std::nullopt), Indices());
  EXPECT_EQ(pack({1, 5, 1}, std::nullopt), (Indices{{0, 1, 2}}));
}

TEST(EqualSamples, PacksUpToTheLimit) {
  EXPECT_EQ(pack({1, 1, 1, 1, 1, 1, 1}, 3), (Indices{{0, 1, 2}, {3, 4, 5}, {6}}));
  EXPECT_EQ(pack({1, 1}, 1), (Indices{{0}, {1}}));
  EXPECT_EQ(pack({2, 2, 1}, 3), (Indices{{0}, {1, 2}}));
  EXPECT_EQ(pack({int64_t(1) << 62, int64_t(1) << 62}, int64_t(1) << 62), (Indices{{0}, {1}}));
}

TEST(EqualSamples, LeavesFullRequestsAlone) {
  // What is over by itself is no end of a request that is being filled.
  EXPECT_EQ(pack({1, 3, 1, 9, 1}, 3), (Indices{{0, 2, 4}, {1}, {3}}));
}

/// What each group of a function named `f` has: the models, and how many calls.
std::vector<std::pair<std::string, size_t>> groupSamples(StringRef text) {
  Program program(text);
  SymbolTableCollection symbols;
  EqualValues values(program.getFunction(), symbols);
  std::vector<std::pair<std::string, size_t>> groups;
  for (SampleGroup &group : findEqualSamples(program.getFunction(), values)) {
    groups.emplace_back(group.calls.front().getModelAttr().str(), group.calls.size());
    for (LLMCallOpInterface call : group.calls)
      EXPECT_TRUE(group.block->findAncestorOpInBlock(*call));
  }
  return groups;
}

TEST(EqualSamples, FindsGroupsByWhatIsAskedAndWhere) {
  using Groups = std::vector<std::pair<std::string, size_t>>;
  EXPECT_EQ(groupSamples(R"(func.func @f(%p: !text, %c: i1) {
    %0 = xcs_llm.generate "a" (%p) : !text
    %1 = xcs_llm.generate "a" (%p) {n = 2, hit_rate = 0.5 : f64} : tensor<2x!text>
    %2 = xcs_llm.generate "b" (%p) : !text
    %3 = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    %4 = xcs_llm.conditional %c -> !text {
      %5 = xcs_llm.generate "a" (%p) : !text
      xcs_llm.yield %5 : !text
    } else {
      xcs_llm.yield %p : !text
    }
    return
  })"),
            (Groups{{"a", 2}, {"b", 1}, {"a", 1}}));
}

TEST(EqualSamples, LooksThroughChainsAndMembers) {
  using Groups = std::vector<std::pair<std::string, size_t>>;
  EXPECT_EQ(groupSamples(R"(func.func @f(%p: !text) -> tensor<2x!text> {
    %v = xcs_llm.ensemble all -> tensor<2x!text> {
      %t = xcs_llm.prompt_template "{p}!" (%p)
      %0 = xcs_llm.generate "a" (%t) : !text
      xcs_llm.yield %0 : !text
    }, {
      %1 = xcs_llm.chain -> !text {
        %t = xcs_llm.prompt_template "{p}!" (%p)
        %2 = xcs_llm.generate "a" (%t) : !text
        xcs_llm.yield %2 : !text
      }
      xcs_llm.yield %1 : !text
    }
    return %v : tensor<2x!text>
  })"),
            (Groups{{"a", 2}}));
}

TEST(EqualValues, AreThoseOfEqualOperations) {
  Program program(R"(
    func.func private @tool(!text) -> !text attributes {xcs_llm.pure}
    func.func private @impure(!text) -> !text
    func.func @f(%p: !text) -> (!text, !text, !text, !text, !text, !text, !text, !text) {
      %0 = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
      %1 = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64, quality_task = "t"} : !text
      %2 = func.call @tool(%0) : (!text) -> !text
      %3 = func.call @tool(%1) : (!text) -> !text
      %4 = func.call @impure(%0) : (!text) -> !text
      %5 = func.call @impure(%0) : (!text) -> !text
      %6 = xcs_llm.generate "a" (%p) : !text
      %7 = xcs_llm.generate "a" (%p) : !text
      return %0, %1, %2, %3, %4, %5, %6, %7 : !text, !text, !text, !text, !text, !text, !text, !text
    })");
  SymbolTableCollection symbols;
  EqualValues values(program.getFunction(), symbols);
  auto returned = cast<func::ReturnOp>(program.getFunction().front().getTerminator());
  auto areEqual = [&](unsigned a, unsigned b) {
    return values.areEqual(returned.getOperand(a), returned.getOperand(b));
  };
  EXPECT_TRUE(areEqual(0, 1));
  EXPECT_TRUE(areEqual(2, 3));
  EXPECT_FALSE(areEqual(0, 2));
  EXPECT_FALSE(areEqual(4, 5));
  EXPECT_FALSE(areEqual(6, 7));
  EXPECT_FALSE(areEqual(0, 6));
  EXPECT_EQ(values.getFirst(returned.getOperand(3)), returned.getOperand(2));
  EXPECT_FALSE(EqualValues().areEqual(returned.getOperand(0), returned.getOperand(1)));

  // Requests: in one form the task counts, in the other how many samples there are.
  auto getCall = [&](unsigned index) {
    return cast<LLMCallOpInterface>(returned.getOperand(index).getDefiningOp());
  };
  EXPECT_TRUE(values.areEqualRequests(getCall(0), getCall(1), RequestForm::Whole));
  EXPECT_FALSE(values.areEqualRequests(getCall(0), getCall(1), RequestForm::Sample));
  EXPECT_TRUE(values.areEqualRequests(getCall(6), getCall(7), RequestForm::Sample));
  EXPECT_EQ(values.hashRequest(getCall(0), RequestForm::Whole),
            values.hashRequest(getCall(1), RequestForm::Whole));
}

/// How many calls of the function are to move, and how many repeat another then.
std::pair<size_t, size_t> share(StringRef body) {
  Program program(("func.func @f(%p: !text, %c: i1) {\n" + body + "\nreturn }").str());
  func::FuncOp function = program.getFunction();
  SymbolTableCollection symbols;
  EqualValues values(function, symbols);
  EqualCalls calls = findEqualCalls(function, values, symbols);
  std::vector<Hoist> hoists = findHoists(function, calls);
  for (auto [call, anchor] : hoists)
    call->moveBefore(anchor);
  EXPECT_TRUE(succeeded(verify(*program.module)));
  return {hoists.size(), findRepeats(function, calls).size()};
}

constexpr StringLiteral call =
    "%0 = xcs_llm.generate \"a\" (%p) {temperature = 0.0 : f64} : !text\n";

TEST(SharedCalls, NothingMovesBehindAnEqualCall) {
  EXPECT_EQ(share(call), std::make_pair(size_t(0), size_t(0)));
  EXPECT_EQ(share(("%r" + call.drop_front(2) + "xcs_llm.chain {" + call + "xcs_llm.yield }").str()),
            std::make_pair(size_t(0), size_t(1)));
}

TEST(SharedCalls, WhatSurelyRunsMoves) {
  std::string yield = (call + "xcs_llm.yield").str();
  EXPECT_EQ(share("xcs_llm.conditional %c {" + yield + "} else {" + yield + "}"),
            std::make_pair(size_t(1), size_t(1)));
  EXPECT_EQ(share("xcs_llm.conditional %c {" + yield + "} else { xcs_llm.yield }"),
            std::make_pair(size_t(0), size_t(0)));
  EXPECT_EQ(share("xcs_llm.chain {" + yield + "}\nxcs_llm.chain {" + yield + "}"),
            std::make_pair(size_t(1), size_t(1)));
  EXPECT_EQ(share("xcs_llm.conditional %c {" + yield + "} else { xcs_llm.yield }\n" +
                  "xcs_llm.chain {" + yield + "}"),
            std::make_pair(size_t(1), size_t(1)));
  EXPECT_EQ(share("xcs_llm.cascade {" + yield + "}, {" + yield + "}"),
            std::make_pair(size_t(0), size_t(0)));
}

TEST(SharedCalls, MoveOutOfOneRegionAfterAnother) {
  std::string yield = (call + "xcs_llm.yield").str();
  std::string both = "xcs_llm.conditional %c {" + yield + "} else {" + yield + "}\n";
  // Inner ones first, then the one that is left of each.
  EXPECT_EQ(share("xcs_llm.conditional %c {" + both + "xcs_llm.yield } else {" + both +
                  "xcs_llm.yield }"),
            std::make_pair(size_t(3), size_t(3)));
}

TEST(SharedCalls, FirstWavesSurelyRun) {
  auto count = [](StringRef policy, StringRef attributes) {
    std::string member =
        (call + "xcs_llm.yield %0" + (policy == "best" ? ", %s : !text, f64" : " : !text")).str();
    return share(("%s = arith.constant 1.0 : f64\n%v = xcs_llm.ensemble " + policy + " -> " +
                  (policy == "all" ? "tensor<2x!text>" : "!text") + " {" + member + "}, {" +
                  member + "}" + attributes)
                     .str())
        .first;
  };
  EXPECT_EQ(count("all", ""), 1u);
  EXPECT_EQ(count("best", ""), 1u);
  EXPECT_EQ(count("majority", ""), 1u);
  EXPECT_EQ(count("majority", " {waves = array<i64: 1, 1>}"), 1u);
  EXPECT_EQ(count("first", ""), 0u);
}
} // namespace

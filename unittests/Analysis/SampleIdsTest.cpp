//===- SampleIdsTest.cpp - Which sample is which --------------------------===//

#include "XcsLLM/Analysis/SampleIds.h"
#include "Programs.h"

using namespace mlir;
using namespace xcs;

namespace {
using Ids = std::vector<int64_t>;

/// What joining the lists gives.
Ids join(const std::vector<Ids> &lists, Ids chunks) {
  auto views = llvm::map_to_vector(lists, [](const Ids &list) { return ArrayRef<int64_t>(list); });
  SmallVector<int64_t> joined = joinSampleIds(views, chunks);
  return Ids(joined.begin(), joined.end());
}

std::vector<Ids> split(Ids ids, Ids sizes) {
  std::vector<Ids> parts;
  for (const SmallVector<int64_t> &part : splitSampleIds(ids, sizes))
    parts.emplace_back(part.begin(), part.end());
  return parts;
}

TEST(SampleIds, JoinPutsSamplesSideBySide) {
  EXPECT_EQ(join({{4}, {2}, {9}}, {1, 1, 1}), (Ids{4, 2, 9}));
  // One call of two samples, one of one.
  EXPECT_EQ(join({{4, 5}, {2}}, {2, 1}), (Ids{4, 5, 2}));
  EXPECT_EQ(join({{4, 5}}, {2}), (Ids{4, 5}));
}

TEST(SampleIds, JoinTakesTurnsWithinABatch) {
  // Two items of a batch around both calls: of each item first the one's, then the
  // other's samples.
  EXPECT_EQ(join({{0, 1, 2, 3}, {10, 11}}, {2, 1}), (Ids{0, 1, 10, 2, 3, 11}));
}

TEST(SampleIds, JoinGivesNothingWhereANumberIsMissing) {
  EXPECT_EQ(join({}, {}), Ids());
  EXPECT_EQ(join({{1}, {}}, {1, 1}), Ids());
  EXPECT_EQ(join({{}, {1}}, {1, 1}), Ids());
  EXPECT_EQ(join({{1, 2, 3}, {4}}, {2, 1}), Ids());
  EXPECT_EQ(join({{1, 2}, {3}}, {1, 1}), Ids()); // of one item, and of two
  EXPECT_EQ(join({{1}, {2}}, {0, 1}), Ids());
  EXPECT_EQ(join({{1}, {2}}, {1, -1}), Ids());
}

TEST(SampleIds, SplitTakesApart) {
  EXPECT_EQ(split({4, 2, 9}, {1, 1, 1}), (std::vector<Ids>{{4}, {2}, {9}}));
  EXPECT_EQ(split({0, 1, 10, 2, 3, 11}, {2, 1}), (std::vector<Ids>{{0, 1, 2, 3}, {10, 11}}));
  EXPECT_EQ(split({1, 2}, {0, 2}), (std::vector<Ids>{{}, {1, 2}}));
}

TEST(SampleIds, SplitGivesNothingOfWhatDoesNotFit) {
  EXPECT_EQ(split({}, {1, 2}), (std::vector<Ids>{{}, {}}));
  EXPECT_EQ(split({1, 2, 3, 4}, {1, 2}), (std::vector<Ids>{{}, {}}));
  EXPECT_EQ(split({1}, {}), std::vector<Ids>());
  EXPECT_EQ(split({1}, {0}), (std::vector<Ids>{{}}));
}

TEST(SampleIds, SplitUndoesJoin) {
  for (int64_t items : {1, 2, 5})
    for (const Ids &chunks : {Ids{1, 1}, Ids{3, 1, 2}, Ids{2}}) {
      std::vector<Ids> lists;
      int64_t next = 0;
      for (int64_t chunk : chunks) {
        lists.emplace_back(items * chunk);
        for (int64_t &id : lists.back())
          id = next++;
      }
      EXPECT_EQ(split(join(lists, chunks), chunks), lists);
    }
}

TEST(SampleIds, AreReadFromCallsAndSet) {
  test::Program program(R"(func.func @f(%p: !text) -> !text {
    %r = xcs_llm.generate "m" (%p) {xcs_llm.sample_ids = array<i64: 3>} : !text
    return %r : !text
  })");
  auto call = program.find<GenerateOp>();
  EXPECT_EQ(getSampleIds(call), ArrayRef<int64_t>({3}));
  setSampleIds(call, {5, 6});
  EXPECT_EQ(getSampleIds(call), ArrayRef<int64_t>({5, 6}));
  // They are no part of the request.
  EXPECT_FALSE(LLMCallOpInterface(call).getRequestAttrs().contains(sampleIdsName));
  setSampleIds(call, {});
  EXPECT_FALSE(call->hasAttr(sampleIdsName));
  EXPECT_TRUE(getSampleIds(call).empty());
}
} // namespace

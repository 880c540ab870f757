//===- PackingTest.cpp - Several items in one prompt ------------------------===//

#include "XcsLLM/Analysis/Packing.h"
#include "XcsLLM/Support/Text.h"
#include <gtest/gtest.h>

using namespace xcs;

namespace {

using Operands = std::vector<std::pair<unsigned, int64_t>>;

TEST(Packing, NumbersTheItems) {
  PackedPrompt packed = packTemplate("Translate {x} into {y}.", {true, false}, 2);
  EXPECT_EQ(packed.format, "Do the following for each of the items below, with its own [x]:\n"
                           "Translate [x] into {v0}.\n\n"
                           "Items:\n1. {v1}\n2. {v2}\n\n"
                           "Answer with nothing but a JSON list of 2 strings, in order.");
  EXPECT_EQ(packed.operands, (Operands{{1, -1}, {0, 0}, {0, 1}}));
}

TEST(Packing, NamesWhatDiffersWhereItIsSeveral) {
  PackedPrompt packed = packTemplate("{a} or {b}? {a}!", {true, true}, 1);
  EXPECT_EQ(packed.format, "Do the following for each of the items below, with its own [a], [b]:\n"
                           "[a] or [b]? [a]!\n\n"
                           "Items:\n1. [a] {v0} [b] {v1}\n\n"
                           "Answer with nothing but a JSON list of 1 strings, in order.");
  EXPECT_EQ(packed.operands, (Operands{{0, 0}, {1, 0}}));
}

TEST(Packing, KeepsBracesAndWhatIsUsedTwice) {
  PackedPrompt packed = packTemplate("{{{c}}} {c} {d} }}", {false, true}, 1);
  llvm::Expected<TemplateParts> parts = parseTemplate(packed.format);
  ASSERT_TRUE(bool(parts));
  EXPECT_NE(parts->render({"C", "D"}).find("{C} C [d] }"), std::string::npos);
}

TEST(Packing, KnowsItsOwn) {
  EXPECT_TRUE(isPackedTemplate(packTemplate("{x}", {true}, 3).format));
  EXPECT_FALSE(isPackedTemplate("{x}"));
}

TEST(Packing, SplitsEvenly) {
  EXPECT_EQ(splitIntoPacks(6, 6), (std::vector<int64_t>{6}));
  EXPECT_EQ(splitIntoPacks(7, 6), (std::vector<int64_t>{4, 3}));
  EXPECT_EQ(splitIntoPacks(5, 2), (std::vector<int64_t>{2, 2, 1}));
  EXPECT_EQ(splitIntoPacks(1, 4), (std::vector<int64_t>{1}));
  EXPECT_EQ(splitIntoPacks(0, 4), (std::vector<int64_t>{}));
}

} // namespace

//===- ObjectiveTest.cpp - Which of two ways is better --------------------===//

#include "XcsLLM/Analysis/Objective.h"
#include "gtest/gtest.h"

using namespace xcs;

namespace {

Effort effort(double cost, double latency, double requests = 1) {
  return {{cost}, {latency}, requests};
}

TEST(Objective, ComparesWhatItIsAfterFirst) {
  Effort before = effort(2, 100), cheaper = effort(1, 200), faster = effort(3, 50);
  EXPECT_TRUE(isGain(before, cheaper, Objective::Cost));
  EXPECT_FALSE(isGain(before, cheaper, Objective::Latency));
  EXPECT_FALSE(isGain(before, faster, Objective::Cost));
  EXPECT_TRUE(isGain(before, faster, Objective::Latency));
}

TEST(Objective, BalancesPercents) {
  // Half the money for twice the time is neither better nor worse.
  EXPECT_EQ(compareEfforts(effort(2, 100), effort(1, 200), Objective::Balanced), 0);
  EXPECT_TRUE(isGain(effort(2, 100), effort(1, 199), Objective::Balanced));
  EXPECT_FALSE(isGain(effort(2, 100), effort(1, 201), Objective::Balanced));
}

TEST(Objective, BreaksTiesByTheOtherFigureThenByRequests) {
  EXPECT_TRUE(isGain(effort(1, 100), effort(1, 90), Objective::Cost));
  EXPECT_FALSE(isGain(effort(1, 90), effort(1, 100), Objective::Cost));
  EXPECT_TRUE(isGain(effort(2, 100), effort(1, 100), Objective::Latency));
  EXPECT_TRUE(isGain(effort(0, 0, 4), effort(0, 0, 2), Objective::Cost));
  EXPECT_FALSE(isGain(effort(0, 0, 2), effort(0, 0, 2), Objective::Balanced));
}

TEST(Objective, TakesRoundingForNothing) {
  double sum = 0.1 + 0.2;
  EXPECT_EQ(compareEfforts(effort(0.3, 1), effort(sum, 1), Objective::Cost), 0);
  EXPECT_FALSE(isGain(effort(sum, 1), effort(0.3, 1), Objective::Cost));
  EXPECT_TRUE(isGain(effort(1e-9, 1), effort(0.9e-9, 1), Objective::Cost));
}

TEST(Objective, ToldFromNothingIsSomething) {
  EXPECT_LT(compareEfforts(effort(0.01, 1), effort(0, 1), Objective::Cost), 0);
  EXPECT_GT(compareEfforts(effort(0, 1), effort(0.01, 1), Objective::Cost), 0);
}

} // namespace

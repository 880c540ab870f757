//===- PricingTest.cpp - What one call takes ------------------------------===//

#include "XcsLLM/Analysis/Pricing.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace xcs;

namespace {

constexpr auto standard = ServiceTier::Standard, flex = ServiceTier::Flex,
               batch = ServiceTier::Batch;

ModelEntry makeModel() {
  ModelEntry model;
  model.prices[0] = {/*input=*/2, /*output=*/10, /*cachedInput=*/0.5, /*cacheWrite=*/2.5};
  model.ttftMs = 200;
  model.outputTokensPerS = 50;
  return model;
}

CallTokens makeTokens(double input, double output, int64_t samples = 1) {
  CallTokens tokens;
  tokens.input = input;
  tokens.output = output;
  tokens.samples = samples;
  return tokens;
}

TEST(PricingTest, PricesInputAndOutput) {
  // 1000 * 2 + 300 * 10 = 5000 millionths.
  Amount cost = priceCall(makeModel(), standard, makeTokens(1000, 300));
  EXPECT_DOUBLE_EQ(cost.known, 0.005);
  EXPECT_TRUE(cost.complete);
}

TEST(PricingTest, PricesReadingAndWritingOfThePromptCache) {
  CallTokens tokens = makeTokens(1000, 0);
  tokens.cached = 600;
  tokens.written = 300;
  // 100 * 2 + 600 * 0.5 + 300 * 2.5 = 200 + 300 + 750.
  EXPECT_DOUBLE_EQ(priceCall(makeModel(), standard, tokens).known, 0.00125);
  ModelEntry model = makeModel();
  model.prices[0].cacheWrite.reset(); // not billed apart: 400 * 2 + 300
  EXPECT_DOUBLE_EQ(priceCall(model, standard, tokens).known, 0.0011);
}

TEST(PricingTest, PaysThePromptOnceForEachRequest) {
  ModelEntry model = makeModel();
  EXPECT_EQ(countRequests(model, 1000), 1); // no limit is known
  model.maxSamples = 4;
  EXPECT_EQ(countRequests(model, 1), 1);
  EXPECT_EQ(countRequests(model, 4), 1);
  EXPECT_EQ(countRequests(model, 5), 2);
  // 3 * 100 * 2 + 9 * 20 * 10 = 600 + 1800.
  EXPECT_DOUBLE_EQ(priceCall(model, standard, makeTokens(100, 20, 9)).known, 0.0024);
  CallTokens tokens = makeTokens(100, 0, 9); // the cache serves one of the three
  tokens.cached = 100;
  EXPECT_DOUBLE_EQ(priceCall(model, standard, tokens).known, (200 * 2 + 100 * 0.5) / 1e6);
}

TEST(PricingTest, UnknownIsNotZeroAndZeroIsFree) {
  ModelEntry model = makeModel();
  model.prices[0].output.reset();
  Amount cost = priceCall(model, standard, makeTokens(1000, 300));
  EXPECT_DOUBLE_EQ(cost.known, 0.002);
  EXPECT_FALSE(cost.complete);
  EXPECT_TRUE(priceCall(model, standard, makeTokens(1000, 0)).complete); // none are needed
  model.prices[0] = {/*input=*/0, /*output=*/0, {}, {}};
  cost = priceCall(model, standard, makeTokens(1000, 300));
  EXPECT_EQ(cost.known, 0);
  EXPECT_TRUE(cost.complete);
  EXPECT_FALSE(priceCall(ModelEntry(), standard, makeTokens(1, 1)).complete);
}

TEST(PricingTest, TiersHaveTheirOwnPrices) {
  ModelEntry model = makeModel();
  EXPECT_FALSE(priceCall(model, flex, makeTokens(1000, 300)).complete);
  EXPECT_EQ(priceCall(model, batch, makeTokens(1000, 300)).known, 0);
  applyBatchDiscount(model, 0.5);
  Amount cost = priceCall(model, batch, makeTokens(1000, 300));
  EXPECT_DOUBLE_EQ(cost.known, 0.0025);
  EXPECT_TRUE(cost.complete);
}

TEST(PricingTest, StepsGoByTheLengthOfOnePrompt) {
  ModelEntry model = makeModel();
  PriceStep &step = model.steps.emplace_back();
  step.aboveTokens = 1000;
  step.prices[0].input = 4;
  EXPECT_DOUBLE_EQ(priceCall(model, standard, makeTokens(1000, 100)).known, 0.003);
  // What the step does not price costs what it does below: 1001 * 4 + 100 * 10.
  EXPECT_DOUBLE_EQ(priceCall(model, standard, makeTokens(1001, 100)).known, 5004e-6);
  // Requests do not add up to a longer prompt: 3 * 500 * 2.
  model.maxSamples = 1;
  EXPECT_DOUBLE_EQ(priceCall(model, standard, makeTokens(500, 0, 3)).known, 0.003);
}

TEST(PricingTest, TimeIsTheFirstTokenAndThenTheRest) {
  Amount time = timeCall(makeModel(), standard, 100);
  EXPECT_DOUBLE_EQ(time.known, 200 + 100 * 20);
  EXPECT_TRUE(time.complete);
  ModelEntry model = makeModel();
  model.outputTokensPerS.reset();
  EXPECT_EQ(timeCall(model, standard, 100).known, 200);
  EXPECT_FALSE(timeCall(model, standard, 100).complete);
  EXPECT_TRUE(timeCall(model, standard, 0).complete); // an embedding
  model = makeModel();
  model.ttftMs.reset();
  EXPECT_EQ(timeCall(model, standard, 100).known, 2000);
  EXPECT_FALSE(timeCall(model, standard, 100).complete);
  EXPECT_FALSE(timeCall(model, standard, 0).complete);
}

TEST(PricingTest, TimeOfTiers) {
  Amount time = timeCall(makeModel(), flex, 100);
  EXPECT_DOUBLE_EQ(time.known, 2200);
  EXPECT_FALSE(time.complete);
  time = timeCall(ModelEntry(), batch, 100);
  EXPECT_EQ(time.known, 86400000);
  EXPECT_TRUE(time.complete);
}

TEST(PricingTest, AmountsAddUpAndNeverOverflow) {
  Amount sum{1, true};
  sum += {2, false};
  EXPECT_EQ(sum.known, 3);
  EXPECT_FALSE(sum.complete);
  EXPECT_TRUE((sum * 0).complete); // none of it is nothing
  EXPECT_FALSE((sum * 0.5).complete);
  Amount most{1};
  for (int i = 0; i < 100; ++i) {
    most = most * 1e30;
    most += most;
  }
  EXPECT_EQ(most.known, mostFigure);
  EXPECT_EQ((most * 0).known, 0);
  // 2^62 tokens at 1000 dollars per million, in 2^62 samples.
  ModelEntry model = makeModel();
  model.prices[0] = {1000, 1000, 1000, 1000};
  model.maxSamples = 1;
  Amount cost = priceCall(model, standard, makeTokens(0x1p62, 0x1p62, int64_t(1) << 62));
  EXPECT_TRUE(std::isfinite(cost.known));
}

} // namespace

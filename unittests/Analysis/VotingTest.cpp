//===- VotingTest.cpp - When a vote is settled ------------------------------===//

#include "XcsLLM/Analysis/Voting.h"
#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <random>

using namespace xcs;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

//===----------------------------------------------------------------------===//
// Beta
//===----------------------------------------------------------------------===//

TEST(Voting, ProbabilityAboveHalfByHand) {
  EXPECT_EQ(getProbabilityAboveHalf(0, 0), 0.5);
  EXPECT_EQ(getProbabilityAboveHalf(1, 0), 0.75);
  EXPECT_EQ(getProbabilityAboveHalf(3, 0), 0.9375);
  EXPECT_EQ(getProbabilityAboveHalf(2, 1), 11.0 / 16);
  EXPECT_EQ(getProbabilityAboveHalf(0, 3), 0.0625);
  EXPECT_EQ(getProbabilityAboveHalf(7, 7), 0.5);
  EXPECT_EQ(getProbabilityAboveHalf(500000, 500000), 0.5);
}

/// By adding up all of Pascal's row, in long double.
long double getByRow(int64_t a, int64_t b) {
  int64_t n = a + b + 1;
  long double term = std::ldexp(1.0L, -n), sum = 0;
  for (int64_t k = 0; k <= a; ++k) {
    sum += term;
    term *= (long double)(n - k) / (k + 1);
  }
  return sum;
}

TEST(Voting, ProbabilityAboveHalfMatchesPascalsRow) {
  for (int64_t a = 0; a <= 60; ++a)
    for (int64_t b = 0; b <= 60; ++b)
      EXPECT_NEAR(getProbabilityAboveHalf(a, b), double(getByRow(a, b)), 1e-15) << a << " " << b;
  // On both sides of the change of method, and far beyond it.
  for (int64_t n : {990, 998, 999, 1000, 1001, 1002, 1500, 4000, 15000})
    for (int64_t a = n / 2 - 200; a < n / 2; a += 7) {
      double expected = getByRow(a, n - a);
      EXPECT_NEAR(getProbabilityAboveHalf(a, n - a) / expected, 1, 1e-12) << a << " " << n;
    }
}

TEST(Voting, ProbabilityAboveHalfSmallTails) {
  EXPECT_EQ(getProbabilityAboveHalf(0, 999), std::ldexp(1.0, -1000));
  EXPECT_EQ(getProbabilityAboveHalf(0, 1040), std::ldexp(1.0, -1041));
  EXPECT_EQ(getProbabilityAboveHalf(0, 1100), 0);
  EXPECT_NEAR(getProbabilityAboveHalf(1, 999) / std::ldexp(1002.0, -1001), 1, 1e-12);
  EXPECT_NEAR(getProbabilityAboveHalf(2, 1000) / double(getByRow(2, 1000)), 1, 1e-12);
  EXPECT_NEAR(getProbabilityAboveHalf(30, 1000) / double(getByRow(30, 1000)), 1, 1e-12);
  EXPECT_EQ(getProbabilityAboveHalf(0, 1000000), 0);
  EXPECT_EQ(getProbabilityAboveHalf(1000000, 0), 1);
}

TEST(Voting, ProbabilityAboveHalfIsSymmetricAndMonotone) {
  for (int64_t n : {1, 2, 9, 40, 400, 999, 1000, 1001, 2000, 30000}) {
    double before = -1;
    for (int64_t a = std::max<int64_t>(0, n / 2 - 300); a <= std::min(n, n / 2 + 300); ++a) {
      double above = getProbabilityAboveHalf(a, n - a);
      EXPECT_NEAR(above + getProbabilityAboveHalf(n - a, a), 1, 1e-15);
      EXPECT_GE(above, before);
      EXPECT_GE(above, 0);
      EXPECT_LE(above, 1);
      before = above;
    }
  }
}

TEST(Voting, ProbabilityAboveHalfOfMillions) {
  auto start = std::chrono::steady_clock::now();
  // A normal distribution, by the Berry–Esseen theorem within 0.6 / sqrt(n).
  for (int64_t n : {100001, 1000000})
    for (double deviation = -6; deviation <= 6; deviation += 0.25) {
      int64_t a = std::llround(n / 2.0 + deviation * std::sqrt(double(n)) / 2);
      double x = (a + 0.5 - (n + 1) / 2.0) / (std::sqrt(n + 1.0) / 2);
      EXPECT_NEAR(getProbabilityAboveHalf(a, n - a), std::erfc(-x / std::sqrt(2)) / 2, 1e-5);
    }
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), 1);
}

//===----------------------------------------------------------------------===//
// Waves
//===----------------------------------------------------------------------===//

TEST(Voting, IsSettledByHand) {
  auto isSettled = [](int64_t first, int64_t second, int64_t out) {
    return isVoteSettled(first, second, out, {}, {});
  };
  EXPECT_TRUE(isSettled(3, 0, 2));
  EXPECT_FALSE(isSettled(3, 1, 2)) << "a tie may go to the other";
  EXPECT_FALSE(isSettled(0, 0, 1));
  EXPECT_TRUE(isSettled(2, 2, 0)) << "nothing is out";
  EXPECT_FALSE(isVoteSettled(3, 0, 2, 4, {})) << "the quorum is not sure";
  EXPECT_TRUE(isVoteSettled(4, 0, 2, 4, {}));
  EXPECT_FALSE(isVoteSettled(2, 1, 2, 4, {}));
  EXPECT_TRUE(isVoteSettled(2, 1, 2, 5, {})) << "the quorum cannot be reached";
  EXPECT_TRUE(isVoteSettled(3, 0, 10, {}, 0.9375)) << "no less is enough";
  EXPECT_FALSE(isVoteSettled(3, 0, 10, {}, 0.94));
  EXPECT_FALSE(isVoteSettled(3, 0, 10, {}, nan));
}

TEST(Voting, WavesByHand) {
  using Waves = std::vector<double>;
  EXPECT_EQ(findWaveProbabilities({}, 0.8, {}, {}), Waves());
  EXPECT_EQ(findWaveProbabilities({5}, 0.8, {}, {}), Waves{1});
  EXPECT_EQ(findWaveProbabilities({3, 2}, 1.0, {}, {}), (Waves{1, 0}));
  // Settled if all three agree.
  EXPECT_NEAR(findWaveProbabilities({3, 2}, 0.8, {}, {})[1], 1 - 0.512 - 0.008, 1e-15);
  // The third is needed if two differ; the last one then decides.
  Waves waves = findWaveProbabilities({2, 1, 1, 1}, 0.7, {}, {});
  EXPECT_NEAR(waves[1], 1, 1e-15);
  EXPECT_NEAR(waves[2], 1 - 0.343 - 0.027, 1e-15);
  EXPECT_NEAR(waves[3], 6 * 0.49 * 0.09, 1e-15);
  // What is stopped stays so: after three, 3:0 at 93.75 %; 3:2 would be open again.
  waves = findWaveProbabilities({3, 2, 10}, 0.8, {}, 0.9);
  EXPECT_NEAR(waves[1], 0.48, 1e-15);
  EXPECT_NEAR(waves[2], 0.48, 1e-15);
  // A quorum of all: the first vote against it ends it.
  waves = findWaveProbabilities({2, 1, 1}, 0.8, 4, {});
  EXPECT_NEAR(waves[1], 0.64 + 0.04, 1e-15);
  EXPECT_NEAR(waves[2], 0.512 + 0.008, 1e-15);
}

TEST(Voting, OddInputs) {
  using Waves = std::vector<double>;
  EXPECT_EQ(findWaveProbabilities({0, 0, 0}, 0.8, {}, {}), (Waves{1, 0, 0})) << "nothing is out";
  EXPECT_EQ(findWaveProbabilities({0, 3, 0, 2}, 1.0, {}, {}), (Waves{1, 1, 0, 0}));
  EXPECT_EQ(findWaveProbabilities({-3, 3, 2}, 1.0, {}, {}), (Waves{1, 1, 0}));
  for (double agreement : {nan, -1.0, 0.0, 0.3})
    EXPECT_EQ(findWaveProbabilities({3, 2}, agreement, {}, {}),
              findWaveProbabilities({3, 2}, 0.5, {}, {}));
  EXPECT_EQ(findWaveProbabilities({3, 2}, 7.0, {}, {}), (Waves{1, 0}));
  int64_t many = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(findWaveProbabilities({many, many, 1}, 1.0, {}, {}), (Waves{1, 1, 1}));
  EXPECT_EQ(findWaveProbabilities({4095, 2}, 1.0, {}, {}), (Waves{1, 1}));
  EXPECT_EQ(findWaveProbabilities({4095, 1}, 1.0, {}, {}), (Waves{1, 0}));
  EXPECT_EQ(findWaveProbabilities({3, 2}, 1.0, many, {}), (Waves{1, 0}));
  EXPECT_EQ(findWaveProbabilities({3, 2}, 1.0, -many - 1, {}), (Waves{1, 0}));
}

/// Every sequence of votes for the winner or its rival, by the definition.
std::vector<double> enumerate(const std::vector<int64_t> &waveVotes, double agreement,
                              std::optional<int64_t> quorum, std::optional<double> confidence) {
  int64_t total = std::accumulate(waveVotes.begin(), waveVotes.end(), int64_t(0));
  std::vector<double> waves(waveVotes.size());
  for (unsigned sequence = 0; sequence < 1u << total; ++sequence) {
    double chance = 1;
    for (int64_t vote = 0; vote < total; ++vote)
      chance *= sequence >> vote & 1 ? agreement : 1 - agreement;
    int64_t winner = 0, cast = 0;
    for (size_t wave = 0; wave < waves.size(); ++wave) {
      waves[wave] += chance;
      for (int64_t end = cast + waveVotes[wave]; cast < end; ++cast)
        winner += sequence >> cast & 1;
      int64_t x = std::max(winner, cast - winner), y = cast - x, out = total - cast;
      bool settled = (x - y > out && x >= quorum.value_or(0)) || out == 0;
      settled |= quorum && x + out < *quorum;
      settled |= confidence && double(getByRow(x, y)) >= *confidence;
      if (settled)
        break;
    }
  }
  return waves;
}

TEST(Voting, WavesMatchEnumeration) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    auto below = [&](unsigned bound) { return int64_t(random() % bound); };
    std::vector<int64_t> votes;
    int64_t total = 0;
    for (int64_t wave = 0, end = 1 + below(6); wave < end; ++wave)
      total += votes.emplace_back(std::min(below(5), 12 - total));
    double agreement = 0.5 + below(501) / 1000.0;
    std::optional<int64_t> quorum;
    std::optional<double> confidence;
    if (below(2))
      quorum = 1 + below(total + 2);
    if (below(2))
      confidence = 0.45 + below(550) / 1000.0;
    std::vector<double> expected = enumerate(votes, agreement, quorum, confidence);
    std::vector<double> waves = findWaveProbabilities(votes, agreement, quorum, confidence);
    ASSERT_EQ(waves.size(), expected.size());
    for (size_t wave = 0; wave < waves.size(); ++wave)
      EXPECT_NEAR(waves[wave], expected[wave], 1e-12) << "wave " << wave;
  }
}

TEST(Voting, DistributionOfAgreement) {
  AgreementShare shares[] = {{0.6, 1}, {0.9, 3}, {0.2, 0}, {0.7, nan}};
  std::vector<double> waves = findWaveProbabilities({3, 2, 4}, shares, 4, 0.95);
  std::vector<double> one = findWaveProbabilities({3, 2, 4}, 0.6, 4, 0.95);
  std::vector<double> two = findWaveProbabilities({3, 2, 4}, 0.9, 4, 0.95);
  for (size_t wave = 0; wave < waves.size(); ++wave)
    EXPECT_NEAR(waves[wave], 0.25 * one[wave] + 0.75 * two[wave], 1e-15);
  llvm::ArrayRef<AgreementShare> none;
  EXPECT_EQ(findWaveProbabilities({3, 2}, none, {}, {}), (std::vector<double>{1, 1}));
}

TEST(Voting, ManyVotesAreQuick) {
  auto start = std::chrono::steady_clock::now();
  std::vector<int64_t> votes(maxExactVotes, 1);
  for (std::optional<double> confidence : {std::optional<double>(), std::optional<double>(0.99)})
    for (double agreement : {0.5, 0.8, 1.0}) {
      std::vector<double> waves = findWaveProbabilities(votes, agreement, {}, confidence);
      for (size_t wave = 1; wave < waves.size(); ++wave) {
        ASSERT_LE(waves[wave], waves[wave - 1]);
        ASSERT_GE(waves[wave], 0);
      }
    }
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), 5);
}

//===----------------------------------------------------------------------===//
// Published measurements
//===----------------------------------------------------------------------===//

/// Dollars for a thousand questions whose agreement was measured in deciles, with
/// a prompt of 652 tokens, 54.5 tokens out, and 1.5 and 2 dollars per million.
double getCost(llvm::ArrayRef<int64_t> waveVotes, std::optional<double> confidence) {
  std::vector<AgreementShare> shares;
  for (double questions : {3, 6, 12, 11, 18, 16, 23, 37, 28, 215})
    shares.push_back({(shares.size() + 0.5) / 10, questions});
  std::vector<double> waves = findWaveProbabilities(waveVotes, shares, {}, confidence);
  double cost = 0;
  for (size_t wave = 0; wave < waves.size(); ++wave)
    cost += waves[wave] * (652 * 1.5 + waveVotes[wave] * 54.5 * 2) / 1e3;
  return cost;
}

TEST(Voting, CostsOfMeasuredQuestions) {
  std::vector<int64_t> oneByOne(40, 1);
  EXPECT_NEAR(getCost({40}, {}), 5.34, 0.005);
  // Measured with all rivals that there were; one alone makes it dearer.
  for (auto [cost, measured] :
       {std::pair(getCost(oneByOne, {}), 27.37), std::pair(getCost(oneByOne, 0.95), 10.93),
        std::pair(getCost({10, 10, 20}, 0.95), 3.16)}) {
    EXPECT_GE(cost, measured);
    EXPECT_LE(cost, measured * 1.05);
  }
}

} // namespace

//===- VotePlannerTest.cpp - In which rounds to take votes ------------------===//

#include "XcsLLM/Analysis/VotePlanner.h"
#include <chrono>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

using namespace xcs;

namespace {

using Rounds = std::vector<int64_t>;

Vote measured(int64_t votes, std::optional<double> confidence = std::nullopt) {
  return {votes, getMeasuredAgreement().vec(), std::nullopt, confidence};
}

/// Dollars for a thousand questions with a prompt of 652 tokens, 54.5 tokens out,
/// and 1.5 and 2 dollars per million.
constexpr RoundPrices published{652 * 1.5e-3, 652 * 1.5e-3, 652 * 1.5e-3, 54.5 * 2e-3, 0};

double getCost(const VotePlanner &planner, const Rounds &rounds) {
  return planner.evaluate(rounds, published).costUsd;
}

TEST(VotePlanner, PublishedCosts) {
  VotePlanner settled(measured(40)), confident(measured(40, 0.95));
  Rounds oneByOne(40, 1);
  EXPECT_NEAR(getCost(settled, {40}), 5.34, 0.005);
  EXPECT_NEAR(getCost(settled, oneByOne), 27.37, 0.01 * 27.37);
  EXPECT_NEAR(getCost(confident, oneByOne), 10.93, 0.01 * 10.93);
  EXPECT_NEAR(getCost(confident, {10, 10, 20}), 3.16, 0.02 * 3.16);
  VotePlan best = settled.plan(published, 40);
  EXPECT_NEAR(best.costUsd, 4.5, 0.05);
  EXPECT_TRUE(best.isBest);
  best = confident.plan(published, 40);
  EXPECT_NEAR(best.costUsd, 2.95, 0.07);
  EXPECT_TRUE(best.isBest);
}

TEST(VotePlanner, ByHand) {
  // Certain of four in seven, which is what settles it.
  Vote vote{7, {{1.0}}, std::nullopt, std::nullopt};
  VotePlanner planner(vote);
  VotePlan plan = planner.plan({1, 1, 1, 1, 0}, 7);
  EXPECT_EQ(plan.rounds, (Rounds{4, 3}));
  EXPECT_EQ(plan.costUsd, 5);
  EXPECT_EQ(plan.requests, 1);
  EXPECT_EQ(plan.votes, 4);
  // At a limit of two samples the same rounds take two requests, and two.
  plan = planner.plan({1, 1, 1, 1, 2}, 7);
  EXPECT_EQ(plan.costUsd, 6);
  EXPECT_EQ(plan.requests, 2);
  EXPECT_EQ(planner.evaluate(Rounds{7}, {1, 1, 1, 1, 2}).costUsd, 11);
  // Prompts of later rounds may be cheaper.
  VotePlanner even(Vote{3, {{0.5}}, std::nullopt, std::nullopt});
  EXPECT_EQ(even.plan({2, 2, 2, 1, 0}, 3).rounds, (Rounds{3}));
  EXPECT_EQ(even.plan({2, 2, 0.5, 1, 0}, 3).rounds, (Rounds{2, 1}));
  EXPECT_EQ(even.plan({2, 2, 0.5, 1, 0}, 3).costUsd, 4 + 0.5 * 1.5);
  // A quorum that nobody reaches without all.
  VotePlanner all(Vote{3, {{0.5}}, 3, std::nullopt});
  EXPECT_EQ(all.plan({0, 0, 0, 1, 0}, 3).rounds, (Rounds{2, 1}));
  EXPECT_EQ(all.plan({0, 0, 0, 1, 0}, 1).rounds, (Rounds{3}));
}

TEST(VotePlanner, NoQuestions) {
  VotePlanner planner(Vote{3, {}, std::nullopt, std::nullopt});
  EXPECT_EQ(planner.evaluate(Rounds{2, 1}, {0, 0, 0, 1, 0}).votes, 2.5);
  VotePlanner one(Vote{1, {{0.7}}, std::nullopt, 0.9});
  EXPECT_EQ(one.plan(published, 5).rounds, Rounds{1});
}

/// What `rounds` cost, over every sequence of votes, by the definition.
double enumerate(const Vote &vote, const Rounds &rounds, const RoundPrices &prices) {
  double cost = 0, weights = 0;
  for (const AgreementShare &share : vote.agreements)
    weights += share.weight;
  unsigned sequences = 1;
  for (int64_t i = 0; i < vote.votes; ++i)
    sequences *= 3;
  for (const AgreementShare &share : vote.agreements) {
    double winner = share.rival == 1 ? std::max(share.agreement, 0.5) : share.agreement;
    double rival = std::min(winner, share.rival * (1 - winner));
    double chances[] = {winner, rival, std::max(0.0, 1 - winner - rival)};
    for (unsigned sequence = 0; sequence < sequences; ++sequence) {
      double chance = share.weight / weights;
      for (unsigned i = 0, rest = sequence; i < vote.votes; ++i, rest /= 3)
        chance *= chances[rest % 3];
      if (chance == 0)
        continue;
      std::vector<int64_t> counts(2);
      unsigned rest = sequence;
      int64_t out = vote.votes;
      for (size_t round = 0; round < rounds.size(); ++round) {
        int64_t cast = vote.votes - out;
        cost += chance * prices.getCost(cast, cast + rounds[round], vote.votes);
        for (int64_t i = 0; i < rounds[round]; ++i, rest /= 3, --out) {
          if (rest % 3 == 2)
            counts.push_back(1);
          else
            ++counts[rest % 3];
        }
        std::vector<int64_t> ranked = counts;
        std::sort(ranked.rbegin(), ranked.rend());
        if (isVoteSettled(ranked[0], ranked[1], out, vote.quorum, vote.confidence))
          break;
      }
    }
  }
  return cost;
}

/// Calls for each way to write `votes` as a sum.
template <typename Visit> void forEachComposition(int64_t votes, Visit visit) {
  for (unsigned bits = 0; bits < 1u << (votes - 1); ++bits) {
    Rounds rounds = {1};
    for (int64_t i = 0; i + 1 < votes; ++i) {
      if (bits >> i & 1)
        rounds.push_back(0);
      ++rounds.back();
    }
    visit(rounds);
  }
}

class Draw {
public:
  explicit Draw(unsigned seed) : random(seed) {}
  int64_t below(unsigned bound) { return int64_t(random() % bound); }

  Vote drawVote(int64_t most) {
    Vote vote{1 + below(most), {}, std::nullopt, std::nullopt};
    for (int64_t i = 0, end = 1 + below(3); i < end; ++i)
      vote.agreements.push_back(
          {below(101) / 100.0, 1.0 + below(5), below(3) == 0 ? 1.0 : below(101) / 100.0});
    if (below(3) == 0)
      vote.quorum = 1 + below(vote.votes + 2);
    if (below(2))
      vote.confidence = 0.45 + below(550) / 1000.0;
    return vote;
  }
  RoundPrices drawPrices() {
    RoundPrices prices;
    prices.requestUsd = below(300) / 100.0;
    prices.firstRequestUsd = prices.requestUsd * (1 + below(2) / 4.0);
    prices.laterRequestUsd = below(2) ? prices.requestUsd : prices.requestUsd / 4;
    prices.sampleUsd = below(100) / 100.0;
    prices.maxSamples = below(4) == 0 ? 1 + below(4) : 0;
    return prices;
  }

private:
  std::mt19937 random;
};

TEST(VotePlanner, CostsMatchEnumeration) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Draw draw(seed);
    Vote vote = draw.drawVote(6);
    RoundPrices prices = draw.drawPrices();
    VotePlanner planner(vote);
    forEachComposition(vote.votes, [&](const Rounds &rounds) {
      EXPECT_NEAR(planner.evaluate(rounds, prices).costUsd, enumerate(vote, rounds, prices), 1e-9);
    });
  }
}

TEST(VotePlanner, NoCompositionIsCheaper) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Draw draw(seed);
    Vote vote = draw.drawVote(9);
    RoundPrices prices = draw.drawPrices();
    int64_t maxRounds = 1 + draw.below(vote.votes + 1);
    VotePlanner planner(vote);
    VotePlan plan = planner.plan(prices, maxRounds);
    EXPECT_TRUE(plan.isBest);
    EXPECT_LE(int64_t(plan.rounds.size()), maxRounds);
    EXPECT_EQ(std::accumulate(plan.rounds.begin(), plan.rounds.end(), int64_t(0)), vote.votes);
    EXPECT_NEAR(plan.costUsd, planner.evaluate(plan.rounds, prices).costUsd, 1e-12);
    forEachComposition(vote.votes, [&](const Rounds &rounds) {
      if (int64_t(rounds.size()) <= maxRounds)
        EXPECT_GE(planner.evaluate(rounds, prices).costUsd, plan.costUsd - 1e-9);
    });
  }
}

TEST(VotePlanner, ManyVotesAreQuick) {
  auto start = std::chrono::steady_clock::now();
  for (std::optional<double> confidence : {std::optional<double>(), std::optional<double>(0.95)})
    for (int64_t votes : {40, 128, 256}) {
      VotePlan plan = VotePlanner(measured(votes, confidence)).plan(published, votes);
      EXPECT_EQ(std::accumulate(plan.rounds.begin(), plan.rounds.end(), int64_t(0)), votes);
    }
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), 10);
}

} // namespace

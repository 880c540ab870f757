//===- votes.cpp - What votes in rounds cost --------------------------------===//
//
// usage: votes
//
// Prints, as a table in Markdown, what ways to take 40 votes are expected to cost for
// a thousand questions, and how often the result is another than that of all votes.
// Exact on the distribution of agreement that docs/CostModel.md gives; the prices
// are those of the published measurement, with which the last column compares.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Analysis/VotePlanner.h"
#include <cstdio>
#include <string>

using namespace xcs;

static constexpr int64_t votes = 40;
static constexpr double confidence = 0.95;
/// 652 tokens of prompt, 54.5 of output, at 1.5 and 2 dollars per million, in dollars
/// for a thousand questions.
static constexpr RoundPrices prices{652 * 1.5e-3, 652 * 1.5e-3, 652 * 1.5e-3, 54.5 * 2e-3, 0};

static std::string getName(const std::vector<int64_t> &rounds) {
  if (rounds.size() == 1)
    return "one request of " + std::to_string(votes);
  if (rounds.size() == size_t(votes))
    return "one by one";
  std::string name = "rounds of ";
  for (size_t round = 0; round < rounds.size(); ++round)
    name += (round > 0 ? ", " : "") + std::to_string(rounds[round]);
  return name;
}

static void print(const VotePlanner &planner, const VotePlan &plan, bool isConfident,
                  const char *note, const char *published) {
  double differs = planner.getDifference(plan.rounds);
  std::printf("| %s, until %s%s | %.2f | %.1f | %.2f | %.2f %% | %s |\n",
              getName(plan.rounds).c_str(), isConfident ? "95 % sure" : "settled", note,
              plan.costUsd, plan.votes, plan.requests, 100 * differs, published);
}

int main() {
  Vote vote{votes, getMeasuredAgreement().vec(), std::nullopt, std::nullopt};
  VotePlanner settled(vote);
  vote.confidence = confidence;
  VotePlanner confident(vote);
  std::vector<int64_t> oneByOne(votes, 1);
  auto evaluate = [](const VotePlanner &planner, const std::vector<int64_t> &rounds) {
    return planner.evaluate(rounds, prices);
  };
  std::puts("| plan | dollars per 1,000 questions | votes | requests | other result | published |\n"
            "|---|---|---|---|---|---|");
  print(settled, evaluate(settled, {votes}), false, "", "5.34");
  print(settled, evaluate(settled, oneByOne), false, "", "27.37");
  print(settled, settled.plan(prices, votes), false, " (planned)", "near 4.5");
  print(confident, evaluate(confident, oneByOne), true, "", "10.93");
  print(confident, evaluate(confident, {10, 10, 20}), true, "", "3.16");
  for (int64_t rounds : {2, 3})
    print(confident, confident.plan(prices, rounds), true,
          rounds == 2 ? " (planned, at most 2 rounds)" : " (planned, at most 3 rounds)", "");
  VotePlan best = confident.plan(prices, votes);
  print(confident, best, true, best.isBest ? " (planned; none costs less)" : " (planned)",
        "2.9 to 3.0");
}

//===- VotePlanner.h - In which rounds to take votes ------------*- C++ -*-===//
//
// Samples of one request share the price of its prompt, so votes taken one by one
// until they settle it can cost more than all of them at once. This plans rounds in
// dollars: how many votes to ask for in each request, the next one only if the vote
// is open after the one before. Knows nothing of programs.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_VOTEPLANNER_H
#define XCSLLM_ANALYSIS_VOTEPLANNER_H

#include "XcsLLM/Analysis/Pricing.h"
#include "XcsLLM/Analysis/Voting.h"
#include <map>
#include <memory>

namespace xcs {

/// A vote: how many there are at most, how they are expected to agree, and what
/// ends it early (see `isVoteSettled`).
struct Vote {
  int64_t votes = 1;
  std::vector<AgreementShare> agreements = {{}};
  std::optional<int64_t> quorum;
  std::optional<double> confidence;
};

/// What rounds cost, in US dollars, none of it negative.
struct RoundPrices {
  double requestUsd = 0; ///< the prompt of a request of the one round there is
  /// Of the first of several rounds, and of later ones: part of the prompt may then be
  /// written to a cache, and read from it.
  double firstRequestUsd = 0, laterRequestUsd = 0;
  double sampleUsd = 0;   ///< the output of one sample
  int64_t maxSamples = 0; ///< of one request; 0 for no limit

  /// Of a round that brings `cast` votes to `end`, of `total`.
  double getCost(int64_t cast, int64_t end, int64_t total) const;
  double countRequests(int64_t samples) const;
};

/// The prices of rounds of samples, of which one takes `tokens`. Known as far as the
/// model's are.
RoundPrices getRoundPrices(const ModelEntry &model, ServiceTier tier, CallTokens tokens);

/// Rounds, and what they are expected to take.
struct VotePlan {
  std::vector<int64_t> rounds; ///< votes of each
  double costUsd = 0, requests = 0;
  double startedRounds = 0; ///< how many start: each takes the time of a request
  double votes = 0;         ///< how many are taken
  /// No rounds, of at most as many as were asked for, cost less.
  bool isBest = false;
};

/// The votes above which nothing is planned: `plan` takes up to the cube of them.
constexpr int64_t maxPlannedVotes = 256;

/// Plans the rounds of one vote, at any prices.
class VotePlanner {
public:
  /// At least one vote, at most `maxPlannedVotes`.
  explicit VotePlanner(Vote vote);
  ~VotePlanner();
  VotePlanner(VotePlanner &&);

  /// What `rounds`, whose sum is the votes, are expected to take: exact on the
  /// distribution of the agreement.
  VotePlan evaluate(llvm::ArrayRef<int64_t> rounds, const RoundPrices &prices) const;

  /// The rounds, at most `maxRounds`, that cost least. Without `confidence` that is
  /// a shortest path: what is settled stays settled, so the chance that a round
  /// starts depends on the votes before it alone. With `confidence` it is not: a
  /// vote that has stopped could have become open again. Then the best path by how
  /// likely the vote is open there, whatever was looked at before, is improved
  /// round by round, and all that could be better is searched within a bounded
  /// number of steps; whether that came to its end is `isBest`. Up to about twenty
  /// votes it does, in general.
  VotePlan plan(const RoundPrices &prices, int64_t maxRounds) const;

  /// How likely the most frequent value after `rounds` is another than after all
  /// votes, the first of equally frequent ones. Never without `confidence`. Of a
  /// `quorum` nothing is seen.
  double getDifference(llvm::ArrayRef<int64_t> rounds) const;

private:
  class States;
  class Search;

  VotePlan findPath(const RoundPrices &prices, int64_t maxRounds) const;

  Vote vote;
  /// The chance that the vote is open after so many votes if nobody looked before.
  std::vector<double> open;
  std::unique_ptr<States> states; ///< with `confidence`
};

/// Plans what is equal once: equal votes are many, and the search takes long.
/// A copy starts anew: it may belong to another thread.
class VotePlans {
public:
  VotePlans() = default;
  VotePlans(const VotePlans &) {}

  const VotePlanner &getPlanner(const Vote &vote) { return get(vote).planner; }
  /// The fewest rounds that cost at most 1 % more than the best plan: more rounds
  /// take longer.
  const VotePlan &plan(const Vote &vote, const RoundPrices &prices, int64_t maxRounds);

private:
  using Key = std::vector<double>; ///< all the figures
  struct Planned {
    VotePlanner planner;
    std::map<Key, VotePlan> plans;
  };
  Planned &get(const Vote &vote);

  std::map<Key, Planned> planned;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_VOTEPLANNER_H

//===- VoteStates.h - How votes may stand -----------------------*- C++ -*-===//
//
// What `Voting.cpp` and `VotePlanner.cpp` have in common: the chances of one vote,
// and whether a vote that stands like this is open.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_VOTESTATES_H
#define XCSLLM_LIB_ANALYSIS_VOTESTATES_H

#include "XcsLLM/Analysis/Voting.h"

namespace xcs {

/// How likely one vote is for the winner, for its rival, or for a value of its own.
struct VoteChances {
  double winner, rival, scattered;

  /// Of a question on which `total` votes are taken.
  VoteChances(const AgreementShare &share, int64_t total);
};

/// When a vote of `total` votes is open: what `isVoteSettled` says, but quicker.
class OpenRule {
public:
  OpenRule(int64_t total, std::optional<int64_t> quorum, std::optional<double> confidence);

  /// With so many votes for the winner, for its rival, and for values of their own.
  bool isOpen(int64_t winner, int64_t rival, int64_t others) const;

private:
  int64_t total, quorum;
  /// For each number of votes that the second has, how many the first has at least
  /// when it is likely enough to win.
  std::vector<int64_t> winning;
};

/// The weight of a share, at most 1e30; 0 for none that is one.
double getWeight(const AgreementShare &share);

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_VOTESTATES_H

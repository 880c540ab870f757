//===- Voting.h - When a vote is settled ------------------------*- C++ -*-===//
//
// Votes that are taken in waves, the next only while the result is open: what
// `xcs_llm.ensemble majority` with `waves` does. Knows nothing of programs. See
// P. Aggarwal et al., "Let's Sample Step by Step: Adaptive-Consistency for
// Efficient Reasoning and Coding with LLMs" (2023), for stopping at a confidence.
//
// Probabilities are from 0 to 1. What is outside of its range is taken for the
// end of the range that is nearer, NaN for the lower end; a `confidence` of NaN is
// never reached.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_VOTING_H
#define XCSLLM_ANALYSIS_VOTING_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace xcs {

/// P(Beta(a+1, b+1) > ½): how likely the value with `a` votes is the more frequent
/// one of two, if before the votes every share was as likely as any other. At least
/// 0 votes each, at most 2^53 together. The error is below 1e-12 of the result, or
/// of a result close to 1 a double's precision; results below 1e-300 are less
/// exact. Takes at most 1,000 steps for up to 10^3 votes, beyond them steps in the
/// square root of the votes, about 5,000 for 10^6.
double getProbabilityAboveHalf(int64_t a, int64_t b);

/// Whether no wave more is started when the two most frequent values have `first`
/// and `second` votes, `first` ≥ `second`, and `out` votes may still come: they
/// cannot change the result, which fails with fewer than `quorum` votes for the
/// winner; or P(Beta(first+1, second+1) > ½) is no less than `confidence`. A tie
/// may be changed: the first in member order wins it.
bool isVoteSettled(int64_t first, int64_t second, int64_t out, std::optional<int64_t> quorum,
                   std::optional<double> confidence);

/// A share of all questions, and how likely a vote on one of them is for the
/// question's winner.
struct AgreementShare {
  double agreement = 1;
  double weight = 1; ///< at least 0; shares are divided by the sum
  /// Of the votes that are not for the winner, the share that one rival has, at most
  /// as much as the winner; no two of the others are alike. 1 leaves no others, and
  /// an `agreement` below ½ is taken for ½ then.
  double rival = 1;
};

/// The agreement of 369 questions, measured with 40 votes on each: what is assumed
/// of a vote of which nothing is said. Its mean is `assumedAgreement`.
llvm::ArrayRef<AgreementShare> getMeasuredAgreement();
constexpr double assumedAgreement = 0.81;

/// The votes above which every wave is taken to start: what is exact takes up to
/// the square of their number.
constexpr int64_t maxExactVotes = 4096;
/// The votes above which all that are not for the winner are taken to be for one
/// rival: the exact chances of more values take up to the cube of their number.
constexpr int64_t maxScatteredVotes = 128;

/// For each wave, which has `waveVotes` votes (0 or more), the probability that it
/// starts: the first always, a later one if the vote was open at the end of each
/// before it (see `isVoteSettled`). Never rises from wave to wave. Exact, for votes
/// that are independent, each for the winner with the probability `agreement` and
/// else for one rival, the hardest case to settle. With more than `maxExactVotes`
/// in all, 1 for each wave.
std::vector<double> findWaveProbabilities(llvm::ArrayRef<int64_t> waveVotes, double agreement,
                                          std::optional<int64_t> quorum,
                                          std::optional<double> confidence);

/// The same over many questions, whose agreement is distributed as `agreements`
/// say. Without any weight, 1 for each wave.
std::vector<double> findWaveProbabilities(llvm::ArrayRef<int64_t> waveVotes,
                                          llvm::ArrayRef<AgreementShare> agreements,
                                          std::optional<int64_t> quorum,
                                          std::optional<double> confidence);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_VOTING_H

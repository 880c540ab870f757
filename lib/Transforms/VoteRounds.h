//===- VoteRounds.h - Votes into members that are rounds --------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_VOTEROUNDS_H
#define XCSLLM_LIB_TRANSFORMS_VOTEROUNDS_H

#include "Ballots.h"

namespace xcs {

/// Replaces `ensemble`, whose votes are `vote`, by one that takes them in `rounds`,
/// at most `maxSamples` in one request (0: no limit), and until `confidence`, if that
/// is given. Erases the calls.
void takeInRounds(EnsembleOp ensemble, const SampledVote &vote, llvm::ArrayRef<int64_t> rounds,
                  int64_t maxSamples, std::optional<double> confidence);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_VOTEROUNDS_H

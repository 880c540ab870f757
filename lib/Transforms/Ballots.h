//===- Ballots.h - Votes that are samples of one request --------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_BALLOTS_H
#define XCSLLM_LIB_TRANSFORMS_BALLOTS_H

#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// The votes of one member: samples of a call, and what each is made into.
struct Ballots {
  GenerateOp call;
  int64_t first = 0, count = 1; ///< which of the call's samples
  /// What makes the messages, if the call is in the member, and what makes a vote of
  /// a sample, both in program order. All of the latter fails if the sample has failed.
  llvm::SmallVector<mlir::Operation *> request, work;
  mlir::Value sample, vote; ///< before and after the work

  /// Whether the other's votes are made in the same way of samples of an equal
  /// request.
  bool isLike(const Ballots &other) const;
};

/// The votes of a member that yields one of `voteType`, or a list of them; or why it
/// cannot be read so, in `reason`: empty where nobody would think so.
mlir::FailureOr<Ballots> readBallots(mlir::Block &member, mlir::Type voteType, std::string &reason);

/// The votes of a majority, in the order of its members, which are all the samples of
/// equal requests that the program draws.
struct SampledVote {
  llvm::SmallVector<Ballots> members;
  int64_t votes = 0;

  /// The calls whose samples they are, each once.
  llvm::SmallVector<LLMCallOpInterface> getCalls() const;
  /// Why the samples may not be drawn in rounds; empty if they may.
  llvm::StringRef getReason() const;
  /// The numbers of the samples, vote by vote; empty without.
  llvm::SmallVector<int64_t> getSampleIds() const;
};

/// The votes of `ensemble`, a majority, if all are samples of equal requests; or why
/// not, in `reason`: empty where nobody would think so.
mlir::FailureOr<SampledVote> findSampledVote(EnsembleOp ensemble, std::string &reason);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_BALLOTS_H

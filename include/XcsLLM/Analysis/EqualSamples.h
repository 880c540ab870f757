//===- EqualSamples.h - Samples that one request can ask for ----*- C++ -*-===//
//
// Sampled calls that ask for the same, and of which each runs whenever the others
// do, and as often.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_EQUALSAMPLES_H
#define XCSLLM_ANALYSIS_EQUALSAMPLES_H

#include "XcsLLM/Analysis/EqualValues.h"

namespace xcs {

/// Sampled calls for the same, in program order.
struct SampleGroup {
  llvm::SmallVector<LLMCallOpInterface, 4> calls;
  mlir::Block *block; ///< the innermost around all of them
  /// The first of another group for the same, which may not run when this does; null
  /// if there is none.
  LLMCallOpInterface elsewhere;
};

/// The groups below `root`, by their first calls in program order. Between a call
/// and the block of its group are only chains without constraints, and members of
/// `all`, `best` and `majority` without waves. Near-linear.
std::vector<SampleGroup> findEqualSamples(mlir::Operation *root, const EqualValues &values);

/// Puts calls that ask for `samples` each into requests of at most `limit` samples,
/// if there is one: the indices of each request, in order. A call that asks for more
/// stays alone.
std::vector<llvm::SmallVector<unsigned>> packSamples(llvm::ArrayRef<int64_t> samples,
                                                     std::optional<int64_t> limit);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_EQUALSAMPLES_H

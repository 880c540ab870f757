//===- SampleIds.h - Which sample is which ----------------------*- C++ -*-===//
//
// The attribute `xcs_llm.sample_ids` of calls, for tests: it numbers the samples
// that a program draws, so that a rewritten program can be compared with it sample
// by sample. Rewrites that merge or split sampled calls keep the numbers; none
// depends on them.
//
// A list has one number for each sample of each item of the batches of known
// length around the call: the outermost batch's items first, then the next one's,
// the samples of one request (`n`) last. Items of a batch of unknown length have no
// numbers of their own: what tells them apart is their place.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_SAMPLEIDS_H
#define XCSLLM_ANALYSIS_SAMPLEIDS_H

#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

constexpr llvm::StringLiteral sampleIdsName = "xcs_llm.sample_ids";

/// The numbers of a call's samples; empty if it has none.
llvm::ArrayRef<int64_t> getSampleIds(mlir::Operation *call);
/// Sets them, or, where `ids` is empty, removes them.
void setSampleIds(mlir::Operation *call, llvm::ArrayRef<int64_t> ids);

/// The numbers of something that stands for all of `lists`, side by side: of each
/// list the next `chunks` numbers in turn, until all are taken. A chunk of a call
/// is as long as its samples, or, if what is put together is batches around it, as
/// one batch has numbers for one run of it. Empty if one of the lists is, or is no
/// whole number of chunks.
llvm::SmallVector<int64_t> joinSampleIds(llvm::ArrayRef<llvm::ArrayRef<int64_t>> lists,
                                         llvm::ArrayRef<int64_t> chunks);

/// The opposite: of each chunk, a sum of `sizes` long, the part that each size says.
std::vector<llvm::SmallVector<int64_t>> splitSampleIds(llvm::ArrayRef<int64_t> ids,
                                                       llvm::ArrayRef<int64_t> sizes);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_SAMPLEIDS_H

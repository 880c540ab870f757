//===- SampleLists.h - Several samples of one request -----------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_SAMPLELISTS_H
#define XCSLLM_LIB_TRANSFORMS_SAMPLELISTS_H

#include "Lists.h"

namespace xcs {

/// How many samples the calls draw in all.
int64_t countSamples(llvm::ArrayRef<LLMCallOpInterface> calls);

/// A call, beside the first of `calls`, that draws the samples of all of them, which
/// ask for the same; with their hints.
LLMCallOpInterface mergeSamples(mlir::OpBuilder &builder, llvm::ArrayRef<LLMCallOpInterface> calls);

/// Uses the samples in `list`, in order, for the answers of the calls. A request that
/// fails fails the list as a whole, and each item and each part of it as well; but a
/// list made of its items has not failed, so where that could show it stays.
void useSamples(IndexConstants &indices, llvm::ArrayRef<LLMCallOpInterface> calls,
                mlir::Value list);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_SAMPLELISTS_H

//===- CallHints.h - What is said of several calls together -----*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_CALLHINTS_H
#define XCSLLM_LIB_TRANSFORMS_CALLHINTS_H

#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// Gives `merged`, a copy of the first of `calls` that stands for all of them, their
/// hints on average, each sample counting as much as another, and the numbers of
/// their samples. Hints that some of them lack go; so do estimates that differ.
void mergeHints(LLMCallOpInterface merged, llvm::ArrayRef<LLMCallOpInterface> calls);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_CALLHINTS_H

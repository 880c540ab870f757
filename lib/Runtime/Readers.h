//===- Readers.h - Who reads a response -------------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_READERS_H
#define XCSLLM_LIB_RUNTIME_READERS_H

#include "XcsLLM/Runtime/Plan.h"
#include "llvm/ADT/DenseMap.h"

namespace xcs::runtime {

using Readers = llvm::DenseMap<const Task *, llvm::SmallVector<const Task *, 2>>;

/// For each request the tasks that parse its response, wherever it goes before: into
/// lists and out of them, into scopes and out of them.
Readers findReaders(const Plan &plan);

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_READERS_H

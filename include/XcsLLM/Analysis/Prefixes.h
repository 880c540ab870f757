//===- Prefixes.h - Prompts that begin alike --------------------*- C++ -*-===//
//
// Providers keep the beginnings of prompts: a request to the same model that
// begins with as many equal tokens as the model's minimum pays less for them.
// This finds how much of each prompt an earlier one has in common with it, taking
// templates apart and texts by blocks. docs/CostModel.md has the rules.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_PREFIXES_H
#define XCSLLM_ANALYSIS_PREFIXES_H

#include "XcsLLM/Analysis/Lengths.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace xcs {

/// A call as prompt caching sees it.
struct PrefixCall {
  LLMCallOpInterface call;
  const ModelEntry *model;
  const Lengths *lengths;
  bool isCached; ///< its tier has a price for cached input
  /// The innermost region around it that may not run, or run many times, when
  /// what is around that runs.
  uint32_t scope;
  /// When it is sent, and when its prompt is in the cache. Equal times count by
  /// rank: what waits for a call has a higher one.
  double startMs, cachedMs;
  uint32_t rank;
};

/// What one prompt shares with others.
struct SharedPrefix {
  double cached = 0;  ///< tokens that an earlier call has brought into the cache
  double written = 0; ///< tokens that a later call reads
  double shared = 0;  ///< tokens that it has in common with any other call
  uint32_t group = 0; ///< calls of one group share a prefix; 0: shares none
};

/// Answers for `calls`, in program order. `isAround(a, b)` says whether scope `a`
/// is `b` or around it. Calls that pay no price for cached input take no part
/// in the cache, but may share a prefix; those of a model without a minimum do
/// neither.
std::vector<SharedPrefix>
findSharedPrefixes(llvm::ArrayRef<PrefixCall> calls,
                   llvm::function_ref<bool(uint32_t, uint32_t)> isAround);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_PREFIXES_H

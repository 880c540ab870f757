//===- TokenEstimator.h - How many tokens a text has ------------*- C++ -*-===//
//
// An estimate, from the text's words and letters, of how many tokens a model
// makes of it. Fast, and without any vocabulary; docs/CostModel.md says how far
// from real tokenizers it is. Knows no IR.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_SUPPORT_TOKENESTIMATOR_H
#define XCSLLM_SUPPORT_TOKENESTIMATOR_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace xcs {

/// Models that share a vocabulary, or are near enough.
enum class TokenizerFamily : uint8_t { O200k, Cl100k };

/// The family of a model, by its name and provider (empty if unknown). A model
/// of no known family counts as the newest one.
TokenizerFamily getTokenizerFamily(llvm::StringRef model, llvm::StringRef provider = "");

/// The tokens of `text`, which should be UTF-8; bytes that are not count as
/// bytes. Zero for the empty text alone.
double estimateTokens(llvm::StringRef text, TokenizerFamily family);

} // namespace xcs

#endif // XCSLLM_SUPPORT_TOKENESTIMATOR_H

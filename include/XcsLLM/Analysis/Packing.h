//===- Packing.h - Several items in one prompt ------------------*- C++ -*-===//
//
// The prompt that asks for the answers of several items at once: instructions, the
// items with numbers, and how to answer. Knows no IR. See Z. Cheng et al., "Batch
// Prompting: Efficient Inference with Large Language Model APIs" (2023).
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_PACKING_H
#define XCSLLM_ANALYSIS_PACKING_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace xcs {

/// Tokens of the quotes, the comma and the escapes around one answer in a list.
constexpr double packedAnswerTokens = 3;

/// A template, and what it is filled with.
struct PackedPrompt {
  std::string format;
  /// Of each operand the index of an operand of the template for one item, and the
  /// item; the item is -1 for what all have in common.
  std::vector<std::pair<unsigned, int64_t>> operands;
};

/// The template for `items` items at once. `format` is that for one item, a legal
/// one, and `differs` tells which of its operands differ from item to item.
PackedPrompt packTemplate(llvm::StringRef format, llvm::ArrayRef<bool> differs, int64_t items);

/// Whether `format` is one that `packTemplate` gives.
bool isPackedTemplate(llvm::StringRef format);

/// The sizes of as few packs of at most `most` as take all items, as equal as they
/// can be, largest first.
std::vector<int64_t> splitIntoPacks(int64_t items, int64_t most);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_PACKING_H

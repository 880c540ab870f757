//===- JsonScanner.h - JSON values in prose ---------------------*- C++ -*-===//
//
// Finds JSON values in a text, and in each other, as pieces of the text: what is
// read from a response is to be as its source has it.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_RUNTIME_JSONSCANNER_H
#define XCSLLM_LIB_RUNTIME_JSONSCANNER_H

#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xcs::runtime {

/// The first JSON value in the text: what the text begins with, or else the first
/// object or array, in a code fence or in prose; none where one before it is nested
/// deeper than 512. Takes time in proportion to the text, whatever it is.
std::optional<llvm::StringRef> findJson(llvm::StringRef text);

/// What an RFC 6901 pointer leads to in `value`, a JSON value.
std::optional<llvm::StringRef> selectJsonSlice(llvm::StringRef value, llvm::StringRef pointer);

/// The items of an array; none if `value`, a JSON value, is something else.
std::optional<std::vector<llvm::StringRef>> getJsonItems(llvm::StringRef value);

/// The keys, which are JSON strings, and the values of an object, in order and with those
/// that come again; none if `value`, a JSON value, is something else.
std::vector<std::pair<llvm::StringRef, llvm::StringRef>> getJsonMembers(llvm::StringRef value);

/// What a JSON string stands for.
std::string readJsonString(llvm::StringRef string);

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_JSONSCANNER_H

//===- JsonText.h - JSON from strangers -------------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_JSONTEXT_H
#define XCSLLM_LIB_RUNTIME_JSONTEXT_H

#include "JsonReader.h"
#include "XcsLLM/Runtime/Value.h"
#include "llvm/Support/Error.h"

namespace xcs::runtime {

/// Where a text comes from.
struct TextPlace {
  llvm::StringRef file;
  size_t line = 1; ///< of the file; of the text, its first
};

/// Reads one JSON value that somebody else wrote. Values nested deeper than `deepest` are
/// none: whoever walks the result may recurse. The error says where it ends to be
/// JSON, as line and column, behind the file if there is one.
llvm::Expected<Json> parseJson(llvm::StringRef text, TextPlace place = {}, size_t deepest = 100);

/// `pointer` with one step more, by RFC 6901.
std::string extendPointer(llvm::StringRef pointer, llvm::StringRef step);

/// A scalar; failed if it is of another type, or out of its range.
Value readScalar(const Json &json, Scalar type);

/// Appends the text as a JSON string. What is no UTF-8 in it is replaced.
void appendJsonString(llvm::StringRef text, std::string &json);

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_JSONTEXT_H

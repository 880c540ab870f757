//===- ValueJson.h - Values in and out --------------------------*- C++ -*-===//
//
// Values as JSON, by their types: inputs of runs, arguments and results of tools,
// what is kept for later. Strict: a number is no text, `1.5` no integer, and a list
// has the length that its type says.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_VALUEJSON_H
#define XCSLLM_RUNTIME_VALUEJSON_H

#include "XcsLLM/Runtime/Value.h"
#include "llvm/Support/Error.h"

namespace xcs::runtime {

/// Whether null stands for a value that has failed, or is an error.
enum class Nulls : uint8_t { Refuse, MeanFailed };

/// Reads one JSON value of the type. The error says where it is not: as a JSON pointer,
/// or, for what is no JSON, as line and column.
llvm::Expected<Value> readJson(llvm::StringRef json, const Type &type, Nulls nulls = Nulls::Refuse);

/// Reads a list with one value for each type.
llvm::Expected<std::vector<Value>> readJsonList(llvm::StringRef json, llvm::ArrayRef<Type> types,
                                                Nulls nulls = Nulls::Refuse);

/// Reads what a person gives for a value: a text as it stands, all else as JSON.
llvm::Expected<Value> readInput(llvm::StringRef given, const Type &type);

/// The values as a JSON list on one line; what has failed is null.
std::string writeJsonList(llvm::ArrayRef<Value> values);
std::string writeJson(const Value &value);

/// The type as people read it: `text`, `list of 3 f64`, …
std::string describe(const Type &type);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_VALUEJSON_H

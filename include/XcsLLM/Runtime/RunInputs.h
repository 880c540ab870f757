//===- RunInputs.h - Inputs as people give them -----------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_RUNINPUTS_H
#define XCSLLM_RUNTIME_RUNINPUTS_H

#include "XcsLLM/Runtime/Plan.h"

namespace xcs::runtime {

/// The inputs of one run, from `name=value` each, or `name=@file`. A name may be the
/// number of the input, from 0. Values are texts as they stand, all else as JSON.
llvm::Expected<std::vector<Value>> readInputs(const Plan &plan, llvm::ArrayRef<std::string> given);

/// The inputs of a run, from a JSON object with their names, or a list of all: the line
/// `number` of `file`.
llvm::Expected<std::vector<Value>> readInputsLine(const Plan &plan, llvm::StringRef line,
                                                  llvm::StringRef file, size_t number);

/// The plan of that name, or the only one.
llvm::Expected<const Plan *> choosePlan(const Document &document, llvm::StringRef name);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_RUNINPUTS_H

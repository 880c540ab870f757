//===- Record.h - A run for others to repeat --------------------*- C++ -*-===//

#ifndef XCSLLM_TEST_EXECUTION_RECORD_H
#define XCSLLM_TEST_EXECUTION_RECORD_H

#include "XcsLLM/Runtime/Plan.h"

namespace xcs::test {

/// Runs the plan, with every fifth sample failing, and prints as one line of JSON its
/// inputs, what each request and tool was given and gave, in order, and the outputs.
/// `schedule` is the document's JSON.
void printRecord(const runtime::Document &document, const runtime::Plan &plan,
                 llvm::StringRef schedule, llvm::raw_ostream &os);

} // namespace xcs::test

#endif // XCSLLM_TEST_EXECUTION_RECORD_H

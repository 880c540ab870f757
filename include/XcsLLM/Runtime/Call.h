//===- Call.h - Tasks that somebody else does -------------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_CALL_H
#define XCSLLM_RUNTIME_CALL_H

#include "XcsLLM/Runtime/Plan.h"

namespace xcs::runtime {

/// One run of a scope that may run more than once: which item, or which attempt.
struct Iteration {
  const Scope *scope;
  int64_t index; ///< from 0
};

/// A task that somebody else does, and with what.
struct Call {
  const Document &document;
  const Plan &plan;
  const Task &task;
  llvm::ArrayRef<Value> inputs;
  llvm::ArrayRef<Iteration> path; ///< outermost first

  template <typename T> const T &get() const { return std::get<T>(task.details); }
  const Type &getType() const { return task.outputs.front(); }
};

/// Reads a response; where it cannot be read, `otherwise`.
Value readResponse(const Call &call);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_CALL_H

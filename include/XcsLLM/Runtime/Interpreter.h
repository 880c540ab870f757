//===- Interpreter.h - Plans run one task after another ---------*- C++ -*-===//
//
// What a plan means, step by step, on the engine that runs plans. Models, tools and
// caches are a `Backend` that answers at once.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_INTERPRETER_H
#define XCSLLM_RUNTIME_INTERPRETER_H

#include "XcsLLM/Runtime/Engine.h"

namespace xcs::runtime {

/// Who answers. What has failed is given as that; no input is, but for an item of a
/// list that a tool is given.
class Backend {
public:
  virtual ~Backend();

  /// Sends a request.
  virtual Value ask(const Call &call) = 0;
  /// Calls a tool, of which the outputs are the call's.
  virtual std::vector<Value> use(const Call &call) = 0;
  /// Reads a response; where it cannot be read, `otherwise`.
  virtual Value read(const Call &call);
  /// Looks for what is kept for the call's inputs.
  virtual Value lookUp(const Call &call) = 0;
  /// Keeps the call's first input for the others.
  virtual void store(const Call &call) = 0;
};

/// Runs the plan, task by task: without a seed in the document's order, with one in a
/// random one of those that `depends_on` allows. An error if inputs are not as the
/// plan wants them, or a task gives what is not of its type. Limits are not kept.
llvm::Expected<Outcome> runPlan(const Document &document, const Plan &plan,
                                llvm::ArrayRef<Value> inputs, Backend &backend,
                                std::optional<uint64_t> orderSeed = std::nullopt);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_INTERPRETER_H

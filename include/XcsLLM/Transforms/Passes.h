//===- Passes.h - Passes ----------------------------------------*- C++ -*-===//

#ifndef XCSLLM_TRANSFORMS_PASSES_H
#define XCSLLM_TRANSFORMS_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace xcs {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "XcsLLM/Transforms/Passes.h.inc"

} // namespace xcs

#endif // XCSLLM_TRANSFORMS_PASSES_H

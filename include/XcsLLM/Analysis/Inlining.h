//===- Inlining.h - How large a module gets by inlining ---------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_INLINING_H
#define XCSLLM_ANALYSIS_INLINING_H

#include "mlir/IR/BuiltinOps.h"

namespace xcs {

/// Whether the functions of `module` and of modules in it, each with all that it calls put into it, have
/// at most twice the operations that they have now, or 10,000. Functions that lead
/// to themselves count as they are. Upstream's inliner has no such limit: functions
/// that each call the next one twice double with each step.
bool staysSmallInlined(mlir::ModuleOp module);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_INLINING_H

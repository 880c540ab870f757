//===- TaskIds.h - Operations by the ids that schedules give ----*- C++ -*-===//
//
// A schedule numbers the tasks of each kind in the order of the program, so that
// what is measured of a task can be found in the program again.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_TASKIDS_H
#define XCSLLM_ANALYSIS_TASKIDS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

namespace xcs {

/// The calls, calls of tools, and control of `function`, by the ids of their tasks.
llvm::StringMap<mlir::Operation *> findTasks(mlir::func::FuncOp function);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_TASKIDS_H

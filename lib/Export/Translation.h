//===- Translation.h - What the translations share --------------*- C++ -*-===//

#ifndef XCSLLM_LIB_EXPORT_TRANSLATION_H
#define XCSLLM_LIB_EXPORT_TRANSLATION_H

#include "XcsLLM/Export/Export.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"
#include <memory>

namespace xcs {

class Catalog;

/// A program as it was read, and its schedule, which views texts of the rest.
struct ScheduledProgram {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::shared_ptr<const Catalog> catalog;
  schedule::Document document;
};

/// Reads the main file of `sources`, as the schedule names the bytes that it was
/// made from. Errors are diagnostics.
mlir::FailureOr<ScheduledProgram> readProgram(const std::shared_ptr<llvm::SourceMgr> &sources,
                                              const ExportOptions &options,
                                              mlir::MLIRContext *context);

/// Prints what calls take in one run of `plan`, in all and by model, as an object
/// with the fields `totals` and `model_totals` of docs/ScheduleFormat.md.
void printPlanTotals(const schedule::Plan &plan, llvm::raw_ostream &os);

/// The task's id in the plan's JSON.
std::string getTaskId(const schedule::Task &task);

} // namespace xcs

#endif // XCSLLM_LIB_EXPORT_TRANSLATION_H

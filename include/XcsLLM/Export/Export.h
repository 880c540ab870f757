//===- Export.h - Formats that programs are written to ----------*- C++ -*-===//

#ifndef XCSLLM_EXPORT_EXPORT_H
#define XCSLLM_EXPORT_EXPORT_H

#include "XcsLLM/Export/Schedule.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace xcs {

/// Collects what `module` has for a scheduler, one plan a function, or says at
/// the operation why it cannot. The document views texts of the module. The
/// source is the file that the module was read from, its hash the SHA-256 of the
/// file's bytes in hexadecimal digits; both are only passed on.
mlir::FailureOr<schedule::Document> buildSchedule(mlir::ModuleOp module,
                                                  llvm::StringRef sourceFile,
                                                  llvm::StringRef sourceHash);

/// Prints `document` as JSON; see docs/ScheduleFormat.md. Holds one task as
/// JSON at a time.
void printSchedule(const schedule::Document &document, llvm::raw_ostream &os);

/// Registers `--xcs-to-schedule`, the cloud scheduler's JSON.
void registerScheduleTranslation();

} // namespace xcs

#endif // XCSLLM_EXPORT_EXPORT_H

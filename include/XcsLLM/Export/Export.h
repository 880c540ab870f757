//===- Export.h - Formats that programs are written to ----------*- C++ -*-===//

#ifndef XCSLLM_EXPORT_EXPORT_H
#define XCSLLM_EXPORT_EXPORT_H

#include "XcsLLM/Export/Schedule.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

namespace xcs {

class Catalog;

/// Collects what `module` has for a scheduler, one plan a function, or says at
/// the operation why it cannot. The document views texts of the module. The
/// source is the file that the module was read from, its hash the SHA-256 of the
/// file's bytes in hexadecimal digits; both are only passed on. Estimates rest on
/// `catalog`.
mlir::FailureOr<schedule::Document> buildSchedule(mlir::ModuleOp module,
                                                  llvm::StringRef sourceFile,
                                                  llvm::StringRef sourceHash,
                                                  const Catalog &catalog);

/// Prints `document` as JSON; see docs/ScheduleFormat.md. Holds one task as
/// JSON at a time.
void printSchedule(const schedule::Document &document, llvm::raw_ostream &os);

/// What translations are told beside the program. Read when one runs, so that a
/// tool may fill it in after registration.
struct ExportOptions {
  std::string catalog; ///< a user's catalog file; empty: the built-in one alone
  std::unique_ptr<llvm::MemoryBuffer> before; ///< reports: the program before the passes; may be null
  std::string remarks; ///< reports: a file of the passes' remarks; empty: none
};

/// Registers `--xcs-to-schedule`, the cloud scheduler's JSON. `options` has to
/// outlive the registration.
void registerScheduleTranslation(const ExportOptions &options);

/// Registers `--xcs-to-report`, a page that shows people what a program costs. It
/// is one file, and loads nothing.
void registerReportTranslation(const ExportOptions &options);

/// Registers `--xcs-to-dot`, a graph in Graphviz's language.
void registerDotTranslation(const ExportOptions &options);

} // namespace xcs

#endif // XCSLLM_EXPORT_EXPORT_H

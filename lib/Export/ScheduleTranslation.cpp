//===- ScheduleTranslation.cpp - `--xcs-to-schedule` -----------------------===//

#include "Translation.h"
#include "mlir/Tools/mlir-translate/Translation.h"

using namespace mlir;
using namespace xcs;

static LogicalResult translateToSchedule(const ExportOptions &options,
                                         const std::shared_ptr<llvm::SourceMgr> &sources,
                                         llvm::raw_ostream &os, MLIRContext *context) {
  FailureOr<ScheduledProgram> program = readProgram(sources, options, context);
  if (failed(program))
    return failure();
  printSchedule(program->document, os);
  return success();
}

void xcs::registerScheduleTranslation(const ExportOptions &options) {
  TranslateRegistration registration(
      "xcs-to-schedule", "write the program as a schedule, in JSON (docs/ScheduleFormat.md)",
      [&options](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
                 MLIRContext *context) {
        return translateToSchedule(options, sources, os, context);
      });
}

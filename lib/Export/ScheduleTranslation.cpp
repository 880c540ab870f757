//===- ScheduleTranslation.cpp - `--xcs-to-schedule` -----------------------===//

#include "XcsLLM/Dialect/XcsLLM.h"
#include "XcsLLM/Export/Export.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace xcs;

/// Registers what a program may be written with, and poison, which upstream's
/// folders may leave in it.
static void registerDialects(MLIRContext *context) {
  DialectRegistry registry;
  registry.insert<XcsLLMDialect, func::FuncDialect, arith::ArithDialect, tensor::TensorDialect,
                  ub::UBDialect>();
  context->appendDialectRegistry(registry);
}

/// Reads the program itself, as the schedule names the bytes it was made from.
static LogicalResult translateToSchedule(const std::shared_ptr<llvm::SourceMgr> &sources,
                                         llvm::raw_ostream &os, MLIRContext *context) {
  registerDialects(context);
  const llvm::MemoryBuffer *source = sources->getMemoryBuffer(sources->getMainFileID());
  auto hash = llvm::SHA256::hash(llvm::arrayRefFromStringRef(source->getBuffer()));
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, context);
  if (!module)
    return failure();
  FailureOr<schedule::Document> document = buildSchedule(
      *module, source->getBufferIdentifier(), llvm::toHex(hash, /*LowerCase=*/true));
  if (failed(document))
    return failure();
  printSchedule(*document, os);
  return success();
}

void xcs::registerScheduleTranslation() {
  TranslateRegistration registration(
      "xcs-to-schedule", "write the program as a schedule, in JSON (docs/ScheduleFormat.md)",
      translateToSchedule);
}

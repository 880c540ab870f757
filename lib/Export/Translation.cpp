//===- Translation.cpp - Reading programs to translate ---------------------===//

#include "Translation.h"
#include "XcsLLM/Analysis/ModelTable.h"
#include "XcsLLM/Analysis/Profile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Parser/Parser.h"

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

FailureOr<ScheduledProgram> xcs::readProgram(const std::shared_ptr<llvm::SourceMgr> &sources,
                                             const ExportOptions &options, MLIRContext *context) {
  registerDialects(context);
  const llvm::MemoryBuffer *source = sources->getMemoryBuffer(sources->getMainFileID());
  ScheduledProgram program;
  program.module = parseSourceFile<ModuleOp>(sources, context);
  if (!program.module)
    return failure();
  program.catalog = loadCatalog(options.catalog, UnknownLoc::get(context));
  if (!program.catalog)
    return failure();
  FailureOr<schedule::Document> document =
      buildSchedule(*program.module, source->getBufferIdentifier(), hashSource(source->getBuffer()),
                    *program.catalog);
  if (failed(document))
    return failure();
  program.document = std::move(*document);
  return program;
}

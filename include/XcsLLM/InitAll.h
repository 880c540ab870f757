//===- InitAll.h - Registration ---------------------------------*- C++ -*-===//
//
// What a program that embeds XcsLLM calls, each once.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_INITALL_H
#define XCSLLM_INITALL_H

#include "XcsLLM/Dialect/XcsLLM.h"
#include "XcsLLM/Export/Export.h"
#include "XcsLLM/Transforms/Passes.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace xcs {

/// Registers `xcs_llm` and the upstream dialects that its programs are written
/// with, and what upstream's inliner needs to work on functions.
inline void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<XcsLLMDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect,
                  mlir::tensor::TensorDialect>();
  mlir::func::registerInlinerExtension(registry);
}

/// Registers the passes of this project.
inline void registerAllPasses() { registerXcsLLMPasses(); }

/// Registers the translations of this project, which read `options` when they run.
inline void registerAllTranslations(const ExportOptions &options) {
  registerScheduleTranslation(options);
  registerReportTranslation(options);
  registerDotTranslation(options);
}

} // namespace xcs

#endif // XCSLLM_INITALL_H

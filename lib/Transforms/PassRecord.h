//===- PassRecord.h - Which passes changed a module -------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_PASSRECORD_H
#define XCSLLM_LIB_TRANSFORMS_PASSRECORD_H

#include "mlir/IR/BuiltinOps.h"

namespace xcs {

/// Notes in the module (`xcs_llm.passes`) that the pass of this flag changed it.
inline void recordPass(mlir::ModuleOp module, llvm::StringRef flag) {
  constexpr llvm::StringLiteral name = "xcs_llm.passes";
  llvm::SmallVector<mlir::Attribute> passes;
  if (auto before = module->getAttrOfType<mlir::ArrayAttr>(name))
    passes.append(before.begin(), before.end());
  passes.push_back(mlir::StringAttr::get(module.getContext(), flag));
  module->setAttr(name, mlir::ArrayAttr::get(module.getContext(), passes));
}

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_PASSRECORD_H

//===- CostAnalysis.h - Cost models that passes share -----------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_COSTANALYSIS_H
#define XCSLLM_ANALYSIS_COSTANALYSIS_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// `root` and the modules that stand in modules, inner ones first. Functions are not
/// looked into: they hold the million operations, and no modules.
llvm::SmallVector<mlir::ModuleOp> findModules(mlir::ModuleOp root);

/// The cost models of a module and of those nested in it, as an analysis that the
/// pass manager keeps until a pass changes something. Nothing is computed before
/// it is asked for.
class CostAnalysis {
public:
  explicit CostAnalysis(mlir::Operation *) {}

  /// The costs of `module` by the catalog from `path` (empty: the built-in one),
  /// which `catalog` holds.
  CostModel &get(mlir::ModuleOp module, llvm::StringRef path,
                 const std::shared_ptr<const Catalog> &catalog);

private:
  struct Entry {
    std::shared_ptr<const Catalog> catalog;
    std::unique_ptr<CostModel> costs;
  };
  std::map<std::pair<mlir::Operation *, std::string>, Entry> entries;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_COSTANALYSIS_H

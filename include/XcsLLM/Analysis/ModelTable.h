//===- ModelTable.h - The models that a module's calls name -----*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_MODELTABLE_H
#define XCSLLM_ANALYSIS_MODELTABLE_H

#include "XcsLLM/Analysis/Catalog.h"
#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// What is known of a module's models: its own declarations over a catalog, which
/// has to outlive it.
class ModelTable {
public:
  ModelTable(mlir::ModuleOp module, const Catalog &catalog);

  /// The model of that name. One that nobody knows, or none (null), has a name
  /// and nothing else known. The entry stays where it is.
  const ModelEntry &lookup(mlir::StringAttr name);

private:
  const Catalog &catalog;
  llvm::DenseMap<mlir::StringAttr, ModelOp> declarations;
  llvm::DenseMap<mlir::StringAttr, std::unique_ptr<ModelEntry>> entries;
};

/// The catalog that is built in, under the file at `path` if that is not empty.
/// Errors are emitted at `location`; null then.
std::shared_ptr<const Catalog> loadCatalog(llvm::StringRef path, mlir::Location location);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_MODELTABLE_H

//===- ModelTable.h - The models that a module's calls name -----*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_MODELTABLE_H
#define XCSLLM_ANALYSIS_MODELTABLE_H

#include "XcsLLM/Analysis/Catalog.h"
#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// How a call is served: by which model (null: none is chosen), and how soon.
struct Service {
  mlir::StringAttr model;
  ServiceTier tier = ServiceTier::Standard;

  bool operator==(const Service &other) const {
    return model == other.model && tier == other.tier;
  }
};

/// The tier that `call` asks for.
ServiceTier getServiceTier(LLMCallOpInterface call);

/// What is known of a module's models: its own declarations over a catalog, which
/// has to outlive it.
class ModelTable {
public:
  ModelTable(mlir::ModuleOp module, const Catalog &catalog);

  /// The model of that name. One that nobody knows, or none (null), has a name
  /// and nothing else known. The entry stays where it is.
  const ModelEntry &lookup(mlir::StringAttr name);

  /// What `name` is a misspelling of, most likely; empty if it is none, or is known.
  llvm::StringRef findNearest(mlir::StringAttr name) const;

  /// How `call` is served: as was assumed of it, or else as it says.
  Service getService(LLMCallOpInterface call) const;
  const ModelEntry &lookupFor(LLMCallOpInterface call) { return lookup(getService(call).model); }
  /// Takes `call` to be served so from now on, whatever it says: to find out what
  /// would be if it did. What was found out before is to be forgotten.
  void assume(LLMCallOpInterface call, Service service) { assumed[call] = service; }
  void stopAssuming() { assumed.clear(); }

private:
  const Catalog &catalog;
  llvm::DenseMap<mlir::StringAttr, ModelOp> declarations;
  llvm::DenseMap<mlir::StringAttr, std::unique_ptr<ModelEntry>> entries;
  llvm::DenseMap<mlir::Operation *, Service> assumed;
};

/// The catalog that is built in, under the file at `path` if that is not empty.
/// Errors are emitted at `location`; null then.
std::shared_ptr<const Catalog> loadCatalog(llvm::StringRef path, mlir::Location location);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_MODELTABLE_H

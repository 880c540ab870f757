//===- CostAnalysis.cpp - Cost models that passes share -------------------===//

#include "XcsLLM/Analysis/CostAnalysis.h"

using namespace mlir;
using namespace xcs;

SmallVector<ModuleOp> xcs::findModules(ModuleOp root) {
  SmallVector<ModuleOp> modules{root};
  for (size_t at = 0; at < modules.size(); ++at)
    for (Operation &op : llvm::reverse(*ModuleOp(modules[at]).getBody()))
      if (auto inner = dyn_cast<ModuleOp>(op))
        modules.push_back(inner);
  std::reverse(modules.begin(), modules.end());
  return modules;
}

CostModel &CostAnalysis::get(ModuleOp module, StringRef path,
                             const std::shared_ptr<const Catalog> &catalog) {
  Entry &entry = entries[{module, path.str()}];
  if (!entry.costs) {
    entry.catalog = catalog;
    entry.costs = std::make_unique<CostModel>(module, *catalog);
  }
  return *entry.costs;
}

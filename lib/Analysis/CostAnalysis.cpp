//===- CostAnalysis.cpp - Cost models that passes share -------------------===//

#include "XcsLLM/Analysis/CostAnalysis.h"

using namespace mlir;
using namespace xcs;

CostModel &CostAnalysis::get(ModuleOp module, StringRef path,
                             const std::shared_ptr<const Catalog> &catalog) {
  Entry &entry = entries[{module, path.str()}];
  if (!entry.costs) {
    entry.catalog = catalog;
    entry.costs = std::make_unique<CostModel>(module, *catalog);
  }
  return *entry.costs;
}

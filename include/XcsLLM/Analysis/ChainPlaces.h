//===- ChainPlaces.h - Where chains with constraints stand ------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_CHAINPLACES_H
#define XCSLLM_ANALYSIS_CHAINPLACES_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// A chain with a deadline or a budget, among the activities of its function.
struct ChainPlace {
  ChainOp chain;
  uint32_t first, end;   ///< what is in it, of `CostModel::getActivities`
  double runs, timeRuns; ///< in one run of the function; those one after another
};

/// Those of `function`, inner ones before those around them.
std::vector<ChainPlace> findChainPlaces(mlir::func::FuncOp function, CostModel &costs);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_CHAINPLACES_H

//===- ChainPlaces.cpp - Where chains with constraints stand --------------===//

#include "XcsLLM/Analysis/ChainPlaces.h"
#include "ProgramWalk.h"

using namespace mlir;
using namespace xcs;

std::vector<ChainPlace> xcs::findChainPlaces(func::FuncOp function, CostModel &costs) {
  Likelihood likelihood(costs.getModels());
  SymbolTableCollection symbols;
  ProgramCost cost;
  ProgramWalk walk(
      costs.getModels(), likelihood, symbols,
      [&](func::FuncOp callee) { return callee == function ? nullptr : &costs.getCost(callee); },
      cost);
  walk.run(function);
  std::vector<ChainPlace> places;
  for (auto [chain, place] : llvm::zip(cost.chains, walk.chainPlaces)) {
    const CostScope &scope = walk.getScopes()[place.scope];
    places.push_back({chain.chain, place.first, place.end, scope.runs.expected, scope.timeRuns});
  }
  return places;
}

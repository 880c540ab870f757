//===- ModelProblem.cpp - What there is to choose from --------------------===//

#include "ModelSelector.h"

using namespace mlir;
using namespace xcs;

/// Calls without a model in a module without candidates are left to who runs them.
LogicalResult ModelSelector::findCallOptions() {
  llvm::erase_if(calls, [&](OpenCall &open) {
    LLMCallOpInterface call = open.call;
    bool isEmbedding = isa<EmbedOp>(call);
    bool hasNone = isEmbedding ? !candidates.embeddings.lookup(call->getResult(0).getType())
                               : candidates.chat.empty();
    if (call.getModelAttr() || !hasNone)
      return false;
    state.refused(call->getLoc(), "no-candidates",
                  isEmbedding ? "no embedding of its type names a model, and no candidate is one "
                                "for embeddings"
                              : "there is no model to choose from: declare one, or name some with "
                                "the option 'models'");
    return true;
  });
  findOptions(costs, function, candidates, tiers, needsTimes(), calls);
  for (OpenCall &open : calls)
    if (open.options.empty())
      return open.call.emitError("no model can answer this call: ") << open.reason;
  return success();
}

void ModelSelector::pose() {
  problem.objective = state.objective;
  problem.deadlineMs = getLimit("xcs_llm.deadline_ms");
  for (OpenCall &open : calls) {
    ModelChoiceProblem::Call &call = problem.calls.emplace_back();
    for (const ServiceOption &option : open.options) {
      uint32_t number =
          modelNumbers.try_emplace(option.service.model, modelNumbers.size()).first->second;
      call.options.push_back({number, option.timeMs.known, option.costUsd.known});
    }
  }
  bool isHurried = llvm::any_of(calls, [](OpenCall &open) { return isInHurriedChain(open.call); });
  if (needsTimes() || isHurried)
    addProgram();
  addChains();
  addDifferent();
}

void ModelSelector::addProgram() {
  Activities activities = costs.getActivities(function);
  const ActivityGraph &graph = activities.graph;
  for (uint32_t index = 0; index < graph.size(); ++index) {
    TimeCostProblem::Activity &activity = problem.program.activities.emplace_back();
    activity.options.push_back({activities.isOutrun[index] ? 0 : graph[index].durationMs, 0});
    ArrayRef<uint32_t> predecessors = graph.getPredecessors(index);
    activity.predecessors.assign(predecessors.begin(), predecessors.end());
  }
  DenseMap<Operation *, uint32_t> numbers;
  for (auto [number, call] : llvm::enumerate(costs.getCost(function).calls))
    numbers[call.call] = activities.calls[number];
  for (auto [open, call] : llvm::zip(calls, problem.calls)) {
    call.activity = numbers.lookup(open.call);
    if (activities.isOutrun[call.activity])
      for (ModelChoiceProblem::Option &option : call.options)
        option.timeMs = 0;
  }
}

/// The chains with constraints that open calls are in.
void ModelSelector::addChains() {
  bool hasChains = llvm::any_of(calls, [](OpenCall &open) {
    return bool(open.call->getParentOfType<ChainOp>());
  });
  if (!hasChains)
    return;
  for (const ChainPlace &place : findChainPlaces(function, costs)) {
    ChainOp op = place.chain;
    ModelChoiceProblem::Chain chain;
    for (auto [index, open] : llvm::enumerate(calls))
      if (op->isProperAncestor(open.call))
        chain.calls.push_back(index);
    if (chain.calls.empty())
      continue;
    chain.first = place.first;
    chain.end = place.end;
    if (op.getDeadlineMs())
      chain.deadlineMs = op.getDeadlineMs()->convertToDouble() * place.timeRuns;
    if (op.getBudgetUsd())
      chain.budget = op.getBudgetUsd()->convertToDouble() * place.runs;
    // What hardly ever runs has figures that round to nothing.
    if (place.runs <= 0 || place.timeRuns <= 0)
      continue;
    problem.chains.push_back(std::move(chain));
    chains.push_back(place);
  }
}

/// The open calls of different members of an ensemble that name different models.
void ModelSelector::addDifferent() {
  DenseMap<Operation *, SmallVector<uint32_t>> members; // by ensemble
  DenseMap<std::pair<Operation *, uint32_t>, unsigned> memberOf;
  for (auto [index, open] : llvm::enumerate(calls)) {
    if (!open.call.getModelAttr() || !open.hasOpenModel)
      continue;
    for (Region *region = open.call->getParentRegion(); region != &function.getBody();
         region = region->getParentRegion())
      if (auto ensemble = dyn_cast<EnsembleOp>(region->getParentOp())) {
        members[ensemble].push_back(index);
        memberOf[{ensemble, index}] = region->getRegionNumber();
      }
  }
  constexpr size_t mostPairs = 10000;
  function.walk([&](EnsembleOp ensemble) {
    ArrayRef<uint32_t> inside = members[ensemble];
    for (size_t one = 0; one < inside.size(); ++one)
      for (size_t other = one + 1; other < inside.size(); ++other) {
        LLMCallOpInterface a = calls[inside[one]].call, b = calls[inside[other]].call;
        bool isBeside = memberOf[{ensemble, inside[one]}] != memberOf[{ensemble, inside[other]}];
        if (isBeside && a.getModelAttr() != b.getModelAttr() &&
            problem.different.size() < mostPairs)
          problem.different.push_back({inside[one], inside[other]});
      }
  });
}

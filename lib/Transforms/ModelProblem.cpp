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
  keepOffFixed();
  for (OpenCall &open : calls)
    if (open.options.empty())
      return open.call.emitError("no model can answer this call that another member of its "
                                 "ensemble does not name");
  return success();
}

/// Calls `visit` with each ensemble around `call` in `function`, and the member.
static void visitEnsembles(Operation *call, func::FuncOp function,
                           function_ref<void(Operation *, unsigned)> visit) {
  for (Region *region = call->getParentRegion(); region != &function.getBody();
       region = region->getParentRegion())
    if (isa<EnsembleOp>(region->getParentOp()))
      visit(region->getParentOp(), region->getRegionNumber());
}

/// A call that names its model does not get one that another member names, and keeps.
void ModelSelector::keepOffFixed() {
  constexpr unsigned several = ~0u;
  // By ensemble and model, the member that keeps it.
  DenseMap<std::pair<Operation *, StringAttr>, unsigned> keepers;
  DenseSet<Operation *> hasOpenModel;
  for (OpenCall &open : calls)
    if (open.hasOpenModel)
      hasOpenModel.insert(open.call);
  function.walk([&](LLMCallOpInterface call) {
    StringAttr model = call.getModelAttr();
    if (!model || hasOpenModel.contains(call))
      return;
    visitEnsembles(call, function, [&](Operation *ensemble, unsigned member) {
      auto [known, isNew] = keepers.try_emplace({ensemble, model}, member);
      if (!isNew && known->second != member)
        known->second = several;
    });
  });
  if (keepers.empty())
    return;
  for (OpenCall &open : calls) {
    StringAttr own = open.call.getModelAttr();
    if (!own || !open.hasOpenModel)
      continue;
    visitEnsembles(open.call, function, [&](Operation *ensemble, unsigned member) {
      llvm::erase_if(open.options, [&](const ServiceOption &option) {
        StringAttr model = option.service.model;
        auto keeper = keepers.find({ensemble, model});
        return model != own && keeper != keepers.end() && keeper->second != member;
      });
    });
  }
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
    visitEnsembles(open.call, function, [&, index = index](Operation *ensemble, unsigned member) {
      members[ensemble].push_back(index);
      memberOf[{ensemble, index}] = member;
    });
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

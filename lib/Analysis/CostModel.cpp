//===- CostModel.cpp - What programs cost, and how long they take ----------===//

#include "XcsLLM/Analysis/CostModel.h"
#include "ProgramWalk.h"
#include "XcsLLM/Analysis/Prefixes.h"
#include <algorithm>

using namespace mlir;
using namespace xcs;

Totals &Totals::operator+=(const Totals &other) {
  calls += std::min(other.calls, std::numeric_limits<int64_t>::max() - calls);
  requests = clampFigure(requests + other.requests);
  inputTokens = clampFigure(inputTokens + other.inputTokens);
  cachedInputTokens = clampFigure(cachedInputTokens + other.cachedInputTokens);
  outputTokens = clampFigure(outputTokens + other.outputTokens);
  costUsd += other.costUsd;
  worstCostUsd += other.worstCostUsd;
  return *this;
}

namespace {

/// What is left to do once a program's calls are known in time.
class ProgramCosts {
public:
  ProgramCosts(ProgramWalk &walk, ProgramCost &result) : walk(walk), result(result) {}

  void run(ProgramWalk::GetCost getCost) {
    sharePrefixes();
    for (auto [index, call] : llvm::enumerate(result.calls))
      price(call, prefixes[index]);
    addCallees(getCost);
    settleWorstCase();
    addTotals();
    addChains();
    addTimes();
  }

private:
  void sharePrefixes();
  void price(CallCost &call, const SharedPrefix &prefix);
  void noteUnknown(const CallCost &call);
  void addCallees(ProgramWalk::GetCost getCost);
  void settleWorstCase();
  void addTotals();
  void addChains();
  void addTimes();
  Timing getTiming(uint32_t activity, const CriticalPath &path,
                   const std::vector<bool> &isCritical) const;

  ProgramWalk &walk;
  ProgramCost &result;
  std::vector<SharedPrefix> prefixes;
  /// Costs of one run of the program by scope, what is inside a scope included;
  /// at worst only the dearer of two branches.
  std::vector<Amount> expected, worst;
  /// What functions that are called take of a model, in all runs of the call.
  struct CalleeTotals {
    uint32_t scope;
    std::string model;
    Totals totals;
  };
  std::vector<CalleeTotals> callees;
  std::vector<bool> runsAtWorst; ///< of scopes
};

} // namespace

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

void ProgramCosts::sharePrefixes() {
  std::vector<PrefixCall> calls;
  calls.reserve(result.calls.size());
  for (auto [cost, place] : llvm::zip(result.calls, walk.callPlaces)) {
    const CostScope &scope = walk.getScopes()[place.scope];
    double start = walk.getGraph().getStart(place.activity);
    double cached = walk.getGraph().getFinish(place.activity);
    // In a branch, time is as short as the branch is unlikely.
    if (cost.model->ttftMs && cost.tier != ServiceTier::Batch)
      cached = std::min(cached, start + *cost.model->ttftMs * std::min(1.0, scope.timeRuns));
    bool isCached = bool(cost.model->getPrices(cost.tier, cost.inputTokens.expected).cachedInput);
    calls.push_back({cost.call, cost.model, &walk.getLengths(*cost.model), isCached, scope.certain,
                     start, cached, walk.ranks[place.activity]});
  }
  prefixes = findSharedPrefixes(
      calls, [&](uint32_t outer, uint32_t inner) { return walk.isAround(outer, inner); });
}

void ProgramCosts::price(CallCost &call, const SharedPrefix &prefix) {
  const ModelEntry &model = *call.model;
  int64_t samples = call.call.getSampleCount();
  call.prefixGroup = prefix.group;
  call.prefixTokens = prefix.shared;
  CallTokens tokens;
  tokens.input = call.inputTokens.expected;
  tokens.output = call.outputTokens.expected / samples;
  tokens.samples = samples;
  tokens.cached = std::min(prefix.cached, tokens.input);
  tokens.written = std::clamp(prefix.written - prefix.cached, 0.0, tokens.input - tokens.cached);
  call.cachedInputTokens = tokens.cached;
  call.costUsd = priceCall(model, call.tier, tokens);
  CallTokens most;
  most.input = call.inputTokens.worst;
  most.output = call.outputTokens.worst / samples;
  most.samples = samples;
  call.worstCostUsd = priceCall(model, call.tier, most);
  // Writing to a cache that nobody reads costs, too.
  call.worstCostUsd.known = std::max(call.worstCostUsd.known, call.costUsd.known);
  noteUnknown(call);
}

/// Notes what is missing from a sum, expected or at worst. What does not run takes
/// nothing that could be missing.
void ProgramCosts::noteUnknown(const CallCost &call) {
  const ModelEntry &model = *call.model;
  auto note = [&](std::string field) {
    result.unknown.insert({/*isTool=*/false, model.name, std::move(field)});
  };
  std::string prefix =
      call.tier == ServiceTier::Standard ? "" : stringifyTier(call.tier).str() + "_";
  bool hasOutput = false;
  auto notePrices = [&](double runs, double input, double output) {
    if (runs == 0)
      return;
    hasOutput |= output > 0;
    const Prices &prices = model.getPrices(call.tier, input);
    if (!prices.input && input > 0)
      note(prefix + "input_usd_per_mtok");
    if (!prices.output && output > 0)
      note(prefix + "output_usd_per_mtok");
  };
  notePrices(call.runs.expected, call.inputTokens.expected, call.outputTokens.expected);
  notePrices(call.runs.worst, call.inputTokens.worst, call.outputTokens.worst);
  if (call.tier == ServiceTier::Batch || call.runs.worst == 0)
    return;
  if (!model.ttftMs)
    note("ttft_ms");
  if (!model.outputTokensPerS && hasOutput)
    note("output_tokens_per_s");
  if (call.tier == ServiceTier::Flex)
    note("flex_latency_ms");
}

void ProgramCosts::addCallees(ProgramWalk::GetCost getCost) {
  for (auto [tool, place] : llvm::zip(result.tools, walk.toolPlaces)) {
    if (!tool.function)
      continue;
    const ProgramCost *cost = getCost(tool.function);
    if (!cost) { // it leads to itself
      Totals open;
      open.costUsd = Amount{0, false} * tool.runs.expected;
      open.worstCostUsd = Amount{0, false} * tool.runs.worst;
      callees.push_back({place.scope, "", open});
      continue;
    }
    result.unknown.insert(cost->unknown.begin(), cost->unknown.end());
    Totals open; // what is left out may be no model's: functions that lead to themselves
    open.costUsd = Amount{0, cost->totals.costUsd.complete} * tool.runs.expected;
    open.worstCostUsd = Amount{0, cost->totals.worstCostUsd.complete} * tool.runs.worst;
    callees.push_back({place.scope, "", open});
    for (const auto &[model, totals] : cost->models) {
      Totals times = totals;
      times.requests = clampFigure(times.requests * tool.runs.expected);
      times.inputTokens = clampFigure(times.inputTokens * tool.runs.expected);
      times.cachedInputTokens = clampFigure(times.cachedInputTokens * tool.runs.expected);
      times.outputTokens = clampFigure(times.outputTokens * tool.runs.expected);
      times.costUsd = totals.costUsd * tool.runs.expected;
      times.worstCostUsd = totals.worstCostUsd * tool.runs.worst;
      callees.push_back({place.scope, model, times});
    }
  }
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// Sums up by scope, from the inside out, and marks what does not run at worst.
void ProgramCosts::settleWorstCase() {
  ArrayRef<CostScope> scopes = walk.getScopes();
  expected.resize(scopes.size());
  worst.resize(scopes.size());
  for (auto [call, place] : llvm::zip(result.calls, walk.callPlaces)) {
    expected[place.scope] += call.costUsd * call.runs.expected;
    worst[place.scope] += call.worstCostUsd * call.runs.worst;
  }
  for (const CalleeTotals &callee : callees) {
    expected[callee.scope] += callee.totals.costUsd;
    worst[callee.scope] += callee.totals.worstCostUsd;
  }
  // The second branch of a conditional stands right behind the first one's scopes.
  runsAtWorst.assign(scopes.size(), true);
  for (uint32_t scope = scopes.size(); scope-- > 1;) {
    const CostScope &own = scopes[scope];
    expected[own.parent] += expected[scope];
    uint32_t next = own.last + 1;
    bool isFirstBranch = isa<ConditionalOp>(own.owner) && next < scopes.size() &&
                         scopes[next].owner == own.owner;
    bool isSecondBranch = isa<ConditionalOp>(own.owner) && !isFirstBranch;
    if (isFirstBranch) {
      bool isDearer = worst[scope].known >= worst[next].known;
      runsAtWorst[isDearer ? next : scope] = false;
      Amount dearer = worst[isDearer ? scope : next];
      dearer.complete = worst[scope].complete && worst[next].complete;
      worst[own.parent] += dearer;
    } else if (!isSecondBranch) {
      worst[own.parent] += worst[scope];
    }
  }
  for (uint32_t scope = 1; scope < scopes.size(); ++scope)
    runsAtWorst[scope] = runsAtWorst[scope] && runsAtWorst[scopes[scope].parent];
  for (auto [call, place] : llvm::zip(result.calls, walk.callPlaces))
    call.runsAtWorst = runsAtWorst[place.scope];
}

void ProgramCosts::addTotals() {
  // One entry for each model, looked up once.
  DenseMap<const ModelEntry *, Totals> models;
  for (const CallCost &call : result.calls) {
    Totals totals;
    double runs = call.runs.expected;
    totals.calls = 1;
    totals.requests = clampFigure(call.requests * runs);
    totals.inputTokens = clampFigure(call.inputTokens.expected * runs);
    totals.cachedInputTokens = clampFigure(call.cachedInputTokens * runs);
    totals.outputTokens = clampFigure(call.outputTokens.expected * runs);
    totals.costUsd = call.costUsd * runs;
    if (call.runsAtWorst)
      totals.worstCostUsd = call.worstCostUsd * call.runs.worst;
    models[call.model] += totals;
    result.totals += totals;
  }
  for (auto &[model, totals] : models)
    result.models[model->name] += totals;
  for (CalleeTotals &callee : callees) {
    if (!runsAtWorst[callee.scope])
      callee.totals.worstCostUsd = {};
    result.totals += callee.totals;
    if (!callee.model.empty())
      result.models[callee.model] += callee.totals;
  }
  result.totals.costUsd = expected.front();
  result.totals.worstCostUsd = worst.front();
  // How often it runs what is in it is not known.
  for (Amount *sum : {&result.totals.costUsd, &result.totals.worstCostUsd, &result.latencyMs,
                      &result.worstLatencyMs, &result.sequentialMs})
    sum->complete &= !walk.hasForeignControl;
}

void ProgramCosts::addChains() {
  for (auto [chain, place] : llvm::zip(result.chains, walk.chainPlaces)) {
    const CostScope &scope = walk.getScopes()[place.scope];
    // What is waited for from elsewhere takes all of its time in an unlikely chain,
    // too, and the least likely ones have figures that round to nothing: the worst
    // case is then the better bound.
    auto perRun = [](Amount amount, double runs, double most) {
      return Amount{runs > 0 ? std::min(amount.known / runs, most) : 0, amount.complete};
    };
    chain.worstCostUsd = perRun(worst[place.scope], scope.runs.worst, mostFigure);
    chain.costUsd =
        perRun(expected[place.scope], scope.runs.expected, chain.worstCostUsd.known);
    Amount latency{place.finishMs - place.startMs, chain.latencyMs.complete};
    chain.latencyMs = perRun(latency, scope.timeRuns, chain.worstLatencyMs.known);
  }
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

Timing ProgramCosts::getTiming(uint32_t activity, const CriticalPath &path,
                               const std::vector<bool> &isCritical) const {
  const ActivityGraph &graph = walk.getGraph();
  return {graph.getStart(activity), graph.getFinish(activity), path.slackMs[activity],
          isCritical[activity]};
}

void ProgramCosts::addTimes() {
  const ActivityGraph &graph = walk.getGraph();
  CriticalPath path = findCriticalPath(graph);
  std::vector<bool> isCritical(graph.size());
  for (uint32_t activity : path.path) {
    isCritical[activity] = true;
    if (Operation *owner = walk.owners[activity])
      result.criticalPath.push_back(owner);
  }
  for (auto [call, place] : llvm::zip(result.calls, walk.callPlaces))
    call.timing = getTiming(place.activity, path, isCritical);
  for (auto [tool, place] : llvm::zip(result.tools, walk.toolPlaces))
    tool.timing = getTiming(place.activity, path, isCritical);
  result.latencyMs.known = path.lengthMs;
  result.makespanMs = {findMakespan(graph, walk.pools),
                       result.latencyMs.complete && !walk.calleesAreLimited};
  result.peakParallelism = std::max(findPeakParallelism(graph), walk.calleeParallelism);
  // Where one branch alone waits for something, following one another may take
  // longer than the worst case, which is then the better bound.
  result.latencyMs.known = std::min(result.latencyMs.known, result.worstLatencyMs.known);
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

CostModel::CostModel(ModuleOp module, const Catalog &catalog)
    : module(module), models(module, catalog), likelihood(models) {}
CostModel::~CostModel() = default;

LogicalResult CostModel::verifyPrices() {
  if (hasVerifiedPrices)
    return success();
  DenseSet<StringAttr> seen;
  LogicalResult result = success();
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<ModuleOp>(op) && op != module) // has models of its own
      return WalkResult::skip();
    auto call = dyn_cast<LLMCallOpInterface>(op);
    StringAttr name = call ? call.getModelAttr() : StringAttr();
    if (!name || !seen.insert(name).second)
      return WalkResult::advance();
    const std::string &reason = models.lookup(name).priceError;
    if (!reason.empty())
      result = call.emitError(reason);
    return WalkResult::advance();
  });
  hasVerifiedPrices = succeeded(result);
  return result;
}

/// Adds the costs of all functions that `function` leads to, callees first, with a
/// stack of its own: call graphs may be deep.
void CostModel::addCallees(func::FuncOp function) {
  DenseSet<Operation *> entered;
  SmallVector<std::pair<func::FuncOp, bool>> stack{{function, false}};
  while (!stack.empty()) {
    auto [current, isDone] = stack.pop_back_val();
    if (isDone) {
      auto cost = std::make_unique<ProgramCost>();
      auto findCallee = [&](func::FuncOp callee) { return find(callee); };
      ProgramWalk walk(models, likelihood, symbols, findCallee, *cost);
      walk.run(current);
      ProgramCosts(walk, *cost).run(findCallee);
      programs[current] = std::move(cost);
      continue;
    }
    if (programs.contains(current) || !entered.insert(current).second)
      continue;
    stack.emplace_back(current, true);
    current.walk([&](func::CallOp call) {
      auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      if (callee && !callee.isExternal())
        stack.emplace_back(callee, false);
    });
  }
}

/// How functions that are called were found to cost; null if that is not known.
const ProgramCost *CostModel::find(func::FuncOp callee) const {
  auto known = programs.find(callee);
  return known == programs.end() ? nullptr : known->second.get();
}

void CostModel::forget(func::FuncOp function) {
  programs.erase(function);
  likelihood.forget();
}

Activities CostModel::getActivities(func::FuncOp function) {
  addCallees(function);
  ProgramCost cost;
  ProgramWalk walk(models, likelihood, symbols, [&](func::FuncOp callee) { return find(callee); },
                   cost);
  walk.run(function);
  Activities activities;
  for (const ProgramWalk::Place &place : walk.callPlaces)
    activities.calls.push_back(place.activity);
  activities.graph = walk.takeGraph();
  // Inner races first: what loses an outer one has nobody who waits for it.
  activities.isOutrun.resize(activities.graph.size());
  for (const ProgramWalk::Race &race : walk.races) {
    std::vector<bool> isAwaited(race.end - race.begin);
    for (uint32_t index = race.end; index-- > race.begin;) {
      bool counts = isAwaited[index - race.begin] || index == race.winner;
      if (!counts)
        activities.isOutrun[index] = true;
      else
        for (uint32_t predecessor : activities.graph.getPredecessors(index))
          if (predecessor >= race.begin)
            isAwaited[predecessor - race.begin] = true;
    }
  }
  return activities;
}

const ProgramCost &CostModel::getCost(func::FuncOp function) {
  addCallees(function);
  return *programs[function];
}

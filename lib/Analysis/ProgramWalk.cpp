//===- ProgramWalk.cpp - A program's calls in time ------------------------===//

#include "ProgramWalk.h"
#include "mlir/Transforms/RegionUtils.h"
#include "mlir/IR/Matchers.h"
#include <algorithm>

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Waiting
//===----------------------------------------------------------------------===//

class ProgramWalk::Waits {
public:
  void add(Ready ready) {
    if (ready.activity != none)
      activities.push_back(ready.activity);
    worstMs = std::max(worstMs, ready.worstMs);
  }
  ArrayRef<uint32_t> get() {
    llvm::sort(activities);
    activities.erase(llvm::unique(activities), activities.end());
    return activities;
  }

  double worstMs = 0;

private:
  SmallVector<uint32_t> activities;
};

uint32_t ProgramWalk::addActivity(const Activity &activity, ArrayRef<uint32_t> waitsFor,
                                  Operation *owner) {
  uint32_t rank = 0;
  for (uint32_t predecessor : waitsFor)
    rank = std::max(rank, ranks[predecessor]);
  ranks.push_back(rank + (owner != nullptr));
  owners.push_back(owner);
  return graph.add(activity, waitsFor);
}

/// The end of all that is waited for: an activity of its own where it is several.
ProgramWalk::Ready ProgramWalk::join(Waits &waits) {
  ArrayRef<uint32_t> activities = waits.get();
  if (activities.empty())
    return {none, waits.worstMs};
  if (activities.size() == 1)
    return {activities.front(), waits.worstMs};
  return {addActivity({}, activities, nullptr), waits.worstMs};
}

ProgramWalk::Ready ProgramWalk::after(ValueRange values, Ready begin) {
  Waits waits;
  waits.add(begin);
  for (Value value : values)
    waits.add(ready.lookup(value));
  return join(waits);
}

uint32_t ProgramWalk::addScope(uint32_t parent, Operation *owner) {
  uint32_t index = scopes.size();
  CostScope &scope = scopes.emplace_back();
  if (index > 0)
    scope = CostScope(scopes[parent]);
  scope.parent = parent;
  scope.last = scope.certain = index;
  scope.owner = owner;
  return index;
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

const Lengths &ProgramWalk::getLengths(const ModelEntry &model) {
  TokenizerFamily family = getTokenizerFamily(model.name, model.provider);
  std::shared_ptr<const Lengths> &known = lengths[family];
  if (!known) {
    known = std::make_shared<Lengths>(function, family, likelihood, symbols);
    if (!result.lengths) { // those in other tokens assume the same
      result.lengths = known;
      result.assumptions = known->getAssumptions().vec();
    }
  }
  return *known;
}

/// Control that may run an impure tool takes part in their order as a whole.
void ProgramWalk::findImpureControl(func::FuncOp function) {
  size_t calls = 0;
  function.walk([&](Operation *op) {
    calls += isa<LLMCallOpInterface>(op);
    auto call = dyn_cast<func::CallOp>(op);
    if (!call)
      return;
    auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
    if (callee && callee.isExternal() && isPureTool(callee))
      return;
    for (Operation *op = call; op != function; op = op->getParentOp())
      if (!impureControl.insert(op).second)
        break;
  });
  result.calls.reserve(calls);
  callPlaces.reserve(calls);
}

void ProgramWalk::run(func::FuncOp program) {
  function = program;
  findImpureControl(function);
  addScope(0, function);
  visit(function.getBody(), 0, {});
}

ProgramWalk::Ready ProgramWalk::visit(Region &region, uint32_t scope, Ready begin) {
  Ready impure;
  Waits end;
  end.add(begin);
  hasForeignControl |= !region.empty() && !region.hasOneBlock();
  for (Block &block : region) {
    for (Operation &op : block)
      visit(&op, scope, begin, impure);
    if (!block.empty())
      for (Value value : block.back().getOperands())
        end.add(ready.lookup(value));
  }
  end.add(impure);
  scopes[scope].last = scopes.size() - 1;
  return join(end);
}

void ProgramWalk::visit(Operation *op, uint32_t scope, Ready begin, Ready &impure) {
  auto call = dyn_cast<LLMCallOpInterface>(op);
  auto tool = dyn_cast<func::CallOp>(op);
  bool isImpure = impureControl.contains(op);
  Ready end;
  if (!call && !tool && op->getNumRegions() == 0) {
    Waits waits; // takes no time; needs not even wait for the region to begin
    for (Value operand : op->getOperands())
      waits.add(ready.lookup(operand));
    if (op->getNumResults() == 0)
      return;
    end = join(waits);
  } else {
    Waits waits;
    waits.add(begin);
    if (isImpure)
      waits.add(impure);
    for (Value operand : op->getOperands())
      waits.add(ready.lookup(operand));
    Ready start = join(waits);
    end = call   ? visitCall(call, scope, start)
          : tool ? visitTool(tool, scope, start)
                 : visitControl(op, scope, start);
  }
  if (scopes[scope].runs.worst > 0)
    result.worstLatencyMs.known = std::max(result.worstLatencyMs.known, end.worstMs);
  for (Value result : op->getResults())
    if (end.activity != none || end.worstMs > 0)
      ready[result] = end;
  if (isImpure)
    impure = end;
}

//===----------------------------------------------------------------------===//
// Calls and tools
//===----------------------------------------------------------------------===//

/// Something in the chains around it starts.
void ProgramWalk::noteStart(Ready start) {
  began.expected = std::min(began.expected, getFinish(start));
  began.worst = std::min(began.worst, start.worstMs);
}

/// Adds one call's latency to the sum of all, and to what the path rests on.
void ProgramWalk::addLatency(Amount latency, double runs, double worstRuns) {
  result.sequentialMs += latency * runs;
  result.latencyMs.complete &= (latency * runs).complete;
  result.worstLatencyMs.complete &= (latency * worstRuns).complete;
}

uint32_t ProgramWalk::getPool(const ModelEntry &model) {
  auto [entry, isNew] = poolNumbers.try_emplace(&model, pools.size());
  if (isNew) {
    Pool &pool = pools.emplace_back();
    pool.requestsPerMin = model.requestsPerMin;
    pool.tokensPerMin = model.tokensPerMin;
    if (model.maxConcurrency)
      pool.maxConcurrency = *model.maxConcurrency;
  }
  return entry->second;
}

ProgramWalk::Ready ProgramWalk::visitCall(LLMCallOpInterface call, uint32_t scope, Ready start) {
  const ModelEntry &model = models.lookupFor(call);
  const Lengths &known = getLengths(model);
  const CostScope &around = scopes[scope];
  noteStart(start);
  CallCost &cost = result.calls.emplace_back();
  cost.call = call;
  cost.model = &model;
  cost.tier = models.getService(call).tier;
  for (Value message : call.getMessages()) {
    Forecast tokens = known.getTokens(message);
    cost.inputTokens.expected += tokens.expected;
    cost.inputTokens.worst += tokens.worst;
  }
  Forecast sample = known.getOutputTokens(call);
  int64_t samples = call.getSampleCount();
  cost.outputTokens = {sample.expected * samples, sample.worst * samples};
  // Items run side by side, so the slowest counts.
  double slowest = Lengths::getMostExpectedTokens(call);
  cost.latencyMs = timeCall(model, cost.tier, slowest);
  cost.worstLatencyMs = timeCall(model, cost.tier, std::max(slowest, sample.worst));
  cost.runs = around.runs;
  cost.timeRuns = around.timeRuns;

  double width = model.arrayInputs.value_or(false) ? around.arrayWidth : around.width;
  double repeats = countRequests(model, samples);
  // Items of one array share a request, and its latency.
  double share = around.width > 0 ? width / around.width : 1;
  cost.requests = repeats * share;
  Activity activity;
  activity.durationMs = cost.latencyMs.known * around.timeRuns;
  activity.pool = getPool(model);
  activity.width = width;
  activity.requests = repeats * around.timeRuns;
  double tokens = repeats * cost.inputTokens.expected + cost.outputTokens.expected;
  activity.tokens = width > 0 ? tokens * around.timeRuns * around.width / width : 0;
  uint32_t index = addActivity(activity, start.activity == none ? ArrayRef<uint32_t>()
                                                                : ArrayRef(start.activity),
                               call);
  callPlaces.push_back({scope, index});
  addLatency(timeCall(model, cost.tier, sample.expected), around.runs.expected * share,
             around.runs.worst);
  return {index, clampFigure(start.worstMs + cost.worstLatencyMs.known)};
}

ProgramWalk::Ready ProgramWalk::visitTool(func::CallOp call, uint32_t scope, Ready start) {
  const CostScope &around = scopes[scope];
  noteStart(start);
  ToolCost &tool = result.tools.emplace_back();
  tool.call = call;
  tool.runs = around.runs;
  auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
  if (callee && !callee.isExternal())
    tool.function = callee;
  Amount worst, sequential;
  if (const ProgramCost *program = tool.function ? getCost(tool.function) : nullptr) {
    tool.latencyMs = sequential = program->latencyMs;
    worst = program->worstLatencyMs;
    sequential.known = program->sequentialMs.known;
    // Its calls share the limits of this program's, which is not seen here.
    calleesAreLimited |= program->makespanMs.known > program->latencyMs.known;
    calleeParallelism = std::max(calleeParallelism, program->peakParallelism);
  } else {
    auto latency = callee ? callee->getAttrOfType<FloatAttr>("xcs_llm.latency_ms") : FloatAttr();
    tool.latencyMs = latency ? Amount{latency.getValueAsDouble()} : Amount{0, false};
    worst = sequential = tool.latencyMs;
    if (!latency && around.runs.worst > 0)
      result.unknown.insert({/*isTool=*/true, call.getCallee().str(), "latency_ms"});
  }
  Activity activity;
  activity.durationMs = tool.latencyMs.known * around.timeRuns;
  activity.width = around.width;
  uint32_t index = addActivity(activity, start.activity == none ? ArrayRef<uint32_t>()
                                                                : ArrayRef(start.activity),
                               call);
  toolPlaces.push_back({scope, index});
  addLatency(sequential, around.runs.expected, around.runs.worst);
  return {index, clampFigure(start.worstMs + worst.known)};
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

ProgramWalk::Ready ProgramWalk::visitPart(Region &region, uint32_t scope, double times,
                                          double most, bool isCertain, Ready start) {
  uint32_t index = addScope(scope, region.getParentOp());
  CostScope &part = scopes[index];
  part.runs.expected = clampFigure(part.runs.expected * times);
  part.runs.worst = clampFigure(part.runs.worst * most);
  part.timeRuns = clampFigure(part.timeRuns * times);
  if (isCertain)
    part.certain = scopes[scope].certain;
  for (BlockArgument argument : region.getArguments())
    ready[argument] = start;
  bool isExpected = part.timeRuns > 0, isPossible = part.runs.worst > 0;
  Ready end = visit(region, index, start);
  return {isExpected ? end.activity : start.activity, isPossible ? end.worstMs : start.worstMs};
}

ProgramWalk::Ready ProgramWalk::visitControl(Operation *op, uint32_t scope, Ready start) {
  if (auto batch = dyn_cast<BatchOp>(op))
    return visitBatch(batch, scope, start);
  if (auto conditional = dyn_cast<ConditionalOp>(op))
    return visitConditional(conditional, scope, start);
  if (auto cascade = dyn_cast<CascadeOp>(op))
    return visitCascade(cascade, scope, start);
  if (auto ensemble = dyn_cast<EnsembleOp>(op))
    return visitEnsemble(ensemble, scope, start);
  if (auto chain = dyn_cast<ChainOp>(op))
    return visitChain(chain, scope, start);
  // Another dialect's: each region once, one after another.
  hasForeignControl = true;
  for (Region &region : op->getRegions())
    start = visitPart(region, scope, 1, 1, /*isCertain=*/false, start);
  return start;
}

/// Items run side by side: they make requests, but no time.
ProgramWalk::Ready ProgramWalk::visitBatch(BatchOp op, uint32_t scope, Ready start) {
  // Any family of tokens counts items alike.
  const Lengths &known = lengths.empty() ? getLengths(models.lookup({})) : *lengths.begin()->second;
  Forecast items = known.get(op.getLists().front()).items;
  for (Value list : op.getLists())
    if (auto type = cast<RankedTensorType>(list.getType()); !type.isDynamicDim(0))
      items.expected = items.worst = type.getDimSize(0);
  uint32_t index = addScope(scope, op);
  CostScope &body = scopes[index];
  body.runs.expected = clampFigure(body.runs.expected * items.expected);
  body.runs.worst = clampFigure(body.runs.worst * items.worst);
  // Less than one item is one that is there now and then.
  body.timeRuns = clampFigure(body.timeRuns * std::min(items.expected, 1.0));
  double width = items.expected > 0 ? std::max(items.expected, 1.0) : 0;
  double group = op.getBatchSize() ? *op.getBatchSize() : std::max(width, 1.0);
  body.arrayWidth = clampFigure(body.width * std::ceil(width / group));
  body.width = clampFigure(body.width * width);
  for (BlockArgument item : op.getBody().getArguments())
    ready[item] = start;
  Ready end = visit(op.getBody(), index, start);
  return items.worst > 0 ? end : start;
}

ProgramWalk::Ready ProgramWalk::visitConditional(ConditionalOp op, uint32_t scope, Ready start) {
  double first = likelihood.getProbability(op);
  // A hint says what is likely, a constant what is.
  APInt constant;
  bool isConstant = matchPattern(op.getCondition(), m_ConstantInt(&constant));
  if (isConstant)
    first = !constant.isZero();
  double mostFirst = isConstant ? first : 1, mostSecond = isConstant ? 1 - first : 1;
  Ready thenEnd = visitPart(op.getThenRegion(), scope, first, mostFirst, mostSecond == 0, start);
  Ready elseStart{thenEnd.activity, start.worstMs};
  Ready elseEnd =
      visitPart(op.getElseRegion(), scope, 1 - first, mostSecond, mostFirst == 0, elseStart);
  return {elseEnd.activity, std::max(thenEnd.worstMs, elseEnd.worstMs)};
}

/// When all is there at worst that `region` uses.
double ProgramWalk::findWorstStart(Region &region, Ready begin) {
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(region, captured);
  for (Value value : captured)
    begin.worstMs = std::max(begin.worstMs, ready.lookup(value).worstMs);
  return begin.worstMs;
}

ProgramWalk::Ready ProgramWalk::visitCascade(CascadeOp op, uint32_t scope, Ready start) {
  Ready end = start;
  for (auto [index, runs] : llvm::enumerate(likelihood.getStages(op))) {
    Ready begin = end;
    if (runs.maxAttempts > 1) // what comes from elsewhere is waited for once
      begin.worstMs = findWorstStart(op.getStages()[index], begin);
    bool runsOnce = index == 0 && runs.maxAttempts == 1;
    end = visitPart(op.getStages()[index], scope, runs.reached * runs.attempts, runs.maxAttempts,
                    runsOnce, begin);
    double again = (end.worstMs - begin.worstMs) * (runs.maxAttempts - 1);
    end.worstMs = clampFigure(end.worstMs + again);
  }
  return end;
}

ProgramWalk::Ready ProgramWalk::visitEnsemble(EnsembleOp op, uint32_t scope, Ready start) {
  SmallVector<double> waves = likelihood.getWaves(op);
  unsigned member = 0, count = op.getMembers().size();
  for (auto [wave, starts] : llvm::enumerate(waves)) {
    unsigned end = op.getWaves() ? member + (*op.getWaves())[wave] : count;
    Waits settled;
    if (op.getPolicy() == EnsemblePolicy::First) {
      start = visitFirst(op, member, end, scope, starts, start);
    } else {
      settled.add(start);
      for (; member < end; ++member)
        settled.add(visitPart(op.getMembers()[member], scope, starts, 1,
                              op.runsEveryMember() || (wave == 0 && op.getWaves()), start));
      start = join(settled);
    }
    member = end;
  }
  return start;
}

/// The fastest is expected to settle it, and the rest to be cancelled then; what
/// they have cost until then is taken to be all.
ProgramWalk::Ready ProgramWalk::visitFirst(EnsembleOp op, unsigned begin, unsigned end,
                                           uint32_t scope, double starts, Ready start) {
  uint32_t firstActivity = graph.size();
  Ready fastest = start;
  for (unsigned member = begin; member < end; ++member) {
    Ready settled = visitPart(op.getMembers()[member], scope, starts, 1, false, start);
    bool isFaster = member == begin || getFinish(settled) < getFinish(fastest);
    fastest.worstMs = std::max(fastest.worstMs, settled.worstMs);
    if (isFaster)
      fastest.activity = settled.activity;
  }
  graph.cutOff(firstActivity, getFinish(fastest));
  races.push_back({firstActivity, uint32_t(graph.size()), fastest.activity});
  return fastest;
}

ProgramWalk::Ready ProgramWalk::visitChain(ChainOp op, uint32_t scope, Ready start) {
  uint32_t index = scopes.size(), first = graph.size();
  // What is inside is seen apart, and then as part of what is around it.
  Forecast outerBegan = std::exchange(began, never);
  bool outerIsKnown = std::exchange(result.latencyMs.complete, true);
  bool outerIsKnownAtWorst = std::exchange(result.worstLatencyMs.complete, true);
  Ready end = visitPart(op.getBody(), scope, 1, 1, true, start);
  if (op.getDeadlineMs() || op.getBudgetUsd()) {
    ChainCost &chain = result.chains.emplace_back();
    chain.chain = op;
    chain.latencyMs.complete = result.latencyMs.complete;
    double worst = std::max(0.0, end.worstMs - began.worst);
    chain.worstLatencyMs = {worst, result.worstLatencyMs.complete};
    double finish = getFinish(end);
    chainPlaces.push_back({index, std::min(began.expected, finish), finish, first,
                           uint32_t(graph.size())});
  }
  began = {std::min(began.expected, outerBegan.expected), std::min(began.worst, outerBegan.worst)};
  result.latencyMs.complete &= outerIsKnown;
  result.worstLatencyMs.complete &= outerIsKnownAtWorst;
  return end;
}

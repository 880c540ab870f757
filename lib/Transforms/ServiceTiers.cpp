//===- ServiceTiers.cpp - Calls that can wait, at a lower price -------------===//
//
// Lossless: the same requests are made, and served later.
//
//===----------------------------------------------------------------------===//

#include "BatchFunction.h"

using namespace mlir;
using namespace xcs;

static FloatAttr getDeadline(func::FuncOp function) {
  return function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms");
}

/// The chain around `op` that has a deadline; null if there is none.
static ChainOp getHurriedChain(Operation *op) {
  for (auto chain = op->getParentOfType<ChainOp>(); chain;
       chain = chain->getParentOfType<ChainOp>())
    if (chain.getDeadlineMs())
      return chain;
  return {};
}

/// Whether the call is in a member of `first`, where time decides what is answered.
static bool isInRace(Operation *op) {
  for (auto ensemble = op->getParentOfType<EnsembleOp>(); ensemble;
       ensemble = ensemble->getParentOfType<EnsembleOp>())
    if (ensemble.getPolicy() == EnsemblePolicy::First)
      return true;
  return false;
}

/// Whether somebody who has a deadline, or a part of him that has, calls `function`.
bool TierChooser::isUnderDeadline(func::FuncOp function) {
  if (!hurried) {
    hurried.emplace();
    SymbolTableCollection symbols;
    SmallVector<func::FuncOp> stack;
    auto enter = [&](func::CallOp call) {
      auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      if (callee && !callee.isExternal() && hurried->insert(callee).second)
        stack.push_back(callee);
    };
    root.walk([&](func::CallOp call) {
      auto caller = call->getParentOfType<func::FuncOp>();
      if ((caller && getDeadline(caller)) || getHurriedChain(call))
        enter(call);
    });
    while (!stack.empty())
      stack.pop_back_val().walk(enter);
  }
  return hurried->contains(function);
}

ProgramCost TierChooser::getCost(func::FuncOp function) {
  CostModel costs(function->getParentOfType<ModuleOp>(), *catalog);
  return costs.getCost(function);
}

static void setTier(LLMCallOpInterface call, ServiceTier tier) {
  if (tier == ServiceTier::Standard)
    call->removeAttr("service_tier");
  else
    call->setAttr("service_tier", StringAttr::get(call.getContext(), stringifyTier(tier)));
}

/// What the call costs in all its runs at `tier`.
static Amount price(const CallCost &cost, ServiceTier tier) {
  LLMCallOpInterface call = cost.call;
  int64_t samples = call.getSampleCount();
  CallTokens tokens;
  tokens.input = cost.inputTokens.expected;
  tokens.cached = cost.cachedInputTokens;
  tokens.output = cost.outputTokens.expected / samples;
  tokens.samples = samples;
  return priceCall(*cost.model, tier, tokens) * cost.runs.expected;
}

/// The calls that one of the tiers serves for less, cheapest tier first, and of
/// equals the faster one.
std::vector<TierChooser::Candidate> TierChooser::findCandidates(Rewrite &state,
                                                                ArrayRef<ServiceTier> tiers) {
  std::vector<Candidate> candidates;
  DenseSet<std::pair<const ModelEntry *, int>> noted;
  for (const CallCost &cost : state.getCost().calls) {
    LLMCallOpInterface call = cost.call;
    if (call.getServiceTierAttr())
      continue;
    if (isInRace(call)) {
      state.refused(call.getLoc(), "no-tier", "who is late in 'first' has lost");
      continue;
    }
    if (getHurriedChain(call)) {
      state.refused(call.getLoc(), "no-tier", "the chain around it has a deadline");
      continue;
    }
    Candidate best{call, ServiceTier::Standard, cost.timing.slackMs, {}, {}};
    best.before.costUsd = best.after.costUsd = price(cost, ServiceTier::Standard);
    for (ServiceTier tier : {ServiceTier::Flex, ServiceTier::Batch}) {
      if (!llvm::is_contained(tiers, tier))
        continue;
      Effort then;
      then.costUsd = price(cost, tier);
      if (then.costUsd.complete && best.before.costUsd.complete) {
        if (isGain(best.after, then, Objective::Cost)) {
          best.tier = tier;
          best.after = then;
        }
      } else if (noted.insert({cost.model, int(tier)}).second) {
        state.refused(call.getLoc(), "no-tier",
                      "what '" + Twine(cost.model->name) + "' costs at the " + stringifyTier(tier) +
                          " tier, or without it, is not known");
      }
    }
    if (best.tier != ServiceTier::Standard)
      candidates.push_back(best);
  }
  return candidates;
}

/// Of the candidates, most slack first, how many can wait so that the function keeps
/// its deadline. More of them never end earlier.
size_t TierChooser::countInTime(Rewrite &state, MutableArrayRef<Candidate> candidates,
                                double deadlineMs) {
  auto isInTime = [&](size_t count) {
    for (auto [index, candidate] : llvm::enumerate(candidates))
      setTier(candidate.call, index < count ? candidate.tier : ServiceTier::Standard);
    ProgramCost cost = getCost(state.function);
    return cost.worstLatencyMs.complete && cost.worstLatencyMs.known <= deadlineMs &&
           cost.makespanMs.complete && cost.makespanMs.known <= deadlineMs;
  };
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate &a, const Candidate &b) { return a.slackMs > b.slackMs; });
  size_t fits = 0, fails = candidates.size() + 1;
  for (size_t next = candidates.size(); fails - fits > 1; next = fits + (fails - fits) / 2)
    (isInTime(next) ? fits : fails) = next;
  return fits;
}

bool TierChooser::run(Rewrite &state) {
  FloatAttr deadline = getDeadline(state.function);
  static constexpr ServiceTier batchAlone[] = {ServiceTier::Batch};
  constexpr double dayMs = 24 * 60 * 60 * 1000.0;
  // Without a word that there is no hurry, only a deadline can tell.
  if (offered.empty() && (!deadline || deadline.getValueAsDouble() < dayMs))
    return false;
  Location loc = state.function.getLoc();
  auto refuse = [&](StringRef reason) {
    if (!offered.empty())
      state.refused(loc, "no-tier", reason);
    return false;
  };
  if (state.objective != Objective::Cost)
    return refuse("calls on cheaper tiers take longer, and the objective is not cost alone");
  if (deadline && deadline.getValueAsDouble() < dayMs)
    return refuse("its deadline does not leave the 24 hours that the batch tier may take");
  if (isUnderDeadline(state.function))
    return refuse("it is called under a deadline");
  // The flex tier promises no time that could be held against a deadline.
  ArrayRef<ServiceTier> tiers = offered;
  if (deadline && (offered.empty() || llvm::is_contained(offered, ServiceTier::Batch)))
    tiers = batchAlone;
  else if (deadline)
    return refuse("the flex tier promises no time that could be held against its deadline");

  std::vector<Candidate> candidates = findCandidates(state, tiers);
  if (candidates.empty())
    return false;
  size_t count = candidates.size();
  if (deadline)
    count = countInTime(state, candidates, deadline.getValueAsDouble());
  for (auto [index, candidate] : llvm::enumerate(candidates))
    setTier(candidate.call, index < count ? candidate.tier : ServiceTier::Standard);
  // Who waits does not write the prompt cache that others read.
  bool reads = llvm::any_of(state.getCost().calls,
                            [](const CallCost &cost) { return cost.cachedInputTokens > 0; });
  if (reads &&
      !(getCost(state.function).totals.costUsd.known < state.getCost().totals.costUsd.known)) {
    for (Candidate &candidate : candidates)
      setTier(candidate.call, ServiceTier::Standard);
    return refuse("what prompts share would cost more than the tier saves");
  }
  for (auto [index, candidate] : llvm::enumerate(candidates))
    if (index < count)
      state.applied(candidate.call.getLoc(), "tier", Allow::Lossless,
                    "put on the " + stringifyTier(candidate.tier) + " tier",
                    Change{candidate.before, candidate.after});
    else
      state.refused(candidate.call.getLoc(), "no-tier",
                    "the deadline leaves it no 24 hours beside what waits already");
  return count > 0;
}

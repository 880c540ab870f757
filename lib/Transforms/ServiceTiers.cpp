//===- ServiceTiers.cpp - Calls that can wait, at a lower price -------------===//
//
// Lossless: the same requests are made, and served later.
//
//===----------------------------------------------------------------------===//

#include "BatchFunction.h"

using namespace mlir;
using namespace xcs;

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
std::vector<TierChooser::Candidate> TierChooser::findCandidates(Rewrite &state) {
  std::vector<Candidate> candidates;
  DenseSet<std::pair<const ModelEntry *, int>> noted;
  for (const CallCost &cost : state.getCost().calls) {
    LLMCallOpInterface call = cost.call;
    if (call.getServiceTierAttr())
      continue;
    if (StringRef reason = whyTierIsFixed(call); !reason.empty()) {
      state.refused(call.getLoc(), "no-tier", reason);
      continue;
    }
    Candidate best{call, ServiceTier::Standard, cost.timing.slackMs, {}, {}};
    best.before.costUsd = best.after.costUsd = price(cost, ServiceTier::Standard);
    for (ServiceTier tier : {ServiceTier::Flex, ServiceTier::Batch}) {
      if (!rule.isOpen(state.function, tier))
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
  auto deadline = state.function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms");
  auto refuse = [&](StringRef reason) {
    if (leave.isGiven())
      state.refused(state.function.getLoc(), "no-tier", reason);
    return false;
  };
  if (state.objective != Objective::Cost)
    return refuse("calls on cheaper tiers take longer, and the objective is not cost alone");
  if (StringRef reason = rule.whyFixed(state.function); !reason.empty())
    return refuse(reason);
  std::vector<Candidate> candidates = findCandidates(state);
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

//===- Spending.cpp - What operations take, and what has been saved -------===//

#include "PruneConditionals.h"

using namespace mlir;
using namespace xcs;

const Effort &Spending::getTotal() {
  if (total)
    return *total;
  const ProgramCost &cost = state.getCost();
  total = Effort{cost.totals.costUsd, cost.latencyMs, cost.totals.requests};
  for (const ToolCost &tool : cost.tools)
    tools[tool.call] = &tool;
  if (!cost.calls.empty())
    state.getCost(cost.calls.front().call); // has them all by name
  return *total;
}

Spending::Sum Spending::get(Operation *op) {
  begin();
  Sum sum;
  bool isFirst = true;
  auto addTiming = [&](const Timing &timing) {
    sum.startMs = isFirst ? timing.startMs : std::min(sum.startMs, timing.startMs);
    sum.slackMs = isFirst ? timing.slackMs : std::min(sum.slackMs, timing.slackMs);
    sum.finishMs = std::max(sum.finishMs, timing.finishMs);
    isFirst = false;
  };
  op->walk([&](Operation *nested) {
    auto call = dyn_cast<LLMCallOpInterface>(nested);
    if (const CallCost *cost = call ? state.getCost(call) : nullptr) {
      auto share = shares.find(nested);
      double runs = cost->runs.expected * (share == shares.end() ? 1 : share->second);
      sum.costUsd += cost->costUsd * runs;
      sum.requests += cost->requests * runs;
      addTiming(cost->timing);
    } else if (const ToolCost *tool = tools.lookup(nested)) {
      addTiming(tool->timing);
    }
  });
  return sum;
}

Spending::Sum Spending::get(ArrayRef<Operation *> ops) {
  Sum sum;
  bool isFirst = true;
  for (Operation *op : ops) {
    Sum part = get(op);
    sum.costUsd += part.costUsd;
    sum.requests += part.requests;
    if (part.finishMs == 0)
      continue;
    sum.startMs = isFirst ? part.startMs : std::min(sum.startMs, part.startMs);
    sum.slackMs = isFirst ? part.slackMs : std::min(sum.slackMs, part.slackMs);
    sum.finishMs = std::max(sum.finishMs, part.finishMs);
    isFirst = false;
  }
  return sum;
}

void Spending::scale(Operation *op, double share) {
  op->walk([&](LLMCallOpInterface call) { shares.try_emplace(call, 1).first->second *= share; });
}

ReadyTimes &Spending::getReadyTimes() {
  begin();
  if (!readyTimes)
    readyTimes.emplace(state.function, state.getCost());
  return *readyTimes;
}

/// Whether an operation around `op` fails if it takes too long.
static bool hasDeadlineAround(Operation *op) {
  for (; op; op = op->getParentOp())
    if (auto chain = dyn_cast<ChainOp>(op); chain && chain.getDeadlineMs())
      return true;
  return false;
}

std::string Spending::whyNot(Operation *op, const Sum &saved, std::optional<double> delayMs,
                             Change &change) {
  change = {getTotal(), getTotal()};
  change.after.costUsd.known -= saved.costUsd.known;
  change.after.latencyMs.known += delayMs.value_or(0);
  change.after.requests -= saved.requests;
  // What is left out is less money, whatever it costs; how much is not known.
  change.before.costUsd.complete = change.after.costUsd.complete = saved.costUsd.complete;
  bool isCheaper = state.objective == Objective::Cost && !saved.costUsd.complete;
  if (saved.requests <= 0)
    return "it is as likely to run as before";
  if (delayMs && hasDeadlineAround(op))
    return "it would start later in a chain with a deadline";
  auto deadline = state.function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms");
  if (deadline && delayMs.value_or(0) > 0 &&
      change.after.latencyMs.known > deadline.getValueAsDouble())
    return "it would start later, and the function would miss its deadline";
  if (isCheaper || isGain(change.before, change.after, state.objective))
    return "";
  return "it would start later, which loses more than it gains";
}

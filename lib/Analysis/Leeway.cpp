//===- Leeway.cpp - What deadlines and budgets leave -----------------------===//

#include "XcsLLM/Analysis/Leeway.h"
#include <limits>

using namespace mlir;
using namespace xcs;

static constexpr double noLimit = std::numeric_limits<double>::infinity();

/// What a limit leaves; nothing if what is taken is more. If that is unknown, not even
/// the slack of a path is left: another one may be longer, or it may itself.
static double getRest(FloatAttr limit, const Amount &taken) {
  if (!limit)
    return noLimit;
  return taken.complete ? std::max(0.0, limit.getValueAsDouble() - taken.known) : -noLimit;
}

Leeway::Leeway(const ProgramCost &cost, func::FuncOp function) : function(function) {
  auto deadline = function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms");
  auto budget = function->getAttrOfType<FloatAttr>("xcs_llm.budget_usd");
  const Amount &worst = cost.totals.worstCostUsd;
  if (budget && worst.complete && worst.known > budget.getValueAsDouble())
    budget = nullptr;
  if (deadline || budget)
    rooms[function] = {getRest(deadline, cost.latencyMs), getRest(budget, worst)};
  for (const ChainCost &chain : cost.chains) {
    ChainOp op = chain.chain;
    rooms[op] = {getRest(op.getDeadlineMsAttr(), chain.worstLatencyMs),
                 getRest(op.getBudgetUsdAttr(), chain.worstCostUsd)};
  }
}

/// What is unknown has no place anywhere.
static double getNeed(const Amount &amount, double times) {
  return amount.complete ? amount.known * times : noLimit;
}

SmallVector<Leeway::Need> Leeway::findNeeds(const CallCost &call, Operation *at) const {
  SmallVector<Need> needs;
  if (rooms.empty())
    return needs;
  Amount prompt = priceCall(*call.model, call.tier, {call.inputTokens.worst, 0, 0, 0, 1});
  double attempts = 1; // one after another
  for (Operation *op = at; op != function; op = op->getParentOp()) {
    Operation *parent = op->getParentOp();
    if (auto cascade = dyn_cast<CascadeOp>(parent))
      attempts *= cascade.getStageAttempts(op->getParentRegion()->getRegionNumber());
    auto found = rooms.find(parent);
    if (found == rooms.end())
      continue;
    bool isChain = parent != function;
    needs.push_back({&found->second, isChain ? 0 : call.timing.slackMs,
                     getNeed(isChain ? call.worstLatencyMs : call.latencyMs, attempts),
                     getNeed(prompt, call.runs.worst)});
  }
  return needs;
}

/// How often `need` goes into `room`.
static double divide(double room, double need) {
  if (room == noLimit || need <= 0)
    return noLimit;
  return need == noLimit ? 0 : room / need * (1 + 1e-9);
}

int64_t Leeway::countMore(const CallCost &call, Operation *at) const {
  double most = 1e9;
  for (const Need &need : findNeeds(call, at))
    most = std::min(
        {most, divide(need.room->ms + need.slackMs, need.ms), divide(need.room->usd, need.usd)});
  return std::max(0.0, most);
}

void Leeway::take(const CallCost &call, Operation *at, int64_t requests) {
  for (const Need &need : findNeeds(call, at)) {
    need.room->ms -= requests * need.ms;
    need.room->usd -= requests * need.usd;
  }
}

//===- Estimates.cpp - What the cost model says, in a plan ------------------===//

#include "PlanBuilder.h"

using namespace mlir;
using namespace xcs;

/// Estimates are not precise to sixteen digits, and read better without the noise
/// of sums: money to 10^-12 dollars, time to 10^-6 milliseconds,
/// counts to 10^-6.
static double round(double figure, double unit) {
  return figure < 1e15 / unit ? std::round(figure * unit) / unit : figure;
}
static double roundUsd(double usd) { return round(usd, 1e12); }
static double roundCount(double count) { return round(count, 1e6); }
static double roundMs(double ms) { return round(ms, 1e6); }

/// A sum, if anything is known of it.
static std::optional<schedule::Figure> getSum(Amount amount, double (*round)(double)) {
  if (!amount.complete && amount.known == 0)
    return std::nullopt;
  return schedule::Figure{round(amount.known), !amount.complete};
}

static std::optional<double> getIfComplete(Amount amount, double (*round)(double)) {
  return amount.complete ? std::optional(round(amount.known)) : std::nullopt;
}

/// Whole tokens, of which there may be more than integers hold.
static int64_t roundTokens(double tokens) { return std::llround(std::min(tokens, 9e18)); }

static schedule::Timing getTiming(const Timing &timing) {
  return {roundMs(timing.startMs), roundMs(timing.finishMs), roundMs(timing.slackMs),
          timing.isCritical};
}

static schedule::CallTotals getTotals(const Totals &totals) {
  return {totals.calls,
          roundCount(totals.requests),
          roundCount(totals.inputTokens),
          roundCount(totals.cachedInputTokens),
          roundCount(totals.outputTokens),
          getSum(totals.costUsd, roundUsd),
          getSum(totals.worstCostUsd, roundUsd)};
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

/// What an edge that carries a text, or a list of texts, is expected to carry.
std::optional<uint32_t> PlanBuilder::getTokens(Value value) const {
  if (!cost.lengths || !isa<TextType>(getElementTypeOrSelf(value)))
    return std::nullopt;
  constexpr double most = std::numeric_limits<uint32_t>::max();
  return roundTokens(std::min(cost.lengths->getTokens(value).expected, most));
}

void PlanBuilder::addEstimate(const CallCost &call) {
  schedule::Planning &planning = getPlanning(plan.tasks[tasks.lookup(call.call)]);
  schedule::Estimate estimate;
  estimate.inputTokens = roundTokens(call.inputTokens.expected);
  estimate.outputTokens = roundTokens(call.outputTokens.expected);
  if (call.cachedInputTokens > 0)
    estimate.cachedInputTokens = roundTokens(call.cachedInputTokens);
  estimate.requests = roundCount(call.requests);
  estimate.costUsd = getIfComplete(call.costUsd, roundUsd);
  estimate.latencyMs = getIfComplete(call.latencyMs, roundMs);
  estimate.memoryMb = call.model->memoryMb;
  planning.estimate = estimate;
  planning.expectedRuns = roundCount(call.runs.expected);
  if (knowsTimes())
    planning.timing = getTiming(call.timing);
  planning.pool = tables.getPool(*call.model);
  if (call.model->memoryMb) {
    planning.resources = std::make_unique<schedule::Resources>();
    planning.resources->memoryMb = call.model->memoryMb;
  }
  if (call.prefixGroup > 0) {
    planning.prefixTokens = roundTokens(call.prefixTokens);
    planning.prefix = tables.keep(call.model->name + "/prefix" + std::to_string(call.prefixGroup));
  }
}

void PlanBuilder::addEstimate(const ToolCost &tool) {
  schedule::Planning &planning = getPlanning(plan.tasks[tasks.lookup(tool.call)]);
  if (tool.latencyMs.complete) {
    planning.estimate.emplace();
    planning.estimate->latencyMs = roundMs(tool.latencyMs.known);
  }
  planning.expectedRuns = roundCount(tool.runs.expected);
  if (knowsTimes())
    planning.timing = getTiming(tool.timing);
}

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

static schedule::Assumption::What getWhat(Assumption::Kind kind) {
  using What = schedule::Assumption::What;
  switch (kind) {
  case Assumption::Kind::Tokens: return What::Tokens;
  case Assumption::Kind::Items: return What::Count;
  case Assumption::Kind::OutputTokens: return What::OutputTokens;
  case Assumption::Kind::Probability: return What::Probability;
  }
  llvm_unreachable("a default of an unknown kind");
}

/// Whether anything is known of times. Without, nothing would be critical but by
/// chance.
bool PlanBuilder::knowsTimes() const {
  return cost.latencyMs.complete || cost.latencyMs.known > 0;
}

void PlanBuilder::addForecast() {
  schedule::Forecast &forecast = plan.forecast;
  forecast.totals = {getTotals(cost.totals),
                     getSum(cost.latencyMs, roundMs),
                     getSum(cost.worstLatencyMs, roundMs),
                     getSum(cost.sequentialMs, roundMs),
                     getSum(cost.makespanMs, roundMs),
                     std::nullopt};
  if (cost.latencyMs.complete)
    forecast.totals->peakParallelism = cost.peakParallelism;
  for (const auto &[model, totals] : cost.models)
    forecast.models.emplace(tables.keep(model), getTotals(totals));
  for (const UnknownFigure &unknown : cost.unknown)
    forecast.unknown.push_back({unknown.isTool ? schedule::Unknown::Of::Tool
                                               : schedule::Unknown::Of::Model,
                                tables.keep(unknown.name), tables.keep(unknown.field)});
  if (knowsTimes())
    for (Operation *op : cost.criticalPath)
      forecast.criticalPath.push_back(tasks.lookup(op));
  for (const Assumption &assumption : cost.assumptions) {
    bool isInput = assumption.argument >= 0;
    using Where = schedule::Assumption::Where;
    forecast.assumptions.push_back(
        {getWhat(assumption.kind), isInput ? Where::Input : Where::Task,
         isInput ? assumption.argument : tasks.lookup(assumption.op), assumption.value});
  }
}

void PlanBuilder::addEstimates() {
  for (const CallCost &call : cost.calls)
    addEstimate(call);
  for (const ToolCost &tool : cost.tools)
    addEstimate(tool);
  addForecast();
}

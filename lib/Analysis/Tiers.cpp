//===- Tiers.cpp - Which calls can wait -----------------------------------===//

#include "XcsLLM/Analysis/Tiers.h"

using namespace mlir;
using namespace xcs;

llvm::Expected<TierLeave> xcs::parseTiers(ArrayRef<std::string> names) {
  TierLeave leave;
  for (const std::string &name : names) {
    if (name == "flex")
      leave.flex = true;
    else if (name == "batch")
      leave.batch = true;
    else if (name != "standard")
      return llvm::createStringError("tiers must be standard, flex or batch (got '" + name + "')");
  }
  return leave;
}

bool xcs::isTierOpen(LLMCallOpInterface call) {
  if (call.getServiceTierAttr())
    return false;
  for (Operation *op = call->getParentOp(); op && !isa<func::FuncOp>(op); op = op->getParentOp()) {
    if (auto chain = dyn_cast<ChainOp>(op); chain && chain.getDeadlineMs())
      return false;
    auto ensemble = dyn_cast<EnsembleOp>(op);
    if (ensemble && ensemble.getPolicy() == EnsemblePolicy::First)
      return false;
  }
  return true;
}

bool xcs::isTierOpen(func::FuncOp function, ServiceTier tier, TierLeave leave) {
  if (auto deadline = function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms"))
    return tier == ServiceTier::Standard ||
           (tier == ServiceTier::Batch &&
            timeCall({}, tier, /*outputTokens=*/0).known <= deadline.getValueAsDouble());
  return leave.contains(tier);
}

bool xcs::tierFits(func::FuncOp function, const ProgramCost &program, const CallCost &call,
                   ServiceTier tier, TierLeave leave) {
  if (!isTierOpen(call.call) || !isTierOpen(function, tier, leave))
    return false;
  Prices prices = call.model->getPrices(tier, call.inputTokens.expected);
  bool hasOutput = call.outputTokens.expected > 0;
  if (!prices.input || (hasOutput && !prices.output))
    return false;
  auto deadline = function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms");
  if (!deadline)
    return true;
  LLMCallOpInterface op = call.call;
  double output = call.outputTokens.expected / op.getSampleCount();
  double later = (timeCall(*call.model, tier, output).known - call.latencyMs.known) * call.timeRuns;
  double delay = std::max(0.0, later - call.timing.slackMs);
  return program.latencyMs.complete &&
         program.latencyMs.known + delay <= deadline.getValueAsDouble() * (1 + 1e-9);
}

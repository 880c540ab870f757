//===- ReadyTimes.cpp - When values are there -----------------------------===//

#include "XcsLLM/Analysis/ReadyTimes.h"

using namespace mlir;
using namespace xcs;

ReadyTimes::ReadyTimes(func::FuncOp function, const ProgramCost &cost) {
  for (const CallCost &call : cost.calls)
    finishes[call.call] = call.timing.finishMs;
  for (const ToolCost &tool : cost.tools)
    finishes[tool.call] = tool.timing.finishMs;
  visit(function.getBody(), 0);
}

double ReadyTimes::getStart(Region *region) const {
  for (; region; region = region->getParentRegion())
    if (auto known = starts.find(region); known != starts.end())
      return known->second;
  return 0;
}

/// When all is there that `region` ends with.
double ReadyTimes::visit(Region &region, double begin) {
  starts[&region] = begin;
  double end = begin;
  for (BlockArgument argument : region.getArguments())
    ready[argument] = begin;
  for (Block &block : region) {
    for (Operation &op : block)
      visit(&op, begin);
    if (!block.empty())
      for (Value value : block.back().getOperands())
        end = std::max(end, get(value));
  }
  return end;
}

void ReadyTimes::visit(Operation *op, double begin) {
  double end = 0;
  for (Value operand : op->getOperands())
    end = std::max(end, get(operand));
  if (auto known = finishes.find(op); known != finishes.end())
    end = known->second;
  else if (op->getNumRegions() > 0)
    end = visitRegions(op, std::max(begin, end));
  for (Value result : op->getResults())
    if (end > 0)
      ready[result] = end;
}

/// Stages and waves follow one another; the rest is side by side.
double ReadyTimes::visitRegions(Operation *op, double begin) {
  auto ensemble = dyn_cast<EnsembleOp>(op);
  std::optional<ArrayRef<int64_t>> waves = ensemble ? ensemble.getWaves() : std::nullopt;
  double end = begin;
  int64_t wave = 0, left = waves ? waves->front() : 0;
  for (Region &region : op->getRegions()) {
    if (waves && left-- == 0) {
      begin = end;
      left = (*waves)[++wave] - 1;
    }
    end = std::max(end, visit(region, begin));
    if (isa<CascadeOp>(op))
      begin = end;
  }
  return end;
}

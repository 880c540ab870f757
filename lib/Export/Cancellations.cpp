//===- Cancellations.cpp - What early decisions make unnecessary -----------===//

#include "PlanBuilder.h"
#include "XcsLLM/Analysis/Decisions.h"

using namespace mlir;
using namespace xcs;

/// Says of each marked conjunction and disjunction what decides it, and of each task
/// that only they need which one makes it unnecessary.
void PlanBuilder::addCancellations() {
  if (decisions.empty())
    return;
  SymbolTableCollection symbols;
  OrderedOps ordered(function, symbols);
  for (auto &[block, marked] : decisions) {
    Decisions found(*block, marked, ordered);
    for (Operation *op : marked) {
      const Decision &decision = found.get(op);
      auto &arith = std::get<schedule::Arith>(plan.tasks[tasks.lookup(op)].details);
      if (decision.isEarly())
        arith.decidedBy = decision.value;
      arith.deciders = decision.decides[0] | decision.decides[1] << 1;
    }
    for (Operation &op : *block)
      if (auto task = tasks.find(&op); task != tasks.end() && found.mayBeCancelled(&op))
        plan.cancelWhenSettled[task->second] = tasks.lookup(found.getOwner(&op));
  }
}

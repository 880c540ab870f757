//===- Spans.cpp - How long operations take --------------------------------===//

#include "XcsLLM/Analysis/Spans.h"
#include "XcsLLM/Analysis/CostModel.h"

using namespace mlir;
using namespace xcs;

/// The longest way through the operations.
double Spans::get(Region &region) {
  double end = 0;
  DenseMap<Value, double> ready;
  for (Block &block : region)
    for (Operation &op : block) {
      double start = 0;
      op.walk([&](Operation *nested) {
        for (Value operand : nested->getOperands())
          start = std::max(start, ready.lookup(operand));
      });
      double finish = start + get(&op);
      end = std::max(end, finish);
      if (finish > 0)
        for (Value result : op.getResults())
          ready[result] = finish;
    }
  return end;
}

double Spans::get(Operation *op) {
  if (auto call = dyn_cast<LLMCallOpInterface>(op))
    return timeCall(models.lookup(call.getModelAttr()), getServiceTier(call),
                    Lengths::getMostExpectedTokens(call))
        .known;
  if (auto tool = dyn_cast<func::CallOp>(op)) {
    auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(tool, tool.getCalleeAttr());
    auto latency = callee ? callee->getAttrOfType<FloatAttr>("xcs_llm.latency_ms") : FloatAttr();
    return latency ? latency.getValueAsDouble() : 0;
  }
  if (op->getNumRegions() == 0)
    return 0;
  SmallVector<double> spans;
  for (Region &region : op->getRegions())
    spans.push_back(get(region));
  double sum = 0;
  if (auto conditional = dyn_cast<ConditionalOp>(op)) {
    double first = likelihood.getProbability(conditional);
    return first * spans[0] + (1 - first) * spans[1];
  }
  if (auto cascade = dyn_cast<CascadeOp>(op)) {
    for (auto [span, runs] : llvm::zip(spans, likelihood.getStages(cascade)))
      sum += span * runs.reached * runs.attempts;
    return sum;
  }
  auto ensemble = dyn_cast<EnsembleOp>(op);
  if (!ensemble) {
    for (double span : spans)
      sum += span;
    return sum;
  }
  ArrayRef<double> left = spans;
  for (auto [wave, starts] : llvm::enumerate(likelihood.getWaves(ensemble))) {
    auto members =
        left.take_front(ensemble.getWaves() ? (*ensemble.getWaves())[wave] : left.size());
    left = left.drop_front(members.size());
    bool fastest = ensemble.getPolicy() == EnsemblePolicy::First;
    sum += starts * (fastest ? *llvm::min_element(members) : *llvm::max_element(members));
  }
  return sum;
}

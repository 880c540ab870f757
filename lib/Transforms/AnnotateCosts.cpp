//===- AnnotateCosts.cpp - Put estimates on calls -------------------------===//

#include "PassRecord.h"
#include "XcsLLM/Analysis/Figures.h"
#include "XcsLLM/Support/Text.h"
#include "XcsLLM/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"

namespace xcs {
#define GEN_PASS_DEF_ANNOTATECOSTS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Estimates
//===----------------------------------------------------------------------===//

static EstimateAttr getEstimate(const CallCost &cost) {
  Builder builder(cost.call->getContext());
  auto count = [&](double tokens) { // of which there may be more than integers hold
    return builder.getI64IntegerAttr(std::llround(std::min(tokens, 9e18)));
  };
  auto figure = [&](std::optional<double> value) {
    return value && std::isfinite(*value) ? builder.getF64FloatAttr(*value) : FloatAttr();
  };
  auto sum = [&](Amount amount) {
    return figure(amount.complete ? std::optional(amount.known) : std::nullopt);
  };
  return EstimateAttr::get(builder.getContext(), count(cost.inputTokens.expected),
                           count(cost.outputTokens.expected), sum(cost.costUsd),
                           sum(cost.latencyMs), figure(cost.model->memoryMb));
}

//===----------------------------------------------------------------------===//
// Assumptions
//===----------------------------------------------------------------------===//

/// Where an attribute of inputs belongs: to the argument, or, of what a tool
/// gives, to the tool's result.
static std::string sayWhere(const Assumption &assumption, StringRef attribute) {
  std::string name = ("'" + attribute + "'").str();
  if (assumption.argument >= 0)
    return name + " of the argument says";
  if (auto call = dyn_cast<func::CallOp>(assumption.op))
    return name + " of the result of '@" + call.getCallee().str() + "' says";
  return "nothing here can say";
}

/// What was assumed, and what would say it.
static std::string explain(const Assumption &assumption) {
  std::string value = formatCount(assumption.value);
  switch (assumption.kind) {
  case Assumption::Kind::Tokens:
    return "assumed " + value + " tokens: " + sayWhere(assumption, "xcs_llm.tokens") + " how many";
  case Assumption::Kind::Items:
    return "assumed " + value + " items: " + sayWhere(assumption, "xcs_llm.count") + " how many";
  case Assumption::Kind::OutputTokens:
    return "assumed " + value +
           " tokens of output: 'expected_output_tokens' of the call says how many";
  case Assumption::Kind::Probability:
    break;
  }
  std::string half = "assumed true with the chance " + formatNumber(assumption.value);
  if (isa<ConditionalOp>(assumption.op))
    return half + ": 'probability' says how likely the first branch is";
  if (isa<CascadeOp>(assumption.op))
    return half + ", each verdict: 'accept_rate' says how likely each stage is accepted";
  if (auto ensemble = dyn_cast<EnsembleOp>(assumption.op)) {
    if (lacksAgreement(ensemble))
      return "assumed that " + formatNumber(assumption.value) +
             " of the votes agree, as measured: 'agreement' says how many";
    return half + ", the verdict of each member: nothing here can say how many are accepted";
  }
  return half + ", the verdict of each item: nothing here can say how many are kept";
}

static StringRef getRemarkName(Assumption::Kind kind) {
  switch (kind) {
  case Assumption::Kind::Tokens:
    return "assumed-tokens";
  case Assumption::Kind::Items:
    return "assumed-items";
  case Assumption::Kind::OutputTokens:
    return "assumed-output-tokens";
  case Assumption::Kind::Probability:
    return "assumed-probability";
  }
  llvm_unreachable("every kind has a name");
}

static void remarkOn(const Assumption &assumption, func::FuncOp function) {
  Location location = assumption.argument >= 0
                          ? function.getArgument(assumption.argument).getLoc()
                          : assumption.op->getLoc();
  if (auto message = remark::analysis(location, remark::RemarkOpts::name(getRemarkName(assumption.kind))
                                                    .category("xcs-annotate-costs")
                                                    .function(function.getName())))
    message << explain(assumption);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct AnnotateCosts : xcs::impl::AnnotateCostsBase<AnnotateCosts> {
  using AnnotateCostsBase::AnnotateCostsBase;

  LogicalResult initialize(MLIRContext *context) override {
    models = loadCatalog(catalog, UnknownLoc::get(context));
    return success(models != nullptr);
  }

  void runOnOperation() override {
    bool changed = false;
    getOperation().walk([&](ModuleOp module) {
      CostModel costs(module, *models);
      if (failed(costs.verifyPrices()))
        return signalPassFailure();
      for (auto function : module.getOps<func::FuncOp>())
        if (!function.isExternal())
          changed |= annotate(function, costs.getCost(function));
    });
    if (changed)
      recordPass(getOperation(), getArgument());
    else
      markAllAnalysesPreserved();
  }

private:
  bool annotate(func::FuncOp function, const ProgramCost &cost);

  std::shared_ptr<const Catalog> models;
};
} // namespace

bool AnnotateCosts::annotate(func::FuncOp function, const ProgramCost &cost) {
  bool changed = false;
  for (const CallCost &callCost : cost.calls) {
    LLMCallOpInterface call = callCost.call;
    EstimateAttr estimate = getEstimate(callCost);
    changed |= call.getEstimateAttr() != estimate;
    call->setAttr("estimate", estimate);
  }
  for (const Assumption &assumption : cost.assumptions)
    remarkOn(assumption, function);
  return changed;
}

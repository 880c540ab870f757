//===- BatchPrompts.cpp - Calls that go out together ------------------------===//

#include "BatchFunction.h"

namespace xcs {
#define GEN_PASS_DEF_BATCHPROMPTS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct BatchPrompts : RewritePass<xcs::impl::BatchPromptsBase<BatchPrompts>> {
  using RewritePass::RewritePass;

  LogicalResult initialize(MLIRContext *context) override {
    auto refuse = [&](const Twine &rule, auto got) {
      return emitError(UnknownLoc::get(context))
             << "xcs-batch-prompts: " << rule << " (got " << got << ")";
    };
    if (minBatchSize < 2 || maxBatchSize < 0 || maxBatchSize == 1)
      return refuse("min-batch-size must be at least 2, and max-batch-size 0 or at least 2",
                    (Twine(minBatchSize) + " and " + Twine(maxBatchSize)).str());
    if (pack < 0 || pack == 1)
      return refuse("pack must be 0 or at least 2", pack.getValue());
    if (!(packAcceptRate >= 0 && packAcceptRate <= 1))
      return refuse("pack-accept-rate must be from 0 to 1", packAcceptRate.getValue());
    tierLeave = {};
    for (StringRef name : tiers) {
      if (name != "flex" && name != "batch")
        return refuse("tiers must be flex or batch", name);
      (name == "flex" ? tierLeave.flex : tierLeave.batch) = true;
    }
    return RewritePass::initialize(context);
  }

  void runOnOperation() override {
    TierChooser chooser(getOperation(), tierLeave, models);
    tierChooser = &chooser;
    RewritePass::runOnOperation();
  }

  FailureOr<bool> rewrite(Rewrite &state) override {
    BatchSizes sizes{minBatchSize, maxBatchSize};
    // Calls of different tiers are no group, so tiers come first.
    bool changed = tierChooser->run(state);
    changed |= batchCalls(state, sizes);
    // Packs are of what is a group, and may be one themselves.
    while (packPrompts(state, {pack, packAcceptRate}, *models)) {
      changed = true;
      sizes.explain = false;
      // The calls that the costs so far are of may be gone.
      CostModel costs(state.function->getParentOfType<ModuleOp>(), *models);
      Rewrite packed(state.function, costs, state.symbols, state.leave, state.objective,
                     getArgument());
      batchCalls(packed, sizes);
    }
    return changed;
  }

  TierLeave tierLeave;
  TierChooser *tierChooser = nullptr;
};
} // namespace

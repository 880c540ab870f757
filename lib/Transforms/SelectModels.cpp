//===- SelectModels.cpp - Choose the cheapest models and tiers ------------===//
//
// The candidates are found by Analysis/ModelCandidates, the choice is made by
// Analysis/ModelChoice. Functions that are called go first: what they take is part of
// what their callers do.
//
//===----------------------------------------------------------------------===//

#include "ModelSelection.h"

namespace xcs {
#define GEN_PASS_DEF_SELECTMODELS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct SelectModels : RewritePass<xcs::impl::SelectModelsBase<SelectModels>> {
  using RewritePass::RewritePass;

  LogicalResult initialize(MLIRContext *context) override {
    llvm::Expected<TierLeave> parsed = parseTiers(ArrayRef<std::string>(tiers));
    if (!parsed)
      return emitError(UnknownLoc::get(context))
             << getArgument() << ": " << llvm::toString(parsed.takeError());
    tierLeave = *parsed;
    return RewritePass::initialize(context);
  }

  void runOnOperation() override {
    modules.clear();
    chosen.clear();
    if (failed(verifyCandidates()))
      return signalPassFailure();
    TierRule rule(getOperation(), tierLeave);
    tierRule = &rule;
    RewritePass::runOnOperation();
    modules.clear();
  }

  FailureOr<bool> rewrite(Rewrite &state) override;

private:
  /// Of one module: costs that follow what is chosen, and what there is to choose from.
  struct ModuleModels {
    std::unique_ptr<CostModel> costs;
    CandidateModels candidates;
  };
  LogicalResult verifyCandidates();
  ModuleModels &getModels(ModuleOp module);
  SmallVector<func::FuncOp> findCallees(Rewrite &state) const;
  void explainKept(const Rewrite &state, ArrayRef<OpenCall> open) const;

  TierLeave tierLeave;
  TierRule *tierRule = nullptr;
  DenseMap<Operation *, std::shared_ptr<ModuleModels>> modules; // passes are copied
  DenseSet<Operation *> chosen; ///< functions that were done
};
} // namespace

/// A name that nobody knows is a slip of the pen, and no candidate.
LogicalResult SelectModels::verifyCandidates() {
  for (StringRef name : ArrayRef<std::string>(candidates)) {
    if (name == "all" || models->lookup(name))
      continue;
    bool isDeclared = getOperation()
                          .walk([&](ModelOp model) {
                            return model.getName() == name ? WalkResult::interrupt()
                                                           : WalkResult::advance();
                          })
                          .wasInterrupted();
    if (!isDeclared)
      return emitError(getOperation().getLoc())
             << getArgument() << ": models must be 'all', or names that the catalog knows or the "
             << "program declares (got '" << name << "')";
  }
  return success();
}

SelectModels::ModuleModels &SelectModels::getModels(ModuleOp module) {
  std::shared_ptr<ModuleModels> &known = modules[module];
  if (!known) {
    known = std::make_shared<ModuleModels>();
    known->costs = std::make_unique<CostModel>(module, *models);
    known->candidates = findCandidateModels(module, known->costs->getModels(), *models,
                                            ArrayRef<std::string>(candidates));
  }
  return *known;
}

/// The function and all that it leads to and that are not done, callees first.
SmallVector<func::FuncOp> SelectModels::findCallees(Rewrite &state) const {
  SmallVector<func::FuncOp> order;
  DenseSet<Operation *> entered;
  SmallVector<std::pair<func::FuncOp, bool>> stack{{state.function, false}};
  while (!stack.empty()) {
    auto [function, isDone] = stack.pop_back_val();
    if (isDone) {
      order.push_back(function);
      continue;
    }
    if (chosen.contains(function) || !entered.insert(function).second)
      continue;
    stack.emplace_back(function, true);
    function.walk([&](func::CallOp call) {
      auto callee =
          state.symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      // What is in another module has other models.
      if (callee && !callee.isExternal() && callee->getParentOp() == state.function->getParentOp())
        stack.emplace_back(callee, false);
    });
  }
  return order;
}

/// Says of calls whose model is not open why it is not, if somebody named candidates.
void SelectModels::explainKept(const Rewrite &state, ArrayRef<OpenCall> open) const {
  if (candidates.empty() || !state.hasRemarks())
    return;
  DenseSet<Operation *> isOpen;
  for (const OpenCall &call : open)
    if (call.hasOpenModel)
      isOpen.insert(call.call);
  state.function->walk([&](LLMCallOpInterface call) {
    if (!isOpen.contains(call))
      state.refused(call->getLoc(), "kept",
                    whyModelIsFixed(call, state.function, state.leave));
  });
}

FailureOr<bool> SelectModels::rewrite(Rewrite &state) {
  bool changed = false;
  for (func::FuncOp function : findCallees(state)) {
    chosen.insert(function);
    Rewrite own(function, state.costs, state.symbols, allow, objective, getArgument());
    std::vector<OpenCall> calls = findOpenCalls(function, own.leave, *tierRule);
    explainKept(own, calls);
    if (calls.empty())
      continue;
    ModuleModels &known = getModels(function->getParentOfType<ModuleOp>());
    FailureOr<bool> outcome =
        selectModels(own, *known.costs, known.candidates, *tierRule, std::move(calls));
    if (failed(outcome))
      return failure();
    changed |= *outcome;
  }
  return changed;
}

//===- Optimize.cpp - Make programs cheaper or faster ---------------------===//

#include "NestedPasses.h"
#include "XcsLLM/Analysis/CostAnalysis.h"
#include "XcsLLM/Analysis/Inlining.h"
#include "XcsLLM/Transforms/Pipelines.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Pass/PassInstrumentation.h"

namespace xcs {
#define GEN_PASS_DEF_OPTIMIZE
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct Optimize : xcs::impl::OptimizeBase<Optimize> {
  using OptimizeBase::OptimizeBase;

  LogicalResult initialize(MLIRContext *context) override {
    models = loadCatalog(catalog, UnknownLoc::get(context));
    return success(models != nullptr);
  }

  void runOnOperation() override;

private:
  /// Rounds of simplifying, at most.
  static constexpr unsigned maxRounds = 4;

  OptimizeOptions getOptions() const;
  LogicalResult runPasses(ModuleOp module);
  LogicalResult run(PassManager &pipeline, ModuleOp module);
  /// Takes back what was done to programs of `module` that lost by it.
  void takeBackLosses(ModuleOp module, ModuleOp original);

  std::shared_ptr<const Catalog> models;
};
} // namespace

/// The passes of ours that have noted that they changed the module, in order.
static ArrayRef<Attribute> getChanges(ModuleOp module) {
  auto passes = module->getAttrOfType<ArrayAttr>("xcs_llm.passes");
  return passes ? passes.getValue() : ArrayRef<Attribute>();
}

/// Whether a round that made these changes makes way for another one. Passes in a
/// round are ordered such that each makes way for those behind it; only conditions
/// that were decided do so for those before, with calls that now stand side by side.
static bool callsForRound(ArrayRef<Attribute> changes) {
  return llvm::any_of(changes, [](Attribute pass) {
    return cast<StringAttr>(pass).getValue() == "xcs-prune-conditionals";
  });
}

/// What upstream passes could do in `module`, as long as nothing has been inlined.
static UpstreamUse findUpstreamUse(ModuleOp module) {
  UpstreamUse use{false, false};
  SymbolTableCollection symbols;
  module.walk([&](Operation *op) {
    if (auto call = dyn_cast<func::CallOp>(op)) {
      auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      use.inlines |= callee && !callee.isExternal();
    }
    use.propagates |= isa<RegionBranchOpInterface, BranchOpInterface>(op);
    return use.inlines && use.propagates ? WalkResult::interrupt() : WalkResult::advance();
  });
  use.propagates |= use.inlines;
  use.inlines = use.inlines && staysSmallInlined(module);
  return use;
}

OptimizeOptions Optimize::getOptions() const {
  OptimizeOptions options;
  options.allow = allow;
  options.objective = objective;
  options.catalog = catalog;
  options.candidates = llvm::to_vector(candidates);
  options.confidence = confidence;
  options.tiers = llvm::to_vector(tiers);
  options.pack = pack;
  options.packAcceptRate = packAcceptRate;
  options.scope = scope;
  options.ttlS = ttlS;
  options.hitRate = hitRate;
  options.cacheDeterministic = cacheDeterministic;
  options.lookupUsd = lookupUsd;
  options.lookupMs = lookupMs;
  return options;
}

/// Whoever runs this pass verifies what it leaves. To verify what each pass in it
/// leaves as well would take as long as half of them.
LogicalResult Optimize::run(PassManager &pipeline, ModuleOp module) {
  pipeline.enableVerifier(false);
  if (PassInstrumentor *watcher = getAnalysisManager().getPassInstrumentor())
    pipeline.addInstrumentation(std::make_unique<Forwarder>(*watcher));
  return pipeline.run(module);
}

LogicalResult Optimize::runPasses(ModuleOp module) {
  OptimizeOptions options = getOptions();
  UpstreamUse upstream = findUpstreamUse(module);
  for (unsigned round = 0; round < maxRounds; ++round) {
    size_t known = getChanges(module).size();
    PassManager simplify(module->getName());
    buildSimplifyPipeline(simplify, options, upstream);
    upstream.inlines = false;
    if (failed(run(simplify, module)))
      return failure();
    if (!callsForRound(getChanges(module).drop_front(known)))
      break;
  }
  PassManager place(module->getName());
  buildPlacementPipeline(place, options);
  return run(place, module);
}

//===----------------------------------------------------------------------===//
// What does not gain is taken back
//===----------------------------------------------------------------------===//

static Effort getEffort(const ProgramCost &cost) {
  return {cost.totals.costUsd, cost.latencyMs, cost.totals.requests};
}

/// Whether the figure is above the limit that `function` sets for it.
static bool isAbove(Amount figure, func::FuncOp function, StringRef limit) {
  auto most = function->getAttrOfType<FloatAttr>(limit);
  return most && figure.known > most.getValueAsDouble();
}

/// Why the program `now` must not stay as it is; empty if it may.
static std::string findLoss(const ProgramCost &before, const ProgramCost &now,
                            func::FuncOp function, Objective objective) {
  Effort old = getEffort(before), current = getEffort(now);
  for (auto [was, is, limit] : {std::tuple(old.costUsd, current.costUsd, "xcs_llm.budget_usd"),
                                std::tuple(old.latencyMs, current.latencyMs, "xcs_llm.deadline_ms")})
    if (isAbove(is, function, limit) && !isAbove(was, function, limit))
      return ("it would be above '" + Twine(limit) + "'").str();
  // A sum with unknown parts says little about one without.
  bool isKnown = old.costUsd.complete == current.costUsd.complete &&
                 old.latencyMs.complete == current.latencyMs.complete;
  if (isKnown && compareEfforts(old, current, objective) > 0)
    return "it would take more than before";
  return "";
}

/// Puts the function of this name, and all that it leads to, back as in `original`.
static void restore(StringAttr function, ModuleOp module, ModuleOp original) {
  SmallVector<StringAttr> names{function};
  llvm::DenseSet<StringAttr> seen(names.begin(), names.end());
  while (!names.empty()) {
    StringAttr name = names.pop_back_val();
    auto old = original.lookupSymbol<func::FuncOp>(name);
    if (!old)
      continue;
    old.walk([&](func::CallOp call) {
      if (StringAttr callee = call.getCalleeAttr().getAttr(); seen.insert(callee).second)
        names.push_back(callee);
    });
    OpBuilder builder(module.getContext());
    if (auto now = module.lookupSymbol<func::FuncOp>(name)) {
      builder.setInsertionPoint(now);
      builder.clone(*old);
      now.erase();
    } else {
      builder.setInsertionPointToEnd(module.getBody());
      builder.clone(*old);
    }
  }
}

/// The name of each program of `module` that lost by what was done, and how.
static SmallVector<std::pair<StringAttr, std::string>>
findLosses(ModuleOp module, ModuleOp original, const Catalog &models, Objective objective) {
  SmallVector<std::pair<StringAttr, std::string>> losses;
  CostModel before(original, models), now(module, models);
  SymbolTable originals(original);
  for (auto function : module.getOps<func::FuncOp>()) {
    auto old = originals.lookup<func::FuncOp>(function.getSymName());
    if (!old || function.isExternal())
      continue;
    std::string loss = findLoss(before.getCost(old), now.getCost(function), function, objective);
    if (!loss.empty())
      losses.emplace_back(function.getSymNameAttr(), std::move(loss));
  }
  return losses;
}

/// Who calls what was put back is priced anew: it may lose now.
void Optimize::takeBackLosses(ModuleOp module, ModuleOp original) {
  DenseSet<StringAttr> restored;
  for (bool again = true; std::exchange(again, false);) {
    for (auto &[name, loss] : findLosses(module, original, *models, objective)) {
      if (!restored.insert(name).second)
        continue;
      again = true;
      Location location = module.lookupSymbol(name)->getLoc();
      restore(name, module, original);
      if (auto message = remark::missed(location, remark::RemarkOpts::name("not-kept")
                                                      .category(getArgument())
                                                      .function(name.getValue())))
        message << "left as it was: " + loss;
    }
  }
}

void Optimize::runOnOperation() {
  ModuleOp module = getOperation();
  OwningOpRef<ModuleOp> original = module.clone();
  OneWarningEach warnings(module.getContext());
  if (failed(runPasses(module)))
    return signalPassFailure();
  if (getChanges(module) == getChanges(*original))
    return; // nothing that could cost more
  // No pass adds or removes a module.
  for (auto [now, old] : llvm::zip_equal(findModules(module), findModules(*original)))
    takeBackLosses(now, old);
}

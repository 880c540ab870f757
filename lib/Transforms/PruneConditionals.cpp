//===- PruneConditionals.cpp - Leave out what need not run -----------------===//
//
// Branches that are known or equal, calls that only a branch needs, flags that
// others have decided, and judges of candidates that agree.
//
//===----------------------------------------------------------------------===//

#include "PruneConditionals.h"
#include "Lists.h"
#include "XcsLLM/Analysis/Sinking.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/SetVector.h"

namespace xcs {
#define GEN_PASS_DEF_PRUNECONDITIONALS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

/// A conditional whose branches are equal is one of them. That it no longer fails
/// with its condition only drops a failure. What may be `unused` then is noted.
static bool mergeBranches(ConditionalOp conditional, Rewrite &state, Spending &spending,
                          llvm::SetVector<Operation *> &unused) {
  if (!OperationEquivalence::isRegionEquivalentTo(&conditional.getThenRegion(),
                                                  &conditional.getElseRegion(),
                                                  OperationEquivalence::IgnoreLocations))
    return false;
  spending.begin();
  state.applied(conditional.getLoc(), "equal-branches", Allow::Lossless,
                "the branches are equal, so one of them stands for both");
  auto note = [&](Value value) {
    if (Operation *definition = value.getDefiningOp())
      unused.insert(definition);
  };
  note(conditional.getCondition());
  Block &branch = conditional.getThenRegion().front();
  Operation *yield = branch.getTerminator();
  conditional->replaceAllUsesWith(yield->getOperands());
  if (unused.remove(conditional))
    llvm::for_each(yield->getOperands(), note);
  yield->erase();
  conditional->getBlock()->getOperations().splice(conditional->getIterator(),
                                                  branch.getOperations());
  conditional->erase();
  return true;
}

namespace {
/// Says what became of conditionals whose condition is known.
struct KnownBranchListener : RewriterBase::Listener {
  explicit KnownBranchListener(Rewrite &state) : state(state) {}
  void notifyOperationReplaced(Operation *op, ValueRange) override {
    auto conditional = dyn_cast<ConditionalOp>(op);
    if (conditional && matchPattern(conditional.getCondition(), m_Constant()))
      state.applied(op->getLoc(), "known-branch", Allow::Lossless,
                    "the condition is constant, so only one branch is left");
  }
  Rewrite &state;
};
} // namespace

/// Branches that a constant rules out go by the dialect's own canonicalization. It does
/// not always get to those that it shows to be ruled out, too.
static bool takeKnownBranches(Rewrite &state, Spending &spending) {
  SmallVector<Operation *> conditionals;
  bool isKnown = false;
  state.function.walk([&](ConditionalOp op) {
    conditionals.push_back(op);
    isKnown |= matchPattern(op.getCondition(), m_Constant());
  });
  if (!isKnown)
    return false;
  spending.begin();
  MLIRContext *context = state.function.getContext();
  RewritePatternSet patterns(context);
  context->getLoadedDialect<XcsLLMDialect>()->getCanonicalizationPatterns(patterns);
  KnownBranchListener listener(state);
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingOps).setListener(&listener);
  bool changed = false;
  (void)applyOpPatternsGreedily(conditionals, std::move(patterns), config, &changed);
  return changed;
}

static bool mergeBranches(Rewrite &state, Spending &spending) {
  SmallVector<ConditionalOp> conditionals; // inner ones first
  state.function.walk([&](ConditionalOp op) { conditionals.push_back(op); });
  bool changed = false;
  llvm::SetVector<Operation *> unused;
  for (ConditionalOp conditional : conditionals)
    changed |= mergeBranches(conditional, state, spending, unused);
  eraseUnused(unused.takeVector());
  return changed;
}

//===----------------------------------------------------------------------===//
// Calls that wait until they are needed
//===----------------------------------------------------------------------===//

/// How much later than nothing waits for the operation would end.
static double getDelay(const Sinkable &place, const Spending::Sum &sum, Spending &spending) {
  double start = std::max(sum.startMs, spending.getReadyTimes().getStart(place.into));
  double finish = start + place.share * (sum.finishMs - sum.startMs);
  return std::max(0.0, finish - sum.finishMs - std::max(0.0, sum.slackMs));
}

/// Moves calls, sampled ones too, into the regions that alone use them. Lossless: a
/// region that runs at most once draws no sample twice.
static bool sinkCalls(Rewrite &state, const OrderedOps &ordered, Spending &spending,
                      const llvm::DenseSet<Operation *> &toSink,
                      const llvm::DenseSet<Operation *> &moved) {
  Likelihood likelihood(state.costs.getModels());
  RegionShares shares(likelihood);
  auto wants = [&](const Sinkable &place) {
    if (toSink.contains(place.op))
      return true;
    Spending::Sum sum = spending.get(place.op), saved;
    saved.add(sum, 1 - place.share);
    Change change;
    std::string reason = spending.whyNot(place.op, saved, getDelay(place, sum, spending), change);
    if (!reason.empty()) {
      state.refused(place.op->getLoc(), "not-sunk", "not moved to where it is used: " + reason);
      return false;
    }
    state.applied(place.op->getLoc(), "sunk", Allow::Lossless, "runs only where it is used",
                  change);
    spending.scale(place.op, place.share);
    return true;
  };
  std::vector<Sinkable> sinkable = findSinkable(state.function, ordered, shares, moved, wants);
  sink(sinkable);
  return !sinkable.empty();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct PruneConditionals : RewritePass<xcs::impl::PruneConditionalsBase<PruneConditionals>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override {
    Spending spending(state);
    bool changed = false;
    // Either may show another condition to be constant.
    while (takeKnownBranches(state, spending) || mergeBranches(state, spending))
      changed = true;
    OrderedOps ordered(state.function, state.symbols);
    llvm::DenseSet<Operation *> toSink, moved;
    changed |= skipJudges(state, spending, moved);
    changed |= nestPredicates(state, ordered, spending, toSink);
    auto hasRegions = [&](Operation *op) {
      return op != state.function && op->getNumRegions() > 0 ? WalkResult::interrupt()
                                                             : WalkResult::advance();
    };
    if (state.function->walk(hasRegions).wasInterrupted())
      changed |= sinkCalls(state, ordered, spending, toSink, moved);
    return changed;
  }
};
} // namespace

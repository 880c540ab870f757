//===- EliminateRedundantCalls.cpp - Make equal deterministic calls one ---===//
//
// Upstream's `cse` merges equal calls without effects. This makes them equal to the
// letter, puts one of them where it stands before the others, merges calls of tools,
// and runs `cse` where that has made a difference.
//
//===----------------------------------------------------------------------===//

#include "EqualCandidates.h"
#include "Hoister.h"
#include "RewritePass.h"
#include "XcsLLM/Analysis/SampleIds.h"
#include "XcsLLM/Analysis/SharedCalls.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"

namespace xcs {
#define GEN_PASS_DEF_ELIMINATEREDUNDANTCALLS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

/// More than a program needs that was not made to.
static constexpr int maxRounds = 8;

namespace {
/// Notes whether operations with regions go.
struct RegionListener : RewriterBase::Listener {
  void notifyOperationErased(Operation *op) override { hasErased |= op->getNumRegions() > 0; }
  bool hasErased = false;
};

/// Makes the equal calls of one function one.
class CallEliminator {
public:
  explicit CallEliminator(Rewrite &state) : state(state), function(state.function) {}

  bool run();

private:
  using Repeats = std::vector<std::pair<Operation *, Operation *>>;

  bool hoistCalls();
  bool mergeCalls(const Repeats &repeats);
  void alignHints(Operation *call, Operation *kept);
  bool dropTools();
  double countRuns(Operation *call, Operation *anchor);
  void remarkMerged(const Repeats &repeats);
  void findMissed(const Repeats &repeats);

  Rewrite &state;
  func::FuncOp function;
  EqualValues values;
  EqualCalls calls;
  SmallVector<Location> missed; ///< calls that stay although they have equals
  /// How often calls that have moved are expected to run now; for remarks.
  llvm::DenseMap<Operation *, double> newRuns;
};
} // namespace

bool CallEliminator::run() {
  values = EqualValues(function, state.symbols);
  warnOfEqualCandidates(function, values);
  bool changed = false, mayFindMore = true;
  for (int round = 0; round < maxRounds && mayFindMore; ++round) {
    if (round > 0)
      values = EqualValues(function, state.symbols);
    calls = findEqualCalls(function, values, state.symbols);
    // Costs are of the program as it was.
    if (round == 0 && !calls.empty() && state.hasRemarks())
      state.getCost();
    changed |= hoistCalls();
    Repeats repeats = findRepeats(function, calls);
    if (state.hasRemarks()) {
      remarkMerged(repeats);
      findMissed(repeats);
    }
    changed |= !repeats.empty();
    mayFindMore = mergeCalls(repeats);
  }
  for (Location place : missed)
    state.refused(place, "not-merged",
                  "an equal call stands in another region, and neither runs whenever the "
                  "other does");
  return dropTools() | changed;
}

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

/// Puts calls that others equal where they stand before them.
bool CallEliminator::hoistCalls() {
  std::vector<Hoist> hoists = findHoists(function, calls);
  Hoister hoister(function, state.symbols);
  bool changed = false;
  for (auto [call, anchor] : hoists) {
    double runs = state.hasRemarks() ? countRuns(call, anchor) : 0;
    if (!hoister.hoist(call, anchor))
      continue;
    newRuns[call] = runs;
    changed = true;
    state.applied(call->getLoc(), "hoisted", Allow::Lossless,
                  "moved before regions that hold an equal call, one of which surely runs");
  }
  return changed;
}

/// Gives two equal calls the same hints, each those of the first that has one.
void CallEliminator::alignHints(Operation *call, Operation *kept) {
  for (StringRef name :
       {"expected_output_tokens", "hit_rate", "quality_task", "estimate", sampleIdsName.data()}) {
    Attribute own = call->getAttr(name), other = kept->getAttr(name);
    if (own == other)
      continue;
    if (other)
      call->setAttr(name, other);
    else
      kept->setAttr(name, own);
  }
}

/// Whether operations with regions became one, too: what they give is now known to be
/// equal, and with it calls may be.
bool CallEliminator::mergeCalls(const Repeats &repeats) {
  // Twice: a hint that only the last one has reaches all.
  for (int round = 0; round < 2; ++round)
    for (auto [call, kept] : repeats)
      if (isa<LLMCallOpInterface>(call))
        alignHints(call, kept);
  for (auto [call, kept] : repeats) {
    if (isa<LLMCallOpInterface>(call))
      continue;
    call->replaceAllUsesWith(kept);
    call->erase();
  }
  RegionListener listener;
  if (!repeats.empty()) {
    IRRewriter rewriter(function.getContext(), &listener);
    DominanceInfo dominance(function);
    eliminateCommonSubExpressions(rewriter, dominance, function);
  }
  return listener.hasErased;
}

/// Erases calls of pure tools that nobody uses, and what only they used.
bool CallEliminator::dropTools() {
  SmallVector<Operation *> unused;
  function.walk([&](Operation *op) {
    if (op->use_empty() && isPureToolCall(op, state.symbols))
      unused.push_back(op);
  });
  bool changed = !unused.empty();
  while (!unused.empty()) {
    Operation *op = unused.pop_back_val();
    llvm::SmallSetVector<Operation *, 4> definitions;
    for (Value operand : op->getOperands())
      if (Operation *definition = operand.getDefiningOp())
        definitions.insert(definition);
    if (isPureToolCall(op, state.symbols))
      state.applied(op->getLoc(), "dropped", Allow::Lossless,
                    "left out a call of a pure tool that nobody uses");
    op->erase();
    for (Operation *definition : definitions)
      if (isOpTriviallyDead(definition) ||
          (definition->use_empty() && isPureToolCall(definition, state.symbols)))
        unused.push_back(definition);
  }
  return changed;
}

//===----------------------------------------------------------------------===//
// What is said of it
//===----------------------------------------------------------------------===//

/// How often the call is expected to run before `anchor`: whenever it runs where it
/// is, and whenever the other branches do of the conditionals between.
double CallEliminator::countRuns(Operation *call, Operation *anchor) {
  auto asked = dyn_cast<LLMCallOpInterface>(call);
  const CallCost *cost = asked ? state.getCost(asked) : nullptr;
  auto moved = newRuns.find(call);
  double runs = moved != newRuns.end() ? moved->second : cost ? cost->runs.expected : 0;
  Likelihood likelihood(state.costs.getModels());
  for (Operation *op = call; op->getBlock() != anchor->getBlock(); op = op->getParentOp())
    if (auto conditional = dyn_cast<ConditionalOp>(op->getParentOp())) {
      double probability = likelihood.getProbability(conditional);
      if (op->getParentRegion() == &conditional.getElseRegion())
        probability = 1 - probability;
      runs = probability > 0 ? runs / probability : 1;
    }
  return runs;
}

/// Says of each call that stays how many are merged with it.
void CallEliminator::remarkMerged(const Repeats &repeats) {
  llvm::MapVector<Operation *, SmallVector<Operation *>> merged;
  for (auto [call, kept] : repeats)
    merged[kept].push_back(call);
  for (auto &[kept, others] : merged) {
    Change change;
    change.before.latencyMs.complete = false;
    auto add = [&](Effort &effort, Operation *op, std::optional<double> runs) {
      auto call = dyn_cast<LLMCallOpInterface>(op);
      const CallCost *cost = call ? state.getCost(call) : nullptr;
      if (!cost)
        return;
      effort.costUsd += cost->costUsd * runs.value_or(cost->runs.expected);
      effort.requests += cost->requests * runs.value_or(cost->runs.expected);
    };
    for (Operation *other : others)
      add(change.before, other, std::nullopt);
    if (auto runs = newRuns.find(kept); runs != newRuns.end()) {
      add(change.before, kept, std::nullopt);
      add(change.after, kept, runs->second);
    }
    bool isTool = !isa<LLMCallOpInterface>(kept);
    state.applied(kept->getLoc(), "merged", Allow::Lossless,
                  "made one of " + Twine(others.size() + 1) +
                      (isTool ? " equal calls of a pure tool" : " equal deterministic calls"),
                  isTool ? std::nullopt : std::optional(change));
  }
}

/// Of what is left, where it stands.
void CallEliminator::findMissed(const Repeats &repeats) {
  missed.clear();
  llvm::SmallDenseSet<Operation *> gone;
  for (auto [call, kept] : repeats)
    gone.insert(call);
  for (auto [call, first] : calls)
    if (call != first && !gone.contains(call) && !gone.contains(first))
      missed.push_back(call->getLoc());
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct EliminateRedundantCalls
    : RewritePass<xcs::impl::EliminateRedundantCallsBase<EliminateRedundantCalls>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return CallEliminator(state).run(); }
};
} // namespace

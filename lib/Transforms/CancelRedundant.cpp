//===- CancelRedundant.cpp - Mark what a result makes unnecessary ---------===//
//
// Lossless: what is cancelled could not have changed a result. Marks stand on what
// decides, and so name it; schedules say of each task what makes it unnecessary.
//
//===----------------------------------------------------------------------===//

#include "RewritePass.h"
#include "XcsLLM/Analysis/Decisions.h"

namespace xcs {
#define GEN_PASS_DEF_CANCELREDUNDANT
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

static void mark(Operation *op, const Rewrite &state, StringRef name, const Twine &text) {
  op->setAttr(cancelName, UnitAttr::get(op->getContext()));
  state.applied(op->getLoc(), name, Allow::Lossless, text);
}

static bool markVote(EnsembleOp ensemble, const Rewrite &state) {
  bool isFirst = ensemble.getPolicy() == EnsemblePolicy::First;
  if (!isFirst && ensemble.getPolicy() != EnsemblePolicy::Majority)
    return false;
  if (!mayLeaveMembersBehind(ensemble)) {
    state.refused(ensemble.getLoc(), "not-cancelled",
                  "nothing to cancel: when it is settled, no member with a call is running");
    return false;
  }
  mark(ensemble, state, "cancels-members",
       isFirst ? "the first accepted member cancels the others"
               : "a settled vote cancels the members that are still running");
  return true;
}

/// Why neither operand of `op` cancels work for the other one; empty if one does.
static StringRef findObstacle(const Decision &decision) {
  if (!decision.isEarly())
    return "one operand does not decide without the other: that may fail, or need "
           "something, by what is used elsewhere too";
  if (decision.saves[0].empty() && decision.saves[1].empty())
    return "no call is needed for one operand alone";
  return "";
}

/// What is cancelled by which operand.
static std::string describe(const Decision &decision) {
  StringRef operands[] = {"first", "second"};
  std::string text;
  for (unsigned operand : {0, 1})
    if (size_t calls = decision.saves[operand].size())
      text +=
          (Twine(text.empty() ? "cancels " : ", or ") + Twine(calls) +
           (calls == 1 ? " call" : " calls") + " behind the " + operands[1 - operand] +
           " operand if the " + operands[operand] + " is " + (decision.value ? "true" : "false"))
              .str();
  return text;
}

/// Marks the conjunctions and disjunctions of one block.
static bool markDecisions(Block &block, ArrayRef<Operation *> candidates, const OrderedOps &ordered,
                          const Rewrite &state) {
  Decisions decisions(block, candidates, ordered);
  bool changed = false;
  for (Operation *op : candidates) {
    if (op->hasAttr(cancelName))
      continue;
    const Decision &decision = decisions.get(op);
    if (StringRef reason = findObstacle(decision); !reason.empty()) {
      state.refused(op->getLoc(), "not-cancelled", "nothing to cancel: " + reason);
      continue;
    }
    mark(op, state, "cancels-operands", describe(decision));
    changed = true;
  }
  return changed;
}

/// The search behind one may look at all that is behind others.
static constexpr size_t maxJoins = 2000;

namespace {
struct CancelRedundant : RewritePass<xcs::impl::CancelRedundantBase<CancelRedundant>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override {
    bool changed = false;
    llvm::MapVector<Block *, SmallVector<Operation *>> joins;
    state.function.walk([&](Operation *op) {
      if (auto ensemble = dyn_cast<EnsembleOp>(op); ensemble && !op->hasAttr(cancelName))
        changed |= markVote(ensemble, state);
      else if (joinsFlags(op))
        joins[op->getBlock()].push_back(op);
    });
    if (joins.empty())
      return changed;
    OrderedOps ordered(state.function, state.symbols);
    for (auto &[block, candidates] : joins)
      if (candidates.size() <= maxJoins)
        changed |= markDecisions(*block, candidates, ordered, state);
      else
        state.refused(candidates.front()->getLoc(), "not-marked",
                      "there are more than " + Twine(maxJoins) +
                          " conjunctions and disjunctions in this region");
    return changed;
  }
};
} // namespace

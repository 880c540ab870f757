//===- Nester.cpp - Flags and choices that become conditionals ------------===//

#include "Nester.h"
#include "XcsLLM/Analysis/Joins.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace xcs;

std::optional<double> xcs::getTruth(Value flag) {
  bool isNegated = false;
  while (true) {
    APInt constant;
    if (matchPattern(flag, m_ConstantInt(&constant)))
      return constant.isZero() == isNegated ? 1 : 0;
    for (Operation *user : flag.getUsers())
      if (auto conditional = dyn_cast<ConditionalOp>(user))
        if (FloatAttr hint = conditional.getProbabilityAttr();
            hint && conditional.getCondition() == flag)
          return isNegated ? 1 - hint.getValueAsDouble() : hint.getValueAsDouble();
    auto negation = flag.getDefiningOp<arith::XOrIOp>();
    if (!negation || !matchPattern(negation.getRhs(), m_One()))
      return std::nullopt;
    flag = negation.getLhs();
    isNegated = !isNegated;
  }
}

/// Whether a call has to do with what `need` is of: of other flags nobody expects
/// anything.
static bool isOfCall(const Need &need) {
  Operation *source = need.value.getDefiningOp();
  if (auto parse = dyn_cast_if_present<ParseResponseOp>(source))
    source = parse.getResponse().getDefiningOp();
  return need.hasCalls || isa_and_present<LLMCallOpInterface>(source);
}

bool Nester::refuse(Operation *root, const Twine &reason) {
  state.refused(root->getLoc(), "not-nested", "not decided step by step: " + reason);
  return false;
}

bool Nester::mayNest(Operation *root, ArrayRef<Need> behind) {
  if (llvm::none_of(behind, [](const Need &need) { return need.hasCalls; })) {
    if (state.hasRemarks() && llvm::any_of(behind, isOfCall))
      refuse(root, "what stands behind its operands is used elsewhere as well");
    return false;
  }
  if (needs.isOrderedBetween(behind, root))
    return refuse(root, "a tool that is not pure is called in between");
  return true;
}

bool Nester::isGain(Operation *root, const Spending::Sum &saved, double laterMs, Change &change) {
  double delayMs = std::max(0.0, laterMs - std::max(0.0, saved.slackMs));
  std::string reason = spending.whyNot(root, saved, delayMs, change);
  return reason.empty() || refuse(root, reason);
}

void Nester::moveInto(const Need &need, double share) {
  toSink.insert(need.ops.begin(), need.ops.end());
  for (Operation *op : need.ops)
    spending.scale(op, share);
}

void Nester::replace(ArrayRef<Operation *> old, Value value, double readyMs) {
  spending.getReadyTimes().set(value, readyMs);
  needs.add(value.getDefiningOp(), old.front());
  old.front()->replaceAllUsesWith(ValueRange(value));
  for (Operation *op : old) // users before what they use
    op->erase();
}

/// Where a conditional may come to be. What constants decide is folded upstream.
static bool isRoot(Operation *op) {
  auto select = dyn_cast<arith::SelectOp>(op);
  if (!select)
    return isWholeJoin(op);
  return select.getCondition().getType().isInteger(1) &&
         !matchPattern(select.getCondition(), m_Constant());
}

bool xcs::nestPredicates(Rewrite &state, const OrderedOps &ordered, Spending &spending,
                         llvm::DenseSet<Operation *> &toSink) {
  std::vector<Operation *> roots;
  state.function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isRoot(op))
      roots.push_back(op);
  });
  if (roots.empty())
    return false;
  Needs needs(state.function, ordered);
  PredicateNester joins(state, needs, spending, toSink);
  ChoiceNester choices(state, needs, spending, toSink);
  bool changed = false;
  for (Operation *root : roots) {
    auto select = dyn_cast<arith::SelectOp>(root);
    changed |= select ? choices.nest(select) : joins.nest(root);
  }
  return changed;
}

//===- Nester.cpp - Flags and choices that become conditionals ------------===//

#include "Nester.h"
#include "XcsLLM/Analysis/Joins.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace xcs;

Truths::Truths(Operation *root) {
  root->walk<WalkOrder::PreOrder>([&](ConditionalOp conditional) {
    if (FloatAttr hint = conditional.getProbabilityAttr())
      hints.try_emplace(conditional.getCondition(), hint.getValueAsDouble());
  });
}

std::optional<double> Truths::get(Value flag) const {
  // In unreachable code a flag may be its own negation.
  constexpr int manyNegations = 64;
  bool isNegated = false;
  for (int step = 0; step < manyNegations; ++step) {
    APInt constant;
    if (matchPattern(flag, m_ConstantInt(&constant)))
      return constant.isZero() == isNegated ? 1 : 0;
    if (auto hint = hints.find(flag); hint != hints.end())
      return isNegated ? 1 - hint->second : hint->second;
    auto negation = flag.getDefiningOp<arith::XOrIOp>();
    if (!negation || !matchPattern(negation.getRhs(), m_One()))
      break;
    flag = negation.getLhs();
    isNegated = !isNegated;
  }
  return std::nullopt;
}

void Truths::replace(Value flag, Value by) {
  auto hint = hints.find(flag);
  if (hint == hints.end())
    return;
  double truth = hint->second;
  hints.erase(hint);
  hints.try_emplace(by, truth);
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
  for (Operation *op : old) { // users before what they use
    truths.replace(op->getResult(0), value);
    op->erase();
  }
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
  Truths truths(state.function);
  PredicateNester joins(state, needs, truths, spending, toSink);
  ChoiceNester choices(state, needs, truths, spending, toSink);
  bool changed = false;
  for (Operation *root : roots) {
    auto select = dyn_cast<arith::SelectOp>(root);
    changed |= select ? choices.nest(select) : joins.nest(root);
  }
  return changed;
}

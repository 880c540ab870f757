//===- Hoister.cpp - Operations out of regions, with what they need -------===//

#include "Hoister.h"
#include "XcsLLM/Analysis/EqualValues.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace xcs;

int64_t Hoister::getPosition(Operation *op) {
  if (positions.empty())
    function->walk<WalkOrder::PreOrder>([&](Operation *each) {
      int64_t position = 2 * positions.size();
      positions[each] = position;
    });
  return positions.lookup(op);
}

/// Whether `value`, which something in or behind the anchor uses, is there before it.
bool Hoister::isThere(Value value, Operation *anchor, bool isUsedBehind) {
  Operation *definition = value.getDefiningOp();
  if (definition && isUsedBehind && definition->getBlock() == anchor->getBlock())
    return getPosition(definition) < getPosition(anchor);
  return value.getParentRegion()->isAncestor(anchor->getParentRegion());
}

bool Hoister::hoist(Operation *op, Operation *anchor) {
  bool isBehind = !anchor->isAncestor(op);
  // It has moved with something that needs it, which must stay behind it.
  if (isBehind && op->getBlock() == anchor->getBlock() && getPosition(op) < getPosition(anchor))
    return false;
  // Depth-first, on an explicit stack: each behind what it needs.
  llvm::SetVector<Operation *> moved;
  llvm::SmallDenseSet<Operation *> entered{op};
  SmallVector<std::pair<Operation *, unsigned>> stack{{op, 0}};
  while (!stack.empty()) {
    auto &[current, next] = stack.back();
    if (next == current->getNumOperands()) {
      moved.insert(current);
      stack.pop_back();
      continue;
    }
    Value operand = current->getOperand(next++);
    if (isThere(operand, anchor, isBehind))
      continue;
    Operation *definition = operand.getDefiningOp();
    if (!definition || !isFunctionOfOperands(definition, symbols))
      return false;
    if (entered.insert(definition).second)
      stack.emplace_back(definition, 0);
  }
  for (Operation *each : moved) {
    each->moveBefore(anchor);
    if (isBehind || !positions.empty())
      positions[each] = getPosition(anchor) - 1;
  }
  return true;
}

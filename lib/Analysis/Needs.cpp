//===- Needs.cpp - What one value alone needs -----------------------------===//

#include "XcsLLM/Analysis/Needs.h"
#include <queue>

using namespace mlir;
using namespace xcs;

constexpr size_t mostOps = 1024;

static bool hasCall(Operation *op) {
  return op->walk([](LLMCallOpInterface) { return WalkResult::interrupt(); }).wasInterrupted();
}

Needs::Needs(Operation *root, const OrderedOps &ordered) : ordered(ordered) {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    unsigned number = numbers.size();
    numbers[op] = number;
    if (ordered.contains(op))
      barriers[op->getBlock()].push_back(number);
  });
}

Need Needs::find(Value value, ArrayRef<Operation *> users) {
  Need need{value, {}};
  Block *block = users.front()->getBlock();
  llvm::SmallPtrSet<Operation *, 8> inside(users.begin(), users.end()), seen;
  std::priority_queue<std::pair<unsigned, Operation *>> open; // users before what they use
  auto add = [&](Value operand) {
    Operation *op = operand.getDefiningOp();
    if (op && op->getBlock() == block && !ordered.contains(op) &&
        !op->hasTrait<OpTrait::ConstantLike>() && seen.insert(op).second)
      open.emplace(numbers.lookup(op), op);
  };
  auto isInside = [&](Operation *user) {
    return inside.contains(block->findAncestorOpInBlock(*user));
  };
  size_t size = 0;
  for (add(value); !open.empty();) {
    Operation *op = open.top().second;
    open.pop();
    if (!llvm::all_of(op->getUsers(), isInside))
      continue;
    inside.insert(op);
    need.ops.push_back(op);
    op->walk([&](Operation *nested) {
      llvm::for_each(nested->getOperands(), add);
      return ++size > mostOps ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (size > mostOps)
      return {value, {}};
  }
  return need;
}

SmallVector<Need> Needs::find(ValueRange values, ArrayRef<Operation *> users) {
  SmallVector<Need> needs;
  llvm::DenseMap<Operation *, unsigned> count;
  for (Value value : values)
    for (Operation *op : needs.emplace_back(find(value, users)).ops)
      ++count[op];
  for (Need &need : needs) {
    llvm::erase_if(need.ops, [&](Operation *op) { return count.lookup(op) > 1; });
    need.hasCalls = llvm::any_of(need.ops, hasCall);
  }
  return needs;
}

bool Needs::isOrderedBetween(ArrayRef<Need> needs, Operation *user) const {
  auto known = barriers.find(user->getBlock());
  if (known == barriers.end())
    return false;
  unsigned last = numbers.lookup(user), first = last;
  for (const Need &need : needs)
    if (need.hasCalls)
      for (Operation *op : need.ops)
        first = std::min(first, numbers.lookup(op));
  auto next = llvm::lower_bound(known->second, first);
  return next != known->second.end() && *next < last;
}

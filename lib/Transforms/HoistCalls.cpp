//===- HoistCalls.cpp - Calls out of the members of an ensemble -------------===//

#include "BatchRewrites.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace xcs;

/// Moves `op`, and all in its member that it needs, before the ensemble.
static bool hoist(Operation *op, EnsembleOp ensemble, const OrderedOps &ordered) {
  Block *member = op->getBlock();
  if (member == ensemble->getBlock())
    return false;
  llvm::SetVector<Operation *> needed;
  needed.insert(op);
  for (unsigned at = 0; at < needed.size(); ++at)
    needed[at]->walk([&](Operation *nested) {
      for (Value operand : nested->getOperands())
        if (Operation *definition = operand.getDefiningOp();
            definition && definition->getBlock() == member)
          needed.insert(definition);
    });
  if (llvm::any_of(needed, [&](Operation *each) { return ordered.contains(each); }))
    return false;
  SmallVector<Operation *> moved = needed.takeVector();
  llvm::sort(moved, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  for (Operation *each : moved)
    each->moveBefore(ensemble);
  return true;
}

bool xcs::hoistSharedCalls(EnsembleOp ensemble, const OrderedOps &ordered, int64_t fewest) {
  if (!ensemble.runsEveryMember())
    return false;
  struct Shared {
    SmallVector<Operation *> ops;
    bool inSeveralMembers = false;
  };
  llvm::MapVector<int32_t, Shared> byKind;
  CallKinds kinds;
  for (Region &member : ensemble.getMembers())
    for (Operation &op : member.front()) {
      int32_t kind = kinds.get(&op);
      if (kind == DependenceGraph::noKind)
        continue;
      Shared &shared = byKind[kind];
      shared.inSeveralMembers |=
          !shared.ops.empty() && shared.ops.front()->getBlock() != op.getBlock();
      shared.ops.push_back(&op);
    }
  bool changed = false;
  for (auto &[kind, shared] : byKind)
    if (shared.inSeveralMembers && int64_t(shared.ops.size()) >= fewest)
      for (Operation *op : shared.ops)
        changed |= hoist(op, ensemble, ordered);
  return changed;
}

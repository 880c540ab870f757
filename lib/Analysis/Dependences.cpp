//===- Dependences.cpp - What depends on what in a block -------------------===//

#include "XcsLLM/Analysis/Dependences.h"
#include "XcsLLM/Dialect/XcsLLM.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

/// Whether the operation itself, its regions apart, must keep its order.
static bool isOrdered(Operation *op, SymbolTableCollection &symbols) {
  if (op->hasTrait<OpTrait::IsTerminator>())
    return false;
  if (auto call = dyn_cast<CallOpInterface>(op)) {
    auto callee = dyn_cast_if_present<FunctionOpInterface>(call.resolveCallableInTable(&symbols));
    return !callee || !callee.isExternal() || !isPureTool(callee);
  }
  if (auto effecting = dyn_cast<MemoryEffectOpInterface>(op)) {
    SmallVector<MemoryEffects::EffectInstance> effects;
    effecting.getEffects(effects);
    return llvm::any_of(effects, [&](const MemoryEffects::EffectInstance &effect) {
      auto result = dyn_cast_if_present<OpResult>(effect.getValue());
      return !isa<MemoryEffects::Allocate>(effect.getEffect()) || !result ||
             result.getOwner() != op;
    });
  }
  return !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>();
}

OrderedOps::OrderedOps(Operation *root, SymbolTableCollection &symbols) {
  root->walk([&](Operation *op) {
    if (op == root || !isOrdered(op, symbols))
      return;
    // What holds it is ordered too; who has been marked has marked its holders.
    for (; op != root && ops.insert(op).second; op = op->getParentOp())
      ;
  });
}

//===----------------------------------------------------------------------===//
// Dependences
//===----------------------------------------------------------------------===//

/// How many calls lie behind each other in `op`, at least.
static int32_t countLevels(Operation *op) {
  if (isa<LLMCallOpInterface>(op))
    return 1;
  if (op->getNumRegions() == 0)
    return 0;
  WalkResult calls = op->walk([](LLMCallOpInterface) { return WalkResult::interrupt(); });
  return calls.wasInterrupted() ? 1 : 0;
}

BlockDependences::BlockDependences(Block &block, const OrderedOps &ordered) {
  llvm::DenseMap<Operation *, DependenceGraph::Node> nodes;
  for (Operation &op : block) {
    if (&op == &block.back() && op.hasTrait<OpTrait::IsTerminator>())
      break;
    nodes[&op] = ops.size();
    ops.push_back(&op);
  }
  graph.kinds.assign(ops.size(), DependenceGraph::noKind);
  graph.levels.reserve(ops.size());
  std::optional<DependenceGraph::Node> lastOrdered;
  for (auto [node, op] : llvm::enumerate(ops)) {
    graph.levels.push_back(countLevels(op));
    for (Operation *user : op->getUsers()) {
      Operation *ancestor = user->getBlock() == &block ? user : block.findAncestorOpInBlock(*user);
      if (auto found = nodes.find(ancestor); found != nodes.end())
        graph.edges.emplace_back(node, found->second);
    }
    if (!ordered.contains(op))
      continue;
    if (lastOrdered)
      graph.edges.emplace_back(*lastOrdered, node);
    lastOrdered = node;
  }
}

void xcs::sortByDependences(Block &block, const OrderedOps &ordered) {
  BlockDependences dependences(block, ordered);
  ArrayRef<Operation *> ops = dependences.getOps();
  std::vector<SmallVector<DependenceGraph::Node, 4>> predecessors(ops.size());
  bool sorted = true;
  for (auto [from, to] : dependences.getGraph().edges) {
    predecessors[to].push_back(from);
    sorted &= from < to;
  }
  if (sorted)
    return;
  // Depth-first, on an explicit stack: programs may be deep.
  std::vector<size_t> visited(ops.size(), 0); // predecessors looked at, plus one
  SmallVector<DependenceGraph::Node> stack;
  Block::iterator end = block.end();
  if (ops.size() < block.getOperations().size())
    --end;
  for (DependenceGraph::Node root = 0; root < ops.size(); ++root) {
    if (visited[root])
      continue;
    visited[root] = 1;
    stack.push_back(root);
    while (!stack.empty()) {
      DependenceGraph::Node node = stack.back();
      if (visited[node] <= predecessors[node].size()) {
        DependenceGraph::Node predecessor = predecessors[node][visited[node]++ - 1];
        if (!visited[predecessor]) {
          visited[predecessor] = 1;
          stack.push_back(predecessor);
        }
        continue;
      }
      stack.pop_back();
      ops[node]->moveBefore(&block, end);
    }
  }
}

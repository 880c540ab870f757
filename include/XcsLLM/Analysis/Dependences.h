//===- Dependences.h - What depends on what in a block ----------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_DEPENDENCES_H
#define XCSLLM_ANALYSIS_DEPENDENCES_H

#include "XcsLLM/Analysis/Grouping.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace xcs {

/// The operations below a root that must keep their order: calls of tools that
/// are not pure, whatever else has effects beyond its own results, and all that
/// holds such operations.
class OrderedOps {
public:
  OrderedOps(mlir::Operation *root, mlir::SymbolTableCollection &symbols);
  bool contains(mlir::Operation *op) const { return ops.contains(op); }

private:
  llvm::DenseSet<mlir::Operation *> ops;
};

/// The dependences between the operations of a block, its terminator left out:
/// by values, those that regions capture among them, and by order.
class BlockDependences {
public:
  BlockDependences(mlir::Block &block, const OrderedOps &ordered);

  /// The operations in program order; a node of the graph is an index of it.
  llvm::ArrayRef<mlir::Operation *> getOps() const { return ops; }
  /// The graph. Nobody has a kind yet.
  DependenceGraph &getGraph() { return graph; }

private:
  std::vector<mlir::Operation *> ops;
  DependenceGraph graph;
};

/// Orders the operations of a block by their dependences, each behind all that
/// it depends on, and otherwise as they are. Ordered operations keep their
/// order. There must be no cycle.
void sortByDependences(mlir::Block &block, const OrderedOps &ordered);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_DEPENDENCES_H

//===- CallKinds.h - What may be one group ----------------------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_CALLKINDS_H
#define XCSLLM_ANALYSIS_CALLKINDS_H

#include "XcsLLM/Analysis/Grouping.h"
#include "XcsLLM/Dialect/XcsLLM.h"
#include "llvm/ADT/DenseMap.h"

namespace xcs {

/// Whether items of this type can be stacked into a list and taken out again.
bool isStackable(mlir::Type item);

/// How many items the batch runs for, if the length of its first list tells;
/// `ShapedType::kDynamic` if not.
int64_t batchLength(BatchOp batch);

/// Whether the lengths of all lists of the batch are known, and so equal.
bool hasKnownLength(BatchOp batch);

/// Whether the batch keeps only the items that its body accepts.
bool filtersItems(BatchOp batch);

/// Whether the batch can be put together with others: its length is known, it
/// has items and keeps them all, and its lists can be put together and taken apart.
bool isMergeable(BatchOp batch);

/// Whether the bodies do the same, and the batches have equal attributes of others.
/// Samples may have different numbers.
bool haveEqualBodies(BatchOp a, BatchOp b);

/// Numbers calls and batches, in the order of asking, such that those of one
/// number may be one group if none depends on another: calls that differ at most
/// in their messages and hints, and batches with equal bodies.
class CallKinds {
public:
  /// The kind, or `DependenceGraph::noKind` of what joins no group.
  int32_t get(mlir::Operation *op);

private:
  using CallKey =
      std::tuple<mlir::OperationName, mlir::Attribute, mlir::Attribute, mlir::Type, unsigned>;

  int32_t getCallKind(LLMCallOpInterface call);
  int32_t getBatchKind(BatchOp batch);

  int32_t next = 0;
  llvm::DenseMap<CallKey, int32_t> callKinds;
  /// By hash of the body, one batch of each kind.
  llvm::DenseMap<size_t, llvm::SmallVector<std::pair<BatchOp, int32_t>, 1>> batchKinds;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_CALLKINDS_H

//===- BatchRewrites.h - Calls into batches, batches into one ---*- C++ -*-===//
//
// The rewrites of `--xcs-batch-prompts`. They leave operations where dominance
// may not hold yet: `sortByDependences` restores it.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_TRANSFORMS_BATCHREWRITES_H
#define XCSLLM_LIB_TRANSFORMS_BATCHREWRITES_H

#include "Lists.h"
#include "RewritePass.h"
#include "XcsLLM/Analysis/CallKinds.h"
#include "XcsLLM/Analysis/Dependences.h"

namespace xcs {

/// How many items may go out together: so many that their requests fit the limits of
/// their models.
class BatchLimits {
public:
  /// `most` items, or, if 0, as many as the models take. Asks for costs only if a
  /// model's tokens are limited.
  BatchLimits(Rewrite &state, int64_t most);

  /// The most items of a batch with this body.
  int64_t get(mlir::Region &body);
  /// `merged` is put in place of the calls.
  void replace(llvm::ArrayRef<LLMCallOpInterface> calls, mlir::Operation *merged);

private:
  ModelTable &models;
  int64_t most;
  llvm::DenseMap<mlir::Operation *, double> tokens; ///< of one run of a call
};

/// Rewrites of the operations of one function.
class BatchRewriter {
public:
  BatchRewriter(IndexConstants &indices, BatchLimits &limits) : indices(indices), limits(limits) {}

  /// Replaces calls of one kind that do not depend on each other with one batch.
  /// Templates and parses of one shape around them come into its body.
  BatchOp batchCalls(llvm::ArrayRef<LLMCallOpInterface> calls);

  /// Replaces batches with equal bodies that do not depend on each other, and
  /// run over lists of known length, with one.
  BatchOp mergeBatches(llvm::ArrayRef<BatchOp> batches);

private:
  void setBatchSize(BatchOp batch, int64_t limit);
  void replaceList(mlir::OpBuilder &builder, mlir::Value old, mlir::Value list, int64_t offset);

  IndexConstants &indices;
  BatchLimits &limits;
};

/// Moves calls, and batches, of which several members have one of a kind, before
/// an ensemble that runs every member, with what they need: there they can be one
/// group. Kinds with fewer than `fewest` in all stay. Returns whether any moved.
bool hoistSharedCalls(EnsembleOp ensemble, const OrderedOps &ordered, int64_t fewest);

/// Which operation of a block stands before which, kept up to date as they move:
/// upstream's own order would be made anew for all of the block.
class BlockOrder {
public:
  explicit BlockOrder(mlir::Block &block);

  bool isBefore(mlir::Operation *a, mlir::Operation *b) const {
    return positions.lookup(a) < positions.lookup(b);
  }
  void moveBefore(mlir::Operation *op, mlir::Operation *other);
  void replace(mlir::Operation *old, mlir::Operation *by) { positions[by] = positions.lookup(old); }

private:
  llvm::DenseMap<mlir::Operation *, unsigned> positions;
};

/// Moves the body of `consumer` behind that of the batch that feeds it, item
/// by item, where that delays nothing: whatever else the consumer needs is
/// there before its producer starts, and whoever else waits for the producer
/// waits for the consumer too. Null where it does not hold.
BatchOp fuseIntoProducer(BatchOp consumer, BlockOrder &order, const OrderedOps &ordered);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_BATCHREWRITES_H

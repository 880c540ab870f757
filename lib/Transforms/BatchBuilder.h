//===- BatchBuilder.h - Calls into batches, batches into one ----*- C++ -*-===//
//
// The rewrites of `--xcs-batch-prompts`. They leave operations where dominance
// may not hold yet: `sortByDependences` restores it.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_TRANSFORMS_BATCHBUILDER_H
#define XCSLLM_LIB_TRANSFORMS_BATCHBUILDER_H

#include "XcsLLM/Dialect/XcsLLM.h"
#include "mlir/IR/Builders.h"

namespace xcs {

/// The constants 0, 1, 2, … of a function, made where they are first wanted.
class IndexConstants {
public:
  explicit IndexConstants(mlir::Region &body) : body(body) {}
  mlir::Value get(int64_t value);
  /// Erases those that nobody uses.
  void eraseUnused();

private:
  mlir::Region &body;
  llvm::DenseMap<int64_t, mlir::Value> constants;
  mlir::Operation *last = nullptr; ///< the one made last
};

/// Whether items of this type can be stacked into a list and taken out again.
bool isStackable(mlir::Type item);

/// Whether `mergeBatches` can take the batch: its lists have a known length, it
/// keeps every item, and lists of its items can be put together and taken apart.
bool isMergeable(BatchOp batch);

/// Rewrites of the operations of one function.
class BatchBuilder {
public:
  BatchBuilder(IndexConstants &indices, int64_t maxBatchSize)
      : indices(indices), maxBatchSize(maxBatchSize) {}

  /// Replaces calls of one kind that do not depend on each other with one batch.
  /// Templates and parses of one shape around them come into its body.
  BatchOp batchCalls(llvm::ArrayRef<LLMCallOpInterface> calls);

  /// Replaces batches with equal bodies that do not depend on each other, and
  /// run over lists of known length, with one.
  BatchOp mergeBatches(llvm::ArrayRef<BatchOp> batches);

  /// Moves the body of `consumer` behind that of the batch that feeds it, item
  /// by item, where that delays nothing: whatever else the consumer needs is
  /// there before its producer starts, and whoever else waits for the producer
  /// waits for the consumer too. Null where it does not hold.
  BatchOp fuseIntoProducer(BatchOp consumer);

private:
  mlir::IntegerAttr getBatchSize(mlir::OpBuilder &builder, int64_t items, int64_t limit) const;
  void replaceItems(mlir::OpBuilder &builder, llvm::ArrayRef<mlir::Value> items, mlir::Value list);
  void replaceList(mlir::OpBuilder &builder, mlir::Value old, mlir::Value list, int64_t offset);
  mlir::Value takeItem(mlir::OpBuilder &builder, mlir::Value list, int64_t index);
  mlir::Value takeItems(mlir::OpBuilder &builder, mlir::Value list, int64_t first, int64_t count,
                        mlir::Type type);

  IndexConstants &indices;
  int64_t maxBatchSize; ///< 0 for no limit
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_BATCHBUILDER_H

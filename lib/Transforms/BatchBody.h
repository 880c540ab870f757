//===- BatchBody.h - What the items of a batch have in common ---*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_BATCHBODY_H
#define XCSLLM_LIB_TRANSFORMS_BATCHBODY_H

#include "Lists.h"

namespace xcs {

/// The body of a batch in the making: what each item's operations have in
/// common, made once.
class BodyBuilder {
public:
  explicit BodyBuilder(llvm::ArrayRef<LLMCallOpInterface> calls)
      : calls(calls), builder(calls.front()->getContext()), block(new mlir::Block) {
    builder.setInsertionPointToEnd(block.get());
  }

  void addCall();
  void addParses();

  /// The call that stands for all; null before it is added.
  mlir::Operation *getCall() const { return call; }
  std::unique_ptr<mlir::Block> takeBlock() { return std::move(block); }
  llvm::ArrayRef<Column> getLists() const { return lists; }
  /// Columns that the body computes, and the body's value for each.
  llvm::ArrayRef<std::pair<Column, mlir::Value>> getOutputs() const { return outputs; }
  /// What the batch replaces.
  llvm::ArrayRef<mlir::Operation *> getReplaced() const { return replaced; }

private:
  /// Templates this far before a call come in; farther ones stay outside.
  static constexpr unsigned maxTemplateDepth = 8;

  bool canAdd(const Column &column, unsigned depth) const;
  mlir::Value addColumn(const Column &column, unsigned depth = 0);
  mlir::Value addList(const Column &column);
  mlir::Operation *addClone(mlir::Operation *op, mlir::ValueRange operands);

  llvm::ArrayRef<LLMCallOpInterface> calls;
  mlir::Operation *call = nullptr;
  mlir::OpBuilder builder;
  std::unique_ptr<mlir::Block> block;
  std::vector<Column> lists;
  llvm::SmallVector<std::pair<Column, mlir::Value>> known; ///< columns with a value already
  llvm::SmallVector<std::pair<Column, mlir::Value>> outputs;
  llvm::SmallVector<mlir::Operation *> replaced;
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_BATCHBODY_H

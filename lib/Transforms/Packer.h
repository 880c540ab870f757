//===- Packer.h - A batch whose items share requests ------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_PACKER_H
#define XCSLLM_LIB_TRANSFORMS_PACKER_H

#include "Lists.h"

namespace xcs {

/// A batch of one call whose items differ in one message.
struct Packable {
  BatchOp batch;
  GenerateOp call;
  unsigned message;        ///< the one that differs
  PromptTemplateOp prompt; ///< that makes it; null if it is an item as it is
  std::string format;
  llvm::SmallVector<bool> differs; ///< which operands of the template are items

  mlir::Value getOperand(unsigned index) const {
    return prompt ? prompt->getOperand(index) : call->getOperand(message);
  }
};

/// Replaces a batch with packs.
class Packer {
public:
  Packer(const Packable &packable, IndexConstants &indices, double acceptRate);

  /// Replaces it with packs of these sizes, none with answers of more than `mostTokens`.
  void run(llvm::ArrayRef<int64_t> packs, std::optional<int64_t> mostTokens);

private:
  mlir::Value getItem(mlir::Value argument, int64_t item);
  double getItemLength(int64_t item) const;
  mlir::Value addPack(int64_t first, int64_t items, std::optional<int64_t> mostTokens);
  mlir::Value addCall(int64_t item);
  mlir::Value addCascade(mlir::Value response, int64_t index, int64_t item);
  void replaceResult(mlir::Value result, llvm::ArrayRef<mlir::Value> items);

  Packable packable;
  BatchOp batch;
  GenerateOp call;
  IndexConstants &indices;
  double acceptRate;
  mlir::OpBuilder builder;
  mlir::Location loc;
  std::vector<llvm::SmallVector<int64_t>> ids, tokens; ///< of each item
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_PACKER_H

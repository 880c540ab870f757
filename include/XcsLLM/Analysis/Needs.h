//===- Needs.h - What one value alone needs ---------------------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_NEEDS_H
#define XCSLLM_ANALYSIS_NEEDS_H

#include "XcsLLM/Analysis/Dependences.h"
#include "XcsLLM/Dialect/XcsLLM.h"
#include <vector>

namespace xcs {

/// What a value alone needs, of the block where it is used: if nobody used it there,
/// nobody would need it.
struct Need {
  mlir::Value value;
  llvm::SmallVector<mlir::Operation *, 4> ops; ///< the last comes first
  bool hasCalls = false;
};

/// Finds what values need. Operations are numbered once, so that asking takes as long
/// as what is found is large.
class Needs {
public:
  /// `ordered` has to outlive it; what is ordered is nobody's alone.
  Needs(mlir::Operation *root, const OrderedOps &ordered);

  /// Of each of `values`, if it were not for `users`, which stand in one block. What
  /// several of them need belongs to none, constants neither. Nothing of a value that
  /// more than 1,024 operations stand behind.
  llvm::SmallVector<Need> find(mlir::ValueRange values, llvm::ArrayRef<mlir::Operation *> users);

  /// Whether something ordered stands between the first that `needs` hold, of those
  /// with calls, and `user`.
  bool isOrderedBetween(llvm::ArrayRef<Need> needs, mlir::Operation *user) const;

  /// Tells that `op` is new, and where: at the place of `like`.
  void add(mlir::Operation *op, mlir::Operation *like) { numbers[op] = numbers.lookup(like); }

private:
  Need find(mlir::Value value, llvm::ArrayRef<mlir::Operation *> users);

  const OrderedOps &ordered;
  llvm::DenseMap<mlir::Operation *, unsigned> numbers;           ///< in program order
  llvm::DenseMap<mlir::Block *, std::vector<unsigned>> barriers; ///< numbers of what is ordered
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_NEEDS_H

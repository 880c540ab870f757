//===- Joins.h - Conjunctions and disjunctions of flags ---------*- C++ -*-===//
//
// Several flags that are joined, as a whole, and the same as nested conditionals.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_JOINS_H
#define XCSLLM_ANALYSIS_JOINS_H

#include "XcsLLM/Dialect/XcsLLM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

namespace xcs {

/// A conjunction or a disjunction, with those of its kind in the same block that are
/// only part of it.
struct Join {
  bool isConjunction;
  llvm::SmallVector<mlir::Operation *> parts; ///< users before what they use
  llvm::SmallVector<mlir::Value> flags;       ///< each once, from left to right
};

/// Whether `op` joins flags, and is not only part of a longer join.
bool isWholeJoin(mlir::Operation *op);
Join findJoin(mlir::Operation *root);

/// A flag that is joined, and the chance that it does not decide, if that is known.
struct JoinedFlag {
  mlir::Value value;
  std::optional<double> open;
};

/// What is to be told of operations that are new.
using NoteNew = llvm::function_ref<void(mlir::Operation *)>;

/// One flag for all of `flags`, joined as `root` joins, in front of it.
JoinedFlag joinFlags(mlir::Operation *root, llvm::ArrayRef<JoinedFlag> flags, NoteNew noteNew);

/// The join as conditionals: `%a and %b and …` becomes `%a ? (%b ? … : false) : false`,
/// and `%a or %b` becomes `%a ? true : %b`. Of many flags, nests of eight follow one
/// another.
mlir::Value nestFlags(mlir::OpBuilder &builder, mlir::Location location,
                      llvm::ArrayRef<JoinedFlag> flags, bool isConjunction, NoteNew noteNew);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_JOINS_H

//===- Lists.h - Items into lists, and out of them --------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_LISTS_H
#define XCSLLM_LIB_TRANSFORMS_LISTS_H

#include "XcsLLM/Dialect/XcsLLM.h"
#include "mlir/IR/Builders.h"

namespace xcs {

/// One value for each item of a batch.
using Column = llvm::SmallVector<mlir::Value>;

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

/// Whether the list may fail as a whole, which is not the same as having failed
/// items: a batch over such a list fails, and gives no list to take items from.
bool mayFailAsWhole(mlir::Value list, unsigned depth = 0);

/// A list of the items, each a scalar or a list of scalars: the list that they
/// were taken from, in order, or a new one.
mlir::Value makeList(mlir::OpBuilder &builder, IndexConstants &indices, mlir::Location loc,
                     llvm::ArrayRef<mlir::Value> items);

/// The items of `list` from `first` on that make a value of `type`: one item, or
/// `count` in a list.
mlir::Value take(mlir::OpBuilder &builder, IndexConstants &indices, mlir::Value list, int64_t first,
                 int64_t count, mlir::Type type);

/// The part of `list` that begins at `first`, as `type`: of a list of lists one item,
/// or `count` in a list. What has failed as a whole stays so, where a list put
/// together from items would be a list of failures.
mlir::Value slice(mlir::OpBuilder &builder, mlir::Value list, int64_t first, int64_t count,
                  mlir::Type type);

/// Uses `list` for the items: as it is where they all are wanted in order, and
/// item by item elsewhere.
void replaceItems(mlir::OpBuilder &builder, IndexConstants &indices,
                  llvm::ArrayRef<mlir::Value> items, mlir::Value list);

/// Erases operations that nobody needs, and those that then nobody needs.
/// Constant indices stay.
void eraseUnused(llvm::SmallVector<mlir::Operation *> candidates);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_LISTS_H

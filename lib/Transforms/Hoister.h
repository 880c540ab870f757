//===- Hoister.h - Operations out of regions, with what they need -*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_HOISTER_H
#define XCSLLM_LIB_TRANSFORMS_HOISTER_H

#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// Moves operations of one function before operations around them, and what they
/// need with them.
class Hoister {
public:
  Hoister(mlir::Operation *function, mlir::SymbolTableCollection &symbols)
      : function(function), symbols(symbols) {}

  /// Moves `op` before `anchor`, an operation that holds it or stands before what
  /// does, with all that it needs and that is not there yet. That has to be what
  /// only computes its results; else nothing moves, and the answer is no, as it is if
  /// `op` is there already.
  bool hoist(mlir::Operation *op, mlir::Operation *anchor);

private:
  bool isThere(mlir::Value value, mlir::Operation *anchor, bool isUsedBehind);
  int64_t getPosition(mlir::Operation *op);

  mlir::Operation *function;
  mlir::SymbolTableCollection &symbols;
  /// In the program, with room between each two for what moves there: upstream's own
  /// order of a block would be made anew after every move. Empty until it is needed.
  llvm::DenseMap<mlir::Operation *, int64_t> positions;
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_HOISTER_H

//===- XcsLLM.h - The xcs_llm dialect ---------------------------*- C++ -*-===//
//
// The one public header of the dialect: types, attributes, operations and the
// interface `LLMCallOpInterface`.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_DIALECT_XCSLLM_H
#define XCSLLM_DIALECT_XCSLLM_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <cmath>

#include "XcsLLM/Dialect/XcsLLMDialect.h.inc"
#include "XcsLLM/Dialect/XcsLLMEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "XcsLLM/Dialect/XcsLLMTypes.h.inc"

#define GET_ATTRDEF_CLASSES
#include "XcsLLM/Dialect/XcsLLMAttrs.h.inc"

namespace xcs {

namespace detail {
mlir::LogicalResult verifyCheckedAttributes(mlir::Operation *op);
} // namespace detail

/// Refuses discardable attributes without a dialect's prefix, which are
/// misspelt parameters, and text that is not UTF-8.
template <typename ConcreteOp>
struct CheckedAttributes : mlir::OpTrait::TraitBase<ConcreteOp, CheckedAttributes> {
  static mlir::LogicalResult verifyTrait(mlir::Operation *op) {
    return detail::verifyCheckedAttributes(op);
  }
};

/// The values that regions yield are the results, as they are.
template <typename ConcreteOp>
struct ForwardsYields : mlir::OpTrait::TraitBase<ConcreteOp, ForwardsYields> {};

/// The type of a list of `size` values of `item`: `T` becomes `tensor<NxT>`, and
/// `tensor<DxT>` becomes `tensor<NxDxT>`. Null where the list would be ragged.
mlir::Type stackType(mlir::Type item, int64_t size);

/// The type of one item of `list`: the leading dimension dropped.
mlir::Type itemType(mlir::RankedTensorType list);

/// A tool that programs call: a function without a body. It is pure if it says
/// so (`xcs_llm.pure`); calls of others keep their order.
bool isPureTool(mlir::Operation *callee);

} // namespace xcs

#include "XcsLLM/Dialect/XcsLLMInterfaces.h.inc"

#define GET_OP_CLASSES
#include "XcsLLM/Dialect/XcsLLMOps.h.inc"

#endif // XCSLLM_DIALECT_XCSLLM_H

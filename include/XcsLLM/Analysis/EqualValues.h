//===- EqualValues.h - Which values are surely equal ------------*- C++ -*-===//
//
// Values that the same is done for: equal deterministic requests, equal calls of
// pure tools, and equal operations without effects, on values that are equal in
// turn. It does not matter where they stand.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_EQUALVALUES_H
#define XCSLLM_ANALYSIS_EQUALVALUES_H

#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// Whether `op` calls a tool that is pure.
bool isPureToolCall(mlir::Operation *op, mlir::SymbolTableCollection &symbols);

/// Whether running `op` does nothing but compute its results, which are equal
/// whenever its operands are. Of what holds regions nothing is known.
bool isFunctionOfOperands(mlir::Operation *op, mlir::SymbolTableCollection &symbols);

/// Visits the operations below `root` that see its values, in program order: not those
/// in regions that are isolated from what is around them.
void walkVisible(mlir::Operation *root, llvm::function_ref<void(mlir::Operation *)> visit);

/// What is compared of two requests, beside operation, messages and parameters.
enum class RequestForm : uint8_t {
  Whole, ///< how many samples are asked for; no hint counts
  Sample ///< the task whose quality counts; not how many samples
};

/// The values below one operation.
class EqualValues {
public:
  /// Every value is equal to itself alone.
  EqualValues() = default;
  /// Linear in the operations below `root`.
  EqualValues(mlir::Operation *root, mlir::SymbolTableCollection &symbols);

  /// The first value, in program order, that is equal to `value`.
  mlir::Value getFirst(mlir::Value value) const {
    auto found = firsts.find(value);
    return found == firsts.end() ? value : found->second;
  }
  bool areEqual(mlir::Value a, mlir::Value b) const { return getFirst(a) == getFirst(b); }

  /// Whether two calls ask for the same.
  bool areEqualRequests(LLMCallOpInterface a, LLMCallOpInterface b, RequestForm form) const;
  /// Equal for equal requests.
  llvm::hash_code hashRequest(LLMCallOpInterface call, RequestForm form) const;

private:
  bool areEqualOps(mlir::Operation *a, mlir::Operation *b) const;
  llvm::hash_code hash(mlir::Operation *op) const;

  llvm::DenseMap<mlir::Value, mlir::Value> firsts; ///< of those that are not the first
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_EQUALVALUES_H

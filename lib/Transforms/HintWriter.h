//===- HintWriter.h - Hints from what was measured --------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_HINTWRITER_H
#define XCSLLM_LIB_TRANSFORMS_HINTWRITER_H

#include "XcsLLM/Analysis/Profile.h"
#include "XcsLLM/Dialect/XcsLLM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/MapVector.h"

namespace xcs {

/// A mean of means.
struct WeightedMean {
  double sum = 0, weight = 0;
  void add(std::optional<double> mean, double count) {
    sum += mean.value_or(0) * count;
    weight += mean ? count : 0;
  }
  std::optional<double> get() const {
    return weight > 0 ? std::optional(sum / weight) : std::nullopt;
  }
};

/// Writes the hints of one module. What was not measured keeps the hint that it has.
class HintWriter {
public:
  explicit HintWriter(mlir::ModuleOp module) : module(module), symbols(module) {}

  void apply(const Profile &profile);
  bool hasChanged() const { return changed; }

private:
  void apply(const MeasuredModel &measured);
  void apply(const MeasuredPlan &measured);
  void apply(const MeasuredTask &measured, mlir::Operation *op);
  void applyToCall(const MeasuredTask &measured, LLMCallOpInterface call);
  void applyToCascade(const MeasuredTask &measured, CascadeOp cascade);
  void addToTool(const MeasuredTask &measured, mlir::func::CallOp call);
  struct MeasuredTool {
    WeightedMean latencyMs, outputTokens; ///< over all calls
  };
  void apply(const MeasuredTool &measured, mlir::func::FuncOp tool);

  void set(mlir::Operation *op, llvm::StringRef name, mlir::Attribute value);
  void setFigure(mlir::Operation *op, llvm::StringRef name, std::optional<double> value);
  void setCount(mlir::Operation *op, llvm::StringRef name, std::optional<double> value);
  /// Sets the attribute of an argument or result, which `set` is given it with.
  template <typename Get, typename Set>
  void setOfValue(llvm::StringRef name, std::optional<double> value, Get get, Set set);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  llvm::MapVector<mlir::func::FuncOp, MeasuredTool> tools;
  bool changed = false;
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_HINTWRITER_H

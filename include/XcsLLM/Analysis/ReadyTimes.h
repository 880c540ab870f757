//===- ReadyTimes.h - When values are there ---------------------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_READYTIMES_H
#define XCSLLM_ANALYSIS_READYTIMES_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// When values are expected to be there, and regions to start, by the times that
/// the cost model has found for calls and tools. In milliseconds from the start.
class ReadyTimes {
public:
  ReadyTimes(mlir::func::FuncOp function, const ProgramCost &cost);

  /// 0 for what is there from the start, and for values that are newer than this.
  double get(mlir::Value value) const { return ready.lookup(value); }
  void set(mlir::Value value, double timeMs) { ready[value] = timeMs; }
  /// When `region` can start; of one that is newer than this, what is around it.
  double getStart(mlir::Region *region) const;

private:
  double visit(mlir::Region &region, double begin);
  void visit(mlir::Operation *op, double begin);
  double visitRegions(mlir::Operation *op, double begin);

  llvm::DenseMap<mlir::Operation *, double> finishes; ///< of calls and tools
  llvm::DenseMap<mlir::Value, double> ready;
  llvm::DenseMap<mlir::Region *, double> starts;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_READYTIMES_H

//===- Leeway.h - What deadlines and budgets leave --------------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_LEEWAY_H
#define XCSLLM_ANALYSIS_LEEWAY_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// The time and the money that the constraints of one function, and of chains in it,
/// leave for more requests. A function is within its deadline if it is expected to
/// be. A chain fails outside of its own, so there the worst case counts; money counts
/// at worst in both, but what is over a function's budget at worst stays so. What is
/// unknown leaves nothing.
class Leeway {
public:
  Leeway(const ProgramCost &cost, mlir::func::FuncOp function);

  /// How many requests more with the prompt of `call` have a place one after another,
  /// where `at` is: behind each other, and behind the call itself.
  int64_t countMore(const CallCost &call, mlir::Operation *at) const;
  /// Takes the place of so many.
  void take(const CallCost &call, mlir::Operation *at, int64_t requests);

private:
  struct Room {
    double ms, usd;
  };
  /// What one request more takes of a scope.
  struct Need {
    Room *room;
    double slackMs, ms, usd;
  };
  llvm::SmallVector<Need> findNeeds(const CallCost &call, mlir::Operation *at) const;

  mlir::func::FuncOp function;
  /// Of the function and of chains, if they have constraints.
  mutable llvm::DenseMap<mlir::Operation *, Room> rooms;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_LEEWAY_H

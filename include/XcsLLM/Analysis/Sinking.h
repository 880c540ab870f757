//===- Sinking.h - What could wait until it is needed -----------*- C++ -*-===//
//
// Operations that only part of a program uses, and the regions that they could be
// in: those that run at most once, and not always. Upstream's `control-flow-sink`
// moves what has no effects; here sampled calls move too, which run as often in a
// region that runs at most once, or not at all.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_SINKING_H
#define XCSLLM_ANALYSIS_SINKING_H

#include "XcsLLM/Analysis/Dependences.h"
#include "XcsLLM/Analysis/Likelihood.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace xcs {

/// How likely regions run, if what they are part of does.
class RegionShares {
public:
  explicit RegionShares(Likelihood &likelihood) : likelihood(likelihood) {}

  /// The chance that `region` runs, from 0 to 1; none if it may run more than once,
  /// or what runs in it counts against a limit.
  std::optional<double> get(mlir::Region *region);

private:
  llvm::SmallVector<std::optional<double>> find(mlir::Operation *op);

  Likelihood &likelihood;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<std::optional<double>>> shares;
};

/// An operation, and the region that it can be moved into.
struct Sinkable {
  mlir::Operation *op;
  mlir::Region *into;
  double share; ///< the chance that `into` runs if the region of `op` does
};

/// Whether an operation that makes requests is to be moved. Nothing has moved when
/// this is asked.
using WantsSinking = llvm::function_ref<bool(const Sinkable &)>;

/// What is to be moved, each behind all that uses it, so that moving one after the
/// other to the start of its region keeps what is defined before what uses it: the
/// operations with calls that `wants` says, each to the region nearest to all of
/// its uses; what has to move with them; and what only they, and `moved`, need.
/// What keeps its order (`ordered`) stays, and so do constants.
std::vector<Sinkable> findSinkable(mlir::func::FuncOp function, const OrderedOps &ordered,
                                   RegionShares &shares,
                                   const llvm::DenseSet<mlir::Operation *> &moved,
                                   WantsSinking wants);

/// Moves what `findSinkable` has found.
void sink(llvm::ArrayRef<Sinkable> sinkable);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_SINKING_H

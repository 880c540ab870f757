//===- Nester.h - Flags and choices that become conditionals ----*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_NESTER_H
#define XCSLLM_LIB_TRANSFORMS_NESTER_H

#include "PruneConditionals.h"
#include "XcsLLM/Analysis/Needs.h"

namespace xcs {

/// How likely flags are true.
class Truths {
public:
  /// By the hints of the conditionals below `root`: of several on one flag, the first.
  explicit Truths(mlir::Operation *root);
  /// If a constant or a hint says it.
  std::optional<double> get(mlir::Value flag) const;
  /// Tells that `by` takes the place of `flag`, which goes.
  void replace(mlir::Value flag, mlir::Value by);

private:
  llvm::DenseMap<mlir::Value, double> hints; ///< a flag may have very many users
};

/// What conjunctions and choices that become conditionals have in common.
class Nester {
public:
  Nester(Rewrite &state, Needs &needs, Truths &truths, Spending &spending,
         llvm::DenseSet<mlir::Operation *> &toSink)
      : state(state), needs(needs), truths(truths), spending(spending), toSink(toSink) {}

protected:
  /// Whether what is behind `root` can wait, and something would be saved by that.
  bool mayNest(mlir::Operation *root, mlir::ArrayRef<Need> behind);
  /// Whether it pays that the result is there `laterMs` later.
  bool isGain(mlir::Operation *root, const Spending::Sum &saved, double laterMs, Change &change);
  /// What is needed is to move into a region that runs with the chance `share`.
  void moveInto(const Need &need, double share);
  /// Puts `value` in the place of the first of `old`, which are users before what
  /// they use.
  void replace(mlir::ArrayRef<mlir::Operation *> old, mlir::Value value, double readyMs);

  Rewrite &state;
  Needs &needs;
  Truths &truths;
  Spending &spending;
  llvm::DenseSet<mlir::Operation *> &toSink;

private:
  bool refuse(mlir::Operation *root, const llvm::Twine &reason);
};

/// Decides one flag of a join before asking for the next.
class PredicateNester : Nester {
public:
  using Nester::Nester;
  bool nest(mlir::Operation *root);
};

/// Chooses before what is chosen from is computed.
class ChoiceNester : Nester {
public:
  using Nester::Nester;
  bool nest(mlir::arith::SelectOp select);
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_NESTER_H

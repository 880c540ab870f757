//===- Decisions.h - What an early decision makes unnecessary ---*- C++ -*-===//
//
// A conjunction is decided by the first operand that is false, a disjunction by
// the first that is true, and a vote once the rest cannot change it. What only the
// result is needed for is unnecessary from then on. Rewrites nothing.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_DECISIONS_H
#define XCSLLM_ANALYSIS_DECISIONS_H

#include "XcsLLM/Analysis/Dependences.h"
#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// The attribute of conjunctions, disjunctions and votes whose unnecessary work is
/// to be cancelled.
constexpr llvm::StringLiteral cancelName = "xcs_llm.cancel";

/// Whether `op` is `arith.andi` or `arith.ori` of two flags.
bool joinsFlags(mlir::Operation *op);

/// A conjunction or a disjunction of two flags.
struct Decision {
  bool value = false; ///< that an operand decides it with: the result's, too
  /// For each operand: whether it may decide, whatever the other one would be.
  bool decides[2] = {false, false};
  /// For each operand: the calls, and control with calls, that are only needed for
  /// the other one; none unless it decides.
  llvm::SmallVector<mlir::Operation *> saves[2];

  bool isEarly() const { return decides[0] || decides[1]; }
};

/// The decisions in a block, and what each makes unnecessary there.
///
/// An operand decides early if that adds no failure: the other one could only fail
/// by requests and parses that nothing else looks at, which then count as not failed.
/// Whatever else it needs cannot fail, or the deciding operand would have failed with
/// it. Chains of more than 128 values behind an operand are not looked at.
class Decisions {
public:
  /// `candidates` stand in `block`, each `joinsFlags`. `ordered` has what must run.
  Decisions(mlir::Block &block, llvm::ArrayRef<mlir::Operation *> candidates,
            const OrderedOps &ordered);

  const Decision &get(mlir::Operation *candidate) const {
    return decisions.find(candidate)->second;
  }
  /// The candidate nearest to `op` for which alone `op` is needed; null if it is
  /// needed for something else, too.
  mlir::Operation *getOwner(mlir::Operation *op) const { return owners.lookup(op); }
  /// Whether an early decision may make `op` unnecessary: its owner's, or that of
  /// who the owner is needed for.
  bool mayBeCancelled(mlir::Operation *op) const;

private:
  using Values = llvm::SmallDenseSet<mlir::Value, 16>;

  mlir::Operation *findOwner(mlir::Operation *op, const OrderedOps &ordered) const;
  mlir::Operation *findCommon(mlir::Operation *one, mlir::Operation *other) const;
  bool isNeededOnlyFor(mlir::Operation *op, mlir::Operation *decision) const;
  Values findStrictNeeds(mlir::Value value) const;
  Values findNeeds(mlir::Value value, mlir::Operation *decision) const;
  void decide(mlir::Operation *op, unsigned operand, Decision &decision) const;

  mlir::Block &block;
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> owners;
  llvm::DenseMap<mlir::Operation *, unsigned> depths; ///< of candidates, from the last on
  llvm::DenseMap<mlir::Operation *, Decision> decisions;
  /// What a candidate's result surely fails with, however early it is decided.
  llvm::DenseMap<mlir::Operation *, Values> strictNeeds;
};

/// Whether a vote may be settled, or a result accepted, while other members with
/// calls are still running: only then is there something to cancel.
bool mayLeaveMembersBehind(EnsembleOp ensemble);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_DECISIONS_H

//===- SharedCalls.h - Where equal calls can be one -------------*- C++ -*-===//
//
// Which equal calls of a program another one already stands before, and which can
// be put where it does. No call comes to run where none ran, or more often.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_SHAREDCALLS_H
#define XCSLLM_ANALYSIS_SHAREDCALLS_H

#include "XcsLLM/Analysis/EqualValues.h"
#include "llvm/ADT/MapVector.h"

namespace xcs {

/// Calls of which there are several equal ones, in program order; each with the
/// first of its equals, which stands for them.
using EqualCalls = llvm::MapVector<mlir::Operation *, mlir::Operation *>;

/// The deterministic calls, and calls of pure tools, below `root` that have equals.
EqualCalls findEqualCalls(mlir::Operation *root, const EqualValues &values,
                          mlir::SymbolTableCollection &symbols);

/// A call that is to stand before `anchor`, an operation around or before it.
struct Hoist {
  mlir::Operation *call, *anchor;
};

/// How to move calls so that others come to stand behind an equal one, in an order
/// to move them in. A block surely runs a call if it stands in it, in an
/// unconstrained chain, in both branches of a conditional, or in a member of the
/// first wave of `all`, `best` or `majority`; such a call may stand before the first
/// operation of the block that holds an equal one. Near-linear.
std::vector<Hoist> findHoists(mlir::Operation *root, const EqualCalls &calls);

/// The members of the first wave, which run whenever the ensemble does; none of
/// `first`, where a member may be cancelled before it has asked for anything.
llvm::MutableArrayRef<mlir::Region> getSureMembers(EnsembleOp ensemble);

/// Whether the chain is a sequence and no more.
inline bool isUnconstrained(ChainOp chain) {
  return !chain.getDeadlineMs() && !chain.getBudgetUsd();
}

/// Of calls that have equals, those that an equal one stands before whenever they
/// run; each with that.
std::vector<std::pair<mlir::Operation *, mlir::Operation *>> findRepeats(mlir::Operation *root,
                                                                         const EqualCalls &calls);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_SHAREDCALLS_H

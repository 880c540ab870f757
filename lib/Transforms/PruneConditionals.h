//===- PruneConditionals.h - What the parts of that pass share --*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_PRUNECONDITIONALS_H
#define XCSLLM_LIB_TRANSFORMS_PRUNECONDITIONALS_H

#include "RewritePass.h"
#include "XcsLLM/Analysis/Dependences.h"
#include "XcsLLM/Analysis/ReadyTimes.h"

namespace xcs {

/// What operations take, by the cost model as the pass found the program, and what
/// has been saved since.
class Spending {
public:
  explicit Spending(Rewrite &state) : state(state) {}

  /// What calls take in all their runs, and when.
  struct Sum {
    Amount costUsd;
    double requests = 0;
    double startMs = 0, finishMs = 0, slackMs = 0;

    /// Money, or requests where not all prices are known.
    double getPrice(bool inMoney) const { return inMoney ? costUsd.known : requests; }
    /// Adds `share` of the money and the requests of `other`.
    void add(const Sum &other, double share) {
      costUsd += other.costUsd * share;
      requests += other.requests * share;
    }
  };
  /// Of the calls and tools in `op`, or that it is.
  Sum get(mlir::Operation *op);
  /// Of several operations together.
  Sum get(mlir::ArrayRef<mlir::Operation *> ops);

  /// From now on the calls in `op` run `share` as often.
  void scale(mlir::Operation *op, double share);

  ReadyTimes &getReadyTimes();

  /// Has the program costed, if it was not yet. Before each change.
  void begin() { getTotal(); }

  /// Why leaving out `saved` at `op` is no gain, or not allowed; empty if it is one.
  /// Its result may be there later then, `delayMs` later than nothing waits for it;
  /// none if it starts when it did. `change` is what it changes.
  std::string whyNot(mlir::Operation *op, const Sum &saved, std::optional<double> delayMs,
                     Change &change);

private:
  const Effort &getTotal();

  Rewrite &state;
  std::optional<Effort> total;
  std::optional<ReadyTimes> readyTimes;
  llvm::DenseMap<mlir::Operation *, const ToolCost *> tools;
  llvm::DenseMap<mlir::Operation *, double> shares; ///< of calls that run less often now
};

/// Makes conditionals of conjunctions, disjunctions and choices that calls stand
/// behind, and adds to `toSink` the operations that are to move into them.
bool nestPredicates(Rewrite &state, const OrderedOps &ordered, Spending &spending,
                    llvm::DenseSet<mlir::Operation *> &toSink);

/// Skips judges whose candidates agree, and adds those that may still run, and have
/// moved, to `moved`.
bool skipJudges(Rewrite &state, Spending &spending, llvm::DenseSet<mlir::Operation *> &moved);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_PRUNECONDITIONALS_H

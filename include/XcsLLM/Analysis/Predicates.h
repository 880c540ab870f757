//===- Predicates.h - In which order to decide ------------------*- C++ -*-===//
//
// Conjunctions and disjunctions of predicates that cost something: which to
// evaluate first, if what it decides leaves out the rest. Knows no IR. See
// J. M. Hellerstein and M. Stonebraker, "Predicate Migration: Optimizing Queries
// with Expensive Predicates" (1993).
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_PREDICATES_H
#define XCSLLM_ANALYSIS_PREDICATES_H

#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace xcs {

/// One of the flags that are joined, independent of the others.
struct Predicate {
  double cost = 0;          ///< of evaluating it, at least 0
  double probability = 0.5; ///< that it is true
  double startMs = 0;       ///< when it can start at the earliest
  double readyMs = 0;       ///< when it is there if it starts then
};

/// What evaluating them is expected to take.
struct Evaluation {
  double cost = 0;
  double readyMs = 0;          ///< when the result is there, on average
  std::vector<double> reached; ///< how likely each is evaluated, in the predicates' order
};

/// The order of evaluation that is expected to cost least, if what is decided is
/// not evaluated further: by rising cost for each chance to decide. That is the
/// cost over the chance to be false for a conjunction, to be true for a
/// disjunction. What costs nothing comes first, what never decides last; of equals
/// the one that is ready first, then the first.
std::vector<unsigned> orderPredicates(llvm::ArrayRef<Predicate> predicates, bool isConjunction);

/// What it takes to evaluate all of them side by side.
Evaluation evaluateAtOnce(llvm::ArrayRef<Predicate> predicates);

/// What it takes to evaluate them in `order`, each only if none has decided yet.
Evaluation evaluateInOrder(llvm::ArrayRef<Predicate> predicates, llvm::ArrayRef<unsigned> order,
                           bool isConjunction);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_PREDICATES_H

//===- Predicates.cpp - In which order to decide --------------------------===//

#include "XcsLLM/Analysis/Predicates.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

using namespace xcs;

static double getRank(const Predicate &predicate, bool isConjunction) {
  double decides = isConjunction ? 1 - predicate.probability : predicate.probability;
  if (predicate.cost <= 0)
    return 0;
  return decides > 0 ? predicate.cost / decides : std::numeric_limits<double>::infinity();
}

std::vector<unsigned> xcs::orderPredicates(llvm::ArrayRef<Predicate> predicates,
                                           bool isConjunction) {
  std::vector<unsigned> order(predicates.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::stable_sort(order, [&](unsigned a, unsigned b) {
    return std::make_tuple(getRank(predicates[a], isConjunction), predicates[a].readyMs) <
           std::make_tuple(getRank(predicates[b], isConjunction), predicates[b].readyMs);
  });
  return order;
}

Evaluation xcs::evaluateAtOnce(llvm::ArrayRef<Predicate> predicates) {
  Evaluation result;
  for (const Predicate &predicate : predicates) {
    result.cost += predicate.cost;
    result.readyMs = std::max(result.readyMs, predicate.readyMs);
  }
  result.reached.assign(predicates.size(), 1);
  return result;
}

Evaluation xcs::evaluateInOrder(llvm::ArrayRef<Predicate> predicates,
                                llvm::ArrayRef<unsigned> order, bool isConjunction) {
  Evaluation result;
  result.reached.assign(predicates.size(), 1);
  double reached = 1;
  for (unsigned index : order) {
    const Predicate &predicate = predicates[index];
    result.reached[index] = reached;
    result.cost += reached * predicate.cost;
    // What is not reached takes no time, but what it waits for has been started.
    result.readyMs = std::max(result.readyMs, predicate.startMs) +
                     reached * std::max(0.0, predicate.readyMs - predicate.startMs);
    reached *= isConjunction ? predicate.probability : 1 - predicate.probability;
  }
  return result;
}

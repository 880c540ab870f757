//===- Terms.cpp - What it takes to decide joined flags -------------------===//

#include "Terms.h"
#include "XcsLLM/Analysis/Predicates.h"
#include <numeric>

using namespace mlir;
using namespace xcs;

/// What the flags cost, and how likely each is true.
static std::vector<Predicate> getPredicates(ArrayRef<Term> terms, ArrayRef<Spending::Sum> sums,
                                            bool isConjunction, Spending &spending) {
  bool inMoney = llvm::all_of(sums, [](const Spending::Sum &sum) { return sum.costUsd.complete; });
  std::vector<Predicate> predicates;
  for (auto [term, sum] : llvm::zip(terms, sums)) {
    double open = term.flag.open.value_or(defaultFlagProbability);
    double ready = spending.getReadyTimes().get(term.need.value);
    predicates.push_back({sum.getPrice(inMoney), isConjunction ? open : 1 - open,
                          term.need.hasCalls ? sum.startMs : ready, ready});
  }
  return predicates;
}

Terms::Terms(ArrayRef<Need> behind, bool isConjunction, const Truths &truths, Spending &spending) {
  std::vector<Spending::Sum> sums;
  for (const Need &need : behind) {
    JoinedFlag flag{need.value, truths.get(need.value)};
    if (flag.open && !isConjunction)
      flag.open = 1 - *flag.open;
    terms.push_back({need, flag});
    sums.push_back(need.hasCalls ? spending.get(need.ops) : Spending::Sum());
    free += !need.hasCalls;
  }
  std::vector<Predicate> predicates = getPredicates(terms, sums, isConjunction, spending);
  std::vector<unsigned> order = orderPredicates(predicates, isConjunction);
  llvm::stable_sort(order, [&](unsigned a, unsigned b) {
    return terms[a].need.hasCalls < terms[b].need.hasCalls;
  });
  Evaluation before = evaluateAtOnce(predicates);
  Evaluation after = evaluateInOrder(predicates, order, isConjunction);
  SmallVector<Term> sorted;
  for (unsigned index : order) {
    Term &term = sorted.emplace_back(std::move(terms[index]));
    term.reached = after.reached[index];
    saved.add(sums[index], 1 - term.reached);
    if (term.need.hasCalls && predicates[index].readyMs == before.readyMs)
      saved.slackMs = sums[index].slackMs;
  }
  terms = std::move(sorted);
  beforeMs = before.readyMs;
  afterMs = after.readyMs;
}

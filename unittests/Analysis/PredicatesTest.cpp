//===- PredicatesTest.cpp - In which order to decide ----------------------===//

#include "XcsLLM/Analysis/Predicates.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

using namespace xcs;

using Order = std::vector<unsigned>;

TEST(Predicates, RanksByCostForTheChanceToDecide) {
  // 1 / 0.1 = 10, 4 / 0.8 = 5, 3 / 0.5 = 6.
  std::vector<Predicate> predicates{{1, 0.9}, {4, 0.2}, {3, 0.5}};
  EXPECT_EQ(orderPredicates(predicates, /*isConjunction=*/true), (Order{1, 2, 0}));
  // 1 / 0.9, 4 / 0.2 = 20, 3 / 0.5 = 6.
  EXPECT_EQ(orderPredicates(predicates, /*isConjunction=*/false), (Order{0, 2, 1}));
}

TEST(Predicates, PutsWhatIsFreeFirstAndWhatNeverDecidesLast) {
  std::vector<Predicate> predicates{{1, 1}, {2, 0.5}, {0, 1}, {0, 0.5}};
  EXPECT_EQ(orderPredicates(predicates, true), (Order{2, 3, 1, 0}));
  EXPECT_TRUE(orderPredicates({}, true).empty());
}

TEST(Predicates, TakesEqualsByTimeAndThenInOrder) {
  std::vector<Predicate> predicates{{1, 0.5, 0, 9}, {1, 0.5, 0, 7}, {1, 0.5, 0, 9}};
  EXPECT_EQ(orderPredicates(predicates, true), (Order{1, 0, 2}));
}

TEST(Predicates, CostsWhatIsReached) {
  std::vector<Predicate> predicates{{1, 0.5, 0, 100}, {10, 0.2, 0, 50}};
  Evaluation both = evaluateAtOnce(predicates);
  EXPECT_EQ(both.cost, 11);
  EXPECT_EQ(both.readyMs, 100);
  Evaluation ordered = evaluateInOrder(predicates, Order{0, 1}, /*isConjunction=*/true);
  EXPECT_EQ(ordered.cost, 1 + 0.5 * 10);
  EXPECT_EQ(ordered.readyMs, 100 + 0.5 * 50);
  EXPECT_EQ(ordered.reached, (std::vector<double>{1, 0.5}));
  // The second is false, and the first still to be looked at, four times out of five.
  Evaluation other = evaluateInOrder(predicates, Order{1, 0}, /*isConjunction=*/false);
  EXPECT_EQ(other.cost, 10 + 0.8 * 1);
  EXPECT_EQ(other.reached, (std::vector<double>{0.8, 1}));
}

TEST(Predicates, WaitsForWhatComesFromElsewhere) {
  std::vector<Predicate> predicates{{1, 0.5, 0, 10}, {1, 0.5, 100, 200}};
  EXPECT_EQ(evaluateInOrder(predicates, Order{0, 1}, true).readyMs, 100 + 0.5 * 100);
}

TEST(Predicates, NoOrderCostsLess) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> share(0.01, 0.99);
  for (int run = 0; run < 200; ++run) {
    std::vector<Predicate> predicates;
    for (int i = 0; i < 5; ++i)
      predicates.push_back({share(random), share(random)});
    bool isConjunction = run % 2;
    double best =
        evaluateInOrder(predicates, orderPredicates(predicates, isConjunction), isConjunction).cost;
    Order order(predicates.size());
    std::iota(order.begin(), order.end(), 0);
    do
      EXPECT_LE(best, evaluateInOrder(predicates, order, isConjunction).cost * (1 + 1e-12));
    while (std::next_permutation(order.begin(), order.end()));
  }
}

//===- ModelChoiceTest.cpp - Which model answers which call ---------------===//

#include "XcsLLM/Analysis/ModelChoice.h"
#include "gtest/gtest.h"
#include <random>

using namespace xcs;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
using Random = std::mt19937;

/// Calls that wait for up to two earlier ones, some of which must differ.
ModelChoiceProblem drawProblem(Random &random, unsigned count, unsigned models, bool hasTimes) {
  ModelChoiceProblem problem;
  for (unsigned index = 0; index < count; ++index) {
    ModelChoiceProblem::Call call;
    for (uint32_t model = 0; model < models; ++model)
      if (model == 0 || random() % 4)
        call.options.push_back({model, double(1 + random() % 9), double(1 + random() % 99)});
    if (hasTimes) {
      call.activity = index;
      TimeCostProblem::Activity activity;
      activity.options.push_back({0, 0});
      for (unsigned times = random() % 3; times > 0 && index > 0; --times)
        activity.predecessors.push_back(random() % index);
      problem.program.activities.push_back(activity);
    }
    problem.calls.push_back(call);
    if (index > 0 && random() % 3 == 0)
      problem.different.push_back({uint32_t(random() % index), index});
  }
  return problem;
}

struct Best {
  double cost = infinity, timeMs = infinity;
};

/// Tries every choice; of those that keep all, the best by the objective.
Best findBest(const ModelChoiceProblem &problem) {
  Best best;
  std::vector<uint32_t> chosen(problem.calls.size());
  while (true) {
    double cost = 0;
    TimeCostProblem program = problem.program;
    for (size_t index = 0; index < chosen.size(); ++index) {
      const ModelChoiceProblem::Option &option = problem.calls[index].options[chosen[index]];
      cost += option.cost;
      if (!program.activities.empty())
        program.activities[index].options = {{option.timeMs, option.cost}};
    }
    double timeMs = getTimeMs(program, std::vector<uint32_t>(program.activities.size()));
    bool isKept = timeMs <= problem.deadlineMs && cost <= problem.budget;
    for (const ModelChoiceProblem::Chain &chain : problem.chains) {
      ChainFigures figures = measureChain(problem, chain, chosen);
      isKept &= figures.timeMs <= chain.deadlineMs && figures.cost <= chain.budget;
    }
    for (auto [one, other] : problem.different)
      isKept &= problem.calls[one].options[chosen[one]].model !=
                problem.calls[other].options[chosen[other]].model;
    bool isLatency = problem.objective == Objective::Latency;
    auto order = [&](double cost, double timeMs) {
      return isLatency ? std::pair(timeMs, cost) : std::pair(cost, 0.0);
    };
    if (isKept && order(cost, timeMs) < order(best.cost, best.timeMs))
      best = {cost, timeMs};
    size_t index = 0;
    while (index < chosen.size() && ++chosen[index] == problem.calls[index].options.size())
      chosen[index++] = 0;
    if (index == chosen.size())
      return best;
  }
}

void compare(const ModelChoiceProblem &problem, unsigned round) {
  ModelChoice choice = chooseModels(problem);
  Best best = findBest(problem);
  if (best.cost == infinity) {
    EXPECT_NE(choice.outcome, ModelChoice::Outcome::Chosen) << "round " << round;
    return;
  }
  ASSERT_EQ(choice.outcome, ModelChoice::Outcome::Chosen) << "round " << round;
  if (problem.objective == Objective::Latency) {
    EXPECT_NEAR(choice.timeMs, best.timeMs, 1e-6) << "round " << round;
  } else {
    EXPECT_NEAR(choice.cost, best.cost, 1e-6) << "round " << round;
    EXPECT_NEAR(choice.bound, best.cost, 1e-6) << "round " << round;
  }
}

} // namespace

TEST(ModelChoice, CheapestWithoutTimes) {
  Random random(1);
  for (unsigned round = 0; round < 200; ++round)
    compare(drawProblem(random, 1 + random() % 5, 4, /*hasTimes=*/false), round);
}

TEST(ModelChoice, CheapestInTime) {
  Random random(2);
  for (unsigned round = 0; round < 200; ++round) {
    ModelChoiceProblem problem = drawProblem(random, 1 + random() % 5, 4, /*hasTimes=*/true);
    problem.deadlineMs = 3 + random() % 20;
    compare(problem, round);
  }
}

TEST(ModelChoice, FastestWithinTheBudget) {
  Random random(3);
  for (unsigned round = 0; round < 100; ++round) {
    ModelChoiceProblem problem = drawProblem(random, 1 + random() % 5, 4, /*hasTimes=*/true);
    problem.objective = Objective::Latency;
    problem.budget = 40 * problem.calls.size();
    compare(problem, round);
  }
}

// Without a deadline around them chains are chosen for apart, which is exact.
TEST(ModelChoice, ChainsKeepTheirDeadlines) {
  Random random(4);
  for (unsigned round = 0; round < 200; ++round) {
    ModelChoiceProblem problem = drawProblem(random, 2 + random() % 4, 4, /*hasTimes=*/true);
    problem.different.clear();
    uint32_t count = problem.calls.size(), first = random() % count;
    uint32_t end = first + 1 + random() % (count - first);
    ModelChoiceProblem::Chain chain;
    for (uint32_t call = first; call < end; ++call)
      chain.calls.push_back(call);
    chain.first = first;
    chain.end = end;
    chain.deadlineMs = 1 + random() % 20;
    problem.chains.push_back(chain);
    compare(problem, round);
  }
}

// With a deadline and a budget around and in chains, what is chosen keeps all, and no
// choice costs less than the bound.
TEST(ModelChoice, ChainsInTime) {
  Random random(5);
  unsigned found = 0, best = 0;
  for (unsigned round = 0; round < 200; ++round) {
    ModelChoiceProblem problem = drawProblem(random, 4, 4, /*hasTimes=*/true);
    problem.different.clear();
    problem.deadlineMs = 5 + random() % 20;
    ModelChoiceProblem::Chain inner, outer;
    inner.calls = {1};
    outer.calls = {1, 2};
    inner.first = outer.first = 1;
    inner.end = 2;
    outer.end = 3;
    inner.deadlineMs = 1 + random() % 9;
    outer.deadlineMs = 3 + random() % 15;
    outer.budget = 30 + random() % 100;
    problem.chains = {inner, outer};
    ModelChoice choice = chooseModels(problem);
    Best least = findBest(problem);
    if (choice.outcome != ModelChoice::Outcome::Chosen)
      continue;
    ++found;
    best += choice.cost <= least.cost * (1 + 1e-9);
    EXPECT_LE(choice.timeMs, problem.deadlineMs) << "round " << round;
    EXPECT_LE(choice.bound, least.cost * (1 + 1e-9)) << "round " << round;
    for (const ModelChoiceProblem::Chain &chain : problem.chains) {
      ChainFigures figures = measureChain(problem, chain, choice.chosen);
      EXPECT_LE(figures.timeMs, chain.deadlineMs) << "round " << round;
      EXPECT_LE(figures.cost, chain.budget * (1 + 1e-9)) << "round " << round;
    }
  }
  EXPECT_GE(found, 50u);
  EXPECT_GE(best, found * 9 / 10);
}

// A chain that cannot keep its limits is named, with what it takes at least.
TEST(ModelChoice, NamesTheChain) {
  ModelChoiceProblem problem;
  problem.calls = {{{{0, 2, 10}, {1, 8, 4}}, 0}};
  problem.program.activities.resize(1);
  problem.program.activities[0].options = {{0, 0}};
  ModelChoiceProblem::Chain chain;
  chain.calls = {0};
  chain.end = 1;
  chain.deadlineMs = 1;
  problem.chains = {chain};
  ModelChoice choice = chooseModels(problem);
  EXPECT_EQ(choice.outcome, ModelChoice::Outcome::TooLate);
  EXPECT_EQ(choice.chain, 0u);
  EXPECT_EQ(choice.timeMs, 2);
  problem.chains[0].deadlineMs = 5;
  problem.chains[0].budget = 9;
  choice = chooseModels(problem);
  EXPECT_EQ(choice.outcome, ModelChoice::Outcome::TooDear);
  EXPECT_EQ(choice.chain, 0u);
  EXPECT_EQ(choice.cost, 10);
}

TEST(ModelChoice, TooDear) {
  ModelChoiceProblem problem;
  problem.calls = {{{{0, 1, 5}, {1, 1, 3}}}};
  problem.budget = 2;
  ModelChoice choice = chooseModels(problem);
  EXPECT_EQ(choice.outcome, ModelChoice::Outcome::TooDear);
  EXPECT_EQ(choice.cost, 3);
}

TEST(ModelChoice, TooFew) {
  ModelChoiceProblem problem;
  problem.calls = {{{{0, 1, 5}}}, {{{0, 1, 5}}}};
  problem.different = {{0, 1}};
  EXPECT_EQ(chooseModels(problem).outcome, ModelChoice::Outcome::TooFew);
}

// Between the fastest (2 ms for 10) and the cheapest (8 ms for 4) what has the least
// product.
TEST(ModelChoice, Balanced) {
  ModelChoiceProblem problem;
  problem.objective = Objective::Balanced;
  problem.calls = {{{{0, 2, 10}, {1, 3, 5}, {2, 8, 4}}, 0}};
  problem.program.activities.resize(1);
  problem.program.activities[0].options = {{0, 0}};
  ModelChoice choice = chooseModels(problem);
  EXPECT_EQ(choice.chosen, std::vector<uint32_t>{1});
}

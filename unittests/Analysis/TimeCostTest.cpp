//===- TimeCostTest.cpp - The cheapest way to be done in time -------------===//

#include "XcsLLM/Analysis/TimeCost.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <cmath>
#include <optional>
#include <random>

using namespace xcs;

namespace {

using Random = std::mt19937;

double draw(Random &random, double low, double high) {
  return low + (high - low) * (random() / 4294967296.0);
}

TimeCostProblem::Activity drawActivity(Random &random, unsigned options) {
  TimeCostProblem::Activity activity;
  for (unsigned option = 0; option < options; ++option)
    activity.options.push_back({std::round(draw(random, 100, 5000)), draw(random, 0.1, 10)});
  return activity;
}

/// Any graph: each activity waits for up to three earlier ones.
TimeCostProblem drawProblem(Random &random, unsigned count, unsigned options) {
  TimeCostProblem problem;
  for (unsigned index = 0; index < count; ++index) {
    TimeCostProblem::Activity activity = drawActivity(random, 1 + random() % options);
    for (unsigned times = random() % 4; times > 0 && index > 0; --times)
      activity.predecessors.push_back(random() % index);
    problem.activities.push_back(activity);
  }
  return problem;
}

/// Adds a series-parallel part of `count` activities behind `before`; returns its last ones.
llvm::SmallVector<uint32_t, 2> addSeriesParallel(TimeCostProblem &problem, Random &random,
                                                 unsigned count, unsigned options,
                                                 llvm::SmallVector<uint32_t, 2> before) {
  if (count == 1) {
    problem.activities.push_back(drawActivity(random, options));
    problem.activities.back().predecessors = before;
    return {uint32_t(problem.activities.size() - 1)};
  }
  unsigned first = 1 + random() % (count - 1);
  auto ends = addSeriesParallel(problem, random, first, options, before);
  bool isSeries = random() % 2;
  auto others = addSeriesParallel(problem, random, count - first, options, isSeries ? ends : before);
  if (!isSeries)
    others.append(ends.begin(), ends.end());
  return others;
}

TimeCostProblem drawSeriesParallel(Random &random, unsigned count, unsigned options) {
  TimeCostProblem problem;
  addSeriesParallel(problem, random, count, options, {});
  return problem;
}

/// The time of the fastest and of the cheapest way.
std::pair<double, double> getTimes(const TimeCostProblem &problem) {
  std::vector<uint32_t> fastest, cheapest;
  for (const auto &activity : problem.activities) {
    uint32_t fast = 0, cheap = 0;
    for (uint32_t option = 0; option < activity.options.size(); ++option) {
      if (activity.options[option].timeMs < activity.options[fast].timeMs)
        fast = option;
      if (activity.options[option].cost < activity.options[cheap].cost)
        cheap = option;
    }
    fastest.push_back(fast);
    cheapest.push_back(cheap);
  }
  return {getTimeMs(problem, fastest), getTimeMs(problem, cheapest)};
}

void setDeadline(TimeCostProblem &problem, double share) {
  auto [least, most] = getTimes(problem);
  problem.deadlineMs = least + share * (most - least);
}

double findBest(const TimeCostProblem &problem) {
  std::vector<uint32_t> chosen(problem.activities.size());
  double best = std::numeric_limits<double>::infinity();
  while (true) {
    double cost = 0;
    for (size_t index = 0; index < chosen.size(); ++index)
      cost += problem.activities[index].options[chosen[index]].cost;
    if (cost < best && getTimeMs(problem, chosen) <= problem.deadlineMs * (1 + 1e-9))
      best = cost;
    size_t index = 0;
    while (index < chosen.size() && ++chosen[index] == problem.activities[index].options.size())
      chosen[index++] = 0;
    if (index == chosen.size())
      return best;
  }
}

void check(const TimeCostProblem &problem, const TimeCostResult &result) {
  ASSERT_TRUE(result.isFeasible);
  double cost = 0;
  for (size_t index = 0; index < result.chosen.size(); ++index)
    cost += problem.activities[index].options[result.chosen[index]].cost;
  EXPECT_NEAR(result.cost, cost, 1e-9 * cost);
  EXPECT_NEAR(result.timeMs, getTimeMs(problem, result.chosen), 1e-6);
  EXPECT_LE(result.timeMs, problem.deadlineMs * (1 + 1e-9));
  EXPECT_LE(result.bound, result.cost * (1 + 1e-9));
}

/// The gap to the bound.
double getGap(const TimeCostResult &result) { return result.cost / result.bound - 1; }

} // namespace

TEST(TimeCost, OneActivity) {
  TimeCostProblem problem;
  problem.activities = {{{{100, 5}, {200, 3}, {300, 1}}, {}}};
  for (auto [deadline, option] : {std::pair(100.0, 0u), {199.0, 0u}, {200.0, 1u}, {1e9, 2u}}) {
    problem.deadlineMs = deadline;
    TimeCostResult result = solveTimeCost(problem);
    check(problem, result);
    EXPECT_EQ(result.chosen, std::vector<uint32_t>{option});
    EXPECT_DOUBLE_EQ(result.bound, result.cost);
  }
}

TEST(TimeCost, TooLate) {
  TimeCostProblem problem;
  problem.activities = {{{{300, 1}, {100, 5}}, {}}, {{{200, 1}}, {0}}};
  problem.deadlineMs = 299;
  TimeCostResult result = solveTimeCost(problem);
  EXPECT_FALSE(result.isFeasible);
  EXPECT_EQ(result.timeMs, 300);
  EXPECT_EQ(result.chosen, (std::vector<uint32_t>{1, 0}));
}

TEST(TimeCost, Nothing) {
  TimeCostProblem problem;
  problem.deadlineMs = 0;
  EXPECT_TRUE(solveTimeCost(problem).isFeasible);
}

TEST(TimeCost, EveryWay) {
  Random random(1);
  for (unsigned round = 0; round < 400; ++round) {
    TimeCostProblem problem = drawProblem(random, 1 + random() % 7, 4);
    setDeadline(problem, draw(random, 0, 1));
    TimeCostResult result = solveTimeCost(problem);
    check(problem, result);
    EXPECT_NEAR(result.cost, findBest(problem), 1e-6) << "round " << round;
    EXPECT_NEAR(result.bound, result.cost, 1e-6) << "round " << round;
  }
}

TEST(TimeCost, SeriesParallelIsExact) {
  Random random(2);
  for (unsigned round = 0; round < 12; ++round) {
    TimeCostProblem problem = drawSeriesParallel(random, 200, 10);
    setDeadline(problem, draw(random, 0.02, 0.9));
    TimeCostResult result = solveTimeCost(problem);
    check(problem, result);
    EXPECT_LE(getGap(result), 1e-6) << "round " << round;
  }
}

/// A series-parallel problem in which `more` activities wait for another one besides.
TimeCostProblem drawNearlySeriesParallel(Random &random, unsigned count, unsigned options,
                                         unsigned more) {
  TimeCostProblem problem = drawSeriesParallel(random, count, options);
  for (unsigned times = 0; times < more; ++times) {
    uint32_t later = 1 + random() % (problem.activities.size() - 1);
    problem.activities[later].predecessors.push_back(random() % later);
  }
  return problem;
}

// Programs are nearly series-parallel: a value here and there is used further on.
TEST(TimeCost, NearlySeriesParallel) {
  Random random(3);
  for (unsigned round = 0; round < 24; ++round) {
    TimeCostProblem problem = drawNearlySeriesParallel(random, 100 + 100 * (round % 2), 10, 5);
    setDeadline(problem, draw(random, 0.02, 0.9));
    TimeCostResult result = solveTimeCost(problem);
    check(problem, result);
    EXPECT_LE(getGap(result), 1e-6) << "round " << round;
  }
}

// Each waits for any three others.
TEST(TimeCost, AnyGraph) {
  Random random(3);
  for (unsigned round = 0; round < 12; ++round) {
    TimeCostProblem problem = drawProblem(random, 20 + random() % 200, 10);
    setDeadline(problem, draw(random, 0.02, 0.9));
    TimeCostResult result = solveTimeCost(problem);
    check(problem, result);
    EXPECT_LE(getGap(result), 0.01) << "round " << round;
  }
}

// What cannot be looked at to the end has a bound all the same.
TEST(TimeCost, StopsInTime) {
  Random random(5);
  for (unsigned count : {500, 5000, 25000}) {
    TimeCostProblem problem = drawProblem(random, count, 10);
    setDeadline(problem, 0.5);
    TimeCostResult result = solveTimeCost(problem, 1'000'000);
    check(problem, result);
    EXPECT_LE(getGap(result), count <= 5000 ? 0.01 : 1) << count << " activities";
  }
}

TEST(TimeCost, SameEachTime) {
  Random random(6);
  TimeCostProblem problem = drawProblem(random, 300, 10);
  setDeadline(problem, 0.1);
  TimeCostResult one = solveTimeCost(problem, 2'000'000), other = solveTimeCost(problem, 2'000'000);
  EXPECT_EQ(one.chosen, other.chosen);
  EXPECT_EQ(one.bound, other.bound);
}

//===----------------------------------------------------------------------===//
// An oracle: CBC or GLPK, where one is installed
//===----------------------------------------------------------------------===//

namespace {

/// The problem as CPLEX's LP format has it: `x` chooses, `f` is when an activity ends.
void writeLp(const TimeCostProblem &problem, llvm::raw_ostream &os) {
  auto forOptions = [&](auto print) {
    for (size_t index = 0; index < problem.activities.size(); ++index)
      for (size_t option = 0; option < problem.activities[index].options.size(); ++option)
        print(index, problem.activities[index].options[option],
              "x" + std::to_string(index) + "_" + std::to_string(option));
  };
  os << "Minimize\n cost:";
  forOptions([&](size_t, TimeCostOption way, const std::string &name) {
    os << llvm::format("\n + %.12g ", way.cost) << name;
  });
  os << "\nSubject To\n";
  for (size_t index = 0; index < problem.activities.size(); ++index) {
    const TimeCostProblem::Activity &activity = problem.activities[index];
    std::string times, one;
    for (size_t option = 0; option < activity.options.size(); ++option) {
      std::string name = "x" + std::to_string(index) + "_" + std::to_string(option);
      one += " + " + name + "\n";
      llvm::raw_string_ostream(times)
          << llvm::format(" - %.12g ", activity.options[option].timeMs) << name << "\n";
    }
    os << one << " = 1\n f" << index << times << " >= 0\n";
    for (uint32_t before : activity.predecessors)
      os << " f" << index << " - f" << before << times << " >= 0\n";
  }
  os << "Bounds\n";
  for (size_t index = 0; index < problem.activities.size(); ++index)
    os << llvm::format(" 0 <= f%zu <= %.12g\n", index, problem.deadlineMs);
  os << "Binary\n";
  forOptions([&](size_t, TimeCostOption, const std::string &name) { os << " " << name << "\n"; });
  os << "End\n";
}

/// The least cost; none if the solver did not prove it in time.
std::optional<double> askOracle(const TimeCostProblem &problem, unsigned seconds) {
  llvm::SmallString<128> lp, out;
  int descriptor;
  llvm::sys::fs::createTemporaryFile("time-cost", "lp", descriptor, lp);
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << [&] {
    std::string text;
    llvm::raw_string_ostream os(text);
    writeLp(problem, os);
    return text;
  }();
  llvm::sys::fs::createTemporaryFile("time-cost", "txt", out);
  std::string limit = std::to_string(seconds);
  std::vector<llvm::StringRef> arguments;
  auto program = llvm::sys::findProgramByName("cbc");
  bool isCbc = bool(program);
  if (isCbc) {
    arguments = {"cbc", lp, "timem", "elapsed", "sec", limit, "solve", "solu", out};
  } else {
    program = llvm::sys::findProgramByName("glpsol");
    arguments = {"glpsol", "--lp", lp, "--tmlim", limit, "-o", out};
  }
  std::optional<llvm::StringRef> quiet[] = {std::nullopt, llvm::StringRef(), llvm::StringRef()};
  llvm::sys::ExecuteAndWait(*program, arguments, std::nullopt, quiet, seconds + 30);
  auto buffer = llvm::MemoryBuffer::getFile(out);
  llvm::StringRef text = buffer ? (*buffer)->getBuffer() : "";
  std::optional<double> cost;
  double value;
  bool isProven = text.contains(isCbc ? "Optimal - objective value" : "INTEGER OPTIMAL");
  llvm::StringRef figure =
      text.split(isCbc ? "objective value" : "Objective:  cost =").second.ltrim();
  if (isProven && llvm::to_float(figure.take_while([](char c) { return !isspace(c); }), value))
    cost = value;
  llvm::sys::fs::remove(lp);
  llvm::sys::fs::remove(out);
  return cost;
}

} // namespace

TEST(TimeCost, AgreesWithOracle) {
  if (!llvm::sys::findProgramByName("cbc") && !llvm::sys::findProgramByName("glpsol"))
    GTEST_SKIP() << "neither cbc nor glpsol is installed";
  Random random(4);
  unsigned proven = 0;
  enum Kind { SeriesParallel, Nearly, Any };
  for (auto [kind, count, options, seconds] :
       {std::tuple(SeriesParallel, 20u, 4u, 3u), {SeriesParallel, 50u, 6u, 5u},
        {SeriesParallel, 200u, 10u, 7u}, {Nearly, 30u, 6u, 5u}, {Nearly, 100u, 10u, 7u},
        {Nearly, 200u, 10u, 7u}, {Any, 30u, 6u, 5u}, {Any, 60u, 10u, 5u}, {Any, 150u, 10u, 7u}}) {
    TimeCostProblem problem = kind == SeriesParallel ? drawSeriesParallel(random, count, options)
                              : kind == Nearly
                                  ? drawNearlySeriesParallel(random, count, options, 5)
                                  : drawProblem(random, count, options);
    setDeadline(problem, draw(random, 0.2, 0.6));
    TimeCostResult result = solveTimeCost(problem);
    check(problem, result);
    std::optional<double> least = askOracle(problem, seconds);
    if (!least)
      continue;
    ++proven;
    EXPECT_NEAR(result.cost, *least, 1e-4 * *least) << count << " activities";
  }
  RecordProperty("proven", proven);
  EXPECT_GE(proven, 1u);
}

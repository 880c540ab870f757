//===- ActivityGraphTest.cpp - Activities in time ---------------------------===//

#include "XcsLLM/Analysis/ActivityGraph.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace xcs;
using Indices = std::vector<uint32_t>;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// What a graph is made of, to be changed and built again.
struct Project {
  std::vector<Activity> activities;
  std::vector<Indices> predecessors;

  size_t size() const { return activities.size(); }
  void add(const Activity &activity, Indices waitsFor = {}) {
    activities.push_back(activity);
    predecessors.push_back(std::move(waitsFor));
  }
  ActivityGraph build() const {
    ActivityGraph graph;
    for (size_t index = 0; index < size(); ++index)
      EXPECT_EQ(graph.add(activities[index], predecessors[index]), index);
    return graph;
  }
};

class Random {
public:
  explicit Random(unsigned seed) : engine(seed) {}
  unsigned below(unsigned bound) { return engine() % bound; }
  bool once(unsigned in) { return below(in) == 0; }
  template <typename T> T pick(std::initializer_list<T> of) { return of.begin()[below(of.size())]; }

  /// Durations are whole, so that sums of them are exact.
  Project makeProject(unsigned maxSize) {
    Project project;
    unsigned size = 1 + below(maxSize), density = 1 + below(6), pools = 1 + below(3);
    for (uint32_t index = 0; index < size; ++index) {
      Activity activity;
      activity.durationMs = once(5) ? 0 : below(20);
      activity.pool = once(6) ? Activity::noPool : below(pools);
      activity.width = pick({1.0, 1.0, 1.0, 2.0, 3.0, 7.0, 2.5, 0.25, 0.0});
      activity.requests = pick({0.0, 1.0, 1.0, 2.0});
      activity.tokens = pick({0.0, 1000.0, 7000.0, 20000.0});
      Indices waitsFor;
      for (uint32_t before = 0; before < index; ++before)
        if (below(size) < density)
          waitsFor.push_back(before);
      project.add(activity, waitsFor);
    }
    return project;
  }

  /// Rates whose times are exact for whole amounts.
  std::vector<Pool> makePools() {
    std::vector<Pool> pools(below(4));
    for (Pool &pool : pools) {
      if (once(2))
        pool.requestsPerMin = 60000 * pick({1.0 / 16384, 1.0 / 8192, 1.0 / 4096});
      if (once(2))
        pool.tokensPerMin = 60000 * pick({1.0 / 8, 1.0 / 4, 2.0});
      if (once(2))
        pool.maxConcurrency = pick({0.5, 1.0, 2.0, 3.0, 3.75, 10.0});
    }
    return pools;
  }

private:
  std::mt19937 engine;
};

//===----------------------------------------------------------------------===//
// Critical path
//===----------------------------------------------------------------------===//

TEST(ActivityGraph, CriticalPathByHand) {
  ActivityGraph graph;
  uint32_t start = graph.add({3}, {});
  uint32_t slow = graph.add({5}, {start});
  uint32_t fast = graph.add({1}, {start});
  uint32_t end = graph.add({2}, {slow, fast});
  uint32_t aside = graph.add({4}, {});
  EXPECT_EQ(graph.getStart(end), 8);
  EXPECT_EQ(graph.getFinish(fast), 4);
  CriticalPath path = findCriticalPath(graph);
  EXPECT_EQ(path.lengthMs, 10);
  EXPECT_EQ(path.path, (Indices{start, slow, end}));
  EXPECT_EQ(path.slackMs, (std::vector<double>{0, 0, 4, 0, 6}));
  EXPECT_EQ(path.slackMs[aside], 6);
  EXPECT_EQ(findPeakParallelism(graph), 0) << "nothing has a pool";
}

/// All ways from an activity that waits for none to `last`, last first.
void collectPaths(const Project &project, uint32_t last, Indices path,
                  std::vector<Indices> &paths) {
  path.push_back(last);
  if (project.predecessors[last].empty())
    paths.push_back(path);
  for (uint32_t before : project.predecessors[last])
    collectPaths(project, before, path, paths);
}

TEST(ActivityGraph, CriticalPathMatchesEnumeration) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Project project = Random(seed).makeProject(10);
    double longest = -1;
    Indices expected;
    for (uint32_t last = 0; last < project.size(); ++last) {
      std::vector<Indices> paths;
      collectPaths(project, last, {}, paths);
      for (const Indices &path : paths) {
        double length = 0;
        for (uint32_t index : path)
          length += project.activities[index].durationMs;
        if (length > longest || (length == longest && path < expected))
          longest = length, expected = path;
      }
    }
    std::reverse(expected.begin(), expected.end());
    CriticalPath found = findCriticalPath(project.build());
    ASSERT_EQ(found.lengthMs, longest);
    ASSERT_EQ(found.path, expected);
    for (uint32_t index : found.path)
      EXPECT_EQ(found.slackMs[index], 0);
  }
}

TEST(ActivityGraph, SlackIsWhatDelaysNothing) {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Project project = Random(seed).makeProject(30);
    CriticalPath path = findCriticalPath(project.build());
    for (uint32_t index = 0; index < project.size(); ++index) {
      double slack = path.slackMs[index];
      ASSERT_GE(slack, 0);
      double &duration = project.activities[index].durationMs;
      duration += slack;
      EXPECT_EQ(findCriticalPath(project.build()).lengthMs, path.lengthMs) << index;
      duration += 1;
      EXPECT_EQ(findCriticalPath(project.build()).lengthMs, path.lengthMs + 1) << index;
      duration -= slack + 1;
    }
  }
}

TEST(ActivityGraph, CriticalSlackIsExactlyZero) {
  for (unsigned seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Project project = random.makeProject(60);
    for (Activity &activity : project.activities)
      activity.durationMs *= std::exp(random.below(1000) / 100.0);
    ActivityGraph graph = project.build();
    CriticalPath path = findCriticalPath(graph);
    double length = 0;
    ASSERT_FALSE(path.path.empty());
    for (uint32_t index : path.path) {
      EXPECT_EQ(path.slackMs[index], 0);
      EXPECT_EQ(graph.getStart(index), length);
      length += graph[index].durationMs;
    }
    EXPECT_EQ(length, path.lengthMs);
    for (size_t i = 1; i < path.path.size(); ++i) {
      const Indices &waitsFor = project.predecessors[path.path[i]];
      EXPECT_TRUE(std::count(waitsFor.begin(), waitsFor.end(), path.path[i - 1]));
    }
  }
}

//===----------------------------------------------------------------------===//
// Peak
//===----------------------------------------------------------------------===//

TEST(ActivityGraph, PeakMatchesEnumeration) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ActivityGraph graph = Random(seed).makeProject(30).build();
    double peak = 0; // is reached when something starts
    for (uint32_t now = 0; now < graph.size(); ++now) {
      double running = 0;
      for (uint32_t index = 0; index < graph.size(); ++index)
        if (graph[index].pool != Activity::noPool && graph.getStart(index) <= graph.getStart(now) &&
            graph.getFinish(index) > graph.getStart(now))
          running += graph[index].width;
      peak = std::max(peak, running);
    }
    EXPECT_EQ(findPeakParallelism(graph), peak);
  }
}

//===----------------------------------------------------------------------===//
// Makespan
//===----------------------------------------------------------------------===//

/// The definition, part by part.
class Reference {
public:
  Reference(const Project &project, const std::vector<Pool> &pools)
      : project(project), pools(pools), states(project.size()), tails(project.size()) {
    for (uint32_t index = project.size(); index-- > 0;) {
      tails[index] += project.activities[index].durationMs;
      for (uint32_t before : project.predecessors[index])
        tails[before] = std::max(tails[before], tails[index]);
    }
    for (const Pool &pool : pools)
      for (std::optional<double> perMin : {pool.requestsPerMin, pool.tokensPerMin})
        levels.push_back(perMin.value_or(0));
  }

  double run() {
    while (true) {
      do
        settle();
      while (startParts());
      double next = findNext();
      if (next == infinity)
        return now;
      for (size_t bucket = 0; bucket < levels.size(); ++bucket)
        if (double perMin = getPerMin(bucket))
          levels[bucket] = std::min(perMin, levels[bucket] + perMin / 60000 * (next - now));
      now = next;
    }
  }

private:
  struct State {
    bool ready = false, done = false;
    double waiting = 0;
    std::vector<double> finishes; ///< of running parts
  };

  double getPerMin(size_t bucket) const {
    const Pool &pool = pools[bucket / 2];
    return (bucket % 2 ? pool.tokensPerMin : pool.requestsPerMin).value_or(0);
  }

  bool isLimited(uint32_t index) const {
    const Activity &activity = project.activities[index];
    if (activity.pool >= pools.size() || activity.width == 0)
      return false;
    const Pool &pool = pools[activity.pool];
    return pool.requestsPerMin || pool.tokensPerMin || pool.maxConcurrency;
  }

  /// Ends what ends now, and makes ready what waited for that.
  void settle() {
    for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t index = 0; index < project.size(); ++index) {
        State &state = states[index];
        if (state.done)
          continue;
        if (!state.ready) {
          const Indices &waitsFor = project.predecessors[index];
          if (std::any_of(waitsFor.begin(), waitsFor.end(),
                          [&](uint32_t before) { return !states[before].done; }))
            continue;
          state.ready = changed = true;
          if (isLimited(index))
            state.waiting = project.activities[index].width;
          else
            state.finishes = {now + project.activities[index].durationMs};
        }
        std::vector<double> &finishes = state.finishes;
        finishes.erase(std::remove(finishes.begin(), finishes.end(), now), finishes.end());
        if (finishes.empty() && state.waiting == 0)
          state.done = changed = true;
      }
    }
  }

  /// Of a pool that which goes first; null if nothing waits.
  std::optional<uint32_t> findHead(uint32_t pool) const {
    std::optional<uint32_t> head;
    for (uint32_t index = 0; index < project.size(); ++index)
      if (project.activities[index].pool == pool && states[index].waiting > 0)
        if (!head || tails[index] > tails[*head])
          head = index;
    return head;
  }

  bool hasSlot(uint32_t pool) const {
    size_t running = 0;
    for (uint32_t index = 0; index < project.size(); ++index)
      if (project.activities[index].pool == pool && isLimited(index))
        running += states[index].finishes.size();
    double slots = std::max(1.0, std::floor(pools[pool].maxConcurrency.value_or(infinity)));
    return running + 1 <= slots;
  }

  double getAmount(uint32_t index, size_t bucket) const {
    const Activity &activity = project.activities[index];
    double part = std::min(1.0, states[index].waiting);
    return part * (bucket % 2 ? activity.tokens : activity.requests);
  }

  /// When a pool's head may start.
  double findStart(uint32_t pool, uint32_t head) const {
    double start = now;
    for (size_t bucket : {2 * pool, 2 * pool + 1}) {
      double perMin = getPerMin(bucket), amount = getAmount(head, bucket);
      double missing = std::min(amount, perMin) - levels[bucket];
      if (perMin > 0 && amount > 0 && missing > 0)
        start = std::max(start, now + missing / (perMin / 60000));
    }
    return start;
  }

  /// Whether a part that started has ended.
  bool startParts() {
    bool ended = false;
    for (uint32_t pool = 0; pool < pools.size(); ++pool)
      while (std::optional<uint32_t> head = findHead(pool)) {
        if (!isLimited(*head) || !hasSlot(pool) || findStart(pool, *head) > now)
          break;
        for (size_t bucket : {2 * pool, 2 * pool + 1})
          levels[bucket] -= getAmount(*head, bucket);
        states[*head].waiting -= std::min(1.0, states[*head].waiting);
        states[*head].finishes.push_back(now + project.activities[*head].durationMs);
        ended |= project.activities[*head].durationMs == 0;
      }
    return ended;
  }

  double findNext() const {
    double next = infinity;
    for (const State &state : states)
      for (double finish : state.finishes)
        next = std::min(next, finish);
    for (uint32_t pool = 0; pool < pools.size(); ++pool)
      if (std::optional<uint32_t> head = findHead(pool))
        if (hasSlot(pool))
          next = std::min(next, findStart(pool, *head));
    return next;
  }

  const Project &project;
  const std::vector<Pool> &pools;
  std::vector<State> states;
  std::vector<double> tails, levels;
  double now = 0;
};

TEST(ActivityGraph, MakespanMatchesDefinition) {
  for (unsigned seed = 0; seed < 5000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Project project = random.makeProject(25);
    std::vector<Pool> pools = random.makePools();
    ASSERT_EQ(findMakespan(project.build(), pools), Reference(project, pools).run());
  }
}

/// While something is under way there is a part that runs, or one that could and
/// waits for a bucket. And: if no part waits, the longest way that is left gets
/// shorter; otherwise one waits for a slot, of which all work, or for a bucket. A
/// bucket that somebody waits for is refilled with no more than was taken.
TEST(ActivityGraph, MakespanIsWithinBounds) {
  for (unsigned seed = 0; seed < 5000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Project project = random.makeProject(120);
    std::vector<Pool> pools = random.makePools();
    ActivityGraph graph = project.build();
    double length = findCriticalPath(graph).lengthMs;
    double serial = 0, parallel = length, refills = 0;
    for (const Activity &activity : project.activities) {
      double parts = std::max(1.0, std::ceil(activity.width));
      serial += activity.durationMs * parts;
      if (activity.pool >= pools.size())
        continue;
      const Pool &pool = pools[activity.pool];
      if (pool.maxConcurrency && activity.width > 0)
        parallel += activity.durationMs * parts / std::max(1.0, std::floor(*pool.maxConcurrency));
      if (pool.requestsPerMin)
        refills += activity.width * activity.requests / (*pool.requestsPerMin / 60000);
      if (pool.tokensPerMin)
        refills += activity.width * activity.tokens / (*pool.tokensPerMin / 60000);
    }
    double makespan = findMakespan(graph, pools);
    EXPECT_GE(makespan, length);
    EXPECT_LE(makespan, serial + refills + 1e-6);
    EXPECT_LE(makespan, parallel + refills + 1e-6);
  }
}

TEST(ActivityGraph, MakespanWithoutLimitsIsTheCriticalPath) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Project project = random.makeProject(60);
    for (Activity &activity : project.activities)
      activity.durationMs *= std::exp(random.below(1000) / 100.0);
    ActivityGraph graph = project.build();
    double length = findCriticalPath(graph).lengthMs;
    EXPECT_EQ(findMakespan(graph, {}), length);
    Pool wide{1e30, 1e30, 1e30}, odd{0, nan, -1};
    EXPECT_EQ(findMakespan(graph, {wide, odd, wide}), length);
  }
}

TEST(ActivityGraph, OneSlotTakesTheSum) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Project project = Random(seed).makeProject(60);
    double sum = 0;
    for (Activity &activity : project.activities) {
      activity.pool = 0;
      activity.width = std::max(activity.width, 0.25);
      sum += activity.durationMs * std::ceil(activity.width);
    }
    Pool pool;
    pool.maxConcurrency = 1;
    EXPECT_EQ(findMakespan(project.build(), pool), sum);
  }
}

TEST(ActivityGraph, BucketsByHand) {
  auto findTwo = [](const Activity &first, const Activity &second, const Pool &pool) {
    ActivityGraph graph;
    graph.add(first, {});
    graph.add(second, {});
    return findMakespan(graph, pool);
  };
  auto find = [](const Activity &activity, const Pool &pool) {
    ActivityGraph graph;
    graph.add(activity, {});
    return findMakespan(graph, pool);
  };
  Pool sixty{60.0, {}, {}}; // one per second
  EXPECT_EQ(find({100, 0, 60, 1, 0}, sixty), 100) << "all of the burst at once";
  EXPECT_EQ(find({100, 0, 61, 1, 0}, sixty), 1100);
  EXPECT_EQ(find({100, 0, 90, 2, 0}, sixty), 120100) << "2 * 90 - 60 seconds";
  EXPECT_EQ(find({100, 0, 60.5, 1, 0}, sixty), 600) << "the last part sends half a request";
  // Waiting for slots meanwhile refills: at 1 s, 2 s, ..., with 60 at the start.
  EXPECT_EQ(find({1000, 0, 200, 1, 0}, Pool{60.0, {}, 2.0}), 140000 + 1000);
  EXPECT_EQ(find({1000, 0, 100, 1, 0}, Pool{60.0, {}, 2.0}), 50 * 1000);
  // Needs more than the bucket holds: when it is full, and the debt delays others.
  Pool tokens{{}, 6000.0, {}}; // 100 per second
  EXPECT_EQ(find({10, 0, 1, 0, 9000}, tokens), 10);
  EXPECT_EQ(find({10, 0, 2, 0, 9000}, tokens), 90010);
  EXPECT_EQ(findTwo({10, 0, 1, 0, 9000}, {5, 0, 1, 0, 1000}, tokens), 40005) << "3000 of debt";
  EXPECT_EQ(findTwo({10, 0, 1, 0, 9000}, {5, 0, 1, 0, 0}, tokens), 10) << "takes nothing";
  // Nothing overtakes: the second could start at once, but the first goes first.
  EXPECT_EQ(findTwo({100, 0, 2, 0, 4000}, {50, 0, 1, 0, 2000}, tokens), 40050);
  // The slower of two buckets counts.
  EXPECT_EQ(find({10, 0, 120, 1, 100}, Pool{60.0, 6000.0, {}}), 60010);
  EXPECT_EQ(find({10, 0, 120, 1, 200}, Pool{60.0, 6000.0, {}}), 180010);
}

TEST(ActivityGraph, LongestWayGoesFirst) {
  ActivityGraph graph;
  uint32_t brief = graph.add({1, 0}, {});
  uint32_t first = graph.add({1, 0}, {});
  graph.add({10, 0}, {first});
  graph.add({2, 0}, {brief});
  Pool pool;
  pool.maxConcurrency = 1;
  EXPECT_EQ(findMakespan(graph, pool), 14);
  pool.maxConcurrency = 2;
  EXPECT_EQ(findMakespan(graph, pool), 11);
}

//===----------------------------------------------------------------------===//
// Wide activities
//===----------------------------------------------------------------------===//

/// One activity alone in its pool, start by start.
double getWideMakespan(const Activity &activity, const Pool &pool) {
  struct {
    double perMin, level, amount;
  } buckets[] = {
      {pool.requestsPerMin.value_or(0), pool.requestsPerMin.value_or(0), activity.requests},
      {pool.tokensPerMin.value_or(0), pool.tokensPerMin.value_or(0), activity.tokens}};
  size_t parts = std::ceil(activity.width);
  size_t slots = std::min<double>(parts, pool.maxConcurrency.value_or(infinity));
  std::vector<double> freeAt(slots);
  double now = 0;
  for (size_t part = 0; part < parts; ++part) {
    double start = std::max(now, freeAt[part % slots]);
    for (auto &bucket : buckets)
      if (bucket.perMin > 0)
        start = std::max(start, now + (std::min(bucket.amount, bucket.perMin) - bucket.level) /
                                          (bucket.perMin / 60000));
    for (auto &bucket : buckets)
      bucket.level = std::min(bucket.perMin, bucket.level + bucket.perMin / 60000 * (start - now)) -
                     bucket.amount;
    now = start;
    freeAt[part % slots] = start + activity.durationMs;
  }
  return *std::max_element(freeAt.begin(), freeAt.end());
}

TEST(ActivityGraph, WideAloneIsExact) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Activity activity{1.0 + random.below(5000), 0, 600000.0 + random.below(1000000), 1, 0};
    activity.tokens = random.below(2000);
    Pool pool;
    if (random.once(2))
      pool.maxConcurrency = std::floor(std::exp(random.below(1400) / 100.0));
    if (random.once(2))
      pool.requestsPerMin = std::floor(std::exp(random.below(1600) / 100.0));
    if (random.once(2))
      pool.tokensPerMin = std::floor(std::exp(random.below(2500) / 100.0));
    ActivityGraph graph;
    graph.add(activity, {});
    double expected = getWideMakespan(activity, pool);
    EXPECT_NEAR(findMakespan(graph, pool) / expected, 1, 1e-6)
        << activity.durationMs << " ms, " << activity.width << " of " << activity.tokens << "; "
        << pool.maxConcurrency.value_or(0) << " slots, " << pool.requestsPerMin.value_or(0) << ", "
        << pool.tokensPerMin.value_or(0);
  }
}

TEST(ActivityGraph, WideWithMoreSlotsThanBucketIsClose) {
  // Slots are about as many as the bucket feeds, and mostly more than it holds.
  for (unsigned seed = 0; seed < 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Activity activity{60000.0 + random.below(600000), 0, 600000.0 + random.below(1000000), 1, 0};
    Pool pool;
    pool.requestsPerMin = 1 + random.below(20);
    double fed = activity.durationMs * *pool.requestsPerMin / 60000;
    pool.maxConcurrency = std::ceil(fed * (0.7 + random.below(400) / 1000.0));
    ActivityGraph graph;
    graph.add(activity, {});
    double ratio = findMakespan(graph, pool) / getWideMakespan(activity, pool);
    EXPECT_GE(ratio, 1 - 1e-9);
    EXPECT_LE(ratio, 1.1) << activity.durationMs << " ms, " << activity.width << "; "
                          << *pool.maxConcurrency << " slots, " << *pool.requestsPerMin;
  }
}

TEST(ActivityGraph, VeryWideIsQuick) {
  auto begin = std::chrono::steady_clock::now();
  double parts = 1e12;
  ActivityGraph graph;
  graph.add({1000, 0, parts, 1, 0}, {});
  Pool slots{{}, {}, 1000.0}, requests{600.0, {}, {}}, both{600.0, {}, 1000.0};
  EXPECT_NEAR(findMakespan(graph, slots) / (parts / 1000 * 1000), 1, 1e-9);
  EXPECT_NEAR(findMakespan(graph, requests) / ((parts - 600) * 100 + 1000), 1, 1e-9);
  EXPECT_NEAR(findMakespan(graph, both) / ((parts - 600) * 100 + 1000), 1, 1e-9);
  EXPECT_EQ(findMakespan(graph, {}), 1000);
  EXPECT_EQ(findPeakParallelism(graph), parts);
  // One behind the other, both wide.
  graph.add({1000, 0, parts, 1, 0}, {0});
  EXPECT_NEAR(findMakespan(graph, slots) / (2 * parts / 1000 * 1000), 1, 1e-9);
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(seconds.count(), 20);
}

//===----------------------------------------------------------------------===//
// Cutting off
//===----------------------------------------------------------------------===//

TEST(ActivityGraph, CutOffByHand) {
  ActivityGraph graph;
  graph.add({10, 0}, {});
  uint32_t first = graph.add({4, 0}, {});
  graph.add({4, 0}, {first});
  graph.add({4, 0}, {2});
  graph.add({0, 0}, {3});
  graph.add({4, 0}, {0});
  graph.cutOff(first, 6);
  EXPECT_EQ(graph.getFinish(0), 10) << "before the first";
  EXPECT_EQ(graph.getFinish(1), 4);
  EXPECT_EQ(graph.getStart(2), 4);
  EXPECT_EQ(graph.getFinish(2), 6);
  EXPECT_EQ(graph.getStart(3), 6);
  EXPECT_EQ(graph.getFinish(3), 6);
  EXPECT_EQ(graph[2].pool, 0u);
  EXPECT_EQ(graph[3].pool, Activity::noPool);
  EXPECT_EQ(graph.getStart(5), 10) << "what it waits for is not cut off";
  EXPECT_EQ(graph.getFinish(5), 10);
  EXPECT_EQ(graph[5].pool, Activity::noPool);
  EXPECT_EQ(findCriticalPath(graph).lengthMs, 10);
  EXPECT_EQ(graph.add({1, 0}, {4}), 6u);
  EXPECT_EQ(graph.getFinish(6), 7);
}

TEST(ActivityGraph, CutOffMatchesDefinition) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Project project = random.makeProject(30);
    ActivityGraph whole = project.build(), graph = whole;
    uint32_t first = random.below(project.size());
    double time = random.below(60);
    graph.cutOff(first, time);
    for (uint32_t index = 0; index < project.size(); ++index) {
      bool cut = index >= first && whole.getFinish(index) > time;
      // What it waits for may not have been cut off.
      double start = 0;
      for (uint32_t before : project.predecessors[index])
        start = std::max(start, graph.getFinish(before));
      EXPECT_EQ(graph.getStart(index), start);
      EXPECT_EQ(graph.getFinish(index), cut ? std::max(time, start) : whole.getFinish(index));
      if (!cut || whole.getStart(index) < time) {
        EXPECT_EQ(start, whole.getStart(index));
      }
      bool isOut = cut && whole.getStart(index) >= time;
      EXPECT_EQ(graph[index].pool, isOut ? Activity::noPool : whole[index].pool);
    }
    EXPECT_LE(findCriticalPath(graph).lengthMs, findCriticalPath(whole).lengthMs);
    ActivityGraph again = graph;
    again.cutOff(first, time);
    for (uint32_t index = 0; index < project.size(); ++index)
      EXPECT_EQ(again.getFinish(index), graph.getFinish(index));
    graph = whole;
    graph.cutOff(first, infinity);
    EXPECT_EQ(findCriticalPath(graph).lengthMs, findCriticalPath(whole).lengthMs);
  }
}

//===----------------------------------------------------------------------===//
// Odd inputs
//===----------------------------------------------------------------------===//

TEST(ActivityGraph, NothingTakesNoTime) {
  ActivityGraph graph;
  EXPECT_EQ(findCriticalPath(graph).lengthMs, 0);
  EXPECT_TRUE(findCriticalPath(graph).path.empty());
  EXPECT_EQ(findPeakParallelism(graph), 0);
  EXPECT_EQ(findMakespan(graph, {}), 0);
  graph.cutOff(0, 5);
  EXPECT_EQ(graph.size(), 0u);
}

TEST(ActivityGraph, OddNumbersStayFinite) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    auto pickOdd = [&] {
      return random.pick({nan, -nan, infinity, -infinity, -1.0, -0.0, 0.0, 1e-320, 1e-30, 0.1, 1.0,
                          3.0, 1e9, 1e16, 1e30, 1e300, std::numeric_limits<double>::max()});
    };
    Project project = random.makeProject(20);
    for (Activity &activity : project.activities)
      for (double *number :
           {&activity.durationMs, &activity.width, &activity.requests, &activity.tokens})
        if (random.once(2))
          *number = pickOdd();
    std::vector<Pool> pools(3);
    for (Pool &pool : pools)
      for (std::optional<double> *limit :
           {&pool.requestsPerMin, &pool.tokensPerMin, &pool.maxConcurrency})
        if (random.once(2))
          *limit = pickOdd();
    ActivityGraph graph = project.build();
    CriticalPath path = findCriticalPath(graph);
    EXPECT_TRUE(std::isfinite(path.lengthMs));
    for (double slack : path.slackMs)
      EXPECT_TRUE(std::isfinite(slack) && slack >= 0);
    EXPECT_TRUE(std::isfinite(findPeakParallelism(graph)));
    double makespan = findMakespan(graph, pools);
    EXPECT_TRUE(std::isfinite(makespan));
    EXPECT_GE(makespan, path.lengthMs * (1 - 1e-12));
    graph.cutOff(random.below(graph.size()), pickOdd());
    EXPECT_TRUE(std::isfinite(findCriticalPath(graph).lengthMs));
  }
}

} // namespace

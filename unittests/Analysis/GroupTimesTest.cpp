//===- GroupTimesTest.cpp - Groups that delay nothing -----------------------===//

#include "XcsLLM/Analysis/GroupTimes.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

using namespace xcs;
using Node = DependenceGraph::Node;

namespace {

DependenceGraph makeGraph(std::vector<int32_t> kinds, std::vector<std::pair<Node, Node>> edges) {
  DependenceGraph graph;
  graph.levels.assign(kinds.size(), 1);
  graph.kinds = std::move(kinds);
  graph.edges = std::move(edges);
  return graph;
}

TEST(GroupTimes, EndsWithTheLongestPath) {
  DependenceGraph graph = makeGraph({0, 1, 0}, {{0, 1}});
  EXPECT_EQ(findEnd(graph, {3, 4, 5}, {}), 7);
  EXPECT_EQ(findEnd(graph, {3, 4, 5}, {{0, 2}, {1}}), 9); // 1 waits for 2 as well
}

TEST(GroupTimes, NothingEndsAtOnce) { EXPECT_EQ(findEnd({}, {}, {}), 0); }

TEST(GroupTimes, KeepsWhatDelaysNobody) {
  DependenceGraph graph = makeGraph({0, 1, 0}, {{0, 1}});
  std::vector<Group> groups{{0, 2}, {1}};
  EXPECT_EQ(keepInTime(graph, {3, 9, 3}, groups), groups);
  EXPECT_EQ(keepInTime(graph, {0, 0, 0}, groups), groups);
  // The slower one ends later, but nothing waits for that.
  DependenceGraph side = makeGraph({0, 0, 1, 2}, {{0, 2}});
  std::vector<Group> two{{0, 1}};
  EXPECT_EQ(keepInTime(side, {1, 2, 1, 9}, two), two);
}

TEST(GroupTimes, TakesApartWhatEndsLater) {
  // The second starts when the first has ended, and would hold 3 back.
  DependenceGraph graph = makeGraph({0, 1, 0, 2}, {{1, 2}, {0, 3}});
  EXPECT_EQ(keepInTime(graph, {1, 5, 1, 9}, {{0, 2}}), (std::vector<Group>{{0}, {2}}));
  // What starts and ends together stays together.
  DependenceGraph more = makeGraph({0, 1, 0, 2, 0}, {{1, 2}, {0, 3}});
  EXPECT_EQ(keepInTime(more, {1, 5, 1, 9, 1}, {{0, 2, 4}}), (std::vector<Group>{{0, 4}, {2}}));
}

TEST(GroupTimes, NeverEndsLater) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    DependenceGraph graph;
    unsigned size = 1 + random() % 40;
    std::vector<double> durations;
    for (Node node = 0; node < size; ++node) {
      graph.kinds.push_back(random() % 4 == 0 ? DependenceGraph::noKind : random() % 4);
      graph.levels.push_back(graph.kinds.back() != DependenceGraph::noKind);
      durations.push_back(random() % 4);
      for (Node before = 0; before < node; ++before)
        if (random() % 12 == 0)
          graph.edges.emplace_back(before, node);
    }
    std::vector<Group> groups = groupEquals(graph), kept = keepInTime(graph, durations, groups);
    EXPECT_LE(findEnd(graph, durations, kept), findEnd(graph, durations, {}) * (1 + 1e-9));
    auto count = [](const std::vector<Group> &groups) {
      size_t nodes = 0;
      for (const Group &group : groups)
        nodes += group.size();
      return nodes;
    };
    EXPECT_EQ(count(kept), count(groups));
  }
}

} // namespace

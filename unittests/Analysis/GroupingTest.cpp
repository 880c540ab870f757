//===- GroupingTest.cpp - Fewest groups of independent equals ---------------===//

#include "XcsLLM/Analysis/Grouping.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <queue>
#include <random>
#include <set>

using namespace xcs;
using Node = DependenceGraph::Node;

namespace {

constexpr int32_t none = DependenceGraph::noKind;

DependenceGraph makeGraph(std::vector<int32_t> kinds, std::vector<std::pair<Node, Node>> edges) {
  DependenceGraph graph;
  for (int32_t kind : kinds)
    graph.levels.push_back(kind != none);
  graph.kinds = std::move(kinds);
  graph.edges = std::move(edges);
  return graph;
}

DependenceGraph makeRandomGraph(unsigned seed) {
  std::mt19937 random(seed);
  auto below = [&](unsigned bound) {
    return std::uniform_int_distribution<unsigned>(0, bound - 1)(random);
  };
  unsigned size = 1 + below(40), kindCount = 1 + below(5), density = 1 + below(8);
  std::vector<int32_t> kinds;
  std::vector<std::pair<Node, Node>> edges;
  for (Node node = 0; node < size; ++node) {
    kinds.push_back(below(4) == 0 ? none : int32_t(below(kindCount)));
    for (Node before = 0; before < node; ++before)
      if (below(10) < density && below(4) == 0)
        edges.emplace_back(before, node);
  }
  return makeGraph(kinds, edges);
}

/// Of each node the group it is in; nodes without a kind have one of their own.
std::vector<size_t> getGroupOf(const DependenceGraph &graph, const std::vector<Group> &groups) {
  std::vector<size_t> groupOf(graph.size());
  for (Node node = 0; node < graph.size(); ++node)
    groupOf[node] = groups.size() + node;
  for (size_t index = 0; index < groups.size(); ++index)
    for (Node node : groups[index])
      groupOf[node] = index;
  return groupOf;
}

/// reaches[a] holds b if a path of groups leads from a to b. Fails on a cycle.
std::map<size_t, std::set<size_t>> getReachable(const DependenceGraph &graph,
                                                const std::vector<size_t> &groupOf) {
  std::map<size_t, std::set<size_t>> next;
  for (auto [from, to] : graph.edges)
    next[groupOf[from]].insert(groupOf[to]);
  std::map<size_t, std::set<size_t>> reaches;
  for (size_t start : groupOf) {
    std::queue<size_t> queue;
    queue.push(start);
    while (!queue.empty()) {
      for (size_t to : next[queue.front()])
        if (reaches[start].insert(to).second)
          queue.push(to);
      queue.pop();
    }
    EXPECT_EQ(reaches[start].count(start), 0u) << "a group depends on itself";
  }
  return reaches;
}

size_t countLevelByLevel(const DependenceGraph &graph) {
  std::vector<int32_t> depths(graph.size());
  std::set<std::pair<int32_t, int32_t>> groups;
  std::vector<std::vector<Node>> predecessors(graph.size());
  for (auto [from, to] : graph.edges)
    predecessors[to].push_back(from);
  for (Node node = 0; node < graph.size(); ++node) {
    for (Node before : predecessors[node])
      depths[node] = std::max(depths[node], depths[before]);
    depths[node] += graph.levels[node];
    if (graph.kinds[node] != none)
      groups.emplace(depths[node], graph.kinds[node]);
  }
  return groups.size();
}

void checkGroups(const DependenceGraph &graph) {
  std::vector<Group> groups = groupEquals(graph);
  EXPECT_EQ(groupEquals(graph), groups) << "not deterministic";
  EXPECT_LE(groups.size(), countLevelByLevel(graph));

  std::vector<unsigned> seen(graph.size());
  for (const Group &group : groups) {
    EXPECT_TRUE(std::is_sorted(group.begin(), group.end()));
    for (Node node : group) {
      ++seen[node];
      EXPECT_EQ(graph.kinds[node], graph.kinds[group.front()]);
    }
  }
  for (Node node = 0; node < graph.size(); ++node)
    EXPECT_EQ(seen[node], graph.kinds[node] == none ? 0u : 1u);

  std::vector<size_t> groupOf = getGroupOf(graph, groups);
  auto reaches = getReachable(graph, groupOf);
  for (size_t a = 0; a < groups.size(); ++a)
    for (size_t b = a + 1; b < groups.size(); ++b) {
      EXPECT_EQ(reaches[b].count(a), 0u) << "an earlier group depends on a later one";
      if (graph.kinds[groups[a].front()] == graph.kinds[groups[b].front()]) {
        EXPECT_EQ(reaches[a].count(b), 1u) << "two groups could be one";
      }
    }
}

TEST(Grouping, GroupsWhatIsIndependent) {
  EXPECT_EQ(groupEquals(makeGraph({0, 0, 1, 0}, {})), (std::vector<Group>{{0, 1, 3}, {2}}));
}

TEST(Grouping, KeepsDependentsApart) {
  // Through a node without a kind.
  EXPECT_EQ(groupEquals(makeGraph({0, none, 0}, {{0, 1}, {1, 2}})), (std::vector<Group>{{0}, {2}}));
}

TEST(Grouping, NothingAtAll) {
  EXPECT_TRUE(groupEquals(makeGraph({}, {})).empty());
  EXPECT_TRUE(groupEquals(makeGraph({none, none}, {{0, 1}})).empty());
}

// Level by level, the call behind one and the call behind two others of another
// kind are two groups; waiting makes them one.
TEST(Grouping, WaitsWhereLevelsWouldNot) {
  DependenceGraph graph = makeGraph({0, 1, 0, 0, 1}, {{0, 1}, {2, 3}, {3, 4}});
  EXPECT_EQ(countLevelByLevel(graph), 4u);
  EXPECT_EQ(groupEquals(graph).size(), 3u);
}

TEST(Grouping, RandomGraphs) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    checkGroups(makeRandomGraph(seed));
    if (HasFailure())
      return;
  }
}

// Deep and wide at once, far beyond what recursion or quadratic effort bears.
TEST(Grouping, LargeGraphs) {
  constexpr Node chains = 1000, length = 300;
  std::vector<int32_t> kinds;
  std::vector<std::pair<Node, Node>> edges;
  for (Node node = 0; node < chains * length; ++node) {
    kinds.push_back(int32_t(node / chains % 3));
    if (node >= chains)
      edges.emplace_back(node - chains, node);
  }
  EXPECT_EQ(groupEquals(makeGraph(kinds, edges)).size(), length);
}

} // namespace

//===- Grouping.cpp - Fewest groups of independent equals ------------------===//

#include "XcsLLM/Analysis/Grouping.h"
#include <algorithm>
#include <numeric>
#include <queue>
#include <tuple>

using namespace xcs;
using Node = DependenceGraph::Node;

namespace {

/// For each node a range of neighbours.
class Adjacency {
public:
  Adjacency(const DependenceGraph &graph, bool reverse)
      : begins(graph.size() + 1), nodes(graph.edges.size()) {
    for (auto [from, to] : graph.edges)
      ++begins[(reverse ? to : from) + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<uint32_t> next(begins.begin(), begins.end() - 1);
    for (auto [from, to] : graph.edges)
      nodes[next[reverse ? to : from]++] = reverse ? from : to;
  }
  struct Range {
    const Node *first, *last;
    const Node *begin() const { return first; }
    const Node *end() const { return last; }
    size_t size() const { return last - first; }
  };
  Range operator[](Node node) const {
    return {nodes.data() + begins[node], nodes.data() + begins[node + 1]};
  }

private:
  std::vector<uint32_t> begins;
  std::vector<Node> nodes;
};

/// All nodes as units that run one after another: groups, and single nodes that
/// have no kind.
using Schedule = std::vector<Group>;

size_t countGroups(const DependenceGraph &graph, const Schedule &schedule) {
  return std::count_if(schedule.begin(), schedule.end(), [&](const Group &unit) {
    return graph.kinds[unit.front()] != DependenceGraph::noKind;
  });
}

/// Of each node the levels on the longest path that ends in it. `order` is
/// topological with regard to `predecessors`.
template <typename Order>
std::vector<int32_t> getDepths(const DependenceGraph &graph, const Adjacency &predecessors,
                               const Order &order) {
  std::vector<int32_t> depths(graph.size());
  for (Node node : order) {
    for (Node predecessor : predecessors[node])
      depths[node] = std::max(depths[node], depths[predecessor]);
    depths[node] += graph.levels[node];
  }
  return depths;
}

std::vector<Node> getProgramOrder(const DependenceGraph &graph) {
  std::vector<Node> order(graph.size());
  std::iota(order.begin(), order.end(), 0);
  return order;
}

/// Level by level, and within a level kind by kind.
Schedule scheduleLevels(const DependenceGraph &graph, const std::vector<int32_t> &depths) {
  std::vector<Node> order = getProgramOrder(graph);
  auto key = [&](Node node) {
    // What has no kind runs behind the calls of its level, on which it may
    // depend.
    return std::tuple(depths[node], graph.kinds[node] == DependenceGraph::noKind, graph.kinds[node],
                      node);
  };
  std::sort(order.begin(), order.end(), [&](Node a, Node b) { return key(a) < key(b); });
  Schedule schedule;
  for (Node node : order) {
    bool joins = !schedule.empty() && graph.kinds[node] != DependenceGraph::noKind &&
                 graph.kinds[node] == graph.kinds[schedule.back().front()] &&
                 depths[node] == depths[schedule.back().front()];
    if (!joins)
      schedule.emplace_back();
    schedule.back().push_back(node);
  }
  return schedule;
}

/// Runs, of all kinds that have a node ready, the one whose waiting nodes are
/// least deep on average, with all its ready nodes: those of a kind that comes
/// later have more time to gather.
class Agenda {
public:
  Agenda(const DependenceGraph &graph, const Adjacency &predecessors, const Adjacency &successors,
         const std::vector<int32_t> &depths)
      : graph(graph), successors(successors), depths(depths), missing(graph.size()) {
    for (Node node = 0; node < graph.size(); ++node) {
      missing[node] = predecessors[node].size();
      if (graph.kinds[node] == DependenceGraph::noKind)
        continue;
      waiting.resize(std::max<size_t>(waiting.size(), graph.kinds[node] + 1));
      ++waiting[graph.kinds[node]].count;
      waiting[graph.kinds[node]].depths += depths[node];
    }
  }

  Schedule run(const std::vector<Node> &order) {
    for (Node node : order)
      if (missing[node] == 0)
        makeReady(node);
    runFree();
    while (!queue.empty()) {
      Kind &kind = waiting[queue.top().second];
      queue.pop();
      Group group = std::move(kind.ready);
      kind.ready.clear();
      std::sort(group.begin(), group.end());
      kind.count -= group.size();
      for (Node node : group)
        kind.depths -= depths[node];
      schedule.push_back(std::move(group));
      // A copy: what becomes ready is scheduled too.
      for (Node node : Group(schedule.back()))
        release(node);
      runFree();
    }
    return std::move(schedule);
  }

private:
  struct Kind {
    Group ready;
    int64_t count = 0, depths = 0; ///< of the nodes that have not run
  };

  void makeReady(Node node) {
    int32_t kind = graph.kinds[node];
    if (kind == DependenceGraph::noKind) {
      free.push_back(node);
      return;
    }
    Kind &entry = waiting[kind];
    // The average changes only when the kind runs, so one entry is enough.
    if (entry.ready.empty())
      queue.push({double(entry.depths) / double(entry.count), kind});
    entry.ready.push_back(node);
  }

  void release(Node node) {
    for (Node successor : successors[node])
      if (--missing[successor] == 0)
        makeReady(successor);
  }

  void runFree() {
    while (!free.empty()) {
      Node node = free.back();
      free.pop_back();
      schedule.push_back({node});
      release(node);
    }
  }

  using Entry = std::pair<double, int32_t>;
  const DependenceGraph &graph;
  const Adjacency &successors;
  const std::vector<int32_t> &depths;
  std::vector<uint32_t> missing; ///< predecessors that have not run
  std::vector<Kind> waiting;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  std::vector<Node> free;
  Schedule schedule;
};

/// Merges groups of one kind of which the later does not depend on the earlier.
class Coalescer {
public:
  Coalescer(const DependenceGraph &graph, const Adjacency &predecessors, Schedule schedule)
      : graph(graph), predecessors(predecessors), units(std::move(schedule)), unitOf(graph.size()),
        position(units.size()), order(units.size()), visited(units.size(), 0),
        budget(64 * (graph.size() + graph.edges.size())) {
    for (uint32_t unit = 0; unit < units.size(); ++unit) {
      position[unit] = order[unit] = unit;
      for (Node node : units[unit])
        unitOf[node] = unit;
    }
  }

  std::vector<Group> run() {
    for (std::vector<uint32_t> &sameKind : getUnitsByKind()) {
      std::sort(sameKind.begin(), sameKind.end(),
                [&](uint32_t a, uint32_t b) { return position[a] < position[b]; });
      // If each of a kind depends on the one before, then on all before.
      uint32_t earlier = sameKind.front();
      for (uint32_t later : dropFirst(sameKind))
        if (budget > 0 && !dependsOn(later, earlier))
          merge(earlier, later);
        else
          earlier = later;
    }
    std::vector<Group> groups;
    for (uint32_t unit : order)
      if (!units[unit].empty() && graph.kinds[units[unit].front()] != DependenceGraph::noKind)
        groups.push_back(std::move(units[unit]));
    return groups;
  }

private:
  static std::vector<uint32_t> dropFirst(const std::vector<uint32_t> &all) {
    return {all.begin() + 1, all.end()};
  }

  std::vector<std::vector<uint32_t>> getUnitsByKind() const {
    std::vector<std::vector<uint32_t>> byKind;
    for (uint32_t unit = 0; unit < units.size(); ++unit) {
      int32_t kind = graph.kinds[units[unit].front()];
      if (kind == DependenceGraph::noKind)
        continue;
      byKind.resize(std::max<size_t>(byKind.size(), kind + 1));
      byKind[kind].push_back(unit);
    }
    byKind.erase(
        std::remove_if(byKind.begin(), byKind.end(), [](auto &all) { return all.empty(); }),
        byKind.end());
    return byKind;
  }

  /// Whether a path leads from `earlier` to `later`. If not, the units from
  /// between that `later` depends on are left marked as visited.
  bool dependsOn(uint32_t later, uint32_t earlier) {
    ++mark;
    std::vector<uint32_t> stack{later};
    visited[later] = mark;
    while (!stack.empty()) {
      uint32_t unit = stack.back();
      stack.pop_back();
      for (Node node : units[unit])
        for (Node predecessor : predecessors[node]) {
          --budget;
          uint32_t source = unitOf[predecessor];
          if (source == earlier)
            return true;
          if (position[source] < position[earlier] || visited[source] == mark)
            continue;
          visited[source] = mark;
          stack.push_back(source);
        }
    }
    return false;
  }

  /// Joins two units after `dependsOn` has told that it may be. What `later`
  /// needs moves before the two, what lies between stays behind them.
  void merge(uint32_t earlier, uint32_t later) {
    auto first = order.begin() + position[earlier], last = order.begin() + position[later] + 1;
    std::stable_partition(first, last,
                          [&](uint32_t unit) { return unit != later && visited[unit] == mark; });
    for (auto it = first; it != last; ++it)
      position[*it] = it - order.begin();
    budget -= last - first;
    for (Node node : units[later])
      unitOf[node] = earlier;
    size_t middle = units[earlier].size();
    units[earlier].insert(units[earlier].end(), units[later].begin(), units[later].end());
    std::inplace_merge(units[earlier].begin(), units[earlier].begin() + middle,
                       units[earlier].end());
    units[later].clear();
  }

  const DependenceGraph &graph;
  const Adjacency &predecessors;
  std::vector<Group> units;
  std::vector<uint32_t> unitOf;   ///< of each node
  std::vector<uint32_t> position; ///< of each unit in `order`
  std::vector<uint32_t> order;
  std::vector<uint32_t> visited; ///< the last search that came by each unit
  uint32_t mark = 0;
  int64_t budget; ///< edges that searches may still look at
};

} // namespace

std::vector<Group> xcs::groupEquals(const DependenceGraph &graph) {
  Adjacency predecessors(graph, /*reverse=*/true), successors(graph, /*reverse=*/false);
  std::vector<Node> order = getProgramOrder(graph);
  std::vector<int32_t> depths = getDepths(graph, predecessors, order);
  Schedule best = scheduleLevels(graph, depths);
  auto consider = [&](Schedule candidate) {
    if (countGroups(graph, candidate) < countGroups(graph, best))
      best = std::move(candidate);
  };
  consider(Agenda(graph, predecessors, successors, depths).run(order));
  // From the end as well: what must come late gathers there.
  std::reverse(order.begin(), order.end());
  std::vector<int32_t> heights = getDepths(graph, successors, order);
  Schedule backwards = Agenda(graph, successors, predecessors, heights).run(order);
  std::reverse(backwards.begin(), backwards.end());
  consider(std::move(backwards));
  return Coalescer(graph, predecessors, std::move(best)).run();
}

//===- GroupTimes.cpp - Groups that delay nothing --------------------------===//

#include "XcsLLM/Analysis/GroupTimes.h"
#include <algorithm>
#include <numeric>

using namespace xcs;
using Node = DependenceGraph::Node;

namespace {

/// What runs as one: the nodes of a group, or one that is in none.
class Units {
public:
  Units(const DependenceGraph &graph, const std::vector<double> &durations,
        const std::vector<Group> &groups)
      : graph(graph), unitOf(graph.size()) {
    for (size_t group = 0; group < groups.size(); ++group)
      for (Node node : groups[group])
        unitOf[node] = group + 1;
    size_t next = groups.size();
    for (Node node = 0; node < graph.size(); ++node)
      unitOf[node] = unitOf[node] ? unitOf[node] - 1 : next++;
    lengths.resize(next);
    starts.resize(next);
    for (Node node = 0; node < graph.size(); ++node)
      lengths[unitOf[node]] = std::max(lengths[unitOf[node]], durations[node]);
    run();
  }

  double getStart(Node node) const { return starts[unitOf[node]]; }
  double getEnd() const { return end; }

private:
  /// Starts each unit when all that it waits for has ended.
  void run() {
    std::vector<uint32_t> begins(lengths.size() + 1), missing(lengths.size());
    for (auto [from, to] : graph.edges)
      if (unitOf[from] != unitOf[to]) {
        ++begins[unitOf[from] + 1];
        ++missing[unitOf[to]];
      }
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<uint32_t> next(begins.begin(), begins.end() - 1), followers(begins.back());
    for (auto [from, to] : graph.edges)
      if (unitOf[from] != unitOf[to])
        followers[next[unitOf[from]]++] = unitOf[to];
    std::vector<uint32_t> ready;
    for (uint32_t unit = 0; unit < lengths.size(); ++unit)
      if (missing[unit] == 0)
        ready.push_back(unit);
    while (!ready.empty()) {
      uint32_t unit = ready.back();
      ready.pop_back();
      double finish = starts[unit] + lengths[unit];
      end = std::max(end, finish);
      for (uint32_t at = begins[unit]; at < begins[unit + 1]; ++at) {
        uint32_t follower = followers[at];
        starts[follower] = std::max(starts[follower], finish);
        if (--missing[follower] == 0)
          ready.push_back(follower);
      }
    }
  }

  const DependenceGraph &graph;
  std::vector<uint32_t> unitOf;
  std::vector<double> lengths, starts; ///< of units
  double end = 0;
};

} // namespace

double xcs::findEnd(const DependenceGraph &graph, const std::vector<double> &durations,
                    const std::vector<Group> &groups) {
  return Units(graph, durations, groups).getEnd();
}

std::vector<Group> xcs::keepInTime(const DependenceGraph &graph,
                                   const std::vector<double> &durations,
                                   std::vector<Group> groups) {
  Units alone(graph, durations, {});
  if (findEnd(graph, durations, groups) <= alone.getEnd() * (1 + 1e-9))
    return groups;
  std::vector<Group> parts;
  for (Group &group : groups) {
    auto getTimes = [&](Node node) { return std::pair(alone.getStart(node), durations[node]); };
    std::stable_sort(group.begin(), group.end(),
                     [&](Node a, Node b) { return getTimes(a) < getTimes(b); });
    size_t first = parts.size();
    for (Node node : group) {
      if (parts.size() == first || getTimes(parts.back().front()) != getTimes(node))
        parts.emplace_back();
      parts.back().push_back(node);
    }
  }
  return parts;
}

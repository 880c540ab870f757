//===- TimeCostBranches.cpp - Branch and bound over a network -------------===//

#include "TimeCostBranches.h"
#include "TimeCostFlow.h"
#include "llvm/ADT/STLExtras.h"
#include <deque>
#include <queue>

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precision = 1e-9;

namespace {

/// Ways `first` to `last` of an edge, relaxed.
struct Range {
  uint32_t first, last;
  Curve curve;
};

/// A part of the choices: of each edge a range of its ways. The flow is that of the
/// relaxation.
struct Node {
  double bound;
  std::vector<uint32_t> ranges; ///< of each edge, by its number
  std::vector<double> flows;
  std::vector<double> times; ///< of events
};

class Branching {
public:
  Branching(const Network &network, const EdgeWays &ways, double deadlineMs, double limit,
            size_t &effort)
      : network(network), ways(ways), deadlineMs(deadlineMs), limit(limit), effort(effort),
        deadline({-deadlineMs, {}}, 0), flow(network.events) {}

  BranchResult run();

private:
  uint32_t addRange(uint32_t edge, uint32_t first, uint32_t last);
  bool addRoot();
  bool branch(Node node);
  void addNode(Node node, double least);
  uint32_t findSplit(const Node &node, uint32_t &way) const;
  void round(const Node &node, bool isForward);
  bool isInTime(ArrayRef<uint32_t> chosen) const;
  uint32_t findWay(uint32_t edge, const Range &range, double timeMs) const;
  const Range &getRange(const Node &node, uint32_t edge) const { return ranges[node.ranges[edge]]; }

  const Network &network;
  const EdgeWays &ways;
  const double deadlineMs;
  double limit; ///< what costs as much as this is of no interest
  size_t &effort;

  std::deque<Range> ranges;
  Curve deadline;
  TimeCostFlow flow;
  std::vector<Node> open; ///< a heap, the least bound on top
  BranchResult result;
};

} // namespace

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

uint32_t Branching::addRange(uint32_t edge, uint32_t first, uint32_t last) {
  ArrayRef<TimeCostOption> all = ways[edge];
  ArrayRef<TimeCostOption> those = all.slice(first, last - first + 1);
  effort -= std::min(effort, those.size());
  ranges.push_back({first, last, Curve(getHull(those), those.front().cost)});
  return ranges.size() - 1;
}

/// Whether there is anything to look at.
bool Branching::addRoot() {
  Node root{0, {}, {}, {}};
  uint32_t count = network.edges.size();
  for (uint32_t edge = 0; edge < count; ++edge) {
    if (ways[edge].empty()) {
      result.bound = infinity; // nothing costs less than the limit
      return false;
    }
    root.ranges.push_back(addRange(edge, 0, ways[edge].size() - 1));
    flow.addEdge(network.edges[edge].from, network.edges[edge].to, getRange(root, edge).curve);
  }
  uint32_t back = flow.addBack(Network::sink, Network::source, deadline);
  TimeCostFlow::Outcome outcome = flow.settle(back, effort);
  if (outcome == TimeCostFlow::Outcome::Impossible)
    result.bound = infinity;
  else
    result.bound = flow.getBound();
  if (outcome != TimeCostFlow::Outcome::Settled)
    return false;
  addNode(std::move(root), 0);
  return true;
}

/// Adds what the flow has just been settled for.
void Branching::addNode(Node node, double least) {
  node.bound = std::max(least, flow.getBound());
  if (node.bound >= limit)
    return;
  node.times = flow.getTimes();
  node.flows = flow.getFlows();
  for (bool isForward : {true, false})
    round(node, isForward);
  if (node.bound >= limit)
    return;
  open.push_back(std::move(node));
  std::push_heap(open.begin(), open.end(),
                 [](const Node &a, const Node &b) { return a.bound > b.bound; });
}

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

/// The slowest way in the range that takes no longer, or the fastest.
uint32_t Branching::findWay(uint32_t edge, const Range &range, double timeMs) const {
  double most = timeMs + precision * std::max(1.0, deadlineMs);
  auto those =
      ArrayRef<TimeCostOption>(ways[edge]).slice(range.first, range.last - range.first + 1);
  size_t count = llvm::partition_point(those, [&](const auto &way) { return way.timeMs <= most; }) -
                 those.begin();
  return range.first + (count > 0 ? count - 1 : 0);
}

bool Branching::isInTime(ArrayRef<uint32_t> chosen) const {
  std::vector<double> ends(network.events);
  for (auto [index, edge] : llvm::enumerate(network.edges))
    ends[edge.to] = std::max(ends[edge.to], ends[edge.from] + ways[index][chosen[index]].timeMs);
  return ends[Network::sink] <= deadlineMs * (1 + precision);
}

/// Takes the slowest way of each edge that leaves events where the relaxation has them;
/// what it does not take of the time is left to those behind it, or before it.
void Branching::round(const Node &node, bool isForward) {
  uint32_t count = network.edges.size();
  effort -= std::min<size_t>(effort, count);
  std::vector<uint32_t> chosen(count);
  std::vector<double> at(network.events, isForward ? 0 : deadlineMs);
  double cost = 0, start = node.times[Network::source];
  for (uint32_t step = 0; step < count; ++step) {
    uint32_t index = isForward ? step : count - 1 - step;
    const Edge &edge = network.edges[index];
    double from = isForward ? at[edge.from] : node.times[edge.from] - start;
    double to = isForward ? node.times[edge.to] - start : at[edge.to];
    if (edge.to == Network::sink && isForward)
      to = deadlineMs;
    if (edge.from == Network::source)
      from = 0;
    chosen[index] = findWay(index, getRange(node, index), to - from);
    const TimeCostOption &way = ways[index][chosen[index]];
    cost += way.cost;
    if (isForward)
      at[edge.to] = std::max(at[edge.to], from + way.timeMs);
    else
      at[edge.from] = std::min(at[edge.from], to - way.timeMs);
  }
  if (cost >= result.cost || !isInTime(chosen))
    return;
  result.cost = cost;
  result.chosen = std::move(chosen);
  limit = std::min(limit, cost * (1 - precision));
}

/// The edge whose ways are furthest from what the relaxation takes them for, and the
/// slowest of its ways that is fast enough; none if it is exact.
uint32_t Branching::findSplit(const Node &node, uint32_t &way) const {
  double most = 0;
  uint32_t best = noPart;
  for (auto [index, edge] : llvm::enumerate(network.edges)) {
    const Range &range = getRange(node, index);
    if (range.first == range.last)
      continue;
    double timeMs = node.times[edge.to] - node.times[edge.from];
    uint32_t below = findWay(index, range, timeMs);
    double gap = ways[index][below].cost - range.curve.getCost(timeMs);
    if (below < range.last && gap > most)
      most = gap, best = index, way = below;
  }
  return best;
}

/// Splits the node in two; false if it has to stop.
bool Branching::branch(Node node) {
  uint32_t way = 0, edge = findSplit(node, way);
  if (edge == noPart)
    return true; // rounding has found what it has
  Range range = getRange(node, edge);
  for (bool isFaster : {true, false}) {
    Node half{0, node.ranges, {}, {}};
    half.ranges[edge] =
        isFaster ? addRange(edge, range.first, way) : addRange(edge, way + 1, range.last);
    for (uint32_t index = 0; index < network.edges.size(); ++index)
      flow.setCurve(index, getRange(half, index).curve);
    flow.reset(node.flows, node.times);
    effort -= std::min(effort, network.edges.size());
    TimeCostFlow::Outcome outcome = flow.settle(edge, effort);
    if (outcome == TimeCostFlow::Outcome::Stopped)
      return false;
    if (outcome == TimeCostFlow::Outcome::Settled)
      addNode(std::move(half), node.bound);
  }
  return true;
}

BranchResult Branching::run() {
  constexpr size_t mostNumbers = 16'000'000; // in memory
  if (!addRoot()) {
    result.bound = std::min(result.bound, std::max(limit, result.cost));
    return std::move(result);
  }
  size_t size = network.edges.size() * 2 + network.events;
  bool goesOn = true;
  double stoppedAt = infinity;
  while (goesOn && !open.empty() && open.front().bound < limit) {
    if (open.size() * size > mostNumbers)
      break;
    std::pop_heap(open.begin(), open.end(),
                  [](const Node &a, const Node &b) { return a.bound > b.bound; });
    Node node = std::move(open.back());
    open.pop_back();
    double bound = node.bound;
    goesOn = branch(std::move(node));
    if (!goesOn)
      stoppedAt = bound;
  }
  double least = open.empty() ? infinity : open.front().bound;
  result.bound = std::min({least, stoppedAt, std::max(limit, 0.0)});
  return std::move(result);
}

BranchResult xcs::branchAndBound(const Network &network, const EdgeWays &ways, double deadlineMs,
                                 double limit, size_t &effort) {
  return Branching(network, ways, deadlineMs, limit, effort).run();
}

//===- TimeCostSearch.cpp - The search for the best way in time -----------===//

#include "TimeCostSearch.h"
#include "TimeCostBranches.h"
#include "TimeCostFlow.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precision = 1e-9;

/// Relaxes each part, finds the flow, and hands it down to the activities.
void Search::findBound() {
  ArrayRef<Part> parts = network.parts;
  std::vector<Hull> hulls(parts.size());
  for (auto [index, part] : llvm::enumerate(parts)) {
    switch (part.kind) {
    case Part::Kind::Activity:
      hulls[index] = getHull(problem.activities[part.first].options);
      break;
    case Part::Kind::Nothing:
      break;
    case Part::Kind::Series:
      hulls[index] = addInSeries(hulls[part.first], hulls[part.second]);
      // Only what stands in parallel is asked again.
      for (uint32_t inner : {part.first, part.second})
        if (parts[inner].kind == Part::Kind::Series)
          hulls[inner] = {hulls[inner].fastestMs, {}};
      break;
    case Part::Kind::Parallel:
      hulls[index] = addInParallel(hulls[part.first], hulls[part.second]);
      break;
    }
    fastestMs[index] = hulls[index].fastestMs;
  }
  double total = findFlows(hulls);
  for (uint32_t index = parts.size(); index-- > 0;) {
    const Part &part = parts[index];
    if (part.kind == Part::Kind::Series)
      flows[part.first] = flows[part.second] = flows[index];
    if (part.kind != Part::Kind::Parallel)
      continue;
    double timeMs = hulls[index].fastestMs;
    for (const Hull::Segment &segment : hulls[index].segments)
      timeMs += segment.slope > flows[index] ? segment.timeMs : 0;
    splitFlow(part, flows[index], hulls, timeMs);
  }
  start.resize(problem.activities.size());
  for (auto [index, part] : llvm::enumerate(parts)) {
    if (part.kind == Part::Kind::Activity) {
      ArrayRef<TimeCostOption> options = problem.activities[part.first].options;
      least[index] = infinity;
      for (auto [option, way] : llvm::enumerate(options))
        if (double value = way.cost + flows[index] * way.timeMs; value < least[index])
          least[index] = value, start[part.first] = option;
    } else if (part.kind != Part::Kind::Nothing) {
      least[index] = least[part.first] + least[part.second];
    }
  }
  for (const Edge &edge : network.edges)
    bound += least[edge.part];
  bound -= total * problem.deadlineMs;
}

/// Finds the flows of edges; returns their sum from the source on.
double Search::findFlows(const std::vector<Hull> &hulls) {
  std::vector<Curve> curves;
  for (const Edge &edge : network.edges)
    curves.emplace_back(hulls[edge.part], 0);
  Curve deadline({-problem.deadlineMs, {}}, 0);
  TimeCostFlow flow(network.events);
  for (auto [edge, curve] : llvm::zip(network.edges, curves))
    flow.addEdge(edge.from, edge.to, curve);
  uint32_t back = flow.addBack(Network::sink, Network::source, deadline);
  size_t share = effort / 4;
  effort -= share;
  flow.settle(back, share);
  effort += share;
  double total = 0;
  for (auto [edge, sent] : llvm::zip(network.edges, flow.getFlows())) {
    flows[edge.part] = sent;
    if (edge.from == Network::source)
      total += sent;
  }
  return total;
}

/// Each of two parts side by side gets of the flow what it would pay for less time.
void Search::splitFlow(const Part &part, double flow, const std::vector<Hull> &hulls,
                       double timeMs) {
  auto [firstLow, firstHigh] = getSlopes(hulls[part.first], timeMs);
  auto [secondLow, secondHigh] = getSlopes(hulls[part.second], timeMs);
  double first = std::min(flow, firstLow);
  double rest = std::max(0.0, flow - first - secondLow);
  first = std::min(flow, first + std::min(rest, std::max(0.0, firstHigh - firstLow)));
  flows[part.first] = first;
  flows[part.second] = flow - first;
}

/// What all else leaves of the deadline.
void Search::findMost() {
  std::vector<double> heads(network.events), tails(network.events);
  for (const Edge &edge : network.edges)
    heads[edge.to] = std::max(heads[edge.to], heads[edge.from] + fastestMs[edge.part]);
  for (const Edge &edge : llvm::reverse(network.edges))
    tails[edge.from] = std::max(tails[edge.from], tails[edge.to] + fastestMs[edge.part]);
  for (const Edge &edge : network.edges)
    mostMs[edge.part] = problem.deadlineMs * (1 + precision) - heads[edge.from] - tails[edge.to];
  for (uint32_t index = network.parts.size(); index-- > 0;) {
    const Part &part = network.parts[index];
    if (part.kind == Part::Kind::Activity || part.kind == Part::Kind::Nothing)
      continue;
    bool isSeries = part.kind == Part::Kind::Series;
    mostMs[part.first] = mostMs[index] - (isSeries ? fastestMs[part.second] : 0);
    mostMs[part.second] = mostMs[index] - (isSeries ? fastestMs[part.first] : 0);
  }
}

bool Search::build(uint32_t index, double excess, size_t width) {
  const Part &part = network.parts[index];
  fronts[index].clear();
  switch (part.kind) {
  case Part::Kind::Activity:
    buildActivity(index);
    break;
  case Part::Kind::Nothing:
    fronts[index].push_back({0, 0, 0, 0});
    break;
  case Part::Kind::Series:
    if (!buildSeries(index, excess))
      return false;
    break;
  case Part::Kind::Parallel:
    buildParallel(index);
    break;
  }
  prune(index, excess, width);
  return spend(fronts[index].size() + 1);
}

void Search::buildActivity(uint32_t index) {
  uint32_t activity = network.parts[index].first;
  for (auto [option, way] : llvm::enumerate(problem.activities[activity].options))
    fronts[index].push_back({way.timeMs, way.cost, uint32_t(option), 0});
}

bool Search::buildSeries(uint32_t index, double excess) {
  const Part &part = network.parts[index];
  auto getOrder = [&](uint32_t inner) {
    std::vector<std::pair<double, uint32_t>> order;
    for (auto [point, way] : llvm::enumerate(fronts[inner]))
      order.emplace_back(getExcess(inner, way), point);
    llvm::sort(order);
    return order;
  };
  auto firsts = getOrder(part.first), seconds = getOrder(part.second);
  for (auto [firstExcess, first] : firsts)
    for (auto [secondExcess, second] : seconds) {
      if (firstExcess + secondExcess > excess)
        break;
      if (!spend(1))
        return false;
      const Point &one = fronts[part.first][first], &other = fronts[part.second][second];
      if (one.timeMs + other.timeMs <= mostMs[index])
        fronts[index].push_back({one.timeMs + other.timeMs, one.cost + other.cost, first, second});
    }
  return true;
}

/// For each time, the cheapest of both that take no longer.
void Search::buildParallel(uint32_t index) {
  const Part &part = network.parts[index];
  ArrayRef<Point> ones = fronts[part.first], others = fronts[part.second];
  if (ones.empty() || others.empty())
    return;
  double timeMs = std::max(ones.front().timeMs, others.front().timeMs);
  uint32_t one = 0, other = 0;
  while (true) {
    while (one + 1 < ones.size() && ones[one + 1].timeMs <= timeMs)
      ++one;
    while (other + 1 < others.size() && others[other + 1].timeMs <= timeMs)
      ++other;
    fronts[index].push_back({timeMs, ones[one].cost + others[other].cost, one, other});
    double next = infinity;
    if (one + 1 < ones.size())
      next = ones[one + 1].timeMs;
    if (other + 1 < others.size())
      next = std::min(next, others[other + 1].timeMs);
    if (next == infinity)
      return;
    timeMs = next;
  }
}

/// Leaves out what is too slow, too bad by the bound, or neither faster nor cheaper
/// than another; of more than `width` points those that are worst by the bound, but
/// for the fastest.
void Search::prune(uint32_t index, double excess, size_t width) {
  std::vector<Point> &front = fronts[index];
  spend(4 * front.size());
  llvm::erase_if(front, [&](const Point &point) {
    return point.timeMs > mostMs[index] || getExcess(index, point) > excess;
  });
  llvm::sort(front, [](const Point &one, const Point &other) {
    return std::tie(one.timeMs, one.cost, one.first, one.second) <
           std::tie(other.timeMs, other.cost, other.first, other.second);
  });
  size_t kept = 0;
  for (const Point &point : front)
    if (kept == 0 || point.cost < front[kept - 1].cost)
      front[kept++] = point;
  front.resize(kept);
  if (front.size() <= width)
    return;
  isNarrowed = true;
  std::vector<double> excesses;
  for (const Point &point : llvm::drop_begin(front))
    excesses.push_back(getExcess(index, point));
  std::nth_element(excesses.begin(), excesses.begin() + width - 1, excesses.end());
  double most = excesses[width - 1];
  double fastest = front.front().timeMs;
  llvm::erase_if(front, [&](const Point &point) {
    return point.timeMs > fastest && getExcess(index, point) > most;
  });
}

void Search::expand(uint32_t root, uint32_t point, std::vector<uint32_t> &chosen) const {
  SmallVector<std::pair<uint32_t, uint32_t>> stack{{root, point}};
  while (!stack.empty()) {
    auto [index, which] = stack.pop_back_val();
    const Part &part = network.parts[index];
    const Point &way = fronts[index][which];
    if (part.kind == Part::Kind::Activity) {
      chosen[part.first] = way.first;
    } else if (part.kind != Part::Kind::Nothing) {
      stack.push_back({part.first, way.first});
      stack.push_back({part.second, way.second});
    }
  }
}

double Search::find(double excess, size_t width, double share, std::vector<uint32_t> &chosen) {
  size_t kept = effort - size_t(effort * share);
  effort -= kept;
  isNarrowed = false;
  double least = findWithin(excess, width, chosen);
  effort += kept;
  return isNarrowed ? bound : least;
}

double Search::findWithin(double excess, size_t width, std::vector<uint32_t> &chosen) {
  for (uint32_t part = 0; part < network.parts.size(); ++part)
    if (!build(part, excess, width))
      return bound;
  EdgeWays ways;
  for (const Edge &edge : network.edges) {
    std::vector<TimeCostOption> &own = ways.emplace_back();
    for (const Point &point : fronts[edge.part])
      own.push_back({point.timeMs, point.cost});
  }
  BranchResult result = branchAndBound(network, ways, problem.deadlineMs, bound + excess, effort);
  for (auto [edge, point] : llvm::zip(network.edges, result.chosen))
    expand(edge.part, point, chosen);
  return std::max(bound, std::min(result.bound, bound + excess));
}

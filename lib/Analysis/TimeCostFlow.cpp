//===- TimeCostFlow.cpp - The flow that bounds a time-cost problem --------===//

#include "TimeCostFlow.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <queue>

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precision = 1e-9;
constexpr double flowPrecision = 1e-11;
constexpr uint32_t none = ~0u;

//===----------------------------------------------------------------------===//
// Curves
//===----------------------------------------------------------------------===//

Curve::Curve(const Hull &hull, double fastestCost) : timesMs{hull.fastestMs}, costs{fastestCost} {
  for (const Hull::Segment &segment : hull.segments) {
    slopes.push_back(segment.slope);
    timesMs.push_back(timesMs.back() + segment.timeMs);
    costs.push_back(costs.back() - segment.slope * segment.timeMs);
  }
}

size_t Curve::countAbove(double flow) const {
  double least = flow * (1 + flowPrecision);
  return llvm::partition_point(slopes, [&](double slope) { return slope > least; }) -
         slopes.begin();
}

double Curve::getSlowMs(double flow) const {
  if (flow <= 0)
    return infinity;
  size_t above = countAbove(flow);
  bool isSlope = above < slopes.size() && slopes[above] >= flow * (1 - flowPrecision);
  return timesMs[above + isSlope];
}

double Curve::getRoomAbove(double flow) const {
  size_t above = countAbove(flow);
  return above == 0 ? infinity : slopes[above - 1] - flow;
}

double Curve::getRoomBelow(double flow) const {
  size_t below = countAbove(flow);
  while (below < slopes.size() && slopes[below] >= flow * (1 - flowPrecision))
    ++below;
  return flow - (below < slopes.size() ? slopes[below] : 0);
}

double Curve::getCost(double timeMs) const {
  size_t next = llvm::partition_point(timesMs, [&](double corner) { return corner <= timeMs; }) -
                timesMs.begin();
  if (next == 0)
    return costs.front();
  double beyond = next < timesMs.size() ? timeMs - timesMs[next - 1] : 0;
  return costs[next - 1] - (next <= slopes.size() ? slopes[next - 1] * beyond : 0);
}

double Curve::snap(double flow) const {
  size_t above = countAbove(flow);
  bool isSlope = above < slopes.size() && slopes[above] >= flow * (1 - flowPrecision);
  return isSlope ? slopes[above] : std::max(flow, 0.0);
}

//===----------------------------------------------------------------------===//
// Flows
//===----------------------------------------------------------------------===//

void TimeCostFlow::addEdge(uint32_t from, uint32_t to, const Curve &curve) {
  addBack(from, to, curve);
  times[to] = std::max(times[to], times[from] + edges.back().fastMs);
}

uint32_t TimeCostFlow::addBack(uint32_t from, uint32_t to, const Curve &curve) {
  uint32_t index = edges.size();
  incident[from].push_back(index);
  incident[to].push_back(index);
  edges.push_back({from, to, &curve, 0, curve.getFastMs(0), infinity});
  return index;
}

void TimeCostFlow::setFlow(Edge &edge, double flow) {
  edge.flow = edge.curve->snap(flow);
  edge.fastMs = edge.curve->getFastMs(edge.flow);
  edge.slowMs = edge.curve->getSlowMs(edge.flow);
}

void TimeCostFlow::reset(ArrayRef<double> flows, ArrayRef<double> newTimes) {
  for (auto [edge, flow] : llvm::zip(edges, flows))
    setFlow(edge, flow);
  times.assign(newTimes.begin(), newTimes.end());
}

std::vector<double> TimeCostFlow::getFlows() const {
  std::vector<double> flows;
  for (const Edge &edge : edges)
    flows.push_back(edge.flow);
  return flows;
}

/// Makes `from` later by `most`, or by as much as `to` need not be later for; and what
/// is in between by what is left of that (Dijkstra). The paths stay for `push`. False if
/// that takes too long.
bool TimeCostFlow::shift(uint32_t from, uint32_t to, uint32_t without, double most,
                         size_t &effort) {
  for (uint32_t event : touched)
    paths[event] = {};
  touched.assign({from});
  paths[from].spareMs = 0;
  using Entry = std::pair<double, uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue;
  queue.push({0, from});
  while (!queue.empty() && queue.top().first < most) {
    auto [spare, event] = queue.top();
    queue.pop();
    if (std::exchange(paths[event].isDone, true))
      continue;
    if (event == to) {
      most = spare;
      break;
    }
    if (effort < incident[event].size())
      return false;
    effort -= incident[event].size();
    for (uint32_t index : incident[event]) {
      const Edge &edge = edges[index];
      bool isForward = edge.from == event;
      double apart = times[edge.to] - times[edge.from];
      double length = isForward ? apart - edge.fastMs : edge.slowMs - apart;
      uint32_t next = isForward ? edge.to : edge.from;
      double through = spare + std::max(0.0, length);
      if (index == without || through >= paths[next].spareMs || through >= most)
        continue;
      if (paths[next].via == none && next != from)
        touched.push_back(next);
      paths[next].spareMs = through;
      paths[next].via = index;
      queue.push({through, next});
    }
  }
  for (uint32_t event : touched)
    times[event] += std::max(0.0, most - paths[event].spareMs);
  return true;
}

/// Sends around what the found path and the edge, which closes it to a circle, take
/// until one of them takes another time; how much that is.
double TimeCostFlow::push(uint32_t edge, bool isForward) {
  SmallVector<std::pair<uint32_t, bool>> circle{{edge, isForward}};
  uint32_t event = isForward ? edges[edge].from : edges[edge].to;
  uint32_t first = isForward ? edges[edge].to : edges[edge].from;
  while (event != first) {
    uint32_t index = paths[event].via;
    if (index == none || circle.size() > incident.size() + 1)
      return 0;
    bool ahead = edges[index].to == event;
    circle.push_back({index, ahead});
    event = ahead ? edges[index].from : edges[index].to;
  }
  double least = infinity;
  for (auto [index, ahead] : circle) {
    const Edge &part = edges[index];
    least = std::min(least, ahead ? part.curve->getRoomAbove(part.flow)
                                  : part.curve->getRoomBelow(part.flow));
  }
  if (least < infinity)
    for (auto [index, ahead] : circle)
      setFlow(edges[index], edges[index].flow + (ahead ? least : -least));
  return least;
}

TimeCostFlow::Outcome TimeCostFlow::settle(uint32_t index, size_t &effort) {
  const Edge &edge = edges[index];
  for (bool isForward : {true, false})
    while (true) {
      // What has to become later, and what may stay where it is.
      uint32_t from = isForward ? edge.to : edge.from, to = isForward ? edge.from : edge.to;
      double apart = times[edge.to] - times[edge.from];
      double missing = isForward ? edge.fastMs - apart : apart - edge.slowMs;
      double rounding = precision * std::max(1.0, std::abs(times[from]) + std::abs(times[to]));
      if (missing <= rounding)
        break;
      double before = times[to];
      if (!shift(from, to, index, missing, effort))
        return Outcome::Stopped;
      if (!paths[to].isDone)
        break; // there was time enough
      assert(times[to] == before);
      (void)before;
      double pushed = push(index, isForward);
      if (pushed == infinity)
        return Outcome::Impossible;
      if (pushed <= 0)
        return Outcome::Stopped;
    }
  return Outcome::Settled;
}

double TimeCostFlow::getBound() const {
  double bound = 0;
  for (const Edge &edge : edges)
    bound += edge.curve->getCost(edge.fastMs) + edge.flow * edge.fastMs;
  return bound;
}

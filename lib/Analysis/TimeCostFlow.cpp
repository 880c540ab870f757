//===- TimeCostFlow.cpp - The flow that bounds a time-cost problem --------===//

#include "TimeCostFlow.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precision = 1e-9;

FlowSearch::FlowSearch(const Network &network, ArrayRef<Hull> hulls, double deadlineMs,
                       size_t effort)
    : network(network), hulls(hulls), states(network.edges.size()), incident(network.events) {
  for (auto [index, edge] : llvm::enumerate(network.edges)) {
    incident[edge.from].push_back(index);
    incident[edge.to].push_back(index);
    states[index].left = hulls[edge.part].segments.size();
    setTime(index);
  }
  size_t step = 4 * network.edges.size() + 1;
  for (size_t steps = 0; steps < effort; steps += step)
    if (!findPath() || lengths[Network::sink] <= deadlineMs * (1 + precision) || !augment())
      break;
}

/// The longest path by what is left to change, with a queue (Bellman and Ford).
bool FlowSearch::findPath() {
  lengths.assign(network.events, -infinity);
  via.assign(network.events, noPart);
  lengths[Network::source] = 0;
  std::vector<uint32_t> queue{Network::source};
  std::vector<bool> isQueued(network.events);
  size_t limit = 64 * (network.events + network.edges.size()) + 1024;
  for (size_t next = 0; next < queue.size(); ++next) {
    if (next > limit)
      return false; // rounding leads around in a circle
    uint32_t event = queue[next];
    isQueued[event] = false;
    for (uint32_t index : incident[event]) {
      const Edge &edge = network.edges[index];
      bool isForward = edge.from == event;
      double change = isForward ? states[index].timeMs : -getBackwardMs(index);
      uint32_t to = isForward ? edge.to : edge.from;
      if (lengths[event] + change <=
              lengths[to] + precision * std::max(1.0, std::abs(lengths[to])) &&
          lengths[to] != -infinity)
        continue;
      if (change == -infinity || to == Network::source)
        continue;
      lengths[to] = lengths[event] + change;
      via[to] = index;
      if (!isQueued[to])
        queue.push_back(to);
      isQueued[to] = true;
    }
  }
  return lengths[Network::sink] > -infinity;
}

bool FlowSearch::augment() {
  SmallVector<std::pair<uint32_t, bool>> path; // and whether forward
  for (uint32_t event = Network::sink; event != Network::source;) {
    if (path.size() > network.events)
      return false;
    uint32_t index = via[event];
    bool isForward = network.edges[index].to == event;
    path.push_back({index, isForward});
    event = isForward ? network.edges[index].from : network.edges[index].to;
  }
  double least = infinity;
  for (auto [index, isForward] : path) {
    const State &state = states[index];
    const auto &segments = getHull(index).segments;
    if (isForward && state.left > 0)
      least = std::min(least, segments[state.left - 1].slope - state.flow);
    if (!isForward) {
      bool isAtCorner = state.left < segments.size() && state.flow <= segments[state.left].slope;
      size_t lower = state.left + isAtCorner;
      least = std::min(least, state.flow - (lower < segments.size() ? segments[lower].slope : 0));
    }
  }
  if (least == infinity)
    return false; // nothing can be made faster
  for (auto [index, isForward] : path) {
    State &state = states[index];
    const auto &segments = getHull(index).segments;
    if (!isForward && state.left < segments.size() && state.flow <= segments[state.left].slope)
      ++state.left;
    state.flow += isForward ? least : -least;
    if (isForward)
      while (state.left > 0 && state.flow >= segments[state.left - 1].slope * (1 - 1e-12))
        state.flow = std::max(state.flow, segments[--state.left].slope);
    state.flow = std::max(state.flow, 0.0);
    setTime(index);
  }
  return true;
}

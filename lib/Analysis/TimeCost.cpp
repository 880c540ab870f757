//===- TimeCost.cpp - The cheapest way to be done in time -----------------===//

#include "XcsLLM/Analysis/TimeCost.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <map>

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precision = 1e-9;
constexpr uint32_t none = ~0u;

//===----------------------------------------------------------------------===//
// The network, reduced
//===----------------------------------------------------------------------===//

/// Parts of the problem: an activity, nothing (which takes no time), or two parts
/// one after another or side by side, which have lower numbers.
struct Part {
  enum class Kind : uint8_t { Activity, Nothing, Series, Parallel };
  Kind kind;
  uint32_t first = none, second = none; ///< parts; or the activity
};

/// A part between two events.
struct Edge {
  uint32_t from, to, part;
  bool isAlive = true;
};

/// The problem as parts between events, series and parallel ones put together.
class Network {
public:
  explicit Network(const TimeCostProblem &problem) : problem(problem) {
    addActivities(reduceWaits());
    reduce();
    sortEdges();
  }

  std::vector<Part> parts;
  std::vector<Edge> edges; ///< after reduction: those left, in an order from source to sink
  uint32_t events = 2;
  static constexpr uint32_t source = 0, sink = 1;

private:
  std::vector<SmallVector<uint32_t, 2>> reduceWaits() const;
  void addActivities(std::vector<SmallVector<uint32_t, 2>> waits);
  uint32_t addPart(Part part) {
    parts.push_back(part);
    return parts.size() - 1;
  }
  uint32_t addEvent() {
    degrees.resize(events + 1);
    return events++;
  }
  void addEdge(uint32_t from, uint32_t to, uint32_t part);
  void removeEdge(uint32_t edge);
  void reduce();
  void sortEdges();

  struct Degree {
    std::vector<uint32_t> in, out; ///< edges, dead ones among them
    uint32_t liveIn = 0, liveOut = 0;
  };
  uint32_t findLive(std::vector<uint32_t> &list) {
    while (!edges[list.back()].isAlive)
      list.pop_back();
    return list.back();
  }

  const TimeCostProblem &problem;
  std::vector<Degree> degrees{2};
  llvm::DenseMap<std::pair<uint32_t, uint32_t>, uint32_t> between;
  std::vector<uint32_t> changed;
};

/// What each activity waits for, without what it waits for anyway: that would hide
/// what is in series. Problems that are too large for that stay as they are.
std::vector<SmallVector<uint32_t, 2>> Network::reduceWaits() const {
  constexpr size_t most = 4096;
  size_t count = problem.activities.size();
  std::vector<SmallVector<uint32_t, 2>> waits(count);
  std::vector<llvm::BitVector> before(count <= most ? count : 0);
  for (uint32_t index = 0; index < count; ++index) {
    waits[index] = problem.activities[index].predecessors;
    llvm::sort(waits[index]);
    waits[index].erase(llvm::unique(waits[index]), waits[index].end());
    if (before.empty())
      continue;
    llvm::BitVector indirect(count);
    for (uint32_t predecessor : waits[index])
      indirect |= before[predecessor];
    llvm::erase_if(waits[index], [&](uint32_t predecessor) { return indirect[predecessor]; });
    for (uint32_t predecessor : waits[index])
      indirect.set(predecessor);
    before[index] = std::move(indirect);
  }
  return waits;
}

/// Activities are edges; equal sets of predecessors are one event.
void Network::addActivities(std::vector<SmallVector<uint32_t, 2>> waits) {
  size_t count = waits.size();
  std::vector<bool> isWaitedFor(count);
  for (ArrayRef<uint32_t> predecessors : waits)
    for (uint32_t predecessor : predecessors)
      isWaitedFor[predecessor] = true;
  std::vector<uint32_t> ends(count);
  std::map<std::vector<uint32_t>, uint32_t> joins;
  for (uint32_t index = 0; index < count; ++index) {
    ArrayRef<uint32_t> predecessors = waits[index];
    uint32_t start = predecessors.empty() ? source : ends[predecessors.front()];
    if (predecessors.size() > 1) {
      auto [join, isNew] = joins.try_emplace(predecessors.vec(), 0);
      if (isNew) {
        join->second = addEvent();
        for (uint32_t predecessor : predecessors)
          addEdge(ends[predecessor], join->second, addPart({Part::Kind::Nothing}));
      }
      start = join->second;
    }
    ends[index] = isWaitedFor[index] ? addEvent() : sink;
    addEdge(start, ends[index], addPart({Part::Kind::Activity, index}));
  }
}

/// Adds an edge, or puts the part beside that of the edge that is there.
void Network::addEdge(uint32_t from, uint32_t to, uint32_t part) {
  auto [known, isNew] = between.try_emplace({from, to}, edges.size());
  if (!isNew) {
    Edge &edge = edges[known->second];
    edge.part = addPart({Part::Kind::Parallel, edge.part, part});
    return;
  }
  degrees[from].out.push_back(edges.size());
  degrees[to].in.push_back(edges.size());
  ++degrees[from].liveOut;
  ++degrees[to].liveIn;
  edges.push_back({from, to, part});
}

void Network::removeEdge(uint32_t index) {
  Edge &edge = edges[index];
  edge.isAlive = false;
  between.erase({edge.from, edge.to});
  --degrees[edge.from].liveOut;
  --degrees[edge.to].liveIn;
  changed.push_back(edge.from);
  changed.push_back(edge.to);
}

void Network::reduce() {
  for (uint32_t event = events; event-- > 0;)
    changed.push_back(event);
  while (!changed.empty()) {
    uint32_t event = changed.back();
    changed.pop_back();
    Degree &degree = degrees[event];
    if (event == source || event == sink || degree.liveIn != 1 || degree.liveOut != 1)
      continue;
    uint32_t in = findLive(degree.in), out = findLive(degree.out);
    uint32_t from = edges[in].from, to = edges[out].to;
    uint32_t part = addPart({Part::Kind::Series, edges[in].part, edges[out].part});
    removeEdge(in);
    removeEdge(out);
    addEdge(from, to, part);
  }
}

/// Leaves out dead edges and sorts the others from the source on.
void Network::sortEdges() {
  std::vector<Edge> sorted;
  std::vector<uint32_t> waiting(events), open{source};
  for (uint32_t event = 0; event < events; ++event)
    waiting[event] = degrees[event].liveIn;
  while (!open.empty()) {
    uint32_t event = open.back();
    open.pop_back();
    for (uint32_t index : degrees[event].out) {
      if (!edges[index].isAlive)
        continue;
      sorted.push_back(edges[index]);
      if (--waiting[edges[index].to] == 0)
        open.push_back(edges[index].to);
    }
  }
  edges = std::move(sorted);
}

//===----------------------------------------------------------------------===//
// The relaxation
//===----------------------------------------------------------------------===//

/// A convex tradeoff of time for cost: from the fastest way on, each segment saves
/// `slope` for each of `timeMs` more, the steepest first.
struct Hull {
  struct Segment {
    double slope, timeMs;
  };
  double fastestMs = 0;
  std::vector<Segment> segments;
};

Hull getHull(ArrayRef<TimeCostOption> sorted) {
  SmallVector<TimeCostOption> corners;
  auto getSlope = [](TimeCostOption a, TimeCostOption b) {
    return (a.cost - b.cost) / (b.timeMs - a.timeMs);
  };
  for (const TimeCostOption &option : sorted) {
    while (corners.size() > 1 && getSlope(corners[corners.size() - 2], corners.back()) <=
                                     getSlope(corners.back(), option))
      corners.pop_back();
    corners.push_back(option);
  }
  Hull hull{corners.front().timeMs, {}};
  for (size_t index = 1; index < corners.size(); ++index)
    hull.segments.push_back({getSlope(corners[index - 1], corners[index]),
                             corners[index].timeMs - corners[index - 1].timeMs});
  return hull;
}

Hull addInSeries(const Hull &a, const Hull &b) {
  Hull sum{a.fastestMs + b.fastestMs, {}};
  sum.segments.resize(a.segments.size() + b.segments.size());
  std::merge(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
             sum.segments.begin(),
             [](const auto &one, const auto &other) { return one.slope > other.slope; });
  // Equal slopes are one segment.
  size_t kept = 0;
  for (const Hull::Segment &segment : sum.segments)
    if (kept > 0 && sum.segments[kept - 1].slope == segment.slope)
      sum.segments[kept - 1].timeMs += segment.timeMs;
    else
      sum.segments[kept++] = segment;
  sum.segments.resize(kept);
  return sum;
}

/// The segments of `hull` from `timeMs` on.
std::vector<Hull::Segment> getFrom(const Hull &hull, double timeMs) {
  std::vector<Hull::Segment> rest;
  double skip = timeMs - hull.fastestMs;
  for (Hull::Segment segment : hull.segments) {
    double cut = std::min(skip, segment.timeMs);
    skip -= cut;
    segment.timeMs -= cut;
    if (segment.timeMs > 0)
      rest.push_back(segment);
  }
  return rest;
}

/// At each time both save, as long as they have something to save.
Hull addInParallel(const Hull &a, const Hull &b) {
  Hull sum{std::max(a.fastestMs, b.fastestMs), {}};
  std::vector<Hull::Segment> ones = getFrom(a, sum.fastestMs), others = getFrom(b, sum.fastestMs);
  size_t one = 0, other = 0;
  while (one < ones.size() || other < others.size()) {
    Hull::Segment segment{0, infinity};
    if (one < ones.size())
      segment = {ones[one].slope, ones[one].timeMs};
    if (other < others.size())
      segment = {segment.slope + others[other].slope,
                 std::min(segment.timeMs, others[other].timeMs)};
    if (one < ones.size() && (ones[one].timeMs -= segment.timeMs) <= 0)
      ++one;
    if (other < others.size() && (others[other].timeMs -= segment.timeMs) <= 0)
      ++other;
    sum.segments.push_back(segment);
  }
  return sum;
}

/// Of the cost at `timeMs`, how much one more saves, and one less costs.
std::pair<double, double> getSlopes(const Hull &hull, double timeMs) {
  double at = hull.fastestMs, left = infinity;
  double rounding = precision * std::max(1.0, timeMs);
  for (const Hull::Segment &segment : hull.segments) {
    if (timeMs < at + rounding)
      return {segment.slope, left};
    if (timeMs < at + segment.timeMs - rounding)
      return {segment.slope, segment.slope};
    at += segment.timeMs;
    left = segment.slope;
  }
  return {0, timeMs > at + rounding ? 0 : left};
}

/// The flow that proves the bound, by successive longest paths: a path that is
/// longer than the deadline gets more flow until one of its edges becomes faster.
class FlowSearch {
public:
  FlowSearch(const Network &network, ArrayRef<Hull> hulls, double deadlineMs, size_t effort)
      : network(network), hulls(hulls), states(network.edges.size()),
        incident(network.events) {
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

  double getFlow(uint32_t edge) const { return states[edge].flow; }

private:
  /// Segments from `left` on are given up; of the next, `within` of its slope is
  /// already paid for.
  struct State {
    double flow = 0, timeMs = 0;
    size_t left = 0;
  };

  const Hull &getHull(uint32_t edge) const { return hulls[network.edges[edge].part]; }
  void setTime(uint32_t edge) {
    State &state = states[edge];
    state.timeMs = getHull(edge).fastestMs;
    for (size_t index = 0; index < state.left; ++index)
      state.timeMs += getHull(edge).segments[index].timeMs;
  }
  /// The time at a little less flow; none where there is no flow to take back.
  double getBackwardMs(uint32_t edge) const {
    const State &state = states[edge];
    if (state.flow <= 0)
      return infinity;
    const auto &segments = getHull(edge).segments;
    bool isAtCorner = state.left < segments.size() && state.flow <= segments[state.left].slope;
    return state.timeMs + (isAtCorner ? segments[state.left].timeMs : 0);
  }

  bool findPath();
  bool augment();

  const Network &network;
  ArrayRef<Hull> hulls;
  std::vector<State> states;
  std::vector<SmallVector<uint32_t, 4>> incident;
  std::vector<double> lengths;
  std::vector<uint32_t> via;
};

/// The longest path by what is left to change, with a queue (Bellman and Ford).
bool FlowSearch::findPath() {
  lengths.assign(network.events, -infinity);
  via.assign(network.events, none);
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
      if (lengths[event] + change <= lengths[to] + precision * std::max(1.0, std::abs(lengths[to])) &&
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
      while (state.left > 0 &&
             state.flow >= segments[state.left - 1].slope * (1 - 1e-12))
        state.flow = std::max(state.flow, segments[--state.left].slope);
    state.flow = std::max(state.flow, 0.0);
    setTime(index);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Ways in time, by rules of thumb
//===----------------------------------------------------------------------===//

/// Start and slack of each activity under one choice.
struct Times {
  std::vector<double> finishMs, slackMs;
  double lengthMs = 0;
};

Times findTimes(const TimeCostProblem &problem, ArrayRef<uint32_t> chosen) {
  size_t count = problem.activities.size();
  Times times;
  times.finishMs.resize(count);
  for (size_t index = 0; index < count; ++index) {
    const TimeCostProblem::Activity &activity = problem.activities[index];
    double start = 0;
    for (uint32_t predecessor : activity.predecessors)
      start = std::max(start, times.finishMs[predecessor]);
    times.finishMs[index] = start + activity.options[chosen[index]].timeMs;
    times.lengthMs = std::max(times.lengthMs, times.finishMs[index]);
  }
  std::vector<double> latest(count, times.lengthMs);
  times.slackMs.resize(count);
  for (size_t index = count; index-- > 0;) {
    const TimeCostProblem::Activity &activity = problem.activities[index];
    times.slackMs[index] = latest[index] - times.finishMs[index];
    double start = latest[index] - activity.options[chosen[index]].timeMs;
    for (uint32_t predecessor : activity.predecessors)
      latest[predecessor] = std::min(latest[predecessor], start);
  }
  return times;
}

/// Makes activities faster, where that costs least for what it gains, until the
/// deadline is kept; then, one by one, those cheaper that have time for it.
class Tuner {
public:
  Tuner(const TimeCostProblem &problem, size_t effort) : problem(problem), effort(effort) {}

  /// False if it has to give up.
  bool run(std::vector<uint32_t> &chosen) {
    while (true) {
      Times times = findTimes(problem, chosen);
      double late = times.lengthMs - problem.deadlineMs * (1 + precision);
      if (!spend())
        return late <= 0;
      if (!(late > 0 ? hasten(chosen, times, late) : relax(chosen, times)))
        return late <= 0;
    }
  }

private:
  bool spend() {
    size_t step = problem.activities.size();
    bool isLeft = effort >= step;
    effort -= isLeft ? step : 0;
    return isLeft;
  }

  bool hasten(std::vector<uint32_t> &chosen, const Times &times, double late) const {
    double least = infinity;
    uint32_t which = none, best = none;
    for (uint32_t index = 0; index < chosen.size(); ++index) {
      if (times.slackMs[index] > precision * times.lengthMs)
        continue;
      ArrayRef<TimeCostOption> options = problem.activities[index].options;
      const TimeCostOption &now = options[chosen[index]];
      for (uint32_t option = 0; option < options.size(); ++option) {
        double gained = std::min(late, now.timeMs - options[option].timeMs);
        double ratio = (options[option].cost - now.cost) / gained;
        if (gained > 0 && ratio < least)
          least = ratio, which = index, best = option;
      }
    }
    if (which != none)
      chosen[which] = best;
    return which != none;
  }

  bool relax(std::vector<uint32_t> &chosen, const Times &times) const {
    double most = 0;
    uint32_t which = none, best = none;
    double spare = std::max(0.0, problem.deadlineMs - times.lengthMs);
    for (uint32_t index = 0; index < chosen.size(); ++index) {
      ArrayRef<TimeCostOption> options = problem.activities[index].options;
      const TimeCostOption &now = options[chosen[index]];
      for (uint32_t option = 0; option < options.size(); ++option)
        if (options[option].timeMs <= now.timeMs + times.slackMs[index] + spare &&
            now.cost - options[option].cost > most * (1 + precision))
          most = now.cost - options[option].cost, which = index, best = option;
    }
    if (which != none)
      chosen[which] = best;
    return which != none;
  }

  const TimeCostProblem &problem;
  size_t effort;
};

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

/// One way to do a part, and which ways of the parts in it that takes.
struct Point {
  double timeMs, cost;
  uint32_t first, second; ///< of an activity: the option
};

class Search {
public:
  Search(const TimeCostProblem &problem, size_t effort)
      : problem(problem), network(problem), effort(effort), fronts(network.parts.size()),
        flows(network.parts.size()), least(network.parts.size()),
        mostMs(network.parts.size(), problem.deadlineMs), fastestMs(network.parts.size()) {
    findBound();
    findMost();
  }

  double bound = 0;

  /// The option of each activity that is best by the flow alone.
  std::vector<uint32_t> getStart() const { return start; }
  /// The best way that costs at most `bound + excess`, if there is one: true if
  /// there is, or for sure none; then no other is cheaper. Of the points of a part
  /// at most `width` are kept.
  enum class Outcome { Found, None, Unknown };
  Outcome find(double excess, size_t width, std::vector<uint32_t> &chosen);

private:
  void findBound();
  void splitFlow(const Part &part, double flow, const std::vector<Hull> &hulls, double timeMs);
  void findMost();
  double getExcess(uint32_t part, const Point &point) const {
    return std::max(0.0, point.cost + flows[part] * point.timeMs - least[part]);
  }
  bool build(uint32_t part, double excess, size_t width);
  void buildActivity(uint32_t part);
  bool buildSeries(uint32_t part, double excess);
  void buildParallel(uint32_t part);
  void prune(uint32_t part, double excess, size_t width);
  bool spend(size_t steps) {
    bool isLeft = effort >= steps;
    effort -= isLeft ? steps : effort;
    return isLeft;
  }
  bool isInTime(ArrayRef<double> times);
  Outcome searchEdges(double excess, std::vector<uint32_t> &points);
  void expand(uint32_t part, uint32_t point, std::vector<uint32_t> &chosen) const;

  const TimeCostProblem &problem;
  Network network;
  size_t effort;
  std::vector<std::vector<Point>> fronts; ///< of parts, the fastest first
  std::vector<double> flows, least;       ///< of parts; `least` of cost + flow * time
  std::vector<double> mostMs, fastestMs;  ///< that a part may take, and takes at least
  std::vector<uint32_t> start;
};

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
  FlowSearch search(network, hulls, problem.deadlineMs, effort / 4);
  double total = 0;
  for (auto [index, edge] : llvm::enumerate(network.edges)) {
    flows[edge.part] = search.getFlow(index);
    if (edge.from == Network::source)
      total += flows[edge.part];
  }
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

bool Search::isInTime(ArrayRef<double> times) {
  std::vector<double> lengths(network.events);
  for (auto [edge, time] : llvm::zip(network.edges, times))
    lengths[edge.to] = std::max(lengths[edge.to], lengths[edge.from] + time);
  return lengths[Network::sink] <= problem.deadlineMs * (1 + precision);
}

/// Tries the ways of the edges that are left, depth first, the best by the bound
/// first.
Search::Outcome Search::searchEdges(double excess, std::vector<uint32_t> &best) {
  size_t count = network.edges.size();
  std::vector<uint32_t> order(count);
  std::vector<std::vector<std::pair<double, uint32_t>>> ways(count);
  std::vector<double> times(count);
  for (uint32_t edge = 0; edge < count; ++edge) {
    uint32_t part = network.edges[edge].part;
    for (auto [index, point] : llvm::enumerate(fronts[part]))
      ways[edge].emplace_back(getExcess(part, point), index);
    if (ways[edge].empty())
      return Outcome::None;
    llvm::sort(ways[edge]);
    times[edge] = fronts[part].front().timeMs;
    order[edge] = edge;
  }
  // What matters most for time first.
  auto getSpread = [&](uint32_t edge) {
    const std::vector<Point> &front = fronts[network.edges[edge].part];
    return front.back().timeMs - front.front().timeMs;
  };
  llvm::stable_sort(order, [&](uint32_t a, uint32_t b) { return getSpread(a) > getSpread(b); });
  std::vector<uint32_t> next(count + 1), current(count);
  std::vector<double> spent(count + 1);
  double cheapest = infinity;
  size_t depth = 0;
  while (true) {
    if (depth == count) {
      double cost = 0;
      for (uint32_t edge = 0; edge < count; ++edge)
        cost += fronts[network.edges[edge].part][current[edge]].cost;
      if (cost < cheapest)
        cheapest = cost, best = current;
      excess = std::min(excess, std::max(0.0, cheapest * (1 - precision) - bound));
      --depth;
      continue;
    }
    uint32_t edge = order[depth];
    const std::vector<Point> &front = fronts[network.edges[edge].part];
    if (next[depth] == ways[edge].size() || spent[depth] + ways[edge][next[depth]].first > excess) {
      times[edge] = front.front().timeMs;
      next[depth] = 0;
      if (depth-- == 0)
        return cheapest < infinity ? Outcome::Found : Outcome::None;
      continue;
    }
    if (!spend(count))
      return cheapest < infinity ? Outcome::Found : Outcome::Unknown;
    auto [own, point] = ways[edge][next[depth]++];
    times[edge] = front[point].timeMs;
    if (!isInTime(times))
      continue;
    current[edge] = point;
    spent[depth + 1] = spent[depth] + own;
    ++depth;
  }
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

Search::Outcome Search::find(double excess, size_t width, std::vector<uint32_t> &chosen) {
  for (uint32_t part = 0; part < network.parts.size(); ++part)
    if (!build(part, excess, width))
      return Outcome::Unknown;
  std::vector<uint32_t> points;
  bool hadEffort = effort > 0;
  Outcome outcome = searchEdges(excess, points);
  if (outcome == Outcome::Found)
    for (auto [edge, point] : llvm::zip(network.edges, points))
      expand(edge.part, point, chosen);
  // Where it had to stop early, or left points out, something better may be left.
  bool isComplete = width == size_t(-1) && hadEffort && effort > 0;
  return isComplete || outcome == Outcome::Unknown ? outcome
         : outcome == Outcome::Found               ? Outcome::Unknown
                                                   : outcome;
}

} // namespace

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

/// The problem with, of each activity, the options that are not both slower and
/// dearer than another, the fastest first; `numbers` says which these are.
static TimeCostProblem sortOptions(const TimeCostProblem &problem,
                                   std::vector<SmallVector<uint32_t, 2>> &numbers) {
  TimeCostProblem sorted;
  sorted.deadlineMs = problem.deadlineMs;
  for (const TimeCostProblem::Activity &activity : problem.activities) {
    SmallVector<uint32_t, 2> &order = numbers.emplace_back(activity.options.size());
    for (auto [index, number] : llvm::enumerate(order))
      number = index;
    llvm::stable_sort(order, [&](uint32_t a, uint32_t b) {
      const TimeCostOption &one = activity.options[a], &other = activity.options[b];
      return std::tie(one.timeMs, one.cost) < std::tie(other.timeMs, other.cost);
    });
    TimeCostProblem::Activity &own = sorted.activities.emplace_back();
    own.predecessors = activity.predecessors;
    size_t kept = 0;
    for (uint32_t number : order)
      if (kept == 0 || activity.options[number].cost < own.options.back().cost) {
        own.options.push_back(activity.options[number]);
        order[kept++] = number;
      }
    order.resize(kept);
  }
  return sorted;
}

static double getCost(const TimeCostProblem &problem, ArrayRef<uint32_t> chosen) {
  double cost = 0;
  for (auto [activity, option] : llvm::zip(problem.activities, chosen))
    cost += activity.options[option].cost;
  return cost;
}

double xcs::getTimeMs(const TimeCostProblem &problem, ArrayRef<uint32_t> chosen) {
  return findTimes(problem, chosen).lengthMs;
}

/// The activities of one longest path.
static std::vector<uint32_t> findLongestPath(const TimeCostProblem &problem,
                                             ArrayRef<uint32_t> chosen) {
  Times times = findTimes(problem, chosen);
  std::vector<uint32_t> path;
  const auto *last = llvm::max_element(ArrayRef(times.finishMs));
  uint32_t index = last - times.finishMs.data();
  while (index != none) {
    path.push_back(index);
    uint32_t before = none;
    for (uint32_t predecessor : problem.activities[index].predecessors)
      if (before == none || times.finishMs[predecessor] > times.finishMs[before])
        before = predecessor;
    index = before;
  }
  return path;
}

/// For problems too large to be taken apart: each activity takes the way that is best
/// at one price of time, the lowest at which the deadline is kept.
static void improveAtOnePrice(const TimeCostProblem &problem, TimeCostResult &result) {
  auto choose = [&](double price) {
    std::vector<uint32_t> chosen;
    for (const TimeCostProblem::Activity &activity : problem.activities) {
      const auto *best = llvm::min_element(activity.options, [&](auto &one, auto &other) {
        return one.cost + price * one.timeMs < other.cost + price * other.timeMs;
      });
      chosen.push_back(best - activity.options.begin());
    }
    return chosen;
  };
  double low = 0, high = 0;
  for (unsigned step = 0; step < 60; ++step) {
    double price = high == 0 ? std::ldexp(1e-12, 2 * step) : (low + high) / 2;
    std::vector<uint32_t> chosen = choose(price);
    if (findTimes(problem, chosen).lengthMs > problem.deadlineMs * (1 + precision)) {
      low = price;
      continue;
    }
    high = price;
    if (double cost = getCost(problem, chosen); cost < result.cost)
      result.cost = cost, result.chosen = chosen;
  }
  // What is on one path has to be done by the deadline, one after another.
  std::vector<uint32_t> chosen = choose(low), path = findLongestPath(problem, chosen);
  double bound = result.bound - low * problem.deadlineMs;
  for (uint32_t index : path) {
    const auto &options = problem.activities[index].options;
    bound += options[chosen[index]].cost + low * options[chosen[index]].timeMs - options.back().cost;
  }
  result.bound = std::max(result.bound, bound);
}

/// Improves `result`, a way in time, until it is the best or `effort` is spent.
static void improve(const TimeCostProblem &problem, TimeCostResult &result, size_t effort) {
  Search search(problem, effort);
  result.bound = std::max(result.bound, search.bound);
  auto take = [&](const std::vector<uint32_t> &chosen) {
    double cost = getCost(problem, chosen);
    if (cost < result.cost)
      result.cost = cost, result.chosen = chosen;
  };
  auto isDone = [&] { return result.cost - result.bound <= precision * result.cost; };
  std::vector<uint32_t> chosen = search.getStart();
  if (Tuner(problem, effort / 8).run(chosen))
    take(chosen);
  if (isDone())
    return;
  constexpr size_t fewPoints = 64;
  std::vector<uint32_t> narrow = result.chosen;
  search.find(std::numeric_limits<double>::max(), fewPoints, narrow);
  if (findTimes(problem, narrow).lengthMs <= problem.deadlineMs * (1 + precision))
    take(narrow);
  for (double share : {1.0 / 64, 1.0 / 16, 1.0 / 4, 1.0}) {
    if (isDone())
      return;
    double excess = (result.cost - search.bound) * share;
    std::vector<uint32_t> found = result.chosen;
    Search::Outcome outcome = search.find(excess * (1 + precision), size_t(-1), found);
    if (findTimes(problem, found).lengthMs <= problem.deadlineMs * (1 + precision))
      take(found);
    if (outcome == Search::Outcome::Unknown)
      return;
    // All that costs no more than this was looked at.
    result.bound = std::max(result.bound, std::min(result.cost, search.bound + excess));
  }
  result.bound = result.cost;
}

TimeCostResult xcs::solveTimeCost(const TimeCostProblem &problem, size_t effort) {
  std::vector<SmallVector<uint32_t, 2>> numbers;
  TimeCostProblem sorted = sortOptions(problem, numbers);
  size_t count = sorted.activities.size();
  TimeCostResult result;
  std::vector<uint32_t> cheapest(count);
  for (auto [activity, option] : llvm::zip(sorted.activities, cheapest))
    option = activity.options.size() - 1;
  result.chosen = cheapest;
  result.cost = result.bound = getCost(sorted, cheapest);
  double limit = problem.deadlineMs * (1 + precision);
  if (findTimes(sorted, cheapest).lengthMs > limit) {
    result.chosen.assign(count, 0);
    result.isFeasible = findTimes(sorted, result.chosen).lengthMs <= limit;
    result.cost = getCost(sorted, result.chosen);
    constexpr size_t most = 20'000;
    if (result.isFeasible && count > most)
      improveAtOnePrice(sorted, result);
    else if (result.isFeasible)
      improve(sorted, result, effort);
  }
  result.timeMs = findTimes(sorted, result.chosen).lengthMs;
  for (auto [option, names] : llvm::zip(result.chosen, numbers))
    option = names[option];
  return result;
}

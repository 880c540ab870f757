//===- ActivityGraph.cpp - Activities in time -------------------------------===//

#include "XcsLLM/Analysis/ActivityGraph.h"
#include "llvm/ADT/SmallVector.h"
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

using namespace xcs;
using llvm::ArrayRef;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Products and quotients of a few such numbers, and sums of all, are finite.
double clampAmount(double amount) {
  return std::min(std::max(0.0, amount), 1e30); // NaN becomes 0
}

/// Whether and how far something is limited.
std::optional<double> getLimit(std::optional<double> limit) {
  if (!limit || !(*limit > 0))
    return std::nullopt;
  return std::clamp(*limit, 1e-30, 1e30);
}

} // namespace

uint32_t ActivityGraph::add(const Activity &activity, ArrayRef<uint32_t> waitsFor) {
  uint32_t index = size();
  Activity &own = activities.emplace_back(activity);
  for (double *amount : {&own.durationMs, &own.width, &own.requests, &own.tokens})
    *amount = clampAmount(*amount);
  double start = 0;
  for (uint32_t predecessor : waitsFor) {
    assert(predecessor < index && "predecessors must have been added before");
    start = std::max(start, getFinish(predecessor));
  }
  starts.push_back(start);
  predecessors.insert(predecessors.end(), waitsFor.begin(), waitsFor.end());
  firstPredecessor.push_back(predecessors.size());
  return index;
}

void ActivityGraph::cutOff(uint32_t first, double timeMs) {
  for (uint32_t index = first; index < size(); ++index) {
    Activity &own = activities[index];
    double &start = starts[index];
    bool isLate = start > timeMs; // now it may start just when all ends
    start = 0;
    for (uint32_t predecessor : getPredecessors(index))
      start = std::max(start, getFinish(predecessor));
    if (!isLate && start + own.durationMs <= timeMs)
      continue;
    own.durationMs = std::max(0.0, timeMs - start);
    if (own.durationMs == 0)
      own.pool = Activity::noPool;
  }
}

//===----------------------------------------------------------------------===//
// Critical path
//===----------------------------------------------------------------------===//

namespace {

/// Of each activity how long it and the longest way behind it take.
std::vector<double> getTails(const ActivityGraph &graph) {
  std::vector<double> tails(graph.size());
  for (uint32_t index = graph.size(); index-- > 0;) {
    tails[index] += graph[index].durationMs;
    for (uint32_t predecessor : graph.getPredecessors(index))
      tails[predecessor] = std::max(tails[predecessor], tails[index]);
  }
  return tails;
}

std::vector<uint32_t> getLongestPath(const ActivityGraph &graph, uint32_t last) {
  std::vector<uint32_t> path{last};
  while (true) {
    uint32_t index = path.back(), before = index;
    for (uint32_t predecessor : graph.getPredecessors(index))
      // A start is one of these, so that they can be compared for equality.
      if (graph.getFinish(predecessor) == graph.getStart(index))
        before = std::min(before, predecessor);
    if (before == index)
      break;
    path.push_back(before);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

} // namespace

CriticalPath xcs::findCriticalPath(const ActivityGraph &graph) {
  CriticalPath result;
  if (graph.size() == 0)
    return result;
  uint32_t last = 0;
  for (uint32_t index = 0; index < graph.size(); ++index)
    if (graph.getFinish(index) > graph.getFinish(last))
      last = index;
  result.lengthMs = graph.getFinish(last);
  result.path = getLongestPath(graph, last);
  // By gaps between activities, not by latest finishes: what is critical gets a
  // slack of 0 and not of a rounding error.
  std::vector<double> &slack = result.slackMs;
  slack.resize(graph.size());
  for (uint32_t index = 0; index < graph.size(); ++index)
    slack[index] = result.lengthMs - graph.getFinish(index);
  for (uint32_t index = graph.size(); index-- > 0;)
    for (uint32_t predecessor : graph.getPredecessors(index)) {
      double gap = graph.getStart(index) - graph.getFinish(predecessor);
      slack[predecessor] = std::min(slack[predecessor], gap + slack[index]);
    }
  return result;
}

//===----------------------------------------------------------------------===//
// Peak
//===----------------------------------------------------------------------===//

double xcs::findPeakParallelism(const ActivityGraph &graph) {
  // Sorted by time, and at one time what ends before what starts.
  std::vector<std::pair<double, double>> changes;
  for (uint32_t index = 0; index < graph.size(); ++index) {
    const Activity &activity = graph[index];
    double start = graph.getStart(index), finish = graph.getFinish(index);
    if (activity.pool == Activity::noPool || activity.width == 0 || start == finish)
      continue;
    changes.emplace_back(start, activity.width);
    changes.emplace_back(finish, -activity.width);
  }
  std::sort(changes.begin(), changes.end());
  double running = 0, peak = 0;
  for (auto [time, change] : changes) {
    running = std::max(0.0, running + change);
    peak = std::max(peak, running);
  }
  return peak;
}

//===----------------------------------------------------------------------===//
// List scheduling
//===----------------------------------------------------------------------===//

namespace {

/// An allowance per minute that is refilled steadily.
class Bucket {
public:
  explicit Bucket(std::optional<double> perMin)
      : limited(getLimit(perMin).has_value()), capacity(getLimit(perMin).value_or(0)),
        perMs(capacity / 60000), level(capacity) {}

  bool isLimited() const { return limited; }

  void advance(double now) {
    level = std::min(capacity, level + perMs * (now - time));
    time = now;
  }

  /// When something that takes `last` may start, if others, each as soon as it
  /// may, take `before` until then.
  double getStart(double before, double last) const {
    if (!limited || before + last == 0)
      return time;
    double missing = before + std::min(last, capacity) - level;
    return missing <= rounding() ? time : time + missing / perMs;
  }

  /// How many that take `each` may start now.
  double count(double each) const {
    if (!limited || each == 0)
      return infinity;
    if (each > capacity)
      return level >= capacity - rounding() ? 1 : 0;
    return std::max(0.0, std::floor((level + rounding()) / each));
  }

  void take(double amount) { level -= amount; }

private:
  double rounding() const { return capacity * 1e-12; }

  bool limited;
  double capacity, perMs;
  double level; ///< at `time`
  double time = 0;
};

class Scheduler {
public:
  Scheduler(const ActivityGraph &graph, ArrayRef<Pool> limits)
      : graph(graph), tails(getTails(graph)), states(graph.size()) {
    for (const Pool &pool : limits)
      pools.emplace_back(pool);
    addSuccessors();
    chooseFineness();
  }

  double run() {
    for (uint32_t index = 0; index < graph.size(); ++index)
      if (states[index].missing == 0)
        makeReady(index);
    // All that is ready at one time is known before any part starts.
    while (true) {
      while (!events.empty() && events.top().time == now) {
        Event event = events.top();
        events.pop();
        apply(event);
      }
      startAll();
      if (events.empty())
        return end;
      now = events.top().time;
    }
  }

private:
  struct State {
    uint32_t missing = 0; ///< predecessors that have not ended
    uint32_t running = 0; ///< groups of parts
    double waiting = 0;   ///< width that has not started
  };

  struct PoolState {
    explicit PoolState(const Pool &pool)
        : requests(pool.requestsPerMin), tokens(pool.tokensPerMin) {
      if (std::optional<double> slots = getLimit(pool.maxConcurrency))
        free = std::max(1.0, std::floor(*slots));
    }
    bool isLimited() const { return free < infinity || requests.isLimited() || tokens.isLimited(); }

    Bucket requests, tokens;
    double free = infinity; ///< slots
    double wake = infinity; ///< when a bucket is looked at next
    bool isTouched = false;
    /// Activities with parts that wait, by tail and index.
    std::priority_queue<std::pair<double, uint32_t>> ready;
  };

  struct Event {
    double time;
    double slots;   ///< that get free
    uint32_t index; ///< of an activity, for `Wake` of a pool
    enum Kind : uint8_t { Finish, Release, Wake } kind;

    bool operator<(const Event &other) const { return time > other.time; }
  };

  /// Parts of one activity that start now.
  struct Group {
    double parts;
    double slots;
    double release; ///< when the slots get free
    double finish;
  };

  void addSuccessors();
  void chooseFineness();
  PoolState *getPool(uint32_t index);
  void makeReady(uint32_t index);
  void touch(uint32_t pool);
  void apply(const Event &event);
  void startAll();
  void startParts(uint32_t pool);
  double getStart(const PoolState &pool, uint32_t index, double parts) const;
  Group formGroup(const PoolState &pool, uint32_t index) const;
  Group formChunk(const PoolState &pool, uint32_t index, double parts) const;
  void start(PoolState &pool, uint32_t index, const Group &group);

  const ActivityGraph &graph;
  std::vector<double> tails;
  std::vector<State> states;
  std::vector<size_t> firstSuccessor; ///< into `successors`
  std::vector<uint32_t> successors;
  std::vector<PoolState> pools;
  std::vector<uint32_t> touched; ///< pools in which something may start
  double fineness = 1;           ///< a chunk is at least this share of an activity
  std::priority_queue<Event> events;
  double now = 0, end = 0;
};

void Scheduler::addSuccessors() {
  firstSuccessor.resize(graph.size() + 1);
  for (uint32_t index = 0; index < graph.size(); ++index)
    for (uint32_t predecessor : graph.getPredecessors(index))
      ++firstSuccessor[predecessor + 1];
  std::partial_sum(firstSuccessor.begin(), firstSuccessor.end(), firstSuccessor.begin());
  successors.resize(firstSuccessor.back());
  std::vector<size_t> next(firstSuccessor.begin(), firstSuccessor.end() - 1);
  for (uint32_t index = 0; index < graph.size(); ++index) {
    states[index].missing = graph.getPredecessors(index).size();
    for (uint32_t predecessor : graph.getPredecessors(index))
      successors[next[predecessor]++] = index;
  }
}

/// The finest chunks, by halves, at which no more groups start than effort is
/// near-linear: an activity of n parts has n, or k (1 + ln (n / k)) if each takes
/// a k-th of what is left.
void Scheduler::chooseFineness() {
  std::array<size_t, 128> countByWidth{}; // by binary exponent: widths are below 2^100
  for (uint32_t index = 0; index < graph.size(); ++index)
    if (getPool(index) && graph[index].width > 1)
      ++countByWidth[std::ilogb(graph[index].width) + 1];
  double affordable = (1 << 19) + 4.0 * graph.size();
  for (fineness = 1 << 16; fineness > 4; fineness /= 2) {
    double groups = 0;
    for (size_t exponent = 0; exponent < countByWidth.size(); ++exponent) {
      double parts = std::ldexp(1, exponent);
      if (parts > fineness)
        parts = fineness * (1 + std::log(parts / fineness));
      groups += parts * countByWidth[exponent];
    }
    if (groups <= affordable)
      break;
  }
}

/// The pool whose limits hold for an activity, null if none.
Scheduler::PoolState *Scheduler::getPool(uint32_t index) {
  const Activity &activity = graph[index];
  if (activity.pool >= pools.size() || activity.width == 0 || !pools[activity.pool].isLimited())
    return nullptr;
  return &pools[activity.pool];
}

void Scheduler::makeReady(uint32_t index) {
  const Activity &activity = graph[index];
  PoolState *pool = getPool(index);
  if (!pool) {
    states[index].running = 1;
    events.push({now + activity.durationMs, 0, index, Event::Finish});
    return;
  }
  // What is whole but for rounding has no part more.
  double whole = std::max(1.0, std::floor(activity.width));
  bool isWhole = activity.width >= 1 && activity.width - whole < 1e-9;
  states[index].waiting = isWhole ? whole : activity.width;
  // The lowest index first: the queue has the greatest on top.
  pool->ready.push({tails[index], ~index});
  touch(activity.pool);
}

void Scheduler::touch(uint32_t pool) {
  if (!std::exchange(pools[pool].isTouched, true))
    touched.push_back(pool);
}

void Scheduler::apply(const Event &event) {
  if (event.kind == Event::Wake) {
    pools[event.index].wake = infinity;
    touch(event.index);
    return;
  }
  if (event.slots > 0) {
    pools[graph[event.index].pool].free += event.slots;
    touch(graph[event.index].pool);
  }
  State &state = states[event.index];
  if (event.kind == Event::Release || --state.running > 0 || state.waiting > 0)
    return;
  end = std::max(end, now);
  for (size_t next = firstSuccessor[event.index]; next < firstSuccessor[event.index + 1]; ++next)
    if (--states[successors[next]].missing == 0)
      makeReady(successors[next]);
}

void Scheduler::startAll() {
  for (uint32_t pool : touched)
    startParts(pool);
  touched.clear();
}

/// Starts what may start now, strictly in order: none overtakes one that waits for
/// a bucket, or those that need much would wait for ever.
void Scheduler::startParts(uint32_t poolIndex) {
  PoolState &pool = pools[poolIndex];
  pool.isTouched = false;
  pool.requests.advance(now);
  pool.tokens.advance(now);
  while (!pool.ready.empty() && pool.free >= 1) {
    uint32_t index = ~pool.ready.top().second;
    double first = getStart(pool, index, 1);
    if (first > now) {
      if (first < pool.wake) {
        pool.wake = first;
        events.push({first, 0, poolIndex, Event::Wake});
      }
      return;
    }
    start(pool, index, formGroup(pool, index));
    if (states[index].waiting == 0)
      pool.ready.pop();
  }
}

/// When the last of an activity's next `parts` may start, by the pool's buckets, if
/// each starts as soon as it may.
double Scheduler::getStart(const PoolState &pool, uint32_t index, double parts) const {
  const Activity &activity = graph[index];
  double before = parts - 1, last = std::min(parts, states[index].waiting) - before;
  last = std::max(0.0, last); // beyond 2^53, where one part is less than rounding
  return std::max(pool.requests.getStart(before * activity.requests, last * activity.requests),
                  pool.tokens.getStart(before * activity.tokens, last * activity.tokens));
}

/// The parts that can start now, or a chunk if they are too few. One can.
Scheduler::Group Scheduler::formGroup(const PoolState &pool, uint32_t index) const {
  const Activity &activity = graph[index];
  double waiting = states[index].waiting, parts = std::ceil(waiting);
  double together = std::min(parts, pool.free);
  if (getStart(pool, index, together) > now)
    together = std::min(
        {together, pool.requests.count(activity.requests), pool.tokens.count(activity.tokens)});
  together = std::max(1.0, together);
  double chunk = std::min(parts, std::ceil(waiting / fineness));
  if (chunk > together)
    return formChunk(pool, index, chunk);
  return {together, together, now + activity.durationMs, now + activity.durationMs};
}

/// Parts that share slots one after the other, and start as the buckets let them.
/// With equal distances between starts, the last one's is set either by the
/// buckets alone or by the slots from the first round on.
Scheduler::Group Scheduler::formChunk(const PoolState &pool, uint32_t index, double parts) const {
  double duration = graph[index].durationMs;
  double slots = std::min(parts, pool.free);
  bool hasMore = parts < states[index].waiting;
  if (hasMore)
    parts = std::floor(parts / slots) * slots; // whole rounds
  double last = getStart(pool, index, parts);
  double busy = parts * duration; // of all slots together
  if (last > now && busy <= pool.free * (last - now)) {
    slots = std::max(1.0, std::ceil(busy / (last - now)));
    return {parts, std::min(slots, pool.free), last, last + duration};
  }
  double rounds = std::ceil(parts / slots), delay = getStart(pool, index, slots) - now;
  double finish = std::max(last + duration, now + delay + rounds * duration);
  // The bucket delays the next chunk's first round as it did this one's, so that
  // the slots of both follow each other without a gap.
  return {parts, slots, hasMore ? std::max(now, finish - delay) : finish, finish};
}

void Scheduler::start(PoolState &pool, uint32_t index, const Group &group) {
  const Activity &activity = graph[index];
  State &state = states[index];
  double width = std::min(group.parts, state.waiting);
  state.waiting -= width;
  ++state.running;
  pool.requests.take(width * activity.requests);
  pool.tokens.take(width * activity.tokens);
  pool.free -= group.slots;
  if (group.release == group.finish) {
    events.push({group.finish, group.slots, index, Event::Finish});
    return;
  }
  events.push({group.release, group.slots, index, Event::Release});
  events.push({group.finish, 0, index, Event::Finish});
}

} // namespace

/// Whether a pool's limits hold for any activity.
static bool isLimited(const ActivityGraph &graph, ArrayRef<Pool> pools) {
  llvm::SmallVector<bool> limited;
  for (const Pool &pool : pools)
    limited.push_back(getLimit(pool.requestsPerMin) || getLimit(pool.tokensPerMin) ||
                      getLimit(pool.maxConcurrency));
  for (uint32_t index = 0; index < graph.size(); ++index)
    if (graph[index].pool < limited.size() && limited[graph[index].pool])
      return true;
  return false;
}

double xcs::findMakespan(const ActivityGraph &graph, ArrayRef<Pool> pools) {
  if (isLimited(graph, pools))
    return Scheduler(graph, pools).run();
  double end = 0;
  for (uint32_t index = 0; index < graph.size(); ++index)
    end = std::max(end, graph.getFinish(index));
  return end;
}

//===- TimeCostNetwork.h - A time-cost problem, reduced ---------*- C++ -*-===//
//
// The activities of a time-cost problem as edges between events, those one after
// another and side by side put together. See J. Valdes, R. E. Tarjan and E. L. Lawler,
// "The Recognition of Series Parallel Digraphs" (1982).
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_TIMECOSTNETWORK_H
#define XCSLLM_LIB_ANALYSIS_TIMECOSTNETWORK_H

#include "XcsLLM/Analysis/TimeCost.h"
#include "llvm/ADT/DenseMap.h"

namespace xcs {

constexpr uint32_t noPart = ~0u;

/// Parts of the problem: an activity, nothing (which takes no time), or two parts
/// one after another or side by side, which have lower numbers.
struct Part {
  enum class Kind : uint8_t { Activity, Nothing, Series, Parallel };
  Kind kind;
  uint32_t first = noPart, second = noPart; ///< parts; or the activity
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
  std::vector<llvm::SmallVector<uint32_t, 2>> reduceWaits() const;
  void addActivities(std::vector<llvm::SmallVector<uint32_t, 2>> waits);
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

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_TIMECOSTNETWORK_H

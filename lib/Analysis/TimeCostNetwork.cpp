//===- TimeCostNetwork.cpp - A time-cost problem, reduced -----------------===//

#include "TimeCostNetwork.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

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

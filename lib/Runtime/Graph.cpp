//===- Graph.cpp - What waits for what in a plan ---------------------------===//

#include "XcsLLM/Runtime/Graph.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

Graph::Graph(const Document &document, const Plan &plan, Pace pace)
    : scopes(plan.scopes.size()), places(plan.tasks.size()), pace(pace) {
  for (auto [nodes, scope] : zip(scopes, plan.scopes)) {
    nodes.nodes.resize(scope.tasks.size() + 1);
    for (auto [place, task] : enumerate(scope.tasks))
      places[task] = place;
  }
  markImpure(document, plan);
  connectTasks(plan);
  connectEnds(plan);
}

/// Control that such a task stands in is impure, too.
void Graph::markImpure(const Document &document, const Plan &plan) {
  for (const Task &task : plan.tasks) {
    const auto *use = std::get_if<ToolUse>(&task.details);
    if (!use || document.tools[use->tool].isPure)
      continue;
    for (std::optional<uint32_t> at = &task - plan.tasks.data(); at;
         at = plan.scopes[plan.tasks[*at].scope].owner) {
      Node &node = scopes[plan.tasks[*at].scope].nodes[places[*at]];
      if (node.isImpure)
        break;
      node.isImpure = true;
    }
  }
}

void Graph::connect(const Plan &plan, uint32_t scope, uint32_t node, uint32_t needed) {
  uint32_t place = places[needed], neededScope = plan.tasks[needed].scope;
  if (neededScope != scope) {
    scopes[scope].outer.push_back({neededScope, place, node});
    return;
  }
  ++scopes[scope].nodes[node].needs;
  scopes[scope].nodes[place].dependents.push_back(node);
}

void Graph::connectTasks(const Plan &plan) {
  for (const Task &task : plan.tasks) {
    uint32_t index = &task - plan.tasks.data(), place = places[index];
    for (uint32_t needed : pace == Pace::InTurn ? task.needs : task.waits)
      connect(plan, task.scope, place, needed);
    std::vector<Node> &nodes = scopes[task.scope].nodes;
    if (task.helps && pace == Pace::AtOnce && !nodes[place].isImpure)
      nodes[places[*task.helps]].helpers.push_back(place);
  }
}

void Graph::connectEnds(const Plan &plan) {
  for (const Scope &scope : plan.scopes) {
    uint32_t index = &scope - plan.scopes.data();
    Nodes &nodes = scopes[index];
    std::vector<uint32_t> needed;
    auto add = [&](const Reference &reference) {
      if (reference.kind == Reference::Kind::Result)
        needed.push_back(plan.findProducer(reference));
    };
    for_each(scope.yields, add);
    if (scope.verdict)
      add(*scope.verdict);
    if (scope.score)
      add(*scope.score);
    for (auto [place, task] : enumerate(scope.tasks))
      if (nodes.nodes[place].isImpure || pace == Pace::InTurn)
        needed.push_back(task);
    llvm::sort(needed);
    needed.erase(llvm::unique(needed), needed.end());
    for (uint32_t task : needed)
      connect(plan, index, nodes.getEnd(), task);
  }
}

} // namespace xcs::runtime

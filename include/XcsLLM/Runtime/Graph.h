//===- Graph.h - What waits for what in a plan ------------------*- C++ -*-===//
//
// For each scope its tasks, and its end, as nodes that wait for each other, so that a
// run only has to count. Made once, for all runs of the plan.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_GRAPH_H
#define XCSLLM_RUNTIME_GRAPH_H

#include "XcsLLM/Runtime/Plan.h"

namespace xcs::runtime {

/// How the tasks of a plan follow one another.
enum class Pace : uint8_t {
  /// Everything runs as soon as it can, and stops as soon as nobody needs it.
  AtOnce,
  /// One scope after another, each to its end: for tests, where what is first in time
  /// says nothing.
  InTurn,
};

struct Graph {
  Graph(const Document &document, const Plan &plan, Pace pace);

  /// A task of a scope, by its place in there; behind the last is the scope's end,
  /// which waits for all that the scope's results need.
  struct Node {
    uint32_t needs = 0; ///< nodes of the scope that have to settle before
    bool isImpure = false;
    llvm::SmallVector<uint32_t, 2> dependents;
    llvm::SmallVector<uint32_t, 0> helpers; ///< tasks that only it needs
  };
  /// A node that waits for a task of a scope around its own.
  struct Outer {
    uint32_t scope, place, node;
  };
  struct Nodes {
    std::vector<Node> nodes;
    std::vector<Outer> outer;
    uint32_t getEnd() const { return nodes.size() - 1; }
  };

  std::vector<Nodes> scopes;
  std::vector<uint32_t> places; ///< of each task, in its scope
  Pace pace;

private:
  void markImpure(const Document &document, const Plan &plan);
  void connect(const Plan &plan, uint32_t scope, uint32_t node, uint32_t needed);
  void connectTasks(const Plan &plan);
  void connectEnds(const Plan &plan);
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_GRAPH_H

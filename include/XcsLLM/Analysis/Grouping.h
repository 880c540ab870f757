//===- Grouping.h - Fewest groups of independent equals ---------*- C++ -*-===//
//
// Which operations of one kind can run together. An algorithm on graphs, apart
// from the IR. See G. Neubig et al., "On-the-fly Operation Batching in Dynamic
// Computation Graphs" (2017), for the agenda.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_GROUPING_H
#define XCSLLM_ANALYSIS_GROUPING_H

#include <cstdint>
#include <utility>
#include <vector>

namespace xcs {

/// Operations in program order, and which depend on which.
struct DependenceGraph {
  using Node = uint32_t;

  /// The kind of a node that joins no group.
  static constexpr int32_t noKind = -1;

  /// Of each node its kind, small numbers from 0 on, or `noKind`.
  std::vector<int32_t> kinds;
  /// Of each node how many levels of calls it stands for: 1 for a call, 0 for
  /// what calls nothing, more for regions with calls behind each other.
  std::vector<int32_t> levels;
  /// Pairs (a, b), a < b: b depends on a. May repeat.
  std::vector<std::pair<Node, Node>> edges;

  Node size() const { return kinds.size(); }
};

/// Nodes of one kind in program order, none of which depends on another.
using Group = std::vector<DependenceGraph::Node>;

/// Puts each node that has a kind into a group. Running the groups in the given
/// order, each at once, respects every dependence. There are no more groups than
/// level by level; and of two groups of one kind, the later depends on the
/// earlier, so that grouping the groups finds nothing more. Deterministic.
/// Near-linear: effort that would not be is cut off, and only then two groups
/// may be left that could be one.
std::vector<Group> groupEquals(const DependenceGraph &graph);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_GROUPING_H

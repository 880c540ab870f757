//===- GroupTimes.h - Groups that delay nothing -----------------*- C++ -*-===//
//
// Operations that run as one group start when the last of them can, and end
// together. Which groups that makes nothing late. An algorithm on graphs, apart
// from the IR.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_GROUPTIMES_H
#define XCSLLM_ANALYSIS_GROUPTIMES_H

#include "XcsLLM/Analysis/Grouping.h"

namespace xcs {

/// When the last node of the graph ends if each starts as early as it can, and those
/// of one group together; `durations` has how long each node takes. The groups, of
/// which the order does not matter, must leave no cycle.
double findEnd(const DependenceGraph &graph, const std::vector<double> &durations,
               const std::vector<Group> &groups);

/// `groups`, in their order, if the end with them is no later than without any; else
/// what they fall apart into if only nodes that start and end at the same times stay
/// together, which delays nobody. Linear, but for the logarithm of a sort.
std::vector<Group> keepInTime(const DependenceGraph &graph, const std::vector<double> &durations,
                              std::vector<Group> groups);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_GROUPTIMES_H

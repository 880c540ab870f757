//===- TimeCostBranches.h - Branch and bound over a network -----*- C++ -*-===//
//
// Of what is left of a network once series and parallel parts are put together, the
// best way in time. See E. Demeulemeester et al., "New computational results on the
// discrete time/cost trade-off problem in project networks" (1998), who branch likewise
// where the relaxation's convex tradeoff is furthest from the ways that there are.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_TIMECOSTBRANCHES_H
#define XCSLLM_LIB_ANALYSIS_TIMECOSTBRANCHES_H

#include "TimeCostNetwork.h"

namespace xcs {

/// The ways of each edge, the fastest first and each cheaper than those before.
using EdgeWays = std::vector<std::vector<TimeCostOption>>;

struct BranchResult {
  std::vector<uint32_t> chosen; ///< the way of each edge; empty if none was found
  double cost = std::numeric_limits<double>::infinity();
  double bound = 0; ///< no choice in time that costs less than `limit` costs less than this
};

/// The cheapest choice in time that costs less than `limit`. What is still open is looked
/// at in the order of its bounds, until `effort` is spent.
BranchResult branchAndBound(const Network &network, const EdgeWays &ways, double deadlineMs,
                            double limit, size_t &effort);

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_TIMECOSTBRANCHES_H

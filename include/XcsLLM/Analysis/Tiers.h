//===- Tiers.h - Which calls can wait ---------------------------*- C++ -*-===//
//
// Providers serve a request cheaper that may be answered later: at the flex tier at
// no promised time, at the batch tier within 24 hours. Answers are the same, so a
// call may be moved there wherever there is time.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_TIERS_H
#define XCSLLM_ANALYSIS_TIERS_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// The tiers to which calls may be moved in programs that have no deadline: without
/// one nothing says that there is time, so it takes the user's word.
struct TierLeave {
  bool flex = false, batch = false;

  bool contains(ServiceTier tier) const {
    return tier == ServiceTier::Standard || (tier == ServiceTier::Flex ? flex : batch);
  }
};

/// Reads names of tiers; an error names one that there is not.
llvm::Expected<TierLeave> parseTiers(llvm::ArrayRef<std::string> names);

/// Whether a rewrite may choose a tier for `call` at all: it names none, is in no
/// chain with a deadline, and in no member of `first`, where who is late has lost.
bool isTierOpen(LLMCallOpInterface call);

/// Whether rewrites of `function` may move calls to `tier`. If it has a deadline,
/// to tiers that promise a time, which is to be counted then; else to those of `leave`.
bool isTierOpen(mlir::func::FuncOp function, ServiceTier tier, TierLeave leave);

/// Whether `call` of `program`, the function's costs, can be served at `tier`
/// instead of its own: both of the above, its model has prices for that tier, and
/// the program is still done by its deadline. Each call is looked at alone: after one
/// has moved, the costs are to be asked for again.
bool tierFits(mlir::func::FuncOp function, const ProgramCost &program, const CallCost &call,
              ServiceTier tier, TierLeave leave);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_TIERS_H

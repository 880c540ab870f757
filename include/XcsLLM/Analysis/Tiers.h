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

  bool isGiven() const { return flex || batch; }
  bool contains(ServiceTier tier) const {
    return tier == ServiceTier::Standard || (tier == ServiceTier::Flex ? flex : batch);
  }
};

/// Reads names of tiers; an error names one that there is not.
llvm::Expected<TierLeave> parseTiers(llvm::ArrayRef<std::string> names);

/// Why no rewrite may choose the tier of `call`: it names one, is in a chain with a
/// deadline, or in a member of `first`, where who is late has lost. Empty if one may.
llvm::StringRef whyTierIsFixed(LLMCallOpInterface call);

/// Whether `op` is in a chain with a deadline.
bool isInHurriedChain(mlir::Operation *op);

/// To which tiers rewrites may move calls of the functions in `root`.
class TierRule {
public:
  TierRule(mlir::Operation *root, TierLeave leave) : root(root), leave(leave) {}

  /// Whether calls of `function` may move to `tier`. If it has a deadline, to tiers that
  /// promise a time, which is to be counted then; else to those of the leave, if nobody
  /// who has a deadline calls it.
  bool isOpen(mlir::func::FuncOp function, ServiceTier tier);
  /// Why to none but the standard tier; empty if to some.
  llvm::StringRef whyFixed(mlir::func::FuncOp function);

private:
  bool isUnderDeadline(mlir::func::FuncOp function);

  mlir::Operation *root;
  TierLeave leave;
  /// Functions that others call under a deadline; empty until asked.
  std::optional<llvm::DenseSet<mlir::Operation *>> hurried;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_TIERS_H

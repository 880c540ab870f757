//===- BatchFunction.h - What `--xcs-batch-prompts` does --------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_BATCHFUNCTION_H
#define XCSLLM_LIB_TRANSFORMS_BATCHFUNCTION_H

#include "RewritePass.h"
#include "XcsLLM/Analysis/Tiers.h"

namespace xcs {

struct BatchSizes {
  int64_t fewest = 2; ///< calls that make a batch
  int64_t most = 0;   ///< items that go out together; 0 for no limit
  bool explain = true; ///< why calls are in no batch
};

/// Groups independent calls of one kind into batches. Lossless.
bool batchCalls(Rewrite &state, const BatchSizes &sizes);

/// Puts calls that can wait on a cheaper service tier. Lossless.
class TierChooser {
public:
  TierChooser(mlir::ModuleOp root, TierLeave leave, std::shared_ptr<const Catalog> catalog)
      : leave(leave), rule(root, leave), catalog(std::move(catalog)) {}

  bool run(Rewrite &state);

private:
  /// A call, the tier that is cheapest for it, and what it then costs.
  struct Candidate {
    LLMCallOpInterface call;
    ServiceTier tier;
    double slackMs;
    Effort before, after;
  };

  std::vector<Candidate> findCandidates(Rewrite &state);
  size_t countInTime(Rewrite &state, llvm::MutableArrayRef<Candidate> candidates,
                     double deadlineMs);
  ProgramCost getCost(mlir::func::FuncOp function);

  TierLeave leave;
  TierRule rule;
  std::shared_ptr<const Catalog> catalog;
};

/// How items are put together in one request.
struct PackOptions {
  int64_t most = 0;         ///< items in one request; 0 for none
  double acceptRate = 0.95; ///< expected share of items that the answer has
};

/// Puts several items of a batch in one request each. Quality-bounded.
bool packPrompts(Rewrite &state, const PackOptions &options, const Catalog &catalog);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_BATCHFUNCTION_H

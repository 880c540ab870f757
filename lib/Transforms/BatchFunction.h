//===- BatchFunction.h - What `--xcs-batch-prompts` does --------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_BATCHFUNCTION_H
#define XCSLLM_LIB_TRANSFORMS_BATCHFUNCTION_H

#include "RewritePass.h"

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
  TierChooser(mlir::ModuleOp root, llvm::ArrayRef<ServiceTier> offered,
              std::shared_ptr<const Catalog> catalog)
      : root(root), offered(offered), catalog(std::move(catalog)) {}

  bool run(Rewrite &state);

private:
  /// A call, the tier that is cheapest for it, and what it then costs.
  struct Candidate {
    LLMCallOpInterface call;
    ServiceTier tier;
    double slackMs;
    Effort before, after;
  };

  bool isUnderDeadline(mlir::func::FuncOp function);
  std::vector<Candidate> findCandidates(Rewrite &state, llvm::ArrayRef<ServiceTier> tiers);
  size_t countInTime(Rewrite &state, llvm::MutableArrayRef<Candidate> candidates,
                     double deadlineMs);
  ProgramCost getCost(mlir::func::FuncOp function);

  mlir::ModuleOp root;
  llvm::ArrayRef<ServiceTier> offered;
  std::shared_ptr<const Catalog> catalog;
  /// Functions that others call under a deadline; empty until asked.
  std::optional<llvm::DenseSet<mlir::Operation *>> hurried;
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

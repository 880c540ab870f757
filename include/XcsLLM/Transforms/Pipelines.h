//===- Pipelines.h - Passes in order ----------------------------*- C++ -*-===//

#ifndef XCSLLM_TRANSFORMS_PIPELINES_H
#define XCSLLM_TRANSFORMS_PIPELINES_H

#include "XcsLLM/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"

namespace xcs {

// The two halves of `xcs-optimize`, on a module, for pipelines of one's own. That
// pass also repeats the first one while it changes something, and takes back what
// does not gain.

/// Which upstream passes have something to do: they take their time even if not.
struct UpstreamUse {
  bool inlines = true;    ///< functions are called, and may be put into their callers
  bool propagates = true; ///< values pass through calls, regions or blocks
};

/// Makes programs simpler, with fewer and cheaper requests.
void buildSimplifyPipeline(mlir::OpPassManager &pipeline, const OptimizeOptions &options,
                           UpstreamUse upstream);

/// Places the requests that are left: into groups, behind caches, under marks.
void buildPlacementPipeline(mlir::OpPassManager &pipeline, const OptimizeOptions &options);

} // namespace xcs

#endif // XCSLLM_TRANSFORMS_PIPELINES_H

//===- PruneConditionals.cpp - Leave out branches and decisions that a-----===//

#include "RewritePass.h"

namespace xcs {
#define GEN_PASS_DEF_PRUNECONDITIONALS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct PruneConditionals : RewritePass<xcs::impl::PruneConditionalsBase<PruneConditionals>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return false; }
};
} // namespace

//===- OptimizeChains.cpp - Put templates together, and flatten chains-----===//

#include "RewritePass.h"

namespace xcs {
#define GEN_PASS_DEF_OPTIMIZECHAINS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct OptimizeChains : RewritePass<xcs::impl::OptimizeChainsBase<OptimizeChains>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return false; }
};
} // namespace

//===- FuseEnsembles.cpp - Make equal sampled calls one request of sev-----===//

#include "RewritePass.h"

namespace xcs {
#define GEN_PASS_DEF_FUSEENSEMBLES
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct FuseEnsembles : RewritePass<xcs::impl::FuseEnsemblesBase<FuseEnsembles>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return false; }
};
} // namespace

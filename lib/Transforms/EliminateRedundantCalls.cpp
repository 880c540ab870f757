//===- EliminateRedundantCalls.cpp - Make equal deterministic calls on-----===//

#include "RewritePass.h"

namespace xcs {
#define GEN_PASS_DEF_ELIMINATEREDUNDANTCALLS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct EliminateRedundantCalls : RewritePass<xcs::impl::EliminateRedundantCallsBase<EliminateRedundantCalls>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return false; }
};
} // namespace

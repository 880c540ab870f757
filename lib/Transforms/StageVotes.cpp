//===- StageVotes.cpp - Take votes in the rounds that are cheapest to -----===//

#include "RewritePass.h"

namespace xcs {
#define GEN_PASS_DEF_STAGEVOTES
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct StageVotes : RewritePass<xcs::impl::StageVotesBase<StageVotes>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return false; }
};
} // namespace

//===- CancelRedundant.cpp - Mark what a result makes unnecessary ---------===//

#include "RewritePass.h"

namespace xcs {
#define GEN_PASS_DEF_CANCELREDUNDANT
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct CancelRedundant : RewritePass<xcs::impl::CancelRedundantBase<CancelRedundant>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return false; }
};
} // namespace

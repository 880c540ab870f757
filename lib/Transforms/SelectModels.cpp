//===- SelectModels.cpp - Choose the cheapest models and tiers that ke-----===//

#include "RewritePass.h"

namespace xcs {
#define GEN_PASS_DEF_SELECTMODELS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct SelectModels : RewritePass<xcs::impl::SelectModelsBase<SelectModels>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return false; }
};
} // namespace

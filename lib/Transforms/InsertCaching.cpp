//===- InsertCaching.cpp - Keep answers of cacheable calls where that -----===//

#include "RewritePass.h"

namespace xcs {
#define GEN_PASS_DEF_INSERTCACHING
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct InsertCaching : RewritePass<xcs::impl::InsertCachingBase<InsertCaching>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override { return false; }
};
} // namespace

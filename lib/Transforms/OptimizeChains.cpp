//===- OptimizeChains.cpp - Put templates together, and flatten chains ----===//
//
// Lossless: every prompt is the text that it was. Only `reorder` changes texts,
// which is the leave that a template's owner gives.
//
//===----------------------------------------------------------------------===//

#include "RewritePass.h"
#include "TemplateRewrites.h"

namespace xcs {
#define GEN_PASS_DEF_OPTIMIZECHAINS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

/// Replaces chains without constraints that stand directly in a chain with what is
/// in them. The outer chain goes on saying what is placed together.
static bool flattenChains(Rewrite &state) {
  SmallVector<ChainOp> nested;
  // Outer ones first: so each operation moves once, however deep it stands.
  state.function.walk<WalkOrder::PreOrder>([&](ChainOp chain) {
    if (!chain.getDeadlineMs() && !chain.getBudgetUsd() && isa<ChainOp>(chain->getParentOp()))
      nested.push_back(chain);
  });
  for (ChainOp chain : nested) {
    Block &body = chain.getBody().front();
    Operation *yield = body.getTerminator();
    chain.replaceAllUsesWith(yield->getOperands());
    yield->erase();
    chain->getBlock()->getOperations().splice(chain->getIterator(), body.getOperations());
    state.applied(chain.getLoc(), "flattened", Allow::Lossless,
                  "took a chain without constraints apart that stood in another one");
    chain.erase();
  }
  return !nested.empty();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct OptimizeChains : RewritePass<xcs::impl::OptimizeChainsBase<OptimizeChains>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override {
    bool changed = flattenChains(state);
    TemplateRewriter templates(state);
    // Each may make way for the others.
    while (templates.run())
      changed = true;
    templates.explain();
    return changed;
  }
};
} // namespace

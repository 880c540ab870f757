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
// Constant parts ahead
//===----------------------------------------------------------------------===//

namespace {
/// A template, and its format with constant parts ahead.
struct Reordering {
  PromptTemplateOp op;
  StringAttr before, after;
};

/// Moves constant parts ahead where calls then read more from the prompt cache.
class Reorderer {
public:
  Reorderer(Rewrite &state, const Catalog &catalog) : state(state), catalog(catalog) {}

  /// Whether it moved any.
  bool run();

private:
  ProgramCost getCost();
  void keepGaining(SmallVectorImpl<Reordering> &reorderings, const ProgramCost &before);
  void refuse(ArrayRef<Reordering> reorderings, StringRef reason);

  Rewrite &state;
  const Catalog &catalog;
};
} // namespace

/// What the function takes as it is now.
ProgramCost Reorderer::getCost() {
  CostModel costs(state.function->getParentOfType<ModuleOp>(), catalog);
  return costs.getCost(state.function);
}

void Reorderer::refuse(ArrayRef<Reordering> reorderings, StringRef reason) {
  for (const Reordering &reordering : reorderings)
    state.refused(PromptTemplateOp(reordering.op).getLoc(), "not-reordered",
                  "constant parts stay where they are: " + reason);
}

/// The calls that have the template in a message, directly or in other templates.
static SmallVector<Operation *> findCalls(PromptTemplateOp op) {
  SmallVector<Operation *> calls;
  llvm::SetVector<Operation *> templates;
  templates.insert(op);
  for (size_t at = 0; at < templates.size(); ++at)
    for (Operation *user : templates[at]->getUsers()) {
      if (isa<PromptTemplateOp>(user))
        templates.insert(user);
      else if (isa<LLMCallOpInterface>(user))
        calls.push_back(user);
    }
  return calls;
}

/// Takes back those from which no call, nor one that it shares a prefix with, reads
/// more from the cache than `before`.
void Reorderer::keepGaining(SmallVectorImpl<Reordering> &reorderings, const ProgramCost &before) {
  DenseMap<Operation *, std::pair<double, uint32_t>> callsAfter;
  llvm::DenseSet<uint32_t> gaining;
  ProgramCost after = getCost();
  for (const CallCost &call : after.calls)
    callsAfter[call.call] = {call.cachedInputTokens, call.prefixGroup};
  for (const CallCost &call : before.calls) {
    auto [cached, group] = callsAfter.lookup(call.call);
    if (group != 0 && cached > call.cachedInputTokens)
      gaining.insert(group);
  }
  SmallVector<Reordering> idle;
  llvm::erase_if(reorderings, [&](Reordering &reordering) {
    if (llvm::any_of(findCalls(reordering.op), [&](Operation *call) {
          return gaining.contains(callsAfter.lookup(call).second);
        }))
      return false;
    reordering.op.setFormatAttr(reordering.before);
    idle.push_back(reordering);
    return true;
  });
  refuse(idle, "no call of this program would read more from the prompt cache");
}

bool Reorderer::run() {
  SmallVector<Reordering> reorderings;
  state.function.walk([&](PromptTemplateOp op) {
    if (!op.getReorder())
      return;
    if (auto format = moveConstantsAhead(op.getFormat()))
      reorderings.push_back({op, op.getFormatAttr(), StringAttr::get(op.getContext(), *format)});
  });
  if (reorderings.empty())
    return false;
  if (!state.isAllowed(Allow::Distribution)) {
    refuse(reorderings, "the program gives leave for lossless rewrites alone");
    return false;
  }
  auto getEffort = [](const ProgramCost &cost) {
    return Effort{cost.totals.costUsd, cost.latencyMs, cost.totals.requests};
  };
  ProgramCost before = getCost();
  for (Reordering &reordering : reorderings)
    reordering.op.setFormatAttr(reordering.after);
  keepGaining(reorderings, before);
  if (reorderings.empty())
    return false;
  Change change{getEffort(before), getEffort(getCost())};
  if (!isGain(change.before, change.after, state.objective)) {
    for (Reordering &reordering : reorderings)
      reordering.op.setFormatAttr(reordering.before);
    refuse(reorderings, "the program would not gain");
    return false;
  }
  for (auto [index, reordering] : llvm::enumerate(reorderings))
    state.applied(reordering.op.getLoc(), "reordered", Allow::Quality,
                  "moved constant parts ahead, so that calls share a prefix",
                  index == 0 ? std::optional(change) : std::nullopt);
  return true;
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
    Reorderer reorderer(state, *models);
    // Each may make way for the others; more rounds of reordering than these would
    // find next to nothing.
    constexpr int manyRounds = 4;
    for (int round = 0; round < manyRounds; ++round) {
      while (templates.run())
        changed = true;
      if (!reorderer.run())
        break;
      changed = true;
    }
    templates.explain();
    return changed;
  }
};
} // namespace

//===- FuseEnsembles.cpp - Make equal sampled calls one request -----------===//
//
// Distribution-preserving: as many samples are drawn from the same request. Its
// prompt is billed once, and samples of one request come side by side: it is never
// dearer, slower or more requests than the calls were, whatever the prices.
//
//===----------------------------------------------------------------------===//

#include "Hoister.h"
#include "RewritePass.h"
#include "SampleLists.h"
#include "XcsLLM/Analysis/EqualSamples.h"

namespace xcs {
#define GEN_PASS_DEF_FUSEENSEMBLES
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
using Calls = SmallVector<LLMCallOpInterface>;

/// Calls to become one request in `block`.
struct Request {
  Calls calls;
  Block *block;
  bool isLimitKnown;
};

/// Makes requests of the samples that one function draws.
class SampleFuser {
public:
  explicit SampleFuser(Rewrite &state)
      : state(state), indices(state.function.getBody()), hoister(state.function, state.symbols) {}

  bool run();

private:
  bool isLeft(SampleGroup &group);
  void addRequests(SampleGroup &group);
  std::optional<Change> getChange(ArrayRef<LLMCallOpInterface> calls);
  bool fuse(ArrayRef<LLMCallOpInterface> calls, Block *block);
  void refuse(LLMCallOpInterface call, const Twine &reason) {
    state.refused(call->getLoc(), "not-fused", "not fused: " + reason);
  }

  Rewrite &state;
  IndexConstants indices;
  Hoister hoister;
  std::vector<Request> requests;
};
} // namespace

//===----------------------------------------------------------------------===//
// Which
//===----------------------------------------------------------------------===//

/// Whether somebody needs an answer of the call.
static bool isUsed(Operation *call) {
  return llvm::any_of(call->getUsers(), [](Operation *user) { return !isOpTriviallyDead(user); });
}

/// Why a call may be no sample of another request; empty if it may.
static StringRef getReason(LLMCallOpInterface call) {
  if (!call.getFusionCompatible())
    return "'fusion_compatible' is false";
  if (call.getNoReuse())
    return "'no_reuse' asks for a request of its own";
  if (call->getAttr("seed"))
    return "samples of one request cannot each have the 'seed'";
  if (!call.getModelAttr())
    return "no model is chosen, so nobody knows whether it gives several samples";
  return "";
}

/// Whether the group is left as it is, and says why.
bool SampleFuser::isLeft(SampleGroup &group) {
  LLMCallOpInterface first = group.calls.front();
  StringRef reason = getReason(first);
  if (group.calls.size() < 2) {
    if (group.elsewhere)
      refuse(first, reason.empty()
                        ? "an equal call stands where it may run when this one does not, or "
                          "another number of times"
                        : reason);
    return true;
  }
  if (reason.empty() && !state.isAllowed(Allow::Distribution))
    reason = "the program gives leave for lossless rewrites only ('xcs_llm.allow', or the option)";
  const ModelEntry &model = state.costs.getModels().lookup(first.getModelAttr());
  if (reason.empty() && model.maxSamples && *model.maxSamples < 2)
    reason = "the model gives one sample a request";
  if (reason.empty())
    return false;
  for (LLMCallOpInterface call : group.calls)
    refuse(call, reason);
  return true;
}

/// What the calls take together, and what one request for their samples does.
std::optional<Change> SampleFuser::getChange(ArrayRef<LLMCallOpInterface> calls) {
  Change change;
  const CallCost *first = state.getCost(calls.front());
  double output = 0;
  for (LLMCallOpInterface call : calls) {
    const CallCost *cost = state.getCost(call);
    if (!cost)
      return std::nullopt;
    change.before.costUsd += cost->costUsd * cost->runs.expected;
    change.before.requests += cost->requests * cost->runs.expected;
    output += cost->outputTokens.expected;
  }
  int64_t samples = countSamples(calls);
  CallTokens tokens{first->inputTokens.expected, first->cachedInputTokens, 0, output / samples,
                    samples};
  change.after.costUsd = priceCall(*first->model, first->tier, tokens) * first->runs.expected;
  change.after.requests = countRequests(*first->model, samples) * first->runs.expected;
  return change;
}

/// The requests to make of the group: calls that somebody needs the answer of, as many
/// as one request gives samples.
void SampleFuser::addRequests(SampleGroup &group) {
  Calls used;
  SmallVector<int64_t> samples;
  for (LLMCallOpInterface call : group.calls)
    if (isUsed(call)) {
      used.push_back(call);
      samples.push_back(call.getSampleCount());
    } else {
      refuse(call, "nobody uses its answer");
    }
  const ModelEntry &model = state.costs.getModels().lookup(group.calls.front().getModelAttr());
  for (ArrayRef<unsigned> indices : packSamples(samples, model.maxSamples))
    if (indices.size() > 1)
      requests.push_back({llvm::map_to_vector(indices, [&](unsigned index) { return used[index]; }),
                          group.block, model.maxSamples.has_value()});
    else if (used.size() > 1)
      refuse(used[indices.front()],
             "the model gives no more than " + Twine(*model.maxSamples) + " samples a request");
}

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

/// One request instead of the calls, in `block`: where the first of them stands, or
/// before the operation that holds it.
bool SampleFuser::fuse(ArrayRef<LLMCallOpInterface> calls, Block *block) {
  LLMCallOpInterface first = calls.front();
  OpBuilder builder(first);
  LLMCallOpInterface fused = mergeSamples(builder, calls);
  Operation *anchor = block->findAncestorOpInBlock(*first);
  if (anchor != first && !hoister.hoist(fused, anchor)) {
    fused->erase();
    return false;
  }
  useSamples(indices, calls, fused->getResult(0));
  SmallVector<Operation *> operands;
  for (LLMCallOpInterface call : calls) {
    for (Value operand : call->getOperands())
      if (Operation *definition = operand.getDefiningOp())
        operands.push_back(definition);
    call->erase();
  }
  eraseUnused(operands);
  return true;
}

bool SampleFuser::run() {
  {
    // What is equal is found before the first change.
    EqualValues values(state.function, state.symbols);
    for (SampleGroup &group : findEqualSamples(state.function, values))
      if (!isLeft(group))
        addRequests(group);
  }
  std::vector<std::optional<Change>> changes(requests.size());
  if (state.hasRemarks())
    for (auto [request, change] : llvm::zip(requests, changes))
      change = getChange(request.calls);
  bool changed = false;
  for (auto [request, change] : llvm::zip(requests, changes)) {
    Location loc = request.calls.front()->getLoc();
    if (!fuse(request.calls, request.block))
      continue;
    changed = true;
    state.applied(loc, "fused", Allow::Distribution,
                  "made one request of " + Twine(request.calls.size()) + " equal sampled calls" +
                      (request.isLimitKnown ? "" : "; the model's 'max_samples' is unknown"),
                  change);
  }
  indices.eraseUnused();
  return changed;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Whether there are two sampled calls at all.
static bool hasSampledCalls(Operation *function) {
  bool isSecond = false;
  return function
      ->walk([&](LLMCallOpInterface call) {
        return !call.isDeterministic() && std::exchange(isSecond, true) ? WalkResult::interrupt()
                                                                        : WalkResult::advance();
      })
      .wasInterrupted();
}

namespace {
struct FuseEnsembles : RewritePass<xcs::impl::FuseEnsemblesBase<FuseEnsembles>> {
  using RewritePass::RewritePass;

  FailureOr<bool> rewrite(Rewrite &state) override {
    return hasSampledCalls(state.function) && SampleFuser(state).run();
  }
};
} // namespace

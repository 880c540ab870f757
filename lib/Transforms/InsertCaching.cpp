//===- InsertCaching.cpp - Keep answers of cacheable calls where that pays ===//
//
// A cacheable call says that an answer from an earlier run will do. Deterministic
// ones have equal answers, so keeping one is lossless. Sampled ones stay samples
// that are independent of each other: each is kept under its own number.
//
//===----------------------------------------------------------------------===//

#include "RewritePass.h"
#include "XcsLLM/Analysis/Caching.h"
#include "llvm/Support/Format.h"

namespace xcs {
#define GEN_PASS_DEF_INSERTCACHING
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
/// What the pass is told about the cache.
struct CacheOptions {
  Effort lookup;
  double hitRate; ///< of calls that do not say; 0: not known
  FloatAttr ttlS;
  StringAttr scope;
};

/// Caches the calls of one function.
class FunctionCacher {
public:
  FunctionCacher(Rewrite &state, const CacheOptions &options, const CalledFunctions &called);

  /// Whether it put a cache in front of the call.
  bool visit(LLMCallOpInterface call);

private:
  /// The calls that share the beginning of a prompt.
  struct PrefixGroup {
    Operation *first = nullptr;
    double saved = 0; ///< US dollars that the others save as the first one runs
  };

  void findPrefixGroups(const ProgramCost &program);
  std::string findObstacle(LLMCallOpInterface call);
  std::string findLoss(const CallCost &cost, double hitRate, Change &change);
  void insert(LLMCallOpInterface call, StringRef fingerprint);

  Rewrite &state;
  const CacheOptions &options;
  const CalledFunctions &called;
  LookupRoom room;
  llvm::DenseMap<uint32_t, PrefixGroup> groups;
  std::optional<SampleNumbers> numbers;
};
} // namespace

FunctionCacher::FunctionCacher(Rewrite &state, const CacheOptions &options,
                               const CalledFunctions &called)
    : state(state), options(options), called(called), room(state.getCost(), options.lookup) {
  findPrefixGroups(state.getCost());
}

//===----------------------------------------------------------------------===//
// Whether
//===----------------------------------------------------------------------===//

/// A first call that is often answered from the cache fills no prompt cache for the
/// others, by the cost model's rule that only what surely ran does.
void FunctionCacher::findPrefixGroups(const ProgramCost &program) {
  for (const CallCost &cost : program.calls) {
    if (cost.prefixGroup == 0)
      continue;
    PrefixGroup &group = groups[cost.prefixGroup];
    if (!group.first)
      group.first = LLMCallOpInterface(cost.call);
    CallTokens tokens{cost.inputTokens.expected};
    double full = priceCall(*cost.model, cost.tier, tokens).known;
    tokens.cached = cost.cachedInputTokens;
    double reduced = priceCall(*cost.model, cost.tier, tokens).known;
    group.saved += (full - reduced) * cost.runs.expected;
  }
}

/// Why an answer of `call` must not be kept; empty if it may.
std::string FunctionCacher::findObstacle(LLMCallOpInterface call) {
  if (call.getNoReuse())
    return "'no_reuse' asks anew in each run";
  if (!call.getModelAttr())
    return "it names no model yet; '--xcs-select-models' chooses one";
  if (called.isConstrained(state.function))
    return "its function is called where a budget or a deadline holds";
  if (call.isDeterministic())
    return "";
  if (!state.isAllowed(Allow::Distribution))
    return "leave is given for lossless rewrites only, and its samples are kept";
  if (called.contains(state.function))
    return "its function is called, and each call of it needs a sample of its own";
  return findRepetition(call).str();
}

/// Why a cache in front of `cost` does not gain; empty if it does.
std::string FunctionCacher::findLoss(const CallCost &cost, double hitRate, Change &change) {
  if (hitRate == 0)
    return "it is not known how often it is answered before: 'hit_rate' says so, or the option "
           "'hit-rate'";
  double runs = cost.runs.expected;
  change.before = {cost.costUsd * runs, cost.latencyMs, cost.requests * runs};
  Effort lookup{options.lookup.costUsd * runs, options.lookup.latencyMs, 0};
  const PrefixGroup &group = groups.lookup(cost.prefixGroup);
  if (group.first == LLMCallOpInterface(cost.call))
    lookup.costUsd.known += group.saved;
  change.after = getCachedEffort(change.before, hitRate, lookup);
  switch (getCachingGain(change.before, hitRate, lookup, state.objective)) {
  case CachingGain::Yes:
    return "";
  case CachingGain::No: {
    std::string reason;
    llvm::raw_string_ostream(reason) << "looking takes more than it saves at a hit rate of "
                                     << llvm::format("%g", hitRate);
    return reason;
  }
  case CachingGain::Unknown:
    return "what it takes is not known, so neither is what looking saves";
  }
  llvm_unreachable("a gain of an unknown kind");
}

//===----------------------------------------------------------------------===//
// How
//===----------------------------------------------------------------------===//

// Pattern: call(p) becomes cascade { lookup(p) }, { store(p, call(p)) }.
void FunctionCacher::insert(LLMCallOpInterface call, StringRef fingerprint) {
  OpBuilder builder(call);
  Location loc = call.getLoc();
  Type type = call->getResult(0).getType();
  auto name = builder.getStringAttr(fingerprint);
  auto cascade = CascadeOp::create(builder, loc, type, /*attempts=*/nullptr,
                                   /*accept_rate=*/nullptr, /*stagesCount=*/2);
  call->getResult(0).replaceAllUsesWith(cascade.getResult(0));
  builder.createBlock(&cascade.getStages()[0]);
  Value kept = CacheLookupOp::create(builder, loc, type, call.getMessages(), name, options.ttlS,
                                     options.scope);
  YieldOp::create(builder, loc, kept);
  Block *miss = builder.createBlock(&cascade.getStages()[1]);
  call->moveBefore(miss, miss->end());
  Value stored = CacheStoreOp::create(builder, loc, type, call->getResult(0), call.getMessages(),
                                      name, options.ttlS, options.scope);
  YieldOp::create(builder, loc, stored);
}

bool FunctionCacher::visit(LLMCallOpInterface call) {
  const CallCost *cost = state.getCost(call);
  double hitRate =
      call.getHitRateAttr() ? call.getHitRateAttr().getValueAsDouble() : options.hitRate;
  std::string reason = findObstacle(call);
  Change change;
  if (reason.empty())
    reason = findLoss(*cost, hitRate, change);
  if (StringRef broken; reason.empty() && !(broken = room.take(*cost)).empty())
    reason = ("looking might break '" + broken + "' around it at worst").str();
  if (!reason.empty()) {
    state.refused(call.getLoc(), "not-cached", "not kept in a cache: " + reason);
    return false;
  }
  OpBuilder builder(call);
  call->setAttr("cacheable", builder.getUnitAttr());
  call->setAttr("hit_rate", builder.getF64FloatAttr(hitRate));
  bool isSampled = !call.isDeterministic();
  std::string fingerprint = getFingerprint(call);
  if (isSampled) {
    if (!numbers)
      numbers.emplace(state.function);
    fingerprint = numbers->getNext(fingerprint);
  }
  // The program is faster only if it waits for the call.
  if (!cost->timing.isCritical)
    change.before.latencyMs.complete = false;
  state.applied(call.getLoc(), "cached", isSampled ? Allow::Distribution : Allow::Lossless,
                "put a cache in front of a call", change);
  insert(call, fingerprint);
  return true;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Whether an answer of the call is kept already.
static bool isKept(LLMCallOpInterface call) {
  return llvm::any_of(call->getUsers(), llvm::IsaPred<CacheStoreOp>);
}

namespace {
struct InsertCaching : RewritePass<xcs::impl::InsertCachingBase<InsertCaching>> {
  using RewritePass::RewritePass;

  LogicalResult initialize(MLIRContext *context) override {
    auto isFigure = [](double figure) { return std::isfinite(figure) && figure >= 0; };
    if (!isFigure(ttlS) || !isFigure(lookupUsd) || !isFigure(lookupMs) || !isFigure(hitRate) ||
        hitRate > 1)
      return emitError(UnknownLoc::get(context))
             << "xcs-insert-caching: ttl-s, lookup-usd and lookup-ms must be at least 0, and "
                "hit-rate from 0 to 1 (got "
             << ttlS.getValue() << ", " << lookupUsd.getValue() << ", " << lookupMs.getValue()
             << " and " << hitRate.getValue() << ")";
    return RewritePass::initialize(context);
  }

  FailureOr<bool> rewrite(Rewrite &state) override {
    std::vector<LLMCallOpInterface> calls;
    state.function.walk<WalkOrder::PreOrder>([&](LLMCallOpInterface call) {
      if ((call.getCacheable() || (cacheDeterministic && call.isDeterministic())) &&
          !call->use_empty() && !isKept(call))
        calls.push_back(call);
    });
    if (calls.empty())
      return false;
    Builder builder(state.function.getContext());
    CacheOptions options{{{lookupUsd}, {lookupMs}, 0},
                         hitRate,
                         ttlS > 0 ? builder.getF64FloatAttr(ttlS) : FloatAttr(),
                         scope.empty() ? StringAttr() : builder.getStringAttr(scope)};
    FunctionCacher cacher(state, options, getAnalysis<CalledFunctions>());
    bool changed = false;
    for (LLMCallOpInterface call : calls)
      changed |= cacher.visit(call);
    return changed;
  }
};
} // namespace

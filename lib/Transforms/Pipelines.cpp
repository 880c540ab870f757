//===- Pipelines.cpp - Passes in order ------------------------------------===//

#include "XcsLLM/Transforms/Pipelines.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace xcs;

/// The options that all rewrites share, as those of another pass.
template <typename PassOptions> static PassOptions share(const OptimizeOptions &options) {
  PassOptions shared;
  shared.allow = options.allow;
  shared.objective = options.objective;
  shared.catalog = options.catalog;
  return shared;
}

void xcs::buildSimplifyPipeline(OpPassManager &pipeline, const OptimizeOptions &options,
                                UpstreamUse upstream) {
  // Whatever comes later sees one function at a time.
  if (upstream.inlines)
    pipeline.addPass(createInlinerPass({}, /*defaultPipelineBuilder=*/nullptr));
  // Constants first: they decide conditions, and a decided condition removes calls
  // that nobody needs to look at any more.
  if (upstream.propagates)
    pipeline.addPass(createSCCPPass());
  pipeline.addPass(createCanonicalizerPass());
  // Templates before equal calls: two that say the same in different pieces are
  // equal once put together.
  pipeline.addPass(createOptimizeChains(share<OptimizeChainsOptions>(options)));
  // Models before equal calls, too: calls whose models were not the same may be equal
  // once both are chosen.
  auto choice = share<SelectModelsOptions>(options);
  choice.candidates = options.candidates;
  choice.tiers = options.tiers;
  pipeline.addPass(createSelectModels(std::move(choice)));
  // Equal calls before conditions: a call that two branches share must not sink into
  // one of them.
  pipeline.addPass(
      createEliminateRedundantCalls(share<EliminateRedundantCallsOptions>(options)));
  pipeline.addPass(createPruneConditionals(share<PruneConditionalsOptions>(options)));
  // Samples last: what was merged or has gone is no sample of anything. One request
  // of many samples is what staging starts from.
  pipeline.addPass(createFuseEnsembles(share<FuseEnsemblesOptions>(options)));
  auto votes = share<StageVotesOptions>(options);
  votes.confidence = options.confidence;
  pipeline.addPass(createStageVotes(std::move(votes)));
}

void xcs::buildPlacementPipeline(OpPassManager &pipeline, const OptimizeOptions &options) {
  // Equal templates would be made for each item, and what is left of others looked at.
  pipeline.addPass(createCSEPass());
  // Groups come when no request goes or changes any more.
  auto batching = share<BatchPromptsOptions>(options);
  batching.tiers = options.tiers;
  batching.pack = options.pack;
  batching.packAcceptRate = options.packAcceptRate;
  pipeline.addPass(createBatchPrompts(std::move(batching)));
  // Caches know a request by all that it asks, so they come after what changes
  // requests, into the groups: there only misses go out.
  auto caching = share<InsertCachingOptions>(options);
  caching.scope = options.scope;
  caching.ttlS = options.ttlS;
  caching.hitRate = options.hitRate;
  caching.cacheDeterministic = options.cacheDeterministic;
  caching.lookupUsd = options.lookupUsd;
  caching.lookupMs = options.lookupMs;
  pipeline.addPass(createInsertCaching(std::move(caching)));
  // Marks name what decides, so nothing may move behind them.
  pipeline.addPass(createCancelRedundant(share<CancelRedundantOptions>(options)));
}

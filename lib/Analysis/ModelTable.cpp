//===- ModelTable.cpp - The models that a module's calls name -------------===//

#include "XcsLLM/Analysis/ModelTable.h"

using namespace mlir;
using namespace xcs;

static void set(std::optional<double> &field, FloatAttr attribute) {
  if (attribute)
    field = attribute.getValueAsDouble();
}
static void set(std::optional<int64_t> &field, IntegerAttr attribute) {
  if (attribute)
    field = attribute.getInt();
}

/// What `op` says, and nothing else.
static ModelEntry getEntry(ModelOp op) {
  ModelEntry entry;
  entry.name = op.getName().str();
  entry.provider = op.getProvider().value_or("").str();
  Prices &prices = entry.prices[0];
  set(prices.input, op.getInputUsdPerMtokAttr());
  set(prices.output, op.getOutputUsdPerMtokAttr());
  set(prices.cachedInput, op.getCachedInputUsdPerMtokAttr());
  set(prices.cacheWrite, op.getCacheWriteUsdPerMtokAttr());
  set(entry.minCachedTokens, op.getMinCachedTokensAttr());
  set(entry.contextTokens, op.getContextTokensAttr());
  set(entry.maxOutputTokens, op.getMaxOutputTokensAttr());
  set(entry.maxSamples, op.getMaxSamplesAttr());
  entry.arrayInputs = op.getArrayInputs();
  if (auto flag = op->getAttrOfType<BoolAttr>("xcs_llm.supports_response_schema"))
    entry.responseSchema = flag.getValue();
  set(entry.quality, op.getQualityAttr());
  set(entry.ttftMs, op.getTtftMsAttr());
  set(entry.outputTokensPerS, op.getOutputTokensPerSAttr());
  set(entry.requestsPerMin, op.getRequestsPerMinAttr());
  set(entry.tokensPerMin, op.getTokensPerMinAttr());
  set(entry.maxConcurrency, op.getMaxConcurrencyAttr());
  set(entry.failureRate, op.getFailureRateAttr());
  set(entry.memoryMb, op.getMemoryMbAttr());
  return entry;
}

ServiceTier xcs::getServiceTier(LLMCallOpInterface call) {
  StringAttr tier = call.getServiceTierAttr();
  if (tier && tier.getValue() == "flex")
    return ServiceTier::Flex;
  if (tier && tier.getValue() == "batch")
    return ServiceTier::Batch;
  return ServiceTier::Standard;
}

ModelTable::ModelTable(ModuleOp module, const Catalog &catalog) : catalog(catalog) {
  for (auto op : module.getOps<ModelOp>())
    declarations.try_emplace(op.getNameAttr(), op);
}

const ModelEntry &ModelTable::lookup(StringAttr name) {
  std::unique_ptr<ModelEntry> &entry = entries[name];
  if (entry)
    return *entry;
  entry = std::make_unique<ModelEntry>();
  if (!name)
    return *entry;
  if (const ModelEntry *known = catalog.lookup(name))
    *entry = *known;
  entry->name = name.str();
  if (ModelOp op = declarations.lookup(name)) {
    overlay(*entry, getEntry(op));
    if (FloatAttr discount = op.getBatchDiscountAttr())
      applyBatchDiscount(*entry, discount.getValueAsDouble());
  }
  return *entry;
}

StringRef ModelTable::findNearest(StringAttr name) const {
  bool isKnown = declarations.count(name) || catalog.lookup(name);
  return isKnown ? "" : catalog.findNearest(name);
}

Service ModelTable::getService(LLMCallOpInterface call) const {
  auto known = assumed.find(call);
  return known != assumed.end() ? known->second
                                : Service{call.getModelAttr(), getServiceTier(call)};
}

std::shared_ptr<const Catalog> xcs::loadCatalog(StringRef path, Location location) {
  const Catalog &builtIn = Catalog::builtIn();
  if (path.empty())
    return std::shared_ptr<const Catalog>(&builtIn, [](const Catalog *) {});
  llvm::Expected<Catalog> user = Catalog::load(path);
  if (!user) {
    emitError(location) << llvm::toString(user.takeError());
    return nullptr;
  }
  auto catalog = std::make_shared<Catalog>(builtIn);
  catalog->overlay(*user);
  return catalog;
}

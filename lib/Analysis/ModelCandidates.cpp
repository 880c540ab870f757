//===- ModelCandidates.cpp - Which models could answer a call -------------===//

#include "XcsLLM/Analysis/ModelCandidates.h"
#include "XcsLLM/Analysis/Figures.h"
#include "XcsLLM/Analysis/Limits.h"
#include "XcsLLM/Support/Text.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

static bool isEmbedding(const ModelEntry &model) { return model.mode == "embedding"; }

/// Modes of models that answer conversations; a model that does not say is taken to.
static bool isChat(const ModelEntry &model) {
  return llvm::is_contained({"", "chat", "completion", "responses"}, StringRef(model.mode));
}

/// Every chat model of the catalog that says what it costs and how good it is.
static void addAll(const Catalog &catalog, MLIRContext *context,
                   llvm::SetVector<StringAttr> &names) {
  std::vector<StringRef> known;
  for (const auto &entry : catalog.getEntries()) {
    const ModelEntry &model = entry.second;
    const Prices &prices = model.prices[0];
    bool hasQuality = model.quality || !model.qualityByTask.empty();
    if (isChat(model) && prices.input && prices.output && hasQuality && model.priceError.empty())
      known.push_back(entry.first());
  }
  llvm::sort(known);
  for (StringRef name : known)
    names.insert(StringAttr::get(context, name));
}

CandidateModels xcs::findCandidateModels(ModuleOp module, ModelTable &models,
                                         const Catalog &catalog, ArrayRef<std::string> more) {
  CandidateModels candidates;
  llvm::SetVector<StringAttr> embeddings;
  auto add = [&](StringAttr name) {
    const ModelEntry &model = models.lookup(name);
    if (!model.priceError.empty())
      return;
    if (isEmbedding(model))
      embeddings.insert(name);
    else if (isChat(model))
      candidates.chat.insert(name);
  };
  DenseMap<Type, llvm::SetVector<StringAttr>> embeddingsOf;
  llvm::DenseSet<StringAttr> embeds; // declared models may not say that they embed
  SmallVector<Type> missing;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<ModuleOp>(op) && op != module) // has models of its own
      return WalkResult::skip();
    if (auto embed = dyn_cast<EmbedOp>(op)) {
      if (!embed.getModelAttr())
        missing.push_back(embed.getType());
      else if (embeds.insert(embed.getModelAttr()).second)
        embeddingsOf[embed.getType()].insert(embed.getModelAttr());
    } else if (auto call = dyn_cast<LLMCallOpInterface>(op); call && call.getModelAttr()) {
      candidates.chat.insert(call.getModelAttr());
    }
    return WalkResult::advance();
  });
  for (auto declared : module.getOps<ModelOp>())
    if (!embeds.contains(declared.getNameAttr()))
      add(declared.getNameAttr());
  for (const std::string &name : more) {
    if (name == "all")
      addAll(catalog, module.getContext(), candidates.chat);
    else
      add(StringAttr::get(module.getContext(), name));
  }
  for (Type type : missing) {
    // Those of the same space first: what else there is may have other dimensions.
    auto &known = embeddingsOf[type].empty() ? embeddings : embeddingsOf[type];
    StringAttr &best = candidates.embeddings[type];
    auto getPrice = [&](StringAttr name) {
      return models.lookup(name).prices[0].input.value_or(mostFigure);
    };
    for (StringAttr name : known)
      if (!best || getPrice(name) < getPrice(best))
        best = name;
  }
  return candidates;
}

//===----------------------------------------------------------------------===//
// Open calls
//===----------------------------------------------------------------------===//

/// Whether the answer of `call` is kept under a key that was made for its request.
static bool isStored(LLMCallOpInterface call) {
  return llvm::any_of(call->getUsers(), [](Operation *user) { return isa<CacheStoreOp>(user); });
}

StringRef xcs::whyModelIsFixed(LLMCallOpInterface call, func::FuncOp function, Allow leave) {
  if (!call.getModelAttr())
    return "";
  if (leave < Allow::Quality)
    return "its model is named, and another may stand in only with the leave 'quality'";
  if (isa<EmbedOp>(call))
    return "its model is named, and embeddings of different models cannot be compared";
  if (!getQualityBound(call, function))
    return "its model is named, and no 'min_quality' says how good another has to be";
  if (isStored(call))
    return "its answers are kept in a cache, which would mix those of different models";
  return "";
}

std::vector<OpenCall> xcs::findOpenCalls(func::FuncOp function, Allow leave, TierRule &tiers) {
  std::vector<OpenCall> calls;
  bool hasTiers = tiers.whyFixed(function).empty();
  function.walk<WalkOrder::PreOrder>([&](LLMCallOpInterface call) {
    OpenCall open;
    open.call = call;
    open.hasOpenModel = whyModelIsFixed(call, function, leave).empty();
    open.hasOpenTier = hasTiers && whyTierIsFixed(call).empty() && !isStored(call);
    if (open.hasOpenModel || open.hasOpenTier)
      calls.push_back(std::move(open));
  });
  return calls;
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

namespace {

/// What keeps a model from answering a call: the later, the closer it came.
enum class Lack : uint8_t { Price, Speed, Feature, Length, Quality, Nothing };

class OptionFinder {
public:
  OptionFinder(CostModel &costs, func::FuncOp function, TierRule &tiers, bool needsTimes,
               std::vector<OpenCall> &calls)
      : costs(costs), function(function), tiers(tiers), needsTimes(needsTimes), calls(calls) {}

  void run(const CandidateModels &models);

private:
  /// What a call takes, in the tokens of one family of models.
  struct Figures {
    Forecast input, output, runs;
    double timeRuns = 1;
    double cached = 0;
    Amount costUsd; ///< of one run, with what is read from the prompt cache
  };

  bool isCandidate(OpenCall &open, StringAttr name);
  std::vector<Figures> walk(StringAttr name);
  const std::vector<Figures> &getFigures(StringAttr name, const ModelEntry &model);
  void addOptions(OpenCall &open, StringAttr name, const ModelEntry &model,
                  const Figures &figures);
  Lack check(OpenCall &open, const ModelEntry &model, const Figures &figures, bool isGiven);
  void explain(OpenCall &open, Lack lack);

  CostModel &costs;
  func::FuncOp function;
  TierRule &tiers;
  bool needsTimes;
  std::vector<OpenCall> &calls;

  const CandidateModels *models = nullptr;
  std::map<TokenizerFamily, std::vector<Figures>> byFamily;
  std::vector<Figures> cachedFigures;
  /// Of each call without options: how far the models came, and the best of them.
  struct Closest {
    Lack lack = Lack::Price;
    double figure = -1, limit = 0;
    std::string text; ///< of the figure
    size_t count = 0;
  };
  DenseMap<Operation *, Closest> closest;
};

} // namespace

/// What the open calls take if those that could have the model had it.
std::vector<OptionFinder::Figures> OptionFinder::walk(StringAttr name) {
  ModelTable &table = costs.getModels();
  for (OpenCall &open : calls)
    if (isCandidate(open, name))
      table.assume(open.call, {name, getServiceTier(open.call)});
  costs.forget(function);
  const ProgramCost &cost = costs.getCost(function);
  DenseMap<Operation *, const CallCost *> known;
  for (const CallCost &call : cost.calls)
    known[call.call] = &call;
  std::vector<Figures> figures;
  for (OpenCall &open : calls) {
    const CallCost &call = *known.lookup(open.call);
    figures.push_back({call.inputTokens, call.outputTokens, call.runs, call.timeRuns,
                       call.cachedInputTokens, call.costUsd});
  }
  table.stopAssuming();
  costs.forget(function);
  return figures;
}

bool OptionFinder::isCandidate(OpenCall &open, StringAttr name) {
  LLMCallOpInterface call = open.call;
  if (!open.hasOpenModel)
    return call.getModelAttr() == name;
  if (isa<EmbedOp>(call))
    return models->embeddings.lookup(call->getResult(0).getType()) == name;
  return models->chat.contains(name);
}

/// What each open call takes with the model. Prompts are as long for all models of
/// one family; the walk is done again only where the prompt cache may matter.
const std::vector<OptionFinder::Figures> &OptionFinder::getFigures(StringAttr name,
                                                                   const ModelEntry &model) {
  auto [known, isNew] =
      byFamily.try_emplace(getTokenizerFamily(model.name, model.provider));
  if (isNew)
    known->second = walk(name);
  double longest = 0;
  for (const Figures &figures : known->second)
    longest = std::max(longest, figures.input.expected);
  bool mayCache = model.minCachedTokens && longest >= *model.minCachedTokens &&
                  model.getPrices(ServiceTier::Standard, longest).cachedInput;
  if (mayCache)
    return cachedFigures = walk(name);
  for (Figures &figures : known->second)
    figures.cached = 0;
  return known->second;
}

Lack OptionFinder::check(OpenCall &open, const ModelEntry &model, const Figures &figures,
                         bool isGiven) {
  LLMCallOpInterface call = open.call;
  Closest &best = closest[call];
  ++best.count;
  auto note = [&](Lack lack, double figure, double limit, const Twine &text) {
    if (std::tie(best.lack, best.figure) < std::tie(lack, figure)) {
      size_t count = best.count;
      best = {lack, figure, limit, text.str(), count};
    }
    return lack;
  };
  Prices prices = model.getPrices(getServiceTier(call), figures.input.expected);
  if (!isGiven && (!prices.input || (!prices.output && figures.output.expected > 0)))
    return note(Lack::Price, 0, 0, "the price of model '" + model.name + "' is unknown");
  double output = figures.output.expected / call.getSampleCount();
  bool isTimed = needsTimes || isInHurriedChain(call);
  if (!isGiven && isTimed && !timeCall(model, getServiceTier(call), output).complete)
    return note(Lack::Speed, 0, 0, "the speed of model '" + model.name + "' is unknown");
  if (std::string lacking = getLackingFeature(call, model, isGiven); !lacking.empty())
    return note(Lack::Feature, 0, 0, lacking);
  for (const LengthLimit &limit : getLengthLimits(call, model, figures.input, figures.output)) {
    // What is named stands unless it is likely to break.
    double amount = isGiven ? limit.tokens.expected : limit.tokens.worst;
    if (exceeds(amount, limit.most))
      return note(Lack::Length, limit.most, 0,
                  limit.what + " must be at most " + formatCount(limit.most) + " tokens, the " +
                      limit.field + " of model '" + model.name + "' (got " + formatCount(amount) +
                      (isGiven ? ")" : " at worst)"));
  }
  std::optional<QualityBound> bound = getQualityBound(call, function);
  std::optional<double> quality = getQuality(call, model);
  if (!bound || (isGiven && !quality) || (quality && *quality >= bound->least))
    return Lack::Nothing;
  std::string least = "quality must be at least " + formatNumber(bound->least) + ", as '" +
                      bound->attribute.str() + "' says";
  if (!quality)
    return note(Lack::Quality, -1, 0, least + ", but that of model '" + model.name + "' is unknown");
  return note(Lack::Quality, *quality, 0,
              least + " (got " + formatNumber(*quality) + " of model '" + model.name + "')");
}

void OptionFinder::addOptions(OpenCall &open, StringAttr name, const ModelEntry &model,
                              const Figures &figures) {
  LLMCallOpInterface call = open.call;
  bool isGiven = call.getModelAttr() == name;
  // What is named is none of ours where only the tier is open.
  if (open.hasOpenModel && check(open, model, figures, isGiven) != Lack::Nothing)
    return;
  CallTokens tokens;
  tokens.input = figures.input.expected;
  tokens.samples = call.getSampleCount();
  tokens.output = figures.output.expected / tokens.samples;
  CallTokens alone = tokens;
  tokens.cached = figures.cached;
  auto add = [&](ServiceTier tier) {
    Amount known = priceCall(model, tier, tokens), dearest = priceCall(model, tier, alone);
    // What others pay for writing is not theirs to choose.
    Amount cost = figures.cached > 0 && tier == getServiceTier(call) && figures.costUsd.complete
                      ? Amount{std::min(known.known, figures.costUsd.known)}
                      : known;
    open.options.push_back({{name, tier}, cost * figures.runs.expected,
                            dearest.known * figures.runs.expected,
                            timeCall(model, tier, tokens.output) * figures.timeRuns});
    return cost;
  };
  ServiceTier own = getServiceTier(call);
  Amount cost = add(own);
  if (isGiven) // the first one
    std::rotate(open.options.begin(), open.options.end() - 1, open.options.end());
  if (!open.hasOpenTier || !cost.complete)
    return;
  for (ServiceTier tier : {ServiceTier::Flex, ServiceTier::Batch}) {
    Amount less = priceCall(model, tier, tokens);
    if (tiers.isOpen(function, tier) && less.complete && less.known < cost.known &&
        (!needsTimes || tier == ServiceTier::Batch))
      add(tier);
  }
}

void OptionFinder::run(const CandidateModels &candidates) {
  models = &candidates;
  llvm::SetVector<StringAttr> names(candidates.chat);
  for (OpenCall &open : calls)
    if (StringAttr name = open.call.getModelAttr())
      names.insert(name);
    else if (isa<EmbedOp>(open.call))
      if (StringAttr name = candidates.embeddings.lookup(open.call->getResult(0).getType()))
        names.insert(name);
  for (StringAttr name : names) {
    if (llvm::none_of(calls, [&](OpenCall &open) { return isCandidate(open, name); }))
      continue;
    const ModelEntry &model = costs.getModels().lookup(name);
    for (auto [open, figures] : llvm::zip(calls, getFigures(name, model)))
      if (isCandidate(open, name))
        addOptions(open, name, model, figures);
  }
  for (OpenCall &open : calls) {
    const Closest &best = closest[open.call];
    if (!open.options.empty())
      continue;
    open.reason = best.text;
    if (best.count > 1)
      open.reason += ", the best of " + std::to_string(best.count);
  }
}

void xcs::findOptions(CostModel &costs, func::FuncOp function, const CandidateModels &models,
                      TierRule &tiers, bool needsTimes, std::vector<OpenCall> &calls) {
  OptionFinder(costs, function, tiers, needsTimes, calls).run(models);
}

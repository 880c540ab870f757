//===- ModelSelection.cpp - Choose the models of one function -------------===//

#include "ModelSelector.h"
#include "XcsLLM/Analysis/Figures.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// What choices take
//===----------------------------------------------------------------------===//

Evaluated ModelSelector::evaluate(std::vector<uint32_t> chosen) {
  for (auto [open, option] : llvm::zip(calls, chosen))
    costs.getModels().assume(open.call, open.options[option].service);
  costs.forget(function);
  const ProgramCost &cost = costs.getCost(function);
  Effort effort{cost.totals.costUsd, cost.latencyMs, cost.totals.requests};
  return {std::move(chosen), effort, cost.makespanMs, cost.chains};
}

/// The program as it is, if it keeps what it asks for.
std::optional<Evaluated> ModelSelector::evaluateGiven() {
  std::vector<uint32_t> chosen;
  for (OpenCall &open : calls) {
    if (!open.isGiven(open.options.front()))
      return std::nullopt;
    chosen.push_back(0);
  }
  return evaluate(std::move(chosen));
}

/// Takes the choice if it is the first, or better than the best so far: first it has to
/// keep what it must.
void ModelSelector::consider(const ModelChoice &choice) {
  if (choice.outcome != ModelChoice::Outcome::Chosen)
    return;
  Evaluated other = evaluate(choice.chosen);
  bool isKept = keepsAll(other), wasKept = best && keepsAll(*best);
  if (!best || (isKept == wasKept ? isGain(best->effort, other.effort, state.objective) : isKept))
    best = std::move(other);
}

/// Options were priced as if all calls with one prefix had one model. Where the choice
/// parts them, it is dearer than was thought: then the best with nothing from the
/// prompt cache, and that with one model for all that have it, may be better.
void ModelSelector::considerOthers(ModelChoice choice) {
  ModelChoiceProblem shared = problem;
  double tooMuch = 1; // more than any choice
  for (OpenCall &open : calls)
    for (ServiceOption &option : open.options)
      tooMuch += option.aloneUsd;
  for (auto [open, call] : llvm::zip(calls, problem.calls))
    for (auto [option, way] : llvm::zip(open.options, call.options))
      way.cost = option.aloneUsd;
  consider(chooseModels(problem));
  for (uint32_t model = 0; model < modelNumbers.size(); ++model) {
    problem = shared;
    for (auto [open, call] : llvm::zip(calls, problem.calls)) {
      bool canShare = llvm::any_of(open.options, [](const ServiceOption &option) {
        return option.costUsd.known < option.aloneUsd;
      });
      // What others cost is never less than this.
      bool hasModel = llvm::any_of(call.options, [&](auto &way) { return way.model == model; });
      for (auto [option, way] : llvm::zip(open.options, call.options))
        if (canShare && hasModel && way.model != model)
          way.cost = tooMuch;
        else if (way.model != model)
          way.cost = option.aloneUsd;
    }
    ModelChoice other = chooseModels(problem);
    if (other.cost < tooMuch)
      consider(other);
  }
  problem = std::move(shared);
}

/// Of the budgets of chains, what costs whatever is chosen; `first` is the choice of all
/// first options.
void ModelSelector::takeOffFixed(const Evaluated &first) {
  for (auto [place, chain] : llvm::zip(chains, problem.chains)) {
    ChainOp op = place.chain;
    const ChainCost *cost = llvm::find_if(
        ArrayRef(first.chains), [&](const ChainCost &cost) { return cost.chain == op; });
    double fixed = cost->costUsd.known * place.runs;
    for (uint32_t call : chain.calls)
      fixed -= calls[call].options.front().costUsd.known;
    chain.budget -= std::max(0.0, fixed);
  }
}

/// Under the limits of models' rates the program takes longer. What has more time to
/// spare, or does without one of the models with limits, may still be done in time.
void ModelSelector::considerLimits() {
  ModelChoiceProblem given = problem;
  for (unsigned step = 0; step < 4 && best->makespanMs.known > 0 && !keepsAll(*best); ++step) {
    problem.deadlineMs *= given.deadlineMs / best->makespanMs.known;
    consider(chooseModels(problem));
  }
  std::vector<StringAttr> names(modelNumbers.size());
  for (const auto &[name, number] : modelNumbers)
    names[number] = name;
  for (auto [number, name] : llvm::enumerate(names)) {
    const ModelEntry &entry = costs.getModels().lookup(name);
    if (keepsAll(*best) || !(entry.requestsPerMin || entry.tokensPerMin || entry.maxConcurrency))
      continue;
    problem = given;
    for (ModelChoiceProblem::Call &call : problem.calls) {
      auto isOther = [model = number](auto &option) { return option.model != model; };
      if (llvm::any_of(call.options, isOther)) // slower than any deadline
        for (ModelChoiceProblem::Option &option : call.options)
          option.timeMs += isOther(option) ? 0 : 2 * given.deadlineMs;
    }
    consider(chooseModels(problem));
  }
  problem = std::move(given);
}

LogicalResult ModelSelector::choose() {
  given = evaluateGiven();
  Evaluated open = evaluate(std::vector<uint32_t>(calls.size()));
  double first = 0;
  for (OpenCall &call : calls)
    first += call.options.front().costUsd.known;
  fixedUsd = std::max(0.0, open.effort.costUsd.known - first);
  problem.budget = getLimit("xcs_llm.budget_usd") - fixedUsd;
  takeOffFixed(open);
  ModelChoice choice = chooseModels(problem);
  if (choice.outcome != ModelChoice::Outcome::Chosen)
    return explain(choice);
  consider(choice);
  bound = choice.bound + fixedUsd;
  if (best->effort.costUsd.known > (choice.cost + fixedUsd) * (1 + 1e-9))
    considerOthers(choice);
  if (deadline && !keepsAll(*best))
    considerLimits();
  return verify();
}

//===----------------------------------------------------------------------===//
// The result
//===----------------------------------------------------------------------===//

std::string ModelSelector::getGap() const {
  double cost = best->effort.costUsd.known;
  double gap = bound > 0 ? cost / bound - 1 : 0;
  if (gap <= 1e-6)
    return "no choice is cheaper";
  return llvm::formatv("at most {0:f2} % above the cheapest", std::ceil(gap * 1e4) / 1e2).str();
}

bool ModelSelector::apply() {
  bool changed = false;
  for (auto [open, chosen] : llvm::zip(calls, best->chosen)) {
    const ServiceOption &option = open.options[chosen];
    LLMCallOpInterface call = open.call;
    StringAttr before = call.getModelAttr();
    ServiceTier tier = getServiceTier(call);
    if (before == option.service.model && tier == option.service.tier)
      continue;
    changed = true;
    call->setAttr("model", option.service.model);
    bool isMoved = tier != option.service.tier;
    if (isMoved)
      call->setAttr("service_tier", StringAttr::get(call->getContext(),
                                                    stringifyTier(option.service.tier)));
    if (!state.hasRemarks())
      continue;
    bool isReplaced = before && before != option.service.model;
    std::string text = "model '" + option.service.model.str() + "'";
    if (isReplaced)
      text += " instead of '" + before.str() + "'";
    if (isMoved)
      text += " at the " + stringifyTier(option.service.tier).str() + " tier";
    state.applied(call->getLoc(), isReplaced ? "replaced" : before ? "moved" : "chosen",
                  isReplaced ? Allow::Quality : Allow::Lossless, text);
  }
  return changed;
}

FailureOr<bool> ModelSelector::run() {
  if (failed(findCallOptions()))
    return failure();
  if (calls.empty())
    return false;
  pose();
  if (failed(choose()))
    return failure();
  bool isBetter = !given || !keepsAll(*given) ||
                  isGain(given->effort, best->effort, state.objective);
  costs.getModels().stopAssuming();
  costs.forget(function);
  if (!isBetter) {
    state.refused(function.getLoc(), "as-named", "the models and tiers that are named are the best");
    return false;
  }
  bool changed = apply();
  if (changed && state.hasRemarks())
    state.applied(function.getLoc(), "selected",
                  state.leave < Allow::Quality ? Allow::Lossless : Allow::Quality,
                  "chose of " + llvm::Twine(modelNumbers.size()) + " models for " +
                      llvm::Twine(calls.size()) + (calls.size() == 1 ? " call: " : " calls: ") +
                      formatAmount(best->effort.costUsd, formatUsd) + ", " + getGap(),
                  given ? std::optional(Change{given->effort, best->effort}) : std::nullopt);
  return changed;
}

FailureOr<bool> xcs::selectModels(Rewrite &state, CostModel &costs,
                                  const CandidateModels &candidates, TierRule &tiers,
                                  std::vector<OpenCall> calls) {
  return ModelSelector(state, costs, candidates, tiers, std::move(calls)).run();
}

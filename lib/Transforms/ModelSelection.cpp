//===- ModelSelection.cpp - Choose the models of one function -------------===//

#include "ModelSelection.h"
#include "XcsLLM/Analysis/Figures.h"
#include "XcsLLM/Analysis/Limits.h"
#include "XcsLLM/Analysis/ModelChoice.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace xcs;

namespace {

/// A choice, and what the cost model says of it.
struct Evaluated {
  std::vector<uint32_t> chosen; ///< the option of each open call
  Effort effort;
  Amount makespanMs;
  std::vector<ChainCost> chains;
};

class ModelSelection {
public:
  ModelSelection(Rewrite &state, CostModel &costs, const CandidateModels &candidates,
                 TierLeave tiers, std::vector<OpenCall> calls)
      : state(state), function(state.function), costs(costs), candidates(candidates),
        tiers(tiers), calls(std::move(calls)) {}

  FailureOr<bool> run();

private:
  LogicalResult findCallOptions();
  void pose();
  void addProgram();
  void addDifferent();
  Evaluated evaluate(std::vector<uint32_t> chosen);
  std::optional<Evaluated> evaluateGiven();
  LogicalResult choose();
  void considerOthers(ModelChoice choice);
  void consider(const ModelChoice &choice);
  LogicalResult explain(const ModelChoice &choice);
  bool keepsAll(const Evaluated &evaluated) const;
  LogicalResult verify();
  bool apply();
  void describe(const std::optional<Evaluated> &before);
  std::string getGap() const;

  bool needsTimes() const {
    return deadline || (state.objective != Objective::Cost);
  }
  double getLimit(StringRef name) const {
    auto limit = function->getAttrOfType<FloatAttr>(name);
    return limit ? limit.getValueAsDouble() : std::numeric_limits<double>::infinity();
  }

  Rewrite &state;
  func::FuncOp function;
  CostModel &costs;
  const CandidateModels &candidates;
  TierLeave tiers;
  std::vector<OpenCall> calls;
  FloatAttr deadline = function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms");

  DenseMap<StringAttr, uint32_t> modelNumbers;
  ModelChoiceProblem problem;
  double fixedUsd = 0; ///< of what is not open
  double bound = 0;    ///< no choice costs less
  std::optional<Evaluated> best, given;
};

} // namespace

//===----------------------------------------------------------------------===//
// The problem
//===----------------------------------------------------------------------===//

/// Calls without a model in a module without candidates are left to who runs them.
LogicalResult ModelSelection::findCallOptions() {
  llvm::erase_if(calls, [&](OpenCall &open) {
    LLMCallOpInterface call = open.call;
    bool isEmbedding = isa<EmbedOp>(call);
    bool hasNone = isEmbedding ? !candidates.embeddings.lookup(call->getResult(0).getType())
                               : candidates.chat.empty();
    if (call.getModelAttr() || !hasNone)
      return false;
    state.refused(call->getLoc(), "no-candidates",
                  isEmbedding ? "no embedding of its type names a model, and no candidate is one "
                                "for embeddings"
                              : "there is no model to choose from: declare one, or name some with "
                                "the option 'models'");
    return true;
  });
  findOptions(costs, function, candidates, tiers, needsTimes(), calls);
  for (OpenCall &open : calls)
    if (open.options.empty())
      return open.call.emitError("no model can answer this call: ") << open.reason;
  return success();
}

void ModelSelection::pose() {
  problem.objective = state.objective;
  problem.deadlineMs = getLimit("xcs_llm.deadline_ms");
  for (OpenCall &open : calls) {
    ModelChoiceProblem::Call &call = problem.calls.emplace_back();
    for (const ServiceOption &option : open.options) {
      uint32_t number =
          modelNumbers.try_emplace(option.service.model, modelNumbers.size()).first->second;
      call.options.push_back({number, option.timeMs.known, option.costUsd.known});
    }
  }
  if (needsTimes())
    addProgram();
  addDifferent();
}

void ModelSelection::addProgram() {
  Activities activities = costs.getActivities(function);
  const ActivityGraph &graph = activities.graph;
  for (uint32_t index = 0; index < graph.size(); ++index) {
    TimeCostProblem::Activity &activity = problem.program.activities.emplace_back();
    activity.options.push_back({activities.isOutrun[index] ? 0 : graph[index].durationMs, 0});
    ArrayRef<uint32_t> predecessors = graph.getPredecessors(index);
    activity.predecessors.assign(predecessors.begin(), predecessors.end());
  }
  DenseMap<Operation *, uint32_t> numbers;
  for (auto [number, call] : llvm::enumerate(costs.getCost(function).calls))
    numbers[call.call] = activities.calls[number];
  for (auto [open, call] : llvm::zip(calls, problem.calls)) {
    call.activity = numbers.lookup(open.call);
    if (activities.isOutrun[call.activity])
      for (ModelChoiceProblem::Option &option : call.options)
        option.timeMs = 0;
  }
}

/// The open calls of different members of an ensemble that name different models.
void ModelSelection::addDifferent() {
  DenseMap<Operation *, SmallVector<uint32_t>> members; // by ensemble
  DenseMap<std::pair<Operation *, uint32_t>, unsigned> memberOf;
  for (auto [index, open] : llvm::enumerate(calls)) {
    if (!open.call.getModelAttr() || !open.hasOpenModel)
      continue;
    for (Region *region = open.call->getParentRegion(); region != &function.getBody();
         region = region->getParentRegion())
      if (auto ensemble = dyn_cast<EnsembleOp>(region->getParentOp())) {
        members[ensemble].push_back(index);
        memberOf[{ensemble, index}] = region->getRegionNumber();
      }
  }
  constexpr size_t mostPairs = 10000;
  function.walk([&](EnsembleOp ensemble) {
    ArrayRef<uint32_t> inside = members[ensemble];
    for (size_t one = 0; one < inside.size(); ++one)
      for (size_t other = one + 1; other < inside.size(); ++other) {
        LLMCallOpInterface a = calls[inside[one]].call, b = calls[inside[other]].call;
        bool isBeside = memberOf[{ensemble, inside[one]}] != memberOf[{ensemble, inside[other]}];
        if (isBeside && a.getModelAttr() != b.getModelAttr() &&
            problem.different.size() < mostPairs)
          problem.different.push_back({inside[one], inside[other]});
      }
  });
}

//===----------------------------------------------------------------------===//
// What choices take
//===----------------------------------------------------------------------===//

Evaluated ModelSelection::evaluate(std::vector<uint32_t> chosen) {
  for (auto [open, option] : llvm::zip(calls, chosen))
    costs.getModels().assume(open.call, open.options[option].service);
  costs.forget(function);
  const ProgramCost &cost = costs.getCost(function);
  Effort effort{cost.totals.costUsd, cost.latencyMs, cost.totals.requests};
  return {std::move(chosen), effort, cost.makespanMs, cost.chains};
}

/// The program as it is, if it keeps what it asks for.
std::optional<Evaluated> ModelSelection::evaluateGiven() {
  std::vector<uint32_t> chosen;
  for (OpenCall &open : calls) {
    if (!open.isGiven(open.options.front()))
      return std::nullopt;
    chosen.push_back(0);
  }
  return evaluate(std::move(chosen));
}

/// Takes the choice if it is the first, or better than the best so far.
void ModelSelection::consider(const ModelChoice &choice) {
  if (choice.outcome != ModelChoice::Outcome::Chosen)
    return;
  Evaluated other = evaluate(choice.chosen);
  if (!best || isGain(best->effort, other.effort, state.objective))
    best = std::move(other);
}

/// Options were priced as if all calls with one prefix had one model. Where the choice
/// parts them, it is dearer than was thought: then the best with nothing from the
/// prompt cache, and that with one model for all that have it, may be better.
void ModelSelection::considerOthers(ModelChoice choice) {
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

LogicalResult ModelSelection::choose() {
  given = evaluateGiven();
  Evaluated open = evaluate(std::vector<uint32_t>(calls.size()));
  double first = 0;
  for (OpenCall &call : calls)
    first += call.options.front().costUsd.known;
  fixedUsd = std::max(0.0, open.effort.costUsd.known - first);
  problem.budget = getLimit("xcs_llm.budget_usd") - fixedUsd;
  ModelChoice choice = chooseModels(problem);
  if (choice.outcome != ModelChoice::Outcome::Chosen)
    return explain(choice);
  consider(choice);
  bound = choice.bound + fixedUsd;
  if (best->effort.costUsd.known > (choice.cost + fixedUsd) * (1 + 1e-9))
    considerOthers(choice);
  return verify();
}

//===----------------------------------------------------------------------===//
// What cannot be kept
//===----------------------------------------------------------------------===//

LogicalResult ModelSelection::explain(const ModelChoice &choice) {
  std::string beside = deadline ? " in time" : "";
  switch (choice.outcome) {
  case ModelChoice::Outcome::TooLate:
    return function.emitError("no choice of models keeps 'xcs_llm.deadline_ms': the fastest takes ")
           << formatMs(choice.timeMs) << " (must be at most " << formatMs(problem.deadlineMs) << ")";
  case ModelChoice::Outcome::TooDear:
    return function.emitError("no choice of models keeps 'xcs_llm.budget_usd': the cheapest")
           << beside << " takes " << formatUsd(choice.cost + fixedUsd) << " (must be at most "
           << formatUsd(getLimit("xcs_llm.budget_usd")) << ")";
  case ModelChoice::Outcome::TooFew:
    return function.emitError("there are too few models for members of ensembles that name "
                              "different ones: none keeps what they ask for");
  case ModelChoice::Outcome::Chosen:
    break;
  }
  return success();
}

bool ModelSelection::keepsAll(const Evaluated &evaluated) const {
  return !exceeds(evaluated.effort.costUsd.known, getLimit("xcs_llm.budget_usd")) &&
         !exceeds(evaluated.makespanMs.known, getLimit("xcs_llm.deadline_ms"));
}

/// Checks the best choice by the cost model: limits of the models' rates, chains, and
/// what the prompt cache has made of the budget.
LogicalResult ModelSelection::verify() {
  double most = getLimit("xcs_llm.deadline_ms"), budget = getLimit("xcs_llm.budget_usd");
  if (exceeds(best->effort.costUsd.known, budget))
    return explain({ModelChoice::Outcome::TooDear, {}, 0, best->effort.costUsd.known - fixedUsd});
  if (exceeds(best->makespanMs.known, most))
    return function.emitError("no choice of models was found that keeps 'xcs_llm.deadline_ms': the "
                              "best takes ")
           << formatMs(best->makespanMs.known) << " under the limits of its models (must be at most "
           << formatMs(most) << ")";
  for (ChainCost &chain : best->chains) {
    ChainOp op = chain.chain;
    if (op.getDeadlineMs() && exceeds(chain.latencyMs.known, op.getDeadlineMs()->convertToDouble()))
      return op.emitError("no choice of models was found that keeps 'deadline_ms': the best takes ")
             << formatMs(chain.latencyMs.known) << " (must be at most "
             << formatMs(op.getDeadlineMs()->convertToDouble()) << ")";
    if (op.getBudgetUsd() && exceeds(chain.costUsd.known, op.getBudgetUsd()->convertToDouble()))
      return op.emitError("no choice of models was found that keeps 'budget_usd': the best takes ")
             << formatUsd(chain.costUsd.known) << " (must be at most "
             << formatUsd(op.getBudgetUsd()->convertToDouble()) << ")";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The result
//===----------------------------------------------------------------------===//

std::string ModelSelection::getGap() const {
  double cost = best->effort.costUsd.known;
  double gap = bound > 0 ? cost / bound - 1 : 0;
  if (gap <= 1e-6)
    return "no choice is cheaper";
  return llvm::formatv("at most {0:f2} % above the cheapest", std::ceil(gap * 1e4) / 1e2).str();
}

bool ModelSelection::apply() {
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

FailureOr<bool> ModelSelection::run() {
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
                                  const CandidateModels &candidates, TierLeave tiers,
                                  std::vector<OpenCall> calls) {
  return ModelSelection(state, costs, candidates, tiers, std::move(calls)).run();
}

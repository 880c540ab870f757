//===- ModelConstraints.cpp - What a choice of models has to keep ---------===//

#include "ModelSelector.h"
#include "XcsLLM/Analysis/Figures.h"
#include "XcsLLM/Analysis/Limits.h"

using namespace mlir;
using namespace xcs;

/// What of the chain cannot be kept.
LogicalResult ModelSelector::explainChain(const ModelChoice &choice) {
  const ChainPlace &place = chains[*choice.chain];
  const ModelChoiceProblem::Chain &chain = problem.chains[*choice.chain];
  ChainOp op = place.chain;
  if (choice.outcome == ModelChoice::Outcome::TooLate)
    return op.emitError("no choice of models keeps 'deadline_ms': the fastest takes ")
           << formatMs(choice.timeMs / place.timeRuns) << " (must be at most "
           << formatMs(op.getDeadlineMs()->convertToDouble()) << ")";
  double budget = op.getBudgetUsd()->convertToDouble();
  double over = (choice.cost - chain.budget) / place.runs;
  return op.emitError("no choice of models keeps 'budget_usd': the cheapest")
         << (op.getDeadlineMs() ? " in time" : "") << " takes " << formatUsd(budget + over)
         << " (must be at most " << formatUsd(budget) << ")";
}

LogicalResult ModelSelector::explain(const ModelChoice &choice) {
  if (choice.chain)
    return explainChain(choice);
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

static bool keeps(const ChainCost &cost) {
  ChainOp op = cost.chain;
  return !(op.getDeadlineMs() &&
           exceeds(cost.latencyMs.known, op.getDeadlineMs()->convertToDouble())) &&
         !(op.getBudgetUsd() && exceeds(cost.costUsd.known, op.getBudgetUsd()->convertToDouble()));
}

bool ModelSelector::keepsAll(const Evaluated &evaluated) const {
  return !exceeds(evaluated.effort.costUsd.known, getLimit("xcs_llm.budget_usd")) &&
         !exceeds(evaluated.makespanMs.known, getLimit("xcs_llm.deadline_ms")) &&
         llvm::all_of(evaluated.chains, keeps);
}

/// Checks the best choice by the cost model: limits of the models' rates, chains, and
/// what the prompt cache has made of the budget.
LogicalResult ModelSelector::verify() {
  double most = getLimit("xcs_llm.deadline_ms"), budget = getLimit("xcs_llm.budget_usd");
  if (exceeds(best->effort.costUsd.known, budget))
    return explain(
        {ModelChoice::Outcome::TooDear, {}, 0, best->effort.costUsd.known - fixedUsd, 0, {}});
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

//===- Scopes.cpp - Control as scopes --------------------------------------===//

#include "PlanBuilder.h"
#include "XcsLLM/Analysis/Decisions.h"

using namespace mlir;
using namespace xcs;
using schedule::Outcome;
using schedule::ScopeKind;
using schedule::Settles;
using schedule::TaskKind;
using schedule::When;

uint32_t PlanBuilder::addScope(ScopeKind kind) {
  schedule::Scope &scope = plan.scopes.emplace_back();
  scope.kind = kind;
  scope.number = ++scopeNumbers[static_cast<unsigned>(kind)];
  surroundings.emplace_back();
  return plan.scopes.size() - 1;
}

void PlanBuilder::enter(Region &region, uint32_t scope, std::optional<uint32_t> impure) {
  scopes[&region.front()] = scope;
  stack.push_back({region.front().begin(), scope, impure});
}

LogicalResult PlanBuilder::leave(Operation *terminator) {
  schedule::Scope &scope = plan.scopes[stack.back().scope];
  Operation *owner = terminator->getParentOp();
  ValueRange values = terminator->getOperands();
  size_t results = isa<func::FuncOp>(owner) ? values.size() : owner->getNumResults();
  if (failed(refer(values.take_front(results), scope.yields)))
    return failure();
  values = values.drop_front(results);
  auto ensemble = dyn_cast<EnsembleOp>(owner);
  if (ensemble && ensemble.getPolicy() == EnsemblePolicy::Best) {
    FailureOr<schedule::Reference> score = refer(values.front());
    if (failed(score))
      return failure();
    scope.score = *score;
    values = values.drop_front();
  }
  if (!values.empty()) {
    FailureOr<schedule::Reference> verdict = refer(values.front());
    if (failed(verdict))
      return failure();
    scope.verdict = *verdict;
  }
  stack.pop_back();
  return success();
}

static bool mayRepeat(const schedule::Scope &scope) {
  return scope.kind == ScopeKind::Item || scope.attempts.value_or(1) > 1;
}

/// Adds the task of `op` and a scope for each of its regions, which are visited
/// next. `describe` completes a scope; the probability that it gives is that of
/// the scope to run if `op` does.
LogicalResult PlanBuilder::addControl(
    Operation *op, TaskKind kind, ScopeKind scopeKind, schedule::Control control,
    llvm::function_ref<void(unsigned, schedule::Scope &)> describe) {
  uint32_t parent = stack.back().scope, owner = plan.tasks.size();
  std::optional<uint32_t> impure = stack.back().impure;
  control.firstScope = plan.scopes.size();
  control.scopeCount = op->getNumRegions();
  auto details = std::make_unique<schedule::Control>(std::move(control));
  uint32_t firstScope = details->firstScope;
  if (failed(addTask(op, kind, op->getOperands(), std::move(details))))
    return failure();
  for (Region &region : op->getRegions()) {
    uint32_t index = addScope(scopeKind);
    schedule::Scope &scope = plan.scopes[index];
    scope.owner = owner;
    if (failed(tables.getTypes(op, region.getArgumentTypes(), scope.arguments)))
      return failure();
    describe(region.getRegionNumber(), scope);
    scope.iterationPath = plan.scopes[parent].iterationPath;
    if (mayRepeat(scope))
      scope.iterationPath.push_back(index);
    Surroundings &around = surroundings[index];
    around.localityScope = isa<ChainOp>(op) ? index : surroundings[parent].localityScope;
    if (scope.executionProbability && surroundings[parent].executionProbability)
      around.executionProbability =
          *scope.executionProbability * *surroundings[parent].executionProbability;
    scope.executionProbability.reset();
    if (around.executionProbability && *around.executionProbability < 1)
      scope.executionProbability = around.executionProbability;
  }
  for (unsigned i = op->getNumRegions(); i-- > 0;)
    enter(op->getRegion(i), firstScope + i, impure);
  return success();
}

LogicalResult PlanBuilder::buildBatch(BatchOp op) {
  schedule::Control control;
  control.batchSize = op.getBatchSize();
  return addControl(op, TaskKind::Batch, ScopeKind::Item, std::move(control),
                    [](unsigned, schedule::Scope &scope) {
                      scope.when = When::EachItem;
                      scope.onFailed = Outcome::Keep;
                      scope.onRejected = Outcome::Drop;
                      scope.executionProbability = 1.0;
                    });
}

static Settles getSettles(EnsemblePolicy policy) {
  switch (policy) {
  case EnsemblePolicy::All: return Settles::AllDoneOrOneMissing;
  case EnsemblePolicy::Majority: return Settles::Decided;
  case EnsemblePolicy::First: return Settles::FirstAccepted;
  case EnsemblePolicy::Best: return Settles::AllDone;
  }
  llvm_unreachable("a policy without a rule for when it settles");
}

/// The wave of each member.
static SmallVector<int64_t> getWaves(EnsembleOp op) {
  SmallVector<int64_t> waves;
  for (auto [wave, size] : llvm::enumerate(op.getWaves().value_or(ArrayRef<int64_t>())))
    waves.append(size, wave);
  return waves;
}

LogicalResult PlanBuilder::buildEnsemble(EnsembleOp op) {
  EnsemblePolicy policy = op.getPolicy();
  schedule::Control control;
  control.policy = view(stringifyEnsemblePolicy(policy));
  control.settles = getSettles(policy);
  control.quorum = op.getQuorum();
  if (std::optional<ArrayRef<int64_t>> waves = op.getWaves())
    control.waves.assign(waves->begin(), waves->end());
  control.confidence = getFigure(op.getConfidenceAttr());
  control.agreement = getFigure(op.getAgreementAttr());
  control.cancelsWhenSettled = op->hasAttr(cancelName);
  SmallVector<int64_t> waves = getWaves(op);
  return addControl(
      op, TaskKind::Ensemble, ScopeKind::Member, std::move(control),
      [&](unsigned index, schedule::Scope &scope) {
        if (!waves.empty()) {
          scope.when = When::Wave;
          scope.wave = waves[index];
        }
        Type first = op.getMembers()[index].front().getTerminator()->getOperand(0).getType();
        if (policy == EnsemblePolicy::Majority)
          scope.listOfVotes = first != op.getResultTypes().front();
        scope.onFailed = scope.onRejected =
            policy == EnsemblePolicy::All ? Outcome::Fail : Outcome::Skip;
        scope.cancelsSiblings = policy != EnsemblePolicy::Best;
        if (scope.wave == 0)
          scope.executionProbability = 1.0;
      });
}

LogicalResult PlanBuilder::buildCascade(CascadeOp op) {
  schedule::Control control;
  control.settles = Settles::FirstAccepted;
  std::optional<ArrayRef<double>> rates = op.getAcceptRate();
  uint32_t firstScope = plan.scopes.size();
  double reached = 1; // the chance that no stage before was accepted
  return addControl(
      op, TaskKind::Cascade, ScopeKind::Stage, std::move(control),
      [&](unsigned index, schedule::Scope &scope) {
        scope.when = index ? When::NotAccepted : When::OwnerStarts;
        scope.after = index ? firstScope + index - 1 : 0;
        scope.attempts = op.getStageAttempts(index);
        bool hasNext = index + 1 < op.getStages().size() || *scope.attempts > 1;
        scope.onFailed = hasNext ? Outcome::Next : Outcome::Forward;
        scope.onRejected = hasNext ? Outcome::Next : Outcome::Ignore;
        scope.cancelsSiblings = true;
        if (rates || index == 0)
          scope.executionProbability = reached;
        if (rates) {
          scope.acceptRate = (*rates)[index];
          reached *= 1 - (*rates)[index];
        }
      });
}

LogicalResult PlanBuilder::buildChain(ChainOp op) {
  return addControl(op, TaskKind::Chain, ScopeKind::Body, {},
                    [&](unsigned, schedule::Scope &scope) {
                      scope.constraints.deadlineMs = getFigure(op.getDeadlineMsAttr());
                      scope.constraints.budgetUsd = getFigure(op.getBudgetUsdAttr());
                      scope.executionProbability = 1.0;
                    });
}

LogicalResult PlanBuilder::buildConditional(ConditionalOp op) {
  return addControl(op, TaskKind::Conditional, ScopeKind::Branch, {},
                    [&](unsigned index, schedule::Scope &scope) {
                      scope.when = When::Condition;
                      scope.condition = index == 0;
                      if (std::optional<double> first = getFigure(op.getProbabilityAttr()))
                        scope.executionProbability = index == 0 ? *first : 1 - *first;
                    });
}

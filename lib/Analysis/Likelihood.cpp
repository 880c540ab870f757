//===- Likelihood.cpp - How often regions run -----------------------------===//

#include "XcsLLM/Analysis/Likelihood.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;
using namespace xcs;

/// The chance that `flag` is true.
static double getFlagProbability(Value flag) {
  APInt value;
  return matchPattern(flag, m_ConstantInt(&value)) ? !value.isZero() : defaultFlagProbability;
}

Value xcs::getVerdict(Region &region) {
  auto yield = cast<YieldOp>(region.front().getTerminator());
  Operation *owner = region.getParentOp();
  size_t values = owner->getNumResults();
  if (auto ensemble = dyn_cast<EnsembleOp>(owner))
    values += ensemble.getPolicy() == EnsemblePolicy::Best;
  return yield.getNumOperands() > values ? yield.getOperands().back() : Value();
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

LLMCallOpInterface xcs::findStoredCall(CacheLookupOp lookup) {
  auto cascade = dyn_cast<CascadeOp>(lookup->getParentOp());
  if (!cascade)
    return nullptr;
  for (Region &stage : cascade.getStages())
    for (auto store : stage.getOps<CacheStoreOp>())
      if (store.getFingerprintAttr() == lookup.getFingerprintAttr())
        if (auto call = store.getValue().getDefiningOp<LLMCallOpInterface>())
          return call;
  return nullptr;
}

static double getHitRate(CacheLookupOp lookup) {
  LLMCallOpInterface call = findStoredCall(lookup);
  return call && call.getHitRateAttr() ? call.getHitRateAttr().getValueAsDouble() : 0;
}

double Likelihood::getFailure(Region &region) {
  double success = 1;
  for (Operation &op : region.front())
    success *= 1 - getFailure(&op);
  return 1 - success;
}

double Likelihood::getFailure(Operation *op) {
  if (auto call = dyn_cast<LLMCallOpInterface>(op))
    return models.lookupFor(call).failureRate.value_or(0);
  if (auto lookup = dyn_cast<CacheLookupOp>(op))
    return 1 - getHitRate(lookup);
  if (!isa<EnsembleOp, CascadeOp, ChainOp, ConditionalOp>(op))
    return 0;
  auto known = failures.find(op);
  if (known != failures.end())
    return known->second;
  double failure = findFailure(op);
  failures[op] = failure;
  return failure;
}

double Likelihood::findFailure(Operation *op) {
  if (auto conditional = dyn_cast<ConditionalOp>(op)) {
    double first = getProbability(conditional);
    return first * getFailure(conditional.getThenRegion()) +
           (1 - first) * getFailure(conditional.getElseRegion());
  }
  if (auto chain = dyn_cast<ChainOp>(op))
    return getFailure(chain.getBody());
  if (auto cascade = dyn_cast<CascadeOp>(op))
    return findFailure(cascade);
  // A rejected member has no value, as a failed one.
  double all = 1, none = 1;
  for (Region &member : op->getRegions()) {
    all *= getAcceptance(member);
    none *= 1 - getAcceptance(member);
  }
  return cast<EnsembleOp>(op).getPolicy() == EnsemblePolicy::All ? 1 - all : none;
}

/// A cascade fails if no stage but the last is accepted, no attempt at that one
/// but its last, and that fails: its verdict does not count.
double Likelihood::findFailure(CascadeOp op) {
  unsigned last = op.getStages().size() - 1;
  double rejected = 1 - getAttemptAcceptance(op, last);
  double failure = std::min(rejected, getFailure(op.getStages()[last]));
  return getStages(op).back().reached * std::pow(rejected, op.getStageAttempts(last) - 1) * failure;
}

double Likelihood::getAcceptance(Region &region) {
  Value verdict = getVerdict(region);
  return (1 - getFailure(region)) * (verdict ? getFlagProbability(verdict) : 1);
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

double Likelihood::getProbability(ConditionalOp op) {
  if (FloatAttr hint = op.getProbabilityAttr())
    return hint.getValueAsDouble();
  return getFlagProbability(op.getCondition());
}

/// The chance that one of `attempts` attempts is accepted, each with the chance
/// `accepted`, and how many of them run.
static StageRuns repeat(double accepted, int64_t attempts) {
  StageRuns runs;
  runs.maxAttempts = attempts;
  // 1 - (1 - accepted)^attempts, and not 0 where that is tiny.
  runs.accepted = -std::expm1(attempts * std::log1p(-accepted));
  runs.attempts = accepted > 0 ? runs.accepted / accepted : attempts;
  runs.attempts = std::clamp(runs.attempts, 1.0, double(attempts));
  return runs;
}

double Likelihood::getAttemptAcceptance(CascadeOp op, unsigned stage) {
  std::optional<ArrayRef<double>> hints = op.getAcceptRate();
  if (!hints)
    return getAcceptance(op.getStages()[stage]);
  // The hint is of all attempts together.
  return -std::expm1(std::log1p(-(*hints)[stage]) / op.getStageAttempts(stage));
}

SmallVector<StageRuns> Likelihood::getStages(CascadeOp op) {
  SmallVector<StageRuns> stages;
  double reached = 1;
  for (unsigned stage = 0, end = op.getStages().size(); stage < end; ++stage) {
    StageRuns runs = repeat(getAttemptAcceptance(op, stage), op.getStageAttempts(stage));
    runs.reached = reached;
    // The last stage's values stand, whatever its verdict.
    runs.accepted = stage + 1 < end ? reached * runs.accepted : reached;
    reached -= runs.accepted;
    stages.push_back(runs);
  }
  return stages;
}

/// The votes that each wave of members has; a list whose length is not known counts
/// as one.
static std::vector<int64_t> getWaveVotes(EnsembleOp op) {
  std::vector<int64_t> votes;
  ArrayRef<int64_t> sizes = *op.getWaves();
  unsigned member = 0;
  for (int64_t size : sizes) {
    int64_t &wave = votes.emplace_back(0);
    for (int64_t i = 0; i < size; ++i, ++member) {
      Value vote = op.getMembers()[member].front().getTerminator()->getOperand(0);
      auto list = dyn_cast<RankedTensorType>(vote.getType());
      bool isList = list && vote.getType() != op.getResultTypes().front();
      int64_t count = isList && !list.isDynamicDim(0) ? list.getDimSize(0) : 1;
      // Above what can be exact all are the same, and no sum may overflow.
      wave += std::min(count, maxExactVotes + 1);
    }
  }
  return votes;
}

static std::optional<double> getFigure(const std::optional<APFloat> &attribute) {
  return attribute ? std::optional(attribute->convertToDouble()) : std::nullopt;
}

std::vector<AgreementShare> xcs::getAgreement(EnsembleOp op) {
  if (std::optional<double> hint = getFigure(op.getAgreement()))
    return {{*hint}};
  return getMeasuredAgreement().vec();
}

SmallVector<double> Likelihood::getWaves(EnsembleOp op) {
  if (!op.getWaves())
    return {1.0};
  ArrayRef<int64_t> sizes = *op.getWaves();
  SmallVector<double> waves(sizes.size(), 1.0);
  if (op.getPolicy() == EnsemblePolicy::First) {
    double open = 1; // the chance that nobody was accepted yet
    unsigned member = 0;
    for (auto [index, size] : llvm::enumerate(sizes)) {
      waves[index] = open;
      for (int64_t i = 0; i < size; ++i)
        open *= 1 - getAcceptance(op.getMembers()[member++]);
    }
  } else if (op.getPolicy() == EnsemblePolicy::Majority) {
    VoteKey key(getWaveVotes(op), getFigure(op.getAgreement()), op.getQuorum(),
                getFigure(op.getConfidence()));
    auto [known, isNew] = votes.try_emplace(std::move(key));
    const auto &[waveVotes, agreement, quorum, confidence] = known->first;
    if (isNew)
      known->second = findWaveProbabilities(waveVotes, getAgreement(op), quorum, confidence);
    llvm::copy(known->second, waves.begin());
  }
  return waves;
}

bool xcs::lacksAgreement(EnsembleOp op) {
  return op.getPolicy() == EnsemblePolicy::Majority && op.getWaves() && !op.getAgreement();
}

bool Likelihood::isAssumed(Operation *op) {
  APInt constant;
  if (auto conditional = dyn_cast<ConditionalOp>(op))
    return !conditional.getProbability() &&
           !matchPattern(conditional.getCondition(), m_ConstantInt(&constant));
  auto isOpen = [&](Region &region) {
    Value verdict = getVerdict(region);
    return verdict && !matchPattern(verdict, m_ConstantInt(&constant));
  };
  if (auto ensemble = dyn_cast<EnsembleOp>(op))
    return llvm::any_of(ensemble.getMembers(), isOpen) || lacksAgreement(ensemble);
  if (auto cascade = dyn_cast<CascadeOp>(op)) {
    unsigned last = cascade.getStages().size() - 1;
    bool repeatsLast = cascade.getStageAttempts(last) > 1;
    return !cascade.getAcceptRate() &&
           llvm::any_of(cascade.getStages().drop_back(repeatsLast ? 0 : 1), isOpen);
  }
  auto batch = dyn_cast<BatchOp>(op);
  return batch && isOpen(batch.getBody());
}

//===- StageVotes.cpp - Take votes in the rounds that are cheapest to -----===//
//
// Distribution-preserving: the votes are samples of the same request, and none is
// left out that could change the result. Quality-bounded at a confidence.
//
//===----------------------------------------------------------------------===//

#include "RewritePass.h"
#include "VoteRounds.h"
#include "XcsLLM/Analysis/CallKinds.h"
#include "XcsLLM/Analysis/Leeway.h"
#include "XcsLLM/Analysis/VotePlanner.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/Support/FormatVariadic.h"

namespace xcs {
#define GEN_PASS_DEF_STAGEVOTES
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
/// Stages the votes of one function.
class VoteStager {
public:
  VoteStager(Rewrite &state, VotePlans &plans, double confidence)
      : state(state), plans(plans), confidence(confidence) {}

  bool run();

private:
  /// What there is to know of one vote before it is staged.
  struct Candidate {
    EnsembleOp ensemble;
    SampledVote vote;
    RoundPrices prices;
    const CallCost *cost; ///< of the first call
    Effort before;        ///< in one run
    VotePlan plan;
    Effort after;
    bool isConfident = false;
  };

  bool refuse(EnsembleOp ensemble, const Twine &reason) {
    state.refused(ensemble.getLoc(), "not-staged", "not staged: " + reason);
    return false;
  }
  bool find(Candidate &candidate);
  bool price(Candidate &candidate);
  bool plan(Candidate &candidate);
  void consider(Candidate &candidate, const VotePlan &plan, bool isConfident, Effort &best);
  Vote getVote(const Candidate &candidate, bool isConfident) const;
  void say(Candidate &candidate);

  Rewrite &state;
  VotePlans &plans;
  double confidence; ///< 0 for none
  std::optional<Leeway> leeway;
};
} // namespace

//===----------------------------------------------------------------------===//
// Which
//===----------------------------------------------------------------------===//

/// Finds out whether the ensemble is a vote over samples.
bool VoteStager::find(Candidate &candidate) {
  EnsembleOp ensemble = candidate.ensemble;
  std::string reason;
  FailureOr<SampledVote> vote = findSampledVote(ensemble, reason);
  if (failed(vote))
    return reason.empty() ? false : refuse(ensemble, reason);
  candidate.vote = std::move(*vote);
  if (candidate.vote.votes < 2)
    return false;
  if (ensemble.getWaves())
    return refuse(ensemble, "it has 'waves' already");
  if (StringRef why = candidate.vote.getReason(); !why.empty())
    return refuse(ensemble, why);
  if (!state.isAllowed(Allow::Distribution))
    return refuse(ensemble, "the program gives leave for lossless rewrites only "
                            "('xcs_llm.allow', or the option)");
  if (state.objective == Objective::Latency)
    return refuse(ensemble, "all votes at once are the fastest");
  if (candidate.vote.votes > maxPlannedVotes)
    return refuse(ensemble, "there are more than " + Twine(maxPlannedVotes) + " votes");
  if (!isStackable(ensemble.getResultTypes().front()))
    return refuse(ensemble, "lists of unknown length cannot be put into one list");
  return true;
}

/// What rounds cost, and what the votes cost as they are taken now.
bool VoteStager::price(Candidate &candidate) {
  double output = 0, input = 0, cached = 0;
  Effort &before = candidate.before;
  for (LLMCallOpInterface call : candidate.vote.getCalls()) {
    const CallCost *cost = state.getCost(call);
    if (!cost || !cost->costUsd.complete)
      return refuse(candidate.ensemble,
                    "prices of '" + call.getModelAttr().getValue() + "' are unknown");
    if (!before.requests)
      candidate.cost = cost;
    before.costUsd += cost->costUsd;
    before.latencyMs.known = std::max(before.latencyMs.known, cost->latencyMs.known);
    before.latencyMs.complete &= cost->latencyMs.complete;
    before.requests += cost->requests;
    output += cost->outputTokens.expected / candidate.vote.votes;
    input = cost->inputTokens.expected;
    cached = cost->cachedInputTokens / cost->requests;
  }
  candidate.prices =
      getRoundPrices(*candidate.cost->model, candidate.cost->tier, {input, cached, 0, output, 1});
  return true;
}

//===----------------------------------------------------------------------===//
// Rounds
//===----------------------------------------------------------------------===//

Vote VoteStager::getVote(const Candidate &candidate, bool isConfident) const {
  EnsembleOp ensemble = candidate.ensemble;
  Vote vote{candidate.vote.votes, getAgreement(ensemble), ensemble.getQuorum(), std::nullopt};
  if (isConfident)
    vote.confidence = confidence;
  return vote;
}

/// Takes the rounds if they are better than the best so far.
void VoteStager::consider(Candidate &candidate, const VotePlan &plan, bool isConfident,
                          Effort &best) {
  const Amount &latency = candidate.cost->latencyMs;
  Effort after{{plan.costUsd}, latency * plan.startedRounds, plan.requests};
  if (plan.rounds.size() < 2 || !isGain(best, after, state.objective))
    return;
  best = candidate.after = after;
  candidate.plan = plan;
  candidate.isConfident = isConfident;
}

/// Finds the best rounds, and whether they are better than what there is, and than
/// one request for all votes.
bool VoteStager::plan(Candidate &candidate) {
  EnsembleOp ensemble = candidate.ensemble;
  int64_t votes = candidate.vote.votes, least = 2, most = votes;
  if (!leeway)
    leeway.emplace(state.getCost(), state.function);
  most = std::min(most, 1 + leeway->countMore(*candidate.cost, ensemble));
  if (most < 2)
    return refuse(ensemble, "the deadline or the budget leaves no room for another round, or the "
                            "latency is unknown");
  bool isBalanced = state.objective == Objective::Balanced;
  if (isBalanced && !candidate.before.latencyMs.complete)
    return refuse(ensemble, "the latency of '" + candidate.cost->model->name + "' is unknown");
  VotePlan all = plans.getPlanner(getVote(candidate, false)).evaluate({votes}, candidate.prices);
  Effort best = candidate.before, atOnce{{all.costUsd}, candidate.cost->latencyMs, all.requests};
  if (isGain(best, atOnce, state.objective))
    best = atOnce;
  bool mayStopEarly = confidence > 0 && state.isAllowed(Allow::Quality);
  for (bool isConfident : {false, true})
    // The cheapest rounds need not be the best ones if time counts as well.
    for (int64_t rounds = isBalanced ? least : most;
         rounds <= std::min(most, isBalanced ? 8 : most); ++rounds)
      if (!isConfident || mayStopEarly)
        consider(candidate, plans.plan(getVote(candidate, isConfident), candidate.prices, rounds),
                 isConfident, best);
  if (candidate.plan.rounds.empty())
    return refuse(ensemble, "no rounds are expected to do better than one request for all " +
                                Twine(votes) + " votes");
  leeway->take(*candidate.cost, ensemble, candidate.plan.rounds.size() - 1);
  return true;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

void VoteStager::say(Candidate &candidate) {
  if (!state.hasRemarks())
    return;
  std::string rounds;
  for (int64_t round : candidate.plan.rounds)
    rounds += (rounds.empty() ? "" : ", ") + std::to_string(round);
  std::string until = candidate.isConfident
                          ? "it is settled, or sure with " + formatNumber(confidence)
                          : "it is settled";
  std::string agreement = candidate.ensemble.getAgreement() ? "" : ", if they agree as measured";
  Change change{candidate.before, candidate.after};
  double runs = candidate.cost->runs.expected;
  for (Effort *effort : {&change.before, &change.after}) {
    effort->costUsd = effort->costUsd * runs;
    effort->latencyMs = effort->latencyMs * runs;
    effort->requests *= runs;
  }
  state.applied(candidate.ensemble.getLoc(), "staged",
                candidate.isConfident ? Allow::Quality : Allow::Distribution,
                "takes " + Twine(candidate.vote.votes) + " votes in rounds of " + rounds +
                    " until " + until + ": " + llvm::formatv("{0:f1}", candidate.plan.votes).str() +
                    " are expected" + agreement,
                change);
}

bool VoteStager::run() {
  // Costs are asked before anything is changed.
  std::vector<Candidate> candidates;
  state.function.walk([&](EnsembleOp ensemble) {
    if (ensemble.getPolicy() != EnsemblePolicy::Majority)
      return;
    Candidate candidate;
    candidate.ensemble = ensemble;
    if (find(candidate) && price(candidate) && plan(candidate))
      candidates.push_back(std::move(candidate));
  });
  for (Candidate &candidate : candidates) {
    say(candidate);
    takeInRounds(candidate.ensemble, candidate.vote, candidate.plan.rounds,
                 candidate.prices.maxSamples,
                 candidate.isConfident ? std::optional(confidence) : std::nullopt);
  }
  return !candidates.empty();
}

namespace {
struct StageVotes : RewritePass<xcs::impl::StageVotesBase<StageVotes>> {
  using RewritePass::RewritePass;

  LogicalResult initialize(MLIRContext *context) override {
    if (!(confidence >= 0 && confidence <= 1))
      return emitError(UnknownLoc::get(context))
             << "xcs-stage-votes: confidence must be from 0 to 1 (got " << formatNumber(confidence)
             << ")";
    return RewritePass::initialize(context);
  }

  FailureOr<bool> rewrite(Rewrite &state) override {
    return VoteStager(state, plans, confidence).run();
  }

  VotePlans plans;
};
} // namespace

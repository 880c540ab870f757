//===- SkipJudges.cpp - No judge where candidates agree --------------------===//
//
// Quality-bounded: the judge might have found fault with what all say. Adds no
// failure: where a candidate has failed, or cannot be read, the judge is asked as
// before.
//
//===----------------------------------------------------------------------===//

#include "PruneConditionals.h"
#include "Lists.h"
#include "XcsLLM/Analysis/Judges.h"

using namespace mlir;
using namespace xcs;

/// Texts that are longer hardly ever agree.
constexpr double mostTokens = 16;
/// The chance that candidates agree, where nothing is known of it.
constexpr double agreement = defaultFlagProbability;

/// Whether all candidates are one text.
static bool isSettled(Judge judge) {
  return judge.readings.empty() && judge.candidates.size() > 1 && llvm::all_equal(judge.candidates);
}

/// Why nobody expects the candidates to agree; empty if somebody does.
static std::string whyNotLikely(Judge judge, Rewrite &state) {
  if (!judge.readings.empty() || isSettled(judge))
    return "";
  const std::shared_ptr<const Lengths> &lengths = state.getCost().lengths;
  for (Value candidate : judge.candidates)
    if (double tokens = lengths->get(candidate).tokens.expected; tokens > mostTokens)
      return "texts of about " + std::to_string(std::llround(tokens)) + " tokens hardly ever agree";
  return "";
}

static bool refuse(Judge judge, Rewrite &state, const Twine &reason) {
  state.refused(judge.call.getLoc(), "judge-not-skipped", "judge not skipped: " + reason);
  return false;
}

/// The votes of all candidates, of which none is enough.
static void addVote(OpBuilder &builder, Judge judge, Location location, Type type) {
  auto ensemble = EnsembleOp::create(builder, location, TypeRange(type), EnsemblePolicy::Majority,
                                     builder.getI64IntegerAttr(judge.count), /*waves=*/nullptr,
                                     /*confidence=*/nullptr,
                                     /*agreement=*/nullptr, judge.candidates.size());
  for (auto [index, member] : llvm::enumerate(ensemble.getMembers())) {
    OpBuilder inside = OpBuilder::atBlockEnd(&member.emplaceBlock());
    Value vote = judge.candidates[index];
    if (!judge.readings.empty()) {
      // What cannot be read is no vote.
      auto reading = cast<ParseResponseOp>(inside.clone(*judge.readings[index]));
      reading.removeOtherwiseAttr();
      vote = reading.getResult();
    }
    YieldOp::create(inside, location, vote);
  }
  YieldOp::create(builder, location, ensemble->getResult(0));
}

/// `judge(candidates)` becomes a cascade: what all candidates say, else the judge.
static void insertVote(Judge judge) {
  Value answer = judge.getAnswer();
  Location location = judge.call.getLoc();
  OpBuilder builder(judge.call);
  auto cascade =
      CascadeOp::create(builder, location, TypeRange(answer.getType()),
                        /*attempts=*/nullptr, builder.getDenseF64ArrayAttr({agreement, 1.0}), 2);
  answer.replaceAllUsesWith(cascade->getResult(0));
  builder.setInsertionPointToEnd(&cascade.getStages()[0].emplaceBlock());
  addVote(builder, judge, location, answer.getType());
  builder.setInsertionPointToEnd(&cascade.getStages()[1].emplaceBlock());
  Operation *yield = YieldOp::create(builder, location, answer);
  judge.call->moveBefore(yield);
  if (judge.reading)
    judge.reading->moveBefore(yield);
}

static bool skipJudge(Judge judge, Rewrite &state, Spending &spending,
                      llvm::DenseSet<Operation *> &moved) {
  if (!state.isAllowed(Allow::Quality))
    return refuse(judge, state, "candidates that agree may stand in only with the leave 'quality'");
  std::string reason = whyNotLikely(judge, state);
  Spending::Sum sum = spending.get(judge.call), saved;
  double skipped = isSettled(judge) ? 1 : agreement;
  saved.add(sum, skipped);
  Change change;
  if (reason.empty())
    reason = spending.whyNot(judge.call, saved, /*delayMs=*/std::nullopt, change);
  if (!reason.empty())
    return refuse(judge, state, reason);
  if (isSettled(judge)) {
    state.applied(judge.call.getLoc(), "judge-skipped", Allow::Quality,
                  "all candidates are one text, so nobody has to judge", change);
    Value answer = judge.getAnswer();
    answer.replaceAllUsesWith(judge.candidates.front());
    eraseUnused({answer.getDefiningOp()});
    return true;
  }
  state.applied(judge.call.getLoc(), "judge-skipped", Allow::Quality,
                "asked only if its " + Twine(judge.count) + " candidates do not agree", change);
  spending.scale(judge.call, 1 - agreement);
  insertVote(judge);
  moved.insert(judge.call);
  return true;
}

/// Whether `call` is only made if what came before it was not accepted.
static bool isFallback(GenerateOp call) {
  return isa<CascadeOp>(call->getParentOp()) && call->getParentRegion()->getRegionNumber() > 0;
}

bool xcs::skipJudges(Rewrite &state, Spending &spending, llvm::DenseSet<Operation *> &moved) {
  if (!state.isAllowed(Allow::Quality) && !state.hasRemarks())
    return false;
  SmallVector<GenerateOp> calls;
  state.function.walk([&](GenerateOp call) { calls.push_back(call); });
  bool changed = false;
  for (GenerateOp call : calls) {
    StringRef reason;
    std::optional<Judge> judge = isFallback(call) ? std::nullopt : findJudge(call, reason);
    if (judge)
      changed |= skipJudge(*judge, state, spending, moved);
    else if (!reason.empty())
      state.refused(call.getLoc(), "judge-not-skipped", "judge not skipped: " + reason);
  }
  return changed;
}

//===- VoteRounds.cpp - Votes into members that are rounds -----------------===//

#include "VoteRounds.h"
#include "XcsLLM/Analysis/SampleIds.h"
#include "mlir/IR/IRMapping.h"
#include <cmath>

using namespace mlir;
using namespace xcs;

/// The mean of what is expected of each sample; null where nothing is.
static IntegerAttr getExpectedTokens(const SampledVote &vote) {
  double sum = 0;
  for (const Ballots &member : vote.members) {
    GenerateOp call = member.call;
    std::optional<uint64_t> tokens = call.getExpectedOutputTokens();
    if (!tokens)
      return {};
    sum += double(*tokens) * member.count;
  }
  Builder builder(vote.members.front().call->getContext());
  return builder.getI64IntegerAttr(std::llround(sum / vote.votes));
}

/// The member of a round: `samples` votes by a request of their own.
static void buildMember(Region &region, const SampledVote &vote, Type voteType, int64_t samples,
                        ArrayRef<int64_t> ids) {
  const Ballots &model = vote.members.front();
  Operation *asked = vote.getCalls().front();
  SmallVector<LLMCallOpInterface> calls = vote.getCalls();
  OpBuilder builder = OpBuilder::atBlockBegin(&region.emplaceBlock());
  IRMapping mapping;
  for (Operation *op : model.request)
    builder.clone(*op, mapping);
  auto call = cast<LLMCallOpInterface>(builder.clone(*asked, mapping));
  call->removeAttr("estimate");
  if (IntegerAttr tokens = getExpectedTokens(vote))
    call->setAttr("expected_output_tokens", tokens);
  else
    call->removeAttr("expected_output_tokens");
  setSampleIds(call, ids);
  call->setLoc(builder.getFusedLoc(
      llvm::map_to_vector(calls, [](LLMCallOpInterface old) { return old.getLoc(); })));
  auto text = TextType::get(builder.getContext());
  Value result = call->getResult(0);
  auto makeVote = [&](Value sample) {
    mapping.map(model.sample, sample);
    for (Operation *op : model.work)
      builder.clone(*op, mapping);
    return mapping.lookupOrDefault(model.vote);
  };
  if (samples == 1) {
    call->removeAttr("n");
    result.setType(text);
    YieldOp::create(builder, call.getLoc(), makeVote(result));
    return;
  }
  call->setAttr("n", builder.getI64IntegerAttr(samples));
  result.setType(cast<RankedTensorType>(stackType(text, samples)));
  if (model.sample == model.vote) {
    YieldOp::create(builder, call.getLoc(), result);
    return;
  }
  Location loc = model.vote.getLoc();
  auto batch = BatchOp::create(builder, loc, stackType(voteType, samples), result, IntegerAttr());
  {
    OpBuilder::InsertionGuard guard(builder);
    Block &body = batch.getBody().emplaceBlock();
    builder.setInsertionPointToStart(&body);
    YieldOp::create(builder, loc, makeVote(body.addArgument(text, model.sample.getLoc())));
  }
  YieldOp::create(builder, loc, batch.getResults());
}

/// Erases the vote and what its samples came from.
static void eraseVote(EnsembleOp ensemble, ArrayRef<LLMCallOpInterface> calls) {
  SmallVector<Operation *> outside;
  for (LLMCallOpInterface call : calls)
    if (call->getBlock() == ensemble->getBlock())
      outside.push_back(call);
  ensemble.erase();
  for (Operation *call : outside) {
    llvm::SetVector<Operation *> users(call->user_begin(), call->user_end());
    for (Operation *user : users)
      user->erase();
    call->erase();
  }
}

void xcs::takeInRounds(EnsembleOp ensemble, const SampledVote &vote, ArrayRef<int64_t> rounds,
                       int64_t maxSamples, std::optional<double> confidence) {
  SmallVector<int64_t> sizes, waves;
  for (int64_t round : rounds) {
    int64_t most = maxSamples > 0 ? maxSamples : round;
    waves.push_back((round + most - 1) / most);
    for (int64_t rest = round; rest > 0; rest -= sizes.back())
      sizes.push_back(std::min(rest, most));
  }
  OpBuilder builder(ensemble);
  FloatAttr sure = confidence ? builder.getF64FloatAttr(*confidence) : FloatAttr();
  auto staged = EnsembleOp::create(builder, ensemble.getLoc(), ensemble.getResultTypes(),
                                   ensemble.getPolicyAttr(), ensemble.getQuorumAttr(),
                                   builder.getDenseI64ArrayAttr(waves), sure,
                                   ensemble.getAgreementAttr(), sizes.size());
  staged->setDiscardableAttrs(ensemble->getDiscardableAttrDictionary());
  std::vector<SmallVector<int64_t>> ids = splitSampleIds(vote.getSampleIds(), sizes);
  for (auto [member, samples, numbers] : llvm::zip_equal(staged.getMembers(), sizes, ids))
    buildMember(member, vote, ensemble.getResultTypes().front(), samples, numbers);
  ensemble.replaceAllUsesWith(staged);
  eraseVote(ensemble, vote.getCalls());
}

//===- SampleLists.cpp - Several samples of one request -------------------===//

#include "SampleLists.h"
#include "CallHints.h"

using namespace mlir;
using namespace xcs;

int64_t xcs::countSamples(ArrayRef<LLMCallOpInterface> calls) {
  int64_t samples = 0;
  for (LLMCallOpInterface call : calls)
    samples += call.getSampleCount();
  return samples;
}

LLMCallOpInterface xcs::mergeSamples(OpBuilder &builder, ArrayRef<LLMCallOpInterface> calls) {
  LLMCallOpInterface first = calls.front();
  auto merged = cast<LLMCallOpInterface>(builder.clone(*first));
  Type item = first->getResult(0).getType();
  if (first->getAttr("n"))
    item = itemType(cast<RankedTensorType>(item));
  int64_t samples = countSamples(calls);
  merged->setAttr("n", builder.getI64IntegerAttr(samples));
  merged->getResult(0).setType(cast<RankedTensorType>(stackType(item, samples)));
  merged->setLoc(builder.getFusedLoc(
      llvm::map_to_vector(calls, [](LLMCallOpInterface call) { return call.getLoc(); })));
  mergeHints(merged, calls);
  return merged;
}

void xcs::useSamples(IndexConstants &indices, ArrayRef<LLMCallOpInterface> calls, Value list) {
  auto answers = llvm::map_to_vector(
      calls, [](LLMCallOpInterface call) -> Value { return call->getResult(0); });
  for (Operation *user : llvm::make_early_inc_range(answers.front().getUsers())) {
    auto same = dyn_cast<tensor::FromElementsOp>(user);
    if (!same || same.getType() != list.getType() || !llvm::equal(same.getElements(), answers))
      continue;
    // A template fails with either.
    same.getResult().replaceUsesWithIf(
        list, [](OpOperand &use) { return isa<PromptTemplateOp>(use.getOwner()); });
    if (same->use_empty())
      same.erase();
  }
  int64_t next = 0;
  for (LLMCallOpInterface call : calls) {
    int64_t from = next, count = call.getSampleCount();
    next += count;
    Value answer = call->getResult(0);
    if (answer.use_empty())
      continue;
    OpBuilder builder(call);
    answer.replaceAllUsesWith(call->getAttr("n")
                                  ? slice(builder, list, from, count, answer.getType())
                                  : take(builder, indices, list, from, 1, answer.getType()));
  }
}

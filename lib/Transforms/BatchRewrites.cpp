//===- BatchRewrites.cpp - Calls into batches, batches into one -----------===//

#include "BatchRewrites.h"
#include "BatchBody.h"
#include "XcsLLM/Analysis/Lengths.h"
#include "XcsLLM/Analysis/SampleIds.h"

using namespace mlir;
using namespace xcs;

BatchLimits::BatchLimits(Rewrite &state, int64_t most)
    : models(state.costs.getModels()), most(most > 0 ? most : std::numeric_limits<int64_t>::max()) {
  bool isLimited = false;
  state.function.walk([&](LLMCallOpInterface call) {
    isLimited |= models.lookup(call.getModelAttr()).tokensPerMin.has_value();
  });
  if (!isLimited)
    return;
  for (const CallCost &cost : state.getCost().calls)
    tokens[cost.call] =
        cost.inputTokens.expected *
            countRequests(*cost.model, LLMCallOpInterface(cost.call).getSampleCount()) +
        cost.outputTokens.expected;
}

int64_t BatchLimits::get(Region &body) {
  double fitting = most;
  body.walk([&](LLMCallOpInterface call) {
    fitting = std::min(fitting, countTogether(models.lookup(call.getModelAttr()),
                                              call.getSampleCount(), tokens.lookup(call)));
  });
  return fitting < double(most) ? int64_t(fitting) : most;
}

void BatchLimits::replace(ArrayRef<LLMCallOpInterface> calls, Operation *merged) {
  if (tokens.empty())
    return;
  double sum = 0;
  for (LLMCallOpInterface call : calls)
    sum += tokens.lookup(call);
  tokens[merged] = sum / calls.size();
}

/// At most `limit` items go out together, and no more than there are.
void BatchRewriter::setBatchSize(BatchOp batch, int64_t limit) {
  batch.setBatchSize(std::min({batchLength(batch), limit, limits.get(batch.getBody())}));
}

BatchOp BatchRewriter::batchCalls(ArrayRef<LLMCallOpInterface> calls) {
  BodyBuilder body(calls);
  body.addCall();
  body.addParses();

  // The results that somebody outside uses.
  llvm::SmallDenseSet<Operation *> inside(body.getReplaced().begin(), body.getReplaced().end());
  SmallVector<std::pair<Column, Value>> results;
  for (auto &output : body.getOutputs())
    if (llvm::any_of(output.first, [&](Value value) {
          return llvm::any_of(value.getUsers(),
                              [&](Operation *user) { return !inside.contains(user); });
        }))
      results.push_back(output);
  if (results.empty())
    results.push_back(body.getOutputs().front());

  OpBuilder builder(calls.front());
  Location loc = builder.getFusedLoc(
      llvm::map_to_vector(calls, [](LLMCallOpInterface call) { return call.getLoc(); }));
  SmallVector<Value> lists, yielded;
  SmallVector<Type> types;
  for (const Column &column : body.getLists())
    lists.push_back(makeList(builder, indices, loc, column));
  for (auto &[column, value] : results) {
    yielded.push_back(value);
    types.push_back(stackType(value.getType(), calls.size()));
  }
  auto batch = BatchOp::create(builder, loc, types, lists, IntegerAttr());
  batch.getBody().push_back(body.takeBlock().release());
  OpBuilder inBody = OpBuilder::atBlockEnd(&batch.getBody().front());
  YieldOp::create(inBody, loc, yielded);
  limits.replace(calls, body.getCall());
  setBatchSize(batch, calls.size());

  for (auto [result, list] : llvm::zip(results, batch.getResults()))
    replaceItems(builder, indices, result.first, list);
  SmallVector<Operation *> operands;
  // Consumers go before what they consume.
  for (Operation *op : llvm::reverse(body.getReplaced())) {
    for (Value operand : op->getOperands())
      if (Operation *definition = operand.getDefiningOp();
          definition && !inside.contains(definition))
        operands.push_back(definition);
    op->erase();
  }
  eraseUnused(operands);
  return batch;
}

/// The list of all items of the lists, one list after the other.
static Value concatenate(OpBuilder &builder, IndexConstants &indices, Location loc,
                         ArrayRef<Value> lists) {
  SmallVector<Value> items;
  for (Value list : lists)
    if (auto elements = list.getDefiningOp<tensor::FromElementsOp>();
        elements && elements.getType().getRank() == 1)
      llvm::append_range(items, elements.getElements());
    else
      return tensor::ConcatOp::create(builder, loc, /*dim=*/0, lists);
  return makeList(builder, indices, loc, items);
}

static SmallVector<LLMCallOpInterface> getCalls(BatchOp batch) {
  SmallVector<LLMCallOpInterface> calls;
  batch.getBody().walk([&](LLMCallOpInterface call) { calls.push_back(call); });
  return calls;
}

/// How often the call runs in one run of `batch`, as far as that is known.
static int64_t countRuns(LLMCallOpInterface call, BatchOp batch) {
  int64_t runs = 1;
  for (Operation *op = call; op != batch;) {
    op = op->getParentOp();
    if (auto around = dyn_cast<BatchOp>(op); around && hasKnownLength(around))
      runs *= batchLength(around);
  }
  return runs;
}

/// Gives the calls of the first batch the samples and the lengths of all.
static void mergeItems(ArrayRef<BatchOp> batches) {
  SmallVector<SmallVector<LLMCallOpInterface>> calls = llvm::map_to_vector(batches, getCalls);
  for (auto [index, first] : llvm::enumerate(calls.front())) {
    SmallVector<ArrayRef<int64_t>> ids, tokens;
    SmallVector<int64_t> idChunks, tokenChunks;
    for (auto [batch, ofBatch] : llvm::zip(batches, calls)) {
      LLMCallOpInterface call = ofBatch[index];
      ids.push_back(getSampleIds(call));
      tokens.push_back(getItemTokens(call));
      tokenChunks.push_back(countRuns(call, batch));
      idChunks.push_back(tokenChunks.back() * call.getSampleCount());
    }
    setSampleIds(first, joinSampleIds(ids, idChunks));
    if (SmallVector<int64_t> all = joinSampleIds(tokens, tokenChunks); !all.empty())
      first->setAttr(itemTokensName, DenseI64ArrayAttr::get(first->getContext(), all));
  }
}

BatchOp BatchRewriter::mergeBatches(ArrayRef<BatchOp> batches) {
  BatchOp first = batches.front();
  OpBuilder builder(first);
  Location loc = builder.getFusedLoc(
      llvm::map_to_vector(batches, [](BatchOp batch) { return batch.getLoc(); }));
  int64_t count = 0, limit = std::numeric_limits<int64_t>::max();
  for (BatchOp batch : batches) {
    count += batchLength(batch);
    // A size as large as its batch is no limit.
    if (auto size = batch.getBatchSize(); size && int64_t(*size) < batchLength(batch))
      limit = std::min<int64_t>(limit, *size);
  }
  SmallVector<Value> lists;
  for (unsigned index = 0; index < first.getLists().size(); ++index)
    lists.push_back(concatenate(builder, indices, loc,
                                llvm::map_to_vector(batches, [&](BatchOp batch) -> Value {
                                  return batch.getLists()[index];
                                })));
  SmallVector<Type> types;
  for (Type type : first.getResultTypes())
    types.push_back(stackType(itemType(cast<RankedTensorType>(type)), count));
  auto merged = BatchOp::create(builder, loc, types, lists, IntegerAttr());
  merged->setDiscardableAttrs(first->getDiscardableAttrDictionary());
  mergeItems(batches);
  merged.getBody().takeBody(first.getBody());
  setBatchSize(merged, limit);
  int64_t offset = 0;
  for (BatchOp batch : batches) {
    int64_t size = batchLength(batch);
    for (auto [old, list] : llvm::zip(batch.getResults(), merged.getResults()))
      replaceList(builder, old, list, offset);
    offset += size;
  }
  SmallVector<Operation *> operands;
  for (BatchOp batch : batches) {
    for (Value list : batch.getLists())
      if (Operation *definition = list.getDefiningOp())
        operands.push_back(definition);
    batch.erase();
  }
  eraseUnused(operands);
  return merged;
}

/// Uses the items of `list` from `offset` on where those of `old` are used.
void BatchRewriter::replaceList(OpBuilder &builder, Value old, Value list, int64_t offset) {
  SmallVector<Operation *> users(old.getUsers());
  for (Operation *user : users) {
    auto extract = dyn_cast<tensor::ExtractOp>(user);
    if (!extract || extract.getIndices().empty())
      continue;
    std::optional<int64_t> index = getConstantIntValue(extract.getIndices().front());
    if (!index || *index < 0 || *index >= cast<RankedTensorType>(old.getType()).getDimSize(0))
      continue;
    extract.getTensorMutable().assign(list);
    extract.getIndicesMutable().slice(0, 1).assign(indices.get(offset + *index));
  }
  if (!old.use_empty())
    old.replaceAllUsesWith(take(builder, indices, list, offset,
                                cast<RankedTensorType>(old.getType()).getDimSize(0),
                                old.getType()));
}

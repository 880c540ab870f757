//===- BatchRewrites.cpp - Calls into batches, batches into one -----------===//

#include "BatchRewrites.h"
#include "BatchBody.h"
#include "XcsLLM/Analysis/SampleIds.h"

using namespace mlir;
using namespace xcs;

IntegerAttr BatchRewriter::getBatchSize(OpBuilder &builder, int64_t items, int64_t limit) const {
  int64_t size = std::min(items, limit);
  return builder.getI64IntegerAttr(maxBatchSize > 0 ? std::min(size, maxBatchSize) : size);
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
  auto batch = BatchOp::create(builder, loc, types, lists,
                               getBatchSize(builder, calls.size(), calls.size()));
  batch.getBody().push_back(body.takeBlock().release());
  OpBuilder inBody = OpBuilder::atBlockEnd(&batch.getBody().front());
  YieldOp::create(inBody, loc, yielded);

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

/// How many samples with a number of their own the call has in one run of `batch`.
static int64_t countSamples(LLMCallOpInterface call, BatchOp batch) {
  int64_t samples = call.getSampleCount();
  for (Operation *op = call; op != batch;) {
    op = op->getParentOp();
    if (auto around = dyn_cast<BatchOp>(op); around && hasKnownLength(around))
      samples *= batchLength(around);
  }
  return samples;
}

/// Gives the calls of the first batch the samples of all.
static void mergeSampleIds(ArrayRef<BatchOp> batches) {
  SmallVector<SmallVector<LLMCallOpInterface>> calls = llvm::map_to_vector(batches, getCalls);
  for (auto [index, first] : llvm::enumerate(calls.front())) {
    SmallVector<ArrayRef<int64_t>> lists;
    SmallVector<int64_t> chunks;
    for (auto [batch, ofBatch] : llvm::zip(batches, calls)) {
      lists.push_back(getSampleIds(ofBatch[index]));
      chunks.push_back(countSamples(ofBatch[index], batch));
    }
    setSampleIds(first, joinSampleIds(lists, chunks));
  }
}

BatchOp BatchRewriter::mergeBatches(ArrayRef<BatchOp> batches) {
  BatchOp first = batches.front();
  OpBuilder builder(first);
  Location loc = builder.getFusedLoc(
      llvm::map_to_vector(batches, [](BatchOp batch) { return batch.getLoc(); }));
  int64_t count = 0, limit = std::numeric_limits<int64_t>::max();
  bool limited = false;
  for (BatchOp batch : batches) {
    count += batchLength(batch);
    // A size as large as its batch is no limit.
    if (auto size = batch.getBatchSize(); size && int64_t(*size) < batchLength(batch)) {
      limit = std::min<int64_t>(limit, *size);
      limited = true;
    }
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
  auto merged = BatchOp::create(builder, loc, types, lists,
                                getBatchSize(builder, count, limited ? limit : count));
  merged->setDiscardableAttrs(first->getDiscardableAttrDictionary());
  mergeSampleIds(batches);
  merged.getBody().takeBody(first.getBody());
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

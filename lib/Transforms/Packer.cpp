//===- Packer.cpp - A batch whose items share requests ----------------------===//

#include "Packer.h"
#include "XcsLLM/Analysis/CallKinds.h"
#include "XcsLLM/Analysis/Lengths.h"
#include "XcsLLM/Analysis/Packing.h"
#include "XcsLLM/Analysis/SampleIds.h"
#include "mlir/IR/IRMapping.h"
#include <cmath>

using namespace mlir;
using namespace xcs;

Packer::Packer(const Packable &packable, IndexConstants &indices, double acceptRate)
    : packable(packable), batch(packable.batch), call(packable.call), indices(indices),
      acceptRate(acceptRate), builder(packable.batch),
      loc(builder.getFusedLoc({batch.getLoc(), call.getLoc()})) {
  SmallVector<int64_t> one(batchLength(batch), 1);
  ids = splitSampleIds(getSampleIds(call), one);
  tokens = splitSampleIds(getItemTokens(call), one);
}

Value Packer::getItem(Value argument, int64_t item) {
  Value list = batch.getLists()[cast<BlockArgument>(argument).getArgNumber()];
  if (auto elements = list.getDefiningOp<tensor::FromElementsOp>())
    return elements.getElements()[item];
  return tensor::ExtractOp::create(builder, loc, list, ValueRange(indices.get(item)));
}

double Packer::getItemLength(int64_t item) const {
  GenerateOp one = call;
  double sum = 0;
  for (int64_t each : tokens[item])
    sum += double(each) / tokens[item].size();
  double expected = tokens[item].empty() ? getExpectedTokens(one) : sum;
  return one.getMaxTokens() ? std::min<double>(expected, *one.getMaxTokens()) : expected;
}

/// The request for several items.
Value Packer::addPack(int64_t first, int64_t items, std::optional<int64_t> mostTokens) {
  PackedPrompt packed = packTemplate(packable.format, packable.differs, items);
  SmallVector<Value> values;
  double length = 0;
  for (auto [operand, item] : packed.operands) {
    Value value = packable.getOperand(operand);
    values.push_back(item < 0 ? value : getItem(value, first + item));
  }
  for (int64_t item = first; item < first + items; ++item)
    length += getItemLength(item) + packedAnswerTokens;
  auto prompt = PromptTemplateOp::create(
      builder, loc, call.getMessages()[packable.message].getType(), packed.format, values);
  if (packable.prompt)
    prompt.setSeparatorAttr(packable.prompt.getSeparatorAttr());
  auto pack = cast<GenerateOp>(builder.clone(*call));
  pack->setLoc(loc);
  pack->setOperand(packable.message, prompt);
  pack.setExpectedOutputTokens(std::llround(length));
  if (std::optional<int64_t> limit = call.getMaxTokens()) {
    int64_t most = std::numeric_limits<int64_t>::max() / items;
    int64_t all = std::min<int64_t>(*limit, most - 2 * packedAnswerTokens) + 2 * packedAnswerTokens;
    pack.setMaxTokens(std::min(all * items, mostTokens.value_or(all * items)));
  }
  for (StringRef hint : {"estimate", "hit_rate"})
    pack->removeAttr(hint);
  pack->removeAttr(itemTokensName);
  pack->removeAttr(sampleIdsName);
  return pack.getResult();
}

/// The request for one item, as it was in the batch.
Value Packer::addCall(int64_t item) {
  IRMapping map;
  for (BlockArgument argument : batch.getBody().getArguments())
    if (llvm::is_contained(packable.prompt ? packable.prompt->getOperands() : call->getOperands(),
                           argument))
      map.map(argument, getItem(argument, item));
  if (packable.prompt)
    builder.clone(*packable.prompt, map);
  auto one = cast<GenerateOp>(builder.clone(*call, map));
  setSampleIds(one, ids[item]);
  if (!tokens[item].empty()) {
    one.setExpectedOutputTokens(std::llround(getItemLength(item)));
    one->removeAttr(itemTokensName);
    if (tokens[item].size() > 1)
      one->setAttr(itemTokensName, builder.getDenseI64ArrayAttr(tokens[item]));
  }
  return one.getResult();
}

/// The answer for one item: that in the list, or else its own.
Value Packer::addCascade(Value response, int64_t index, int64_t item) {
  Type text = response.getType();
  auto cascade = CascadeOp::create(builder, loc, TypeRange(text), /*attempts=*/nullptr,
                                   builder.getDenseF64ArrayAttr({acceptRate, 1.0}),
                                   /*stagesCount=*/2);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&cascade.getStages()[0]);
  auto read = ParseResponseOp::create(builder, loc, text, response, ParseFormat::Json,
                                      builder.getStringAttr("/" + Twine(index)),
                                      /*choices=*/nullptr, /*otherwise=*/nullptr,
                                      builder.getI64IntegerAttr(std::llround(getItemLength(item))));
  YieldOp::create(builder, loc, read.getResult());
  builder.createBlock(&cascade.getStages()[1]);
  Value own = addCall(item);
  YieldOp::create(builder, loc, own);
  return cascade.getResult(0);
}

/// Uses the items where those of `result` are used.
void Packer::replaceResult(Value result, ArrayRef<Value> items) {
  for (Operation *user : SmallVector<Operation *>(result.getUsers())) {
    auto extract = dyn_cast<tensor::ExtractOp>(user);
    std::optional<int64_t> index =
        extract ? getConstantIntValue(extract.getIndices().front()) : std::nullopt;
    if (!index || *index < 0 || *index >= int64_t(items.size()))
      continue;
    extract.replaceAllUsesWith(items[*index]);
    extract.erase();
  }
  if (!result.use_empty())
    result.replaceAllUsesWith(
        tensor::FromElementsOp::create(builder, loc, result.getType(), items));
}

void Packer::run(ArrayRef<int64_t> packs, std::optional<int64_t> mostTokens) {
  std::vector<SmallVector<Value>> results(batch.getNumResults());
  Operation *yield = batch.getBody().front().getTerminator();
  int64_t first = 0;
  for (int64_t items : packs) {
    Value response = items > 1 ? addPack(first, items, mostTokens) : Value();
    for (int64_t item = first; item < first + items; ++item) {
      IRMapping map;
      map.map(call.getResult(),
              response ? addCascade(response, item - first, item) : addCall(item));
      for (Operation &op : batch.getBody().front().without_terminator()) {
        if (&op == call || &op == packable.prompt)
          continue;
        for (Value operand : op.getOperands())
          if (isa<BlockArgument>(operand) && operand.getParentBlock() == call->getBlock() &&
              !map.contains(operand))
            map.map(operand, getItem(operand, item));
        builder.clone(op, map);
      }
      for (auto [values, value] : llvm::zip(results, yield->getOperands())) {
        bool isItem = isa<BlockArgument>(value) && value.getParentBlock() == call->getBlock();
        values.push_back(isItem ? getItem(value, item) : map.lookupOrDefault(value));
      }
    }
    first += items;
  }
  for (auto [result, items] : llvm::zip(batch.getResults(), results))
    replaceResult(result, items);
  SmallVector<Operation *> unused;
  for (Value list : batch.getLists())
    if (Operation *definition = list.getDefiningOp())
      unused.push_back(definition);
  batch.erase();
  eraseUnused(unused);
}

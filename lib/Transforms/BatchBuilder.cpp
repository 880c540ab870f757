//===- BatchBuilder.cpp - Calls into batches, batches into one -------------===//

#include "BatchBuilder.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Items and lists
//===----------------------------------------------------------------------===//

Value IndexConstants::get(int64_t value) {
  Value &constant = constants[value];
  if (!constant) {
    OpBuilder builder = OpBuilder::atBlockBegin(&body.front());
    if (last)
      builder.setInsertionPointAfter(last);
    constant = arith::ConstantIndexOp::create(builder, body.getLoc(), value);
    last = constant.getDefiningOp();
  }
  return constant;
}

void IndexConstants::eraseUnused() {
  for (auto [value, constant] : constants)
    if (constant.use_empty())
      constant.getDefiningOp()->erase();
  constants.clear();
  last = nullptr;
}

bool xcs::isStackable(Type item) {
  auto tensor = dyn_cast<RankedTensorType>(item);
  if (!tensor)
    return !isa<ShapedType>(item);
  // Upstream takes parts of numeric lists out of a list, but not of texts.
  bool isNumeric = tensor.getElementType().isIntOrFloat();
  return tensor.hasStaticShape() && (isNumeric || tensor.getRank() == 1);
}

/// One value for each item of a batch.
using Column = SmallVector<Value>;

/// If the items are those of one list, in order, the list.
static Value findList(ArrayRef<Value> items) {
  Value list;
  for (auto [index, item] : llvm::enumerate(items)) {
    auto extract = item.getDefiningOp<tensor::ExtractOp>();
    if (!extract || extract.getIndices().size() != 1 || (list && extract.getTensor() != list) ||
        getConstantIntValue(extract.getIndices().front()) != int64_t(index))
      return {};
    list = extract.getTensor();
  }
  return list && cast<RankedTensorType>(list.getType()).getDimSize(0) == int64_t(items.size())
             ? list
             : Value();
}

/// A list of the items.
static Value makeList(OpBuilder &builder, Location loc, ArrayRef<Value> items) {
  if (Value list = findList(items))
    return list;
  auto type = cast<RankedTensorType>(stackType(items.front().getType(), items.size()));
  return tensor::FromElementsOp::create(builder, loc, type, items);
}

Value BatchBuilder::takeItem(OpBuilder &builder, Value list, int64_t index) {
  auto type = cast<RankedTensorType>(list.getType());
  Location loc = list.getLoc();
  if (type.getRank() == 1)
    return tensor::ExtractOp::create(builder, loc, list, ValueRange(indices.get(index)));
  auto item = cast<RankedTensorType>(itemType(type));
  if (type.getElementType().isIntOrFloat()) {
    SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0)), sizes, strides(type.getRank(), builder.getIndexAttr(1));
    for (int64_t size : type.getShape())
      sizes.push_back(builder.getIndexAttr(size));
    offsets.front() = builder.getIndexAttr(index);
    sizes.front() = builder.getIndexAttr(1);
    return tensor::ExtractSliceOp::create(builder, loc, item, list, offsets, sizes, strides);
  }
  SmallVector<Value> elements;
  for (int64_t inner = 0; inner < item.getDimSize(0); ++inner)
    elements.push_back(tensor::ExtractOp::create(
        builder, loc, list, ValueRange{indices.get(index), indices.get(inner)}));
  return tensor::FromElementsOp::create(builder, loc, item, elements);
}

Value BatchBuilder::takeItems(OpBuilder &builder, Value list, int64_t first, int64_t count, Type type) {
  auto listType = cast<RankedTensorType>(type);
  SmallVector<Value> items;
  if (listType.getRank() == 1) {
    for (int64_t index = 0; index < count; ++index)
      items.push_back(takeItem(builder, list, first + index));
    return tensor::FromElementsOp::create(builder, list.getLoc(), listType, items);
  }
  SmallVector<OpFoldResult> offsets(listType.getRank(), builder.getIndexAttr(0)), sizes, strides(listType.getRank(), builder.getIndexAttr(1));
  for (int64_t size : listType.getShape())
    sizes.push_back(builder.getIndexAttr(size));
  offsets.front() = builder.getIndexAttr(first);
  return tensor::ExtractSliceOp::create(builder, list.getLoc(), listType, list, offsets, sizes, strides);
}

/// Uses `list` for the items: as it is where they all are wanted in order, and
/// item by item elsewhere.
void BatchBuilder::replaceItems(OpBuilder &builder, ArrayRef<Value> items, Value list) {
  SmallVector<Operation *> users(items.front().getUsers());
  if (!isa<RankedTensorType>(items.front().getType()))
    for (Operation *user : users)
      if (auto same = dyn_cast<tensor::FromElementsOp>(user);
          same && same.getType() == list.getType() && llvm::equal(same.getElements(), items)) {
        same.replaceAllUsesWith(list);
        same.erase();
      }
  for (auto [index, item] : llvm::enumerate(items))
    if (!item.use_empty())
      Value(item).replaceAllUsesWith(takeItem(builder, list, index));
}

IntegerAttr BatchBuilder::getBatchSize(OpBuilder &builder, int64_t items, int64_t limit) const {
  int64_t size = std::min(items, limit);
  return builder.getI64IntegerAttr(maxBatchSize > 0 ? std::min(size, maxBatchSize) : size);
}

/// Erases operations that nobody needs, and those that then nobody needs.
static void eraseUnused(SmallVector<Operation *> candidates) {
  llvm::SmallPtrSet<Operation *, 16> erased;
  while (!candidates.empty()) {
    Operation *op = candidates.pop_back_val();
    // Constants are kept: they are shared, and made but once.
    if (erased.contains(op) || op->hasTrait<OpTrait::ConstantLike>() || !isOpTriviallyDead(op))
      continue;
    for (Value operand : op->getOperands())
      if (Operation *definition = operand.getDefiningOp())
        candidates.push_back(definition);
    erased.insert(op);
    op->erase();
  }
}

//===----------------------------------------------------------------------===//
// Calls into a batch
//===----------------------------------------------------------------------===//

/// Whether the operations do the same to their operands.
static bool haveOneShape(Operation *a, Operation *b) {
  return a->getName() == b->getName() && a->getNumOperands() == b->getNumOperands() &&
         a->getResultTypes() == b->getResultTypes() &&
         a->getDiscardableAttrDictionary() == b->getDiscardableAttrDictionary() &&
         a->getName().compareOpProperties(a->getPropertiesStorage(), b->getPropertiesStorage());
}

namespace {
/// The body of a batch in the making: what each item's operations have in
/// common, made once.
class BodyBuilder {
public:
  explicit BodyBuilder(ArrayRef<LLMCallOpInterface> calls)
      : calls(calls), builder(calls.front()->getContext()), block(new Block) {
    builder.setInsertionPointToEnd(block.get());
  }

  void addCall();
  void addParses();

  std::unique_ptr<Block> takeBlock() { return std::move(block); }
  ArrayRef<Column> getLists() const { return lists; }
  /// Columns that the body computes, and the body's value for each.
  ArrayRef<std::pair<Column, Value>> getOutputs() const { return outputs; }
  /// What the batch replaces.
  ArrayRef<Operation *> getReplaced() const { return replaced; }

private:
  /// Templates this far before a call come in; farther ones stay outside.
  static constexpr unsigned maxTemplateDepth = 16;

  Value addColumn(const Column &column, unsigned depth = 0);
  Value addList(const Column &column);
  Operation *addClone(Operation *op, ValueRange operands);
  void mergeHints(LLMCallOpInterface call);

  ArrayRef<LLMCallOpInterface> calls;
  OpBuilder builder;
  std::unique_ptr<Block> block;
  std::vector<Column> lists;
  SmallVector<std::pair<Column, Value>> known; ///< columns with a value already
  SmallVector<std::pair<Column, Value>> outputs;
  SmallVector<Operation *> replaced;
};
} // namespace

Value BodyBuilder::addList(const Column &column) {
  lists.push_back(column);
  return block->addArgument(column.front().getType(), column.front().getLoc());
}

/// The body's value for a column: the value itself where it is the same for all
/// items, the operation that makes it where they all make it in one way, or
/// else an item of a list.
Value BodyBuilder::addColumn(const Column &column, unsigned depth) {
  if (llvm::all_equal(column))
    return column.front();
  for (auto &[other, value] : known)
    if (other == column)
      return value;
  Operation *first = column.front().getDefiningOp();
  bool isShared = first && depth < maxTemplateDepth &&
                  (isa<PromptTemplateOp, ParseResponseOp>(first) || first->hasTrait<OpTrait::ConstantLike>()) &&
                  llvm::all_of(column, [&](Value value) {
                    return value.getDefiningOp() && haveOneShape(value.getDefiningOp(), first);
                  });
  if (!isShared)
    return known.emplace_back(column, addList(column)).second;
  SmallVector<Value> operands;
  for (unsigned index = 0; index < first->getNumOperands(); ++index)
    operands.push_back(addColumn(
        llvm::map_to_vector(column, [&](Value value) { return value.getDefiningOp()->getOperand(index); }),
        depth + 1));
  // Equal operations on equal values: any one of them will do.
  bool isEqual = llvm::none_of(operands, [&](Value value) { return value.getParentBlock() == block.get(); });
  return known.emplace_back(column, isEqual ? column.front() : addClone(first, operands)->getResult(0)).second;
}

Operation *BodyBuilder::addClone(Operation *op, ValueRange operands) {
  Operation *clone = builder.clone(*op);
  clone->setOperands(operands);
  return clone;
}

/// Hints of a batched call are those of its items on average.
void BodyBuilder::mergeHints(LLMCallOpInterface merged) {
  auto average = [&](StringRef name, auto getValue) -> std::optional<double> {
    double sum = 0;
    for (LLMCallOpInterface call : calls) {
      Attribute hint = call->getAttr(name);
      if (!hint)
        return std::nullopt;
      sum += getValue(hint);
    }
    return sum / calls.size();
  };
  auto set = [&](StringRef name, Attribute value) {
    if (value)
      merged->setAttr(name, value);
    else
      merged->removeAttr(name);
  };
  if (merged->hasAttr("expected_output_tokens")) {
    auto tokens = average("expected_output_tokens", [](Attribute hint) { return double(cast<IntegerAttr>(hint).getInt()); });
    set("expected_output_tokens", tokens ? builder.getI64IntegerAttr(std::llround(*tokens)) : IntegerAttr());
  }
  if (merged->hasAttr("hit_rate")) {
    auto rate = average("hit_rate", [](Attribute hint) { return cast<FloatAttr>(hint).getValueAsDouble(); });
    set("hit_rate", rate ? builder.getF64FloatAttr(*rate) : FloatAttr());
  }
  if (!llvm::all_of(calls, [&](LLMCallOpInterface call) { return call.getEstimateAttr() == merged.getEstimateAttr(); }))
    merged->removeAttr("estimate");
}

void BodyBuilder::addCall() {
  LLMCallOpInterface first = calls.front();
  SmallVector<Value> operands;
  for (unsigned index = 0; index < first->getNumOperands(); ++index)
    operands.push_back(addColumn(
        llvm::map_to_vector(calls, [&](LLMCallOpInterface call) { return call->getOperand(index); })));
  // A batch runs over something: for equal requests, over their first message as
  // often as there are requests.
  if (lists.empty())
    operands.front() = addList(Column(calls.size(), operands.front()));
  Operation *merged = addClone(first, operands);
  mergeHints(cast<LLMCallOpInterface>(merged));
  replaced.append(calls.begin(), calls.end());
  outputs.emplace_back(llvm::map_to_vector(calls, [](LLMCallOpInterface call) -> Value { return call->getResult(0); }),
                       merged->getResult(0));
}

/// Takes in the parses that each item has, of the call's result and of what has
/// been parsed from it.
void BodyBuilder::addParses() {
  // `outputs` grows while it is walked.
  for (size_t at = 0; at < outputs.size(); ++at) {
    if (!isa<TextType>(outputs[at].second.getType()))
      continue;
    // In program order, which the order of uses need not be.
    SmallVector<Operation *> parses = llvm::to_vector(llvm::make_filter_range(
        outputs[at].first.front().getUsers(), [&](Operation *user) {
          return isa<ParseResponseOp>(user) && user->getBlock() == calls.front()->getBlock() &&
                 isStackable(user->getResult(0).getType());
        }));
    llvm::sort(parses, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    llvm::SmallDenseSet<Operation *> seen;
    for (Operation *parse : parses) {
      if (seen.contains(parse))
        continue;
      // Of each item the parses of this shape: usually one.
      SmallVector<SmallVector<Operation *, 1>> same;
      for (Value value : outputs[at].first) {
        auto &ofItem = same.emplace_back();
        for (Operation *user : value.getUsers())
          if (user->getBlock() == parse->getBlock() && haveOneShape(user, parse))
            ofItem.push_back(user);
        if (ofItem.empty())
          break;
      }
      if (same.size() < calls.size() || same.back().empty())
        continue;
      seen.insert(same.front().begin(), same.front().end());
      Value inBody = addClone(parse, outputs[at].second)->getResult(0);
      Column column;
      for (auto &ofItem : same) {
        for (Operation *other : llvm::drop_begin(ofItem))
          other->replaceAllUsesWith(ofItem.front());
        replaced.append(ofItem.begin(), ofItem.end());
        column.push_back(ofItem.front()->getResult(0));
      }
      outputs.emplace_back(std::move(column), inBody);
    }
  }
}

BatchOp BatchBuilder::batchCalls(ArrayRef<LLMCallOpInterface> calls) {
  BodyBuilder body(calls);
  body.addCall();
  body.addParses();

  // The results that somebody outside uses.
  llvm::SmallDenseSet<Operation *> inside(body.getReplaced().begin(), body.getReplaced().end());
  SmallVector<std::pair<Column, Value>> results;
  for (auto &output : body.getOutputs())
    if (llvm::any_of(output.first, [&](Value value) {
          return llvm::any_of(value.getUsers(), [&](Operation *user) { return !inside.contains(user); });
        }))
      results.push_back(output);
  if (results.empty())
    results.push_back(body.getOutputs().front());

  OpBuilder builder(calls.front());
  Location loc = builder.getFusedLoc(llvm::map_to_vector(calls, [](LLMCallOpInterface call) { return call.getLoc(); }));
  SmallVector<Value> lists, yielded;
  SmallVector<Type> types;
  for (const Column &column : body.getLists())
    lists.push_back(makeList(builder, loc, column));
  for (auto &[column, value] : results) {
    yielded.push_back(value);
    types.push_back(stackType(value.getType(), calls.size()));
  }
  auto batch = BatchOp::create(builder, loc, types, lists, getBatchSize(builder, calls.size(), calls.size()));
  batch.getBody().push_back(body.takeBlock().release());
  OpBuilder inBody = OpBuilder::atBlockEnd(&batch.getBody().front());
  YieldOp::create(inBody, loc, yielded);

  for (auto [result, list] : llvm::zip(results, batch.getResults()))
    replaceItems(builder, result.first, list);
  SmallVector<Operation *> operands;
  // Consumers go before what they consume.
  for (Operation *op : llvm::reverse(body.getReplaced())) {
    for (Value operand : op->getOperands())
      if (Operation *definition = operand.getDefiningOp(); definition && !inside.contains(definition))
        operands.push_back(definition);
    op->erase();
  }
  eraseUnused(operands);
  return batch;
}

//===----------------------------------------------------------------------===//
// Batches into one
//===----------------------------------------------------------------------===//

static int64_t getItemCount(BatchOp batch) {
  return cast<RankedTensorType>(batch.getLists().front().getType()).getDimSize(0);
}

/// Whether the batch keeps only the items that its body accepts.
static bool hasVerdict(BatchOp batch) {
  return batch.getBody().front().getTerminator()->getNumOperands() > batch.getNumResults();
}

bool xcs::isMergeable(BatchOp batch) {
  auto isList = [](Type type) { return isStackable(itemType(cast<RankedTensorType>(type))); };
  return ShapedType::isStatic(getItemCount(batch)) && !hasVerdict(batch) &&
         llvm::all_of(batch->getOperandTypes(), isList) && llvm::all_of(batch->getResultTypes(), isList);
}

/// The list of all items of the lists, one list after the other.
static Value concatenate(OpBuilder &builder, Location loc, ArrayRef<Value> lists) {
  SmallVector<Value> items;
  for (Value list : lists)
    if (auto elements = list.getDefiningOp<tensor::FromElementsOp>(); elements && elements.getType().getRank() == 1)
      llvm::append_range(items, elements.getElements());
    else
      return tensor::ConcatOp::create(builder, loc, /*dim=*/0, lists);
  return makeList(builder, loc, items);
}

BatchOp BatchBuilder::mergeBatches(ArrayRef<BatchOp> batches) {
  BatchOp first = batches.front();
  OpBuilder builder(first);
  Location loc = builder.getFusedLoc(llvm::map_to_vector(batches, [](BatchOp batch) { return batch.getLoc(); }));
  int64_t count = 0, limit = std::numeric_limits<int64_t>::max();
  bool limited = false;
  for (BatchOp batch : batches) {
    count += getItemCount(batch);
    // A size as large as its batch is no limit.
    if (auto size = batch.getBatchSize(); size && int64_t(*size) < getItemCount(batch)) {
      limit = std::min<int64_t>(limit, *size);
      limited = true;
    }
  }
  SmallVector<Value> lists;
  for (unsigned index = 0; index < first.getLists().size(); ++index)
    lists.push_back(concatenate(builder, loc, llvm::map_to_vector(batches, [&](BatchOp batch) -> Value { return batch.getLists()[index]; })));
  SmallVector<Type> types;
  for (Type type : first.getResultTypes())
    types.push_back(stackType(itemType(cast<RankedTensorType>(type)), count));
  auto merged = BatchOp::create(builder, loc, types, lists, getBatchSize(builder, count, limited ? limit : count));
  merged->setDiscardableAttrs(first->getDiscardableAttrDictionary());
  merged.getBody().takeBody(first.getBody());
  int64_t offset = 0;
  for (BatchOp batch : batches) {
    int64_t size = getItemCount(batch);
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
void BatchBuilder::replaceList(OpBuilder &builder, Value old, Value list, int64_t offset) {
  SmallVector<Operation *> users(old.getUsers());
  for (Operation *user : users) {
    auto extract = dyn_cast<tensor::ExtractOp>(user);
    if (!extract || extract.getIndices().empty())
      continue;
    std::optional<int64_t> index = getConstantIntValue(extract.getIndices().front());
    if (!index)
      continue;
    extract.getTensorMutable().assign(list);
    extract.getIndicesMutable().slice(0, 1).assign(indices.get(offset + *index));
  }
  if (!old.use_empty())
    old.replaceAllUsesWith(takeItems(builder, list, offset, cast<RankedTensorType>(old.getType()).getDimSize(0), old.getType()));
}

/// Collects what must move for `value` to be there before `op`, if it can: pure
/// operations of the block on values that are.
static bool collectMovable(Value value, Operation *op, SmallVectorImpl<Operation *> &movable, unsigned depth = 0) {
  Operation *definition = value.getDefiningOp();
  if (!definition || definition->getBlock() != op->getBlock() || definition->isBeforeInBlock(op))
    return true;
  constexpr unsigned maxDepth = 4;
  if (definition == op || depth == maxDepth || !isPure(definition) || definition->getNumRegions() != 0)
    return false;
  for (Value operand : definition->getOperands())
    if (!collectMovable(operand, op, movable, depth + 1))
      return false;
  if (!llvm::is_contained(movable, definition))
    movable.push_back(definition);
  return true;
}

/// Whether `user` waits for `consumer` anyway: it ends the block, or takes a
/// result of it or an item of one.
static bool waitsFor(Operation *user, BatchOp consumer) {
  return user->hasTrait<OpTrait::IsTerminator>() || llvm::any_of(user->getOperands(), [&](Value operand) {
    auto extract = operand.getDefiningOp<tensor::ExtractOp>();
    return (extract ? extract.getTensor() : operand).getDefiningOp() == consumer;
  });
}

/// The batch whose results `consumer` runs over, if fusing the two delays
/// nothing; `movable` is then what must move before it.
static BatchOp findProducer(BatchOp consumer, SmallVectorImpl<Operation *> &movable) {
  BatchOp producer;
  for (Value list : consumer.getLists())
    if (auto batch = list.getDefiningOp<BatchOp>(); batch && batch->getBlock() == consumer->getBlock() && (!producer || producer->isBeforeInBlock(batch)))
      producer = batch;
  if (!producer || ShapedType::isDynamic(getItemCount(producer)) || hasVerdict(producer) || hasVerdict(consumer) ||
      producer.getBatchSizeAttr() != consumer.getBatchSizeAttr() ||
      producer->getDiscardableAttrDictionary() != consumer->getDiscardableAttrDictionary())
    return {};
  auto isThereBefore = [&](Value value) { return collectMovable(value, producer, movable); };
  for (Value list : consumer.getLists())
    if (list.getDefiningOp() != producer && !isThereBefore(list))
      return {};
  WalkResult captures = consumer.getBody().walk([&](Operation *op) {
    for (Value operand : op->getOperands())
      if (!consumer.getBody().isAncestor(operand.getParentRegion()) && !isThereBefore(operand))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  if (captures.wasInterrupted())
    return {};
  for (Operation *user : producer->getUsers()) {
    if (user == consumer)
      continue;
    bool delayed = isa<tensor::ExtractOp>(user)
                       ? !llvm::all_of(user->getUsers(), [&](Operation *next) { return waitsFor(next, consumer); })
                       : !waitsFor(user, consumer);
    if (user->getBlock() != consumer->getBlock() || delayed)
      return {};
  }
  return producer;
}

BatchOp BatchBuilder::fuseIntoProducer(BatchOp consumer) {
  SmallVector<Operation *> movable;
  BatchOp producer = findProducer(consumer, movable);
  if (!producer)
    return {};
  for (Operation *op : movable)
    op->moveBefore(producer);

  // The producer's body goes on with the consumer's.
  Block &body = producer.getBody().front(), &next = consumer.getBody().front();
  auto yield = cast<YieldOp>(body.getTerminator()), nextYield = cast<YieldOp>(next.getTerminator());
  SmallVector<Value> lists(producer.getLists());
  for (auto [list, item] : llvm::zip(consumer.getLists(), next.getArguments())) {
    auto result = dyn_cast<OpResult>(list);
    if (result && result.getOwner() == producer) {
      item.replaceAllUsesWith(yield.getValues()[result.getResultNumber()]);
      continue;
    }
    lists.push_back(list);
    item.replaceAllUsesWith(body.addArgument(item.getType(), item.getLoc()));
  }
  body.getOperations().splice(yield->getIterator(), next.getOperations(), next.begin(), nextYield->getIterator());

  SmallVector<Value> yielded, replaced;
  for (BatchOp batch : {producer, consumer})
    for (auto [result, value] : llvm::zip(batch.getResults(), (batch == producer ? yield : nextYield).getValues()))
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return user != consumer; })) {
        yielded.push_back(value);
        replaced.push_back(result);
      }
  OpBuilder builder(producer);
  auto fused = BatchOp::create(builder, producer.getLoc(), TypeRange(ValueRange(replaced)), lists, producer.getBatchSizeAttr());
  fused->setDiscardableAttrs(producer->getDiscardableAttrDictionary());
  yield.getValuesMutable().assign(yielded);
  fused.getBody().takeBody(producer.getBody());
  for (auto [old, result] : llvm::zip(replaced, fused.getResults()))
    old.replaceAllUsesWith(result);
  consumer.erase();
  producer.erase();
  return fused;
}

//===- FuseBatches.cpp - A batch behind the one that feeds it -------------===//

#include "BatchRewrites.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace xcs;

BlockOrder::BlockOrder(Block &block) {
  unsigned next = 0;
  for (Operation &op : block)
    positions[&op] = next += 2;
}

void BlockOrder::moveBefore(Operation *op, Operation *other) {
  op->moveBefore(other);
  positions[op] = positions.lookup(other) - 1;
}

/// Collects what must move for `value` to be there before `op`, if it can: pure
/// operations of the block on values that are.
static bool collectMovable(Value value, Operation *op, const BlockOrder &order,
                           llvm::SetVector<Operation *> &movable, unsigned depth = 0) {
  Operation *definition = value.getDefiningOp();
  if (!definition || definition->getBlock() != op->getBlock() || order.isBefore(definition, op) ||
      movable.contains(definition))
    return true;
  constexpr unsigned maxDepth = 4;
  if (definition == op || depth == maxDepth || !isPure(definition) ||
      definition->getNumRegions() != 0)
    return false;
  for (Value operand : definition->getOperands())
    if (!collectMovable(operand, op, order, movable, depth + 1))
      return false;
  movable.insert(definition);
  return true;
}

/// Whether `user` waits for `consumer` anyway: it ends the block, or takes a
/// result of it or an item of one.
static bool waitsFor(Operation *user, BatchOp consumer) {
  return user->hasTrait<OpTrait::IsTerminator>() ||
         llvm::any_of(user->getOperands(), [&](Value operand) {
           auto extract = operand.getDefiningOp<tensor::ExtractOp>();
           return (extract ? extract.getTensor() : operand).getDefiningOp() == consumer;
         });
}

/// The batch whose results `consumer` runs over, if fusing the two delays
/// nothing; `movable` is then what must move before it.
static BatchOp findProducer(BatchOp consumer, const BlockOrder &order, const OrderedOps &ordered,
                            llvm::SetVector<Operation *> &movable) {
  BatchOp producer;
  for (Value list : consumer.getLists())
    if (auto batch = list.getDefiningOp<BatchOp>(); batch &&
                                                    batch->getBlock() == consumer->getBlock() &&
                                                    (!producer || order.isBefore(producer, batch)))
      producer = batch;
  if (!producer || ordered.contains(producer) || ordered.contains(consumer) ||
      !hasKnownLength(producer) || !hasKnownLength(consumer) || filtersItems(producer) ||
      filtersItems(consumer) || producer.getBatchSizeAttr() != consumer.getBatchSizeAttr() ||
      producer->getDiscardableAttrDictionary() != consumer->getDiscardableAttrDictionary())
    return {};
  auto isThereBefore = [&](Value value) { return collectMovable(value, producer, order, movable); };
  for (Value list : consumer.getLists())
    // A list that fails would take what only the producer's items decide with it.
    if (list.getDefiningOp() != producer && (mayFailAsWhole(list) || !isThereBefore(list)))
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
                       ? !llvm::all_of(user->getUsers(),
                                       [&](Operation *next) { return waitsFor(next, consumer); })
                       : !waitsFor(user, consumer);
    if (user->getBlock() != consumer->getBlock() || delayed)
      return {};
  }
  return producer;
}

BatchOp xcs::fuseIntoProducer(BatchOp consumer, BlockOrder &order, const OrderedOps &ordered) {
  llvm::SetVector<Operation *> movable;
  BatchOp producer = findProducer(consumer, order, ordered, movable);
  if (!producer)
    return {};
  for (Operation *op : movable)
    order.moveBefore(op, producer);

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
  body.getOperations().splice(yield->getIterator(), next.getOperations(), next.begin(),
                              nextYield->getIterator());

  SmallVector<Value> yielded, replaced;
  for (BatchOp batch : {producer, consumer})
    for (auto [result, value] :
         llvm::zip(batch.getResults(), (batch == producer ? yield : nextYield).getValues()))
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return user != consumer; })) {
        yielded.push_back(value);
        replaced.push_back(result);
      }
  OpBuilder builder(producer);
  auto fused = BatchOp::create(builder, producer.getLoc(), TypeRange(ValueRange(replaced)), lists,
                               producer.getBatchSizeAttr());
  fused->setDiscardableAttrs(producer->getDiscardableAttrDictionary());
  yield.getValuesMutable().assign(yielded);
  fused.getBody().takeBody(producer.getBody());
  for (auto [old, result] : llvm::zip(replaced, fused.getResults()))
    old.replaceAllUsesWith(result);
  order.replace(producer, fused);
  consumer.erase();
  producer.erase();
  return fused;
}

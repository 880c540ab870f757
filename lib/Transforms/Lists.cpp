//===- Lists.cpp - Items into lists, and out of them ----------------------===//

#include "Lists.h"
#include "XcsLLM/Analysis/CallKinds.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace xcs;

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

bool xcs::mayFailAsWhole(Value list, unsigned depth) {
  constexpr unsigned maxDepth = 3;
  if (auto argument = dyn_cast<BlockArgument>(list)) {
    // A program's inputs are there; what a function is called with may not be.
    auto function = dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
    return !function || !function.isPublic();
  }
  Operation *definition = list.getDefiningOp();
  if (isa<tensor::FromElementsOp>(definition) || definition->hasTrait<OpTrait::ConstantLike>())
    return false;
  // A batch fails if its lists turn out to differ in length.
  auto batch = dyn_cast<BatchOp>(definition);
  if (batch && !hasKnownLength(batch))
    return true;
  // These fail only if what they are made from does.
  bool isMade = (batch || isa<tensor::ConcatOp>(definition)) && depth < maxDepth;
  return !isMade || llvm::any_of(definition->getOperands(),
                                 [&](Value part) { return mayFailAsWhole(part, depth + 1); });
}

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
  bool isWhole =
      list && cast<RankedTensorType>(list.getType()).getDimSize(0) == int64_t(items.size());
  return isWhole && !mayFailAsWhole(list) ? list : Value();
}

Value xcs::makeList(OpBuilder &builder, IndexConstants &indices, Location loc,
                    ArrayRef<Value> items) {
  if (Value list = findList(items))
    return list;
  auto type = cast<RankedTensorType>(stackType(items.front().getType(), items.size()));
  SmallVector<Value> elements(items);
  if (auto item = dyn_cast<RankedTensorType>(items.front().getType())) {
    elements.clear();
    for (Value list : items)
      for (int64_t index = 0; index < item.getDimSize(0); ++index)
        elements.push_back(take(builder, indices, list, index, 1, item.getElementType()));
  }
  return tensor::FromElementsOp::create(builder, loc, type, elements);
}

Value xcs::slice(OpBuilder &builder, Value list, int64_t first, int64_t count, Type type) {
  auto shape = cast<RankedTensorType>(list.getType()).getShape();
  SmallVector<OpFoldResult> offsets(shape.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(shape.size(), builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = llvm::map_to_vector(
      shape, [&](int64_t size) -> OpFoldResult { return builder.getIndexAttr(size); });
  offsets.front() = builder.getIndexAttr(first);
  sizes.front() = builder.getIndexAttr(count);
  return tensor::ExtractSliceOp::create(builder, list.getLoc(), cast<RankedTensorType>(type), list,
                                        offsets, sizes, strides);
}

Value xcs::take(OpBuilder &builder, IndexConstants &indices, Value list, int64_t first,
                int64_t count, Type type) {
  auto part = dyn_cast<RankedTensorType>(type);
  if (part && cast<RankedTensorType>(list.getType()).getRank() > 1)
    return slice(builder, list, first, count, type);
  SmallVector<Value> items;
  for (int64_t index = first; index < first + count; ++index)
    items.push_back(
        tensor::ExtractOp::create(builder, list.getLoc(), list, ValueRange(indices.get(index))));
  return part ? tensor::FromElementsOp::create(builder, list.getLoc(), part, items).getResult()
              : items.front();
}

void xcs::replaceItems(OpBuilder &builder, IndexConstants &indices, ArrayRef<Value> items,
                       Value list) {
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
      Value(item).replaceAllUsesWith(take(builder, indices, list, index, 1, item.getType()));
}

void xcs::eraseUnused(SmallVector<Operation *> candidates) {
  llvm::SmallPtrSet<Operation *, 16> erased;
  while (!candidates.empty()) {
    Operation *op = candidates.pop_back_val();
    // Indices may be wanted again.
    if (erased.contains(op) || isa<arith::ConstantIndexOp>(op) || !isOpTriviallyDead(op))
      continue;
    llvm::SetVector<Value> used(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), used);
    for (Value value : used)
      if (Operation *definition = value.getDefiningOp())
        candidates.push_back(definition);
    op->walk([&](Operation *nested) { erased.insert(nested); });
    op->erase();
  }
}

//===- BatchBody.cpp - What the items of a batch have in common -----------===//

#include "BatchBody.h"
#include "CallHints.h"
#include "XcsLLM/Analysis/CallKinds.h"
#include "XcsLLM/Analysis/Lengths.h"
#include "XcsLLM/Analysis/SampleIds.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace xcs;

/// Whether the operations do the same to their operands. A template joins lists of all
/// lengths, but not in one body.
static bool haveOneShape(Operation *a, Operation *b) {
  return a->getName() == b->getName() && a->getOperandTypes() == b->getOperandTypes() &&
         a->getResultTypes() == b->getResultTypes() &&
         a->getDiscardableAttrDictionary() == b->getDiscardableAttrDictionary() &&
         a->getName().compareOpProperties(a->getPropertiesStorage(), b->getPropertiesStorage());
}

Value BodyBuilder::addList(const Column &column) {
  lists.push_back(column);
  return block->addArgument(column.front().getType(), column.front().getLoc());
}

/// The operation that makes each value of the column in one way, for the first
/// item; null if there is none that could come into the body.
static Operation *findSharedOp(const Column &column) {
  Operation *first = column.front().getDefiningOp();
  if (!first ||
      !(isa<PromptTemplateOp, ParseResponseOp>(first) || first->hasTrait<OpTrait::ConstantLike>()))
    return nullptr;
  bool isShared = llvm::all_of(column, [&](Value value) {
    return value.getDefiningOp() && haveOneShape(value.getDefiningOp(), first);
  });
  return isShared ? first : nullptr;
}

/// The operands of this index of the operations that make the column.
static Column getOperands(const Column &column, unsigned index) {
  return llvm::map_to_vector(column,
                             [&](Value value) { return value.getDefiningOp()->getOperand(index); });
}

/// Whether the operations that make the column can come in: whatever differs
/// between their operands can be made there too, or put into a list.
bool BodyBuilder::canAdd(const Column &column, unsigned depth) const {
  Operation *shared = depth < maxTemplateDepth ? findSharedOp(column) : nullptr;
  return shared && llvm::all_of(llvm::seq(shared->getNumOperands()), [&](unsigned index) {
           Column operand = getOperands(column, index);
           return llvm::all_equal(operand) || isStackable(operand.front().getType()) ||
                  canAdd(operand, depth + 1);
         });
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
  if (!canAdd(column, depth))
    return known.emplace_back(column, addList(column)).second;
  Operation *first = findSharedOp(column);
  SmallVector<Value> operands;
  for (unsigned index = 0; index < first->getNumOperands(); ++index)
    operands.push_back(addColumn(getOperands(column, index), depth + 1));
  // Equal operations on equal values: any one of them will do.
  bool isEqual =
      llvm::none_of(operands, [&](Value value) { return value.getParentBlock() == block.get(); });
  return known
      .emplace_back(column, isEqual ? column.front() : addClone(first, operands)->getResult(0))
      .second;
}

Operation *BodyBuilder::addClone(Operation *op, ValueRange operands) {
  Operation *clone = builder.clone(*op);
  clone->setOperands(operands);
  return clone;
}

/// The tokens that each of the calls is expected to answer with, where these differ.
static SmallVector<int64_t> joinItemTokens(ArrayRef<LLMCallOpInterface> calls) {
  size_t rounds = 1; // items of batches around the calls
  bool differ = false;
  LLMCallOpInterface first = calls.front();
  for (LLMCallOpInterface call : calls) {
    rounds = std::max(rounds, getItemTokens(call).size());
    differ |= getExpectedTokens(call) != getExpectedTokens(first) ||
              !call.getExpectedOutputTokensAttr() != !first.getExpectedOutputTokensAttr();
  }
  if (isa<EmbedOp>(first) || (!differ && rounds == 1))
    return {};
  std::vector<SmallVector<int64_t>> tokens;
  for (LLMCallOpInterface call : calls) {
    tokens.emplace_back(getItemTokens(call));
    if (tokens.back().empty())
      tokens.back().assign(rounds, getExpectedTokens(call));
  }
  return joinSampleIds(SmallVector<ArrayRef<int64_t>>(tokens.begin(), tokens.end()),
                       SmallVector<int64_t>(calls.size(), 1));
}

void BodyBuilder::addCall() {
  LLMCallOpInterface first = calls.front();
  SmallVector<Value> operands;
  for (unsigned index = 0; index < first->getNumOperands(); ++index)
    operands.push_back(addColumn(llvm::map_to_vector(
        calls, [&](LLMCallOpInterface call) { return call->getOperand(index); })));
  // A batch runs over something: for equal requests, over their first message as
  // often as there are requests.
  if (lists.empty())
    operands.front() = addList(Column(calls.size(), operands.front()));
  call = addClone(first, operands);
  mergeHints(cast<LLMCallOpInterface>(call), calls);
  call->removeAttr(itemTokensName);
  if (SmallVector<int64_t> items = joinItemTokens(calls); !items.empty())
    call->setAttr(itemTokensName, builder.getDenseI64ArrayAttr(items));
  replaced.append(calls.begin(), calls.end());
  outputs.emplace_back(
      llvm::map_to_vector(calls,
                          [](LLMCallOpInterface call) -> Value { return call->getResult(0); }),
      call->getResult(0));
}

/// Takes in the parses that each item has, of the call's result and of what has
/// been parsed from it.
void BodyBuilder::addParses() {
  // `outputs` grows while it is walked.
  for (size_t at = 0; at < outputs.size(); ++at) {
    if (!isa<TextType>(outputs[at].second.getType()))
      continue;
    // In program order, which the order of uses need not be.
    SmallVector<Operation *> parses = llvm::to_vector(
        llvm::make_filter_range(outputs[at].first.front().getUsers(), [&](Operation *user) {
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

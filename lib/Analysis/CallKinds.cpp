//===- CallKinds.cpp - What may be one group --------------------------------===//

#include "XcsLLM/Analysis/CallKinds.h"
#include "XcsLLM/Analysis/SampleIds.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/Hashing.h"

using namespace mlir;
using namespace xcs;

bool xcs::isStackable(Type item) {
  auto tensor = dyn_cast<RankedTensorType>(item);
  return tensor ? tensor.hasStaticShape() : !isa<ShapedType>(item);
}

int64_t xcs::batchLength(BatchOp batch) {
  return cast<RankedTensorType>(batch.getLists().front().getType()).getDimSize(0);
}

bool xcs::hasKnownLength(BatchOp batch) {
  return llvm::none_of(batch.getLists().getTypes(),
                       [](Type type) { return cast<RankedTensorType>(type).isDynamicDim(0); });
}

bool xcs::filtersItems(BatchOp batch) {
  return batch.getBody().front().getTerminator()->getNumOperands() > batch.getNumResults();
}

bool xcs::isMergeable(BatchOp batch) {
  auto isList = [](Type type) { return isStackable(itemType(cast<RankedTensorType>(type))); };
  return hasKnownLength(batch) && batchLength(batch) > 0 && !filtersItems(batch) &&
         llvm::all_of(batch->getOperandTypes(), isList) &&
         llvm::all_of(batch->getResultTypes(), isList);
}

int32_t CallKinds::get(Operation *op) {
  if (auto call = dyn_cast<LLMCallOpInterface>(op))
    return call.getBatchCompatible() ? getCallKind(call) : DependenceGraph::noKind;
  auto batch = dyn_cast<BatchOp>(op);
  return batch && isMergeable(batch) ? getBatchKind(batch) : DependenceGraph::noKind;
}

int32_t CallKinds::getCallKind(LLMCallOpInterface call) {
  // The task decides which quality counts, so it stays with its calls.
  CallKey key(call->getName(), call.getRequestAttrs(), call.getQualityTaskAttr(),
              call->getResult(0).getType(), call->getNumOperands());
  auto [entry, isNew] = callKinds.try_emplace(key, next);
  next += isNew;
  return entry->second;
}

/// Numbers of samples tell no requests apart.
constexpr auto bodyFlags = OperationEquivalence::Flags(
    OperationEquivalence::IgnoreLocations | OperationEquivalence::IgnoreDiscardableAttrs);

/// Equal for equal bodies.
static llvm::hash_code hashBody(Region &body) {
  llvm::hash_code hash(0);
  auto hashValue = [&](Value value) -> llvm::hash_code {
    bool isCaptured = !body.isAncestor(value.getParentRegion());
    return isCaptured ? hash_value(value) : llvm::hash_code(0);
  };
  body.walk([&](Operation *op) {
    hash = llvm::hash_combine(hash, OperationEquivalence::computeHash(
                                        op, hashValue, OperationEquivalence::ignoreHashValue,
                                        bodyFlags));
  });
  return hash;
}

/// The discardable attributes of what is in `body`, in order, but for the numbers
/// of samples.
static SmallVector<Attribute> getOtherAttrs(Region &body) {
  SmallVector<Attribute> attrs;
  body.walk([&](Operation *op) {
    NamedAttrList list(op->getDiscardableAttrDictionary());
    list.erase(sampleIdsName);
    attrs.push_back(list.getDictionary(op->getContext()));
  });
  return attrs;
}

bool xcs::haveEqualBodies(BatchOp a, BatchOp b) {
  return a->getDiscardableAttrDictionary() == b->getDiscardableAttrDictionary() &&
         OperationEquivalence::isRegionEquivalentTo(&a.getBody(), &b.getBody(), bodyFlags) &&
         getOtherAttrs(a.getBody()) == getOtherAttrs(b.getBody());
}

int32_t CallKinds::getBatchKind(BatchOp batch) {
  auto &sameHash = batchKinds[hashBody(batch.getBody())];
  for (auto &[other, kind] : sameHash)
    if (haveEqualBodies(other, batch))
      return kind;
  sameHash.emplace_back(batch, next);
  return next++;
}

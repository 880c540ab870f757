//===- EqualValues.cpp - Which values are surely equal --------------------===//

#include "XcsLLM/Analysis/EqualValues.h"
#include "XcsLLM/Analysis/SampleIds.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace xcs;

bool xcs::isPureToolCall(Operation *op, SymbolTableCollection &symbols) {
  auto call = dyn_cast<CallOpInterface>(op);
  if (!call || op->getNumRegions() != 0)
    return false;
  auto callee = dyn_cast_if_present<FunctionOpInterface>(call.resolveCallableInTable(&symbols));
  return callee && callee.isExternal() && isPureTool(callee);
}

bool xcs::isFunctionOfOperands(Operation *op, SymbolTableCollection &symbols) {
  if (op->getNumRegions() != 0 || op->getNumResults() == 0 || op->hasTrait<OpTrait::IsTerminator>())
    return false;
  return isMemoryEffectFree(op) || isPureToolCall(op, symbols);
}

void xcs::walkVisible(Operation *root, function_ref<void(Operation *)> visit) {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == root)
      return WalkResult::advance();
    visit(op);
    return op->hasTrait<OpTrait::IsIsolatedFromAbove>() ? WalkResult::skip()
                                                        : WalkResult::advance();
  });
}

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

/// The parameters of a call that count. They are copied and compared as they are
/// kept: a dictionary of them would be built for each of a million calls.
template <typename CallOp> static auto getParameters(CallOp call, RequestForm form) {
  typename CallOp::Properties parameters = call.getProperties();
  parameters.hit_rate = nullptr;
  parameters.estimate = nullptr;
  if constexpr (!std::is_same_v<CallOp, EmbedOp>) {
    parameters.expected_output_tokens = nullptr;
    if (form == RequestForm::Sample)
      parameters.n = nullptr;
  }
  if (form == RequestForm::Whole)
    parameters.quality_task = nullptr;
  return parameters;
}

/// What others have said of the call.
static DictionaryAttr getNotes(Operation *call) {
  DictionaryAttr notes = call->getDiscardableAttrDictionary();
  if (!notes.contains(sampleIdsName))
    return notes;
  SmallVector<NamedAttribute> others;
  for (NamedAttribute note : notes)
    if (note.getName() != sampleIdsName)
      others.push_back(note);
  return DictionaryAttr::getWithSorted(call->getContext(), others);
}

template <typename CallOp>
static bool haveEqualParameters(CallOp a, Operation *other, RequestForm form) {
  auto b = cast<CallOp>(other);
  // What is generated or scored has the type that the parameters say.
  return getParameters(a, form) == getParameters(b, form) &&
         (!std::is_same_v<CallOp, EmbedOp> || a->getResultTypes() == b->getResultTypes());
}

bool EqualValues::areEqualRequests(LLMCallOpInterface a, LLMCallOpInterface b,
                                   RequestForm form) const {
  if (a->getName() != b->getName() || a->getNumOperands() != b->getNumOperands() ||
      getNotes(a) != getNotes(b))
    return false;
  for (auto [x, y] : llvm::zip(a->getOperands(), b->getOperands()))
    if (!areEqual(x, y))
      return false;
  return TypeSwitch<Operation *, bool>(a)
      .Case<GenerateOp, ScoreOp, EmbedOp>(
          [&](auto call) { return haveEqualParameters(call, b, form); })
      .Default(false);
}

llvm::hash_code EqualValues::hashRequest(LLMCallOpInterface call, RequestForm form) const {
  llvm::hash_code hash = TypeSwitch<Operation *, llvm::hash_code>(call)
                             .Case<GenerateOp, ScoreOp, EmbedOp>([&](auto op) {
                               return decltype(op)::computePropertiesHash(getParameters(op, form));
                             })
                             .Default(llvm::hash_code(0));
  hash = llvm::hash_combine(hash, call->getName());
  for (Value operand : call->getOperands())
    hash = llvm::hash_combine(hash, getFirst(operand));
  return hash;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

bool EqualValues::areEqualOps(Operation *a, Operation *b) const {
  auto call = dyn_cast<LLMCallOpInterface>(a), other = dyn_cast<LLMCallOpInterface>(b);
  if (call && other)
    return areEqualRequests(call, other, RequestForm::Whole);
  return OperationEquivalence::isEquivalentTo(
      a, b, [&](Value x, Value y) { return success(areEqual(x, y)); }, nullptr,
      OperationEquivalence::IgnoreLocations);
}

llvm::hash_code EqualValues::hash(Operation *op) const {
  if (auto call = dyn_cast<LLMCallOpInterface>(op))
    return hashRequest(call, RequestForm::Whole);
  return OperationEquivalence::computeHash(
      op, [&](Value operand) { return hash_value(getFirst(operand)); },
      OperationEquivalence::ignoreHashValue, OperationEquivalence::IgnoreLocations);
}

EqualValues::EqualValues(Operation *root, SymbolTableCollection &symbols) {
  // One operation for each hash: if ever two that differ have one, the second counts
  // as equal to nothing.
  llvm::DenseMap<uint64_t, Operation *> firstOps;
  walkVisible(root, [&](Operation *op) {
    if (!isFunctionOfOperands(op, symbols))
      return;
    // The map keeps the two largest keys for itself.
    auto [entry, isNew] = firstOps.try_emplace(size_t(hash(op)) >> 1, op);
    if (isNew || !areEqualOps(entry->second, op))
      return;
    for (auto [first, result] : llvm::zip(entry->second->getResults(), op->getResults()))
      firsts[result] = first;
  });
}

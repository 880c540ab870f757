//===- Calls.cpp - Calls to models, and the cache ---------------------------===//

#include "Detail.h"
#include "XcsLLM/Support/Text.h"

using namespace mlir;
using namespace xcs;

#include "XcsLLM/Dialect/XcsLLMInterfaces.cpp.inc"

bool LLMCallOpInterface::isHint(StringRef name) {
  return llvm::is_contained({"expected_output_tokens", "hit_rate", "quality_task", "estimate",
                             "xcs_llm.sample_ids", "xcs_llm.item_output_tokens"},
                            name);
}

DictionaryAttr LLMCallOpInterface::getRequestAttrs() {
  SmallVector<NamedAttribute> request;
  for (NamedAttribute attribute : (*this)->getAttrDictionary())
    if (!isHint(attribute.getName()))
      request.push_back(attribute);
  return DictionaryAttr::getWithSorted((*this)->getContext(), request);
}

using Effects = SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

// Two equal samples are two samples: an effect of its own keeps them apart, and
// being on the call's own result, it does not keep an unused one alive.
static void getCallEffects(LLMCallOpInterface call, Effects &effects) {
  if (!call.isDeterministic())
    effects.emplace_back(MemoryEffects::Allocate::get(), call->getOpResult(0));
}

void GenerateOp::getEffects(Effects &effects) { getCallEffects(*this, effects); }
void EmbedOp::getEffects(Effects &effects) { getCallEffects(*this, effects); }
void ScoreOp::getEffects(Effects &effects) { getCallEffects(*this, effects); }

bool EmbedOp::isDeterministic() { return !getNoReuse(); }
int64_t GenerateOp::getSampleCount() { return getN().value_or(1); }
int64_t ScoreOp::getSampleCount() { return getN().value_or(1); }

/// Checks what `generate` and `score` share; `sample` is the type of one answer.
template <typename CallOp> static LogicalResult verifySampledCall(CallOp call, Type sample) {
  if (call.getMessages().empty())
    return call.emitOpError("must have at least one message (got none)");
  if (call.getMessages().size() != call.getRoles().size())
    return call.emitOpError("must have one role for each message (got ")
           << call.getRoles().size() << " roles for " << call.getMessages().size() << " messages)";
  Type expected = call.getN() ? stackType(sample, *call.getN()) : sample;
  if (call.getResult().getType() != expected)
    return call.emitOpError("must give ")
           << expected << " (got " << call.getResult().getType() << ")";
  if (std::optional<StringRef> schema = call.getResponseSchema(); schema && !isJson(*schema))
    return call.emitOpError("'response_schema' must be JSON (got '") << *schema << "')";
  return success();
}

LogicalResult GenerateOp::verify() { return verifySampledCall(*this, TextType::get(getContext())); }

LogicalResult ScoreOp::verify() {
  Type sample = Float64Type::get(getContext());
  if (ArrayAttr labels = getLabelsAttr()) {
    llvm::SmallDenseSet<Attribute> distinct(labels.begin(), labels.end());
    if (labels.size() < 2 || distinct.size() != labels.size())
      return emitOpError("must have at least two labels, all distinct (got ") << labels << ")";
    sample = stackType(sample, labels.size());
  }
  return verifySampledCall(*this, sample);
}

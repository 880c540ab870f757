//===- CallHints.cpp - What is said of several calls together -------------===//

#include "CallHints.h"
#include "XcsLLM/Analysis/SampleIds.h"

using namespace mlir;
using namespace xcs;

/// The mean of a hint of all calls; nothing if one has none.
template <typename GetValue>
static std::optional<double> getMean(ArrayRef<LLMCallOpInterface> calls, StringRef name,
                                     GetValue getValue) {
  double sum = 0, samples = 0;
  for (LLMCallOpInterface call : calls) {
    Attribute hint = call->getAttr(name);
    if (!hint)
      return std::nullopt;
    sum += getValue(hint) * call.getSampleCount();
    samples += call.getSampleCount();
  }
  return sum / samples;
}

void xcs::mergeHints(LLMCallOpInterface merged, ArrayRef<LLMCallOpInterface> calls) {
  Builder builder(merged->getContext());
  auto set = [&](StringRef name, Attribute value) {
    if (value)
      merged->setAttr(name, value);
    else
      merged->removeAttr(name);
  };
  if (merged->hasAttr("expected_output_tokens")) {
    auto tokens = getMean(calls, "expected_output_tokens",
                          [](Attribute hint) { return double(cast<IntegerAttr>(hint).getInt()); });
    set("expected_output_tokens",
        tokens ? builder.getI64IntegerAttr(std::llround(*tokens)) : IntegerAttr());
  }
  if (merged->hasAttr("hit_rate")) {
    auto rate = getMean(calls, "hit_rate",
                        [](Attribute hint) { return cast<FloatAttr>(hint).getValueAsDouble(); });
    set("hit_rate", rate ? builder.getF64FloatAttr(*rate) : FloatAttr());
  }
  if (!llvm::all_of(calls, [&](LLMCallOpInterface call) {
        return call.getEstimateAttr() == merged.getEstimateAttr();
      }))
    merged->removeAttr("estimate");
  SmallVector<ArrayRef<int64_t>> ids;
  SmallVector<int64_t> counts;
  for (LLMCallOpInterface call : calls) {
    ids.push_back(getSampleIds(call));
    counts.push_back(call.getSampleCount());
  }
  setSampleIds(merged, joinSampleIds(ids, counts));
}

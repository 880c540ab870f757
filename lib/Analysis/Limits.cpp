//===- Limits.cpp - What a call asks of its model -------------------------===//

#include "XcsLLM/Analysis/Limits.h"

using namespace mlir;
using namespace xcs;

std::optional<QualityBound> xcs::getQualityBound(LLMCallOpInterface call, Operation *function) {
  if (FloatAttr least = call.getMinQualityAttr())
    return QualityBound{least.getValueAsDouble(), "min_quality"};
  StringRef attribute = "xcs_llm.min_quality";
  auto least = function->getAttrOfType<FloatAttr>(attribute);
  if (!least || isa<EmbedOp>(call))
    return std::nullopt;
  return QualityBound{least.getValueAsDouble(), attribute};
}

std::optional<double> xcs::getQuality(LLMCallOpInterface call, const ModelEntry &model) {
  StringAttr task = call.getQualityTaskAttr();
  return model.getQuality(task ? task.getValue() : "");
}

SmallVector<LengthLimit, 3> xcs::getLengthLimits(LLMCallOpInterface call, const ModelEntry &model,
                                                 Forecast input, Forecast output) {
  SmallVector<LengthLimit, 3> limits;
  // Each sample is a continuation of its own.
  double samples = call.getSampleCount();
  Forecast sample{output.expected / samples, output.worst / samples};
  Forecast both{input.expected + sample.expected, input.worst + sample.worst};
  if (model.maxInputTokens)
    limits.push_back({"input", "longest input", input, *model.maxInputTokens});
  if (model.contextTokens)
    limits.push_back({"input with output", "context length", both, *model.contextTokens});
  if (!model.maxOutputTokens)
    return limits;
  auto maxTokens = call->getAttrOfType<IntegerAttr>("max_tokens");
  if (maxTokens && maxTokens.getInt() > *model.maxOutputTokens) {
    double asked = maxTokens.getInt();
    limits.push_back({"'max_tokens'", "longest output", {asked, asked}, *model.maxOutputTokens,
                      /*isParameter=*/true});
  } else {
    limits.push_back({"output", "longest output", sample, *model.maxOutputTokens});
  }
  return limits;
}

std::string xcs::getLackingFeature(LLMCallOpInterface call, const ModelEntry &model,
                                   bool isNamed) {
  if (!call->hasAttr("response_schema") || model.responseSchema.value_or(isNamed))
    return "";
  if (model.responseSchema)
    return "model '" + model.name + "' does not support 'response_schema'";
  return "that model '" + model.name + "' supports 'response_schema' is not known";
}

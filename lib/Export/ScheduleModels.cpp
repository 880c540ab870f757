//===- ScheduleModels.cpp - What is known of models ------------------------===//

#include "PlanBuilder.h"

using namespace mlir;
using namespace xcs;

namespace {
/// A model's fields under the names that the schedule has for them.
class ModelFields {
public:
  explicit ModelFields(std::vector<schedule::ModelField> &fields) : fields(fields) {}

  template <typename T> void add(std::string_view name, const std::optional<T> &value) {
    if (value)
      fields.emplace_back(name, *value);
  }

private:
  std::vector<schedule::ModelField> &fields;
};

/// The names of a tier's prices.
struct PriceNames {
  std::string_view input, output, cachedInput, cacheWrite;
};
} // namespace

static constexpr std::array<PriceNames, serviceTierCount> priceNames = {{
    {"input_usd_per_mtok", "output_usd_per_mtok", "cached_input_usd_per_mtok",
     "cache_write_usd_per_mtok"},
    {"flex_input_usd_per_mtok", "flex_output_usd_per_mtok", "flex_cached_input_usd_per_mtok",
     "flex_cache_write_usd_per_mtok"},
    {"batch_input_usd_per_mtok", "batch_output_usd_per_mtok", "batch_cached_input_usd_per_mtok",
     "batch_cache_write_usd_per_mtok"},
}};

static std::vector<schedule::ModelField>
getPriceFields(const std::array<Prices, serviceTierCount> &prices) {
  std::vector<schedule::ModelField> list;
  ModelFields fields(list);
  for (auto [names, tier] : llvm::zip(priceNames, prices)) {
    fields.add(names.input, tier.input);
    fields.add(names.output, tier.output);
    fields.add(names.cachedInput, tier.cachedInput);
    fields.add(names.cacheWrite, tier.cacheWrite);
  }
  return list;
}

void xcs::describeModel(const ModelEntry &entry, ModelOp declared, schedule::Document &document,
                        schedule::Model &model) {
  model.fields = getPriceFields(entry.prices);
  ModelFields fields(model.fields);
  if (!entry.provider.empty())
    fields.add("provider", std::optional(document.keep(entry.provider)));
  fields.add("min_cached_tokens", entry.minCachedTokens);
  fields.add("context_tokens", entry.contextTokens);
  fields.add("max_input_tokens", entry.maxInputTokens);
  fields.add("max_output_tokens", entry.maxOutputTokens);
  fields.add("max_samples", entry.maxSamples);
  fields.add("array_inputs", entry.arrayInputs);
  fields.add("quality", entry.quality);
  fields.add("ttft_ms", entry.ttftMs);
  fields.add("output_tokens_per_s", entry.outputTokensPerS);
  fields.add("requests_per_min", entry.requestsPerMin);
  fields.add("tokens_per_min", entry.tokensPerMin);
  fields.add("max_concurrency", entry.maxConcurrency);
  fields.add("failure_rate", entry.failureRate);
  fields.add("memory_mb", entry.memoryMb);
  if (declared)
    fields.add("batch_discount", getFigure(declared.getBatchDiscountAttr()));
  llvm::sort(model.fields, llvm::less_first());
  for (const PriceStep &step : entry.steps)
    model.priceSteps.push_back({step.aboveTokens, getPriceFields(step.prices)});
  for (const auto &task : entry.qualityByTask)
    model.qualityByTask[document.keep(view(task.first()))] = task.second;
}

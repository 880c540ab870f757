//===- Model.cpp - What is known of a model --------------------------------===//

#include "XcsLLM/Runtime/Model.h"

namespace xcs::runtime {

static std::optional<double> firstOf(std::optional<double> first, std::optional<double> second) {
  return first ? first : second;
}

static Prices overlay(const Prices &over, const Prices &under) {
  return {firstOf(over.input, under.input), firstOf(over.output, under.output),
          firstOf(over.cachedInput, under.cachedInput), firstOf(over.cacheWrite, under.cacheWrite)};
}

/// The prices of the batch tier, or of what a discount makes of the standard ones.
static Prices discount(const Prices &standard, std::optional<double> share) {
  auto less = [&](std::optional<double> price) {
    return price && share ? std::optional(*price * (1 - *share)) : std::nullopt;
  };
  return {less(standard.input), less(standard.output), less(standard.cachedInput),
          less(standard.cacheWrite)};
}

/// The prices of a tier for prompts of that length.
static Prices findPrices(const Model &model, double inputTokens, Tier tier) {
  size_t at = static_cast<size_t>(tier);
  Prices standard = model.tariff[0], prices = model.tariff[at];
  for (const PriceStep &step : model.steps) {
    if (inputTokens <= double(step.aboveTokens))
      break;
    standard = overlay(step.tariff[0], model.tariff[0]);
    // A step that raises the standard price alone says nothing of the other tiers.
    bool isKnown = step.tariff[at].hasAny() || !step.tariff[0].hasAny();
    prices = isKnown ? overlay(step.tariff[at], model.tariff[at]) : Prices();
  }
  if (tier == Tier::Standard)
    return standard;
  return tier == Tier::Batch ? overlay(prices, discount(standard, model.batchDiscount)) : prices;
}

std::optional<double> Model::getCost(const TokenCounts &tokens, Tier tier) const {
  Prices prices = findPrices(*this, tokens.input, tier);
  double sum = 0;
  for (auto [count, price] : {std::pair(tokens.input - tokens.cached, prices.input),
                              {tokens.cached, firstOf(prices.cachedInput, prices.input)},
                              {tokens.output, prices.output}}) {
    if (count > 0 && !price)
      return std::nullopt;
    sum += count > 0 ? count * *price : 0;
  }
  return sum / 1e6;
}

} // namespace xcs::runtime

//===- Pricing.cpp - What one call takes ----------------------------------===//

#include "XcsLLM/Analysis/Pricing.h"
#include <algorithm>
#include <cmath>

using namespace xcs;

static constexpr double batchWindowMs = 24 * 60 * 60 * 1000.0;

/// `tokens` at a price per million; none cost nothing at any price.
static Amount price(double tokens, std::optional<double> usdPerMtok) {
  if (tokens <= 0)
    return {};
  if (!usdPerMtok)
    return {0, /*complete=*/false};
  return {tokens * *usdPerMtok / 1e6};
}

double xcs::countRequests(const ModelEntry &model, int64_t samples) {
  if (!model.maxSamples || *model.maxSamples <= 0)
    return 1;
  return std::ceil(static_cast<double>(samples) / *model.maxSamples);
}

double xcs::countTogether(const ModelEntry &model, int64_t samples, double tokens) {
  double most = mostFigure;
  auto limit = [&](std::optional<double> allowance, double each) {
    if (allowance && *allowance > 0 && each > 0)
      most = std::min(most, *allowance / each);
  };
  limit(model.tokensPerMin, tokens);
  if (!model.arrayInputs.value_or(false)) {
    limit(model.requestsPerMin, countRequests(model, samples));
    if (model.maxConcurrency)
      limit(double(*model.maxConcurrency), countRequests(model, samples));
  }
  return std::max(1.0, std::floor(most));
}

Amount xcs::priceCall(const ModelEntry &model, ServiceTier tier, const CallTokens &tokens) {
  const Prices &prices = model.getPrices(tier, tokens.input);
  double fresh = tokens.input * countRequests(model, tokens.samples);
  Amount cost = price(fresh - tokens.cached - tokens.written, prices.input);
  cost += price(tokens.cached, prices.cachedInput ? prices.cachedInput : prices.input);
  cost += price(tokens.written, prices.cacheWrite ? prices.cacheWrite : prices.input);
  cost += price(tokens.output * tokens.samples, prices.output);
  return cost;
}

Amount xcs::timeCall(const ModelEntry &model, ServiceTier tier, double outputTokens) {
  if (tier == ServiceTier::Batch)
    return {batchWindowMs};
  Amount time{model.ttftMs.value_or(0), model.ttftMs.has_value()};
  if (outputTokens > 0 && model.outputTokensPerS)
    time.known += outputTokens / *model.outputTokensPerS * 1000;
  else if (outputTokens > 0)
    time.complete = false;
  time.complete &= tier == ServiceTier::Standard;
  time.known = clampFigure(time.known);
  return time;
}

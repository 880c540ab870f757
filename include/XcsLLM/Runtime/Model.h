//===- Model.h - What is known of a model -----------------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_MODEL_H
#define XCSLLM_RUNTIME_MODEL_H

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xcs::runtime {

/// How soon a request is to be served, and at what price.
enum class Tier : uint8_t { Standard, Flex, Batch };

/// In US dollars per million tokens.
struct Prices {
  std::optional<double> input, output, cachedInput, cacheWrite;
  bool hasAny() const { return input || output || cachedInput || cacheWrite; }
};

/// By tier.
using Tariff = std::array<Prices, 3>;

/// Prices of requests whose prompt is longer than so many tokens.
struct PriceStep {
  int64_t aboveTokens = 0;
  Tariff tariff;
};

struct RateLimits {
  std::optional<double> requestsPerMin, tokensPerMin;
  std::optional<int64_t> maxConcurrency;
};

/// Tokens of a request that were counted, or are expected.
struct TokenCounts {
  double input = 0;  ///< of the prompt, cached ones too
  double cached = 0; ///< of these, read from the provider's cache
  double output = 0; ///< of all samples
};

struct Model {
  std::string name, provider;
  Tariff tariff;
  std::vector<PriceStep> steps; ///< by ascending length
  std::optional<double> batchDiscount;
  std::optional<int64_t> maxSamples;
  bool takesArrays = false;
  std::optional<double> ttftMs, outputTokensPerS, failureRate;
  RateLimits limits;

  /// What the tokens cost; none if a price that counts is unknown.
  std::optional<double> getCost(const TokenCounts &tokens, Tier tier) const;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_MODEL_H

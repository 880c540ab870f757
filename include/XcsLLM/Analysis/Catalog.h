//===- Catalog.h - What is known of models ----------------------*- C++ -*-===//
//
// Prices, limits and speeds of models, by name, as docs/CostModel.md explains.
// Three places say them, each field by field before the next: `xcs_llm.model` in
// the module, a user's file, and the catalog that is built in. What none of them
// says is unknown, which is never zero.
//
// Prices are in US dollars per million tokens, times in milliseconds, lengths in
// tokens. Knows no IR.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_CATALOG_H
#define XCSLLM_ANALYSIS_CATALOG_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xcs {

/// How soon a provider serves a request, and at what price.
enum class ServiceTier : uint8_t { Standard, Flex, Batch };
constexpr unsigned serviceTierCount = 3;
/// `standard`, `flex` or `batch`.
llvm::StringRef stringifyTier(ServiceTier tier);

/// US dollars per million tokens.
struct Prices {
  std::optional<double> input, output;
  std::optional<double> cachedInput; ///< read from the provider's prompt cache
  std::optional<double> cacheWrite;  ///< written to it; unknown where writing is not billed apart

  bool operator==(const Prices &other) const;
};

/// The prices of requests whose prompt is longer than `aboveTokens`.
struct PriceStep {
  int64_t aboveTokens;
  std::array<Prices, serviceTierCount> prices; ///< by tier
};

/// What is known of one model.
struct ModelEntry {
  std::string name;
  std::string provider; ///< empty if unknown
  std::string mode;     ///< `chat`, `embedding`, …; empty if unknown

  std::array<Prices, serviceTierCount> prices; ///< by tier
  std::vector<PriceStep> steps;                ///< by ascending length
  std::optional<int64_t> minCachedTokens;      ///< the shortest prefix that is cached
  /// Not empty if a price in LiteLLM's map is of another unit than it should be:
  /// what to say, as an error, to whoever prices a call of this model. The price
  /// itself is unknown.
  std::string priceError;

  std::optional<int64_t> contextTokens;   ///< longest input with output
  std::optional<int64_t> maxInputTokens;  ///< longest input
  std::optional<int64_t> maxOutputTokens; ///< longest output
  std::optional<int64_t> maxSamples;      ///< most samples (`n`) of one request
  std::optional<bool> arrayInputs;        ///< whether one request takes several inputs

  std::optional<bool> responseSchema;     ///< whether answers may be held to a JSON schema

  std::optional<double> quality; ///< 0 to 1
  llvm::StringMap<double> qualityByTask;

  std::optional<double> ttftMs, outputTokensPerS;
  std::optional<double> requestsPerMin, tokensPerMin;
  std::optional<int64_t> maxConcurrency;
  std::optional<double> failureRate; ///< share of requests, 0 to 1
  std::optional<double> memoryMb;    ///< of a model served by oneself

  /// The prices of a request with a prompt of `inputTokens`: those of the highest
  /// step below it. For what the step does not price, the prices below all steps
  /// hold; but where it prices the standard tier only, another tier's price is
  /// unknown.
  Prices getPrices(ServiceTier tier, double inputTokens) const;
  /// The quality at `task`, or in general where none is known for it.
  std::optional<double> getQuality(llvm::StringRef task) const;
};

/// Models by name.
class Catalog {
public:
  /// Reads JSON: the built-in catalog's format or LiteLLM's map. `file` names it
  /// in errors, which also name the entry and its field. An alias may name a
  /// model of the built-in catalog. Never recurses; the memory that it takes is
  /// proportional to the text, and to the entries, of which there may be a million.
  static llvm::Expected<Catalog> parse(llvm::StringRef json, llvm::StringRef file);
  /// Reads the file at `path`.
  static llvm::Expected<Catalog> load(llvm::StringRef path);
  /// The catalog that is compiled in, from share/xcs-llm/catalog.json. Parsed
  /// when first asked for; may be asked for by several threads at once.
  static const Catalog &builtIn();

  /// The entry of this name, or of the name it is an alias of; null if unknown.
  const ModelEntry *lookup(llvm::StringRef name) const;
  /// The name that one which is unknown is a misspelling of, most likely; empty if none is.
  llvm::StringRef findNearest(llvm::StringRef name) const;
  /// Puts the fields that `over` knows in place of those that this one has.
  void overlay(const Catalog &over);

  /// How many entries there are, aliases not counted.
  size_t size() const { return entries.size(); }
  /// The entries, in no particular order.
  const llvm::StringMap<ModelEntry> &getEntries() const { return entries; }

private:
  static llvm::Expected<Catalog> parse(llvm::StringRef json, llvm::StringRef file,
                                       const Catalog *builtIn);

  llvm::StringMap<ModelEntry> entries;
  llvm::StringMap<std::string> aliases;
};

/// `base` with the fields that `over` knows in their places. Where `over` has
/// other standard prices than `base`, `base`'s other tiers and steps do not hold.
void overlay(ModelEntry &base, const ModelEntry &over);

/// Sets the prices of the batch tier to those of the standard one less `share`,
/// 0 to 1, of them, also in steps.
void applyBatchDiscount(ModelEntry &entry, double share);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_CATALOG_H

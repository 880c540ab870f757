//===- CatalogTest.cpp - What is known of models ----------------------------===//

#include "XcsLLM/Analysis/Catalog.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <thread>

using namespace xcs;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr unsigned flex = unsigned(ServiceTier::Flex), batch = unsigned(ServiceTier::Batch);

/// The catalog that `json` says, which must be one.
Catalog parse(const Twine &json) {
  Expected<Catalog> catalog = Catalog::parse(json.str(), "own.json");
  if (!catalog) {
    ADD_FAILURE() << llvm::toString(catalog.takeError());
    return Catalog();
  }
  return std::move(*catalog);
}

/// Model `m` with these fields, as text.
ModelEntry parseEntry(const Twine &fields) {
  Catalog catalog = parse("{\"m\": {" + fields + "}}");
  const ModelEntry *entry = catalog.lookup("m");
  EXPECT_NE(entry, nullptr);
  return entry ? *entry : ModelEntry();
}

/// The error that `json` gives; empty if none.
std::string getError(StringRef json) {
  Expected<Catalog> catalog = Catalog::parse(json, "own.json");
  return catalog ? "" : llvm::toString(catalog.takeError());
}

/// The error that model `m` with these fields gives, without the part that each has.
std::string getFieldError(const Twine &fields) {
  StringRef prefix = "own.json: entry \"m\": field ";
  std::string error = getError(("{\"m\": {" + fields + "}}").str());
  return StringRef(error).starts_with(prefix) ? error.substr(prefix.size()) : "not so: " + error;
}

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

TEST(Catalog, ReadsLiteLLMsFields) {
  ModelEntry entry = parseEntry(R"("litellm_provider": "openai", "mode": "chat",
    "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
    "cache_read_input_token_cost": 1.25e-06, "cache_creation_input_token_cost": 3.125e-6,
    "input_cost_per_token_batches": 1.25e-06, "output_cost_per_token_batches": 5e-06,
    "input_cost_per_token_flex": 1.2e-06, "input_cost_per_token_priority": 9e-06,
    "max_input_tokens": 128000, "max_output_tokens": 16384, "max_tokens": 16384,
    "prompt_cache_min_tokens": 1024, "rpm": 500, "tpm": 30000, "supports_vision": true,
    "supports_response_schema": true)");
  EXPECT_EQ(entry.name, "m");
  EXPECT_EQ(entry.provider, "openai");
  EXPECT_EQ(entry.mode, "chat");
  EXPECT_EQ(entry.prices[0].input, 2.5);
  EXPECT_EQ(entry.prices[0].output, 10.0);
  EXPECT_EQ(entry.prices[0].cachedInput, 1.25);
  EXPECT_EQ(entry.prices[0].cacheWrite, 3.125);
  EXPECT_EQ(entry.prices[batch].input, 1.25);
  EXPECT_EQ(entry.prices[batch].output, 5.0);
  EXPECT_EQ(entry.prices[flex].input, 1.2);
  EXPECT_EQ(entry.prices[flex].output, std::nullopt);
  EXPECT_EQ(entry.maxInputTokens, 128000);
  EXPECT_EQ(entry.maxOutputTokens, 16384);
  EXPECT_EQ(entry.contextTokens, std::nullopt);
  EXPECT_EQ(entry.minCachedTokens, 1024);
  EXPECT_EQ(entry.responseSchema, true);
  EXPECT_EQ(entry.requestsPerMin, 500.0);
  EXPECT_EQ(entry.tokensPerMin, 30000.0);
}

TEST(Catalog, ReadsItsOwnFields) {
  ModelEntry entry = parseEntry(R"("provider": "vllm", "input_usd_per_mtok": 0.1,
    "output_usd_per_mtok": 0.3, "cached_input_usd_per_mtok": 0.05, "cache_write_usd_per_mtok": 0.2,
    "input_usd_per_mtok_batches": 0.05, "min_cached_tokens": 16, "context_tokens": 8192,
    "max_samples": 8, "array_inputs": true, "quality": 0.82, "quality_by_task": {"gsm8k": 0.95},
    "ttft_ms": 300, "output_tokens_per_s": 90.5, "requests_per_min": 60, "tokens_per_min": 1e5,
    "max_concurrency": 4, "failure_rate": 0.01, "memory_mb": 16000,
    "sources": {"prices": "s"})");
  EXPECT_EQ(entry.provider, "vllm");
  EXPECT_EQ(entry.prices[0].input, 0.1);
  EXPECT_EQ(entry.prices[0].output, 0.3);
  EXPECT_EQ(entry.prices[0].cachedInput, 0.05);
  EXPECT_EQ(entry.prices[0].cacheWrite, 0.2);
  EXPECT_EQ(entry.prices[batch].input, 0.05);
  EXPECT_EQ(entry.minCachedTokens, 16);
  EXPECT_EQ(entry.contextTokens, 8192);
  EXPECT_EQ(entry.maxSamples, 8);
  EXPECT_EQ(entry.arrayInputs, true);
  EXPECT_EQ(entry.quality, 0.82);
  EXPECT_EQ(entry.getQuality("gsm8k"), 0.95);
  EXPECT_EQ(entry.getQuality("other"), 0.82);
  EXPECT_EQ(entry.ttftMs, 300.0);
  EXPECT_EQ(entry.outputTokensPerS, 90.5);
  EXPECT_EQ(entry.requestsPerMin, 60.0);
  EXPECT_EQ(entry.tokensPerMin, 1e5);
  EXPECT_EQ(entry.maxConcurrency, 4);
  EXPECT_EQ(entry.failureRate, 0.01);
  EXPECT_EQ(entry.memoryMb, 16000.0);
}

TEST(Catalog, WhatIsNotSaidIsUnknown) {
  ModelEntry entry = parseEntry("");
  for (const Prices &prices : entry.prices)
    EXPECT_EQ(prices, Prices());
  EXPECT_TRUE(entry.provider.empty() && entry.mode.empty() && entry.steps.empty());
  EXPECT_FALSE(entry.minCachedTokens || entry.contextTokens || entry.maxInputTokens ||
               entry.maxOutputTokens || entry.maxSamples || entry.arrayInputs || entry.responseSchema ||
               entry.quality ||
               entry.ttftMs || entry.outputTokensPerS || entry.requestsPerMin ||
               entry.tokensPerMin || entry.maxConcurrency || entry.failureRate || entry.memoryMb);
  EXPECT_EQ(parse("{}").lookup("m"), nullptr);
}

TEST(Catalog, NullIsUnknownAndZeroIsFree) {
  ModelEntry entry = parseEntry(R"("input_cost_per_token": 0, "output_cost_per_token": -0.0,
    "cache_read_input_token_cost": null, "quality_by_task": null, "tiered_pricing": null,
    "mode": null, "array_inputs": null, "ttft_ms": null)");
  EXPECT_EQ(entry.prices[0].input, 0.0);
  EXPECT_EQ(entry.prices[0].output, 0.0);
  EXPECT_FALSE(std::signbit(*entry.prices[0].output));
  EXPECT_EQ(entry.prices[0].cachedInput, std::nullopt);
  EXPECT_EQ(entry.ttftMs, std::nullopt);
}

TEST(Catalog, FreeWritesToTheCacheAreWritesThatAreNotBilledApart) {
  ModelEntry entry = parseEntry(R"("input_cost_per_token": 2e-6,
    "cache_read_input_token_cost": 0, "cache_creation_input_token_cost": 0.0)");
  EXPECT_EQ(entry.prices[0].cacheWrite, std::nullopt);
  EXPECT_EQ(entry.prices[0].cachedInput, 0.0);
}

TEST(Catalog, PricesPerTokenConvertExactly) {
  struct {
    const char *perToken;
    double perMillion;
  } cases[] = {{"2.5e-06", 2.5}, {"1.1e-06", 1.1},       {"0.00000085", 0.85}, {"1.45e-08", 0.0145},
               {"3E-5", 30},     {"4.359e-08", 0.04359}, {"0.000015", 15},     {"7e-08", 0.07},
               {"2.9e-7", 0.29}, {"5.5e-07", 0.55},      {"0.1e-5", 1},        {"100e-08", 1}};
  bool multiplyingWouldDo = true;
  for (const auto &[perToken, perMillion] : cases) {
    EXPECT_EQ(parseEntry("\"input_cost_per_token\": " + Twine(perToken)).prices[0].input,
              perMillion);
    EXPECT_EQ(parseEntry("\"input_cost_per_token\": \"" + Twine(perToken) + "\"").prices[0].input,
              perMillion);
    multiplyingWouldDo &= std::stod(perToken) * 1e6 == perMillion;
  }
  EXPECT_FALSE(multiplyingWouldDo);
}

TEST(Catalog, ReadsNumbersAsTexts) {
  ModelEntry entry = parseEntry(R"("input_cost_per_token": "1.2e-6", "max_input_tokens": "8192",
    "ttft_ms": "250")");
  EXPECT_EQ(entry.prices[0].input, 1.2);
  EXPECT_EQ(entry.maxInputTokens, 8192);
  EXPECT_EQ(entry.ttftMs, 250.0);
}

TEST(Catalog, ReadsTheLegacyLimitAsLiteLLMMeansIt) {
  EXPECT_EQ(parseEntry(R"("max_tokens": 4096, "max_input_tokens": 8192)").maxOutputTokens, 4096);
  EXPECT_EQ(parseEntry(R"("max_tokens": 8192, "max_input_tokens": 8192)").maxOutputTokens,
            std::nullopt);
  EXPECT_EQ(parseEntry(R"("max_tokens": 9, "max_output_tokens": 8)").maxOutputTokens, 8);
  EXPECT_EQ(parseEntry(R"("max_tokens": 9, "max_output_tokens": 8)").maxInputTokens, std::nullopt);
  EXPECT_EQ(parseEntry(R"("max_tokens": 512, "mode": "embedding")").maxInputTokens, 512);
  EXPECT_EQ(parseEntry(R"("max_tokens": 512, "mode": "embedding")").maxOutputTokens, std::nullopt);
}

TEST(Catalog, ZeroLimitsAreUnknown) {
  ModelEntry entry = parseEntry(R"("max_input_tokens": 0, "max_output_tokens": 0,
    "max_tokens": 0)");
  EXPECT_FALSE(entry.maxInputTokens || entry.maxOutputTokens);
}

TEST(Catalog, OneFigureMayHaveTwoEqualNames) {
  EXPECT_EQ(parseEntry(R"("input_cost_per_token_cache_hit": 1e-7,
                          "cache_read_input_token_cost": 1e-7)")
                .prices[0]
                .cachedInput,
            0.1);
  EXPECT_EQ(parseEntry(R"("input_cost_per_token_cache_hit": 1e-7)").prices[0].cachedInput, 0.1);
  EXPECT_EQ(getFieldError(R"("rpm": 1, "requests_per_min": 2)"),
            R"("requests_per_min": must be what its other name says (got 2))");
}

TEST(Catalog, LeavesAloneWhatItHasNoUseFor) {
  Catalog catalog = parse(R"({"sample_spec": {"max_tokens": "max", "max_tokens": [1]},
    "_sources": ["x"], "_comment": 3,
    "m": {"x": {"x": [{"input_cost_per_token": "none"}], "x": 1}, "y": [[], {}],
          "input_cost_per_token_above_1hr": "x", "input_cost_per_token_above_200m_tokens": "x",
          "cache_creation_input_token_cost_above_1hr_above_200k_tokens": "x",
          "input_cost_per_token_priority": "x", "input_cost_per_audio_token": 99,
          "output_cost_per_image": 99, "ttft_ms": 1}})");
  EXPECT_EQ(catalog.size(), 1u);
  EXPECT_EQ(catalog.lookup("sample_spec"), nullptr);
  ModelEntry entry = *catalog.lookup("m");
  EXPECT_EQ(entry.prices[0], Prices());
  EXPECT_EQ(entry.ttftMs, 1.0);
}

//===----------------------------------------------------------------------===//
// Prices by tier and length
//===----------------------------------------------------------------------===//

TEST(Catalog, StepsHoldAboveTheirLength) {
  ModelEntry entry = parseEntry(R"("input_cost_per_token_above_272k_tokens": 4e-06,
    "input_cost_per_token": 1e-06, "output_cost_per_token": 8e-06,
    "input_cost_per_token_above_128k_tokens": 2e-06,
    "input_cost_per_token_above_128k_tokens_flex": 1.5e-06,
    "input_cost_per_token_flex": 5e-07, "output_cost_per_token_flex": 4e-06,
    "output_cost_per_token_above_272k_tokens": 9e-06,
    "input_cost_per_token_above_272k_tokens_batches": 3e-06)");
  ASSERT_EQ(entry.steps.size(), 2u);
  EXPECT_EQ(entry.steps[0].aboveTokens, 128000);
  EXPECT_EQ(entry.steps[1].aboveTokens, 272000);
  auto getInput = [&](ServiceTier tier, double length) {
    return entry.getPrices(tier, length).input;
  };
  EXPECT_EQ(getInput(ServiceTier::Standard, 0), 1.0);
  EXPECT_EQ(getInput(ServiceTier::Standard, 128000), 1.0);
  EXPECT_EQ(getInput(ServiceTier::Standard, 128001), 2.0);
  EXPECT_EQ(getInput(ServiceTier::Standard, 272000), 2.0);
  EXPECT_EQ(getInput(ServiceTier::Standard, 272000.5), 4.0);
  EXPECT_EQ(getInput(ServiceTier::Flex, 1), 0.5);
  EXPECT_EQ(getInput(ServiceTier::Flex, 200000), 1.5);
  EXPECT_EQ(getInput(ServiceTier::Flex, 300000), std::nullopt); // standard price rises; its own?
  EXPECT_EQ(getInput(ServiceTier::Batch, 1), std::nullopt);
  EXPECT_EQ(getInput(ServiceTier::Batch, 300000), 3.0);
  auto getOutput = [&](double length) {
    return entry.getPrices(ServiceTier::Standard, length).output;
  };
  EXPECT_EQ(getOutput(200000), 8.0); // not in the step
  EXPECT_EQ(getOutput(300000), 9.0);
  EXPECT_EQ(entry.getPrices(ServiceTier::Flex, 200000).output, 4.0);
}

TEST(Catalog, ReadsTieredPricing) {
  ModelEntry entry = parseEntry(R"("tiered_pricing": [
    {"input_cost_per_token": 3e-07, "output_cost_per_token": 1.5e-06,
     "output_cost_per_reasoning_token": 4e-06, "range": [0, 32000.0]},
    {"range": [32000.0, 128000.0], "input_cost_per_token": 5e-07,
     "cache_read_input_token_cost": 1.2e-07}])");
  EXPECT_EQ(entry.prices[0].input, 0.3);
  EXPECT_EQ(entry.prices[0].output, 1.5);
  ASSERT_EQ(entry.steps.size(), 1u);
  EXPECT_EQ(entry.steps[0].aboveTokens, 32000);
  Prices above = entry.getPrices(ServiceTier::Standard, 32001);
  EXPECT_EQ(above.input, 0.5);
  EXPECT_EQ(above.output, 1.5);
  EXPECT_EQ(above.cachedInput, 0.12);
}

TEST(Catalog, TieredPricingOfOtherThingsThanLengthsIsNoPrice) {
  ModelEntry entry = parseEntry(R"("tiered_pricing": [
    {"input_cost_per_query": 5e-03, "max_results_range": [0, 25]}])");
  EXPECT_EQ(entry.prices[0], Prices());
  EXPECT_TRUE(entry.steps.empty());
}

TEST(Catalog, TheEntrysOwnPriceGoesBeforeTheFirstTiers) {
  EXPECT_EQ(parseEntry(R"("input_cost_per_token": 1e-06,
    "tiered_pricing": [{"input_cost_per_token": 2e-06, "range": [0, 10]}])")
                .prices[0]
                .input,
            1.0);
}

TEST(Catalog, BatchDiscountIsTakenOffStandardPrices) {
  ModelEntry entry = parseEntry(R"("input_cost_per_token": 3e-06, "output_cost_per_token": 15e-06,
    "cache_read_input_token_cost": 3e-07, "input_cost_per_token_above_200k_tokens": 6e-06,
    "input_cost_per_token_batches": 9e-06)");
  applyBatchDiscount(entry, 0.5);
  EXPECT_EQ(entry.prices[batch].input, 1.5);
  EXPECT_EQ(entry.prices[batch].output, 7.5);
  EXPECT_EQ(entry.prices[batch].cachedInput, 0.15);
  EXPECT_EQ(entry.prices[batch].cacheWrite, std::nullopt);
  EXPECT_EQ(entry.getPrices(ServiceTier::Batch, 200001).input, 3.0);
  EXPECT_EQ(entry.getPrices(ServiceTier::Batch, 200001).output, 7.5);
  EXPECT_EQ(entry.prices[0].input, 3.0);
  EXPECT_EQ(parseEntry(R"("batch_discount": 0.5, "input_usd_per_mtok": 3)").prices[batch].input,
            1.5);
  EXPECT_EQ(parseEntry(R"("batch_discount": 0.5, "input_usd_per_mtok": 3,
                          "input_usd_per_mtok_batches": 2)")
                .prices[batch]
                .input,
            2.0);
}

//===----------------------------------------------------------------------===//
// Aliases
//===----------------------------------------------------------------------===//

TEST(Catalog, AliasesLeadToEntries) {
  Catalog catalog = parse(R"({"a": {"alias_of": "b"}, "b": {"alias_of": "c", "sources": {}},
    "c": {"ttft_ms": 7}, "d": {"alias_of": "e", "quality": 0.5}, "e": {"alias_of": "b"}})");
  EXPECT_EQ(catalog.size(), 2u);
  ASSERT_NE(catalog.lookup("a"), nullptr);
  EXPECT_EQ(catalog.lookup("a"), catalog.lookup("c"));
  EXPECT_EQ(catalog.lookup("b")->name, "c");
  const ModelEntry *own = catalog.lookup("d");
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->name, "d");
  EXPECT_EQ(own->ttftMs, 7.0);
  EXPECT_EQ(own->quality, 0.5);
  EXPECT_EQ(catalog.lookup("c")->quality, std::nullopt);
}

TEST(Catalog, AliasesMayNameBuiltInModels) {
  Catalog catalog = Catalog::builtIn();
  catalog.overlay(parse(R"({"mine": {"alias_of": "gpt-4o-mini"},
                            "my-own": {"alias_of": "gpt-4o-mini", "max_samples": 3}})"));
  ASSERT_NE(catalog.lookup("mine"), nullptr);
  EXPECT_EQ(catalog.lookup("mine"), catalog.lookup("gpt-4o-mini"));
  ASSERT_NE(catalog.lookup("my-own"), nullptr);
  EXPECT_EQ(catalog.lookup("my-own")->maxSamples, 3);
  EXPECT_EQ(catalog.lookup("my-own")->prices, catalog.lookup("mine")->prices);
}

TEST(Catalog, AliasesMustLeadSomewhere) {
  EXPECT_EQ(getFieldError("\"alias_of\": \"n\""),
            "\"alias_of\": must be the name of a model (got \"n\")");
  EXPECT_EQ(getFieldError("\"alias_of\": \"m\""),
            "\"alias_of\": must not lead back to itself (got \"m\")");
  EXPECT_EQ(getError(R"({"a": {"alias_of": "b"}, "b": {"alias_of": "c"}, "c": {"alias_of": "b"}})"),
            "own.json: entry \"c\": field \"alias_of\": must not lead back to itself (got \"b\")");
  EXPECT_EQ(getFieldError("\"alias_of\": \"\""),
            "\"alias_of\": must be the name of a model (got \"\")");
}

TEST(Catalog, LongChainsOfAliasesAreFollowedOnce) {
  std::string json = "{\"a0\": {\"ttft_ms\": 1}";
  for (int i = 200000; i > 0; --i)
    json += ", \"a" + std::to_string(i) + "\": {\"alias_of\": \"a" + std::to_string(i - 1) + "\"}";
  Catalog catalog = parse(json + "}");
  EXPECT_EQ(catalog.size(), 1u);
  for (int i = 0; i <= 200000; ++i)
    ASSERT_EQ(catalog.lookup("a" + std::to_string(i)), catalog.lookup("a0"));
}

//===----------------------------------------------------------------------===//
// Overlays
//===----------------------------------------------------------------------===//

TEST(Catalog, OverlaysFieldByField) {
  ModelEntry base = parseEntry(R"("provider": "p", "mode": "chat", "input_usd_per_mtok": 1,
    "output_usd_per_mtok": 2, "quality": 0.5, "quality_by_task": {"a": 0.1, "b": 0.2},
    "ttft_ms": 10, "max_samples": 4, "array_inputs": true,
    "supports_response_schema": false, "rpm": 9)");
  overlay(base, parseEntry(R"("mode": "completion", "quality_by_task": {"b": 0.3, "c": 0.4},
    "ttft_ms": 20, "array_inputs": false, "tpm": 8)"));
  EXPECT_EQ(base.provider, "p");
  EXPECT_EQ(base.mode, "completion");
  EXPECT_EQ(base.prices[0].input, 1.0);
  EXPECT_EQ(base.quality, 0.5);
  EXPECT_EQ(base.getQuality("a"), 0.1);
  EXPECT_EQ(base.getQuality("b"), 0.3);
  EXPECT_EQ(base.getQuality("c"), 0.4);
  EXPECT_EQ(base.ttftMs, 20.0);
  EXPECT_EQ(base.maxSamples, 4);
  EXPECT_EQ(base.arrayInputs, false);
  EXPECT_EQ(base.responseSchema, false);
  EXPECT_EQ(base.requestsPerMin, 9.0);
  EXPECT_EQ(base.tokensPerMin, 8.0);
}

constexpr const char *fullTariff = R"("input_usd_per_mtok": 2, "output_usd_per_mtok": 8,
    "cached_input_usd_per_mtok": 0.5, "input_usd_per_mtok_flex": 1,
    "output_usd_per_mtok_flex": 4, "input_usd_per_mtok_batches": 1.5,
    "output_usd_per_mtok_batches": 3, "input_usd_per_mtok_above_100k_tokens": 9)";

TEST(Catalog, AnotherTariffDropsTiersAndSteps) {
  for (const char *price : {"\"input_usd_per_mtok\": 3", "\"output_usd_per_mtok\": 3"}) {
    ModelEntry base = parseEntry(fullTariff);
    overlay(base, parseEntry(Twine(price) + ", \"input_usd_per_mtok_batches\": 0.7"));
    EXPECT_EQ(base.prices[flex], Prices());
    EXPECT_EQ(base.prices[batch].input, 0.7);
    EXPECT_EQ(base.prices[batch].output, std::nullopt);
    EXPECT_TRUE(base.steps.empty());
    EXPECT_EQ(base.prices[0].cachedInput, 0.5); // of a field of its own
  }
}

TEST(Catalog, TheSameTariffKeepsTiersAndSteps) {
  ModelEntry base = parseEntry(fullTariff), other = base;
  overlay(other, parseEntry("\"input_usd_per_mtok\": 2, \"ttft_ms\": 3"));
  EXPECT_EQ(other.prices, base.prices);
  EXPECT_EQ(other.steps.size(), 1u);
  overlay(other, parseEntry("\"output_usd_per_mtok_above_50k_tokens\": 30"));
  ASSERT_EQ(other.steps.size(), 1u); // steps as a whole
  EXPECT_EQ(other.steps[0].aboveTokens, 50000);
}

TEST(Catalog, NoCachedPriceIsLeftAboveTheInputPrice) {
  ModelEntry base = parseEntry(fullTariff);
  overlay(base, parseEntry("\"input_usd_per_mtok\": 0.1"));
  EXPECT_EQ(base.prices[0].cachedInput, std::nullopt);
}

TEST(Catalog, OverlaysCatalogs) {
  Catalog catalog = parse(R"({"a": {"ttft_ms": 1, "quality": 0.5}, "b": {"alias_of": "a"},
                              "c": {"ttft_ms": 3}})");
  catalog.overlay(parse(R"({"b": {"ttft_ms": 2}, "c": {"alias_of": "d"}, "d": {"ttft_ms": 4},
                            "a": {"quality": 0.6}})"));
  EXPECT_EQ(catalog.lookup("a")->ttftMs, 1.0);
  EXPECT_EQ(catalog.lookup("a")->quality, 0.6);
  EXPECT_EQ(catalog.lookup("b")->name, "b");
  EXPECT_EQ(catalog.lookup("b")->ttftMs, 2.0);
  EXPECT_EQ(catalog.lookup("b")->quality, 0.5); // of what it was an alias of
  EXPECT_EQ(catalog.lookup("c"), catalog.lookup("d"));
}

TEST(Catalog, LookupEndsThoughOverlaysMakeACircle) {
  Catalog catalog = parse(R"({"x": {"alias_of": "y"}, "y": {"ttft_ms": 1}})");
  catalog.overlay(parse(R"({"y": {"alias_of": "gpt-4o-mini"}})"));
  EXPECT_EQ(catalog.lookup("x"), nullptr); // its target is in neither
  catalog.overlay(parse(R"({"gpt-4o-mini": {"alias_of": "x"}, "x": {"ttft_ms": 2}})"));
  EXPECT_EQ(catalog.lookup("y")->ttftMs, 2.0);
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

TEST(Catalog, NamesFileEntryAndField) {
  EXPECT_EQ(getError(R"({"gpt-4o": {"input_cost_per_token": -1e-6}})"),
            "own.json: entry \"gpt-4o\": field \"input_cost_per_token\": must not be negative "
            "(got -1e-6)");
  EXPECT_EQ(getError(R"({"gpt-4o": 3})"), "own.json: entry \"gpt-4o\": must be an object (got 3)");
  EXPECT_EQ(getError(R"({"m": {}, "m": {}})"), "own.json: entry \"m\": must not be given twice");
}

TEST(Catalog, RefusesWrongFields) {
  struct {
    const char *fields, *error;
  } cases[] = {
      {R"("input_cost_per_token": true)", R"("input_cost_per_token": must be a number (got true))"},
      {R"("input_cost_per_token": [1])",
       R"("input_cost_per_token": must be a number (got a list))"},
      {R"("input_cost_per_token": {"a": 1})",
       R"("input_cost_per_token": must be a number (got an object))"},
      {R"("input_cost_per_token": "cheap")",
       R"("input_cost_per_token": must be a number (got "cheap"))"},
      {R"("input_cost_per_token": "")", R"("input_cost_per_token": must be a number (got ""))"},
      {R"("input_cost_per_token": "NaN")",
       R"("input_cost_per_token": must be a number (got "NaN"))"},
      {R"("input_cost_per_token": "Infinity")",
       R"("input_cost_per_token": must be a number (got "Infinity"))"},
      {R"("input_cost_per_token": "1e999")",
       R"("input_cost_per_token": must be a number (got "1e999"))"},
      {R"("input_cost_per_token": "1e99999999999999999999")",
       R"("input_cost_per_token": must be a number (got "1e99999999999999999999"))"},
      {R"("input_cost_per_token": "0x1p-3")",
       R"("input_cost_per_token": must be a number (got "0x1p-3"))"},
      {R"("input_cost_per_token": 1e999)",
       R"("input_cost_per_token": must be a finite number (got 1e999))"},
      {R"("other": -1e999)", R"("other": must be a finite number (got -1e999))"},
      {R"("output_cost_per_token_flex": -1)",
       R"("output_cost_per_token_flex": must not be negative (got -1))"},
      {R"("input_cost_per_token": 0.15)",
       R"("input_cost_per_token": must be in US dollars per token, at most 1,000 per million tokens (got 0.15))"},
      {R"("output_cost_per_token_above_200k_tokens_batches": 0.0010001)",
       R"("output_cost_per_token_above_200k_tokens_batches": must be in US dollars per token, at most 1,000 per million tokens (got 0.0010001))"},
      {R"("input_usd_per_mtok": 1000.5)",
       R"("input_usd_per_mtok": must be at most 1,000 US dollars per million tokens (got 1000.5))"},
      {R"("output_usd_per_mtok": 1.5e-7)",
       R"("output_usd_per_mtok": must be in US dollars per million tokens, not per token (got 1.5e-7))"},
      {R"("quality": 82)", R"("quality": must be a share, 0 to 1 (got 82))"},
      {R"("failure_rate": -0.1)", R"("failure_rate": must be a share, 0 to 1 (got -0.1))"},
      {R"("batch_discount": 50)", R"("batch_discount": must be a share, 0 to 1 (got 50))"},
      {R"("quality_by_task": 0.5)", R"("quality_by_task": must be an object of shares (got 0.5))"},
      {R"("quality_by_task": [0.5])",
       R"("quality_by_task": must be an object of shares (got a list))"},
      {R"("quality_by_task": {"a": 1.5})",
       R"("quality_by_task": must be a share, 0 to 1 (got 1.5))"},
      {R"("quality_by_task": {"a": [1]})", R"("quality_by_task": must be a number (got a list))"},
      {R"("quality_by_task": {"a": 1, "a": 1})", R"("quality_by_task": must not give "a" twice)"},
      {R"("ttft_ms": -1)", R"("ttft_ms": must not be negative (got -1))"},
      {R"("output_tokens_per_s": 0)", R"("output_tokens_per_s": must be positive (got 0))"},
      {R"("rpm": 0)", R"("rpm": must be positive (got 0))"},
      {R"("max_input_tokens": 8192.5)",
       R"("max_input_tokens": must be a whole number (got 8192.5))"},
      {R"("max_input_tokens": 1e300)", R"("max_input_tokens": must be a whole number (got 1e300))"},
      {R"("max_input_tokens": 99999999999999999999)",
       R"("max_input_tokens": must be a whole number (got 99999999999999999999))"},
      {R"("max_output_tokens": -1)", R"("max_output_tokens": must not be negative (got -1))"},
      {R"("max_samples": 0)", R"("max_samples": must be positive (got 0))"},
      {R"("context_tokens": "128k")", R"("context_tokens": must be a whole number (got "128k"))"},
      {R"("array_inputs": 1)", R"("array_inputs": must be true or false (got 1))"},
      {R"("mode": 1)", R"("mode": must be a text (got 1))"},
      {R"("alias_of": {})", R"("alias_of": must be a text (got an object))"},
      {R"("ttft_ms": 1, "ttft_ms": 1)", R"("ttft_ms": must not be given twice)"},
      {R"("x": 1, "x": 1)", R"("x": must not be given twice)"},
      {R"("tiered_pricing": 1)", R"("tiered_pricing": must be a list of objects (got 1))"},
      {R"("tiered_pricing": {})", R"("tiered_pricing": must be a list of objects (got an object))"},
      {R"("tiered_pricing": [1])", R"("tiered_pricing": must be a list of objects (got 1))"},
      {R"("tiered_pricing": [[]])", R"("tiered_pricing": must be a list of objects (got a list))"},
      {R"("tiered_pricing": [{"range": 1}])",
       R"("tiered_pricing": must have a list of two lengths as range (got 1))"},
      {R"("tiered_pricing": [{"range": [1]}])",
       R"("tiered_pricing": must have two ascending lengths as range)"},
      {R"("tiered_pricing": [{"range": [2, 1]}])",
       R"("tiered_pricing": must have two ascending lengths as range)"},
      {R"("tiered_pricing": [{"range": [0, 0.5]}])",
       R"("tiered_pricing": must be a whole number (got 0.5))"},
      {R"("tiered_pricing": [{"range": [0, 1], "range": [0, 1]}])",
       R"("tiered_pricing": must not give "range" twice)"},
      {R"("tiered_pricing": [{"range": [0, 5], "input_cost_per_token": 0},
                             {"range": [0, 9], "input_cost_per_token": 0}])",
       R"("tiered_pricing": must not have two tiers from one length on (got 0 twice))"},
      {R"("tiered_pricing": [{"input_cost_per_token": 1}])",
       R"("tiered_pricing": must be in US dollars per token, at most 1,000 per million tokens (got 1))"},
  };
  for (const auto &[fields, error] : cases)
    EXPECT_EQ(getFieldError(fields), error) << fields;
}

TEST(Catalog, RefusesWhatIsNoJson) {
  auto expect = [](StringRef json, const char *where) {
    std::string error = getError(json);
    EXPECT_TRUE(
        StringRef(error).starts_with(std::string("own.json:") + where + " must be JSON (got "))
        << json.str() << "\n"
        << error;
  };
  expect("{\"m\": {\n  \"a\": }}", "2:8:");
  expect("{", "1:2:");
  expect("{\"m\": {}} x", "1:11:");
  expect("{\"m\": {}}{}", "1:10:");
  expect("{'m': 1}", "1:2:");
  expect("{\"m\": NaN}", "1:7:");
  expect("{\"m\": {\"a\": 1,}}", "1:15:");
  expect("{\"\xff\": {}}", "1:3:");
  expect("{\"m\": {\"a\": \"\xc0\xaf\"}}", "1:14:");
  expect("{\"m\": {\"a\": \"\\ud800\"}}", "1:20:");
  EXPECT_EQ(getError(StringRef("{}\0", 3)), "own.json: must be JSON (got a zero at byte 2)");
}

TEST(Catalog, RefusesWhatIsNoObject) {
  for (StringRef json : {"", " \n"})
    EXPECT_EQ(getError(json), "own.json: must be an object of models (got nothing)");
  EXPECT_EQ(getError("3"), "own.json: must be an object of models (got 3)");
  EXPECT_EQ(getError("[{}]"), "own.json: must be an object of models (got a list)");
  EXPECT_EQ(getError("null"), "own.json: must be an object of models (got null)");
  EXPECT_EQ(getError("{}"), "");
}

TEST(Catalog, ShowsLongAndStrangeNamesInPart) {
  std::string name(1000, 'x');
  std::string error = getError("{\"" + name + "\": 1}");
  EXPECT_LT(error.size(), 200u);
  error = getError(R"({"a\n\u0000b": {"ttft_ms": "\u0007"}})");
  EXPECT_EQ(error,
            R"(own.json: entry "a\n\u0000b": field "ttft_ms": must be a number (got "\u0007"))");
}

TEST(Catalog, WrongUnitsInLiteLLMsMapAreErrorsOfThoseWhoUseThem) {
  Catalog catalog = parse(R"({"sample_spec": {},
    "m": {"input_cost_per_token": 0.015, "output_cost_per_token": 1e-06}})");
  ModelEntry entry = *catalog.lookup("m");
  EXPECT_EQ(entry.prices[0].input, std::nullopt);
  EXPECT_EQ(entry.prices[0].output, 1.0);
  EXPECT_EQ(entry.priceError,
            "own.json: entry \"m\": field \"input_cost_per_token\": must be in US dollars per "
            "token, at most 1,000 per million tokens (got 0.015)");
  overlay(entry, parseEntry("\"ttft_ms\": 1"));
  EXPECT_FALSE(entry.priceError.empty());
  overlay(entry, parseEntry("\"input_usd_per_mtok\": 0.15"));
  EXPECT_TRUE(entry.priceError.empty());
  EXPECT_EQ(entry.prices[0].input, 0.15);
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

std::string getLoadError(StringRef path) {
  Expected<Catalog> catalog = Catalog::load(path);
  return catalog ? "" : llvm::toString(catalog.takeError());
}

TEST(Catalog, LoadsFiles) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("catalog", "json", path));
  EXPECT_EQ(getLoadError(path), (path + ": must be an object of models (got nothing)").str());
  std::ofstream(path.c_str()) << "\xef\xbb\xbf{\"m\": {\"ttft_ms\": 5}}";
  Expected<Catalog> catalog = Catalog::load(path);
  ASSERT_TRUE(bool(catalog));
  EXPECT_EQ(catalog->lookup("m")->ttftMs, 5.0);
  llvm::sys::fs::remove(path);
  EXPECT_EQ(getLoadError(path),
            (path + ": must be a readable file (got 'No such file or directory')").str());
  EXPECT_EQ(getLoadError("/"), "/: must be a readable file (got 'Is a directory')");
  EXPECT_EQ(getLoadError("/dev/zero"),
            "/dev/zero: must be a readable file (got 'Invalid argument')");
}

/// The maps beside the project, if they are there.
std::string getDataPath(StringRef name) {
  const char *folder = std::getenv("XCSLLM_DATA");
  llvm::SmallString<128> path(folder ? folder : XCSLLM_SOURCE_DIR "/../shared/data");
  llvm::sys::path::append(path, name);
  return path.str().str();
}

TEST(Catalog, LoadsLiteLLMsMapWhole) {
  std::string path = getDataPath("model_prices_and_context_window.json");
  if (!llvm::sys::fs::exists(path))
    GTEST_SKIP() << "no " << path;
  Expected<Catalog> catalog = Catalog::load(path);
  ASSERT_TRUE(bool(catalog)) << llvm::toString(catalog.takeError());
  auto buffer = llvm::MemoryBuffer::getFile(path);
  auto json = llvm::json::parse((*buffer)->getBuffer());
  ASSERT_TRUE(bool(json));
  EXPECT_EQ(catalog->size(), json->getAsObject()->size() - 1);

  // Each price, read in another way.
  size_t priced = 0;
  for (const auto &[name, value] : *json->getAsObject()) {
    const ModelEntry *entry = catalog->lookup(StringRef(name));
    if (StringRef(name) == "sample_spec")
      continue;
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->provider, value.getAsObject()->getString("litellm_provider").value_or(""));
    std::optional<double> price = value.getAsObject()->getNumber("input_cost_per_token");
    if (!price || *price > 1e-3) {
      EXPECT_TRUE(!entry->prices[0].input || value.getAsObject()->get("tiered_pricing"));
      EXPECT_EQ(price.has_value(), !entry->priceError.empty()) << name.str();
      continue;
    }
    ++priced;
    ASSERT_TRUE(entry->prices[0].input.has_value()) << name.str();
    EXPECT_NEAR(*entry->prices[0].input, *price * 1e6, *price * 1e-6);
  }
  EXPECT_GT(priced, 2000u);
  EXPECT_LT(llvm::count_if(catalog->getEntries(),
                           [](const auto &entry) { return !entry.second.priceError.empty(); }),
            30);
  catalog->overlay(Catalog::builtIn());
}

//===----------------------------------------------------------------------===//
// Any text
//===----------------------------------------------------------------------===//

constexpr const char *smallCatalog = R"({"sample_spec": {"a": 1}, "_sources": {"s": [1, {}]},
  "gpt": {"input_cost_per_token": 2.5e-06, "tiered_pricing": [{"range": [0, 9.0]}],
          "quality_by_task": {"é": 0.5}, "x": [[{"y": null}]], "array_inputs": true},
  "alias": {"alias_of": "gpt"}})";

TEST(Catalog, TruncatedTextsAreErrors) {
  StringRef json = smallCatalog;
  EXPECT_EQ(getError(json), "");
  for (size_t length = 0; length < json.size(); ++length)
    EXPECT_NE(getError(json.take_front(length)), "") << length;
}

TEST(Catalog, ChangedBytesNeverCrash) {
  std::mt19937 random(1);
  size_t refused = 0, runs = 20000;
  for (size_t run = 0; run < runs; ++run) {
    std::string json = smallCatalog;
    for (size_t change = 0; change <= run % 4; ++change) {
      size_t at = random() % json.size();
      switch (random() % 3) {
      case 0:
        json[at] = char(random());
        break;
      case 1:
        json.erase(at, random() % 8);
        break;
      case 2:
        json.insert(at, 1, "{}[]\",:0-.eE"[random() % 12]);
        break;
      }
    }
    refused += !getError(json).empty();
  }
  EXPECT_GT(refused, runs / 2);
  EXPECT_LT(refused, runs);
}

/// A value of any kind, of the fields' names where it can be.
void printRandomValue(std::mt19937 &random, unsigned depth, llvm::raw_ostream &os) {
  static const char *const scalars[] = {"1",       "0",     "-1",    "0.5",      "1e-6",
                                        "2.5e-06", "null",  "true",  "\"text\"", "\"1e-6\"",
                                        "128000",  "1e300", "\"m1\""};
  static const char *const names[] = {"input_cost_per_token",
                                      "output_cost_per_token_batches",
                                      "input_usd_per_mtok_flex",
                                      "cache_read_input_token_cost_above_200k_tokens",
                                      "max_tokens",
                                      "max_input_tokens",
                                      "quality",
                                      "quality_by_task",
                                      "tiered_pricing",
                                      "range",
                                      "alias_of",
                                      "mode",
                                      "rpm",
                                      "array_inputs",
                                      "context_tokens",
                                      "m1",
                                      "sample_spec",
                                      "_x",
                                      "batch_discount"};
  unsigned kind = random() % (depth > 5 ? 1 : 4);
  if (depth == 0 || depth == 1)
    kind = 1;
  if (kind == 1 || kind == 2) {
    os << (kind == 1 ? '{' : '[');
    for (unsigned i = 0, size = random() % 5; i < size; ++i) {
      os << (i ? ", " : "");
      if (kind == 1)
        os << '"' << names[random() % std::size(names)] << "\": ";
      printRandomValue(random, depth + 1, os);
    }
    os << (kind == 1 ? '}' : ']');
    return;
  }
  os << scalars[random() % std::size(scalars)];
}

TEST(Catalog, RandomMapsNeverCrashAndKeepTheRules) {
  std::mt19937 random(2);
  size_t accepted = 0;
  for (int run = 0; run < 20000; ++run) {
    std::string json;
    llvm::raw_string_ostream os(json);
    printRandomValue(random, 0, os);
    Expected<Catalog> catalog = Catalog::parse(json, "own.json");
    if (!catalog) {
      std::string error = llvm::toString(catalog.takeError());
      EXPECT_TRUE(StringRef(error).starts_with("own.json:")) << json << "\n" << error;
      continue;
    }
    ++accepted;
    for (const auto &known : catalog->getEntries()) {
      const ModelEntry &entry = known.second;
      for (const Prices &prices : entry.prices)
        EXPECT_TRUE(!prices.input || (*prices.input >= 0 && *prices.input <= 1000)) << json;
      EXPECT_TRUE(!entry.quality || (*entry.quality >= 0 && *entry.quality <= 1)) << json;
      EXPECT_TRUE(llvm::is_sorted(entry.steps, [](const PriceStep &a, const PriceStep &b) {
        return a.aboveTokens < b.aboveTokens;
      })) << json;
      EXPECT_EQ(entry.name, known.first());
    }
    Catalog all = Catalog::builtIn();
    all.overlay(*catalog);
    for (const auto &known : catalog->getEntries())
      EXPECT_NE(all.lookup(known.first()), nullptr) << json;
  }
  EXPECT_GT(accepted, 1000u);
}

TEST(Catalog, DepthIsNoDanger) {
  const size_t depth = 1'000'000;
  auto repeat = [&](StringRef text) {
    std::string all;
    for (size_t i = 0; i < depth; ++i)
      all += text;
    return all;
  };
  EXPECT_EQ(getError("{\"m\": {\"x\": " + repeat("[") + repeat("]") + "}}"), "");
  EXPECT_EQ(getError("{\"_m\": " + repeat("{\"x\":") + "1" + repeat("}") + "}"), "");
  EXPECT_NE(getError(repeat("[")), "");
  EXPECT_NE(getError(repeat("{\"x\":")), "");
  EXPECT_NE(getError("{\"m\": {\"x\": " + repeat("[")), "");
}

TEST(Catalog, RefusesMoreThanAMillionEntries) {
  std::string json = "{";
  for (int i = 0; i <= 1'000'000; ++i)
    json += (i ? ",\"" : "\"") + std::to_string(i) + "\":{}";
  EXPECT_EQ(getError(json + "}"), "own.json: entry \"1000000\": must be among the first million");
}

//===----------------------------------------------------------------------===//
// The built-in catalog
//===----------------------------------------------------------------------===//

TEST(BuiltInCatalog, MayBeAskedForByThreads) {
  std::vector<std::thread> threads;
  std::array<const Catalog *, 4> seen{};
  for (const Catalog *&catalog : seen)
    threads.emplace_back([&catalog] { catalog = &Catalog::builtIn(); });
  for (std::thread &thread : threads)
    thread.join();
  for (const Catalog *catalog : seen)
    EXPECT_EQ(catalog, seen[0]);
}

/// share/xcs-llm/catalog.json as JSON.
const llvm::json::Object &getBuiltInJson() {
  static const llvm::json::Value json = [] {
    auto buffer = llvm::MemoryBuffer::getFile(XCSLLM_SOURCE_DIR "/share/xcs-llm/catalog.json");
    EXPECT_TRUE(bool(buffer));
    auto parsed = llvm::json::parse((*buffer)->getBuffer());
    EXPECT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
    return parsed ? std::move(*parsed) : llvm::json::Value(llvm::json::Object());
  }();
  return *json.getAsObject();
}

/// Which source the figures of a field are from; empty for what is no figure.
StringRef getSourceGroup(StringRef field) {
  if (field.contains("_cost"))
    return "prices";
  return llvm::StringSwitch<StringRef>(field)
      .Case("batch_discount", "batch")
      .Cases({"max_input_tokens", "max_output_tokens", "context_tokens"}, "limits")
      .Case("prompt_cache_min_tokens", "caching")
      .Case("max_samples", "samples")
      .Case("array_inputs", "arrays")
      .Case("supports_response_schema", "features")
      .Case("quality", "quality")
      .Case("quality_by_task", "quality_by_task")
      .Cases({"ttft_ms", "output_tokens_per_s"}, "speed")
      .Cases({"rpm", "tpm"}, "rates")
      .Case("memory_mb", "memory")
      .Cases({"litellm_provider", "mode", "alias_of", "sources"}, "")
      .Default("none: an unknown field");
}

TEST(BuiltInCatalog, EveryFigureHasASourceAndADate) {
  const llvm::json::Object *sources = getBuiltInJson().getObject("_sources");
  ASSERT_NE(sources, nullptr);
  llvm::Regex date("^20[0-9][0-9](-[0-9][0-9]){0,2}(/20[0-9][0-9](-[0-9][0-9]){2})?$");
  for (const auto &[id, source] : *sources) {
    EXPECT_TRUE(source.getAsObject()->getString("url").value_or("").starts_with("https://"));
    EXPECT_TRUE(date.match(source.getAsObject()->getString("date").value_or(""))) << id.str();
  }
  llvm::StringSet<> used;
  for (const auto &[name, value] : getBuiltInJson()) {
    if (StringRef(name).starts_with("_"))
      continue;
    const std::string model = name.str();
    const llvm::json::Object &entry = *value.getAsObject();
    const llvm::json::Object *ofEntry = entry.getObject("sources");
    auto expectSource = [&](const llvm::json::Value &reference) {
      // "ID", or "ID: what there".
      StringRef id = reference.getAsString().value_or("none").split(": ").first;
      used.insert(id);
      EXPECT_NE(sources->get(id), nullptr) << model << ": " << id.str();
    };
    for (const auto &[field, figure] : entry) {
      StringRef group = getSourceGroup(field);
      if (group.empty())
        continue;
      const llvm::json::Value *reference = ofEntry ? ofEntry->get(group) : nullptr;
      ASSERT_NE(reference, nullptr) << model << ": " << field.str();
      if (const llvm::json::Array *several = reference->getAsArray())
        for (const llvm::json::Value &one : *several)
          expectSource(one);
      else
        expectSource(*reference);
    }
  }
  EXPECT_TRUE(used.contains("litellm"));
}

TEST(BuiltInCatalog, IsTheFileOfTheSourceTree) {
  Expected<Catalog> file = Catalog::load(XCSLLM_SOURCE_DIR "/share/xcs-llm/catalog.json");
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  const Catalog &builtIn = Catalog::builtIn();
  EXPECT_EQ(file->size(), builtIn.size());
  for (const auto &[name, value] : getBuiltInJson()) {
    if (StringRef(name).starts_with("_"))
      continue;
    const ModelEntry *fromFile = file->lookup(StringRef(name));
    const ModelEntry *entry = builtIn.lookup(StringRef(name));
    ASSERT_TRUE(fromFile && entry) << name.str();
    EXPECT_EQ(fromFile->prices, entry->prices) << name.str();
    EXPECT_EQ(fromFile->ttftMs, entry->ttftMs) << name.str();
  }
}

TEST(BuiltInCatalog, HasTheModelsThatProgramsName) {
  const Catalog &catalog = Catalog::builtIn();
  for (const char *name :
       {"gpt-4", "gpt-4-turbo", "gpt-4o", "gpt-4o-mini", "gpt-3.5-turbo", "gpt-4.1", "gpt-4.1-mini",
        "o1-mini", "claude-3-opus", "claude-3-sonnet", "claude-3-haiku", "claude-3-5-sonnet",
        "claude-3-5-haiku", "text-embedding-3-small"}) {
    const ModelEntry *entry = catalog.lookup(name);
    ASSERT_NE(entry, nullptr) << name;
    EXPECT_TRUE(entry->prices[0].input && entry->prices[0].output) << name;
    EXPECT_TRUE(entry->contextTokens || entry->maxInputTokens) << name;
    bool isEmbedding = entry->mode == "embedding";
    EXPECT_EQ(entry->arrayInputs.value_or(false), isEmbedding) << name;
    EXPECT_EQ(entry->quality.has_value(), !isEmbedding) << name;
    // Of o1-mini nobody published a measurement that is left.
    EXPECT_EQ(entry->ttftMs.has_value(), StringRef(name) != "o1-mini") << name;
    EXPECT_EQ(entry->outputTokensPerS.has_value(), !isEmbedding && StringRef(name) != "o1-mini")
        << name;
  }
  for (auto [alias, name] : {std::pair("gpt-4o-2024-08-06", "gpt-4o"),
                             {"claude-3-5-sonnet-20241022", "claude-3-5-sonnet"},
                             {"claude-3-5-sonnet-latest", "claude-3-5-sonnet"},
                             {"gpt-4-0613", "gpt-4"},
                             {"o1-mini-2024-09-12", "o1-mini"},
                             {"gpt-3.5-turbo-0125", "gpt-3.5-turbo"}})
    EXPECT_EQ(catalog.lookup(alias), catalog.lookup(name)) << alias;
  EXPECT_EQ(catalog.lookup("claude-3-5-sonnet-20240620")->prices[0].output, 15.0);
}

TEST(BuiltInCatalog, PricesAreConsistent) {
  for (const auto &known : Catalog::builtIn().getEntries()) {
    const ModelEntry &entry = known.second;
    const Prices &standard = entry.prices[0];
    EXPECT_TRUE(!standard.cachedInput || *standard.cachedInput < *standard.input) << entry.name;
    EXPECT_TRUE(!standard.output || entry.mode == "embedding" ||
                *standard.output >= *standard.input)
        << entry.name;
    for (unsigned tier : {flex, batch})
      EXPECT_TRUE(!entry.prices[tier].input || *entry.prices[tier].input < *standard.input)
          << entry.name;
    for (const PriceStep &step : entry.steps)
      EXPECT_TRUE(!step.prices[0].input || *step.prices[0].input > *standard.input) << entry.name;
    EXPECT_TRUE(entry.mode == "embedding" || entry.mode == "chat") << entry.name;
    EXPECT_TRUE(entry.priceError.empty());
  }
  const ModelEntry *entry = Catalog::builtIn().lookup("gpt-4o-mini");
  EXPECT_EQ(entry->prices[0].input, 0.15);
  EXPECT_EQ(entry->prices[0].output, 0.6);
  EXPECT_EQ(entry->prices[0].cachedInput, 0.075);
  EXPECT_EQ(entry->prices[batch].output, 0.3);
  EXPECT_EQ(entry->minCachedTokens, 1024);
  EXPECT_EQ(entry->maxSamples, 128);
}

TEST(BuiltInCatalog, TakesAUsersPricesOverItsAliases) {
  std::string path = getDataPath("model_prices_and_context_window.json");
  if (!llvm::sys::fs::exists(path))
    GTEST_SKIP() << "no " << path;
  Expected<Catalog> user = Catalog::load(path);
  ASSERT_TRUE(bool(user)) << llvm::toString(user.takeError());
  Catalog catalog = Catalog::builtIn();
  catalog.overlay(*user);
  // Dated in LiteLLM's map, an alias here: its prices, and the speed known here.
  const ModelEntry *entry = catalog.lookup("gpt-4o-2024-08-06");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->name, "gpt-4o-2024-08-06");
  EXPECT_EQ(entry->prices[0].input, 2.5);
  EXPECT_EQ(entry->outputTokensPerS, Catalog::builtIn().lookup("gpt-4o")->outputTokensPerS);
  EXPECT_GT(catalog.size(), user->size());
}

} // namespace

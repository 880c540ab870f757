//===- CatalogJson.cpp - Catalogs as JSON ----------------------------------===//
//
// Read as a stream of events, so that nothing is kept of what a catalog has no
// use for, however large or deep it is. Values reach the fields as texts: a price
// per token becomes one per million by moving the decimal point of its text, which
// is exact where a multiplication would not be.
//
//===----------------------------------------------------------------------===//

#include "CatalogJson.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/JSON.h"
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

using namespace xcs;
using llvm::Error;
using llvm::Expected;
using llvm::StringMap;
using llvm::StringRef;
using llvm::StringSwitch;
using llvm::Twine;

/// What a price can be, in US dollars per million tokens; more is one in another unit.
static constexpr double maxPrice = 1000;
/// Less than this in a field of US dollars per million tokens is a price per token.
static constexpr double minPricePerMillion = 1e-4;
/// Beyond it doubles skip integers.
static constexpr double maxCount = 9007199254740992;
static constexpr size_t maxEntries = 1'000'000;

//===----------------------------------------------------------------------===//
// Texts
//===----------------------------------------------------------------------===//

/// The start of a text that may be very long.
static std::string clip(StringRef text) {
  constexpr size_t room = 120;
  return llvm::json::fixUTF8(text.take_front(room)) + (text.size() > room ? "..." : "");
}

std::string xcs::quoteForError(StringRef text) {
  return nlohmann::json(clip(text))
      .dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
}

Error xcs::makeEntryError(StringRef file, StringRef entry, StringRef field, const Twine &rule) {
  std::string where = (file + ": entry " + quoteForError(entry)).str();
  if (!field.empty())
    where += ": field " + quoteForError(field);
  return llvm::createStringError(where + ": " + rule);
}

/// Takes decimal digits off the front of `text`; how many.
static size_t consumeDigits(StringRef &text) {
  size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text = text.drop_front(count);
  return count;
}

/// The number, times ten to the power of `shift`, that a text in JSON's notation
/// stands for, correctly rounded; none if it stands for no number, or for one
/// that is out of the range of doubles.
static std::optional<double> parseDecimal(StringRef text, int shift) {
  StringRef rest = text;
  rest.consume_front("-");
  if (consumeDigits(rest) == 0 || (rest.consume_front(".") && consumeDigits(rest) == 0))
    return std::nullopt;
  StringRef significand = text.drop_back(rest.size());
  int64_t exponent = 0;
  if (rest.consume_front_insensitive("e")) {
    rest.consume_front("+");
    if (rest.getAsInteger(10, exponent) || std::abs(exponent) > 10'000)
      return std::nullopt;
  } else if (!rest.empty()) {
    return std::nullopt;
  }
  std::string shifted = (significand + "e" + Twine(exponent + shift)).str();
  double value = 0;
  auto [end, error] = std::from_chars(shifted.data(), shifted.data() + shifted.size(), value);
  if (error != std::errc())
    return std::nullopt;
  return value + 0.0; // no negative zero
}

namespace {
/// A value of the file: a scalar's text, or what to call a list or object.
struct Value {
  enum Kind { Null, Boolean, Number, String, Container } kind;
  StringRef text;

  std::string str() const { return kind == String ? quoteForError(text) : clip(text); }
};

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

/// What the name of a price says of it.
struct PriceField {
  std::optional<double> Prices::*field;
  bool isPerMillion = false;
  int64_t aboveTokens = 0; ///< 0: not a step's
  ServiceTier tier = ServiceTier::Standard;
};
} // namespace

/// The price that `name` names: a stem, `_above_200k_tokens` perhaps, `_flex` or
/// `_batches` perhaps. Others, such as those of the priority tier, are no use here.
static std::optional<PriceField> parsePriceField(StringRef name) {
  static constexpr struct {
    StringRef stem;
    std::optional<double> Prices::*field;
    bool isPerMillion;
  } stems[] = {
      {"input_cost_per_token_cache_hit", &Prices::cachedInput, false}, // before its own prefix
      {"input_cost_per_token", &Prices::input, false},
      {"output_cost_per_token", &Prices::output, false},
      {"cache_read_input_token_cost", &Prices::cachedInput, false},
      {"cache_creation_input_token_cost", &Prices::cacheWrite, false},
      {"input_usd_per_mtok", &Prices::input, true},
      {"output_usd_per_mtok", &Prices::output, true},
      {"cached_input_usd_per_mtok", &Prices::cachedInput, true},
      {"cache_write_usd_per_mtok", &Prices::cacheWrite, true},
  };
  const auto *stem =
      llvm::find_if(stems, [&](const auto &stem) { return name.starts_with(stem.stem); });
  if (stem == std::end(stems))
    return std::nullopt;
  PriceField price{stem->field, stem->isPerMillion};
  name = name.drop_front(stem->stem.size());
  if (name.consume_front("_above_")) {
    uint32_t thousands;
    if (name.consumeInteger(10, thousands) || !thousands || !name.consume_front("k_tokens"))
      return std::nullopt;
    price.aboveTokens = int64_t(thousands) * 1000;
  }
  if (name == "_flex")
    price.tier = ServiceTier::Flex;
  else if (name == "_batches")
    price.tier = ServiceTier::Batch;
  else if (!name.empty())
    return std::nullopt;
  return price;
}

namespace {
/// Which numbers a field takes.
enum class Range { NonNegative, Positive, Share };

struct NumberField {
  std::optional<double> ModelEntry::*field = nullptr;
  Range range = Range::NonNegative;
};

struct CountField {
  std::optional<int64_t> ModelEntry::*field = nullptr;
  int64_t min = 0;
  /// LiteLLM's zero where it has no figure.
  bool zeroIsUnknown = false;
};
} // namespace

static NumberField parseNumberField(StringRef name) {
  using Entry = ModelEntry;
  return StringSwitch<NumberField>(name)
      .Case("quality", {&Entry::quality, Range::Share})
      .Case("ttft_ms", {&Entry::ttftMs, Range::NonNegative})
      .Case("output_tokens_per_s", {&Entry::outputTokensPerS, Range::Positive})
      .Cases({"rpm", "requests_per_min"}, {&Entry::requestsPerMin, Range::Positive})
      .Cases({"tpm", "tokens_per_min"}, {&Entry::tokensPerMin, Range::Positive})
      .Case("failure_rate", {&Entry::failureRate, Range::Share})
      .Case("memory_mb", {&Entry::memoryMb, Range::NonNegative})
      .Default({});
}

static CountField parseCountField(StringRef name) {
  using Entry = ModelEntry;
  return StringSwitch<CountField>(name)
      .Case("max_input_tokens", {&Entry::maxInputTokens, 0, true})
      .Case("max_output_tokens", {&Entry::maxOutputTokens, 0, true})
      .Case("context_tokens", {&Entry::contextTokens, 1})
      .Cases({"prompt_cache_min_tokens", "min_cached_tokens"}, {&Entry::minCachedTokens})
      .Case("max_samples", {&Entry::maxSamples, 1})
      .Case("max_concurrency", {&Entry::maxConcurrency, 1})
      .Default({});
}

//===----------------------------------------------------------------------===//
// Reader
//===----------------------------------------------------------------------===//

namespace {
/// Takes the events of the JSON parser. Each handler returns whether to go on.
class Reader {
public:
  Reader(StringRef json, StringRef file) : json(json), file(file) {}

  Expected<CatalogFile> take();

  bool null() { return onScalar({Value::Null, "null"}); }
  bool boolean(bool value) { return onScalar({Value::Boolean, value ? "true" : "false"}); }
  bool number_integer(int64_t value) { return onScalar({Value::Number, std::to_string(value)}); }
  bool number_unsigned(uint64_t value) { return onScalar({Value::Number, std::to_string(value)}); }
  bool number_float(double, const std::string &text) { return onScalar({Value::Number, text}); }
  bool string(std::string &text) { return onScalar({Value::String, text}); }
  bool binary(nlohmann::json::binary_t &) { llvm_unreachable("not in text"); }
  bool start_object(size_t) { return start({Value::Container, "an object"}); }
  bool start_array(size_t) { return start({Value::Container, "a list"}); }
  bool key(std::string &name);
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  bool parse_error(size_t position, const std::string &token,
                   const nlohmann::detail::exception &exception);

private:
  /// What the innermost list or object is that is not skipped.
  enum class Level { None, File, Entry, Tasks, Tiers, Tier, Range };

  bool start(Value container);
  bool end();
  bool onScalar(Value value);
  bool onValue(Value value);
  bool onField(Value value);
  bool startEntry();
  bool finishEntry();
  bool finishTier();

  bool readPrice(const PriceField &field, Value value);
  bool readNumber(Value value, Range range, std::optional<double> &number);
  bool readCount(Value value, int64_t min, std::optional<int64_t> &count);
  bool readText(Value value, std::string &text);
  bool readFlag(Value value, std::optional<bool> &flag);

  /// Sets what may have been set under another name, then to the same.
  template <typename T> bool set(std::optional<T> &figure, T value, Value shown);
  /// Stops with an error at the field, or the entry, that is being read.
  bool fail(const Twine &rule);
  bool fail(const Twine &rule, Value got) { return fail(rule + " (got " + got.str() + ")"); }
  /// Notes a price that is none, which is an error but in LiteLLM's map.
  void noteWrongUnit(const Twine &rule, Value got);

  StringRef json, file;
  CatalogFile result;
  std::string error;
  bool isLiteLLM = false;
  std::string wrongUnit; ///< the first

  Level level = Level::None;
  size_t skipped = 0; ///< how deep in what is of no use
  std::string name;   ///< of the entry
  std::string field;  ///< of the entry, empty before the first
  std::string subkey; ///< of the object in the field

  // Of the entry:
  ModelEntry *entry = nullptr;
  bool hasFigures = false;
  std::string aliasOf;
  llvm::StringSet<> fields; ///< so far
  std::map<int64_t, std::array<Prices, serviceTierCount>> steps;
  Prices firstTier;
  std::optional<int64_t> maxTokens;
  std::optional<double> batchDiscount;

  // Of the price tier:
  llvm::StringSet<> tierFields;
  Prices tier;
  std::vector<int64_t> range;
};
} // namespace

Expected<CatalogFile> Reader::take() {
  if (error.empty() && !isLiteLLM)
    error = std::move(wrongUnit);
  if (!error.empty())
    return llvm::createStringError(error);
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

bool Reader::fail(const Twine &rule) {
  if (level == Level::None)
    error = (file + ": " + rule).str();
  else
    error = llvm::toString(
        makeEntryError(file, name, level == Level::File ? "" : StringRef(field), rule));
  return false;
}

void Reader::noteWrongUnit(const Twine &rule, Value got) {
  fail(rule, got);
  entry->priceError = std::exchange(error, {});
  if (wrongUnit.empty())
    wrongUnit = entry->priceError;
}

bool Reader::parse_error(size_t position, const std::string &token,
                         const nlohmann::detail::exception &exception) {
  if (exception.id == 406) // The one error that is not of syntax: a number's overflow.
    return fail("must be a finite number", {Value::Number, token});
  StringRef before = json.take_front(position ? position - 1 : 0);
  size_t line = before.count('\n') + 1;
  size_t column = before.size() - (before.rfind('\n') + 1) + 1; // npos + 1 is 0
  // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …"
  StringRef reason = StringRef(exception.what()).split(": ").second;
  error =
      (file + ":" + Twine(line) + ":" + Twine(column) + ": must be JSON (got " + clip(reason) + ")")
          .str();
  return false;
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

/// Whether a top-level key is about the catalog itself.
static bool isNoModel(StringRef name) { return name == "sample_spec" || name.starts_with("_"); }

bool Reader::key(std::string &name) {
  if (skipped)
    return true;
  switch (level) {
  case Level::File:
    this->name = std::move(name);
    field.clear();
    isLiteLLM |= this->name == "sample_spec";
    return true;
  case Level::Entry:
    field = std::move(name);
    return fields.insert(field).second || fail("must not be given twice");
  case Level::Tier:
    subkey = std::move(name);
    return tierFields.insert(subkey).second ||
           fail("must not give " + quoteForError(subkey) + " twice");
  case Level::Tasks:
    subkey = std::move(name);
    return true;
  case Level::None:
  case Level::Tiers:
  case Level::Range:
    break;
  }
  llvm_unreachable("no object");
}

bool Reader::start(Value container) {
  if (skipped) {
    ++skipped;
    return true;
  }
  bool isList = container.text == "a list";
  switch (level) {
  case Level::None:
    if (isList)
      break;
    level = Level::File;
    return true;
  case Level::File:
    if (isList || isNoModel(name))
      break;
    return startEntry();
  case Level::Entry:
    if (isList ? field != "tiered_pricing" : field != "quality_by_task")
      break;
    level = isList ? Level::Tiers : Level::Tasks;
    return true;
  case Level::Tiers:
    if (isList)
      break;
    level = Level::Tier;
    tierFields.clear();
    tier = {};
    range.clear();
    return true;
  case Level::Tier:
    if (!isList || subkey != "range")
      break;
    level = Level::Range;
    return true;
  case Level::Tasks:
  case Level::Range:
    break;
  }
  if (!onValue(container))
    return false;
  skipped = 1;
  return true;
}

bool Reader::end() {
  if (skipped) {
    --skipped;
    return true;
  }
  switch (level) {
  case Level::File:
    level = Level::None;
    return true;
  case Level::Entry:
    return finishEntry();
  case Level::Tasks:
  case Level::Tiers:
    level = Level::Entry;
    return true;
  case Level::Tier:
    level = Level::Tiers;
    return finishTier();
  case Level::Range:
    level = Level::Tier;
    return true;
  case Level::None:
    break;
  }
  llvm_unreachable("nothing to end");
}

bool Reader::onScalar(Value value) { return skipped || onValue(value); }

/// A value that opens nothing of use.
bool Reader::onValue(Value value) {
  switch (level) {
  case Level::None:
    return fail("must be an object of models", value);
  case Level::File:
    return isNoModel(name) || fail("must be an object", value);
  case Level::Entry:
    return onField(value);
  case Level::Tasks: {
    std::optional<double> quality;
    if (!readNumber(value, Range::Share, quality))
      return false;
    if (quality && !entry->qualityByTask.try_emplace(subkey, *quality).second)
      return fail("must not give " + quoteForError(subkey) + " twice");
    return true;
  }
  case Level::Tiers:
    return fail("must be a list of objects", value);
  case Level::Tier: {
    if (subkey == "range")
      return fail("must have a list of two lengths as range", value);
    std::optional<PriceField> price = parsePriceField(subkey);
    // Steps in steps and other tiers have not been seen.
    if (!price || price->aboveTokens || price->tier != ServiceTier::Standard)
      return true;
    return readPrice(*price, value);
  }
  case Level::Range: {
    std::optional<int64_t> length;
    if (!readCount(value, 0, length))
      return false;
    range.push_back(length.value_or(0));
    return true;
  }
  }
  llvm_unreachable("no level");
}

bool Reader::startEntry() {
  level = Level::Entry;
  auto [known, isNew] = result.entries.try_emplace(name);
  if (!isNew || result.entries.size() > maxEntries) {
    level = Level::File;
    return fail(isNew ? "must be among the first million" : "must not be given twice");
  }
  entry = &known->second;
  entry->name = name;
  hasFigures = false;
  aliasOf.clear();
  if (fields.size() < 1000)
    fields.clear();
  else
    fields = {}; // clearing takes as long as the largest entry so far was long
  steps.clear();
  firstTier = {};
  maxTokens.reset();
  batchDiscount.reset();
  return true;
}

static void fillIn(std::optional<double> &figure, const std::optional<double> &other) {
  if (!figure)
    figure = other;
}

bool Reader::finishEntry() {
  level = Level::File;
  Prices &standard = entry->prices.front();
  fillIn(standard.input, firstTier.input);
  fillIn(standard.output, firstTier.output);
  fillIn(standard.cachedInput, firstTier.cachedInput);
  fillIn(standard.cacheWrite, firstTier.cacheWrite);
  for (const auto &[aboveTokens, prices] : steps)
    entry->steps.push_back({aboveTokens, prices});
  if (batchDiscount && entry->prices[static_cast<unsigned>(ServiceTier::Batch)] == Prices())
    applyBatchDiscount(*entry, *batchDiscount);
  // LiteLLM: "LEGACY parameter. set to max_output_tokens if provider specifies it.
  // IF not set to max_input_tokens, if provider specifies it."
  if (maxTokens && !entry->maxInputTokens && entry->mode == "embedding")
    entry->maxInputTokens = maxTokens;
  else if (maxTokens && !entry->maxOutputTokens && maxTokens != entry->maxInputTokens)
    entry->maxOutputTokens = maxTokens;
  if (!aliasOf.empty())
    result.aliases.push_back({name, aliasOf, hasFigures});
  return true;
}

/// A tier's prices hold for lengths in `range`, its start excluded.
bool Reader::finishTier() {
  if (!tierFields.contains("range"))
    return true; // of something other than lengths, such as results of a search
  if (range.size() != 2 || range[0] >= range[1])
    return fail("must have two ascending lengths as range");
  Prices &prices = range[0] ? steps[range[0]].front() : firstTier;
  if (!(prices == Prices()))
    return fail("must not have two tiers from one length on (got " + Twine(range[0]) + " twice)");
  prices = tier;
  return true;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

bool Reader::onField(Value value) {
  if (field == "alias_of")
    return readText(value, aliasOf) && (!aliasOf.empty() || value.kind == Value::Null ||
                                        fail("must be the name of a model", value));
  if (std::optional<PriceField> price = parsePriceField(field)) {
    hasFigures = true;
    return readPrice(*price, value);
  }
  if (NumberField number = parseNumberField(field); number.field) {
    hasFigures = true;
    return readNumber(value, number.range, entry->*number.field);
  }
  if (CountField count = parseCountField(field); count.field) {
    hasFigures = true;
    if (!readCount(value, count.min, entry->*count.field))
      return false;
    if (count.zeroIsUnknown && entry->*count.field == 0)
      (entry->*count.field).reset();
    return true;
  }
  if (field == "max_tokens") {
    hasFigures = true;
    if (!readCount(value, 0, maxTokens))
      return false;
    if (maxTokens == 0)
      maxTokens.reset();
    return true;
  }
  if (field == "litellm_provider" || field == "provider") {
    hasFigures = true;
    return readText(value, entry->provider);
  }
  if (field == "mode") {
    hasFigures = true;
    return readText(value, entry->mode);
  }
  if (field == "array_inputs") {
    hasFigures = true;
    return readFlag(value, entry->arrayInputs);
  }
  if (field == "supports_response_schema") {
    hasFigures = true;
    return readFlag(value, entry->responseSchema);
  }
  if (field == "batch_discount") {
    hasFigures = true;
    return readNumber(value, Range::Share, batchDiscount);
  }
  if (field == "quality_by_task" && value.kind != Value::Null)
    return fail("must be an object of shares", value);
  if (field == "tiered_pricing" && value.kind != Value::Null)
    return fail("must be a list of objects", value);
  return true;
}

template <typename T> bool Reader::set(std::optional<T> &figure, T value, Value shown) {
  if (figure && *figure != value)
    return fail("must be what its other name says", shown);
  figure = value;
  return true;
}

/// The number of a value, or of a text, as some maps write them. None for null.
static bool parseNumber(Value value, int shift, std::optional<double> &number) {
  if (value.kind == Value::Null)
    return true;
  if (value.kind == Value::Number || value.kind == Value::String)
    number = parseDecimal(value.text, shift);
  return number.has_value();
}

bool Reader::readPrice(const PriceField &price, Value value) {
  std::optional<double> number;
  if (!parseNumber(value, price.isPerMillion ? 0 : 6, number))
    return fail("must be a number", value);
  if (!number)
    return true;
  if (*number < 0)
    return fail("must not be negative", value);
  if (price.isPerMillion && *number > 0 && *number < minPricePerMillion)
    return fail("must be in US dollars per million tokens, not per token", value);
  if (*number > maxPrice) {
    noteWrongUnit(price.isPerMillion
                      ? "must be at most 1,000 US dollars per million tokens"
                      : "must be in US dollars per token, at most 1,000 per million tokens",
                  value);
    return true;
  }
  // Nobody processes input for nothing because it is kept: such a zero says that
  // writing is not billed apart.
  if (price.field == &Prices::cacheWrite && *number == 0)
    return true;
  Prices &prices = level == Level::Tier ? tier
                   : price.aboveTokens ? steps[price.aboveTokens][static_cast<unsigned>(price.tier)]
                                       : entry->prices[static_cast<unsigned>(price.tier)];
  return set(prices.*price.field, *number, value);
}

bool Reader::readNumber(Value value, Range range, std::optional<double> &figure) {
  std::optional<double> number;
  if (!parseNumber(value, 0, number))
    return fail("must be a number", value);
  if (!number)
    return true;
  if (range == Range::Share && (*number < 0 || *number > 1))
    return fail("must be a share, 0 to 1", value);
  if (*number < 0)
    return fail("must not be negative", value);
  if (range == Range::Positive && *number == 0)
    return fail("must be positive", value);
  return set(figure, *number, value);
}

bool Reader::readCount(Value value, int64_t min, std::optional<int64_t> &figure) {
  std::optional<double> number;
  if (!parseNumber(value, 0, number))
    return fail("must be a whole number", value);
  if (!number)
    return true;
  if (std::trunc(*number) != *number || std::abs(*number) > maxCount)
    return fail("must be a whole number", value);
  if (*number < min)
    return fail(min ? "must be positive" : "must not be negative", value);
  return set(figure, int64_t(*number), value);
}

bool Reader::readText(Value value, std::string &text) {
  if (value.kind == Value::Null)
    return true;
  if (value.kind != Value::String)
    return fail("must be a text", value);
  text = value.text.str();
  return true;
}

bool Reader::readFlag(Value value, std::optional<bool> &flag) {
  if (value.kind == Value::Null)
    return true;
  if (value.kind != Value::Boolean)
    return fail("must be true or false", value);
  return set(flag, value.text == "true", value);
}

Expected<CatalogFile> xcs::readCatalogFile(StringRef json, StringRef file) {
  Reader reader(json, file);
  if (json.trim().empty())
    return llvm::createStringError(file + ": must be an object of models (got nothing)");
  if (size_t zero = json.find('\0'); zero != StringRef::npos) // to nlohmann, the end
    return llvm::createStringError(file + ": must be JSON (got a zero at byte " + Twine(zero) +
                                   ")");
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return reader.take();
}

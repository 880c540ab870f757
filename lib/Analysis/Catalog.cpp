//===- Catalog.cpp - What is known of models -------------------------------===//

#include "XcsLLM/Analysis/Catalog.h"
#include "CatalogJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cassert>

using namespace xcs;
using llvm::Error;
using llvm::Expected;
using llvm::StringMap;
using llvm::StringRef;

StringRef xcs::stringifyTier(ServiceTier tier) {
  static constexpr const char *names[serviceTierCount] = {"standard", "flex", "batch"};
  return names[static_cast<unsigned>(tier)];
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

/// The fields of Prices.
static constexpr std::optional<double> Prices::*priceFields[] = {
    &Prices::input, &Prices::output, &Prices::cachedInput, &Prices::cacheWrite};

static Prices &getTier(std::array<Prices, serviceTierCount> &prices, ServiceTier tier) {
  return prices[static_cast<unsigned>(tier)];
}

bool Prices::operator==(const Prices &other) const {
  return llvm::all_of(priceFields, [&](auto field) { return this->*field == other.*field; });
}

Prices ModelEntry::getPrices(ServiceTier tier, double inputTokens) const {
  Prices known = prices[static_cast<unsigned>(tier)];
  auto above = llvm::partition_point(
      steps, [&](const PriceStep &step) { return step.aboveTokens < inputTokens; });
  if (above == steps.begin())
    return known;
  const auto &step = std::prev(above)->prices;
  for (auto field : priceFields)
    if (step[static_cast<unsigned>(tier)].*field || step.front().*field)
      known.*field = step[static_cast<unsigned>(tier)].*field;
  return known;
}

std::optional<double> ModelEntry::getQuality(StringRef task) const {
  auto known = qualityByTask.find(task);
  return known == qualityByTask.end() ? quality : known->second;
}

template <typename T>
static void replaceIfKnown(std::optional<T> &base, const std::optional<T> &over) {
  if (over)
    base = over;
}

static void replaceIfKnown(std::string &base, const std::string &over) {
  if (!over.empty())
    base = over;
}

static void overlay(Prices &base, const Prices &over) {
  for (auto field : priceFields)
    replaceIfKnown(base.*field, over.*field);
}

static void overlayPrices(ModelEntry &base, const ModelEntry &over) {
  const Prices &price = over.prices.front();
  auto differs = [&](auto field) {
    return price.*field && price.*field != base.prices.front().*field;
  };
  if (differs(&Prices::input) || differs(&Prices::output)) {
    // Another tariff: what it does not say was said of the old one.
    base.steps.clear();
    getTier(base.prices, ServiceTier::Flex) = {};
    getTier(base.prices, ServiceTier::Batch) = {};
    // Nobody charges more for what is cached; field by field is one thing, a
    // price that certainly isn't one another.
    if (price.input && base.prices.front().cachedInput > price.input)
      base.prices.front().cachedInput.reset();
  }
  for (auto [prices, newPrices] : llvm::zip_equal(base.prices, over.prices))
    overlay(prices, newPrices);
  if (!over.steps.empty())
    base.steps = over.steps;
  if (price.input || price.output || !over.priceError.empty())
    base.priceError = over.priceError;
}

void xcs::overlay(ModelEntry &base, const ModelEntry &over) {
  replaceIfKnown(base.name, over.name);
  replaceIfKnown(base.provider, over.provider);
  replaceIfKnown(base.mode, over.mode);
  overlayPrices(base, over);
  for (auto field :
       {&ModelEntry::minCachedTokens, &ModelEntry::contextTokens, &ModelEntry::maxInputTokens,
        &ModelEntry::maxOutputTokens, &ModelEntry::maxSamples, &ModelEntry::maxConcurrency})
    replaceIfKnown(base.*field, over.*field);
  for (auto field : {&ModelEntry::quality, &ModelEntry::ttftMs, &ModelEntry::outputTokensPerS,
                     &ModelEntry::requestsPerMin, &ModelEntry::tokensPerMin,
                     &ModelEntry::failureRate, &ModelEntry::memoryMb})
    replaceIfKnown(base.*field, over.*field);
  for (auto field : {&ModelEntry::arrayInputs, &ModelEntry::responseSchema})
    replaceIfKnown(base.*field, over.*field);
  for (const auto &task : over.qualityByTask)
    base.qualityByTask[task.first()] = task.second;
}

void xcs::applyBatchDiscount(ModelEntry &entry, double share) {
  assert(share >= 0 && share <= 1 && "no share");
  auto apply = [&](std::array<Prices, serviceTierCount> &prices) {
    Prices &batch = getTier(prices, ServiceTier::Batch);
    batch = prices.front();
    for (auto field : priceFields)
      if (batch.*field)
        *(batch.*field) *= 1 - share;
  };
  apply(entry.prices);
  for (PriceStep &step : entry.steps)
    apply(step.prices);
}

//===----------------------------------------------------------------------===//
// Aliases
//===----------------------------------------------------------------------===//

namespace {
/// Follows the aliases of a file to entries of the file or the built-in catalog.
class AliasResolver {
public:
  AliasResolver(CatalogFile &file, StringRef fileName, const Catalog *builtIn)
      : entries(file.entries), fileName(fileName), builtIn(builtIn) {
    for (const CatalogFile::Alias &alias : file.aliases)
      pending[alias.name] = &alias;
  }

  /// Follows `alias` and whatever it leads over, each alias of the file once.
  Error resolve(const CatalogFile::Alias &alias);

  /// From aliases to names of entries.
  StringMap<std::string> targets;

private:
  StringMap<ModelEntry> &entries;
  StringRef fileName;
  const Catalog *builtIn;
  StringMap<const CatalogFile::Alias *> pending;
};
} // namespace

Error AliasResolver::resolve(const CatalogFile::Alias &alias) {
  std::vector<const CatalogFile::Alias *> path;
  std::string target = alias.name;
  for (auto next = pending.find(target); next != pending.end(); next = pending.find(target)) {
    path.push_back(next->second);
    target = next->second->target;
    pending.erase(next);
  }
  if (path.empty())
    return Error::success();
  auto fail = [&](const char *rule) {
    return makeEntryError(fileName, path.back()->name, "alias_of",
                          rule + (" (got " + quoteForError(target)) + ")");
  };
  // What was pending is gone from there, so a circle ends at an alias without a target.
  auto known = targets.find(target);
  if (known != targets.end())
    target = known->second;
  else if (llvm::any_of(path, [&](const auto *passed) { return passed->name == target; }))
    return fail("must not lead back to itself");
  const ModelEntry *entry = nullptr;
  if (auto own = entries.find(target); own != entries.end())
    entry = &own->second;
  else if (builtIn)
    entry = builtIn->lookup(target);
  if (!entry)
    return fail("must be the name of a model");

  for (const CatalogFile::Alias *passed : llvm::reverse(path)) {
    if (!passed->hasFigures) {
      entries.erase(passed->name);
      targets[passed->name] = target;
      continue;
    }
    ModelEntry merged = *entry;
    ModelEntry &own = entries[passed->name];
    overlay(merged, own);
    own = std::move(merged);
    entry = &own;
    target = passed->name;
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Catalogs
//===----------------------------------------------------------------------===//

Expected<Catalog> Catalog::parse(StringRef json, StringRef file, const Catalog *builtIn) {
  Expected<CatalogFile> read = readCatalogFile(json, file);
  if (!read)
    return read.takeError();
  AliasResolver resolver(*read, file, builtIn);
  for (const CatalogFile::Alias &alias : read->aliases)
    if (Error error = resolver.resolve(alias))
      return Expected<Catalog>(std::move(error));
  Catalog catalog;
  catalog.entries = std::move(read->entries);
  catalog.aliases = std::move(resolver.targets);
  return catalog;
}

Expected<Catalog> Catalog::parse(StringRef json, StringRef file) {
  return parse(json, file, &builtIn());
}

Expected<Catalog> Catalog::load(StringRef path) {
  auto fail = [&](std::error_code error) {
    return llvm::createStringError(error, path + ": must be a readable file (got '" +
                                              error.message() + "')");
  };
  // A device such as /dev/zero would be read for ever.
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status))
    return fail(error);
  if (status.type() == llvm::sys::fs::file_type::directory_file)
    return fail(std::make_error_code(std::errc::is_a_directory));
  if (status.type() != llvm::sys::fs::file_type::regular_file &&
      status.type() != llvm::sys::fs::file_type::fifo_file)
    return fail(std::make_error_code(std::errc::invalid_argument));
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail(buffer.getError());
  return parse((*buffer)->getBuffer(), path);
}

/// share/xcs-llm/catalog.json, as cmake/EmbedText.cmake writes it.
static constexpr char builtInJson[] =
#include "CatalogJson.inc"
    ;

const Catalog &Catalog::builtIn() {
  static const Catalog catalog = [] {
    Expected<Catalog> parsed =
        parse(StringRef(builtInJson, sizeof(builtInJson) - 1), "the built-in catalog", nullptr);
    if (!parsed) // The unit tests parse it; this can't reach users.
      llvm::report_fatal_error(parsed.takeError());
    return std::move(*parsed);
  }();
  return catalog;
}

StringRef Catalog::findNearest(StringRef name) const {
  constexpr unsigned mostEdits = 2;
  constexpr size_t shortest = 5; // shorter ones are names of their own
  std::pair<unsigned, StringRef> nearest = {mostEdits + 1, ""};
  auto consider = [&](StringRef known) {
    if (known.size() > name.size() + mostEdits || name.size() > known.size() + mostEdits)
      return;
    nearest = std::min(nearest, {name.edit_distance(known, true, mostEdits), known});
  };
  if (name.size() < shortest)
    return "";
  for (StringRef known : entries.keys())
    consider(known);
  for (StringRef known : aliases.keys())
    consider(known);
  return nearest.second;
}

const ModelEntry *Catalog::lookup(StringRef name) const {
  // Overlays may put aliases behind each other, or in a circle.
  for (size_t hops = 0; hops <= aliases.size(); ++hops) {
    if (auto entry = entries.find(name); entry != entries.end())
      return &entry->second;
    auto alias = aliases.find(name);
    if (alias == aliases.end())
      return nullptr;
    name = alias->second;
  }
  return nullptr;
}

void Catalog::overlay(const Catalog &over) {
  // An entry over an alias starts from what the alias stands for here, before
  // any entry is changed.
  StringMap<ModelEntry> changed;
  for (const auto &entry : over.entries) {
    const ModelEntry *base = lookup(entry.first());
    ModelEntry &merged = changed[entry.first()];
    if (base)
      merged = *base;
    xcs::overlay(merged, entry.second);
  }
  for (auto &entry : changed) {
    entries[entry.first()] = std::move(entry.second);
    aliases.erase(entry.first());
  }
  for (const auto &alias : over.aliases) {
    entries.erase(alias.first());
    aliases[alias.first()] = alias.second;
  }
}

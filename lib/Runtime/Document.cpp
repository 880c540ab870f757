//===- Document.cpp - What the plans of a document share -------------------===//

#include "JsonText.h"
#include "PlanReader.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

Type DocumentReader::readType(const Json &json) {
  Type type;
  std::string name = json.is_string() ? json.get<std::string>() : getText(json, "item");
  if (std::optional<Scalar> item = findScalar(name))
    type.item = *item;
  else
    fail("unknown type '" + name + "'");
  if (json.is_string())
    return type;
  type.isList = true;
  for (const Json &size : getList(json, "shape")) {
    bool isSize = size.is_null() || (size.is_number_integer() && size.get<int64_t>() >= 0);
    if (!isSize)
      fail("'shape' must be a list of sizes (got " + Twine(size.type_name()) + ")");
    type.shape.push_back(size.is_number_integer() ? size.get<int64_t>() : Type::unknownSize);
  }
  return type;
}

std::vector<Type> DocumentReader::readTypes(const Json &object, const char *name) {
  std::vector<Type> types;
  for (const Json &type : getList(object, name))
    types.push_back(readType(type));
  return types;
}

Value DocumentReader::readValue(const Json &json, const Type &type) {
  if (!type.isList) {
    Value value = readScalar(json, type.item);
    if (value.isFailed())
      fail("a constant must be of type " + getName(type.item) + " (got " + json.type_name() + ")");
    return value;
  }
  Value::List items;
  if (json.is_array())
    for (const Json &item : json)
      items.push_back(readValue(item, Type{type.item, {}, false}));
  Value list = shapeItems(items, type.shape);
  if (list.isFailed())
    fail("a constant list must have as many items as its shape says");
  return list;
}

void DocumentReader::readTemplate(const Json &json) {
  Template form{findTexts(json, "literals"), {}};
  for (int64_t slot : findIntegers(json, "slots"))
    form.slots.push_back(slot);
  if (form.literals.size() != form.slots.size() + 1)
    fail("a template must have one literal more than slots (got " + Twine(form.literals.size()) +
         " and " + Twine(form.slots.size()) + ")");
  document.templates.push_back(std::move(form));
}

void DocumentReader::readList(const Json &json) {
  Type type = readType(get(json, "type"));
  const Json *splat = find(json, "splat");
  if (splat) {
    std::optional<size_t> size = countItems(type.shape);
    Value item = readValue(*splat, Type{type.item, {}, false});
    document.constants.push_back(shapeItems(Value::List(size.value_or(0), item), type.shape));
  } else {
    document.constants.push_back(readValue(getList(json, "items"), type));
  }
  constantTypes.push_back(std::move(type));
}

void DocumentReader::readTool(const Json &json) {
  Tool tool{getText(json, "name"),     getText(json, "task"),      getFlag(json, "pure"),
            readTypes(json, "inputs"), readTypes(json, "outputs"), findNumber(json, "latency_ms")};
  if (!tools.try_emplace(tool.name, document.tools.size()).second)
    fail("there must be one tool '" + tool.name + "' (got several)");
  document.tools.push_back(std::move(tool));
}

RateLimits DocumentReader::readRateLimits(const Json &json) {
  return {findNumber(json, "requests_per_min"), findNumber(json, "tokens_per_min"),
          findCount(json, "max_concurrency", 1)};
}

static Tariff readTariff(JsonReader &reader, const Json &json) {
  auto readPrices = [&](const std::string &tier) -> Prices {
    auto find = [&](const char *name) {
      return reader.findNumber(json, (tier + name + "_usd_per_mtok").c_str());
    };
    return {find("input"), find("output"), find("cached_input"), find("cache_write")};
  };
  return {readPrices(""), readPrices("flex_"), readPrices("batch_")};
}

void DocumentReader::readModel(const Json &json) {
  Model model;
  model.name = getText(json, "name");
  model.provider = findText(json, "provider");
  model.tariff = readTariff(*this, json);
  for (const Json &step : findList(json, "price_steps"))
    model.steps.push_back({getCount(step, "above_tokens"), readTariff(*this, step)});
  model.batchDiscount = findNumber(json, "batch_discount");
  model.maxSamples = findCount(json, "max_samples", 1);
  model.takesArrays = find(json, "array_inputs") && getFlag(json, "array_inputs");
  model.ttftMs = findNumber(json, "ttft_ms");
  model.outputTokensPerS = findNumber(json, "output_tokens_per_s");
  model.failureRate = findNumber(json, "failure_rate");
  model.limits = readRateLimits(json);
  if (!models.try_emplace(model.name, document.models.size()).second)
    fail("there must be one model '" + model.name + "' (got several)");
  document.models.push_back(std::move(model));
}

void DocumentReader::readTables(const Json &json) {
  for (std::string &text : findTexts(json, "texts")) {
    document.constants.push_back(Value::text(std::move(text)));
    constantTypes.push_back({});
  }
  texts = document.constants.size();
  for (const Json &form : getList(json, "templates"))
    readTemplate(form);
  for (const Json &list : getList(json, "lists"))
    readList(list);
  lists = document.constants.size() - texts;
  for (const Json &tool : getList(json, "tools"))
    readTool(tool);
  for (const Json &model : findList(json, "models"))
    readModel(model);
  for (const Json &pool : findList(json, "pools")) {
    document.pools.push_back({getText(pool, "name"), readRateLimits(pool)});
    pools.try_emplace(document.pools.back().name, document.pools.size() - 1);
  }
}

void DocumentReader::read(const Json &json) {
  std::string version = getText(json, "schema_version");
  if (!hasFailed() && !StringRef(version).starts_with("1."))
    fail("'schema_version' must be 1 (got " + Twine(version) + ")");
  if (const Json *source = find(json, "source"))
    document.digest = findText(*source, "sha256");
  readTables(json);
  StringMap<bool> names;
  for (const Json &plan : getList(json, "plans")) {
    if (hasFailed())
      return;
    PlanReader(*this, document.plans.emplace_back()).read(plan);
    StringRef name = document.plans.back().name;
    if (!names.try_emplace(name, true).second)
      fail("there must be one plan '" + name + "' (got several)");
  }
}

uint32_t Plan::findProducer(const Reference &result) const {
  const std::vector<uint32_t> &all = scopes[result.scope].tasks; // in the order of their results
  return *std::prev(llvm::upper_bound(all, result.index, [&](uint32_t index, uint32_t task) {
    return index < tasks[task].firstResult;
  }));
}

const Plan *Document::find(StringRef name) const {
  const auto *found = find_if(ArrayRef(plans), [&](const Plan &plan) { return plan.name == name; });
  return found == ArrayRef(plans).end() ? nullptr : found;
}

Expected<Document> readDocument(StringRef text, StringRef file) {
  constexpr size_t deepest = 1000; // as schemas of responses may be
  Expected<Json> json = parseJson(text, {file}, deepest);
  if (!json)
    return json.takeError();
  Document document;
  DocumentReader reader(document);
  reader.read(*json);
  if (reader.hasFailed())
    return createStringError(file + (file.empty() ? "" : ": ") + reader.error);
  return document;
}

} // namespace xcs::runtime

//===- ValueJson.cpp - Values in and out -----------------------------------===//

#include "XcsLLM/Runtime/ValueJson.h"
#include "JsonText.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace llvm;

namespace xcs::runtime {

std::string describe(const Type &type) {
  if (!type.isList)
    return getName(type.item).str();
  std::string text;
  for (int64_t size : type.shape)
    text += "list of " + (size == Type::unknownSize ? "" : std::to_string(size) + " ");
  return (text.empty() ? "list of 1 " : text) + getName(type.item).str();
}

namespace {

/// Reads values of types; the first that is none is the error.
class ValueReader {
public:
  explicit ValueReader(Nulls nulls) : nulls(nulls) {}

  Value read(const Json &json, const Type &type, const std::string &pointer);

  std::string error;

private:
  Value fail(const Json &json, const Type &type, const std::string &pointer) {
    if (error.empty())
      error = (pointer.empty() ? "" : pointer + ": ") + "must be " + describe(type) + " (got " +
              (json.is_array() ? "a list of " + std::to_string(json.size()) : json.type_name()) +
              ")";
    return failed;
  }

  Nulls nulls;
};

} // namespace

Value readScalar(const Json &json, Scalar type) {
  Value value = failed;
  if (json.is_string())
    value = Value::text(json.get<std::string>());
  else if (json.is_boolean())
    value = Value::flag(json.get<bool>());
  else if (json.is_number() && isFloat(type)) {
    double number = json.get<double>();
    value = Value::number(type == Scalar::F32 ? double(float(number)) : number);
    if (!std::isfinite(*value.getNumber()))
      return failed;
  } else if (json.is_number_integer()) {
    bool fits = !json.is_number_unsigned() || json.get<uint64_t>() <= uint64_t(INT64_MAX);
    value = fits ? Value::integer(json.get<int64_t>()) : failed;
  }
  return fits(value, Type{type, {}, false}) ? value : failed;
}

Value ValueReader::read(const Json &json, const Type &type, const std::string &pointer) {
  if (json.is_null() && nulls == Nulls::MeanFailed)
    return failed;
  if (!type.isList) {
    Value value = readScalar(json, type.item);
    return value.isFailed() ? fail(json, type, pointer) : value;
  }
  bool isAnySize = !type.shape.empty() && type.shape[0] == Type::unknownSize;
  size_t size = type.shape.empty() ? 1 : size_t(type.shape[0]);
  if (!json.is_array() || (!isAnySize && json.size() != size))
    return fail(json, type, pointer);
  Value::List items;
  items.reserve(json.size());
  for (size_t at = 0; at < json.size() && error.empty(); ++at)
    items.push_back(read(json[at], type.getInner(), pointer + "/" + std::to_string(at)));
  return error.empty() ? Value::list(std::move(items)) : failed;
}

Expected<Value> readJson(StringRef json, const Type &type, Nulls nulls) {
  Expected<Json> parsed = parseJson(json);
  if (!parsed)
    return parsed.takeError();
  ValueReader reader(nulls);
  Value value = reader.read(*parsed, type, "");
  if (!reader.error.empty())
    return createStringError(reader.error);
  return value;
}

Expected<std::vector<Value>> readJsonList(StringRef json, ArrayRef<Type> types, Nulls nulls) {
  Expected<Json> parsed = parseJson(json);
  if (!parsed)
    return parsed.takeError();
  if (!parsed->is_array() || parsed->size() != types.size())
    return createStringError(
        "must be a list of " + Twine(types.size()) + " values (got " +
        (parsed->is_array() ? "a list of " + Twine(parsed->size()).str() : parsed->type_name()) +
        ")");
  ValueReader reader(nulls);
  std::vector<Value> values;
  for (size_t at = 0; at < types.size() && reader.error.empty(); ++at)
    values.push_back(reader.read((*parsed)[at], types[at], "/" + std::to_string(at)));
  if (!reader.error.empty())
    return createStringError(reader.error);
  return values;
}

Expected<Value> readInput(StringRef given, const Type &type) {
  if (type.isList || type.item != Scalar::Text)
    return readJson(given, type);
  size_t at;
  if (!json::isUTF8(given, &at))
    return createStringError("must be UTF-8 (got another byte at " + Twine(at) + ")");
  return Value::text(given.str());
}

static void append(const Value &value, std::string &json) {
  if (const std::string *text = value.getText())
    return appendJsonString(*text, json);
  const Value::List *items = value.getList();
  if (!items) {
    raw_string_ostream os(json);
    return printJson(value, os);
  }
  json += '[';
  for (const Value &item : *items) {
    json += &item == items->data() ? "" : ",";
    append(item, json);
  }
  json += ']';
}

std::string writeJson(const Value &value) {
  std::string json;
  append(value, json);
  return json;
}

std::string writeJsonList(ArrayRef<Value> values) {
  std::string json = "[";
  for (const Value &value : values) {
    json += &value == values.data() ? "" : ",";
    append(value, json);
  }
  return json + "]";
}

} // namespace xcs::runtime

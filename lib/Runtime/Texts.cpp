//===- Texts.cpp - Templates and responses ---------------------------------===//

#include "JsonScanner.h"
#include "XcsLLM/Runtime/Operations.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace xcs::runtime {

//===----------------------------------------------------------------------===//
// Templates
//===----------------------------------------------------------------------===//

/// Appends a scalar as templates print it; false if it has failed.
static bool printScalar(const Value &value, std::string &into) {
  if (const std::string *text = value.getText())
    into += *text;
  else if (const bool *flag = value.getFlag())
    into += *flag ? "true" : "false";
  else if (const int64_t *integer = value.getInteger())
    into += std::to_string(*integer);
  else if (const double *number = value.getNumber())
    into += formatNumber(*number);
  else
    return false;
  return true;
}

/// Appends a scalar, or the items of a list; false if one has failed.
static bool print(const Value &value, StringRef separator, std::string &into) {
  const Value::List *items = value.getList();
  if (!items)
    return printScalar(value, into);
  for (auto [at, item] : enumerate(*items)) {
    if (at)
      into += separator;
    if (!printScalar(item, into))
      return false;
  }
  return true;
}

Value render(const Template &form, StringRef separator, ArrayRef<Value> operands) {
  std::string text = form.literals.front();
  // What stands in no slot must not have failed, either.
  if (anyFailed(operands))
    return failed;
  for (auto [slot, literal] : zip(form.slots, drop_begin(form.literals))) {
    if (slot >= operands.size() || !print(operands[slot], separator, text))
      return failed;
    text += literal;
  }
  return Value::text(std::move(text));
}

//===----------------------------------------------------------------------===//
// Responses
//===----------------------------------------------------------------------===//

static Value toValue(std::optional<Number> number, Scalar type) {
  if (!number)
    return failed;
  if (type == Scalar::F64 || type == Scalar::F32)
    return Value::number(number->value);
  Value integer = number->integer ? Value::integer(*number->integer) : failed;
  return fits(integer, Type{type, {}, false}) ? integer : failed;
}

static Value toValue(std::optional<bool> flag) { return flag ? Value::flag(*flag) : failed; }

static Value readScalar(StringRef text, Scalar type) {
  if (type == Scalar::Text)
    return Value::text(text.str());
  return type == Scalar::I1 ? toValue(readBoolean(text)) : toValue(readNumber(text), type);
}

/// The JSON value `slice` as a value of the type.
static Value convertJson(StringRef slice, const Type &type) {
  char first = slice.front();
  if (type.isList) {
    std::optional<std::vector<StringRef>> items = getJsonItems(slice);
    bool hasSize = items && !type.shape.empty() &&
                   (type.shape[0] == Type::unknownSize || size_t(type.shape[0]) == items->size());
    if (!hasSize)
      return failed;
    Value::List values;
    for (StringRef item : *items)
      values.push_back(convertJson(item, type.getInner()));
    return anyFailed(values) ? failed : Value::list(std::move(values));
  }
  if (type.item == Scalar::Text)
    return Value::text(first == '"' ? readJsonString(slice) : slice.str());
  if (type.item == Scalar::I1)
    return first == 't' || first == 'f' ? Value::flag(first == 't') : failed;
  return first == '-' || isDigit(first) ? toValue(readNumber(slice), type.item) : failed;
}

static Value readJson(StringRef response, StringRef pointer, const Type &type) {
  std::optional<StringRef> value = findJson(response);
  if (value)
    value = selectJsonSlice(*value, pointer);
  return value ? convertJson(*value, type) : failed;
}

Value readResponse(const Parse &parse, StringRef response, const Type &type) {
  switch (parse.format) {
  case ParseFormat::Text:
    return Value::text(readText(response).str());
  case ParseFormat::Number:
    return toValue(readNumber(response), type.item);
  case ParseFormat::Boolean:
    return toValue(readBoolean(response));
  case ParseFormat::Choice: {
    SmallVector<StringRef> choices(parse.choices.begin(), parse.choices.end());
    std::optional<int64_t> index = readChoice(response, choices);
    return index ? Value::integer(*index) : failed;
  }
  case ParseFormat::Json:
    return readJson(response, parse.selector, type);
  case ParseFormat::Regex: {
    std::optional<std::string> found = readRegex(response, parse.selector);
    return found ? readScalar(*found, type.item) : failed;
  }
  }
  return failed;
}

/// What a response has to have.
static std::string describe(const Parse &parse, const Type &type) {
  constexpr size_t longest = 200;
  switch (parse.format) {
  case ParseFormat::Text:
    return "a text";
  case ParseFormat::Number:
    return "a number of type " + getName(type.item).str();
  case ParseFormat::Boolean:
    return "'yes', 'no', 'true' or 'false'";
  case ParseFormat::Choice:
    return "one of the choices '" + makeLine(join(parse.choices, "', '"), longest) + "'";
  case ParseFormat::Json:
    return "JSON with a value of type " + describe(type) +
           (parse.selector.empty() ? "" : " at '" + makeLine(parse.selector, longest) + "'");
  case ParseFormat::Regex:
    return "a match of '" + makeLine(parse.selector, longest) + "', of type " +
           getName(type.item).str();
  }
  return "";
}

std::string explainUnread(const Parse &parse, StringRef response, const Type &type) {
  constexpr size_t longest = 80;
  StringRef text = response.trim();
  std::string got = text.empty() ? "nothing" : "'" + makeLine(text.take_front(1000), longest) + "'";
  return "the answer must have " + describe(parse, type) + " (got " + got + ")";
}

} // namespace xcs::runtime

//===- Value.cpp - What a run of a plan computes with ----------------------===//

#include "XcsLLM/Runtime/Value.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>
#include <nlohmann/json.hpp>

using namespace llvm;

namespace xcs::runtime {

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static constexpr StringLiteral scalarNames[] = {"text", "i1",    "i8",  "i16", "i32",
                                                "i64",  "index", "f32", "f64"};

unsigned getWidth(Scalar scalar) {
  switch (scalar) {
  case Scalar::I1:
    return 1;
  case Scalar::I8:
    return 8;
  case Scalar::I16:
    return 16;
  case Scalar::I32:
    return 32;
  case Scalar::I64:
  case Scalar::Index:
    return 64;
  case Scalar::Text:
  case Scalar::F32:
  case Scalar::F64:
    return 0;
  }
  return 0;
}

bool isFloat(Scalar scalar) { return scalar == Scalar::F32 || scalar == Scalar::F64; }

std::optional<Scalar> findScalar(StringRef name) {
  const auto *found = find(scalarNames, name);
  if (found == std::end(scalarNames))
    return std::nullopt;
  return static_cast<Scalar>(found - std::begin(scalarNames));
}

StringRef getName(Scalar scalar) { return scalarNames[static_cast<size_t>(scalar)]; }

Type Type::getInner() const {
  Type inner;
  inner.item = item;
  inner.isList = shape.size() > 1;
  if (inner.isList)
    inner.shape.assign(shape.begin() + 1, shape.end());
  return inner;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

bool Value::operator==(const Value &other) const {
  if (content.index() != other.content.index())
    return false;
  if (const std::string *text = getText())
    return *text == *other.getText();
  if (const List *items = getList())
    return items == other.getList() || *items == *other.getList();
  return content == other.content;
}

static bool fitsScalar(const Value &value, Scalar scalar) {
  if (scalar == Scalar::Text)
    return value.getText();
  if (scalar == Scalar::I1)
    return value.getFlag();
  if (isFloat(scalar))
    return value.getNumber();
  const int64_t *integer = value.getInteger();
  unsigned unused = 64 - getWidth(scalar);
  return integer && int64_t(uint64_t(*integer) << unused) >> unused == *integer;
}

static bool fitsShape(const Value &value, ArrayRef<int64_t> shape, Scalar item) {
  if (value.isFailed())
    return true;
  if (shape.empty())
    return fitsScalar(value, item);
  const Value::List *items = value.getList();
  bool hasSize = items && (shape[0] == Type::unknownSize || size_t(shape[0]) == items->size());
  return hasSize && all_of(*items, [&](const Value &inner) {
           return fitsShape(inner, shape.drop_front(), item);
         });
}

bool fits(const Value &value, const Type &type) {
  if (!type.isList || !type.shape.empty())
    return fitsShape(value, type.shape, type.item);
  return fitsShape(value, {1}, type.item);
}

std::optional<size_t> countItems(ArrayRef<int64_t> shape) {
  size_t count = 1;
  for (int64_t size : shape) {
    if (size == Type::unknownSize)
      return std::nullopt;
    count *= size;
  }
  return count;
}

Value shapeItems(ArrayRef<Value> items, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> inner = shape.drop_front(shape.empty() ? 0 : 1);
  std::optional<size_t> size = countItems(inner);
  size_t count = size.value_or(0) ? items.size() / *size : 0;
  if (shape.empty())
    count = 1;
  else if (shape[0] != Type::unknownSize)
    count = shape[0];
  if (!size || count * *size != items.size())
    return failed;
  if (inner.empty())
    return Value::list(items.vec());
  Value::List rows;
  for (size_t row = 0; row < count; ++row)
    rows.push_back(shapeItems(items.slice(row * *size, *size), inner));
  return Value::list(std::move(rows));
}

static void appendKey(const Value &value, std::string &key) {
  auto appendBytes = [&](const void *bytes, size_t size) {
    key.append(static_cast<const char *>(bytes), size);
  };
  if (const std::string *text = value.getText()) {
    (key += 't').append(std::to_string(text->size())).append(":").append(*text);
  } else if (const Value::List *items = value.getList()) {
    (key += 'l').append(std::to_string(items->size())).append(":");
    for (const Value &item : *items)
      appendKey(item, key);
  } else if (const bool *flag = value.getFlag()) {
    key += *flag ? "1" : "0";
  } else if (const int64_t *integer = value.getInteger()) {
    appendBytes(integer, (key += 'i', sizeof(*integer)));
  } else if (const double *number = value.getNumber()) {
    double plain = *number == 0 ? 0 : *number; // both zeros are one value
    appendBytes(&plain, (key += 'f', sizeof(plain)));
  } else {
    key += '-';
  }
}

std::string getKey(const Value &value) {
  std::string key;
  appendKey(value, key);
  return key;
}

void printJson(const Value &value, raw_ostream &os) {
  if (const std::string *text = value.getText()) {
    os << nlohmann::json(*text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else if (const Value::List *items = value.getList()) {
    os << '[';
    interleaveComma(*items, os, [&](const Value &item) { printJson(item, os); });
    os << ']';
  } else if (const bool *flag = value.getFlag()) {
    os << (*flag ? "true" : "false");
  } else if (const int64_t *integer = value.getInteger()) {
    os << *integer;
  } else if (const double *number = value.getNumber()) {
    os << formatNumber(*number);
  } else {
    os << "null";
  }
}

} // namespace xcs::runtime

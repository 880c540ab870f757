//===- JsonReader.h - JSON that may be anything -----------------*- C++ -*-===//
//
// Reads the fields of a JSON document of a known form. The first thing that is not
// as expected is the error; what is read after it is empty.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_RUNTIME_JSONREADER_H
#define XCSLLM_LIB_RUNTIME_JSONREADER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace xcs::runtime {

using Json = nlohmann::json;

class JsonReader {
public:
  /// What is read at the time: the plan and the task, say. Prefix of the error.
  std::string where;
  std::string error; ///< empty if there is none

  void fail(const llvm::Twine &reason) {
    if (error.empty())
      error = (where.empty() ? llvm::Twine() : llvm::Twine(where) + ": ").concat(reason).str();
  }
  bool hasFailed() const { return !error.empty(); }

  /// The field, or null. A field that is null counts as absent.
  static const Json *find(const Json &object, const char *name) {
    if (!object.is_object())
      return nullptr;
    auto field = object.find(name);
    return field == object.end() || field->is_null() ? nullptr : &*field;
  }

  /// The field, which has to be there.
  const Json &get(const Json &object, const char *name) {
    const Json *field = find(object, name);
    if (!field)
      fail(llvm::Twine("must have '") + name + "'");
    return field ? *field : none;
  }

  const Json &getList(const Json &object, const char *name) {
    const Json &field = get(object, name);
    return expect(field, name, field.is_array(), "a list") ? field : empty;
  }

  /// A list, empty if it is not there.
  const Json &findList(const Json &object, const char *name) {
    return find(object, name) ? getList(object, name) : empty;
  }

  std::string getText(const Json &object, const char *name) {
    const Json &field = get(object, name);
    return expect(field, name, field.is_string(), "a text") ? field.get<std::string>() : "";
  }

  std::string findText(const Json &object, const char *name) {
    return find(object, name) ? getText(object, name) : "";
  }

  bool getFlag(const Json &object, const char *name) {
    const Json &field = get(object, name);
    return expect(field, name, field.is_boolean(), "true or false") && field.get<bool>();
  }

  int64_t getCount(const Json &object, const char *name, int64_t least = 0) {
    const Json &field = get(object, name);
    bool isInteger = field.is_number_integer() &&
                     (!field.is_number_unsigned() || field.get<uint64_t>() <= INT64_MAX);
    bool isCount = isInteger && field.get<int64_t>() >= least;
    std::string rule = "an integer of at least " + std::to_string(least);
    return expect(field, name, isCount, rule.c_str()) ? field.get<int64_t>() : least;
  }

  std::optional<int64_t> findCount(const Json &object, const char *name, int64_t least = 0) {
    return find(object, name) ? std::optional(getCount(object, name, least)) : std::nullopt;
  }

  std::optional<double> findNumber(const Json &object, const char *name) {
    const Json *field = find(object, name);
    if (!field || !expect(*field, name, field->is_number(), "a number"))
      return std::nullopt;
    return field->get<double>();
  }

  /// An index into something that has `size` entries.
  uint32_t getIndex(const Json &object, const char *name, size_t size) {
    int64_t index = getCount(object, name);
    if (!hasFailed() && size_t(index) >= size)
      fail(llvm::Twine("'") + name + "' must be less than " + llvm::Twine(size) + " (got " +
           llvm::Twine(index) + ")");
    return hasFailed() ? 0 : index;
  }

  std::vector<int64_t> findIntegers(const Json &object, const char *name) {
    std::vector<int64_t> integers;
    for (const Json &item : findList(object, name))
      if (expect(item, name, item.is_number_integer(), "a list of integers"))
        integers.push_back(item.get<int64_t>());
    return integers;
  }

  std::vector<std::string> findTexts(const Json &object, const char *name) {
    std::vector<std::string> texts;
    for (const Json &item : findList(object, name))
      if (expect(item, name, item.is_string(), "a list of texts"))
        texts.push_back(item.get<std::string>());
    return texts;
  }

private:
  bool expect(const Json &field, const char *name, bool isRight, const char *rule) {
    if (!isRight && !hasFailed())
      fail(llvm::Twine("'") + name + "' must be " + rule + " (got " + field.type_name() + ")");
    return isRight;
  }

  const Json none, empty = Json::array();
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_JSONREADER_H

//===- JsonScanner.cpp - JSON values in prose ------------------------------===//

#include "JsonScanner.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <nlohmann/json.hpp>

using namespace llvm;

namespace xcs::runtime {

/// The length of the string that `text` begins with, quotes included; 0 if none.
static size_t scanString(StringRef text) {
  for (size_t at = 1; text.starts_with("\"") && at < text.size(); ++at) {
    if (text[at] == '"')
      return at + 1;
    if (text[at] == '\\')
      ++at;
  }
  return 0;
}

/// The length of the scalar that `text` begins with; 0 if there is none.
static size_t scanScalar(StringRef text) {
  size_t size = scanString(text);
  if (!size && (text.starts_with("-") || (!text.empty() && isDigit(text[0])))) {
    size = std::min(text.find_first_not_of("+-.0123456789eE"), text.size());
    // `12.` is the number 12 and a full stop.
    while (size && !isJson(text.take_front(size)))
      --size;
    return size;
  }
  for (StringRef word : {"true", "false", "null"})
    if (text.starts_with(word))
      return word.size();
  return size && isJson(text.take_front(size)) ? size : 0;
}

static StringRef skipSpace(StringRef text) { return text.ltrim(" \t\r\n"); }

namespace {

/// Goes through one JSON value, from token to token.
class Scanner {
public:
  explicit Scanner(StringRef text) : rest(text) {}

  /// Skips a value, with all that is in it; false if there is none.
  bool skipValue() {
    size_t outer = open.size();
    do
      if (!skipToken())
        return false;
    while (open.size() > outer);
    return true;
  }

  StringRef rest;

private:
  static constexpr size_t deepest = 512;

  bool consume(char c) {
    rest = skipSpace(rest);
    return rest.consume_front(StringRef(&c, 1));
  }

  /// Skips the key and the colon of a member.
  bool skipKey() {
    rest = skipSpace(rest);
    size_t size = scanString(rest);
    if (!size || !xcs::isJson(rest.take_front(size)))
      return false;
    rest = rest.drop_front(size);
    return consume(':');
  }

  /// Closes what ends here, and goes on to the next item or member.
  bool finishValue() {
    while (!open.empty()) {
      if (consume(','))
        return open.back() == ']' || skipKey();
      if (!consume(open.back()))
        return false;
      open.pop_back();
    }
    return true;
  }

  bool skipToken() {
    rest = skipSpace(rest);
    bool isObject = rest.starts_with("{");
    if (!isObject && !rest.starts_with("[")) {
      size_t size = scanScalar(rest);
      rest = rest.drop_front(size);
      return size && finishValue();
    }
    rest = rest.drop_front();
    open.push_back(isObject ? '}' : ']');
    if (open.size() > deepest)
      return false;
    if (!consume(open.back()))
      return !isObject || skipKey();
    open.pop_back();
    return finishValue();
  }

  std::string open; ///< what closes the values that are open
};

} // namespace

/// The value that `text` begins with.
static std::optional<StringRef> scanValue(StringRef text) {
  Scanner scanner(text);
  if (!scanner.skipValue())
    return std::nullopt;
  return text.drop_back(scanner.rest.size());
}

std::optional<StringRef> findJson(StringRef text) {
  text = skipSpace(text);
  while (true) {
    if (std::optional<StringRef> value = scanValue(text))
      return value;
    size_t next = text.find_first_of("{[", 1);
    if (next == StringRef::npos)
      return std::nullopt;
    text = text.drop_front(next);
  }
}

/// Calls `visit` with each item of an array, or each key and value of an object.
template <typename Visit> static void visitItems(StringRef value, Visit visit) {
  bool isObject = value.starts_with("{");
  StringRef rest = skipSpace(value.drop_front());
  while (!rest.starts_with("]") && !rest.starts_with("}")) {
    StringRef key;
    if (isObject) {
      key = rest.take_front(scanString(rest));
      rest = skipSpace(skipSpace(rest.drop_front(key.size())).drop_front());
    }
    std::optional<StringRef> item = scanValue(rest);
    if (!item)
      return;
    visit(key, *item);
    rest = skipSpace(rest.drop_front(item->size()));
    if (rest.consume_front(","))
      rest = skipSpace(rest);
  }
}

std::optional<std::vector<StringRef>> getJsonItems(StringRef value) {
  if (!value.starts_with("["))
    return std::nullopt;
  std::vector<StringRef> items;
  visitItems(value, [&](StringRef, StringRef item) { items.push_back(item); });
  return items;
}

std::string readJsonString(StringRef string) {
  auto parsed = nlohmann::json::parse(string.begin(), string.end(), nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : "";
}

static std::string unescape(StringRef token) {
  std::string name;
  for (size_t at = 0; at < token.size(); ++at) {
    bool isEscape = token[at] == '~' && at + 1 < token.size();
    name += isEscape ? (token[++at] == '1' ? '/' : '~') : token[at];
  }
  return name;
}

/// The item or member that `token` names.
static std::optional<StringRef> step(StringRef value, StringRef token) {
  if (std::optional<std::vector<StringRef>> items = getJsonItems(value)) {
    size_t index;
    bool isIndex = (token == "0" || !token.starts_with("0")) && all_of(token, isDigit) &&
                   !token.getAsInteger(10, index);
    return isIndex && index < items->size() ? std::optional((*items)[index]) : std::nullopt;
  }
  std::optional<StringRef> found;
  std::string name = unescape(token);
  if (value.starts_with("{")) // the last of equal names counts
    visitItems(value, [&](StringRef key, StringRef item) {
      if (readJsonString(key) == name)
        found = item;
    });
  return found;
}

std::optional<StringRef> selectJsonSlice(StringRef value, StringRef pointer) {
  std::optional<StringRef> selected = value;
  while (selected && pointer.consume_front("/")) {
    StringRef token = pointer.take_until([](char c) { return c == '/'; });
    pointer = pointer.drop_front(token.size());
    selected = step(*selected, token);
  }
  return selected;
}

} // namespace xcs::runtime

//===- JsonScanner.cpp - JSON values in prose ------------------------------===//

#include "JsonScanner.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <nlohmann/json.hpp>
#include <set>

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

static bool isJson(StringRef text) { return nlohmann::json::accept(text.begin(), text.end()); }

/// The length of the number that `text` begins with; 0 if there is none. What follows is
/// not looked at: of `12.` the full stop.
static size_t scanNumber(StringRef text) {
  StringRef rest = text;
  auto skipDigits = [&](StringRef &from) {
    size_t size = from.size();
    from = from.drop_while(isDigit);
    return from.size() < size;
  };
  rest.consume_front("-");
  if (!rest.consume_front("0") && !skipDigits(rest))
    return 0;
  StringRef fraction = rest;
  if (fraction.consume_front(".") && skipDigits(fraction))
    rest = fraction;
  StringRef exponent = rest;
  if (exponent.consume_front_insensitive("e")) {
    if (!exponent.consume_front("-"))
      exponent.consume_front("+");
    if (skipDigits(exponent))
      rest = exponent;
  }
  return text.size() - rest.size();
}

/// The length of the scalar that `text` begins with; 0 if there is none.
static size_t scanScalar(StringRef text) {
  for (StringRef word : {"true", "false", "null"})
    if (text.starts_with(word))
      return word.size();
  size_t size = text.starts_with("\"") ? scanString(text) : scanNumber(text);
  // A string may have escapes that are none, and a number may be out of range.
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

  /// A value that is open: what closes it, and where it begins.
  struct Open {
    char end;
    const char *begin;
  };

  StringRef rest;
  SmallVector<Open, 16> open;
  bool isTooDeep = false;

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
    if (!size || !isJson(rest.take_front(size)))
      return false;
    rest = rest.drop_front(size);
    return consume(':');
  }

  /// Closes what ends here, and goes on to the next item or member.
  bool finishValue() {
    while (!open.empty()) {
      if (consume(','))
        return open.back().end == ']' || skipKey();
      if (!consume(open.back().end))
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
    isTooDeep = open.size() == deepest;
    if (isTooDeep)
      return false;
    open.push_back({isObject ? '}' : ']', rest.data()});
    rest = rest.drop_front();
    if (!consume(open.back().end))
      return !isObject || skipKey();
    open.pop_back();
    return finishValue();
  }
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
  // Where values begin that are known to be none: those that were open when one around
  // them turned out to be none end where it does. So all is looked at twice at most, as
  // what stands in strings and as what does not.
  std::set<const char *> broken;
  while (!text.empty()) {
    if (!broken.count(text.data())) {
      Scanner scanner(text);
      if (scanner.skipValue())
        return text.drop_back(scanner.rest.size());
      if (scanner.isTooDeep)
        return std::nullopt; // rather than some value that is in it
      for (const Scanner::Open &open : scanner.open)
        broken.insert(open.begin);
    }
    text = text.substr(text.find_first_of("{[", 1));
    broken.erase(broken.begin(), broken.lower_bound(text.data()));
  }
  return std::nullopt;
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

std::vector<std::pair<StringRef, StringRef>> getJsonMembers(StringRef value) {
  std::vector<std::pair<StringRef, StringRef>> members;
  if (value.starts_with("{"))
    visitItems(value, [&](StringRef key, StringRef item) { members.push_back({key, item}); });
  return members;
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
  for (auto [key, item] : getJsonMembers(value)) // the last of equal names counts
    if (readJsonString(key) == name)
      found = item;
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

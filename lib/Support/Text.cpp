//===- Text.cpp - Prompts and responses as texts ---------------------------===//

#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <re2/re2.h>

using namespace llvm;

//===----------------------------------------------------------------------===//
// Templates
//===----------------------------------------------------------------------===//

Expected<xcs::TemplateParts> xcs::parseTemplate(StringRef format) {
  TemplateParts parts;
  parts.literals.emplace_back();
  auto stray = [&](size_t at, const Twine &rule) {
    return createStringError(rule + " (got '" + format.substr(at, 1) + "' at byte " + Twine(at) +
                             ")");
  };
  for (size_t at = 0; at < format.size();) {
    size_t brace = std::min(format.find_first_of("{}", at), format.size());
    parts.literals.back() += format.slice(at, brace);
    if (brace == format.size())
      break;
    if (format.substr(brace + 1, 1) == format.substr(brace, 1)) {
      parts.literals.back() += format[brace];
      at = brace + 2;
      continue;
    }
    if (format[brace] == '}')
      return stray(brace, "literal braces must be doubled");
    size_t end = format.find('}', brace);
    if (end == StringRef::npos)
      return stray(brace, "a placeholder must be closed");
    StringRef name = format.slice(brace + 1, end);
    auto isNameChar = [](char c) {
      return isAlnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    };
    if (name.empty() || isDigit(name.front()) || !all_of(name, isNameChar))
      return createStringError("a placeholder must be a name (got '{" + name + "}' at byte " +
                               Twine(brace) + ")");
    auto *known = find(parts.names, name);
    parts.slots.push_back(known - parts.names.begin());
    if (known == parts.names.end())
      parts.names.push_back(name);
    parts.literals.emplace_back();
    at = end + 1;
  }
  return parts;
}

std::string xcs::TemplateParts::render(ArrayRef<std::string> operands) const {
  std::string text = literals.front();
  for (auto [slot, literal] : zip(slots, drop_begin(literals))) {
    text += operands[slot];
    text += literal;
  }
  return text;
}

// RFC 8785 prints as ECMAScript does: the shortest digits that read back, plain
// from 1e-6 up to 1e21, else with an exponent.
std::string xcs::formatNumber(double number) {
  if (number == 0)
    return "0";
  char buffer[32];
  auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), std::fabs(number),
                                    std::chars_format::scientific);
  StringRef scientific(buffer, end - buffer);
  auto [mantissa, exponentText] = scientific.split('e');
  int exponent = 0;
  exponentText.consume_front("+");
  exponentText.getAsInteger(10, exponent);
  std::string digits = mantissa.str();
  erase(digits, '.');
  int count = digits.size(), point = exponent + 1;
  std::string sign = number < 0 ? "-" : "";
  if (point > 21 || point <= -6) {
    std::string fraction = count > 1 ? "." + digits.substr(1) : "";
    return sign + digits[0] + fraction + "e" + (exponent < 0 ? "-" : "+") +
           std::to_string(std::abs(exponent));
  }
  if (point <= 0)
    return sign + "0." + std::string(-point, '0') + digits;
  if (point >= count)
    return sign + digits + std::string(point - count, '0');
  return sign + digits.substr(0, point) + "." + digits.substr(point);
}

//===----------------------------------------------------------------------===//
// Responses
//===----------------------------------------------------------------------===//

static re2::StringPiece piece(StringRef text) { return {text.data(), text.size()}; }

/// What `compute` says of a text, remembered: a program repeats its patterns and
/// schemas many times over. The answer is valid until the next call.
template <typename T, typename Compute> static const T &recall(StringRef text, Compute compute) {
  constexpr unsigned manyTexts = 256;
  thread_local StringMap<T> known;
  auto found = known.find(text);
  if (found != known.end())
    return found->second;
  if (known.size() >= manyTexts)
    known.clear();
  return known.try_emplace(text, compute()).first->second;
}

static const re2::RE2 &getRegex(StringRef pattern) {
  return *recall<std::unique_ptr<re2::RE2>>(pattern, [&] {
    re2::RE2::Options options;
    options.set_log_errors(false);
    return std::make_unique<re2::RE2>(piece(pattern), options);
  });
}

StringRef xcs::readText(StringRef response) { return response.trim(" \t\n\v\f\r"); }

/// The integer that a decimal without a sign or commas stands for, exactly.
static std::optional<uint64_t> readInteger(StringRef decimal) {
  auto [mantissa, exponentText] = decimal.split(decimal.contains('e') ? 'e' : 'E');
  auto [whole, fraction] = mantissa.split('.');
  std::string digits = (whole + fraction).str();
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty())
    return 0;
  exponentText.consume_front("+");
  constexpr int64_t manyDigits = 20;
  int64_t exponent = 0, size = digits.size();
  if (!exponentText.empty() && exponentText.getAsInteger(10, exponent))
    return std::nullopt;
  exponent -= fraction.size();
  if (exponent > manyDigits || exponent <= -size)
    return std::nullopt;
  if (exponent < 0 && !StringRef(digits).take_back(-exponent).ltrim('0').empty())
    return std::nullopt;
  digits.resize(size + exponent, '0');
  uint64_t integer;
  return StringRef(digits).getAsInteger(10, integer) ? std::nullopt : std::optional(integer);
}

std::optional<xcs::Number> xcs::readNumber(StringRef response) {
  static const re2::RE2 pattern(R"(([-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?))");
  re2::StringPiece rest = piece(response), match, last;
  while (re2::RE2::FindAndConsume(&rest, pattern, &match))
    last = match;
  if (last.empty())
    return std::nullopt;
  std::string digits(last.data(), last.size());
  erase(digits, ',');
  StringRef decimal(digits);
  bool isNegative = decimal.consume_front("-");
  decimal.consume_front("+");
  double magnitude = 0;
  // Out of range gives an infinity, or zero for what is too small to tell.
  auto [end, error] = std::from_chars(decimal.begin(), decimal.end(), magnitude);
  if (error == std::errc::result_out_of_range)
    magnitude = std::strtod(decimal.data(), nullptr);
  if (!std::isfinite(magnitude))
    return std::nullopt;
  Number number{isNegative ? -magnitude : magnitude, std::nullopt};
  constexpr uint64_t limit = uint64_t(1) << 63;
  std::optional<uint64_t> integer = readInteger(decimal);
  if (integer && *integer < limit + isNegative)
    number.integer = isNegative ? -*integer : *integer;
  return number;
}

/// Whether `[begin, end)` of `response` is neither preceded nor followed by a
/// letter, a digit or `_`, of any script.
static bool isWholeWord(StringRef response, size_t begin, size_t end) {
  static const re2::RE2 wordBefore(R"([\pL\p{Nd}_]$)"), wordAfter(R"(^[\pL\p{Nd}_])");
  constexpr size_t longestCodePoint = 4;
  size_t first = begin - std::min(begin, longestCodePoint);
  // Do not begin in the middle of a code point.
  while (first < begin && (response[first] & 0xC0) == 0x80)
    ++first;
  StringRef after = response.substr(end, longestCodePoint);
  return !re2::RE2::PartialMatch(piece(response.slice(first, begin)), wordBefore) &&
         !re2::RE2::PartialMatch(piece(after), wordAfter);
}

/// Where `word` first occurs as a whole word, in any case.
static size_t findWord(StringRef response, StringRef word) {
  const re2::RE2 &regex = getRegex("(?i)" + re2::RE2::QuoteMeta(piece(word)));
  re2::StringPiece match;
  for (size_t from = 0; regex.ok() && regex.Match(piece(response), from, response.size(),
                                                  re2::RE2::UNANCHORED, &match, 1);) {
    size_t begin = match.data() - response.data();
    if (isWholeWord(response, begin, begin + match.size()))
      return begin;
    from = begin + 1;
  }
  return StringRef::npos;
}

std::optional<int64_t> xcs::readChoice(StringRef response, ArrayRef<StringRef> choices) {
  size_t earliest = StringRef::npos;
  std::optional<int64_t> chosen;
  for (auto [index, choice] : enumerate(choices)) {
    size_t at = findWord(response, choice);
    if (at < earliest || (chosen && at == earliest && choice.size() > choices[*chosen].size())) {
      earliest = at;
      chosen = index;
    }
  }
  return chosen;
}

std::optional<bool> xcs::readBoolean(StringRef response) {
  std::optional<int64_t> word = readChoice(response, {"no", "false", "yes", "true"});
  return word ? std::optional<bool>(*word >= 2) : std::nullopt;
}

std::optional<std::string> xcs::readRegex(StringRef response, StringRef pattern) {
  const re2::RE2 &regex = getRegex(pattern);
  if (!regex.ok())
    return std::nullopt;
  re2::StringPiece groups[2];
  int wanted = regex.NumberOfCapturingGroups() > 0 ? 2 : 1;
  if (!regex.Match(piece(response), 0, response.size(), re2::RE2::UNANCHORED, groups, wanted))
    return std::nullopt;
  re2::StringPiece found = groups[wanted - 1];
  // A group that takes no part in the match has no text.
  if (!found.data())
    return std::nullopt;
  return std::string(found.data(), found.size());
}

std::string xcs::regexError(StringRef pattern) {
  const re2::RE2 &regex = getRegex(pattern);
  return regex.ok() ? "" : regex.error();
}

std::string xcs::makeLine(StringRef text, size_t longest) {
  std::string line, fixed = json::isUTF8(text) ? text.str() : json::fixUTF8(text);
  for (char c : StringRef(fixed).trim()) {
    bool isSpace = static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == ' ';
    if (isSpace && StringRef(line).ends_with(" "))
      continue;
    line += isSpace ? ' ' : c;
  }
  if (line.size() > longest) {
    size_t end = longest; // not within a character
    while (end && (line[end] & 0xc0) == 0x80)
      --end;
    line = line.substr(0, end) + "…";
  }
  return line;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

using Json = nlohmann::json;

static Json parseJson(StringRef text) {
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

bool xcs::isJson(StringRef text) {
  return recall<bool>(text, [&] { return Json::accept(text.begin(), text.end()); });
}

/// The member of an object or the item of an array that `token` names.
static const Json *step(const Json &from, StringRef token) {
  if (from.is_array()) {
    size_t index;
    bool isIndex = (token == "0" || !token.starts_with("0")) && !token.getAsInteger(10, index);
    return isIndex && index < from.size() ? &from[index] : nullptr;
  }
  if (!from.is_object())
    return nullptr;
  std::string name;
  for (size_t at = 0; at < token.size(); ++at)
    name += token[at] == '~' ? (token[++at] == '1' ? '/' : '~') : token[at];
  auto member = from.find(name);
  return member == from.end() ? nullptr : &*member;
}

static std::optional<xcs::JsonScalar> getScalar(const Json &value) {
  if (value.is_string())
    return value.get<std::string>();
  if (value.is_boolean())
    return value.get<bool>();
  if (!value.is_number())
    return std::nullopt;
  xcs::Number number{value.get<double>(), std::nullopt};
  bool fits = !value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t(INT64_MAX);
  if (value.is_number_integer() && fits)
    number.integer = value.get<int64_t>();
  return number;
}

std::optional<xcs::JsonSelection> xcs::selectJson(StringRef response, StringRef pointer) {
  StringRef text = readText(response);
  if (!text.starts_with("{") && !text.starts_with("["))
    return std::nullopt;
  Json document = parseJson(text);
  const Json *value = document.is_discarded() ? nullptr : &document;
  while (value && pointer.consume_front("/")) {
    StringRef token = pointer.take_until([](char c) { return c == '/'; });
    pointer = pointer.drop_front(token.size());
    value = step(*value, token);
  }
  if (!value || value->is_object())
    return std::nullopt;
  JsonSelection selection{value->is_array(), {}};
  auto take = [&](const Json &item) {
    std::optional<JsonScalar> scalar = getScalar(item);
    if (scalar)
      selection.items.push_back(std::move(*scalar));
    return scalar.has_value();
  };
  bool isRead = selection.isList ? all_of(*value, take) : take(*value);
  return isRead ? std::optional(std::move(selection)) : std::nullopt;
}

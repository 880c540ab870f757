//===- Text.cpp - Prompts and responses as texts ---------------------------===//

#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/StringExtras.h"
#include <charconv>
#include <cmath>
#include <re2/re2.h>

using namespace llvm;

//===----------------------------------------------------------------------===//
// Templates
//===----------------------------------------------------------------------===//

Expected<xcs::TemplateParts> xcs::parseTemplate(StringRef format) {
  TemplateParts parts;
  parts.literals.emplace_back();
  auto stray = [&](size_t at, const Twine &rule) {
    return createStringError(rule + " (got '" + format.substr(at, 1) +
                             "' at byte " + Twine(at) + ")");
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
    auto isNameChar = [](char c) { return isAlnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; };
    if (name.empty() || isDigit(name.front()) || !all_of(name, isNameChar))
      return createStringError("a placeholder must be a name (got '{" + name +
                               "}' at byte " + Twine(brace) + ")");
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

StringRef xcs::readText(StringRef response) { return response.trim(" \t\n\v\f\r"); }

std::optional<xcs::Number> xcs::readNumber(StringRef response) {
  static const re2::RE2 pattern(R"(([-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?))");
  re2::StringPiece rest = piece(response), match, last;
  while (re2::RE2::FindAndConsume(&rest, pattern, &match))
    last = match;
  if (last.empty())
    return std::nullopt;
  std::string digits(last.data(), last.size());
  erase(digits, ',');
  StringRef unsignedDigits(digits);
  unsignedDigits.consume_front("+");
  Number number{0, std::nullopt};
  // Out of range gives an infinity, or zero for what is too small to tell.
  auto [end, error] = std::from_chars(unsignedDigits.begin(), unsignedDigits.end(), number.value);
  if (error == std::errc::result_out_of_range)
    number.value = std::strtod(digits.c_str(), nullptr);
  if (!std::isfinite(number.value))
    return std::nullopt;
  int64_t integer;
  if (!unsignedDigits.getAsInteger(10, integer))
    number.integer = integer;
  else if (number.value == std::trunc(number.value) && std::fabs(number.value) < 0x1p63)
    number.integer = static_cast<int64_t>(number.value);
  return number;
}

static re2::RE2::Options quiet() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return options;
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
  StringRef after = response.drop_front(end);
  return !re2::RE2::PartialMatch(piece(response.slice(first, begin)), wordBefore) &&
         !re2::RE2::PartialMatch(piece(after), wordAfter);
}

/// Where `word` first occurs as a whole word, in any case.
static size_t findWord(StringRef response, StringRef word) {
  re2::RE2 regex("(?i)" + re2::RE2::QuoteMeta(piece(word)), quiet());
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
  re2::RE2 regex(piece(pattern), quiet());
  if (!regex.ok())
    return std::nullopt;
  re2::StringPiece groups[2];
  int wanted = regex.NumberOfCapturingGroups() > 0 ? 2 : 1;
  if (!regex.Match(piece(response), 0, response.size(),
                   re2::RE2::UNANCHORED, groups, wanted))
    return std::nullopt;
  re2::StringPiece found = groups[wanted - 1];
  // A group that takes no part in the match has no text.
  if (!found.data())
    return std::nullopt;
  return std::string(found.data(), found.size());
}

std::string xcs::regexError(StringRef pattern) {
  re2::RE2 regex(piece(pattern), quiet());
  return regex.ok() ? "" : regex.error();
}

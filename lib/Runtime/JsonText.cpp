//===- JsonText.cpp - JSON from strangers ----------------------------------===//

#include "JsonText.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace xcs::runtime {

namespace {

/// Builds the value, and notes where it cannot be one.
class Builder : public nlohmann::detail::json_sax_dom_parser<Json> {
  using Base = nlohmann::detail::json_sax_dom_parser<Json>;

public:
  Builder(Json &json, size_t deepest) : Base(json, /*allow_exceptions=*/false), deepest(deepest) {}

  bool start_object(size_t size) { return ++depth <= deepest && Base::start_object(size); }
  bool end_object() { return --depth, Base::end_object(); }
  bool start_array(size_t size) { return ++depth <= deepest && Base::start_array(size); }
  bool end_array() { return --depth, Base::end_array(); }
  template <typename Exception>
  bool parse_error(size_t position, const std::string &, const Exception &) {
    errorAt = position;
    return false;
  }

  const size_t deepest;
  size_t depth = 0, errorAt = 0;
};

} // namespace

Expected<Json> parseJson(StringRef text, TextPlace place, size_t deepest) {
  Json json;
  Builder builder(json, deepest);
  if (Json::sax_parse(text.begin(), text.end(), &builder)) {
    size_t end = text.find('\0'); // where the parser takes the text to end
    if (end == StringRef::npos)
      return json;
    builder.errorAt = end + 1;
  }
  if (builder.depth > deepest) {
    std::string reason = "nested deeper than " + std::to_string(deepest);
    return createStringError(place.file.empty() ? reason : (place.file + ": " + reason).str());
  }
  // The position is that behind the byte that is wrong.
  StringRef before = text.take_front(builder.errorAt ? builder.errorAt - 1 : 0);
  size_t line = before.count('\n') + place.line,
         column = before.size() - (before.rfind('\n') + 1) + 1;
  if (place.file.empty())
    return createStringError("no JSON at line " + Twine(line) + ", column " + Twine(column));
  return createStringError(place.file + ":" + Twine(line) + ":" + Twine(column) + ": no JSON");
}

std::string extendPointer(StringRef pointer, StringRef step) {
  std::string extended = (pointer + "/").str();
  for (char c : step)
    extended += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return extended;
}

void appendJsonString(StringRef text, std::string &json) {
  std::string fixed;
  if (LLVM_UNLIKELY(!json::isUTF8(text)))
    text = fixed = json::fixUTF8(text);
  json += '"';
  size_t plain = 0; // where what needs no escape begins
  for (size_t at = 0; at < text.size(); ++at) {
    unsigned char c = text[at];
    if (LLVM_LIKELY(c >= 0x20 && c != '"' && c != '\\'))
      continue;
    json.append(text.data() + plain, at - plain);
    plain = at + 1;
    static constexpr char digits[] = "0123456789abcdef";
    if (c == '"' || c == '\\')
      (json += '\\') += char(c);
    else if (c == '\n')
      json += "\\n";
    else
      (json.append("\\u00") += digits[c >> 4]) += digits[c & 15];
  }
  json.append(text.data() + plain, text.size() - plain);
  json += '"';
}

} // namespace xcs::runtime

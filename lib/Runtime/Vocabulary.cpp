//===- Vocabulary.cpp - What stand-ins say ---------------------------------===//

#include "XcsLLM/Runtime/StandIn.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <nlohmann/json.hpp>

using namespace llvm;

namespace xcs::runtime {
using nlohmann::json;

uint64_t Dice::next() {
  // SplitMix64, by Sebastiano Vigna.
  uint64_t z = (state += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

//===----------------------------------------------------------------------===//
// Examples of patterns
//===----------------------------------------------------------------------===//

namespace {

/// Reads a pattern, and writes an example of it on the way.
class ExampleMaker {
public:
  ExampleMaker(StringRef pattern, Dice &dice) : rest(pattern), dice(dice) {}

  /// One of the alternatives, up to a closing parenthesis or the end.
  std::string makeAlternatives() {
    std::vector<std::string> examples = {makeSequence()};
    while (rest.consume_front("|"))
      examples.push_back(makeSequence());
    return dice.pick(examples);
  }

private:
  std::string makeSequence() {
    std::string example;
    while (!rest.empty() && rest[0] != '|' && rest[0] != ')') {
      // What is repeated is read again each time.
      StringRef atom = rest;
      std::string text = makeAtom();
      uint64_t count = readCount();
      StringRef behind = rest;
      for (uint64_t at = 0; at < count; ++at) {
        example += text;
        rest = atom;
        text = makeAtom();
      }
      rest = behind;
    }
    return example;
  }

  std::string makeAtom() {
    if (rest.consume_front("(")) {
      if (rest.consume_front("?")) // flags, or a name
        rest = rest.drop_front(std::min(rest.find_first_of(":>)") + 1, rest.size()));
      std::string example = makeAlternatives();
      rest.consume_front(")");
      return example;
    }
    if (rest.consume_front("["))
      return makeClass();
    char c = rest[0];
    rest = rest.drop_front();
    if (c == '\\' && !rest.empty())
      return makeEscape();
    if (c == '.')
      return std::string(1, dice.pick(StringRef("abc 7")));
    return c == '^' || c == '$' ? "" : std::string(1, c);
  }

  std::string makeEscape() {
    char c = rest[0];
    rest = rest.drop_front();
    if (c == 'd')
      return std::string(1, '0' + dice.roll(10));
    if (c == 's')
      return " ";
    if (c == 'n')
      return "\n";
    if (c == 'b')
      return "";
    return isAlpha(c) ? "x" : std::string(1, c);
  }

  std::string makeClass() {
    bool isNegated = rest.consume_front("^");
    std::vector<std::string> options;
    while (!rest.empty() && (rest[0] != ']' || options.empty())) {
      char first = rest[0];
      rest = rest.drop_front();
      if (first == '\\' && !rest.empty()) {
        options.push_back(makeEscape());
        continue;
      }
      char last = first;
      if (rest.size() > 1 && rest[0] == '-' && rest[1] != ']') {
        last = rest[1];
        rest = rest.drop_front(2);
      }
      options.push_back(std::string(1, first + dice.roll(std::max(1, last - first + 1))));
    }
    rest.consume_front("]");
    return isNegated || options.empty() ? "x" : dice.pick(options);
  }

  /// How often what was read before comes, up to three times.
  uint64_t readCount() {
    uint64_t least = 1, most = 1;
    if (rest.consume_front("*"))
      least = 0, most = 3;
    else if (rest.consume_front("+"))
      most = 3;
    else if (rest.consume_front("?"))
      least = 0;
    else if (rest.starts_with("{") && rest.size() > 1 && isDigit(rest[1])) {
      StringRef bounds = rest.slice(1, rest.find('}'));
      rest = rest.drop_front(std::min(bounds.size() + 2, rest.size()));
      auto [from, to] = bounds.split(',');
      from.getAsInteger(10, least);
      most = least;
      if (bounds.contains(',') && to.getAsInteger(10, most))
        most = least + 2;
    } else {
      return 1;
    }
    rest.consume_front("?"); // as few as can be
    least = std::min<uint64_t>(least, 64);
    most = std::min(std::max(most, least), least + 3);
    return least + dice.roll(most - least + 1);
  }

  StringRef rest;
  Dice &dice;
};

} // namespace

std::string makeExample(StringRef pattern, Dice &dice) {
  return ExampleMaker(pattern, dice).makeAlternatives();
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

Vocabulary::Vocabulary(const Document &document) {
  for (const Plan &plan : document.plans)
    for (const Task &task : plan.tasks) {
      auto *parse = std::get_if<Parse>(&task.details);
      if (!parse)
        continue;
      labels.insert(labels.end(), parse->choices.begin(), parse->choices.end());
      if (parse->format == ParseFormat::Regex)
        patterns.push_back(parse->selector);
      if (parse->format == ParseFormat::Json)
        members.push_back({parse->selector, task.outputs[0]});
    }
  auto makeUnique = [](auto &list, auto key) {
    llvm::sort(list, [&](const auto &a, const auto &b) { return key(a) < key(b); });
    list.erase(llvm::unique(list, [&](const auto &a, const auto &b) { return key(a) == key(b); }),
               list.end());
  };
  auto isItself = [](const std::string &text) { return text; };
  makeUnique(labels, isItself);
  makeUnique(patterns, isItself);
  makeUnique(members, [](const Member &member) {
    return std::make_tuple(member.pointer, member.type.item, member.type.shape);
  });
}

static json makeJsonScalar(Dice &dice, Scalar type) {
  static const std::vector<const char *> texts = {"a", "b", "c {d}", "q\"r", "雪\n"};
  if (type == Scalar::Text)
    return dice.pick(texts);
  if (type == Scalar::I1)
    return dice.oneIn(2);
  if (isFloat(type))
    return dice.roll(101) / 100.0;
  return int64_t(dice.roll(8)) - 2;
}

std::string Vocabulary::sayJson(Dice &dice) const {
  json answer = json::object();
  for (const Member &member : members) {
    json value = makeJsonScalar(dice, member.type.item);
    if (member.type.isList) {
      int64_t size = member.type.shape.empty() ? 1 : member.type.shape[0];
      value = json::array();
      for (int64_t at = size == Type::unknownSize ? dice.roll(4) : size; at > 0; --at)
        value.push_back(makeJsonScalar(dice, member.type.item));
    }
    // Now and then one is missing.
    json *at = member.pointer.empty() || dice.oneIn(10) ? nullptr : &answer;
    SmallVector<StringRef> names;
    StringRef(member.pointer).ltrim('/').split(names, '/');
    for (StringRef name : names)
      if (at && (at->is_object() || at->is_null()))
        at = &(*at)[name.str()];
      else
        at = nullptr;
    if (at)
      *at = std::move(value);
  }
  return answer.dump();
}

std::string Vocabulary::say(uint64_t seed) const {
  static const std::vector<const char *> verdicts = {
      "Yes.", "No", "true", "FALSE!", "Perhaps {so}?", "Say \"no\".", "Naïve 雪"};
  Dice dice(seed);
  std::vector<std::string> numbers = {std::to_string(int64_t(dice.roll(16)) - 3),
                                      "0." + std::to_string(dice.roll(100)), "1,234", "2e3"};
  std::vector<std::string> parts = {dice.pick(verdicts), "I count " + dice.pick(numbers),
                                    sayJson(dice)};
  if (!labels.empty())
    parts.push_back(dice.pick(labels));
  if (!patterns.empty())
    parts.push_back(makeExample(dice.pick(patterns), dice));
  for (size_t at = parts.size() - 1; at > 0; --at)
    std::swap(parts[at], parts[dice.roll(at + 1)]);
  parts.resize(1 + dice.roll(parts.size()));
  return join(parts, dice.oneIn(2) ? " " : "\n");
}

std::string Vocabulary::sayFor(ArrayRef<const Task *> readers, uint64_t seed) const {
  Dice dice(seed);
  // The first flag, label or object counts, and the last number.
  std::vector<std::pair<unsigned, std::string>> parts;
  for (const Task *reader : readers) {
    const Parse &parse = std::get<Parse>(reader->details);
    switch (parse.format) {
    case ParseFormat::Boolean:
      parts.push_back({0, dice.oneIn(2) ? "Yes." : "No."});
      break;
    case ParseFormat::Choice:
      if (!parse.choices.empty())
        parts.push_back({1, dice.pick(parse.choices)});
      break;
    case ParseFormat::Json:
      parts.push_back({2, sayJson(dice)});
      break;
    case ParseFormat::Regex:
      parts.push_back({3, makeExample(parse.selector, dice)});
      break;
    case ParseFormat::Number:
      parts.push_back({4, std::to_string(dice.roll(16))});
      break;
    case ParseFormat::Text:
      break;
    }
  }
  llvm::sort(parts);
  std::string text;
  for (const auto &[place, part] : parts)
    text += (text.empty() ? "" : "\n") + part;
  return text;
}

} // namespace xcs::runtime

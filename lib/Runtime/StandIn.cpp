//===- StandIn.cpp - Models and tools that are none ------------------------===//

#include "XcsLLM/Runtime/StandIn.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace xcs::runtime {

/// One number for several texts; none runs into the next.
static uint64_t digest(std::initializer_list<StringRef> parts) {
  std::string text;
  for (StringRef part : parts)
    text.append(std::to_string(part.size())).append(":").append(part.str());
  return xxh3_64bits(StringRef(text));
}

//===----------------------------------------------------------------------===//
// Which sample
//===----------------------------------------------------------------------===//

std::string getIdentity(const Call &call, int64_t sample) {
  const Request &request = call.get<Request>();
  if (request.isDeterministic)
    return "";
  ArrayRef<int64_t> ids = call.task.sampleIds;
  int64_t samples = request.samples.value_or(1), number = 0, all = samples;
  std::string place, unknownPlace;
  for (const Iteration &iteration : call.path) {
    std::string index = "/" + std::to_string(iteration.index);
    place += index;
    if (std::optional<int64_t> items = iteration.scope->items) {
      number = number * *items + iteration.index;
      all *= *items;
    } else {
      unknownPlace += index;
    }
  }
  if (int64_t(ids.size()) == all)
    return std::to_string(ids[number * samples + sample]) + unknownPlace;
  if (int64_t(ids.size()) == samples)
    return std::to_string(ids[sample]) + place;
  return "@" + call.task.id + place + "/" + std::to_string(sample);
}

/// What tells a sample from all others, but for those that are to be equal to it.
static uint64_t getKey(const Call &call, int64_t sample) {
  uint64_t request =
      digest({call.get<Request>().parameters, getKey(Value::list(call.inputs.vec()))});
  return digest({std::to_string(request), getIdentity(call, sample)});
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

/// What tells something that a task does from all else in the run. Equal requests have
/// one key, and are made to fail together, but where programs run each fails by itself.
static uint64_t getEvent(const Call &call, uint64_t key, StringRef what = "") {
  std::string place;
  for (const Iteration &iteration : call.path)
    place += "/" + std::to_string(iteration.index);
  return digest({"event", call.task.id, place, std::to_string(key), what});
}

bool StandIn::fails(uint64_t key, uint64_t event) {
  asked.canFail.insert(key);
  if (!failing.contains(key) || pardoned.contains(event))
    return false;
  asked.failed.insert(key);
  asked.events.insert(event);
  return true;
}

static Value makeScore(Dice &dice) { return Value::number(dice.roll(101) / 100.0); }

/// Scores of labels, which are a distribution.
static Value::List makeScores(size_t labels, Dice &dice) {
  std::vector<double> weights;
  double sum = 0;
  for (size_t at = 0; at < labels; ++at)
    sum += weights.emplace_back(1.0 + dice.roll(100));
  Value::List scores;
  for (double weight : weights)
    scores.push_back(Value::number(weight / sum));
  return scores;
}

/// There are few different samples of a request, so that votes have winners.
static Value makeAnswer(const Call &call, uint64_t key, const Vocabulary &vocabulary) {
  constexpr uint64_t candidates[] = {0, 0, 0, 1, 1, 2};
  Type type = call.get<Request>().samples ? call.getType().getInner() : call.getType();
  uint64_t request =
      digest({call.get<Request>().parameters, getKey(Value::list(call.inputs.vec()))});
  uint64_t candidate = candidates[Dice(key).roll(std::size(candidates))];
  Dice dice(request + candidate);
  if (call.task.kind == TaskKind::Generate)
    return Value::text(vocabulary.say(dice.next()));
  if (!type.isList)
    return makeScore(dice);
  size_t count = countItems(type.shape).value_or(0);
  if (call.task.kind == TaskKind::Score)
    return shapeItems(makeScores(count, dice), type.shape);
  Value::List items;
  for (size_t at = 0; at < count; ++at)
    items.push_back(Value::number(float(dice.roll(2001) / 1000.0 - 1)));
  return shapeItems(items, type.shape);
}

static bool canRead(const Value &text, ArrayRef<const Task *> readers) {
  return all_of(readers, [&](const Task *reader) {
    const Type &type = reader->outputs.front();
    return !readResponse(std::get<Parse>(reader->details), *text.getText(), type).isFailed();
  });
}

Value inventAnswer(const Call &call, int64_t sample, const Vocabulary &vocabulary,
                   ArrayRef<const Task *> readers) {
  constexpr unsigned tries = 64;
  Value first = makeAnswer(call, getKey(call, sample), vocabulary), answer = first;
  if (call.task.kind != TaskKind::Generate || readers.empty())
    return first;
  Dice dice(digest({"readable", *first.getText()}));
  for (unsigned at = 0; at < tries; ++at) {
    if (canRead(answer, readers))
      return answer;
    answer =
        Value::text(at % 2 ? vocabulary.say(dice.next()) : vocabulary.sayFor(readers, dice.next()));
  }
  return first;
}

Value StandIn::ask(const Call &call) {
  int64_t samples = call.get<Request>().samples.value_or(1);
  ++asked.requests;
  asked.samples += samples;
  Value::List answers;
  std::vector<uint64_t> keys;
  for (int64_t sample = 0; sample < samples; ++sample) {
    uint64_t key = keys.emplace_back(getKey(call, sample));
    ++asked.keys[key];
    bool isFailure = fails(key, getEvent(call, key, std::to_string(sample)));
    answers.push_back(isFailure ? failed : makeAnswer(call, key, vocabulary));
  }
  if (!call.get<Request>().samples)
    return answers[0];
  asked.lists.insert(std::move(keys));
  return giveList(call, std::move(answers));
}

/// The answers of a request of several samples, or that it has failed.
Value StandIn::giveList(const Call &call, Value::List answers) {
  if (!all_of(answers, [](const Value &value) { return value.isFailed(); }))
    return Value::list(std::move(answers));
  asked.hasFailedList = true;
  uint64_t event = getEvent(call, 0, "list");
  asked.events.insert(event);
  return givesLists != pardoned.contains(event) ? Value::list(std::move(answers)) : failed;
}

static std::string print(const Value &value) {
  std::string text;
  raw_string_ostream os(text);
  printJson(value, os);
  return text;
}

/// Some value of the type.
static Value invent(const Type &type, const Vocabulary &vocabulary, Dice &dice) {
  if (type.isList) {
    Value::List items;
    int64_t size = type.shape.empty() ? 1 : type.shape[0];
    for (int64_t at = size == Type::unknownSize ? dice.roll(5) : size; at > 0; --at)
      items.push_back(invent(type.getInner(), vocabulary, dice));
    return Value::list(std::move(items));
  }
  if (type.item == Scalar::Text)
    return Value::text(vocabulary.say(dice.next()));
  if (type.item == Scalar::I1)
    return Value::flag(dice.oneIn(2));
  if (isFloat(type.item))
    return Value::number((int64_t(dice.roll(13)) - 4) / 4.0);
  return Value::integer(int64_t(dice.roll(7)) - 1);
}

/// Only a parse that has nothing else to give can be made to fail.
Value StandIn::read(const Call &call) {
  const Parse &parse = call.get<Parse>();
  if (!parse.otherwise.isFailed())
    return Backend::read(call);
  std::string format = std::to_string(static_cast<unsigned>(parse.format));
  std::string type = getName(call.getType().item).str();
  for (int64_t size : call.getType().shape)
    type += "," + std::to_string(size);
  uint64_t key = digest(
      {"parse", format, parse.selector, join(parse.choices, "\n"), type, getKey(call.inputs[0])});
  uint64_t event = getEvent(call, key);
  if (fails(key, event))
    return failed;
  Value value = Backend::read(call);
  if (!value.isFailed())
    return value;
  Dice dice(key);
  if (pardoned.contains(event))
    return invent(call.getType(), vocabulary, dice);
  asked.events.insert(event);
  return value;
}

//===----------------------------------------------------------------------===//
// Tools and caches
//===----------------------------------------------------------------------===//

std::vector<Value> inventOutputs(const Call &call, const Vocabulary &vocabulary) {
  const Tool &tool = call.document.tools[call.get<ToolUse>().tool];
  Dice dice(digest({"tool", tool.name, print(Value::list(call.inputs.vec()))}));
  std::vector<Value> outputs;
  for (const Type &type : call.task.outputs)
    outputs.push_back(invent(type, vocabulary, dice));
  return outputs;
}

std::vector<Value> StandIn::use(const Call &call) {
  const Tool &tool = call.document.tools[call.get<ToolUse>().tool];
  if (!tool.isPure)
    asked.toolCalls.push_back({tool.name, call.inputs.vec()});
  return inventOutputs(call, vocabulary);
}

static std::string getCacheKey(const Call &call, ArrayRef<Value> keys) {
  const CacheUse &use = call.get<CacheUse>();
  return getKey(
      Value::list({Value::text(use.fingerprint), Value::text(use.space), Value::list(keys.vec())}));
}

Value StandIn::lookUp(const Call &call) {
  auto kept = cache.find(getCacheKey(call, call.inputs));
  return kept == cache.end() ? failed : kept->second;
}

void StandIn::store(const Call &call) {
  cache[getCacheKey(call, call.inputs.drop_front())] = call.inputs[0];
}

std::vector<Value> inventInputs(const Plan &plan, const Vocabulary &vocabulary) {
  std::vector<Value> inputs;
  for (auto [at, port] : enumerate(plan.inputs)) {
    Dice dice(digest({"input", plan.name, std::to_string(at)}));
    inputs.push_back(invent(port.type, vocabulary, dice));
  }
  return inputs;
}

} // namespace xcs::runtime

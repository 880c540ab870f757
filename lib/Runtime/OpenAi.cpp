//===- OpenAi.cpp - Requests and answers as servers take them --------------===//

#include "XcsLLM/Runtime/OpenAi.h"
#include "JsonScanner.h"
#include "JsonText.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include <cmath>
#include <map>

using namespace llvm;

namespace xcs::runtime {

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

std::string makeUrl(StringRef endpoint, TaskKind kind) {
  auto [base, query] = endpoint.split('?');
  base = base.rtrim('/');
  std::string url = base.str();
  StringRef path = base.substr(std::min(base.find("://"), base.size()));
  if (path.drop_front(std::min<size_t>(path.size(), 3)).find('/') == StringRef::npos)
    url += "/v1";
  url += kind == TaskKind::Embed ? "/embeddings" : "/chat/completions";
  return query.empty() ? url : url + "?" + query.str();
}

namespace {

/// Writes the members of one JSON object.
class BodyWriter {
public:
  void text(StringRef name, StringRef value) {
    begin(name);
    appendJsonString(value, json);
  }
  /// `value` is JSON.
  void raw(StringRef name, StringRef value) {
    begin(name);
    json += value;
  }
  void texts(StringRef name, ArrayRef<StringRef> values) {
    begin(name);
    for (auto [at, value] : enumerate(values)) {
      json += at ? ',' : '[';
      appendJsonString(value, json);
    }
    json += values.empty() ? "[]" : "]";
  }
  template <typename T> void number(StringRef name, const std::optional<T> &value) {
    if constexpr (std::is_integral_v<T>) {
      if (value)
        raw(name, std::to_string(*value));
    } else if (value) {
      raw(name, formatNumber(*value));
    }
  }
  std::string finish() { return std::move(json) + "}"; }

  std::string json = "{";

private:
  void begin(StringRef name) {
    if (json.size() > 1)
      json += ',';
    appendJsonString(name, json);
    json += ':';
  }
};

} // namespace

static StringRef getText(const Value &value) {
  const std::string *text = value.getText();
  return text ? StringRef(*text) : StringRef();
}

static void appendMessage(StringRef role, StringRef text, std::string &messages) {
  messages += messages.empty() ? "[{\"role\":" : ",{\"role\":";
  appendJsonString(role, messages);
  messages += ",\"content\":";
  appendJsonString(text, messages);
  messages += '}';
}

/// What a server is told about how to give a score.
static std::string explainScore(ArrayRef<std::string> labels) {
  if (labels.empty())
    return "Answer with one number from 0 to 1 and nothing else: the degree to which the answer "
           "is yes.";
  std::string text = "Answer with one JSON object and nothing else: for each of these labels the "
                     "probability, from 0 to 1, that it is the right one: ";
  for (auto [at, label] : enumerate(labels)) {
    text += at ? ", " : "";
    appendJsonString(label, text);
  }
  return text + ".";
}

/// Whether servers can be held to the schema: they want all properties required, and no
/// others. Its nesting is limited.
static bool isStrict(const Json &schema) {
  if (schema.is_array())
    return all_of(schema, isStrict);
  if (!schema.is_object())
    return true;
  const Json *properties = JsonReader::find(schema, "properties");
  if (properties && properties->is_object()) {
    const Json *required = JsonReader::find(schema, "required");
    const Json *others = JsonReader::find(schema, "additionalProperties");
    if (!required || !required->is_array() || !others || *others != Json(false))
      return false;
    for (const auto &property : properties->items())
      if (none_of(*required, [&](const Json &name) { return name == property.key(); }))
        return false;
  }
  return all_of(schema, isStrict);
}

static std::string makeResponseFormat(StringRef schema) {
  Expected<Json> parsed = parseJson(schema);
  bool strict = parsed && isStrict(*parsed);
  std::string json = R"({"type":"json_schema","json_schema":{"name":"response","schema":)";
  // What is no JSON goes out as a text, so that the server says what it thinks of it.
  if (parsed)
    json += schema;
  else
    appendJsonString(schema, json);
  consumeError(parsed.takeError());
  return json + (strict ? ",\"strict\":true}}" : "}}");
}

std::string makeChatBody(const Request &request, TaskKind kind, ArrayRef<Value> inputs,
                         int64_t samples, const WireOptions &options) {
  BodyWriter body;
  body.text("model", options.model);
  std::string messages;
  for (auto [role, input] : zip(request.roles, request.messages))
    appendMessage(role, input < inputs.size() ? getText(inputs[input]) : "", messages);
  if (kind == TaskKind::Score)
    appendMessage("user", explainScore(request.labels), messages);
  body.raw("messages", messages + "]");
  if (samples > 1)
    body.number("n", std::optional(samples));
  body.number("temperature", request.temperature);
  body.number("top_p", request.topP);
  body.number(options.maxTokensName, request.maxTokens);
  if (!request.stop.empty())
    body.texts("stop", SmallVector<StringRef, 4>(request.stop.begin(), request.stop.end()));
  body.number("seed", request.seed);
  if (request.responseSchema && kind == TaskKind::Generate)
    body.raw("response_format", makeResponseFormat(*request.responseSchema));
  if (!options.serviceTier.empty())
    body.text("service_tier", options.serviceTier);
  return body.finish();
}

std::string makeEmbeddingBody(const Request &request, ArrayRef<StringRef> texts,
                              const WireOptions &options) {
  BodyWriter body;
  body.text("model", options.model);
  if (texts.size() == 1)
    body.text("input", texts[0]);
  else
    body.texts("input", texts);
  body.number("dimensions", request.dimensions);
  return body.finish();
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

/// What a body is that cannot be read as JSON, for which there is a reason.
static std::string describeText(StringRef body, std::string reason) {
  StringRef text = body.ltrim();
  if (text.empty())
    return "got nothing";
  return text.starts_with("<") ? "got a page of HTML" : reason;
}

static std::string findMessage(const Json &json);

static std::optional<int64_t> getStatus(const Json &code) {
  int64_t status = 0;
  if (code.is_number_integer())
    status = code.get<int64_t>();
  else if (!code.is_string() ||
           StringRef(code.get_ref<const std::string &>()).getAsInteger(10, status))
    return std::nullopt;
  return status >= 400 && status < 600 ? std::optional(status) : std::nullopt;
}

std::optional<int64_t> findErrorStatus(StringRef body) {
  Expected<Json> json = parseJson(body);
  const Json *error = json ? JsonReader::find(*json, "error") : nullptr;
  consumeError(json.takeError());
  if (!error)
    return std::nullopt;
  std::string kinds;
  for (const char *name : {"code", "status", "type"}) {
    const Json *kind = JsonReader::find(*error, name);
    if (std::optional<int64_t> status = kind ? getStatus(*kind) : std::nullopt)
      return status;
    if (kind && kind->is_string())
      kinds += StringRef(kind->get_ref<const std::string &>()).lower() + " ";
  }
  auto names = [&](std::initializer_list<StringRef> known) {
    return any_of(known, [&](StringRef kind) { return StringRef(kinds).contains(kind); });
  };
  if (names({"rate_limit", "too_many_requests", "resource_exhausted"}))
    return 429;
  return names({"server_error", "internal", "overloaded", "unavailable"}) ? 503 : 400;
}

static Usage readUsage(JsonReader &reader, const Json &answer) {
  Usage usage;
  const Json *counts = JsonReader::find(answer, "usage");
  if (!counts)
    return usage;
  if (!counts->is_object())
    reader.fail("'usage' must be an object (got " + Twine(counts->type_name()) + ")");
  usage.inputTokens = reader.findCount(*counts, "prompt_tokens");
  usage.outputTokens = reader.findCount(*counts, "completion_tokens");
  if (const Json *details = JsonReader::find(*counts, "prompt_tokens_details"))
    usage.cachedInputTokens = reader.findCount(*details, "cached_tokens");
  return usage;
}

/// What all answers have; the rest is for `reader` to read.
static Expected<Json> parseAnswer(StringRef body, JsonReader &reader, Usage &usage) {
  reader.where = "the answer";
  Expected<Json> json = parseJson(body);
  if (json && JsonReader::find(*json, "error"))
    return createStringError("the answer is an error: " + findMessage(*json));
  if (json && json->is_object()) {
    usage = readUsage(reader, *json);
    return json;
  }
  if (json)
    return createStringError("the answer must be a JSON object (got " + Twine(json->type_name()) +
                             ")");
  return createStringError("the answer must be JSON (" +
                           describeText(body, toString(json.takeError())) + ")");
}

static Sample readSample(JsonReader &reader, const Json &choice) {
  Sample sample;
  std::string finishReason = reader.findText(choice, "finish_reason");
  const Json &message = reader.get(choice, "message");
  if (!reader.hasFailed() && !message.is_object())
    reader.fail("'message' must be an object (got " + Twine(message.type_name()) + ")");
  std::string refusal = reader.findText(message, "refusal");
  if (!refusal.empty())
    sample.failure = "the model refused";
  else if (finishReason == "content_filter")
    sample.failure = "the provider's filter took the answer away";
  else if (JsonReader::find(message, "content"))
    sample.text = reader.getText(message, "content");
  else
    sample.failure = "the answer has no text";
  return sample;
}

Expected<ChatAnswer> readChatAnswer(StringRef body, int64_t samples) {
  ChatAnswer answer;
  JsonReader reader;
  Expected<Json> json = parseAnswer(body, reader, answer.usage);
  if (!json)
    return json.takeError();
  const Json &choices = reader.getList(*json, "choices");
  std::map<size_t, Sample> byIndex;
  for (size_t at = 0; at < choices.size() && !reader.hasFailed(); ++at) {
    reader.where = "the answer's choice " + std::to_string(at);
    if (!choices[at].is_object())
      reader.fail("must be an object (got " + Twine(choices[at].type_name()) + ")");
    size_t index = reader.findCount(choices[at], "index").value_or(at);
    Sample sample = readSample(reader, choices[at]);
    if (index < size_t(samples) && !byIndex.try_emplace(index, std::move(sample)).second)
      reader.fail("must be the only one of its index (got " + Twine(index) + " again)");
  }
  for (auto &entry : byIndex)
    answer.samples.push_back(std::move(entry.second));
  reader.where = "the answer";
  if (answer.samples.empty())
    reader.fail("must have a choice");
  if (reader.hasFailed())
    return createStringError(reader.error);
  return answer;
}

static std::vector<double> readVector(JsonReader &reader, const Json &entry, int64_t dimensions) {
  const Json &numbers = reader.getList(entry, "embedding");
  std::vector<double> vector;
  vector.reserve(numbers.size());
  for (const Json &number : numbers) {
    if (!number.is_number()) {
      reader.fail("'embedding' must be a list of numbers (got " + Twine(number.type_name()) + ")");
      break;
    }
    vector.push_back(number.get<double>());
  }
  if (dimensions != Type::unknownSize && vector.size() != size_t(dimensions))
    reader.fail("'embedding' must have " + Twine(dimensions) + " numbers (got " +
                Twine(vector.size()) + ")");
  return vector;
}

Expected<EmbeddingAnswer> readEmbeddingAnswer(StringRef body, size_t texts, int64_t dimensions) {
  EmbeddingAnswer answer;
  JsonReader reader;
  Expected<Json> json = parseAnswer(body, reader, answer.usage);
  if (!json)
    return json.takeError();
  const Json &data = reader.getList(*json, "data");
  if (data.size() != texts)
    reader.fail("must have an embedding for each of " + Twine(texts) + " texts (got " +
                Twine(data.size()) + ")");
  answer.vectors.resize(texts);
  std::vector<bool> isThere(texts);
  for (size_t at = 0; at < data.size() && !reader.hasFailed(); ++at) {
    reader.where = "the answer's embedding " + std::to_string(at);
    size_t index =
        JsonReader::find(data[at], "index") ? reader.getIndex(data[at], "index", texts) : at;
    std::vector<double> vector = readVector(reader, data[at], dimensions);
    if (reader.hasFailed())
      break;
    if (isThere[index])
      reader.fail("must be the only one of its index (got " + Twine(index) + " again)");
    isThere[index] = true;
    answer.vectors[index] = std::move(vector);
  }
  if (reader.hasFailed())
    return createStringError(reader.error);
  return answer;
}

//===----------------------------------------------------------------------===//
// Failures
//===----------------------------------------------------------------------===//

/// What an error says, in the forms that servers give it; whole, as a key that is cut is not
/// found in it.
static std::string findMessage(const Json &json) {
  const Json *error = JsonReader::find(json, "error");
  for (const Json *place : {error, &json}) {
    if (!place)
      continue;
    if (place->is_string())
      return place->get<std::string>();
    for (const char *name : {"message", "detail"})
      if (const Json *message = JsonReader::find(*place, name); message && message->is_string())
        return message->get<std::string>();
  }
  return "";
}

static std::string findMessageIn(StringRef body) {
  Expected<Json> json = parseJson(body);
  if (json)
    return findMessage(*json);
  consumeError(json.takeError());
  StringRef text = body.ltrim();
  if (text.starts_with("{") || text.starts_with("[")) // in which escapes may hide a key
    return "broken JSON";
  return text.starts_with("<") ? "a page of HTML" : text.str();
}

std::string blotOut(StringRef text, ArrayRef<std::string> secrets) {
  std::string blotted;
  while (!text.empty()) {
    size_t longest = 0; // one may begin with another
    for (StringRef secret : secrets)
      if (text.starts_with(secret))
        longest = std::max(longest, secret.size());
    blotted += longest ? "***" : text.take_front();
    text = text.drop_front(std::max<size_t>(longest, 1));
  }
  return blotted;
}

std::string describeFailure(const HttpResponse &response, ArrayRef<std::string> secrets) {
  if (response.error != HttpError::None) {
    static constexpr StringLiteral what[] = {
        "",
        "is no URL of a server",
        "nobody knows the host",
        "could not connect",
        "the connection is not safe",
        "timed out",
        "the connection ended before the answer did",
        "the answer is too long",
        "what came is no HTTP",
    };
    return (what[size_t(response.error)] + ": " + makeLine(blotOut(response.reason, secrets)))
        .str();
  }
  std::string text = "status " + std::to_string(response.status);
  if (response.status / 100 == 3)
    text += ": redirects are not followed";
  std::string message = makeLine(blotOut(findMessageIn(response.body), secrets));
  return message.empty() ? text : text + ": " + message;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static bool isShare(double number) { return number >= 0 && number <= 1; }

/// The probabilities that a JSON object or list in the text has, if it has all.
static std::optional<std::vector<double>> readShares(StringRef text, ArrayRef<std::string> labels) {
  std::optional<StringRef> slice = findJson(text);
  Expected<Json> json = parseJson(slice.value_or(""));
  if (!json) {
    consumeError(json.takeError());
    return std::nullopt;
  }
  std::vector<double> shares;
  for (auto [at, label] : enumerate(labels)) {
    const Json *share = json->is_array() && json->size() == labels.size() ? &(*json)[at]
                        : json->is_object() ? JsonReader::find(*json, label.c_str())
                                            : nullptr;
    if (!share || !share->is_number() || !isShare(share->get<double>()))
      return std::nullopt;
    shares.push_back(share->get<double>());
  }
  return shares;
}

static Value readLabelScores(StringRef text, ArrayRef<std::string> labels) {
  std::optional<std::vector<double>> shares = readShares(text, labels);
  if (!shares) { // a model that just names one is sure of it
    std::optional<int64_t> choice =
        xcs::readChoice(text, SmallVector<StringRef, 8>(labels.begin(), labels.end()));
    if (!choice)
      return failed;
    shares.emplace(labels.size());
    (*shares)[*choice] = 1;
  }
  double sum = 0;
  for (double share : *shares)
    sum += share;
  Value::List items;
  for (double share : *shares)
    items.push_back(Value::number(share / sum));
  return sum > 0 ? Value::list(std::move(items)) : failed;
}

/// How many numbers there are in the text, such as `0.8 / 1`.
static unsigned countNumbers(StringRef text) {
  unsigned count = 0;
  for (StringRef rest = text; !rest.empty();) {
    rest = rest.drop_until(isDigit);
    count += !rest.empty();
    rest = rest.drop_while([](char c) { return isDigit(c) || c == '.' || c == ','; });
  }
  return count;
}

Value readScore(StringRef text, ArrayRef<std::string> labels) {
  if (!labels.empty())
    return readLabelScores(text, labels);
  double whole;
  if (!text.trim().getAsDouble(whole))
    return isShare(whole) ? Value::number(whole) : failed;
  // Of several numbers nobody knows which one is meant.
  std::optional<Number> number = countNumbers(text) > 1 ? std::nullopt : readNumber(text);
  if (number || countNumbers(text))
    return number && isShare(number->value) ? Value::number(number->value) : failed;
  std::optional<bool> answer = readBoolean(text);
  return answer ? Value::number(*answer) : failed;
}

Value makeEmbedding(ArrayRef<double> vector, const Type &type) {
  Value::List items;
  items.reserve(vector.size());
  for (double number : vector)
    items.push_back(Value::number(type.item == Scalar::F32 ? double(float(number)) : number));
  Value embedding = Value::list(std::move(items));
  bool isFinite = all_of(*embedding.getList(),
                         [](const Value &item) { return std::isfinite(*item.getNumber()); });
  return isFinite && fits(embedding, type) ? embedding : failed;
}

} // namespace xcs::runtime

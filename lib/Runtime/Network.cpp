//===- Network.cpp - Servers of models, and tools --------------------------===//

#include "XcsLLM/Runtime/Network.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/STLExtras.h"
#include <ctime>

using namespace llvm;

namespace xcs::runtime {

Expected<std::unique_ptr<Network>> Network::create(const Document &document, const Plan &plan,
                                                   const RunConfig &config, Clock &clock) {
  Expected<std::unique_ptr<HttpClient>> http = HttpClient::create();
  if (!http)
    return http.takeError();
  std::unique_ptr<Network> network(new Network(document, clock, std::move(*http)));
  if (Error error = network->addEndpoints(plan, config))
    return error;
  return network;
}

/// Finds all that the plan needs before anything is sent.
Error Network::addEndpoints(const Plan &plan, const RunConfig &config) {
  for (const Task &task : plan.tasks) {
    if (const auto *request = std::get_if<Request>(&task.details)) {
      if (endpoints.count(request->modelIndex))
        continue;
      const Model &model = document.models[request->modelIndex];
      Expected<Endpoint> endpoint = config.find(model.name, model.provider);
      if (!endpoint)
        return endpoint.takeError();
      for (TaskKind kind : {TaskKind::Generate, TaskKind::Embed})
        targets[{request->modelIndex, kind == TaskKind::Embed}] = std::make_shared<HttpTarget>(
            HttpTarget{makeUrl(endpoint->url, kind), endpoint->headers});
      endpoints.emplace(request->modelIndex, std::move(*endpoint));
    } else if (const auto *use = std::get_if<ToolUse>(&task.details)) {
      if (tools.count(use->tool))
        continue;
      Expected<ToolEndpoint> tool = config.find(document.tools[use->tool]);
      if (!tool)
        return tool.takeError();
      toolTargets[use->tool] = std::make_shared<HttpTarget>(HttpTarget{tool->url, tool->headers});
      tools.emplace(use->tool, std::move(*tool));
    }
  }
  return Error::success();
}

const Endpoint &Network::getEndpoint(const Query &query) const {
  return endpoints.find(std::get<Request>(query.getTask().details).modelIndex)->second;
}

const ToolEndpoint &Network::getTool(const Query &query) const {
  return tools.find(std::get<ToolUse>(query.getTask().details).tool)->second;
}

//===----------------------------------------------------------------------===//
// Asking
//===----------------------------------------------------------------------===//

static int64_t getTimeout(const Query &query, int64_t otherwise) {
  std::optional<double> given = query.getTask().dispatch->timeoutMs;
  return given ? std::max<int64_t>(int64_t(*given), 1) : otherwise;
}

HttpRequest Network::makeRequest(const Query &query) const {
  const Task &task = query.getTask();
  const Job &job = *query.jobs[0];
  HttpRequest http;
  if (query.isTool()) {
    const ToolEndpoint &tool = getTool(query);
    http.target = toolTargets.find(std::get<ToolUse>(task.details).tool)->second;
    http.body = writeJsonList(job.inputs);
    http.timeoutMs = getTimeout(query, tool.timeoutMs);
    // It is not tried again, so that it should not fail for the connection's sake.
    http.isFresh = !document.tools[std::get<ToolUse>(task.details).tool].isPure;
  } else {
    const Endpoint &endpoint = getEndpoint(query);
    const Request &request = std::get<Request>(task.details);
    WireOptions wire = endpoint.wire;
    if (task.dispatch->tier == Tier::Flex)
      wire.serviceTier = "flex";
    http.target = targets.find({request.modelIndex, task.kind == TaskKind::Embed})->second;
    http.timeoutMs = getTimeout(query, endpoint.timeoutMs);
    http.connectTimeoutMs = endpoint.connectTimeoutMs;
    if (task.kind == TaskKind::Embed) {
      std::vector<StringRef> texts;
      for (const Job *item : query.jobs)
        texts.push_back(*item->inputs[0].getText());
      http.body = makeEmbeddingBody(request, texts, wire);
    } else {
      http.body = makeChatBody(request, task.kind, job.inputs, query.samples, wire);
    }
  }
  http.header = "Idempotency-Key: " + query.key;
  return http;
}

void Network::start(const Query &query) {
  if (query.isTool() && !getTool(query).command.empty()) {
    const ToolEndpoint &tool = getTool(query);
    ToolCommand command;
    command.words = tool.command;
    command.withheld = tool.withheld;
    command.secrets = tool.secrets;
    command.variables = {"IDEMPOTENCY_KEY=" + query.key};
    command.input = writeJsonList(query.jobs[0]->inputs);
    command.timeoutMs = getTimeout(query, tool.timeoutMs);
    uint64_t number = processes.start(std::move(command));
    commands.try_emplace(number, query);
    places.try_emplace(query.id, Place{true, number});
    return;
  }
  uint64_t number = http->start(makeRequest(query));
  requests.try_emplace(number, query);
  places.try_emplace(query.id, Place{false, number});
}

void Network::cancel(uint64_t query) {
  auto place = places.find(query);
  if (place == places.end())
    return;
  uint64_t number = place->second.number;
  if (place->second.isCommand) {
    processes.cancel(number);
    commands.erase(number);
  } else {
    http->cancel(number);
    requests.erase(number);
  }
  places.erase(place);
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

std::vector<Reply> Network::wait(double untilMs) {
  constexpr double longestMs = 1000;
  std::vector<pollfd> files;
  processes.addFiles(files);
  // A fraction more is waited for, or nothing would be due yet.
  int64_t ms = int64_t(std::ceil(std::min(clock.getRealMsUntil(untilMs), longestMs)));
  if (int64_t due = processes.getTimeoutMs(); due >= 0)
    ms = std::min(ms, due);
  std::vector<HttpResponse> responses = http->poll(ms, files);
  std::vector<Reply> replies;
  replies.reserve(responses.size());
  for (const HttpResponse &response : responses) {
    auto found = requests.find(response.id);
    if (found == requests.end())
      continue;
    replies.push_back(readAnswer(found->second, response));
    places.erase(found->second.id);
    requests.erase(found);
  }
  for (const ToolResult &result : processes.poll()) {
    auto found = commands.find(result.id);
    if (found == commands.end())
      continue;
    Reply &reply = replies.emplace_back();
    reply.query = found->second.id;
    reply.failure = result.failure;
    if (result.failure.empty())
      readToolOutput(found->second, result.output, reply);
    places.erase(found->second.id);
    commands.erase(found);
  }
  return replies;
}

void Network::readToolOutput(const Query &query, StringRef output, Reply &reply) const {
  const std::vector<Type> &types = query.getTask().outputs;
  if (types.empty())
    return;
  if (types.size() > 1) {
    Expected<std::vector<Value>> values = readJsonList(output, types, Nulls::MeanFailed);
    if (values)
      reply.values = std::move(*values);
    else
      reply.failure = "its result: " + toString(values.takeError());
    return;
  }
  Expected<Value> value = readJson(output, types[0], Nulls::MeanFailed);
  if (value)
    reply.values = {std::move(*value)};
  else
    reply.failure = "its result: " + toString(value.takeError());
}

/// After how many milliseconds another try is worth it, if it is.
std::optional<double> Network::getPause(const Query &query, const HttpResponse &response) {
  RetryPolicy policy;
  if (query.isTool()) {
    const Tool &tool = document.tools[std::get<ToolUse>(query.getTask().details).tool];
    policy.maxAttempts = tool.isPure ? policy.maxAttempts : 1;
  } else {
    policy = getEndpoint(query).retries;
  }
  const Retry &retry = query.getTask().dispatch->retry;
  policy.maxAttempts = retry.maxAttempts.value_or(policy.maxAttempts);
  policy.initialBackoffMs = retry.initialBackoffMs.value_or(policy.initialBackoffMs);
  policy.backoffFactor = retry.backoffFactor.value_or(policy.backoffFactor);
  policy.maxBackoffMs = retry.maxBackoffMs.value_or(policy.maxBackoffMs);
  double chance = std::uniform_real_distribution<double>(0, 1)(dice);
  std::optional<int64_t> pause =
      policy.getPauseMs(response, query.attempt, chance, std::time(nullptr));
  return pause ? std::optional<double>(*pause) : std::nullopt;
}

static std::optional<TokenCounts> makeUsage(const Usage &usage) {
  if (!usage.inputTokens)
    return std::nullopt;
  return TokenCounts{double(*usage.inputTokens), double(usage.cachedInputTokens.value_or(0)),
                     double(usage.outputTokens.value_or(0))};
}

/// The samples of an answer; what failed of them is told in `reply`.
static void readChat(const Query &query, StringRef body, Reply &reply) {
  const Request &request = std::get<Request>(query.getTask().details);
  Expected<ChatAnswer> answer = readChatAnswer(body, query.samples);
  if (!answer) {
    // It has come, and has been paid.
    reply.failure = toString(answer.takeError());
    reply.values.resize(query.samples);
    return;
  }
  bool isScore = query.getTask().kind == TaskKind::Score;
  for (const Sample &sample : answer->samples) {
    Value value = !sample.text ? failed
                  : isScore    ? readScore(*sample.text, request.labels)
                               : Value::text(*sample.text);
    if (value.isFailed() && reply.failure.empty())
      reply.failure = sample.text ? "the answer has no score" : sample.failure;
    reply.values.push_back(std::move(value));
  }
  reply.usage = makeUsage(answer->usage);
}

static void readEmbeddings(const Query &query, StringRef body, Reply &reply) {
  const Type &type = query.getTask().outputs.front();
  int64_t dimensions = type.shape.empty() ? Type::unknownSize : type.shape[0];
  Expected<EmbeddingAnswer> answer = readEmbeddingAnswer(body, query.jobs.size(), dimensions);
  if (!answer) {
    reply.failure = toString(answer.takeError());
    reply.values.resize(query.jobs.size());
    return;
  }
  for (const std::vector<double> &numbers : answer->vectors) {
    reply.values.push_back(makeEmbedding(numbers, type));
    if (reply.values.back().isFailed())
      reply.failure = "an embedding has a number that its type has not";
  }
  reply.usage = makeUsage(answer->usage);
}

static Reply readModelAnswer(const Query &query, StringRef body) {
  Reply reply;
  if (query.getTask().kind == TaskKind::Embed)
    readEmbeddings(query, body, reply);
  else
    readChat(query, body, reply);
  return reply;
}

/// Says what is wrong with an answer; one that is an error counts as none.
void Network::explainAnswer(const Query &query, const HttpResponse &response, Reply &reply) {
  reply.failure = makeLine(blotOut(reply.failure, getEndpoint(query).secrets));
  std::optional<int64_t> status = findErrorStatus(response.body);
  if (!status)
    return;
  HttpResponse error;
  error.status = *status;
  error.headers = response.headers;
  reply.values.clear();
  reply.pauseMs = getPause(query, error);
}

Reply Network::readAnswer(const Query &query, const HttpResponse &response) {
  Reply reply;
  bool hasCome = response.error == HttpError::None && response.status / 100 == 2;
  if (!hasCome) {
    const auto &secrets = query.isTool() ? getTool(query).secrets : getEndpoint(query).secrets;
    reply.failure = describeFailure(response, secrets);
    reply.failureKind = response.error == HttpError::None ? std::to_string(response.status)
                                                          : getName(response.error).str();
    reply.pauseMs = getPause(query, response);
  } else if (query.isTool())
    readToolOutput(query, response.body, reply);
  else
    reply = readModelAnswer(query, response.body);
  if (hasCome && !query.isTool() && !reply.failure.empty())
    explainAnswer(query, response, reply);
  reply.query = query.id;
  for (int status : {400, 413, 422})
    reply.isRefused |= response.status == status;
  reply.isLost = response.error != HttpError::None && response.wasSent && response.status < 300;
  if (response.firstByteMs > 0)
    reply.firstTokenMs = response.firstByteMs;
  return reply;
}

} // namespace xcs::runtime

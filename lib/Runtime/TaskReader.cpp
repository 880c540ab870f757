//===- TaskReader.cpp - What tasks do, from schedule JSON ------------------===//

#include "PlanReader.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

static constexpr StringLiteral taskKinds[] = {
    "generate",     "embed",       "score", "template", "parse",   "arith", "tensor",     "tool",
    "cache_lookup", "cache_store", "batch", "ensemble", "cascade", "chain", "conditional"};
static constexpr StringLiteral parseFormats[] = {"text",   "number", "boolean",
                                                 "choice", "json",   "regex"};
static constexpr StringLiteral tiers[] = {"standard", "flex", "batch"};
static constexpr StringLiteral policies[] = {"all", "majority", "first", "best"};

ArrayRef<StringLiteral> getTaskKinds() { return taskKinds; }

/// What goes out with the messages.
void PlanReader::readParameters(const Json &json, Request &request) {
  auto hasFlag = [&](const char *name, bool otherwise) {
    return JsonReader::find(json, name) ? reader.getFlag(json, name) : otherwise;
  };
  request.isBatchCompatible = hasFlag("batch_compatible", true);
  request.temperature = reader.findNumber(json, "temperature");
  request.topP = reader.findNumber(json, "top_p");
  request.maxTokens = reader.findCount(json, "max_tokens", 1);
  request.seed = reader.findCount(json, "seed", INT64_MIN);
  request.dimensions = reader.findCount(json, "dimensions");
  request.stop = reader.findTexts(json, "stop");
  request.labels = reader.findTexts(json, "labels");
}

Request PlanReader::readRequest(const Json &json, const Task &task) {
  Request request;
  request.model = reader.getText(json, "model");
  auto [model, isNew] = reader.models.try_emplace(request.model, reader.document.models.size());
  if (isNew) // of which nothing is known
    reader.document.models.emplace_back().name = request.model;
  request.modelIndex = model->second;
  request.isDeterministic = reader.getFlag(json, "deterministic");
  request.samples = reader.findCount(json, "n", 1);
  for (const Json &message : reader.findList(json, "messages")) {
    request.roles.push_back(reader.getText(message, "role"));
    request.messages.push_back(reader.getIndex(message, "input", UINT32_MAX));
  }
  readParameters(json, request);
  if (reader.hasFailed() || task.outputs.size() != 1)
    return request;
  const Type &output = task.outputs[0];
  if (request.samples && (output.shape.empty() || output.shape[0] != *request.samples))
    reader.fail("must have a list of as many samples as 'n' as its output");
  Json parameters = json;
  for (const char *name : {"n", "messages", "batch_compatible", "fusion_compatible", "cacheable",
                           "min_quality", "extensions"})
    parameters.erase(name);
  if (const Json *schema = JsonReader::find(json, "response_schema")) {
    // What it says, and not where in this document.
    uint32_t text = reader.getIndex(*schema, "text", reader.texts);
    if (!reader.hasFailed())
      request.responseSchema = *reader.document.constants[text].getText();
    parameters["response_schema"] = request.responseSchema.value_or("");
  }
  parameters["kind"] = getTaskKinds()[static_cast<size_t>(task.kind)].str();
  parameters["roles"] = request.roles;
  Type type = request.samples ? task.outputs[0].getInner() : task.outputs[0];
  parameters["shape"] = std::vector<int64_t>(type.shape.begin(), type.shape.end());
  request.parameters = parameters.dump(-1, ' ', false, Json::error_handler_t::replace);
  return request;
}

TemplateUse PlanReader::readTemplateUse(const Json &json, const Task &task) {
  TemplateUse use{reader.getIndex(json, "index", reader.document.templates.size()),
                  reader.findText(json, "separator")};
  return use;
}

Parse PlanReader::readParse(const Json &json, const Task &task) {
  Parse parse;
  std::string format = reader.getText(json, "format");
  parse.format = findName<ParseFormat>(reader, format, parseFormats, "format");
  if (parse.format == ParseFormat::Json)
    parse.selector = reader.getText(json, "pointer");
  if (parse.format == ParseFormat::Regex)
    parse.selector = reader.getText(json, "pattern");
  parse.choices = reader.findTexts(json, "choices");
  const Json *otherwise = JsonReader::find(json, "otherwise");
  if (otherwise && task.outputs.size() == 1)
    parse.otherwise = reader.readValue(*otherwise, task.outputs[0]);
  return parse;
}

Arith PlanReader::readArith(const Json &json) {
  Arith arith{reader.getText(json, "op"), reader.findText(json, "predicate")};
  if (const Json *decided = JsonReader::find(json, "decided_by")) {
    arith.decidedBy = reader.getFlag(*decided, "is");
    arith.deciders = reader.findIntegers(*decided, "inputs");
  }
  if (!reader.hasFailed() && !isKnown(arith))
    reader.fail("unknown computation '" + Twine(arith.op) + "'" +
                (arith.predicate.empty() ? "" : " by '" + arith.predicate + "'"));
  return arith;
}

Tensor PlanReader::readTensor(const Json &json) {
  Tensor tensor;
  tensor.op = reader.getText(json, "op");
  tensor.dim = reader.findCount(json, "dim").value_or(0);
  tensor.offsets = reader.findIntegers(json, "offsets");
  tensor.sizes = reader.findIntegers(json, "sizes");
  tensor.strides = reader.findIntegers(json, "strides");
  if (!reader.hasFailed() && !isKnown(tensor))
    reader.fail("unknown form of '" + Twine(tensor.op) + "'");
  return tensor;
}

Control PlanReader::readControl(const Json &json, const Task &task) {
  Control control;
  for (const std::string &id : reader.findTexts(json, "scopes")) {
    auto found = scopeNames.find(id);
    if (found == scopeNames.end() ||
        plan.scopes[found->second].owner != uint32_t(&task - plan.tasks.data())) {
      reader.fail("'scopes' must be scopes that it owns (got '" + id + "')");
      return control;
    }
    control.scopes.push_back(found->second);
  }
  if (control.scopes.empty())
    reader.fail("control must have a scope");
  if (task.kind == TaskKind::Ensemble)
    control.policy = findName<Policy>(reader, reader.getText(json, "policy"), policies, "policy");
  control.quorum = reader.findCount(json, "quorum", 1);
  control.confidence = reader.findNumber(json, "confidence");
  control.batchSize = reader.findCount(json, "batch_size", 1);
  control.waves = reader.findIntegers(json, "waves");
  if (control.waves.empty())
    control.waves = {int64_t(control.scopes.size())};
  int64_t members = 0;
  for (int64_t wave : control.waves) {
    if (wave < 1)
      reader.fail("'waves' must be positive (got " + Twine(wave) + ")");
    members += wave;
  }
  if (task.kind == TaskKind::Ensemble && members != int64_t(control.scopes.size()))
    reader.fail("'waves' must have all " + Twine(control.scopes.size()) + " members (got " +
                Twine(members) + ")");
  return control;
}

std::shared_ptr<const Dispatch> PlanReader::readDispatch(const Json &json) {
  static const Json none = Json::object();
  auto find = [&](const char *name) -> const Json & {
    const Json *field = JsonReader::find(json, name);
    return field ? *field : none;
  };
  auto dispatch = std::make_shared<Dispatch>();
  dispatch->key = reader.findText(find("idempotency"), "key");
  const Json &estimate = find("estimate"), &timing = find("timing"), &retry = find("retry");
  dispatch->estimate = {reader.findNumber(estimate, "input_tokens"),
                        reader.findNumber(estimate, "cached_input_tokens"),
                        reader.findNumber(estimate, "output_tokens"),
                        reader.findNumber(estimate, "cost_usd"),
                        reader.findNumber(estimate, "latency_ms")};
  if (std::optional<double> start = reader.findNumber(timing, "earliest_start_ms"))
    dispatch->latestStartMs = *start + reader.findNumber(timing, "slack_ms").value_or(0);
  dispatch->timeoutMs = reader.findNumber(json, "timeout_ms");
  dispatch->retry = {
      reader.findCount(retry, "max_attempts", 1), reader.findNumber(retry, "initial_backoff_ms"),
      reader.findNumber(retry, "backoff_factor"), reader.findNumber(retry, "max_backoff_ms")};
  if (std::string pool = reader.findText(json, "rate_limit_pool"); !pool.empty()) {
    auto [at, isNew] = reader.pools.try_emplace(pool, reader.document.pools.size());
    if (isNew) // of which no limits are known
      reader.document.pools.push_back({pool, {}});
    dispatch->pool = at->second;
  }
  if (std::string tier = reader.findText(json, "service_tier"); !tier.empty())
    dispatch->tier = findName<Tier>(reader, tier, tiers, "service tier");
  return dispatch;
}

Totals PlanReader::readTotals(const Json &json) {
  auto find = [&](const char *name) { return reader.findNumber(json, name); };
  return {find("requests"),   find("input_tokens"), find("output_tokens"),
          find("cost_usd"),   find("latency_ms"),   find("makespan_ms"),
          reader.findTexts(json, "at_least")};
}

void PlanReader::readDetails(const Json &json, Task &task) {
  switch (task.kind) {
  case TaskKind::Generate:
  case TaskKind::Embed:
  case TaskKind::Score:
    task.details = readRequest(reader.get(json, "request"), task);
    break;
  case TaskKind::Template:
    task.details = readTemplateUse(reader.get(json, "template"), task);
    break;
  case TaskKind::Parse:
    task.details = readParse(reader.get(json, "parse"), task);
    break;
  case TaskKind::Arith:
    task.details = readArith(reader.get(json, "arith"));
    break;
  case TaskKind::Tensor:
    task.details = readTensor(reader.get(json, "tensor"));
    break;
  case TaskKind::Tool: {
    std::string name = reader.getText(reader.get(json, "tool"), "name");
    auto found = reader.tools.find(name);
    if (found == reader.tools.end())
      reader.fail("'tool' must be one of the document (got '" + name + "')");
    else
      task.details = ToolUse{found->second};
    break;
  }
  case TaskKind::CacheLookup:
  case TaskKind::CacheStore: {
    const Json &cache = reader.get(json, "cache");
    task.details = CacheUse{reader.getText(cache, "fingerprint"),
                            reader.findText(cache, "namespace"), reader.findNumber(cache, "ttl_s")};
    break;
  }
  default:
    task.details = readControl(reader.get(json, "control"), task);
  }
  if (std::holds_alternative<Request>(task.details) || task.kind == TaskKind::Tool)
    task.dispatch = readDispatch(json);
  size_t outputs = task.kind == TaskKind::Tool && !reader.hasFailed()
                       ? reader.document.tools[std::get<ToolUse>(task.details).tool].outputs.size()
                       : 1;
  if (task.kind < TaskKind::Batch && task.outputs.size() != outputs)
    reader.fail("must have " + Twine(outputs) + " outputs (got " + Twine(task.outputs.size()) +
                ")");
}

void PlanReader::takeTypes(Task &task, ArrayRef<Type> inputs) {
  bool needsInput = task.kind != TaskKind::Template && task.kind != TaskKind::Tensor &&
                    task.kind != TaskKind::Tool && task.kind < TaskKind::Ensemble;
  if ((needsInput || task.kind == TaskKind::Conditional) && inputs.empty())
    return reader.fail("must have an input");
  if (auto *request = std::get_if<Request>(&task.details)) {
    for (uint32_t message : request->messages)
      if (message >= inputs.size())
        return reader.fail("messages must be inputs (got " + Twine(message) + " of " +
                           Twine(inputs.size()) + ")");
    for (const Type &type : inputs)
      if (type.isList || type.item != Scalar::Text)
        return reader.fail("inputs of a request must be texts (got " + describe(type) + ")");
  }
  if (inputs.empty())
    return;
  if (auto *arith = std::get_if<Arith>(&task.details))
    arith->in = inputs.back().item;
  if (auto *tensor = std::get_if<Tensor>(&task.details))
    tensor->shape = inputs[0].shape;
  if (task.kind != TaskKind::Batch)
    return;
  Scope &item = plan.scopes[std::get<Control>(task.details).scopes[0]];
  if (item.arguments.size() != inputs.size())
    reader.fail("must have an input for each argument of its scope");
  if (!inputs[0].shape.empty() && inputs[0].shape[0] != Type::unknownSize)
    item.items = inputs[0].shape[0];
}

} // namespace xcs::runtime

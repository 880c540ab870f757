//===- ScheduleJson.cpp - Schedules as JSON --------------------------------===//
//
// The document's frame is written by hand, so that what is JSON in memory is
// never more than one entry of one list: a text, a scope, a task. Each has its
// own line.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Export/Export.h"
#include "llvm/Support/raw_ostream.h"
#include <nlohmann/json.hpp>

using namespace xcs;
using namespace xcs::schedule;
using Json = nlohmann::ordered_json;

static std::string dump(const Json &json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// Adds `value` under `key` if there is one: what is not known is absent.
template <typename T>
static void addIfKnown(Json &json, const char *key, const std::optional<T> &value) {
  if (value)
    json[key] = *value;
}

template <typename T>
static void addIfAny(Json &json, const char *key, const std::vector<T> &values) {
  if (!values.empty())
    json[key] = values;
}

static void addIfSet(Json &json, const char *key, bool flag) {
  if (flag)
    json[key] = true;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static Json toJson(const Type &type) {
  if (!type.shape)
    return type.item;
  Json shape = Json::array();
  for (int64_t size : *type.shape)
    shape.push_back(size == Type::unknownSize ? Json() : Json(size));
  return {{"item", type.item}, {"shape", std::move(shape)}};
}

static Json toJson(const std::vector<const Type *> &types) {
  Json json = Json::array();
  for (const Type *type : types)
    json.push_back(toJson(*type));
  return json;
}

static Json toJson(const Scalar &scalar) {
  return std::visit([](auto value) { return Json(value); }, scalar);
}

/// The bare value of a constant that is no splat.
static Json valueToJson(const Constant &constant) {
  if (!constant.type->shape)
    return toJson(constant.items.front());
  Json items = Json::array();
  for (const Scalar &item : constant.items)
    items.push_back(toJson(item));
  return items;
}

static Json toJson(const Constant &list) {
  Json json{{"type", toJson(*list.type)}};
  if (list.isSplat)
    json["splat"] = toJson(list.items.front());
  else
    json["items"] = valueToJson(list);
  return json;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

static std::string getId(const Task &task) {
  static constexpr const char *prefixes[taskKindCount] = {
      "generate", "embed", "score", "template", "parse", "arith", "tensor", "tool",
      "lookup", "store", "batch", "ensemble", "cascade", "chain", "conditional"};
  return prefixes[static_cast<unsigned>(task.kind)] + std::to_string(task.number);
}

static const char *getName(TaskKind kind) {
  static constexpr const char *names[taskKindCount] = {
      "generate", "embed", "score", "template", "parse", "arith", "tensor", "tool",
      "cache_lookup", "cache_store", "batch", "ensemble", "cascade", "chain", "conditional"};
  return names[static_cast<unsigned>(kind)];
}

static const char *getName(ScopeKind kind) {
  static constexpr const char *names[scopeKindCount] = {"plan",  "branch", "member",
                                                        "stage", "item",   "body"};
  return names[static_cast<unsigned>(kind)];
}

static std::string getId(const Scope &scope) {
  return getName(scope.kind) + std::to_string(scope.number);
}

static const char *getName(When when) {
  switch (when) {
  case When::PlanStarts: return "plan_starts";
  case When::OwnerStarts: return "owner_starts";
  case When::Condition: return "condition";
  case When::EachItem: return "each_item";
  case When::Wave: return "wave";
  case When::NotAccepted: return "not_accepted";
  }
  return nullptr;
}

static const char *getName(Outcome outcome) {
  switch (outcome) {
  case Outcome::Forward: return "forward";
  case Outcome::Keep: return "keep";
  case Outcome::Drop: return "drop";
  case Outcome::Skip: return "skip";
  case Outcome::Fail: return "fail";
  case Outcome::Next: return "next";
  case Outcome::Ignore: return "ignore";
  }
  return nullptr;
}

static const char *getName(Settles settles) {
  switch (settles) {
  case Settles::AllDone: return "all_done";
  case Settles::AllDoneOrOneMissing: return "all_done_or_one_missing";
  case Settles::Decided: return "decided";
  case Settles::FirstAccepted: return "first_accepted";
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

namespace {
/// Prints one plan. Ids are made from indices where they are printed.
class PlanPrinter {
public:
  PlanPrinter(const Document &document, const Plan &plan) : document(document), plan(plan) {}

  Json toJson(const Scope &scope) const;
  Json toJson(const Task &task) const;

private:
  Json toJson(const Reference &reference) const;
  Json toJson(const std::vector<Reference> &references) const;
  Json toJson(const Location &location) const;
  Json getRuns(const Scope &scope) const;

  // What a task of one kind has.
  void add(Json &json, const Request &request) const;
  void add(Json &json, const Render &render) const;
  void add(Json &json, const Parse &parse) const;
  void add(Json &json, const Arith &arith) const;
  void add(Json &json, const Tensor &tensor) const;
  void add(Json &json, const ToolUse &tool) const;
  void add(Json &json, const Cache &cache) const;
  void add(Json &json, const Control &control) const;
  template <typename T>
  void add(Json &json, const std::unique_ptr<T> &details) const {
    add(json, *details);
  }
  void addIdempotency(Json &json, const Task &task) const;
  void addPlanning(Json &json, const Planning &planning) const;

  const Document &document;
  const Plan &plan;
};
} // namespace

Json PlanPrinter::toJson(const Reference &reference) const {
  Json json;
  switch (reference.kind) {
  case Reference::Kind::Task:
    json = {{"task", getId(plan.tasks[reference.index])}, {"output", reference.number}};
    break;
  case Reference::Kind::Argument:
    json = {{"scope", getId(plan.scopes[reference.index])}, {"argument", reference.number}};
    break;
  case Reference::Kind::Text:
    json = {{"text", reference.index}};
    break;
  case Reference::Kind::List:
    json = {{"list", reference.index}};
    break;
  case Reference::Kind::Literal: {
    const Constant &literal = document.literals[reference.index];
    json = {{"literal", valueToJson(literal)}, {"type", literal.type->item}};
    break;
  }
  }
  addIfKnown(json, "tokens", reference.tokens);
  return json;
}

Json PlanPrinter::toJson(const std::vector<Reference> &references) const {
  Json json = Json::array();
  for (const Reference &reference : references)
    json.push_back(toJson(reference));
  return json;
}

Json PlanPrinter::toJson(const Location &location) const {
  Json json{{"line", location.line}, {"column", location.column}};
  if (!location.file.empty())
    json["file"] = location.file;
  return json;
}

//===----------------------------------------------------------------------===//
// Scopes
//===----------------------------------------------------------------------===//

Json PlanPrinter::getRuns(const Scope &scope) const {
  Json json{{"when", getName(scope.when)}};
  if (scope.when == When::Condition)
    json["is"] = scope.condition;
  if (scope.when == When::Wave)
    json["wave"] = scope.wave;
  if (scope.when == When::NotAccepted)
    json["after"] = getId(plan.scopes[scope.after]);
  addIfKnown(json, "attempts", scope.attempts);
  return json;
}

static Json toJson(const Constraints &constraints) {
  Json json = Json::object();
  addIfKnown(json, "budget_usd", constraints.budgetUsd);
  addIfKnown(json, "deadline_ms", constraints.deadlineMs);
  addIfKnown(json, "min_quality", constraints.minQuality);
  addIfKnown(json, "allow", constraints.allow);
  return json;
}

Json PlanPrinter::toJson(const Scope &scope) const {
  Json json{{"id", getId(scope)}, {"kind", getName(scope.kind)}};
  if (scope.kind != ScopeKind::Plan)
    json["owner"] = getId(plan.tasks[scope.owner]);
  json["arguments"] = ::toJson(scope.arguments);
  json["runs"] = getRuns(scope);
  json["yields"] = toJson(scope.yields);
  if (scope.verdict)
    json["verdict"] = toJson(*scope.verdict);
  if (scope.score)
    json["score"] = toJson(*scope.score);
  if (scope.listOfVotes)
    json["votes"] = *scope.listOfVotes ? "items" : "value";
  json["on_failed"] = getName(scope.onFailed);
  if (scope.verdict)
    json["on_rejected"] = getName(scope.onRejected);
  json["cancels"] = scope.cancelsSiblings ? "siblings" : "nothing";
  if (!scope.constraints.empty())
    json["constraints"] = ::toJson(scope.constraints);
  if (!scope.iterationPath.empty()) {
    Json &path = json["iteration_path"] = Json::array();
    for (uint32_t around : scope.iterationPath)
      path.push_back(getId(plan.scopes[around]));
  }
  addIfKnown(json, "accept_rate", scope.acceptRate);
  addIfKnown(json, "execution_probability", scope.executionProbability);
  return json;
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

void PlanPrinter::add(Json &json, const Request &request) const {
  Json body{{"model", request.model}};
  if (!request.roles.empty()) {
    Json &messages = body["messages"] = Json::array();
    for (size_t input = 0; input < request.roles.size(); ++input)
      messages.push_back({{"role", request.roles[input]}, {"input", input}});
  }
  addIfKnown(body, "dimensions", request.dimensions);
  addIfKnown(body, "n", request.samples);
  addIfKnown(body, "temperature", request.temperature);
  addIfKnown(body, "top_p", request.topP);
  addIfKnown(body, "max_tokens", request.maxTokens);
  addIfAny(body, "stop", request.stop);
  addIfKnown(body, "seed", request.seed);
  if (request.responseSchema)
    body["response_schema"] = {{"text", *request.responseSchema}};
  addIfAny(body, "labels", request.labels);
  body["deterministic"] = request.deterministic;
  addIfSet(body, "cacheable", request.cacheable);
  addIfSet(body, "no_reuse", request.noReuse);
  if (!request.batchCompatible)
    body["batch_compatible"] = false;
  if (!request.fusionCompatible)
    body["fusion_compatible"] = false;
  addIfKnown(body, "min_quality", request.minQuality);
  json["request"] = std::move(body);
}

void PlanPrinter::add(Json &json, const Render &render) const {
  Json &body = json["template"] = {{"index", render.index}};
  addIfKnown(body, "separator", render.separator);
  addIfSet(body, "reorder", render.reorder);
}

void PlanPrinter::add(Json &json, const Parse &parse) const {
  Json &body = json["parse"] = {{"format", parse.format}};
  if (parse.selector)
    body[parse.format == "json" ? "pointer" : "pattern"] = *parse.selector;
  addIfAny(body, "choices", parse.choices);
  if (parse.otherwise)
    body["otherwise"] = valueToJson(*parse.otherwise);
}

void PlanPrinter::add(Json &json, const Arith &arith) const {
  Json &body = json["arith"] = {{"op", arith.op}};
  if (!arith.predicate.empty())
    body["predicate"] = arith.predicate;
}

void PlanPrinter::add(Json &json, const Tensor &tensor) const {
  Json &body = json["tensor"] = {{"op", tensor.op}};
  addIfKnown(body, "dim", tensor.dim);
  addIfAny(body, "offsets", tensor.offsets);
  addIfAny(body, "sizes", tensor.sizes);
  addIfAny(body, "strides", tensor.strides);
}

void PlanPrinter::add(Json &json, const ToolUse &tool) const {
  json["tool"] = {{"name", tool.name}};
}

void PlanPrinter::add(Json &json, const Cache &cache) const {
  Json &body = json["cache"] = {{"fingerprint", cache.fingerprint}};
  addIfKnown(body, "ttl_s", cache.ttlS);
  addIfKnown(body, "namespace", cache.scope);
}

void PlanPrinter::add(Json &json, const Control &control) const {
  Json &body = json["control"] = Json::object();
  Json &scopes = body["scopes"] = Json::array();
  for (uint32_t i = 0; i < control.scopeCount; ++i)
    scopes.push_back(getId(plan.scopes[control.firstScope + i]));
  body["settles"] = getName(control.settles);
  addIfKnown(body, "batch_size", control.batchSize);
  if (!control.policy.empty())
    body["policy"] = control.policy;
  addIfKnown(body, "quorum", control.quorum);
  addIfAny(body, "waves", control.waves);
  addIfKnown(body, "confidence", control.confidence);
  addIfKnown(body, "agreement", control.agreement);
}

/// Tells apart what the run itself cannot: the source, the plan and the task.
void PlanPrinter::addIdempotency(Json &json, const Task &task) const {
  constexpr size_t hashDigits = 16;
  int64_t samples = 1;
  if (auto *request = std::get_if<std::unique_ptr<Request>>(&task.details))
    samples = (*request)->samples.value_or(1);
  else if (!std::holds_alternative<ToolUse>(task.details))
    return;
  std::string key = document.sourceHash.substr(0, hashDigits);
  key.append("/").append(plan.name).append("/").append(getId(task));
  json["idempotency"] = {{"key", std::move(key)}, {"samples", samples}};
}

static Json toJson(const Estimate &estimate) {
  Json json = Json::object();
  addIfKnown(json, "input_tokens", estimate.inputTokens);
  addIfKnown(json, "output_tokens", estimate.outputTokens);
  addIfKnown(json, "cost_usd", estimate.costUsd);
  addIfKnown(json, "latency_ms", estimate.latencyMs);
  addIfKnown(json, "memory_mb", estimate.memoryMb);
  return json;
}

static Json toJson(const Resources &resources) {
  Json json = Json::object();
  addIfKnown(json, "memory_mb", resources.memoryMb);
  addIfKnown(json, "cpus", resources.cpus);
  addIfKnown(json, "gpus", resources.gpus);
  return json;
}

static Json toJson(const Retry &retry) {
  Json json{{"max_attempts", retry.maxAttempts}};
  addIfKnown(json, "initial_backoff_ms", retry.initialBackoffMs);
  addIfKnown(json, "backoff_factor", retry.backoffFactor);
  addIfKnown(json, "max_backoff_ms", retry.maxBackoffMs);
  return json;
}

void PlanPrinter::addPlanning(Json &json, const Planning &planning) const {
  Json hints = Json::object();
  addIfKnown(hints, "expected_output_tokens", planning.expectedOutputTokens);
  addIfKnown(hints, "hit_rate", planning.hitRate);
  addIfKnown(hints, "quality_task", planning.qualityTask);
  if (!hints.empty())
    json["hints"] = std::move(hints);
  if (planning.estimate)
    json["estimate"] = ::toJson(*planning.estimate);
  addIfKnown(json, "execution_probability", planning.executionProbability);
  if (planning.resources)
    json["resources"] = ::toJson(*planning.resources);
  if (planning.retry)
    json["retry"] = ::toJson(*planning.retry);
  addIfKnown(json, "timeout_ms", planning.timeoutMs);
  addIfKnown(json, "rate_limit_pool", planning.rateLimitPool);
  if (planning.localityScope)
    json["locality"] = {{"group", getId(plan.scopes[*planning.localityScope])}};
}

Json PlanPrinter::toJson(const Task &task) const {
  Json json{{"id", getId(task)}, {"kind", getName(task.kind)},
            {"scope", getId(plan.scopes[task.scope])}};
  json["inputs"] = toJson(task.inputs);
  std::visit([&](const auto &details) { add(json, details); }, task.details);
  json["outputs"] = ::toJson(task.outputs);
  Json &dependsOn = json["depends_on"] = Json::array();
  for (uint32_t dependency : task.dependsOn)
    dependsOn.push_back(getId(plan.tasks[dependency]));
  addIdempotency(json, task);
  if (task.planning)
    addPlanning(json, *task.planning);
  if (task.location.line)
    json["location"] = toJson(task.location);
  return json;
}

//===----------------------------------------------------------------------===//
// The document
//===----------------------------------------------------------------------===//

static Json toJson(const Port &port) {
  Json json = Json::object();
  addIfKnown(json, "name", port.name);
  json["type"] = toJson(*port.type);
  addIfKnown(json, "tokens", port.tokens);
  addIfKnown(json, "count", port.count);
  return json;
}

static Json toJson(const std::vector<Port> &ports) {
  Json json = Json::array();
  for (const Port &port : ports)
    json.push_back(toJson(port));
  return json;
}

static Json toJson(const Template &entry) {
  return {{"format", entry.format}, {"literals", entry.literals},
          {"slots", entry.slots}, {"names", entry.names}};
}

static Json toJson(const std::pair<const std::string_view, std::vector<ModelField>> &model) {
  Json json{{"name", model.first}};
  for (const auto &[field, value] : model.second)
    json[std::string(field)] = toJson(value);
  return json;
}

static Json toJson(const std::pair<const std::string_view, Tool> &named) {
  const auto &[name, tool] = named;
  Json json{{"name", name}, {"task", tool.task}, {"pure", tool.pure}};
  addIfKnown(json, "latency_ms", tool.latencyMs);
  json["inputs"] = toJson(tool.inputs);
  json["outputs"] = toJson(tool.outputs);
  return json;
}

/// Prints `"key": [` … `]` with one entry a line.
template <typename Entries, typename EntryToJson>
static void printList(llvm::raw_ostream &os, unsigned indent, const char *key,
                      const Entries &entries, EntryToJson entryToJson) {
  os.indent(indent) << '"' << key << "\": [";
  const char *separator = "\n";
  for (const auto &entry : entries) {
    os << separator;
    os.indent(indent + 2) << dump(entryToJson(entry));
    separator = ",\n";
  }
  if (entries.begin() != entries.end())
    os << '\n', os.indent(indent);
  os << ']';
}

static void printPlan(llvm::raw_ostream &os, const Document &document, const Plan &plan) {
  constexpr unsigned indent = 6;
  auto print = [&](const char *key, const Json &json) {
    os.indent(indent) << '"' << key << "\": " << dump(json) << ",\n";
  };
  os << "    {\n";
  print("name", plan.name);
  print("inputs", toJson(plan.inputs));
  print("outputs", toJson(plan.outputs));
  print("constraints", toJson(plan.constraints));
  PlanPrinter printer(document, plan);
  auto entryToJson = [&](const auto &entry) { return printer.toJson(entry); };
  printList(os, indent, "scopes", plan.scopes, entryToJson);
  os << ",\n";
  printList(os, indent, "tasks", plan.tasks, entryToJson);
  os << "\n    }";
}

void xcs::printSchedule(const Document &document, llvm::raw_ostream &os) {
  auto print = [&](const char *key, const Json &json) {
    os << "  \"" << key << "\": " << dump(json) << ",\n";
  };
  auto printTable = [&](const char *key, const auto &entries) {
    printList(os, 2, key, entries, [](const auto &entry) { return toJson(entry); });
    os << ",\n";
  };
  os << "{\n";
  print("schema_version", schemaVersion);
  print("generator", {{"name", "xcs-translate"}, {"version", XCSLLM_VERSION}});
  print("source", {{"file", document.sourceFile}, {"sha256", document.sourceHash}});
  print("passes", document.passes);
  printList(os, 2, "texts", document.texts, [](std::string_view text) { return Json(text); });
  os << ",\n";
  printTable("templates", document.templates);
  printTable("lists", document.lists);
  printTable("models", document.models);
  printTable("tools", document.tools);
  os << "  \"plans\": [";
  const char *separator = "\n";
  for (const Plan &plan : document.plans) {
    os << separator;
    printPlan(os, document, plan);
    separator = ",\n";
  }
  os << (document.plans.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

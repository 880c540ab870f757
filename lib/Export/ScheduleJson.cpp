//===- ScheduleJson.cpp - Schedules as JSON --------------------------------===//
//
// The document's frame is written by hand, so that what is JSON in memory is
// never more than one entry of one list: a text, a scope, a task. Each has its
// own line.
//
//===----------------------------------------------------------------------===//

#include "Translation.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"
#include <nlohmann/json.hpp>

using namespace xcs;
using namespace xcs::schedule;
using Json = nlohmann::ordered_json;

static std::string dump(const Json &json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

namespace {
/// A JSON object in the making. Its keys are distinct as they are written here,
/// so none is searched for. What is not known is absent.
class Object {
public:
  explicit Object(size_t room) { entries().reserve(room); }

  template <typename T>
  Object &add(const char *key, T &&value) {
    entries().emplace_back(key, std::forward<T>(value));
    return *this;
  }
  template <typename T>
  Object &addIfKnown(const char *key, const std::optional<T> &value) {
    return value ? add(key, *value) : *this;
  }
  template <typename T>
  Object &addIfAny(const char *key, const std::vector<T> &values) {
    return values.empty() ? *this : add(key, values);
  }
  Object &addIf(bool holds, const char *key, Json value) {
    return holds ? add(key, std::move(value)) : *this;
  }

  bool empty() const { return json.empty(); }
  Json take() { return std::move(json); }

private:
  Json::object_t &entries() { return json.get_ref<Json::object_t &>(); }

  Json json = Json::object();
};
} // namespace

/// The list of what `toJson` makes of each of `entries`.
template <typename Entries, typename EntryToJson>
static Json makeList(const Entries &entries, EntryToJson toJson) {
  Json json = Json::array();
  auto &list = json.get_ref<Json::array_t &>();
  list.reserve(entries.size());
  for (const auto &entry : entries)
    list.push_back(toJson(entry));
  return json;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static Json toJson(const Type &type) {
  if (!type.shape)
    return type.item;
  auto sizeToJson = [](int64_t size) { return size == Type::unknownSize ? Json() : Json(size); };
  return Object(2).add("item", type.item).add("shape", makeList(*type.shape, sizeToJson)).take();
}

static Json toJson(llvm::ArrayRef<const Type *> types) {
  return makeList(types, [](const Type *type) { return toJson(*type); });
}

static Json toJson(const Scalar &scalar) {
  return std::visit([](auto value) { return Json(value); }, scalar);
}

/// The bare value of a constant that is no splat.
static Json valueToJson(const Constant &constant) {
  if (!constant.type->shape)
    return toJson(constant.items.front());
  return makeList(constant.items, [](const Scalar &item) { return toJson(item); });
}

static Json toJson(const Constant &list) {
  Object json(2);
  json.add("type", toJson(*list.type));
  if (list.isSplat)
    json.add("splat", toJson(list.items.front()));
  else
    json.add("items", valueToJson(list));
  return json.take();
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

static const char *getName(ServiceTier tier) {
  switch (tier) {
  case ServiceTier::Standard: return "standard";
  case ServiceTier::Flex: return "flex";
  case ServiceTier::Batch: return "batch";
  }
  return nullptr;
}

static const char *getName(Assumption::What what) {
  switch (what) {
  case Assumption::What::Tokens: return "tokens";
  case Assumption::What::Count: return "count";
  case Assumption::What::OutputTokens: return "output_tokens";
  case Assumption::What::Probability: return "probability";
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
  Json taskToJson(uint32_t index) const;
  Json toJson(const Assumption &assumption) const;
  std::string taskId(uint32_t index) const { return getId(plan.tasks[index]); }

private:
  Json toJson(const Reference &reference) const;
  Json toJson(llvm::ArrayRef<Reference> references) const;
  Json getRuns(const Scope &scope) const;

  // What a task of one kind has.
  void add(Object &json, const Request &request) const;
  void add(Object &json, const Render &render) const;
  void add(Object &json, const Parse &parse) const;
  void add(Object &json, const Arith &arith) const;
  void add(Object &json, const Tensor &tensor) const;
  void add(Object &json, const ToolUse &tool) const;
  void add(Object &json, const Cache &cache) const;
  void add(Object &json, const Control &control) const;
  template <typename T>
  void add(Object &json, const std::unique_ptr<T> &details) const {
    add(json, *details);
  }
  void addIdempotency(Object &json, const Task &task) const;
  void addRarities(Object &json, uint32_t index) const;
  void addPlanning(Object &json, const Planning &planning) const;

  std::string scopeId(uint32_t index) const { return getId(plan.scopes[index]); }

  const Document &document;
  const Plan &plan;
};
} // namespace

Json PlanPrinter::toJson(const Reference &reference) const {
  Object json(3);
  switch (reference.kind) {
  case Reference::Kind::Task:
    json.add("task", taskId(reference.index)).add("output", reference.number);
    break;
  case Reference::Kind::Argument:
    json.add("scope", scopeId(reference.index)).add("argument", reference.number);
    break;
  case Reference::Kind::Text:
    json.add("text", reference.index);
    break;
  case Reference::Kind::List:
    json.add("list", reference.index);
    break;
  case Reference::Kind::Literal: {
    const Constant &literal = document.literals[reference.index];
    json.add("literal", valueToJson(literal)).add("type", literal.type->item);
    break;
  }
  }
  return json.addIfKnown("tokens", reference.tokens).take();
}

Json PlanPrinter::toJson(llvm::ArrayRef<Reference> references) const {
  return makeList(references, [&](const Reference &reference) { return toJson(reference); });
}

//===----------------------------------------------------------------------===//
// Scopes
//===----------------------------------------------------------------------===//

Json PlanPrinter::getRuns(const Scope &scope) const {
  Object json(3);
  json.add("when", getName(scope.when));
  if (scope.when == When::Condition)
    json.add("is", scope.condition);
  if (scope.when == When::Wave)
    json.add("wave", scope.wave);
  if (scope.when == When::NotAccepted)
    json.add("after", scopeId(scope.after));
  return json.addIfKnown("attempts", scope.attempts).take();
}

static Json toJson(const Constraints &constraints) {
  return Object(4)
      .addIfKnown("budget_usd", constraints.budgetUsd)
      .addIfKnown("deadline_ms", constraints.deadlineMs)
      .addIfKnown("min_quality", constraints.minQuality)
      .addIfKnown("allow", constraints.allow)
      .take();
}

Json PlanPrinter::toJson(const Scope &scope) const {
  Object json(16);
  json.add("id", getId(scope)).add("kind", getName(scope.kind));
  if (scope.kind != ScopeKind::Plan)
    json.add("owner", taskId(scope.owner));
  json.add("arguments", ::toJson(scope.arguments));
  json.add("runs", getRuns(scope));
  json.add("yields", toJson(scope.yields));
  if (scope.verdict)
    json.add("verdict", toJson(*scope.verdict));
  if (scope.score)
    json.add("score", toJson(*scope.score));
  if (scope.listOfVotes)
    json.add("votes", *scope.listOfVotes ? "items" : "value");
  json.add("on_failed", getName(scope.onFailed));
  if (scope.verdict)
    json.add("on_rejected", getName(scope.onRejected));
  json.add("cancels", scope.cancelsSiblings ? "siblings" : "nothing");
  if (!scope.constraints.empty())
    json.add("constraints", ::toJson(scope.constraints));
  if (!scope.iterationPath.empty())
    json.add("iteration_path",
             makeList(scope.iterationPath, [&](uint32_t around) { return scopeId(around); }));
  return json.addIfKnown("accept_rate", scope.acceptRate)
      .addIfKnown("execution_probability", scope.executionProbability)
      .take();
}

//===----------------------------------------------------------------------===//
// What tasks do
//===----------------------------------------------------------------------===//

/// The messages are the inputs, in order.
static Json getMessages(const std::vector<std::string_view> &roles) {
  size_t input = 0;
  return makeList(roles, [&](std::string_view role) {
    return Object(2).add("role", role).add("input", input++).take();
  });
}

void PlanPrinter::add(Object &json, const Request &request) const {
  Object body(16);
  body.add("model", request.model);
  if (!request.roles.empty())
    body.add("messages", getMessages(request.roles));
  body.addIfKnown("dimensions", request.dimensions)
      .addIfKnown("n", request.samples)
      .addIfKnown("temperature", request.temperature)
      .addIfKnown("top_p", request.topP)
      .addIfKnown("max_tokens", request.maxTokens)
      .addIfAny("stop", request.stop)
      .addIfKnown("seed", request.seed);
  if (request.responseSchema)
    body.add("response_schema", Object(1).add("text", *request.responseSchema).take());
  body.addIfAny("labels", request.labels)
      .add("deterministic", request.deterministic)
      .addIf(request.cacheable, "cacheable", true)
      .addIf(request.noReuse, "no_reuse", true)
      .addIf(!request.batchCompatible, "batch_compatible", false)
      .addIf(!request.fusionCompatible, "fusion_compatible", false)
      .addIfKnown("min_quality", request.minQuality);
  json.add("request", body.take());
}

void PlanPrinter::add(Object &json, const Render &render) const {
  json.add("template", Object(3)
                           .add("index", render.index)
                           .addIfKnown("separator", render.separator)
                           .addIf(render.reorder, "reorder", true)
                           .take());
}

void PlanPrinter::add(Object &json, const Parse &parse) const {
  Object body(3);
  body.add("format", parse.format)
      .addIfKnown(parse.format == "json" ? "pointer" : "pattern", parse.selector)
      .addIfAny("choices", parse.choices);
  if (parse.otherwise)
    body.add("otherwise", valueToJson(*parse.otherwise));
  json.add("parse", body.take());
}

void PlanPrinter::add(Object &json, const Arith &arith) const {
  Object body(3);
  body.add("op", arith.op).addIf(!arith.predicate.empty(), "predicate", arith.predicate);
  if (arith.decidedBy) {
    Json inputs = Json::array();
    for (unsigned input : {0, 1})
      if (arith.deciders >> input & 1)
        inputs.push_back(input);
    body.add("decided_by",
             Object(2).add("is", *arith.decidedBy).add("inputs", std::move(inputs)).take());
  }
  json.add("arith", body.take());
}

void PlanPrinter::add(Object &json, const Tensor &tensor) const {
  json.add("tensor", Object(4)
                         .add("op", tensor.op)
                         .addIfKnown("dim", tensor.dim)
                         .addIfAny("offsets", tensor.offsets)
                         .addIfAny("sizes", tensor.sizes)
                         .addIfAny("strides", tensor.strides)
                         .take());
}

void PlanPrinter::add(Object &json, const ToolUse &tool) const {
  json.add("tool", Object(1).add("name", tool.name).take());
}

void PlanPrinter::add(Object &json, const Cache &cache) const {
  json.add("cache", Object(3)
                        .add("fingerprint", cache.fingerprint)
                        .addIfKnown("ttl_s", cache.ttlS)
                        .addIfKnown("namespace", cache.scope)
                        .take());
}

void PlanPrinter::add(Object &json, const Control &control) const {
  Json scopes = Json::array();
  for (uint32_t i = 0; i < control.scopeCount; ++i)
    scopes.push_back(scopeId(control.firstScope + i));
  json.add("control", Object(9)
                          .add("scopes", std::move(scopes))
                          .add("settles", getName(control.settles))
                          .addIfKnown("batch_size", control.batchSize)
                          .addIf(!control.policy.empty(), "policy", control.policy)
                          .addIfKnown("quorum", control.quorum)
                          .addIfAny("waves", control.waves)
                          .addIfKnown("confidence", control.confidence)
                          .addIfKnown("agreement", control.agreement)
                          .addIf(control.cancelsWhenSettled, "when_settled", "cancel")
                          .take());
}

//===----------------------------------------------------------------------===//
// What is said of tasks
//===----------------------------------------------------------------------===//

/// Tells apart what the run itself cannot: the source, the plan and the task.
void PlanPrinter::addIdempotency(Object &json, const Task &task) const {
  constexpr size_t hashDigits = 16;
  int64_t samples = 1;
  if (auto *request = std::get_if<std::unique_ptr<Request>>(&task.details))
    samples = (*request)->samples.value_or(1);
  else if (!std::holds_alternative<ToolUse>(task.details))
    return;
  std::string key = document.sourceHash.substr(0, hashDigits);
  key.append("/").append(plan.name).append("/").append(getId(task));
  json.add("idempotency", Object(2).add("key", std::move(key)).add("samples", samples).take());
}

/// Adds what few tasks have: the plan has it in tables.
void PlanPrinter::addRarities(Object &json, uint32_t index) const {
  if (auto ids = plan.sampleIds.find(index); ids != plan.sampleIds.end())
    json.add("sample_ids", ids->second);
  if (auto settled = plan.cancelWhenSettled.find(index); settled != plan.cancelWhenSettled.end())
    json.add("cancel_when_settled", taskId(settled->second));
}

static Json toJson(const Estimate &estimate) {
  return Object(7)
      .addIfKnown("requests", estimate.requests)
      .addIfKnown("input_tokens", estimate.inputTokens)
      .addIfKnown("cached_input_tokens", estimate.cachedInputTokens)
      .addIfKnown("output_tokens", estimate.outputTokens)
      .addIfKnown("cost_usd", estimate.costUsd)
      .addIfKnown("latency_ms", estimate.latencyMs)
      .addIfKnown("memory_mb", estimate.memoryMb)
      .take();
}

static Json toJson(const Timing &timing) {
  return Object(4)
      .add("earliest_start_ms", timing.earliestStartMs)
      .add("earliest_finish_ms", timing.earliestFinishMs)
      .add("slack_ms", timing.slackMs)
      .addIf(timing.isCritical, "critical", true)
      .take();
}

static Json toJson(const Resources &resources) {
  return Object(3)
      .addIfKnown("memory_mb", resources.memoryMb)
      .addIfKnown("cpus", resources.cpus)
      .addIfKnown("gpus", resources.gpus)
      .take();
}

static Json toJson(const Retry &retry) {
  return Object(4)
      .add("max_attempts", retry.maxAttempts)
      .addIfKnown("initial_backoff_ms", retry.initialBackoffMs)
      .addIfKnown("backoff_factor", retry.backoffFactor)
      .addIfKnown("max_backoff_ms", retry.maxBackoffMs)
      .take();
}

void PlanPrinter::addPlanning(Object &json, const Planning &planning) const {
  Object hints(3);
  hints.addIfKnown("expected_output_tokens", planning.expectedOutputTokens)
      .addIfKnown("hit_rate", planning.hitRate)
      .addIfKnown("quality_task", planning.qualityTask);
  if (!hints.empty())
    json.add("hints", hints.take());
  json.addIf(planning.serviceTier != ServiceTier::Standard, "service_tier",
             getName(planning.serviceTier));
  if (planning.estimate)
    json.add("estimate", ::toJson(*planning.estimate));
  json.addIf(planning.expectedRuns != 1, "expected_runs", planning.expectedRuns);
  if (planning.timing)
    json.add("timing", ::toJson(*planning.timing));
  json.addIfKnown("execution_probability", planning.executionProbability);
  if (planning.resources)
    json.add("resources", ::toJson(*planning.resources));
  if (planning.retry)
    json.add("retry", ::toJson(*planning.retry));
  json.addIfKnown("timeout_ms", planning.timeoutMs);
  if (planning.pool)
    json.add("rate_limit_pool", planning.pool->first);
  Object locality(3);
  if (planning.localityScope)
    locality.add("group", scopeId(*planning.localityScope));
  if (!planning.prefix.empty())
    locality.add("prefix", planning.prefix).addIfKnown("prefix_tokens", planning.prefixTokens);
  if (!locality.empty())
    json.add("locality", locality.take());
}

static Json toJson(const Location &location) {
  return Object(3)
      .add("line", location.line)
      .add("column", location.column)
      .addIf(!location.file.empty(), "file", location.file)
      .take();
}

template <typename T>
static llvm::ArrayRef<T> slice(const std::vector<T> &list, Slice slice) {
  return llvm::ArrayRef(list).slice(slice.begin, slice.size);
}

Json PlanPrinter::taskToJson(uint32_t index) const {
  const Task &task = plan.tasks[index];
  Object json(16);
  json.add("id", getId(task)).add("kind", getName(task.kind)).add("scope", scopeId(task.scope));
  json.add("inputs", toJson(slice(plan.references, task.inputs)));
  std::visit([&](const auto &details) { add(json, details); }, task.details);
  json.add("outputs", ::toJson(slice(plan.types, task.outputs)));
  json.add("depends_on", makeList(slice(plan.dependencies, task.dependsOn),
                                  [&](uint32_t dependency) { return taskId(dependency); }));
  addIdempotency(json, task);
  addRarities(json, index);
  if (task.planning)
    addPlanning(json, *task.planning);
  if (task.location.line)
    json.add("location", ::toJson(task.location));
  return json.take();
}

//===----------------------------------------------------------------------===//
// The document
//===----------------------------------------------------------------------===//

static Json toJson(const Port &port) {
  return Object(4)
      .addIfKnown("name", port.name)
      .add("type", toJson(*port.type))
      .addIfKnown("tokens", port.tokens)
      .addIfKnown("count", port.count)
      .take();
}

static Json toJson(const std::vector<Port> &ports) {
  return makeList(ports, [](const Port &port) { return toJson(port); });
}

static Json toJson(const Template &entry) {
  return Object(4)
      .add("format", entry.format)
      .add("literals", entry.literals)
      .add("slots", entry.slots)
      .add("names", entry.names)
      .take();
}

static void add(Object &json, const std::vector<ModelField> &fields) {
  for (const auto &[field, value] : fields)
    json.add(std::string(field).c_str(), toJson(value));
}

static Json toJson(const PriceStep &step) {
  Object json(1 + step.prices.size());
  json.add("above_tokens", step.aboveTokens);
  add(json, step.prices);
  return json.take();
}

static Json toJson(const std::pair<const std::string_view, Model> &named) {
  const auto &[name, model] = named;
  Object json(3 + model.fields.size());
  json.add("name", name);
  add(json, model.fields);
  if (!model.priceSteps.empty())
    json.add("price_steps",
             makeList(model.priceSteps, [](const PriceStep &step) { return toJson(step); }));
  if (!model.qualityByTask.empty()) {
    Object byTask(model.qualityByTask.size());
    for (const auto &[task, quality] : model.qualityByTask)
      byTask.add(std::string(task).c_str(), quality);
    json.add("quality_by_task", byTask.take());
  }
  return json.take();
}

static Json toJson(const NamedPool &named) {
  const auto &[name, pool] = named;
  return Object(4)
      .add("name", name)
      .addIfKnown("requests_per_min", pool.requestsPerMin)
      .addIfKnown("tokens_per_min", pool.tokensPerMin)
      .addIfKnown("max_concurrency", pool.maxConcurrency)
      .take();
}

static Json toJson(const std::pair<const std::string_view, Tool> &named) {
  const auto &[name, tool] = named;
  return Object(6)
      .add("name", name)
      .add("task", tool.task)
      .add("pure", tool.pure)
      .addIfKnown("latency_ms", tool.latencyMs)
      .add("inputs", toJson(tool.inputs))
      .add("outputs", toJson(tool.outputs))
      .take();
}

//===----------------------------------------------------------------------===//
// What estimates say of plans
//===----------------------------------------------------------------------===//

namespace {
/// Adds figures to an object, and then which of them leave something out.
class FigurePrinter {
public:
  explicit FigurePrinter(Object &json) : json(json) {}

  void add(const char *key, const std::optional<Figure> &figure) {
    if (!figure)
      return;
    json.add(key, figure->value);
    if (figure->isAtLeast)
      atLeast.push_back(key);
  }
  void add(const CallTotals &totals) {
    json.add("calls", totals.calls)
        .add("requests", totals.requests)
        .add("input_tokens", totals.inputTokens)
        .add("cached_input_tokens", totals.cachedInputTokens)
        .add("output_tokens", totals.outputTokens);
    add("cost_usd", totals.costUsd);
    add("worst_cost_usd", totals.worstCostUsd);
  }
  void finish() {
    if (!atLeast.empty())
      json.add("at_least", std::move(atLeast));
  }

private:
  Object &json;
  Json atLeast = Json::array();
};
} // namespace

static Json toJson(const Totals &totals) {
  Object json(13);
  FigurePrinter figures(json);
  figures.add(totals.calls);
  figures.add("latency_ms", totals.latencyMs);
  figures.add("worst_latency_ms", totals.worstLatencyMs);
  figures.add("sequential_ms", totals.sequentialMs);
  figures.add("makespan_ms", totals.makespanMs);
  json.addIfKnown("peak_parallelism", totals.peakParallelism);
  figures.finish();
  return json.take();
}

static Json toJson(const std::pair<const std::string_view, CallTotals> &model) {
  Object json(9);
  json.add("model", model.first);
  FigurePrinter figures(json);
  figures.add(model.second);
  figures.finish();
  return json.take();
}

static Json toJson(const Unknown &unknown) {
  return Object(2)
      .add(unknown.of == Unknown::Of::Model ? "model" : "tool", unknown.name)
      .add("field", unknown.field)
      .take();
}

Json PlanPrinter::toJson(const Assumption &assumption) const {
  Object json(3);
  json.add("what", getName(assumption.what)).add("value", assumption.value);
  switch (assumption.where) {
  case Assumption::Where::Task:
    json.add("task", taskId(assumption.index));
    break;
  case Assumption::Where::Input:
    json.add("input", assumption.index);
    break;
  case Assumption::Where::Scope:
    json.add("scope", scopeId(assumption.index));
    break;
  }
  return json.take();
}

//===----------------------------------------------------------------------===//
// The frame
//===----------------------------------------------------------------------===//

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

/// Prints a list that is there if it has entries.
template <typename Entries, typename EntryToJson>
static void printIfAny(llvm::raw_ostream &os, unsigned indent, const char *key,
                       const Entries &entries, EntryToJson entryToJson) {
  if (entries.begin() == entries.end())
    return;
  printList(os, indent, key, entries, entryToJson);
  os << ",\n";
}

/// Prints what is estimated of a plan. A path may be as long as the plan, so its
/// line is never in memory.
static void printForecast(llvm::raw_ostream &os, unsigned indent, const Forecast &forecast,
                          const PlanPrinter &printer) {
  auto entryToJson = [](const auto &entry) { return toJson(entry); };
  if (forecast.totals)
    os.indent(indent) << "\"totals\": " << dump(toJson(*forecast.totals)) << ",\n";
  printIfAny(os, indent, "model_totals", forecast.models, entryToJson);
  printIfAny(os, indent, "unknown", forecast.unknown, entryToJson);
  if (!forecast.criticalPath.empty()) {
    os.indent(indent) << "\"critical_path\": ";
    char separator = '[';
    for (uint32_t task : forecast.criticalPath) {
      os << separator << '"' << printer.taskId(task) << '"';
      separator = ',';
    }
    os << "],\n";
  }
  printIfAny(os, indent, "assumptions", forecast.assumptions,
             [&](const Assumption &assumption) { return printer.toJson(assumption); });
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
  printForecast(os, indent, plan.forecast, printer);
  auto entryToJson = [&](const auto &entry) { return printer.toJson(entry); };
  printList(os, indent, "scopes", plan.scopes, entryToJson);
  os << ",\n";
  uint32_t next = 0;
  printList(os, indent, "tasks", plan.tasks,
            [&](const Task &) { return printer.taskToJson(next++); });
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
  print("generator",
        Object(2).add("name", "xcs-translate").add("version", XCSLLM_VERSION).take());
  print("source",
        Object(2).add("file", document.sourceFile).add("sha256", document.sourceHash).take());
  print("passes", document.passes);
  printList(os, 2, "texts", document.texts, [](std::string_view text) { return Json(text); });
  os << ",\n";
  printTable("templates", document.templates);
  printTable("lists", document.lists);
  printTable("models", document.models);
  printIfAny(os, 2, "pools", document.pools, [](const NamedPool &pool) { return toJson(pool); });
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

void xcs::printPlanTotals(const Plan &plan, llvm::raw_ostream &os) {
  Object json(2);
  if (plan.forecast.totals)
    json.add("totals", toJson(*plan.forecast.totals));
  auto modelToJson = [](const auto &model) { return toJson(model); };
  os << dump(json.add("model_totals", makeList(plan.forecast.models, modelToJson)).take());
}

std::string xcs::getTaskId(const Task &task) { return getId(task); }

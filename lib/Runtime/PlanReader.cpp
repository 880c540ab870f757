//===- PlanReader.cpp - Schedule JSON as plans -----------------------------===//

#include "PlanReader.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

/// The value of the enumeration `T` with that name, by the order of `names`.
template <typename T>
static T findName(JsonReader &reader, StringRef name, ArrayRef<StringLiteral> names,
                  StringRef what) {
  const auto *found = find(names, name);
  if (found == names.end()) {
    reader.fail("unknown " + what + " '" + name + "'");
    return T();
  }
  return static_cast<T>(found - names.begin());
}

static constexpr StringLiteral taskKinds[] = {
    "generate",     "embed",       "score", "template", "parse",   "arith", "tensor",     "tool",
    "cache_lookup", "cache_store", "batch", "ensemble", "cascade", "chain", "conditional"};
static constexpr StringLiteral scopeKinds[] = {"plan", "branch", "member", "stage", "item", "body"};
static constexpr StringLiteral parseFormats[] = {"text",   "number", "boolean",
                                                 "choice", "json",   "regex"};
static constexpr StringLiteral tiers[] = {"standard", "flex", "batch"};
static constexpr StringLiteral policies[] = {"all", "majority", "first", "best"};

static bool isControl(TaskKind kind) { return kind >= TaskKind::Batch; }

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

Limits PlanReader::readLimits(const Json &json) {
  return {reader.findNumber(json, "budget_usd"), reader.findNumber(json, "deadline_ms")};
}

void PlanReader::readScope(const Json &json, Scope &scope) {
  scope.id = reader.getText(json, "id");
  reader.where = plan.name + "/" + scope.id;
  scope.kind =
      findName<ScopeKind>(reader, reader.getText(json, "kind"), scopeKinds, "kind of scope");
  scope.arguments = reader.readTypes(json, "arguments");
  if (const Json *constraints = JsonReader::find(json, "constraints"))
    scope.limits = readLimits(*constraints);
  const Json &runs = reader.get(json, "runs");
  if (scope.kind == ScopeKind::Branch)
    scope.condition = reader.getFlag(runs, "is");
  if (scope.kind == ScopeKind::Stage)
    scope.attempts = reader.findCount(runs, "attempts", 1).value_or(1);
  std::string votes = reader.findText(json, "votes");
  scope.votesAreItems = votes == "items";
}

void PlanReader::readTask(const Json &json, Task &task) {
  task.id = reader.getText(json, "id");
  reader.where = plan.name + "/" + task.id;
  task.kind = findName<TaskKind>(reader, reader.getText(json, "kind"), taskKinds, "kind of task");
  task.outputs = reader.readTypes(json, "outputs");
  task.sampleIds = reader.findIntegers(json, "sample_ids");
  if (std::optional<uint32_t> scope = findScope(json, "scope")) {
    task.scope = *scope;
    task.firstResult = plan.scopes[*scope].results;
    plan.scopes[*scope].results += task.outputs.size();
    plan.scopes[*scope].tasks.push_back(&task - plan.tasks.data());
  }
}

void PlanReader::readNames(const Json &scopes, const Json &tasks) {
  plan.scopes.resize(scopes.size());
  plan.tasks.resize(tasks.size());
  for (auto [index, json] : enumerate(scopes)) {
    Scope &scope = plan.scopes[index];
    readScope(json, scope);
    if (!scopeNames.try_emplace(scope.id, index).second)
      reader.fail("must be the only scope of this id");
    if ((scope.kind == ScopeKind::Plan) != (index == 0))
      reader.fail("the scope of the plan must come first, and be the only one");
  }
  if (scopes.empty())
    reader.fail("a plan must have a scope");
  for (auto [index, json] : enumerate(tasks)) {
    readTask(json, plan.tasks[index]);
    if (!taskNames.try_emplace(plan.tasks[index].id, index).second)
      reader.fail("must be the only task of this id");
  }
}

std::optional<uint32_t> PlanReader::findTask(const Json &object, const char *name) {
  std::string id = reader.getText(object, name);
  auto found = taskNames.find(id);
  if (found != taskNames.end())
    return found->second;
  reader.fail("'" + Twine(name) + "' must be a task of the plan (got '" + id + "')");
  return std::nullopt;
}

std::optional<uint32_t> PlanReader::findScope(const Json &object, const char *name) {
  std::string id = reader.getText(object, name);
  auto found = scopeNames.find(id);
  if (found != scopeNames.end())
    return found->second;
  reader.fail("'" + Twine(name) + "' must be a scope of the plan (got '" + id + "')");
  return std::nullopt;
}

/// A scope stands behind the one around it, so that no chain of owners is endless.
void PlanReader::placeScope(const Json &json, uint32_t index) {
  Scope &scope = plan.scopes[index];
  reader.where = plan.name + "/" + scope.id;
  std::optional<uint32_t> owner = index == 0 ? std::nullopt : findTask(json, "owner");
  if (!owner)
    return;
  scope.owner = owner;
  scope.parent = plan.tasks[*owner].scope;
  if (*scope.parent >= index)
    reader.fail("must stand behind the scope of its owner, '" + plan.tasks[*owner].id + "'");
}

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

void PlanReader::addNeed(uint32_t needed, uint32_t scope, uint32_t behind) {
  if (behind < plan.tasks.size())
    plan.tasks[behind].waits.push_back(needed);
  while (scope != plan.tasks[needed].scope) {
    if (!plan.scopes[scope].owner)
      return reader.fail("must refer to its own scope or one around it (got '" +
                         plan.tasks[needed].id + "')");
    behind = *plan.scopes[scope].owner;
    scope = *plan.scopes[scope].parent;
  }
  if (needed >= behind)
    return reader.fail("must refer to a task that stands earlier (got '" + plan.tasks[needed].id +
                       "')");
  if (behind < plan.tasks.size())
    plan.tasks[behind].needs.push_back(needed);
}

Reference PlanReader::readConstant(const Json &json, Type &type) {
  Reference reference;
  if (JsonReader::find(json, "text"))
    reference.index = reader.getIndex(json, "text", reader.texts);
  else if (JsonReader::find(json, "list"))
    reference.index = reader.texts + reader.getIndex(json, "list", reader.lists);
  else if (const Json *literal = JsonReader::find(json, "literal")) {
    reference.index = reader.document.constants.size();
    reader.constantTypes.push_back(reader.readType(reader.get(json, "type")));
    reader.document.constants.push_back(reader.readValue(*literal, reader.constantTypes.back()));
  } else {
    reader.fail("must refer to a task, a scope, a text, a list or a literal");
  }
  if (!reader.hasFailed())
    type = reader.constantTypes[reference.index];
  return reference;
}

Reference PlanReader::readReference(const Json &json, uint32_t scope, uint32_t behind, Type &type) {
  Reference reference;
  if (JsonReader::find(json, "task")) {
    std::optional<uint32_t> index = findTask(json, "task");
    if (!index)
      return reference;
    const Task &task = plan.tasks[*index];
    uint32_t output = reader.getIndex(json, "output", task.outputs.size());
    addNeed(*index, scope, behind);
    if (!reader.hasFailed())
      type = task.outputs[output];
    return {Reference::Kind::Result, task.scope, task.firstResult + output};
  }
  if (!JsonReader::find(json, "scope"))
    return readConstant(json, type);
  std::optional<uint32_t> owner = findScope(json, "scope");
  if (!owner)
    return reference;
  const Scope &around = plan.scopes[*owner];
  uint32_t argument = reader.getIndex(json, "argument", around.arguments.size());
  for (std::optional<uint32_t> at = scope; at != owner; at = plan.scopes[*at].parent)
    if (!plan.scopes[*at].parent) {
      reader.fail("must refer to its own scope or one around it (got '" + around.id + "')");
      return reference;
    }
  if (!reader.hasFailed())
    type = around.arguments[argument];
  return {Reference::Kind::Argument, *owner, argument};
}

void PlanReader::readInputs(const Json &json, uint32_t index) {
  Task &task = plan.tasks[index];
  std::vector<Type> types;
  for (const Json &input : reader.getList(json, "inputs"))
    task.inputs.push_back(readReference(input, task.scope, index, types.emplace_back()));
  if (reader.hasFailed())
    return;
  for (const Json &name : reader.getList(json, "depends_on")) {
    auto found = taskNames.find(name.is_string() ? name.get<std::string>() : "");
    if (found == taskNames.end())
      return reader.fail("'depends_on' must name tasks of the plan (got " + Twine(name.dump()) +
                         ")");
    addNeed(found->second, task.scope, index);
  }
  if (JsonReader::find(json, "cancel_when_settled")) {
    task.helps = findTask(json, "cancel_when_settled");
    if (task.helps && plan.tasks[*task.helps].scope != task.scope)
      reader.fail("'cancel_when_settled' must be a task of its scope (got '" +
                  plan.tasks[*task.helps].id + "')");
  }
  takeTypes(task, types);
}

void PlanReader::readYields(const Json &json, uint32_t index) {
  Scope &scope = plan.scopes[index];
  reader.where = plan.name + "/" + scope.id;
  uint32_t end = plan.tasks.size();
  for (const Json &yielded : reader.getList(json, "yields")) {
    Type type;
    scope.yields.push_back(readReference(yielded, index, end, type));
    if (scope.yields.size() > 1 || !scope.votesAreItems)
      continue;
    if (type.shape.empty())
      reader.fail("must yield a list, of which each item has a vote");
    else if (type.shape[0] != Type::unknownSize)
      scope.maxVotes = type.shape[0];
  }
  if (!scope.votesAreItems)
    scope.maxVotes = 1;
  if (const Json *verdict = JsonReader::find(json, "verdict"))
    scope.verdict = readReference(*verdict, index, end);
  if (const Json *score = JsonReader::find(json, "score"))
    scope.score = readReference(*score, index, end);
}

//===----------------------------------------------------------------------===//
// What tasks do
//===----------------------------------------------------------------------===//

/// What goes out with the messages.
void PlanReader::readParameters(const Json &json, Request &request) {
  auto hasFlag = [&](const char *name, bool otherwise) {
    return JsonReader::find(json, name) ? reader.getFlag(json, name) : otherwise;
  };
  request.isCacheable = hasFlag("cacheable", false);
  request.noReuse = hasFlag("no_reuse", false);
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
  parameters["kind"] = taskKinds[static_cast<size_t>(task.kind)].str();
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
  return {find("calls"),         find("requests"),         find("input_tokens"),
          find("output_tokens"), find("cost_usd"),         find("latency_ms"),
          find("makespan_ms"),   find("worst_latency_ms"), reader.findTexts(json, "at_least")};
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
  if (!isControl(task.kind) && task.outputs.size() != outputs)
    reader.fail("must have " + Twine(outputs) + " outputs (got " + Twine(task.outputs.size()) +
                ")");
}

void PlanReader::takeTypes(Task &task, ArrayRef<Type> inputs) {
  bool needsInput = task.kind != TaskKind::Template && task.kind != TaskKind::Tensor &&
                    task.kind != TaskKind::Tool && task.kind < TaskKind::Ensemble;
  if ((needsInput || task.kind == TaskKind::Conditional) && inputs.empty())
    return reader.fail("must have an input");
  if (auto *request = std::get_if<Request>(&task.details))
    for (uint32_t message : request->messages)
      if (message >= inputs.size())
        return reader.fail("messages must be inputs (got " + Twine(message) + " of " +
                           Twine(inputs.size()) + ")");
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

/// That scopes yield what their owner makes its outputs of.
void PlanReader::checkYields(const Task &task) {
  auto *control = std::get_if<Control>(&task.details);
  if (!control)
    return;
  reader.where = plan.name + "/" + task.id;
  bool isOne = task.kind == TaskKind::Batch || task.kind == TaskKind::Chain;
  if (isOne && control->scopes.size() != 1)
    reader.fail("must have one scope (got " + Twine(control->scopes.size()) + ")");
  SmallVector<bool, 2> conditions;
  for (uint32_t index : control->scopes) {
    const Scope &scope = plan.scopes[index];
    conditions.push_back(scope.condition);
    if (scope.yields.size() != task.outputs.size())
      reader.fail("must have an output for each yield of '" + scope.id + "'");
    if (control->policy == Policy::Best && !scope.score)
      reader.fail("'" + scope.id + "' must have a score");
  }
  bool hasBoth = is_contained(conditions, true) && is_contained(conditions, false);
  if (task.kind == TaskKind::Conditional && !hasBoth)
    reader.fail("must have a scope for each value of its condition");
}

void PlanReader::read(const Json &json) {
  reader.where.clear();
  plan.name = reader.getText(json, "name");
  reader.where = plan.name;
  for (auto [name, ports] : {std::pair{"inputs", &plan.inputs}, {"outputs", &plan.outputs}})
    for (const Json &port : reader.getList(json, name))
      ports->push_back({reader.findText(port, "name"), reader.readType(reader.get(port, "type"))});
  if (const Json *totals = JsonReader::find(json, "totals"))
    plan.totals = readTotals(*totals);
  const Json &scopes = reader.getList(json, "scopes"), &tasks = reader.getList(json, "tasks");
  readNames(scopes, tasks);
  if (const Json *constraints = JsonReader::find(json, "constraints"))
    if (!plan.scopes.empty())
      plan.scopes[0].limits = readLimits(*constraints);
  // From here on what was read has to be right.
  for (uint32_t at = 0; at < scopes.size() && !reader.hasFailed(); ++at)
    placeScope(scopes[at], at);
  for (uint32_t at = 0; at < tasks.size() && !reader.hasFailed(); ++at) {
    reader.where = plan.name + "/" + plan.tasks[at].id;
    readDetails(tasks[at], plan.tasks[at]);
    if (!reader.hasFailed())
      readInputs(tasks[at], at);
  }
  for (uint32_t at = 0; at < scopes.size() && !reader.hasFailed(); ++at)
    readYields(scopes[at], at);
  if (reader.hasFailed())
    return;
  for (Task &task : plan.tasks) {
    checkYields(task);
    for (std::vector<uint32_t> *tasks : {&task.needs, &task.waits}) {
      llvm::sort(*tasks);
      tasks->erase(llvm::unique(*tasks), tasks->end());
    }
  }
  reader.where = plan.name;
  if (plan.scopes[0].arguments.size() != plan.inputs.size() ||
      plan.scopes[0].yields.size() != plan.outputs.size())
    reader.fail("its scope must have its inputs and outputs");
}

} // namespace xcs::runtime

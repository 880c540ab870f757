//===- PlanReader.cpp - Schedule JSON as plans -----------------------------===//

#include "PlanReader.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

static constexpr StringLiteral scopeKinds[] = {"plan", "branch", "member", "stage", "item", "body"};

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
  task.kind =
      findName<TaskKind>(reader, reader.getText(json, "kind"), getTaskKinds(), "kind of task");
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
    // Where its own time and money are limited, it starts when all is there that its
    // scope takes from outside.
    if (plan.scopes[scope].limits.isLimited())
      plan.tasks[behind].waits.push_back(needed);
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
// Plans
//===----------------------------------------------------------------------===//

/// That scopes yield what their owner makes its outputs of.
void PlanReader::checkYields(const Task &task) {
  auto *control = std::get_if<Control>(&task.details);
  if (!control)
    return;
  reader.where = plan.name + "/" + task.id;
  bool isOne = task.kind == TaskKind::Batch || task.kind == TaskKind::Chain;
  if (isOne && control->scopes.size() != 1)
    reader.fail("must have one scope (got " + Twine(control->scopes.size()) + ")");
  if (task.kind == TaskKind::Ensemble && task.outputs.empty())
    reader.fail("must have an output");
  SmallVector<bool, 2> conditions;
  for (uint32_t index : control->scopes) {
    const Scope &scope = plan.scopes[index];
    conditions.push_back(scope.condition);
    if (task.kind != TaskKind::Batch && !scope.arguments.empty())
      reader.fail("'" + scope.id + "' must have no arguments");
    if (scope.yields.size() != task.outputs.size())
      reader.fail("must have an output for each yield of '" + scope.id + "'");
    if (control->policy == Policy::Best && !scope.score)
      reader.fail("'" + scope.id + "' must have a score");
  }
  bool hasBoth = is_contained(conditions, true) && is_contained(conditions, false);
  if (task.kind == TaskKind::Conditional && !hasBoth)
    reader.fail("must have a scope for each value of its condition");
}

/// What has no name is called by its number.
std::vector<Port> PlanReader::readPorts(const Json &json, const char *name) {
  std::vector<Port> ports;
  StringMap<bool> names;
  for (const Json &one : reader.getList(json, name)) {
    Port port{reader.findText(one, "name"), reader.readType(reader.get(one, "type"))};
    if (port.name.empty())
      port.name = std::to_string(ports.size());
    if (!names.try_emplace(port.name, true).second)
      reader.fail("'" + Twine(name) + "' must have different names (got several '" + port.name +
                  "')");
    ports.push_back(std::move(port));
  }
  return ports;
}

void PlanReader::read(const Json &json) {
  reader.where.clear();
  plan.name = reader.getText(json, "name");
  reader.where = plan.name;
  plan.inputs = readPorts(json, "inputs");
  plan.outputs = readPorts(json, "outputs");
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

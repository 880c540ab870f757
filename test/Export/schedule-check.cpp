//===- schedule-check.cpp - Whether a schedule can be acted on -------------===//
//
//   schedule-check <schema.json> <schedule.json>…   validates each schedule
//   schedule-check --same <a.json> <b.json>         compares, but for the generator
//
// Shares no code with the exporter. Validates against the schema with valijson,
// and then what a JSON schema cannot say: that ids are unique, that references
// lead somewhere that can be seen from where they stand, that dependencies are
// complete and acyclic.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

static void require(bool holds, const std::string &rule) {
  if (!holds)
    throw std::runtime_error(rule);
}

static Json read(const std::string &path) {
  std::ifstream file(path);
  require(file.good(), "cannot be read");
  return Json::parse(file);
}

static void validate(const valijson::Schema &schema, const Json &document) {
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(schema, Adapter(document), &results))
    return;
  std::string message = "must follow the schema";
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    message += "\n  ";
    for (const std::string &step : error.context)
      message += step;
    message += ": " + error.description;
  }
  throw std::runtime_error(message);
}

namespace {
/// Checks one plan of a document.
class PlanChecker {
public:
  PlanChecker(const Json &document, const Json &plan) : document(document), plan(plan) {}

  void check();

private:
  struct TaskEntry {
    const Json *task;
    size_t position;
  };

  void index();
  void checkScope(const Json &scope);
  void checkTask(const Json &task);
  void checkDependencies(const Json &task);
  void checkPayload(const Json &task);
  void checkControl(const Json &task);
  void checkPlanning(const Json &task);
  void checkDecision(const Json &task);
  void checkNeed(const Json &reference, const std::string &from, const Json *by);
  void checkCancellations();
  void checkForecast();
  Json getType(const Json &reference, const std::string &from) const;
  bool isVisible(const std::string &scope, std::string from) const;
  std::string getParent(const std::string &scope) const;
  Json getIterationPath(std::string scope) const;
  const Json &getNamed(const char *table, const std::string &name) const;

  const Json &document, &plan;
  std::map<std::string, TaskEntry> tasks;
  std::map<std::string, const Json *> scopes;
};
} // namespace

void PlanChecker::index() {
  std::set<std::string> ids;
  for (const Json &scope : plan["scopes"]) {
    require(ids.insert(scope["id"]).second, "ids must be unique");
    scopes[scope["id"]] = &scope;
  }
  for (const Json &task : plan["tasks"]) {
    require(ids.insert(task["id"]).second, "ids must be unique");
    tasks[task["id"]] = {&task, tasks.size()};
  }
}

/// The scope in which the owner of `scope` stands; none for the plan's own.
std::string PlanChecker::getParent(const std::string &scope) const {
  const Json &entry = *scopes.at(scope);
  return entry["kind"] == "plan" ? "" : std::string((*tasks.at(entry["owner"]).task)["scope"]);
}

bool PlanChecker::isVisible(const std::string &scope, std::string from) const {
  for (; !from.empty(); from = getParent(from))
    if (from == scope)
      return true;
  return false;
}

/// The type of what `reference` leads to, seen from the scope `from`.
Json PlanChecker::getType(const Json &reference, const std::string &from) const {
  if (reference.contains("literal"))
    return reference["type"];
  for (auto [key, table] : {std::pair("text", "texts"), std::pair("list", "lists")})
    if (reference.contains(key)) {
      const Json &entries = document[table];
      require(reference[key] < entries.size(), "tables must have what is referred to");
      return key == std::string("text") ? Json("text") : entries[size_t(reference[key])]["type"];
    }
  bool isTask = reference.contains("task");
  std::string name = reference[isTask ? "task" : "scope"];
  require(isTask ? tasks.count(name) : scopes.count(name), "'" + name + "' must exist");
  const Json &entry = isTask ? *tasks.at(name).task : *scopes.at(name);
  require(isVisible(isTask ? std::string(entry["scope"]) : name, from),
          "'" + name + "' must be in a scope around '" + from + "'");
  const Json &types = entry[isTask ? "outputs" : "arguments"];
  const Json &number = reference[isTask ? "output" : "argument"];
  require(number < types.size(), "'" + name + "' must have the value referred to");
  return types[size_t(number)];
}

const Json &PlanChecker::getNamed(const char *table, const std::string &name) const {
  for (const Json &entry : document[table])
    if (entry["name"] == name)
      return entry;
  throw std::runtime_error(std::string(table) + " must have '" + name + "'");
}

Json PlanChecker::getIterationPath(std::string scope) const {
  Json path = Json::array();
  for (; !scope.empty(); scope = getParent(scope)) {
    const Json &entry = *scopes.at(scope);
    if (entry["kind"] == "item" || entry["runs"].value("attempts", 1) > 1)
      path.insert(path.begin(), scope);
  }
  return path;
}

void PlanChecker::checkScope(const Json &scope) {
  std::string id = scope["id"];
  for (const char *key : {"verdict", "score"})
    if (scope.contains(key))
      require(getType(scope[key], id) == (key == std::string("score") ? "f64" : "i1"),
              std::string("a ") + key + " must be of its type");
  Json types = Json::array();
  for (const Json &value : scope["yields"])
    types.push_back(getType(value, id));
  require(scope.value("iteration_path", Json::array()) == getIterationPath(id),
          "'iteration_path' must have the scopes around '" + id + "' that may repeat");
  if (scope["kind"] != "plan") {
    const Json &owner = *tasks.at(scope["owner"]).task;
    require(owner.contains("control") && owner["control"]["scopes"].size() > 0,
            "the owner of '" + id + "' must be control");
    const Json &owned = owner["control"]["scopes"];
    require(std::count(owned.begin(), owned.end(), Json(id)) == 1,
            "'" + id + "' must be among its owner's scopes");
    if (scope["kind"] == "branch" || scope["kind"] == "body" || scope["kind"] == "stage")
      require(types == owner["outputs"], "'" + id + "' must yield its owner's outputs");
    return;
  }
  auto typesOf = [](const Json &ports) {
    Json types = Json::array();
    for (const Json &port : ports)
      types.push_back(port["type"]);
    return types;
  };
  require(types == typesOf(plan["outputs"]), "the plan must yield its outputs");
  require(scope["arguments"] == typesOf(plan["inputs"]), "the plan must take its inputs");
}

void PlanChecker::checkDependencies(const Json &task) {
  std::set<std::string> needed;
  for (const Json &input : task["inputs"])
    if (input.contains("task"))
      needed.insert(std::string(input["task"]));
  size_t last = 0;
  for (const std::string dependency : task["depends_on"]) {
    require(tasks.count(dependency), "'" + dependency + "' must exist");
    size_t position = tasks.at(dependency).position + 1;
    require(position > last, "'depends_on' must be in the order of the tasks");
    last = position;
    require(position <= tasks.at(task["id"]).position, "tasks must come after their dependencies");
    bool isOrder = needed.erase(dependency) == 0;
    require(!isOrder || task.contains("tool") || task.contains("control"),
            "only tools must wait for what is no input");
    require(isVisible((*tasks.at(dependency).task)["scope"], task["scope"]),
            "a dependency must be in a scope around the task");
  }
  require(needed.empty(), "'depends_on' must have all that inputs come from");
}

void PlanChecker::checkControl(const Json &task) {
  const Json &control = task["control"];
  size_t members = 0, position = 0;
  for (const Json &wave : control.value("waves", Json::array()))
    members += size_t(wave);
  require(!control.contains("waves") || members == control["scopes"].size(),
          "waves must sum to the scopes");
  for (const std::string id : control["scopes"]) {
    const Json &scope = *scopes.at(id);
    require(scope["owner"] == task["id"], "'" + id + "' must be owned by who runs it");
    const Json &runs = scope["runs"];
    if (runs["when"] == "not_accepted")
      require(position && runs["after"] == control["scopes"][position - 1],
              "a stage must come after the one before");
    if (runs["when"] == "wave")
      require(runs["wave"] < control["waves"].size(), "a member must be in a wave there is");
    ++position;
  }
}

void PlanChecker::checkPayload(const Json &task) {
  size_t inputs = task["inputs"].size();
  if (task.contains("request")) {
    getNamed("models", task["request"]["model"]);
    size_t next = 0;
    for (const Json &message : task["request"].value("messages", Json::array()))
      require(message["input"] == next++, "messages must be the inputs, in order");
    require(task["kind"] == "embed" ? inputs == 1 : inputs == next, "inputs must be messages");
    require(task["request"].value("n", 1) == task["idempotency"]["samples"],
            "each sample must have a key");
  }
  if (task.contains("template")) {
    const Json &index = task["template"]["index"];
    require(index < document["templates"].size(), "templates must have what is referred to");
    require(document["templates"][size_t(index)]["names"].size() == inputs,
            "a template must have its inputs");
  }
  if (task.contains("tool")) {
    const Json &tool = getNamed("tools", task["tool"]["name"]);
    require(tool["outputs"] == task["outputs"], "a tool must give its outputs");
    Json types = Json::array();
    for (const Json &input : task["inputs"])
      types.push_back(getType(input, task["scope"]));
    require(tool["inputs"] == types, "a tool must have inputs of its types");
  }
  if (task.contains("control"))
    checkControl(task);
}

void PlanChecker::checkPlanning(const Json &task) {
  if (task.contains("rate_limit_pool") && document.contains("pools"))
    getNamed("pools", task["rate_limit_pool"]);
  if (task.contains("timing"))
    require(task["timing"]["earliest_start_ms"] <= task["timing"]["earliest_finish_ms"],
            "a task must not finish before it starts");
  Json estimate = task.value("estimate", Json::object());
  if (estimate.contains("input_tokens") && estimate.contains("cached_input_tokens"))
    require(estimate["cached_input_tokens"] <= estimate["input_tokens"],
            "no more than the input must be cached");
}

/// Only figures that are there can leave something out.
static void checkTotals(const Json &totals) {
  for (const std::string figure : totals.value("at_least", Json::array()))
    require(totals.contains(figure), "'" + figure + "' must be there to be at least");
}

/// Checks what is said of the plan as a whole.
void PlanChecker::checkForecast() {
  if (plan.contains("totals"))
    checkTotals(plan["totals"]);
  std::string last;
  for (const Json &total : plan.value("model_totals", Json::array())) {
    std::string model = total["model"];
    require(last < model, "totals must be sorted by model, each once");
    getNamed("models", last = model);
    checkTotals(total);
  }
  for (const Json &unknown : plan.value("unknown", Json::array()))
    unknown.contains("model") ? getNamed("models", unknown["model"])
                              : getNamed("tools", unknown["tool"]);
  size_t next = 0;
  for (const std::string id : plan.value("critical_path", Json::array())) {
    require(tasks.count(id), "'" + id + "' must exist");
    const auto &[task, position] = tasks.at(id);
    require(position >= next, "the critical path must be in the order of the tasks");
    next = position + 1;
    require(!task->contains("timing") || (*task)["timing"].contains("critical"),
            "'" + id + "' must be critical");
  }
  for (const Json &assumption : plan.value("assumptions", Json::array())) {
    if (assumption.contains("task"))
      require(tasks.count(assumption["task"]), "something must be assumed of a task there is");
    if (assumption.contains("scope"))
      require(scopes.count(assumption["scope"]), "something must be assumed of a scope there is");
    require(!assumption.contains("input") || assumption["input"] < plan["inputs"].size(),
            "something must be assumed of an input there is");
  }
}

/// Checks what may decide a task early.
void PlanChecker::checkDecision(const Json &task) {
  if (task.contains("arith") && task["arith"].contains("decided_by")) {
    const Json &op = task["arith"]["op"];
    require((op == "andi" || op == "ori") && task["outputs"] == Json::array({"i1"}),
            "only conjunctions and disjunctions of flags must be decided early");
    require(task["arith"]["decided_by"]["is"] == (op == "ori"),
            "a conjunction must be decided by false, a disjunction by true");
  }
  if (task.contains("control") && task["control"].contains("when_settled")) {
    std::string policy = task["control"].value("policy", "");
    require(policy == "first" || policy == "majority",
            "only 'first' and 'majority' must cancel when they have settled");
  }
}

/// Checks that what is cancelled with a task is not needed by another one: `by`, or, if
/// there is none, the scope `from` itself.
void PlanChecker::checkNeed(const Json &reference, const std::string &from, const Json *by) {
  if (!reference.contains("task"))
    return;
  const Json &needed = *tasks.at(reference["task"]).task;
  if (!needed.contains("cancel_when_settled"))
    return;
  for (std::string scope = from; scope != needed["scope"]; scope = getParent(scope))
    by = tasks.at((*scopes.at(scope))["owner"]).task;
  while (by && (*by)["id"] != needed["cancel_when_settled"])
    by =
        by->contains("cancel_when_settled") ? tasks.at((*by)["cancel_when_settled"]).task : nullptr;
  require(by, "'" + std::string(needed["id"]) + "' must be needed only by what cancels it");
}

void PlanChecker::checkCancellations() {
  for (const Json &task : plan["tasks"]) {
    bool isImpure = task.contains("tool") && !getNamed("tools", task["tool"]["name"])["pure"];
    for (std::string scope = isImpure ? task["scope"] : ""; !scope.empty();
         scope = getParent(scope))
      if (scopes.at(scope)->contains("owner"))
        require(!tasks.at((*scopes.at(scope))["owner"]).task->contains("cancel_when_settled"),
                "what calls an impure tool must not be cancelled");
    if (!task.contains("cancel_when_settled"))
      continue;
    require(!isImpure, "what calls an impure tool must not be cancelled");
    auto by = tasks.find(task["cancel_when_settled"]);
    require(by != tasks.end() && (*by->second.task)["scope"] == task["scope"] &&
                by->second.position > tasks.at(task["id"]).position,
            "'" + std::string(task["id"]) + "' must be cancelled by a later task of its scope");
    const Json &decision = *by->second.task;
    require(decision.contains("cancel_when_settled") ||
                (decision.contains("arith") && decision["arith"].contains("decided_by")),
            "'" + by->first + "' must be decided early, or cancelled itself");
  }
  for (const Json &task : plan["tasks"])
    for (const Json &input : task["inputs"])
      checkNeed(input, task["scope"], &task);
  for (const Json &scope : plan["scopes"]) {
    for (const Json &value : scope["yields"])
      checkNeed(value, scope["id"], nullptr);
    for (const char *key : {"verdict", "score"})
      if (scope.contains(key))
        checkNeed(scope[key], scope["id"], nullptr);
  }
}

void PlanChecker::checkTask(const Json &task) {
  require(scopes.count(task["scope"]), "a task must be in a scope");
  for (const Json &input : task["inputs"])
    getType(input, task["scope"]);
  checkDependencies(task);
  checkPayload(task);
  checkPlanning(task);
  checkDecision(task);
}

void PlanChecker::check() {
  index();
  require(plan["scopes"][0]["kind"] == "plan", "the first scope must be the plan's");
  for (const Json &task : plan["tasks"]) {
    try {
      checkTask(task);
    } catch (const std::exception &error) {
      throw std::runtime_error("at '" + std::string(task["id"]) + "': " + error.what());
    }
  }
  for (const Json &scope : plan["scopes"])
    checkScope(scope);
  checkCancellations();
  checkForecast();
}

static void checkDocument(const Json &document) {
  std::set<std::string> keys;
  for (const char *table : {"models", "pools", "tools"}) {
    std::string last;
    for (const Json &entry : document.value(table, Json::array())) {
      require(last < entry["name"], std::string(table) + " must be sorted by name, each once");
      last = entry["name"];
    }
  }
  for (const Json &model : document["models"]) {
    int64_t last = -1;
    for (const Json &step : model.value("price_steps", Json::array())) {
      require(step["above_tokens"] > last, "price steps must be sorted by length, each once");
      last = step["above_tokens"];
    }
  }
  for (const Json &entry : document["templates"]) {
    require(entry["literals"].size() == entry["slots"].size() + 1,
            "literals must stand around the slots");
    for (const Json &slot : entry["slots"])
      require(slot < entry["names"].size(), "slots must be inputs");
  }
  for (const Json &plan : document["plans"]) {
    for (const Json &task : plan["tasks"])
      require(!task.contains("idempotency") || keys.insert(task["idempotency"]["key"]).second,
              "idempotency keys must be unique");
    PlanChecker(document, plan).check();
  }
}

static int compare(const std::string &first, const std::string &second) {
  Json a = read(first), b = read(second);
  a.erase("generator");
  b.erase("generator");
  if (a == b)
    return 0;
  std::cerr << first << " and " << second << " must be the same (got " << Json::diff(a, b).dump(2)
            << ")\n";
  return 1;
}

int main(int argc, char **argv) {
  if (argc == 4 && std::string(argv[1]) == "--same")
    return compare(argv[2], argv[3]);
  if (argc < 3) {
    std::cerr << "usage: schedule-check <schema.json> <schedule.json>…\n"
                 "       schedule-check --same <a.json> <b.json>\n";
    return 2;
  }
  Json schemaText = read(argv[1]);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(Adapter(schemaText), schema);
  int bad = 0;
  for (int i = 2; i < argc; ++i) {
    try {
      Json document = read(argv[i]);
      validate(schema, document);
      checkDocument(document);
      std::cout << argv[i] << ": valid\n";
    } catch (const std::exception &error) {
      std::cerr << argv[i] << ": " << error.what() << "\n";
      ++bad;
    }
  }
  return bad ? 1 : 0;
}

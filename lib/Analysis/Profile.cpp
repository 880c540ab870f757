//===- Profile.cpp - What runs of a program have measured ------------------===//

#include "XcsLLM/Analysis/Profile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SHA256.h"
#include <cmath>

using namespace llvm;

namespace xcs {

static bool fromJSON(const json::Value &json, double &value, double most, json::Path path) {
  if (!json::fromJSON(json, value, path))
    return false;
  if (std::isfinite(value) && value >= 0 && value <= most)
    return true;
  if (most == 1)
    path.report("must be from 0 to 1");
  else
    path.report("must be a number that is not negative");
  return false;
}

/// Reads a member that may be absent, and is at most `most`.
static bool readFigure(const json::Object &object, StringRef name, std::optional<double> &value,
                       json::Path path, double most = INFINITY) {
  const json::Value *member = object.get(name);
  return !member || fromJSON(*member, value.emplace(), most, path.field(name));
}

static bool fromJSON(const json::Value &json, MeasuredShare &share, StringLiteral hits,
                     json::Path path) {
  json::ObjectMapper map(json, path);
  if (!map || !map.map("runs", share.runs) || !map.map(hits, share.hits))
    return false;
  if (share.runs >= share.hits && share.hits >= 0)
    return true;
  path.report("must count no more hits than runs, and none below 0");
  return false;
}

static bool readShare(const json::Object &object, StringRef name,
                      std::optional<MeasuredShare> &share, StringLiteral hits, json::Path path) {
  const json::Value *member = object.get(name);
  return !member || fromJSON(*member, share.emplace(), hits, path.field(name));
}

static bool readStages(const json::Object &object, std::vector<MeasuredShare> &stages,
                       json::Path path) {
  const json::Value *member = object.get("stages");
  if (!member)
    return true;
  const json::Array *list = member->getAsArray();
  if (!list) {
    path.field("stages").report("expected array");
    return false;
  }
  for (const json::Value &stage : *list) {
    json::Path place = path.field("stages").index(stages.size());
    if (!fromJSON(stage, stages.emplace_back(), "accepted", place))
      return false;
  }
  return true;
}

static bool fromJSON(const json::Value &json, MeasuredTask &task, json::Path path) {
  json::ObjectMapper map(json, path);
  if (!map || !map.map("id", task.id) || !map.mapOptional("model", task.model) ||
      !map.mapOptional("tool", task.tool) || !map.mapOptional("calls", task.calls))
    return false;
  if (task.calls < 0) {
    path.field("calls").report("must not be negative");
    return false;
  }
  const json::Object &object = *json.getAsObject();
  return readFigure(object, "output_tokens", task.outputTokens, path) &&
         readFigure(object, "latency_ms", task.latencyMs, path) &&
         readShare(object, "cache", task.cache, "hits", path) &&
         readFigure(object, "agreement", task.agreement, path, 1) &&
         readStages(object, task.stages, path) &&
         readShare(object, "condition", task.condition, "true", path);
}

static bool fromJSON(const json::Value &json, MeasuredInput &input, json::Path path) {
  json::ObjectMapper map(json, path);
  return map && readFigure(*json.getAsObject(), "tokens", input.tokens, path) &&
         readFigure(*json.getAsObject(), "count", input.count, path);
}

static bool fromJSON(const json::Value &json, MeasuredPlan &plan, json::Path path) {
  json::ObjectMapper map(json, path);
  return map && map.map("name", plan.name) && map.mapOptional("inputs", plan.inputs) &&
         map.mapOptional("tasks", plan.tasks);
}

static bool fromJSON(const json::Value &json, MeasuredModel &model, json::Path path) {
  json::ObjectMapper map(json, path);
  return map && map.map("name", model.name) &&
         readFigure(*json.getAsObject(), "ttft_ms", model.ttftMs, path) &&
         readFigure(*json.getAsObject(), "output_tokens_per_s", model.outputTokensPerS, path) &&
         readFigure(*json.getAsObject(), "failure_rate", model.failureRate, path, 1);
}

/// What a simulation measures are the estimates that it was made from.
static bool checkMeasured(const json::Object &object, json::Path path) {
  if (!object.getBoolean("simulated").value_or(false))
    return true;
  path.field("simulated").report("must be of runs on servers: a simulation repeats estimates");
  return false;
}

static bool fromJSON(const json::Value &json, Profile &profile, json::Path path) {
  json::ObjectMapper map(json, path);
  std::string version;
  if (!map || !map.map("profile_version", version))
    return false;
  if (!StringRef(version).starts_with("1.")) {
    path.field("profile_version").report("must be a version 1 that this tool knows");
    return false;
  }
  const json::Object &object = *json.getAsObject();
  if (const json::Object *source = object.getObject("source"))
    profile.sourceHash = source->getString("sha256").value_or("").str();
  return checkMeasured(object, path) && map.mapOptional("models", profile.models) &&
         map.mapOptional("plans", profile.plans);
}

/// The parser recurses, so what is nested too deeply must not get there.
static bool isShallow(StringRef json) {
  constexpr unsigned most = 100;
  unsigned depth = 0;
  bool inText = false;
  for (size_t at = 0; at < json.size(); ++at) {
    char c = json[at];
    if (inText && c == '\\')
      ++at;
    else if (c == '"')
      inText = !inText;
    else if (!inText && (c == '{' || c == '['))
      ++depth;
    else if (!inText && (c == '}' || c == ']'))
      depth -= depth > 0;
    if (depth > most)
      return false;
  }
  return true;
}

std::string hashSource(StringRef text) {
  return toHex(SHA256::hash(arrayRefFromStringRef(text)), /*LowerCase=*/true);
}

Expected<Profile> readProfile(StringRef json) {
  if (!isShallow(json))
    return createStringError("must not be nested more than 100 deep");
  return json::parse<Profile>(json, "profile");
}

Expected<Profile> loadProfile(StringRef path) {
  auto file = MemoryBuffer::getFile(path);
  if (!file)
    return createStringError("cannot read '" + path + "': " + file.getError().message());
  Expected<Profile> profile = readProfile((*file)->getBuffer());
  if (!profile)
    return createStringError(path + ": " + toString(profile.takeError()));
  return profile;
}

} // namespace xcs

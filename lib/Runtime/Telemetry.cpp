//===- Telemetry.cpp - Runs as OpenTelemetry spans -------------------------===//

#include "XcsLLM/Runtime/Telemetry.h"
#include "XcsLLM/Runtime/StandIn.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace xcs::runtime {

TelemetryRecorder::TelemetryRecorder(raw_ostream &os, uint64_t epochNs, uint64_t seed)
    : json(os), epochNs(epochNs), state(seed) {
  json.objectBegin();
  json.attributeBegin("resourceSpans");
  json.arrayBegin();
  json.objectBegin();
  json.attributeObject("resource", [&] {
    json.attributeArray("attributes", [&] { add("service.name", "xcs-run"); });
  });
  json.attributeBegin("scopeSpans");
  json.arrayBegin();
  json.objectBegin();
  json.attributeObject("scope", [&] { json.attribute("name", "xcs-run"); });
  json.attributeBegin("spans");
  json.arrayBegin();
}

TelemetryRecorder::~TelemetryRecorder() {
  for (int level = 0; level < 3; ++level) { // spans, scopes, resources
    json.arrayEnd();
    json.attributeEnd();
    json.objectEnd();
  }
  json.flush();
}

std::string TelemetryRecorder::makeId(unsigned bytes) {
  std::string id;
  for (unsigned at = 0; at < bytes; at += 8) {
    Dice dice(++state);
    id += utohexstr(dice.next(), /*LowerCase=*/true, /*Width=*/16);
  }
  return id;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

void TelemetryRecorder::add(StringRef key, StringRef value) {
  json.object([&] {
    json.attribute("key", key);
    json.attributeObject("value", [&] { json.attribute("stringValue", json::fixUTF8(value)); });
  });
}

/// OTLP writes integers of 64 bits as texts.
void TelemetryRecorder::add(StringRef key, int64_t value) {
  json.object([&] {
    json.attribute("key", key);
    json.attributeObject("value", [&] { json.attribute("intValue", std::to_string(value)); });
  });
}

void TelemetryRecorder::add(StringRef key, double value) {
  json.object([&] {
    json.attribute("key", key);
    json.attributeObject("value", [&] { json.attribute("doubleValue", value); });
  });
}

static StringRef getOperation(const Task &task) {
  switch (task.kind) {
  case TaskKind::Tool:
    return "execute_tool";
  case TaskKind::Embed:
    return "embeddings";
  default:
    return "chat";
  }
}

void TelemetryRecorder::addRequest(const Request &request, const Query &query,
                                   const Charge &charge) {
  const Model &model = query.jobs[0]->run->document.models[request.modelIndex];
  if (!model.provider.empty())
    add("gen_ai.provider.name", model.provider);
  add("gen_ai.request.model", request.model);
  addKnown("gen_ai.request.temperature", request.temperature);
  addKnown("gen_ai.request.top_p", request.topP);
  addKnown("gen_ai.request.max_tokens", request.maxTokens);
  addKnown("gen_ai.request.seed", request.seed);
  if (query.samples > 1)
    add("gen_ai.request.choice.count", query.samples);
  add("gen_ai.usage.input_tokens", int64_t(charge.tokens.input));
  add("gen_ai.usage.output_tokens", int64_t(charge.tokens.output));
  addKnown("xcs_llm.cost_usd", charge.usd);
  if (charge.isEstimated)
    add("xcs_llm.usage", "estimated");
}

//===----------------------------------------------------------------------===//
// Spans
//===----------------------------------------------------------------------===//

template <typename Attributes>
void TelemetryRecorder::writeSpan(const Trace &trace, StringRef id, StringRef name, double start,
                                  double end, StringRef failure, Attributes attributes) {
  auto at = [&](double ms) { return std::to_string(epochNs + uint64_t(ms * 1e6)); };
  bool isRoot = id == trace.root;
  json.object([&] {
    json.attribute("traceId", trace.id);
    json.attribute("spanId", id);
    if (!isRoot)
      json.attribute("parentSpanId", trace.root);
    json.attribute("name", name);
    json.attribute("kind", isRoot ? 1 : 3); // internal, client
    json.attribute("startTimeUnixNano", at(start));
    json.attribute("endTimeUnixNano", at(end));
    json.attributeArray("attributes", attributes);
    json.attributeObject("status", [&] {
      if (failure.empty())
        return json.attribute("code", 1); // fine
      json.attribute("code", 2);
      json.attribute("message", json::fixUTF8(failure));
    });
  });
}

void TelemetryRecorder::onSent(const Query &query, double now) { sent[query.id] = now; }

void TelemetryRecorder::writeQuery(const Query &query, const Charge &charge, StringRef failure,
                                   StringRef kind, double now) {
  const Job &job = *query.jobs[0];
  const Task &task = query.getTask();
  StringRef operation = getOperation(task);
  auto *tool = std::get_if<ToolUse>(&task.details);
  auto *request = std::get_if<Request>(&task.details);
  StringRef server = tool ? job.run->document.tools[tool->tool].name : request->model;
  writeSpan(traces[job.run], makeId(8), (operation + " " + server).str(), sent.lookup(query.id),
            now, failure, [&] {
              add("gen_ai.operation.name", operation);
              add("xcs_llm.task", task.id);
              add("xcs_llm.attempt", int64_t(query.attempt));
              if (tool)
                add("gen_ai.tool.name", server);
              else
                addRequest(*request, query, charge);
              if (!failure.empty())
                add("error.type", kind.empty() ? "_OTHER" : kind);
            });
  sent.erase(query.id);
}

void TelemetryRecorder::onAnswered(const Query &query, const Reply &reply, const Charge &charge,
                                   double now) {
  writeQuery(query, charge, reply.failure, reply.failureKind, now);
}

void TelemetryRecorder::onBrokenOff(const Query &query, const Charge &charge, double now) {
  Ending ending = query.jobs[0]->run->getEnding();
  // What nobody needs any more has not failed.
  std::string failure = ending == Ending::Unneeded ? "" : ("broken off: " + describe(ending)).str();
  writeQuery(query, charge, failure, "cancelled", now);
}

void TelemetryRecorder::onRunStarted(const Engine &run, ArrayRef<Value> inputs, double now) {
  traces[&run] = {makeId(16), makeId(8), now};
}

void TelemetryRecorder::onRunEnded(const Engine &run, const Outcome &outcome, double now) {
  bool hasFailed = outcome.isStopped ||
                   any_of(outcome.outputs, [](const Value &output) { return output.isFailed(); });
  Trace trace = traces.lookup(&run);
  writeSpan(trace, trace.root, "plan " + run.plan.name, trace.start, now,
            hasFailed ? "the plan has failed" : "", [&] { add("xcs_llm.plan", run.plan.name); });
}

} // namespace xcs::runtime

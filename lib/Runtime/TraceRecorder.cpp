//===- TraceRecorder.cpp - Runs as Chrome trace events ---------------------===//

#include "XcsLLM/Runtime/TraceRecorder.h"

using namespace llvm;

namespace xcs::runtime {

TraceRecorder::TraceRecorder(raw_ostream &os) : json(os) {
  json.objectBegin();
  json.attribute("displayTimeUnit", "ms");
  json.attributeBegin("traceEvents");
  json.arrayBegin();
}

TraceRecorder::~TraceRecorder() {
  json.arrayEnd();
  json.attributeEnd();
  json.objectEnd();
  json.flush();
}

/// Whether it is a request of `task` or a call of a tool, and of which.
static StringRef getServer(const Task &task, const Document &document) {
  if (auto *tool = std::get_if<ToolUse>(&task.details))
    return document.tools[tool->tool].name;
  auto *request = std::get_if<Request>(&task.details);
  return request ? StringRef(request->model) : StringRef("cache");
}

/// Where in the program's repetitions: ` [2, 0]`.
static std::string sayPath(const Job &job) {
  std::string text;
  for (const Iteration &iteration : job.path)
    text += (text.empty() ? " [" : ", ") + std::to_string(iteration.index);
  return text.empty() ? text : text + "]";
}

/// One event; of a span, `now` is its end.
template <typename Arguments>
void TraceRecorder::write(char phase, StringRef name, const Sent &at, double now,
                          Arguments arguments) {
  json.object([&] {
    json.attribute("ph", StringRef(&phase, 1));
    json.attribute("name", name);
    json.attribute("pid", at.process->id);
    json.attribute("tid", at.thread);
    json.attribute("ts", at.start * 1000); // microseconds
    if (phase == 'X')
      json.attribute("dur", (now - at.start) * 1000);
    if (phase == 'i')
      json.attribute("s", "t"); // drawn on its thread
    json.attributeObject("args", arguments);
  });
}

TraceRecorder::Process &TraceRecorder::getProcess(const Task &task, const Job &job) {
  StringRef server = getServer(task, job.run->document);
  auto [found, isNew] = processes.try_emplace(server);
  Process &process = found->second;
  if (isNew) {
    process.id = processes.size();
    write('M', "process_name", {0, &process, 0}, 0, [&] { json.attribute("name", server); });
  }
  return process;
}

/// Money spent, and queries under way.
void TraceRecorder::writeCounters(double now) {
  Process none{0, {}, 0};
  write('C', "cost", {now, &none, 0}, now, [&] { json.attribute("usd", usd); });
  write('C', "under way", {now, &none, 0}, now,
        [&] { json.attribute("queries", int64_t(sent.size())); });
}

void TraceRecorder::onSent(const Query &query, double now) {
  Process &process = getProcess(query.getTask(), *query.jobs[0]);
  int64_t thread = process.free.empty() ? ++process.threads : *process.free.begin();
  process.free.erase(thread);
  sent[query.id] = {now, &process, thread};
  writeCounters(now);
}

void TraceRecorder::writeEnd(const Query &query, const Charge &charge, StringRef failure,
                             double now) {
  auto found = sent.find(query.id);
  if (found == sent.end())
    return;
  Sent at = found->second;
  sent.erase(found);
  at.process->free.insert(at.thread);
  usd += charge.usd.value_or(0);
  const Job &job = *query.jobs[0];
  write('X', query.getTask().id + sayPath(job), at, now, [&] {
    json.attribute("plan", job.run->plan.name);
    json.attribute("attempt", query.attempt);
    if (query.jobs.size() > 1)
      json.attribute("items", int64_t(query.jobs.size()));
    if (!query.isTool()) {
      json.attribute("samples", query.samples);
      json.attribute("input_tokens", charge.tokens.input);
      json.attribute("cached_input_tokens", charge.tokens.cached);
      json.attribute("output_tokens", charge.tokens.output);
      if (charge.usd)
        json.attribute("cost_usd", *charge.usd);
      if (charge.isEstimated)
        json.attribute("estimated", true);
    }
    if (!failure.empty())
      json.attribute("failure", json::fixUTF8(failure));
  });
  writeCounters(now);
}

void TraceRecorder::onAnswered(const Query &query, const Reply &reply, const Charge &charge,
                               double now) {
  writeEnd(query, charge, reply.failure, now);
}

void TraceRecorder::onBrokenOff(const Query &query, const Charge &charge, double now) {
  Ending ending = query.jobs[0]->run->getEnding();
  writeEnd(query, charge, ("broken off: " + describe(ending)).str(), now);
}

void TraceRecorder::onRetry(const Query &query, double at, double now) {
  Process &process = getProcess(query.getTask(), *query.jobs[0]);
  write('i', "retry of " + query.getTask().id, {now, &process, 0}, now,
        [&] { json.attribute("after_ms", at - now); });
}

void TraceRecorder::onLookUp(const Job &job, bool isHit, double now) {
  Process &process = getProcess(*job.task, job);
  write('i', job.task->id + (isHit ? " found" : " not found"), {now, &process, 0}, now, [] {});
}

void TraceRecorder::onRecalled(const Job &job, const KeptAnswer &answer, double now) {
  Process &process = getProcess(*job.task, job);
  write('i', job.task->id + " recalled", {now, &process, 0}, now, [] {});
}

} // namespace xcs::runtime

//===- ProfileRecorder.cpp - What runs measure -----------------------------===//

#include "XcsLLM/Runtime/ProfileRecorder.h"
#include "XcsLLM/Support/TokenEstimator.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

//===----------------------------------------------------------------------===//
// Figures
//===----------------------------------------------------------------------===//

void ProfileRecorder::Line::add(double atX, double atY) {
  n += 1;
  x += atX;
  y += atY;
  xx += atX * atX;
  xy += atX * atY;
}

std::optional<std::pair<double, double>> ProfileRecorder::Line::fit() const {
  double spread = n * xx - x * x;
  if (n < 2 || spread <= 1e-9 * n * xx)
    return std::nullopt;
  double slope = (n * xy - x * y) / spread;
  return std::pair((y - slope * x) / n, slope);
}

ProfileRecorder::MeasuredTask &ProfileRecorder::get(const Engine &run, const Task &task) {
  return plans[&run.plan].tasks[&task - run.plan.tasks.data()];
}

/// Adds the lengths of the texts in it, which are estimates: no server counts them.
void ProfileRecorder::measureTexts(const Value &value, Mean &tokens) const {
  if (const std::string *text = value.getText())
    tokens.add(estimateTokens(*text, TokenizerFamily::O200k));
  if (const Value::List *items = value.getList())
    for (const Value &item : *items)
      measureTexts(item, tokens);
}

//===----------------------------------------------------------------------===//
// Runs and control
//===----------------------------------------------------------------------===//

void ProfileRecorder::onRunStarted(const Engine &run, ArrayRef<Value> inputs, double now) {
  MeasuredPlan &plan = plans[&run.plan];
  ++plan.runs;
  plan.inputs.resize(inputs.size());
  for (auto [input, value] : zip_equal(plan.inputs, inputs)) {
    measureTexts(value, input.tokens);
    if (const Value::List *items = value.getList())
      input.count.add(items->size());
  }
}

void ProfileRecorder::addStage(const ScopeEvent &event, const Task &cascade, ScopeEnd end) {
  ArrayRef<uint32_t> scopes = std::get<Control>(cascade.details).scopes;
  std::vector<Share> &stages = get(event.run, cascade).stages;
  stages.resize(scopes.size());
  Share &stage = stages[find(scopes, &event.scope - event.run.plan.scopes.data()) - scopes.begin()];
  // All attempts of a stage are one run of it.
  stage.runs += event.scope.attempts == 1 || event.path.back().index == 0;
  stage.hits += end == ScopeEnd::Accepted;
}

void ProfileRecorder::onScopeEnded(const ScopeEvent &event, ScopeEnd end, double now) {
  if (!event.scope.owner || end == ScopeEnd::Cancelled)
    return;
  const Task &owner = event.run.plan.tasks[*event.scope.owner];
  if (owner.kind == TaskKind::Cascade)
    addStage(event, owner, end);
  else if (owner.kind == TaskKind::Conditional)
    get(event.run, owner).condition.add(event.scope.condition);
}

void ProfileRecorder::onVoted(const Engine &run, const Task &task, ArrayRef<Iteration> path,
                              double share, double now) {
  get(run, task).agreement.add(share);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

void ProfileRecorder::onSent(const Query &query, double now) { sent[query.id] = now; }

void ProfileRecorder::onBrokenOff(const Query &query, const Charge &charge, double now) {
  sent.erase(query.id);
}

void ProfileRecorder::onAnswered(const Query &query, const Reply &reply, const Charge &charge,
                                 double now) {
  auto start = sent.find(query.id);
  double latency = start == sent.end() ? 0 : now - start->second;
  if (start != sent.end())
    sent.erase(start);
  std::optional<TokenCounts> usage = reply.usage;
  if (usage) // of an array's items, the mean
    usage->input /= query.jobs.size();
  measure(*query.jobs[0], reply.values, usage, latency);
}

void ProfileRecorder::onRecalled(const Job &job, const KeptAnswer &answer, double now) {
  if (answer.latencyMs)
    measure(job, answer.values, answer.usage, *answer.latencyMs);
}

/// Adds a query of the job, or of that and others of an array.
void ProfileRecorder::measure(const Job &job, ArrayRef<Value> values,
                              const std::optional<TokenCounts> &usage, double latencyMs) {
  size_t came = count_if(values, [](const Value &value) { return !value.isFailed(); });
  if (came == 0)
    return;
  MeasuredTask &task = get(*job.run, *job.task);
  const ToolUse *tool = std::get_if<ToolUse>(&job.task->details);
  if (!isSimulated || !tool || document.tools[tool->tool].latencyMs)
    task.latencyMs.add(latencyMs); // what is unknown takes no time in a simulation
  const Request *request = std::get_if<Request>(&job.task->details);
  ++task.calls;
  if (!request)
    return;
  if (!usage)
    return; // not measured
  task.inputTokens.add(usage->input);
  if (job.task->kind == TaskKind::Embed)
    return;
  double length = usage->output / came;
  for (size_t at = 0; at < came; ++at)
    task.outputTokens.add(length);
  models[request->model].latency.add(length, latencyMs);
}

void ProfileRecorder::onSettled(const Job &job, ArrayRef<Value> outputs, double now) {
  MeasuredTask &task = get(*job.run, *job.task);
  const Request *request = std::get_if<Request>(&job.task->details);
  if (!request) {
    for (const Value &output : outputs)
      measureTexts(output, task.outputTokens);
    return;
  }
  bool hasFailed = outputs.empty() || outputs[0].isFailed();
  task.samples += request->samples.value_or(1);
  task.failures += hasFailed;
  models[request->model].failures.add(hasFailed);
}

/// The task whose answers the cache keeps that `lookup` looks in, or null.
static const Task *findKept(const Plan &plan, const CacheUse &lookup) {
  for (const Task &task : plan.tasks) {
    const auto *store = std::get_if<CacheUse>(&task.details);
    if (task.kind != TaskKind::CacheStore || store->fingerprint != lookup.fingerprint ||
        store->space != lookup.space || task.inputs[0].kind != Reference::Kind::Result)
      continue;
    const Task &kept = plan.tasks[plan.findProducer(task.inputs[0])];
    if (std::holds_alternative<Request>(kept.details))
      return &kept;
  }
  return nullptr;
}

void ProfileRecorder::onLookUp(const Job &job, bool isHit, double now) {
  const auto *lookup = std::get_if<CacheUse>(&job.task->details);
  if (!lookup)
    return;
  auto [kept, isNew] = keptOf.try_emplace(job.task, nullptr);
  if (isNew)
    kept->second = findKept(job.run->plan, *lookup);
  if (kept->second)
    get(*job.run, *kept->second).cache.add(isHit);
}

//===----------------------------------------------------------------------===//
// The document
//===----------------------------------------------------------------------===//

template <typename Mean>
static void writeMean(json::OStream &json, StringRef name, const Mean &mean) {
  if (mean.count > 0)
    json.attribute(name, mean.sum / mean.count);
}

template <typename Share>
static void writeShare(json::OStream &json, const Share &share, StringRef hits) {
  json.attribute("runs", share.runs);
  json.attribute(hits, share.hits);
}

void ProfileRecorder::write(json::OStream &json, const Task &task,
                            const MeasuredTask &measured) const {
  json.attribute("id", task.id);
  if (const auto *request = std::get_if<Request>(&task.details)) {
    json.attribute("model", request->model);
    json.attribute("requests", measured.calls);
    json.attribute("samples", measured.samples);
    json.attribute("failures", measured.failures);
  }
  if (const auto *tool = std::get_if<ToolUse>(&task.details)) {
    json.attribute("tool", document.tools[tool->tool].name);
    json.attribute("calls", measured.calls);
  }
  writeMean(json, "input_tokens", measured.inputTokens);
  writeMean(json, "output_tokens", measured.outputTokens);
  writeMean(json, "latency_ms", measured.latencyMs);
  writeMean(json, "agreement", measured.agreement);
  if (measured.cache.runs > 0)
    json.attributeObject("cache", [&] { writeShare(json, measured.cache, "hits"); });
  if (measured.condition.runs > 0)
    json.attributeObject("condition", [&] { writeShare(json, measured.condition, "true"); });
  if (!measured.stages.empty())
    json.attributeArray("stages", [&] {
      for (const Share &stage : measured.stages)
        json.object([&] { writeShare(json, stage, "accepted"); });
    });
}

void ProfileRecorder::write(json::OStream &json, const Plan &plan,
                            const MeasuredPlan &measured) const {
  json.attribute("name", plan.name);
  json.attribute("runs", measured.runs);
  json.attributeArray("inputs", [&] {
    for (const MeasuredInput &input : measured.inputs)
      json.object([&] {
        writeMean(json, "tokens", input.tokens);
        writeMean(json, "count", input.count);
      });
  });
  json.attributeArray("tasks", [&] {
    for (const auto &[index, task] : measured.tasks)
      json.object([&, at = index, &task = task] { write(json, plan.tasks[at], task); });
  });
}

void ProfileRecorder::write(raw_ostream &os) const {
  json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("profile_version", "1.0");
    if (isSimulated)
      json.attribute("simulated", true);
    json.attributeObject("source", [&] { json.attribute("sha256", document.digest); });
    json.attributeArray("models", [&] {
      for (const auto &[name, model] : models)
        json.object([&, &name = name, &model = model] {
          json.attribute("name", name);
          json.attribute("requests", model.failures.runs);
          auto line = model.latency.fit();
          if (line && line->first >= 0 && line->second > 0) {
            json.attribute("ttft_ms", line->first);
            json.attribute("output_tokens_per_s", 1000 / line->second);
          }
          if (model.failures.runs > 0)
            json.attribute("failure_rate", double(model.failures.hits) / model.failures.runs);
        });
    });
    json.attributeArray("plans", [&] {
      for (const auto &[plan, measured] : plans)
        json.object([&, plan = plan, &measured = measured] { write(json, *plan, measured); });
    });
  });
  os << '\n';
}

} // namespace xcs::runtime

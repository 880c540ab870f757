//===- Simulation.cpp - Services that are none -----------------------------===//

#include "XcsLLM/Runtime/Simulation.h"
#include "Readers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace xcs::runtime {

struct Simulation::Reading {
  Readers readers;
};

Simulation::Simulation(const Document &document, const Plan &plan, Clock &clock)
    : document(document), clock(clock), vocabulary(document),
      reading(new Reading{findReaders(plan)}) {}

Simulation::~Simulation() = default;

/// Tokens of a query by the estimate of its task.
static TokenCounts countTokens(const Query &query, const Request &request) {
  const Estimate &estimate = query.getTask().dispatch->estimate;
  double items = query.jobs.size(), share = query.samples / double(request.samples.value_or(1));
  return {estimate.inputTokens.value_or(0) * items, estimate.cachedTokens.value_or(0) * items,
          estimate.outputTokens.value_or(0) * share * items};
}

double Simulation::getLatency(const Query &query) const {
  if (const auto *use = std::get_if<ToolUse>(&query.getTask().details))
    return document.tools[use->tool].latencyMs.value_or(0);
  const Request &request = std::get<Request>(query.getTask().details);
  const Estimate &estimate = query.getTask().dispatch->estimate;
  if (estimate.latencyMs)
    return *estimate.latencyMs;
  const Model &model = document.models[request.modelIndex];
  double output = estimate.outputTokens.value_or(0) / double(request.samples.value_or(1));
  return model.ttftMs.value_or(0) +
         (model.outputTokensPerS ? output / *model.outputTokensPerS * 1000 : 0);
}

void Simulation::start(const Query &query) {
  double latency = getLatency(query);
  std::optional<double> timeout = query.getTask().dispatch->timeoutMs;
  bool timesOut = timeout && latency > *timeout;
  double dueMs = clock.getNow() + (timesOut ? *timeout : latency);
  pending.try_emplace(query.id, Pending{query, dueMs, timesOut});
  due.push({dueMs, query.id});
}

void Simulation::cancel(uint64_t query) { pending.erase(query); }

Reply Simulation::answer(const Pending &pending) const {
  const Query &query = pending.query;
  Reply reply;
  reply.query = query.id;
  if (pending.timesOut) {
    reply.failure = "timed out";
    reply.isLost = !query.isTool();
    if (query.attempt < query.getTask().dispatch->retry.maxAttempts.value_or(3))
      reply.pauseMs = query.getTask().dispatch->retry.initialBackoffMs.value_or(500);
    return reply;
  }
  if (query.isTool()) {
    reply.values = inventOutputs(query.jobs[0]->getCall(), vocabulary);
    return reply;
  }
  const Request &request = std::get<Request>(query.getTask().details);
  double failureRate = document.models[request.modelIndex].failureRate.value_or(0);
  if (failureRate > 0 && double(xxh3_64bits(query.key)) < failureRate * 0x1p64) {
    reply.failure = "failed, as one in so many does";
    return reply;
  }
  auto found = reading->readers.find(&query.getTask());
  ArrayRef<const Task *> readers;
  if (found != reading->readers.end())
    readers = found->second;
  for (const Job *job : query.jobs)
    for (int64_t at = 0; at < query.samples; ++at)
      reply.values.push_back(
          inventAnswer(job->getCall(), query.firstSample + at, vocabulary, readers));
  reply.usage = countTokens(query, request);
  reply.firstTokenMs = document.models[request.modelIndex].ttftMs;
  return reply;
}

std::vector<Reply> Simulation::wait(double untilMs) {
  while (!due.empty() && !pending.count(due.top().second))
    due.pop();
  double next = due.empty() ? untilMs : std::min(untilMs, due.top().first);
  if (next > clock.getNow())
    clock.sleepUntil(next);
  std::vector<Reply> replies;
  for (double now = clock.getNow(); !due.empty() && due.top().first <= now; due.pop()) {
    auto found = pending.find(due.top().second);
    if (found == pending.end())
      continue;
    replies.push_back(answer(found->second));
    pending.erase(found);
  }
  return replies;
}

} // namespace xcs::runtime

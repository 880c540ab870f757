//===- DispatcherReplies.cpp - Jobs as queries: answers --------------------===//

#include "DispatcherState.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

/// Counts what a query has taken, which is no longer under way.
void Dispatcher::book(Part &part, const Charge &charge, double now) {
  --running;
  double tokens = charge.tokens.input + charge.tokens.output;
  double expected = part.expected.tokens.input + part.expected.tokens.output;
  for (RateLimiter *limiter : part.lane->limiters)
    limiter->end(tokens - expected, now);
  double count = part.query.jobs.size();
  for (const Job *job : part.query.jobs)
    if (job->account)
      job->account->pay(charge.usd.value_or(0) / count, part.expected.usd.value_or(0) / count);
  statistics.tokens.input += charge.tokens.input;
  statistics.tokens.cached += charge.tokens.cached;
  statistics.tokens.output += charge.tokens.output;
  statistics.usd += charge.usd.value_or(0);
  statistics.unpriced += !charge.usd;
}

void Dispatcher::take(Reply reply) {
  auto found = parts.find(reply.query);
  if (found == parts.end())
    return;
  std::unique_ptr<Part> part = std::move(found->second);
  parts.erase(found);
  double now = clock.getNow();
  const Query &query = part->query;
  Charge charge;
  charge.usd = 0;
  if (reply.usage) {
    charge.tokens = *reply.usage;
    charge.usd = getCost(query, *reply.usage);
  } else if (!reply.values.empty()) {
    charge = part->expected;
    statistics.uncounted += !query.isTool();
  } else if (reply.isLost && !query.isTool()) {
    charge = estimateUnanswered(*part, now);
    statistics.lost.add(charge);
  }
  book(*part, charge, now);
  ++statistics.answered;
  for (Observer *observer : options.observers)
    observer->onAnswered(query, reply, charge, now);

  for (uint64_t id : part->items)
    items[id]->unkeptUsd += charge.usd.value_or(0) / part->items.size();
  size_t wanted = query.isTool() ? reply.values.size() : query.samples * query.jobs.size();
  size_t got = std::min(wanted, reply.values.size());
  bool isWhole = got == wanted && (got > 0 || !reply.pauseMs);
  bool isNeeded = any_of(part->items, [&](uint64_t id) {
    return items[id]->isNeeded && items[id]->job.run->isWaitingFor(items[id]->job.id);
  });
  if (!isWhole && isNeeded && reply.pauseMs)
    return retry(std::move(part), reply, now);
  if (reply.isRefused && isNeeded && part->items.size() > 1)
    return halve(*part);
  deliver(*part, reply, now);
  if (!isWhole && isNeeded && got > 0 && query.jobs.size() == 1)
    askAgain(*part, got);
  finish(*part, reply.failure, now);
}

/// What is not of its type has failed: of a tool all, of a request that sample.
static void checkTypes(const Task &task, std::vector<Value> &values) {
  if (const auto *request = std::get_if<Request>(&task.details)) {
    const Type &type = task.outputs.front();
    for (Value &value : values)
      if (!fits(value, request->samples ? type.getInner() : type))
        value = failed;
    return;
  }
  bool isRight = values.size() == task.outputs.size() &&
                 all_of(zip(values, task.outputs), [](const auto &pair) {
                   return fits(std::get<0>(pair), std::get<1>(pair));
                 });
  if (!isRight)
    values.assign(task.outputs.size(), failed);
}

/// Gives each job its share of the answer, and keeps it. A request of which nothing came
/// may be sent again by whoever resumes the run; a tool has been called.
void Dispatcher::deliver(const Part &part, Reply &reply, double now) {
  const Query &query = part.query;
  checkTypes(query.getTask(), reply.values);
  size_t count = part.items.size();
  size_t most = query.isTool() ? reply.values.size() : query.samples;
  ArrayRef<Value> rest = reply.values;
  std::vector<Memory::Entry> entries;
  for (uint64_t id : part.items) {
    Item &item = *items[id];
    ArrayRef<Value> values = rest.take_front(most);
    rest = rest.drop_front(values.size());
    item.take(values, query.firstSample);
    bool hasFailed = all_of(values, [](const Value &value) { return value.isFailed(); });
    if (!options.memory || (hasFailed && !query.isTool()))
      continue;
    KeptAnswer answer{query.firstSample, values.vec()};
    if (reply.usage)
      answer.usage = {reply.usage->input / count, reply.usage->cached / count,
                      reply.usage->output / count};
    if (entries.empty())
      answer.latencyMs = now - part.sentAt;
    answer.usd = std::exchange(item.unkeptUsd, 0);
    std::fill_n(item.isKept.begin() + query.firstSample, query.isTool() ? 1 : values.size(), true);
    entries.push_back({makeKey(item.job), &item.job, std::move(answer)});
  }
  if (!entries.empty())
    options.memory->keep(entries);
}

/// Samples that have failed stay so if their task has others: what was made of it is the
/// same then for a run that goes on. If all have, what they have cost is kept alone.
void Dispatcher::keepFailures(Item &item) {
  if (!options.memory)
    return;
  std::vector<Memory::Entry> entries;
  auto add = [&](int64_t sample, std::vector<Value> values) {
    KeptAnswer answer{sample, std::move(values)};
    answer.usd = std::exchange(item.unkeptUsd, 0);
    entries.push_back({makeKey(item.job), &item.job, std::move(answer)});
  };
  if (is_contained(item.isKept, true)) {
    for (auto [sample, isKept] : enumerate(item.isKept))
      if (!isKept)
        add(sample, {failed});
  } else if (item.unkeptUsd > 0) {
    item.unkeptUsd += item.failedUsd;
    add(item.isKept.size(), {}); // behind the samples, so that none takes its place
  }
  if (!entries.empty())
    options.memory->keep(entries);
}

/// Sends the query again, after a pause, if there is time for it.
void Dispatcher::retry(std::unique_ptr<Part> given, const Reply &reply, double now) {
  Part &part = *given;
  parts[part.query.id] = std::move(given);
  part.failure = reply.failure;
  part.state = Part::State::Pausing;
  ++part.query.attempt;
  double at = now + *reply.pauseMs;
  const std::shared_ptr<Account> &account = part.query.jobs[0]->account;
  if (account && account->findExceeded(0, at + part.latencyMs)) {
    refuse(part, at);
    return;
  }
  for (Observer *observer : options.observers)
    observer->onRetry(part.query, at, now);
  pausing.push_back({at, part.query.id});
  std::push_heap(pausing.begin(), pausing.end(), std::greater<std::pair<double, uint64_t>>());
}

/// A server has sent fewer samples than it was asked for: asks for the others, as many at
/// once as it gave.
void Dispatcher::askAgain(const Part &part, size_t got) {
  split(*items[part.items[0]], part.query.firstSample + got, part.query.samples - got, got);
}

void Dispatcher::finish(Part &part, const std::string &failure, double now) {
  constexpr size_t mostReasons = 10;
  if (!failure.empty() && statistics.reasons.size() < mostReasons)
    statistics.reasons.push_back(part.query.getTask().id + ": " + failure);
  for (uint64_t id : part.items) {
    Item &item = *items[id];
    if (!failure.empty() && item.isNeeded)
      item.job.run->note(*item.job.task, [&] { return failure; });
    if (--item.parts > 0)
      continue;
    if (!item.isNeeded) {
      items.erase(id);
      continue;
    }
    Engine &run = *item.job.run;
    JobId job = item.job.id;
    run.settle(job, finish(item, now), now);
  }
}

/// What the samples of a request are as the value of its task.
static std::vector<Value> makeOutputs(const Task &task, std::vector<Value> answers) {
  const auto *request = std::get_if<Request>(&task.details);
  if (!request)
    return answers;
  // A request of which nothing comes back has failed.
  if (all_of(answers, [](const Value &value) { return value.isFailed(); }))
    return {failed};
  return {request->samples ? Value::list(std::move(answers)) : answers[0]};
}

/// The outputs of the job, which is done.
std::vector<Value> Dispatcher::finish(Item &item, double now) {
  keepFailures(item);
  Job job = std::move(item.job);
  std::vector<Value> outputs = makeOutputs(*job.task, std::move(item.answers));
  items.erase(item.id);
  places.erase({job.run, {job.id.frame, job.id.place}});
  statistics.failures +=
      !outputs.empty() && all_of(outputs, [](const Value &value) { return value.isFailed(); });
  for (Observer *observer : options.observers)
    observer->onSettled(job, outputs, now);
  return outputs;
}

//===----------------------------------------------------------------------===//
// Cancellation
//===----------------------------------------------------------------------===//

/// What a query has cost that nobody answers any more: its prompt, and what was written by
/// then.
Charge Dispatcher::estimateUnanswered(const Part &part, double now) const {
  Charge charge = part.expected;
  const auto *request = std::get_if<Request>(&part.query.getTask().details);
  if (!request)
    return charge;
  const Model &model = document.models[request->modelIndex];
  double first = model.ttftMs.value_or(0), whole = part.latencyMs - first;
  double share = whole > 0 ? (now - part.sentAt - first) / whole : 1;
  charge.tokens.output *= std::clamp(share, 0.0, 1.0);
  charge.usd = getCost(part.query, charge.tokens);
  return charge;
}

bool Dispatcher::isUnderWay(const Engine &run, JobId id) const {
  auto place = places.find({&run, {id.frame, id.place}});
  return place != places.end() &&
         any_of(items.find(place->second)->second->queries, [&](uint64_t query) {
           auto part = parts.find(query);
           return part != parts.end() && part->second->state == Part::State::Running;
         });
}

void Dispatcher::cancel(Engine &run, JobId id) {
  auto place = places.find({&run, {id.frame, id.place}});
  if (place == places.end())
    return;
  uint64_t itemId = place->second;
  places.erase(place);
  Item &item = *items[itemId];
  item.isNeeded = false;
  double now = clock.getNow();
  for (Observer *observer : options.observers)
    observer->onCancelled(item.job, now);
  bool wasSent = false;
  for (uint64_t partId : std::exchange(item.queries, {})) {
    auto found = parts.find(partId);
    wasSent |= found == parts.end() || found->second->wasSent();
    if (found == parts.end())
      continue;
    Part &part = *found->second;
    // Others may still need it.
    if (any_of(part.items, [&](uint64_t other) { return items[other]->isNeeded; }))
      continue;
    if (part.state == Part::State::Running) {
      services.cancel(partId);
      Charge charge = estimateUnanswered(part, now);
      book(part, charge, now);
      statistics.brokenOff[run.getEnding()].add(charge);
      for (Observer *observer : options.observers)
        observer->onBrokenOff(part.query, charge, now);
    }
    std::unique_ptr<Part> dropped = std::move(found->second);
    parts.erase(found);
    finish(*dropped, dropped->failure, now); // which it will not get over any more
  }
  statistics.unsent += !wasSent;
}

} // namespace xcs::runtime

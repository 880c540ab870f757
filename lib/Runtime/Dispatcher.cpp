//===- Dispatcher.cpp - Jobs as queries: sending ---------------------------===//

#include "DispatcherState.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;

namespace xcs::runtime {

Services::~Services() = default;
Observer::~Observer() = default;
Memory::~Memory() = default;

Dispatcher::Dispatcher(const Document &document, Services &services, Clock &clock, Options given)
    : document(document), services(services), clock(clock), options(std::move(given)),
      limiters(std::make_unique<Limiters>(options)) {
  for (const Model &model : document.models)
    limiters->models.push_back(std::make_unique<RateLimiter>(model.limits));
  for (const Pool &pool : document.pools)
    limiters->pools.push_back(std::make_unique<RateLimiter>(pool.limits));
}

Dispatcher::~Dispatcher() = default;

//===----------------------------------------------------------------------===//
// Jobs
//===----------------------------------------------------------------------===//

/// The key of a job: equal for each try of it, and for nothing else.
std::string Dispatcher::makeKey(const Job &job) const {
  std::string key = options.runId;
  if (job.run->number)
    key += "." + std::to_string(job.run->number);
  bool hasKey = job.task->dispatch && !job.task->dispatch->key.empty();
  key += "/" + (hasKey ? job.task->dispatch->key : job.run->plan.name + "/" + job.task->id);
  for (const Iteration &iteration : job.path)
    key += "/" + std::to_string(iteration.index);
  return key;
}

std::optional<std::vector<Value>> Dispatcher::lookUp(const Job &job, double now) {
  Value value = options.memory ? options.memory->lookUp(job.getCall()) : failed;
  if (!fits(value, job.task->outputs.front()))
    value = failed; // kept by a task of another type
  bool isHit = !value.isFailed();
  ++(isHit ? statistics.cacheHits : statistics.cacheMisses);
  for (Observer *observer : options.observers)
    observer->onLookUp(job, isHit, now);
  return {{std::move(value)}};
}

/// Takes what an earlier part of the run has paid for, which counts against its budget.
void Dispatcher::recall(Item &item, double now) {
  if (!options.memory)
    return;
  const Job &job = item.job;
  for (const KeptAnswer &answer : options.memory->recall(makeKey(job), job)) {
    bool isTool = job.task->kind == TaskKind::Tool;
    size_t samples = isTool ? 1 : answer.values.size();
    if (answer.sample < 0 || answer.sample + samples > item.isKept.size())
      continue;
    statistics.recalledUsd += answer.usd;
    if (job.account)
      job.account->pay(answer.usd, 0);
    if (samples == 0) { // all had failed
      item.failedUsd = answer.usd;
      continue;
    }
    item.take(answer.values, answer.sample);
    std::fill_n(item.isKept.begin() + answer.sample, samples, true);
    ++statistics.recalled;
    for (Observer *observer : options.observers)
      observer->onRecalled(job, answer, now);
  }
}

std::optional<std::vector<Value>> Dispatcher::start(Job job) {
  double now = clock.getNow();
  if (job.task->kind == TaskKind::CacheStore) {
    if (options.memory)
      options.memory->store(job.getCall());
    return {{job.inputs[0]}};
  }
  if (job.task->kind == TaskKind::CacheLookup)
    return lookUp(job, now);
  for (Observer *observer : options.observers)
    observer->onReady(job, now);
  Item &item = *items[addItem(std::move(job))];
  const auto *request = std::get_if<Request>(&item.job.task->details);
  int64_t samples = request ? request->samples.value_or(1) : 1, most = 1;
  if (request)
    most = document.models[request->modelIndex].maxSamples.value_or(samples);
  item.answers.resize(request ? samples : 0);
  item.isKept.resize(samples);
  recall(item, now);
  for (int64_t end, first = 0; first < samples; first = end) {
    bool isKept = item.isKept[first];
    for (end = first; end < samples && item.isKept[end] == isKept;)
      ++end;
    if (!isKept)
      split(item, first, end - first, most);
  }
  return item.parts > 0 ? std::nullopt : std::optional(finish(item, now));
}

uint64_t Dispatcher::addItem(Job job) {
  uint64_t id = ++lastId;
  places[{job.run, {job.id.frame, job.id.place}}] = id;
  items[id].reset(new Item{std::move(job), id});
  return id;
}

/// Queues queries for the samples from `first` on, of `most` each.
void Dispatcher::split(Item &item, int64_t first, int64_t samples, int64_t most) {
  for (int64_t end = first + samples; first < end; first += most) {
    auto part = std::make_unique<Part>();
    part->query.firstSample = first;
    part->query.samples = std::min(most, end - first);
    part->lane = &getLane(*item.job.task);
    const Dispatch *dispatch = item.job.task->dispatch.get();
    part->urgency = item.job.run->getStart() + (dispatch ? dispatch->latestStartMs.value_or(0) : 0);
    part->add(item);
    ++item.parts;
    addPart(std::move(part));
  }
}

void Dispatcher::addPart(std::unique_ptr<Part> part) {
  uint64_t id = part->query.id = ++lastId;
  for (uint64_t item : part->items)
    items[item]->queries.push_back(id);
  enqueue(*part);
  parts[id] = std::move(part);
}

Dispatcher::Lane &Dispatcher::getLane(const Task &task) {
  constexpr uint32_t none = ~0u >> 1;
  const auto *request = std::get_if<Request>(&task.details);
  uint32_t model = request ? request->modelIndex : none;
  uint32_t pool = task.dispatch ? task.dispatch->pool.value_or(none) : none;
  Lane *&lane = limiters->lanes[{model, pool}];
  if (lane)
    return *lane;
  lanes.push_back(std::make_unique<Lane>());
  lane = lanes.back().get();
  lane->limiters.push_back(request ? &limiters->requests : &limiters->tools);
  if (model != none)
    lane->limiters.push_back(limiters->models[model].get());
  if (pool != none)
    lane->limiters.push_back(limiters->pools[pool].get());
  return *lane;
}

void Dispatcher::enqueue(Part &part) {
  part.state = Part::State::Waiting;
  if (!mayGather(part))
    return part.lane->waiting.push({part.urgency, part.query.id});
  const Job &job = *part.query.jobs[0];
  part.lane->arrays[{job.account.get(), job.task}].push_back(part.query.id);
  gathering.push_back(part.query.id);
}

//===----------------------------------------------------------------------===//
// Sending
//===----------------------------------------------------------------------===//

/// The most urgent one that still waits, or null.
Dispatcher::Part *Dispatcher::getFirst(Lane &lane) {
  for (; !lane.waiting.empty(); lane.waiting.pop()) {
    auto found = parts.find(lane.waiting.top().part);
    if (found != parts.end() && found->second->state == Part::State::Waiting)
      return found->second.get();
  }
  return nullptr;
}

double Dispatcher::getStart(Lane &lane, const Part &part, double now) {
  Charge charge = expect(part.query);
  double start = now;
  for (RateLimiter *limiter : lane.limiters)
    start = std::max(start, limiter->getStart(charge.tokens.input + charge.tokens.output, now));
  return start;
}

void Dispatcher::send(bool all) {
  double now = clock.getNow();
  auto isLater = std::greater<std::pair<double, uint64_t>>();
  while (!pausing.empty() && pausing.front().first <= now) {
    std::pop_heap(pausing.begin(), pausing.end(), isLater);
    auto found = parts.find(pausing.back().second);
    pausing.pop_back();
    if (found != parts.end())
      enqueue(*found->second);
  }
  if (all)
    for (uint64_t id : std::exchange(gathering, {}))
      if (auto found = parts.find(id); found != parts.end())
        found->second->lane->waiting.push({found->second->urgency, id});
  while (true) {
    Lane *next = nullptr;
    nextTime = pausing.empty() ? Clock::never : pausing.front().first;
    for (std::unique_ptr<Lane> &lane : lanes) {
      Part *part = getFirst(*lane);
      double start = part ? getStart(*lane, *part, now) : Clock::never;
      if (start > now)
        nextTime = std::min(nextTime, start);
      else if (!next || next->waiting.top() < lane->waiting.top())
        next = lane.get();
    }
    if (!next)
      return;
    Part &part = *getFirst(*next);
    next->waiting.pop();
    send(part, now);
    if (!refusals.empty()) {
      nextTime = now; // that changes what is still needed
      return;
    }
  }
}

std::optional<double> Dispatcher::getCost(const Query &query, const TokenCounts &tokens) const {
  const Task &task = query.getTask();
  const Model &model = document.models[std::get<Request>(task.details).modelIndex];
  return model.getCost(tokens, services.getTier(task.dispatch->tier));
}

/// What a query is expected to take: of a text that is longer than expected, more.
Charge Dispatcher::expect(const Query &query) const {
  constexpr double bytesPerToken = 4, output = 256;
  Charge charge;
  charge.isEstimated = true;
  const auto *request = std::get_if<Request>(&query.getTask().details);
  if (!request) {
    charge.usd = 0;
    return charge;
  }
  const Dispatch &dispatch = *query.getTask().dispatch;
  double bytes = 0;
  for (const Job *job : query.jobs)
    for (const Value &input : job->inputs)
      bytes += input.getText() ? input.getText()->size() : 0;
  double count = query.jobs.size(), share = query.samples / double(request->samples.value_or(1));
  double expected = dispatch.estimate.inputTokens.value_or(0) * count;
  charge.tokens.input = std::max(expected, bytes / bytesPerToken);
  double otherwise = query.getTask().kind == TaskKind::Generate ? output : 0;
  charge.tokens.output = dispatch.estimate.outputTokens.value_or(otherwise) * share * count;
  charge.usd = getCost(query, charge.tokens);
  bool isPriced = services.getTier(dispatch.tier) == dispatch.tier;
  if (!charge.usd && isPriced && dispatch.estimate.costUsd)
    charge.usd = *dispatch.estimate.costUsd * share * count;
  return charge;
}

/// Refuses what would exceed a limit of its run.
bool Dispatcher::refuse(Part &part, double now) {
  const std::shared_ptr<Account> &account = part.query.jobs[0]->account;
  Account *exceeded =
      account ? account->findExceeded(part.expected.usd.value_or(0), now + part.latencyMs)
              : nullptr;
  if (!exceeded)
    return false;
  std::shared_ptr<Account> owner = account;
  while (owner.get() != exceeded)
    owner = owner->around;
  std::string reason;
  raw_string_ostream os(reason);
  os << "'" << part.query.getTask().id
     << (part.wasSent() ? "' was not tried again: " : "' was not started: ");
  if (now + part.latencyMs > exceeded->deadlineMs)
    os << "it would end " << format("%.0f", now + part.latencyMs - exceeded->deadlineMs)
       << " ms after the deadline";
  else
    os << format("it would cost about %.6f dollars, and of %.6f there were %.6f spent and %.6f "
                 "for what is under way",
                 part.expected.usd.value_or(0), exceeded->budgetUsd, exceeded->spentUsd,
                 exceeded->reservedUsd);
  refusals.push_back({part.query.jobs[0]->run, std::move(owner), std::move(reason)});
  part.state = Part::State::Pausing; // until it is cancelled
  return true;
}

void Dispatcher::send(Part &part, double now) {
  const Task &task = part.query.getTask();
  if (mayGather(part))
    gather(part, now);
  part.isFixed = true;
  part.expected = expect(part.query);
  const auto *use = std::get_if<ToolUse>(&task.details);
  part.latencyMs = use ? document.tools[use->tool].latencyMs.value_or(0)
                       : task.dispatch->estimate.latencyMs.value_or(0);
  if (refuse(part, now))
    return;
  part.failure.clear();
  for (const Job *job : part.query.jobs)
    if (job->account)
      job->account->reserve(part.expected.usd.value_or(0) / part.query.jobs.size());
  double tokens = part.expected.tokens.input + part.expected.tokens.output;
  for (RateLimiter *limiter : part.lane->limiters)
    limiter->start(tokens, now);
  size_t samples = part.query.samples * part.query.jobs.size();
  part.query.key = makeKey(*part.query.jobs[0]) + "/" + std::to_string(part.query.firstSample);
  if (samples > 1)
    part.query.key += "+" + std::to_string(samples);
  part.state = Part::State::Running;
  part.sentAt = now;
  ++running;
  ++(part.query.isTool() ? statistics.toolCalls : statistics.requests);
  statistics.retries += part.query.attempt > 1;
  for (Observer *observer : options.observers)
    observer->onSent(part.query, now);
  services.start(part.query);
}

} // namespace xcs::runtime

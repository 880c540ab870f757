//===- DispatcherArrays.cpp - Items that share a request -------------------===//

#include "DispatcherState.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

/// Whether other items may join the query, or it them: those of a task that embeds, until
/// they are sent. One that is tried again stays what it was, under its key.
bool Dispatcher::mayGather(const Part &part) const {
  const Query &query = part.query;
  const Task &task = query.getTask();
  if (part.isFixed || task.kind != TaskKind::Embed || query.samples > 1 ||
      query.jobs[0]->path.empty())
    return false;
  const Request &request = std::get<Request>(task.details);
  return request.isBatchCompatible && document.models[request.modelIndex].takesArrays;
}

/// That of the innermost batch around the job.
static std::optional<int64_t> findBatchSize(const Job &job) {
  const Plan &plan = job.run->plan;
  std::optional<uint32_t> owner = plan.scopes[job.task->scope].owner;
  for (; owner; owner = plan.scopes[plan.tasks[*owner].scope].owner)
    if (plan.tasks[*owner].kind == TaskKind::Batch)
      return std::get<Control>(plan.tasks[*owner].details).batchSize;
  return std::nullopt;
}

/// Takes along other items that wait, that the same budget pays for, and that the limits
/// have room for by now.
void Dispatcher::gather(Part &part, double now) {
  constexpr int64_t most = 2048; // what servers take
  const Job &job = *part.query.jobs[0];
  auto array = part.lane->arrays.find({job.account.get(), job.task});
  if (array == part.lane->arrays.end())
    return;
  size_t size = findBatchSize(job).value_or(most);
  auto countTokens = [&](const Part &one) {
    TokenCounts tokens = expect(one.query).tokens;
    return tokens.input + tokens.output;
  };
  double tokens = countTokens(part);
  std::deque<uint64_t> &waiting = array->second;
  for (; !waiting.empty(); waiting.pop_front()) {
    auto other = parts.find(waiting.front());
    if (other == parts.end() || other->second.get() == &part ||
        other->second->state != Part::State::Waiting)
      continue;
    tokens += countTokens(*other->second);
    bool hasRoom = all_of(part.lane->limiters,
                          [&](RateLimiter *limiter) { return limiter->has(tokens, now); });
    if (part.items.size() >= size || !hasRoom)
      return;
    Item &item = *items[other->second->items[0]];
    part.add(item);
    item.queries = {part.query.id};
    parts.erase(other);
  }
  part.lane->arrays.erase(array);
}

/// Asks for the items again, in halves: a server refuses all for what is wrong with one.
void Dispatcher::halve(const Part &part) {
  size_t size = part.items.size(), half = size / 2;
  for (auto [first, end] : {std::pair(size_t(0), half), std::pair(half, size)}) {
    auto share = std::make_unique<Part>();
    share->lane = part.lane;
    share->urgency = part.urgency;
    share->isFixed = true;
    for (size_t at = first; at < end; ++at) {
      Item &item = *items[part.items[at]];
      item.queries.clear();
      if (item.isNeeded)
        share->add(item);
      else
        items.erase(item.id);
    }
    if (!share->items.empty())
      addPart(std::move(share));
  }
}

} // namespace xcs::runtime

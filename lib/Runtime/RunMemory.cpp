//===- RunMemory.cpp - What runs keep --------------------------------------===//

#include "XcsLLM/Runtime/RunMemory.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <utility>

using namespace llvm;

namespace xcs::runtime {

/// Until when an entry serves that is of `sinceMs`.
static double getEnd(double sinceMs, std::optional<double> ttlS) {
  return ttlS ? sinceMs + 1000 * *ttlS : HUGE_VAL;
}

Value RunMemory::lookUp(const Call &call) {
  const CacheUse &use = call.get<CacheUse>();
  std::string key = makeCacheKey(use.fingerprint, use.space, call.inputs);
  if (cache)
    return cache->lookUp(key, call.getType(), use.ttlS);
  auto found = here.find(key);
  if (found == here.end())
    return failed;
  const Cached &cached = found->second;
  bool isOver = getNowMs() >= std::min(cached.untilMs, getEnd(cached.sinceMs, use.ttlS));
  return isOver ? failed : cached.value;
}

void RunMemory::store(const Call &call) {
  const CacheUse &use = call.get<CacheUse>();
  std::string key = makeCacheKey(use.fingerprint, use.space, call.inputs.drop_front());
  if (cache)
    return cache->store(key, call.inputs[0], use.ttlS);
  double now = getNowMs();
  here[key] = {call.inputs[0], now, getEnd(now, use.ttlS)};
}

/// Tells whether a kept answer is to what is asked now.
static std::string digest(const Job &job) {
  const auto *request = std::get_if<Request>(&job.task->details);
  std::string inputs = getKey(Value::list(Value::List(job.inputs.begin(), job.inputs.end())));
  return makeDigest({request ? StringRef(request->parameters) : "tool", inputs});
}

/// Of all samples of a request, or of the outputs of a tool.
static std::vector<Type> getTypes(const Task &task) {
  const auto *request = std::get_if<Request>(&task.details);
  if (!request || !request->samples)
    return task.outputs;
  return std::vector<Type>(*request->samples, task.outputs.front().getInner());
}

std::vector<KeptAnswer> RunMemory::recall(const std::string &key, const Job &job) {
  if (!state)
    return {};
  return state->find(key, digest(job), getTypes(*job.task));
}

void RunMemory::keep(ArrayRef<Entry> entries) {
  if (!state)
    return;
  std::vector<RunState::Entry> kept;
  for (const Entry &entry : entries)
    kept.push_back({entry.key, digest(*entry.job), entry.answer});
  Error error = state->store(kept);
  if (!error)
    return;
  std::string reason = toString(std::move(error));
  if (!std::exchange(hasWarned, true))
    warn(reason);
}

} // namespace xcs::runtime

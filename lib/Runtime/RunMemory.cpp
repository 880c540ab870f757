//===- RunMemory.cpp - What runs keep --------------------------------------===//

#include "XcsLLM/Runtime/RunMemory.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

Value RunMemory::lookUp(const Call &call) {
  const CacheUse &use = call.get<CacheUse>();
  std::string key = makeCacheKey(use.fingerprint, use.space, call.inputs);
  return cache ? cache->lookUp(key, call.getType(), use.ttlS) : here.lookup(key);
}

void RunMemory::store(const Call &call) {
  const CacheUse &use = call.get<CacheUse>();
  std::string key = makeCacheKey(use.fingerprint, use.space, call.inputs.drop_front());
  if (cache)
    cache->store(key, call.inputs[0], use.ttlS);
  else
    here[key] = call.inputs[0];
}

/// Tells whether a kept answer is to what is asked now.
static std::string digest(const Job &job) {
  const auto *request = std::get_if<Request>(&job.task->details);
  std::string inputs = getKey(Value::list(Value::List(job.inputs.begin(), job.inputs.end())));
  return makeDigest({request ? StringRef(request->parameters) : "tool", inputs});
}

std::optional<Memory::Recalled> RunMemory::recall(const std::string &key, const Job &job) {
  if (!state)
    return std::nullopt;
  std::optional<Finished> finished = state->find(key, digest(job), job.task->outputs);
  if (!finished)
    return std::nullopt;
  return Recalled{std::move(finished->outputs), finished->costUsd};
}

/// A request of which nothing came may be sent again by whoever resumes the run; a tool
/// has been called.
void RunMemory::keep(const std::string &key, const Job &job, ArrayRef<Value> outputs,
                     const Charge &charge) {
  bool hasNothing = all_of(outputs, [](const Value &value) { return value.isFailed(); });
  if (!state || (hasNothing && job.task->kind != TaskKind::Tool))
    return;
  Finished finished;
  finished.outputs = outputs.vec();
  finished.usage = {int64_t(charge.tokens.input), int64_t(charge.tokens.cached),
                    int64_t(charge.tokens.output)};
  finished.costUsd = charge.usd.value_or(0);
  Error error = state->store(key, digest(job), finished);
  if (!error)
    return;
  std::string reason = toString(std::move(error));
  if (!std::exchange(hasWarned, true))
    warn("an answer could not be kept: " + reason);
}

} // namespace xcs::runtime

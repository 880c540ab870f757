//===- RateLimiter.h - Who may start, and when ------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_RATELIMITER_H
#define XCSLLM_LIB_RUNTIME_RATELIMITER_H

#include "XcsLLM/Runtime/Clock.h"
#include "XcsLLM/Runtime/Model.h"
#include <algorithm>

namespace xcs::runtime {

/// An allowance per minute: a bucket that holds one minute's, is full at the start and is
/// refilled steadily. What needs more than it holds starts when it is full, and leaves it
/// in debt.
class Bucket {
public:
  explicit Bucket(std::optional<double> perMin)
      : capacity(perMin && *perMin > 0 ? *perMin : Clock::never), level(capacity) {}

  /// When that much may be taken, if nobody takes any before.
  double getStart(double amount, double now) {
    if (capacity == Clock::never || amount <= 0)
      return now;
    advance(now);
    double missing = std::min(amount, capacity) - level;
    return missing <= capacity * 1e-9 ? now : now + missing / (capacity / 60000);
  }
  /// Whether there is that much.
  bool has(double amount, double now) {
    if (capacity == Clock::never)
      return true;
    advance(now);
    return amount <= level + capacity * 1e-9;
  }
  void take(double amount, double now) {
    if (capacity == Clock::never)
      return;
    advance(now);
    level = std::min(capacity, level - amount);
  }

private:
  void advance(double now) {
    level = std::min(capacity, level + capacity / 60000 * (now - time));
    time = now;
  }

  double capacity, level;
  double time = 0;
};

/// The limits of a model, or of a pool.
class RateLimiter {
public:
  explicit RateLimiter(const RateLimits &limits)
      : most(limits.maxConcurrency), requests(limits.requestsPerMin), tokens(limits.tokensPerMin) {}

  /// When a request of so many tokens may start; never, if one has to end first.
  double getStart(double count, double now) {
    if (most && running >= *most)
      return Clock::never;
    return std::max(requests.getStart(1, now), tokens.getStart(count, now));
  }
  /// Whether there is room for so many tokens.
  bool has(double count, double now) { return tokens.has(count, now); }
  void start(double count, double now) {
    ++running;
    requests.take(1, now);
    tokens.take(count, now);
  }
  /// A request has ended, and has taken so many tokens more than was expected.
  void end(double more, double now) {
    --running;
    tokens.take(more, now);
  }

private:
  std::optional<int64_t> most;
  int64_t running = 0;
  Bucket requests, tokens;
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_RATELIMITER_H

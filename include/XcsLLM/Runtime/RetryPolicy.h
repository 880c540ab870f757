//===- RetryPolicy.h - Whether to try again, and when -----------*- C++ -*-===//
//
// What official clients of OpenAI do. A server's word (`x-should-retry`) counts
// first; else 408, 409, 429, 5xx and lost connections are worth another try. The
// server also says when (`retry-after-ms`, `Retry-After`); where it does not, the
// pauses double, less up to a quarter by chance.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_RETRYPOLICY_H
#define XCSLLM_RUNTIME_RETRYPOLICY_H

#include "XcsLLM/Runtime/HttpClient.h"
#include <optional>

namespace xcs::runtime {

struct RetryPolicy {
  int64_t maxAttempts = 3; ///< with the first one
  double initialBackoffMs = 500, backoffFactor = 2, maxBackoffMs = 8000;
  /// A server that asks for a longer pause is not asked again.
  double longestPauseMs = 120000;

  /// How many milliseconds after the response the request is to be sent again; none if
  /// it is not. `attempts` were made so far, at least one; `dice` is from 0 to 1;
  /// `nowS` is the time in seconds since 1970, for servers that give a date.
  std::optional<int64_t> getPauseMs(const HttpResponse &response, int64_t attempts, double dice,
                                    int64_t nowS) const;
};

/// How long the server asks to wait, in milliseconds; none if it does not, or says
/// what is no time.
std::optional<double> readRetryAfter(const HttpHeaders &headers, int64_t nowS);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_RETRYPOLICY_H

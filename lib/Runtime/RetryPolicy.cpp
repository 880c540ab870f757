//===- RetryPolicy.cpp - Whether to try again, and when --------------------===//

#include "XcsLLM/Runtime/RetryPolicy.h"
#include "llvm/ADT/StringRef.h"
#include <cmath>
#include <curl/curl.h>

using namespace llvm;

namespace xcs::runtime {

static std::optional<double> readSeconds(StringRef text) {
  double value;
  if (text.trim().getAsDouble(value) || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<double> readRetryAfter(const HttpHeaders &headers, int64_t nowS) {
  if (std::optional<double> ms = readSeconds(headers.retryAfterMs))
    return ms;
  if (std::optional<double> seconds = readSeconds(headers.retryAfter))
    return *seconds * 1000;
  time_t date = headers.retryAfter.empty() ? -1 : curl_getdate(headers.retryAfter.c_str(), nullptr);
  if (date == -1)
    return std::nullopt;
  return double(date - nowS) * 1000;
}

/// Whether another try may fare better.
static bool isPassing(const HttpResponse &response) {
  switch (response.error) {
  case HttpError::Resolve:
  case HttpError::Connect:
  case HttpError::TimedOut:
  case HttpError::Closed:
  case HttpError::Protocol:
    return true;
  case HttpError::BadUrl:
  case HttpError::Tls:
  case HttpError::TooLarge:
    return false;
  case HttpError::None:
    break;
  }
  if (response.headers.shouldRetry == "true")
    return true;
  if (response.headers.shouldRetry == "false")
    return false;
  int status = response.status;
  return status == 408 || status == 409 || status == 429 || status >= 500;
}

std::optional<int64_t> RetryPolicy::getPauseMs(const HttpResponse &response, int64_t attempts,
                                               double dice, int64_t nowS) const {
  bool isGood = response.error == HttpError::None && response.status / 100 == 2;
  if (isGood || attempts >= maxAttempts || !isPassing(response))
    return std::nullopt;
  std::optional<double> asked;
  if (response.error == HttpError::None)
    asked = readRetryAfter(response.headers, nowS);
  if (asked && *asked > longestPauseMs)
    return std::nullopt;
  if (asked && *asked > 0)
    return int64_t(std::ceil(*asked));
  double pause = initialBackoffMs;
  for (int64_t tries = 1; tries < attempts && pause < maxBackoffMs && backoffFactor > 1; ++tries)
    pause *= backoffFactor;
  return int64_t(std::max(std::min(pause, maxBackoffMs), 0.0) * (1 - 0.25 * dice));
}

} // namespace xcs::runtime

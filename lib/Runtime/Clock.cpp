//===- Clock.cpp - Time, real or not ---------------------------------------===//

#include "XcsLLM/Runtime/Clock.h"
#include <algorithm>
#include <cmath>
#include <ctime>

namespace xcs::runtime {

double Clock::getNow() const {
  if (isVirtual())
    return virtualNow;
  return std::chrono::duration<double, std::milli>(Steady::now() - begin).count() / scale;
}

double Clock::getRealMsUntil(double timeMs) const {
  return isVirtual() ? 0 : std::max(0.0, (timeMs - getNow()) * scale);
}

void Clock::sleepUntil(double timeMs) {
  if (isVirtual()) {
    virtualNow = std::max(virtualNow, timeMs);
    return;
  }
  constexpr double longestMs = 1000; // a signal that came just before ends no sleep
  double ms = std::min(getRealMsUntil(timeMs), longestMs), seconds = std::floor(ms / 1000);
  timespec rest{time_t(seconds), long((ms - seconds * 1000) * 1e6)};
  nanosleep(&rest, nullptr); // a signal ends it
}

} // namespace xcs::runtime

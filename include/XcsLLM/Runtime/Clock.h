//===- Clock.h - Time, real or not ------------------------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_CLOCK_H
#define XCSLLM_RUNTIME_CLOCK_H

#include <chrono>
#include <limits>

namespace xcs::runtime {

/// Milliseconds since it was made: of real time, of time that runs by another scale, or,
/// at scale 0, of time that passes only where somebody waits.
class Clock {
public:
  static constexpr double never = std::numeric_limits<double>::infinity();

  /// `scale` is how many real seconds a second takes.
  explicit Clock(double scale = 1) : scale(scale), begin(Steady::now()) {}

  double getNow() const;
  bool isVirtual() const { return scale == 0; }
  /// Waits until then, or until a signal comes; of real time, one second at the most.
  void sleepUntil(double timeMs);
  /// Real milliseconds until then: 0 if it is past, or if time is virtual.
  double getRealMsUntil(double timeMs) const;

private:
  using Steady = std::chrono::steady_clock;

  double scale;
  Steady::time_point begin;
  double virtualNow = 0;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_CLOCK_H

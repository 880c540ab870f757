//===- TradeoffHull.cpp - Convex tradeoffs of time for cost ---------------===//

#include "TradeoffHull.h"
#include "llvm/ADT/STLExtras.h"

using namespace xcs;
using llvm::ArrayRef;
using llvm::SmallVector;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double precision = 1e-9;

Hull xcs::getHull(ArrayRef<TimeCostOption> sorted) {
  SmallVector<TimeCostOption> corners;
  auto getSlope = [](TimeCostOption a, TimeCostOption b) {
    return (a.cost - b.cost) / (b.timeMs - a.timeMs);
  };
  for (const TimeCostOption &option : sorted) {
    while (corners.size() > 1 && getSlope(corners[corners.size() - 2], corners.back()) <=
                                     getSlope(corners.back(), option))
      corners.pop_back();
    corners.push_back(option);
  }
  Hull hull{sorted.front().timeMs, {}}; // never dropped
  for (size_t index = 1; index < corners.size(); ++index)
    hull.segments.push_back({getSlope(corners[index - 1], corners[index]),
                             corners[index].timeMs - corners[index - 1].timeMs});
  return hull;
}

Hull xcs::addInSeries(const Hull &a, const Hull &b) {
  Hull sum{a.fastestMs + b.fastestMs, {}};
  sum.segments.resize(a.segments.size() + b.segments.size());
  std::merge(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
             sum.segments.begin(),
             [](const auto &one, const auto &other) { return one.slope > other.slope; });
  // Equal slopes are one segment.
  size_t kept = 0;
  for (const Hull::Segment &segment : sum.segments)
    if (kept > 0 && sum.segments[kept - 1].slope == segment.slope)
      sum.segments[kept - 1].timeMs += segment.timeMs;
    else
      sum.segments[kept++] = segment;
  sum.segments.resize(kept);
  return sum;
}

/// The segments of `hull` from `timeMs` on.
static std::vector<Hull::Segment> getFrom(const Hull &hull, double timeMs) {
  std::vector<Hull::Segment> rest;
  double skip = timeMs - hull.fastestMs;
  for (Hull::Segment segment : hull.segments) {
    double cut = std::min(skip, segment.timeMs);
    skip -= cut;
    segment.timeMs -= cut;
    if (segment.timeMs > 0)
      rest.push_back(segment);
  }
  return rest;
}

/// At each time both save, as long as they have something to save.
Hull xcs::addInParallel(const Hull &a, const Hull &b) {
  Hull sum{std::max(a.fastestMs, b.fastestMs), {}};
  std::vector<Hull::Segment> ones = getFrom(a, sum.fastestMs), others = getFrom(b, sum.fastestMs);
  size_t one = 0, other = 0;
  while (one < ones.size() || other < others.size()) {
    Hull::Segment segment{0, infinity};
    if (one < ones.size())
      segment = {ones[one].slope, ones[one].timeMs};
    if (other < others.size())
      segment = {segment.slope + others[other].slope,
                 std::min(segment.timeMs, others[other].timeMs)};
    if (one < ones.size() && (ones[one].timeMs -= segment.timeMs) <= 0)
      ++one;
    if (other < others.size() && (others[other].timeMs -= segment.timeMs) <= 0)
      ++other;
    sum.segments.push_back(segment);
  }
  return sum;
}

std::pair<double, double> xcs::getSlopes(const Hull &hull, double timeMs) {
  double at = hull.fastestMs, left = infinity;
  double rounding = precision * std::max(1.0, timeMs);
  for (const Hull::Segment &segment : hull.segments) {
    if (timeMs < at + rounding)
      return {segment.slope, left};
    if (timeMs < at + segment.timeMs - rounding)
      return {segment.slope, segment.slope};
    at += segment.timeMs;
    left = segment.slope;
  }
  return {0, timeMs > at + rounding ? 0 : left};
}

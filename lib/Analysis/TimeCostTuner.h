//===- TimeCostTuner.h - Ways in time, by rules of thumb --------*- C++ -*-===//
//
// When the activities of a time-cost problem run under one choice of options, and how
// that choice may be improved step by step.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_TIMECOSTTUNER_H
#define XCSLLM_LIB_ANALYSIS_TIMECOSTTUNER_H

#include "XcsLLM/Analysis/TimeCost.h"

namespace xcs {

/// Start and slack of each activity under one choice.
struct Times {
  std::vector<double> finishMs, slackMs;
  double lengthMs = 0;
};

Times findTimes(const TimeCostProblem &problem, llvm::ArrayRef<uint32_t> chosen);

double getCost(const TimeCostProblem &problem, llvm::ArrayRef<uint32_t> chosen);

/// Makes activities faster, where that costs least for what it gains, until the
/// deadline is kept; then, one by one, those cheaper that have time for it. Stops after
/// `effort` steps or so; false if the deadline is not kept then.
bool tune(const TimeCostProblem &problem, size_t effort, std::vector<uint32_t> &chosen);

/// Quick, and all there is for problems too large to be taken apart: each activity takes the way
/// that is best at one price of time, the lowest at which the deadline is kept. Improves `result`.
void improveAtOnePrice(const TimeCostProblem &problem, TimeCostResult &result);

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_TIMECOSTTUNER_H

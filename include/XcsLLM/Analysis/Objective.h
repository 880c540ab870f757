//===- Objective.h - What rewrites are for, and may do ----------*- C++ -*-===//
//
// The leave that a program gives its rewrites, and which of two ways to do
// something is better. Money is in US dollars, time in milliseconds.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_OBJECTIVE_H
#define XCSLLM_ANALYSIS_OBJECTIVE_H

#include "XcsLLM/Analysis/Pricing.h"
#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// What a rewrite is after. Balanced counts a percent of money like a percent of
/// time.
enum class Objective : uint8_t { Cost, Latency, Balanced };

/// The leave that `function` gives (`xcs_llm.allow`, or else `distribution`), at
/// most `limit`. A rewrite may be done if its own class is no higher.
Allow getLeave(mlir::Operation *function, Allow limit);

/// The class of a rewrite as people write it: `lossless`,
/// `distribution-preserving` or `quality-bounded`.
llvm::StringRef getClassName(Allow rewriteClass);

/// What something takes, in one run of the program.
struct Effort {
  Amount costUsd, latencyMs;
  double requests = 0;
};

/// How much worse `after` is than `before` in the objective alone: below 0 if it is
/// better, 0 if they are equal. A logarithm: differences below one part in 10^9 are
/// none. Of what is unknown only the known parts are compared.
double compareEfforts(const Effort &before, const Effort &after, Objective objective);

/// Whether `after` is better than `before`: cheaper, faster, or both together on
/// balance, as the objective says; of what is equal in that, the one that is
/// better in the other figure, or else has fewer requests. Who asks has to see that
/// what is unknown is the same in both.
bool isGain(const Effort &before, const Effort &after, Objective objective);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_OBJECTIVE_H

//===- Limits.h - What a call asks of its model -----------------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_LIMITS_H
#define XCSLLM_ANALYSIS_LIMITS_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// The least quality of a call, and the attribute that says so.
struct QualityBound {
  double least;
  llvm::StringRef attribute;
};

/// The bound of `call`: its own, or else that of `function`, which does not hold for
/// embeddings: they answer nothing.
std::optional<QualityBound> getQualityBound(LLMCallOpInterface call, mlir::Operation *function);

/// The quality of `model` at the task of `call`, or in general.
std::optional<double> getQuality(LLMCallOpInterface call, const ModelEntry &model);

/// A length that a model limits.
struct LengthLimit {
  llvm::StringRef what;  ///< `input`, …
  llvm::StringRef field; ///< `longest input`, …
  Forecast tokens;
  int64_t most;
  bool isParameter = false; ///< `max_tokens`, which providers refuse however short the answer
};

/// The limits that `model` has for a call of such lengths, `output` in all samples.
llvm::SmallVector<LengthLimit, 3> getLengthLimits(LLMCallOpInterface call, const ModelEntry &model,
                                                  Forecast input, Forecast output);

/// Whether `amount` is more than `most` by more than rounding of sums.
inline bool exceeds(double amount, double most) { return amount > most * (1 + 1e-9); }

/// Which feature that `call` asks for `model` has not, or is not known to have; empty if
/// none. One that it names, `isNamed`, is taken to have what is not known.
std::string getLackingFeature(LLMCallOpInterface call, const ModelEntry &model, bool isNamed);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_LIMITS_H

//===- Figures.h - Figures as people read them ------------------*- C++ -*-===//
//
// Money, times and counts as texts in plain ASCII, for diagnostics and tables.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_FIGURES_H
#define XCSLLM_ANALYSIS_FIGURES_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// US dollars: `$0.029233`; three digits at least of what is less than a
/// thousandth, `$0.00000412`.
std::string formatUsd(double usd);
/// Milliseconds, in the unit that suits: `850 ms`, `1.25 s`, `3.5 min`, `24.0 h`.
std::string formatMs(double ms);
/// A number of tokens, calls or requests: `12,345`, or `0.5` with one decimal
/// where it is not whole and less than a thousand.
std::string formatCount(double count);

/// `>= $0.01` for a sum of which parts are unknown, `unknown` if nothing is known.
std::string formatAmount(Amount amount, llvm::function_ref<std::string(double)> format);

/// `model 'm' (ttft_ms, output_tokens_per_s), tool '@t' (latency_ms)`.
std::string formatUnknown(const std::set<UnknownFigure> &unknown);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_FIGURES_H

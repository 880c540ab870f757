//===- Pricing.h - What one call takes --------------------------*- C++ -*-===//
//
// The arithmetic of one run of a call, from its tokens and what is known of its
// model; docs/CostModel.md has the formulas. Money is in US dollars, time in
// milliseconds. Knows no IR.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_PRICING_H
#define XCSLLM_ANALYSIS_PRICING_H

#include "XcsLLM/Analysis/Catalog.h"

namespace xcs {

/// Figures above count as this, so that no product of a few and no sum overflows.
constexpr double mostFigure = 1e30;
inline double clampFigure(double figure) { return figure < mostFigure ? figure : mostFigure; }

/// A sum. It is at least `known`: parts may be unknown.
struct Amount {
  double known = 0;
  bool complete = true; ///< nothing is left out

  Amount &operator+=(Amount other) {
    known = clampFigure(known + other.known);
    complete &= other.complete;
    return *this;
  }
  /// `times` as much; none of it is nothing, known or not.
  friend Amount operator*(Amount amount, double times) {
    if (times == 0)
      return {};
    return {clampFigure(amount.known * times), amount.complete};
  }
};

/// A figure as it is expected, and at worst.
struct Forecast {
  double expected = 0, worst = 0;
};

/// The tokens of one run of a call.
struct CallTokens {
  double input = 0;    ///< of the whole prompt
  double cached = 0;   ///< of these, read from the provider's prompt cache
  double written = 0;  ///< of these, written to it
  double output = 0;   ///< of one sample
  int64_t samples = 1; ///< `n`
};

/// How many requests `samples` take: the prompt is billed once for each. A model
/// whose limit is unknown takes them all in one.
double countRequests(const ModelEntry &model, int64_t samples);

/// How many equal calls, each of so many samples, and with so many tokens in all its
/// requests, can go out at one time within the model's limits; at least 1. With a
/// model that takes several inputs at once they are one request, of their tokens.
double countTogether(const ModelEntry &model, int64_t samples, double tokens);

/// US dollars of one run. Tokens without a known price are left out.
Amount priceCall(const ModelEntry &model, ServiceTier tier, const CallTokens &tokens);

/// Milliseconds from sending to the last token of one run, queueing aside: time to
/// the first token, then the tokens of one sample, as samples come side by side. At
/// the batch tier it is the 24 hours in which providers promise to be done; the flex
/// tier has no promise, so the standard figure is what it takes at least.
Amount timeCall(const ModelEntry &model, ServiceTier tier, double outputTokens);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_PRICING_H

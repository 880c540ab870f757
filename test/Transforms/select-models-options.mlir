// RUN: xcs-opt %s --xcs-select-models="objective=latency" | FileCheck %s --check-prefix=LATENCY
// RUN: xcs-opt %s --xcs-select-models="allow=distribution" | FileCheck %s --check-prefix=NARROW
// RUN: xcs-opt %s --xcs-select-models="tiers=batch,flex" | FileCheck %s --check-prefix=TIERS
// RUN: xcs-opt %s --xcs-select-models="models=gpt-4o-mini" | FileCheck %s --check-prefix=MORE
// RUN: xcs-opt %s --xcs-select-models="models=all" | FileCheck %s --check-prefix=ALL
// RUN: not xcs-opt %s --xcs-select-models="tiers=now" 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: xcs-select-models: tiers must be standard, flex or batch (got 'now')

!text = !xcs_llm.text
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, quality = 0.5 : f64, ttft_ms = 2900.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @large {input_usd_per_mtok = 20.0 : f64, output_usd_per_mtok = 20.0 : f64, quality = 0.9 : f64, ttft_ms = 0.0 : f64, output_tokens_per_s = 1000.0 : f64, batch_discount = 0.5 : f64}

// LATENCY-LABEL: @f
// NARROW-LABEL: @f
// TIERS-LABEL: @f
// MORE-LABEL: @f
// ALL-LABEL: @f
func.func @f(%p: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.allow = "quality"} {
  // LATENCY: generate "large"
  // NARROW: generate "small"
  // TIERS: generate "small"
  // MORE: generate "gpt-4o-mini"
  // ALL-NOT: generate "small"
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  // LATENCY: generate "large"
  // NARROW: generate "large"
  // TIERS: generate "large" {{.*}}service_tier = "batch"
  // MORE: generate "large"
  // ALL-NOT: generate "large"
  %b = xcs_llm.generate "large" (%p) {expected_output_tokens = 100 : i64, min_quality = 0.8 : f64} : !text
  return %a, %b : !text, !text
}

// RUN: xcs-opt %s --xcs-select-models --split-input-file --verify-diagnostics

!text = !xcs_llm.text
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, quality = 0.5 : f64, ttft_ms = 900.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @large {input_usd_per_mtok = 20.0 : f64, output_usd_per_mtok = 20.0 : f64, quality = 0.62 : f64, ttft_ms = 400.0 : f64, output_tokens_per_s = 1000.0 : f64}

// expected-error@+1 {{no choice of models keeps 'xcs_llm.deadline_ms': the fastest takes 1.00 s (must be at most 850 ms)}}
func.func @late(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.deadline_ms = 850.0 : f64} {
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  %b = xcs_llm.generate (%a) {expected_output_tokens = 100 : i64} : !text
  return %b : !text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, quality = 0.5 : f64}
xcs_llm.model @large {input_usd_per_mtok = 20.0 : f64, output_usd_per_mtok = 20.0 : f64, quality = 0.62 : f64}

func.func @bad(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  // expected-error@+1 {{no model can answer this call: quality must be at least 0.8, as 'min_quality' says (got 0.62 of model 'large'), the best of 2}}
  %a = xcs_llm.generate (%p) {min_quality = 0.8 : f64} : !text
  return %a : !text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64}
xcs_llm.model @large {input_usd_per_mtok = 20.0 : f64, output_usd_per_mtok = 20.0 : f64, quality = 0.62 : f64}

// expected-error@+1 {{no choice of models keeps 'xcs_llm.budget_usd': the cheapest takes $0.004000 (must be at most $0.003000)}}
func.func @dear(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.budget_usd = 0.003 : f64, xcs_llm.min_quality = 0.1 : f64} {
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  return %a : !text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @short {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, context_tokens = 1000 : i64}
xcs_llm.model @long {input_usd_per_mtok = 2.0 : f64, output_usd_per_mtok = 1.0 : f64, context_tokens = 4000 : i64}

func.func @too_long(%p: !text {xcs_llm.tokens = 5000 : i64}) -> !text {
  // expected-error@+1 {{no model can answer this call: input with output must be at most 4,000 tokens, the context length of model 'long' (got 5,100 at worst), the best of 2}}
  %a = xcs_llm.generate (%p) {max_tokens = 100 : i64} : !text
  return %a : !text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @one {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, ttft_ms = 100.0 : f64, output_tokens_per_s = 1000.0 : f64}

func.func @chain(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  // expected-error@+1 {{no choice of models keeps 'deadline_ms': the fastest takes 400 ms (must be at most 300 ms)}}
  %v = xcs_llm.chain -> !text {
    %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
    %b = xcs_llm.generate (%a) {expected_output_tokens = 100 : i64} : !text
    xcs_llm.yield %b : !text
  } {deadline_ms = 300.0 : f64}
  return %v : !text
}

// Figures at worst.
// RUN: xcs-opt %s --xcs-verify-constraints="at=worst" --verify-diagnostics

!text = !xcs_llm.text

xcs_llm.model @"m" {input_usd_per_mtok = 2.0 : f64, output_usd_per_mtok = 10.0 : f64, ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64, context_tokens = 1000 : i64}

// Of two branches the dearer, however unlikely: 100 * 2 + 50 * 10 = 700 millionths.
// expected-error@+1 {{worst-case cost must be at most $0.000500, as 'xcs_llm.budget_usd' says (got $0.000700)}}
func.func @branch(%q: !text {xcs_llm.tokens = 100 : i64}, %c: i1) -> !text attributes {xcs_llm.budget_usd = 5.0e-4 : f64} {
  %r = xcs_llm.conditional %c -> !text {
    %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{this call takes $0.000700}}
    xcs_llm.yield %a : !text
  } else {
    %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 0 : i64} : !text
    xcs_llm.yield %b : !text
  } {probability = 0.1 : f64}
  return %r : !text
}

// Three attempts of 700 millionths and 1,000 ms, although the first will do.
// expected-error@+2 {{worst-case cost must be at most $0.002000, as 'xcs_llm.budget_usd' says (got $0.002100)}}
// expected-error@+1 {{worst-case latency must be at most 2.90 s, as 'xcs_llm.deadline_ms' says (got 3.00 s)}}
func.func @attempts(%q: !text {xcs_llm.tokens = 100 : i64}, %c: i1) -> !text attributes {xcs_llm.budget_usd = 2.0e-3 : f64, xcs_llm.deadline_ms = 2900.0 : f64} {
  %r = xcs_llm.cascade -> !text {
    // expected-note@+2 {{this call takes $0.002100, in 3 runs}}
    // expected-note@+1 {{one run of this call takes up to 1.00 s}}
    %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
    xcs_llm.yield %a, %c : !text, i1
  } {attempts = array<i64: 3>, accept_rate = array<f64: 1.0>}
  return %r : !text
}

// Output as long as it may be.
func.func @length(%q: !text {xcs_llm.tokens = 600 : i64}) -> !text {
  // expected-error@+1 {{worst-case input with output must be at most 1,000 tokens, the context length of model 'm' (got 1,050)}}
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 10 : i64, max_tokens = 450 : i64} : !text
  return %a : !text
}

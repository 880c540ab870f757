// Expected figures. Each call of "m" with 100 tokens of input and 50 of output takes
// 100 * 2 + 50 * 10 = 700 millionths of a US dollar, and 500 + 50 / 100 * 1,000 =
// 1,000 ms.
// RUN: xcs-opt %s --xcs-verify-constraints --verify-diagnostics
// RUN: xcs-opt %s --xcs-verify-constraints="at=expected" --verify-diagnostics

!text = !xcs_llm.text

xcs_llm.model @"m" {input_usd_per_mtok = 2.0 : f64, output_usd_per_mtok = 10.0 : f64, ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64, quality = 0.7 : f64, context_tokens = 1000 : i64, max_output_tokens = 500 : i64}
xcs_llm.model @"one by one" {input_usd_per_mtok = 2.0 : f64, output_usd_per_mtok = 10.0 : f64, ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64, max_concurrency = 1 : i64}
xcs_llm.model @"e" {input_usd_per_mtok = 0.1 : f64, ttft_ms = 80.0 : f64}

func.func private @tool(!text) -> (!text {xcs_llm.tokens = 10 : i64}) attributes {xcs_llm.task = "tool"}
func.func private @slow_tool(!text) -> (!text {xcs_llm.tokens = 10 : i64}) attributes {xcs_llm.task = "slow", xcs_llm.latency_ms = 3000.0 : f64}

//===----------------------------------------------------------------------===//
// Budgets
//===----------------------------------------------------------------------===//

// 1,400 millionths: what is equal holds.
func.func @negative_budget(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.budget_usd = 1.4e-3 : f64} {
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  return %a, %b : !text, !text
}

// Four calls, 700 + 40 * 900 + 500 + 200 millionths: notes on the largest three.
// expected-error@+1 {{expected cost must be at most $0.037300, as 'xcs_llm.budget_usd' says (got $0.037400)}}
func.func @budget(%q: !text {xcs_llm.tokens = 100 : i64}, %list: tensor<40x!text> {xcs_llm.tokens = 200 : i64}) -> (!text, !text, !text, tensor<40x!text>) attributes {xcs_llm.budget_usd = 0.0373 : f64} {
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{this call takes $0.000700}}
  %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 0 : i64} : !text
  %c = xcs_llm.generate "m" (%q) {expected_output_tokens = 30 : i64} : !text // expected-note {{this call takes $0.000500}}
  %ds = xcs_llm.batch (%item in %list : tensor<40x!text>) -> tensor<40x!text> {
    %d = xcs_llm.generate "m" (%item) {expected_output_tokens = 50 : i64} : !text // expected-note {{this call takes $0.036000, in 40 expected runs}}
    xcs_llm.yield %d : !text
  }
  return %a, %b, %c, %ds : !text, !text, !text, tensor<40x!text>
}

// What a function takes counts where it is called, and its own budget there.
func.func private @callee(%q: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.budget_usd = 7.0e-4 : f64} {
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  return %a : !text
}
// expected-error@+1 {{expected cost must be at most $0.000600, as 'xcs_llm.budget_usd' says (got $0.000700)}}
func.func @caller(%q: !text) -> !text attributes {xcs_llm.budget_usd = 6.0e-4 : f64} {
  %a = func.call @callee(%q) : (!text) -> !text // expected-note {{this call takes $0.000700}}
  return %a : !text
}

// The known part is over the limit.
// expected-error@+1 {{expected cost must be at most $0.000600, as 'xcs_llm.budget_usd' says (got at least $0.000700)}}
func.func @at_least(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.budget_usd = 6.0e-4 : f64} {
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{this call takes $0.000700}}
  %b = xcs_llm.generate "u" (%q) {expected_output_tokens = 50 : i64} : !text
  return %a, %b : !text, !text
}

// It is not, but who knows: no proof that the budget breaks.
// expected-warning@+1 {{expected cost may be over the $0.000800 of 'xcs_llm.budget_usd': it is at least $0.000700, as there is unknown model 'u' (input_usd_per_mtok, output_usd_per_mtok)}}
func.func @unknown(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.budget_usd = 8.0e-4 : f64} {
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  %b = xcs_llm.generate "u" (%q) {expected_output_tokens = 50 : i64} : !text
  return %a, %b : !text, !text
}

// expected-warning@+1 {{it is at least $0.000000, as there is unknown what a function takes that leads to itself}}
func.func @recursive(%q: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.budget_usd = 8.0e-4 : f64} {
  %a = func.call @recursive(%q) : (!text) -> !text
  return %a : !text
}

// One time in ten: 70 millionths are expected, 700 at worst.
// expected-warning@+1 {{worst-case cost is over the $0.000500 of 'xcs_llm.budget_usd' (got $0.000700)}}
func.func @at_worst(%q: !text {xcs_llm.tokens = 100 : i64}, %c: i1) -> !text attributes {xcs_llm.budget_usd = 5.0e-4 : f64} {
  %r = xcs_llm.conditional %c -> !text {
    %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{this call takes $0.000700}}
    xcs_llm.yield %a : !text
  } else {
    %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 0 : i64} : !text
    xcs_llm.yield %b : !text
  } {probability = 0.1 : f64}
  return %r : !text
}

//===----------------------------------------------------------------------===//
// Deadlines
//===----------------------------------------------------------------------===//

func.func @negative_deadline(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.deadline_ms = 1000.0 : f64} {
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  return %a, %b : !text, !text
}

// 1,000 + 3,000 ms on the critical path, with a call of 500 ms beside it.
// expected-error@+1 {{expected latency must be at most 3.99 s, as 'xcs_llm.deadline_ms' says (got 4.00 s)}}
func.func @deadline(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.deadline_ms = 3990.0 : f64} {
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{this call takes 1.00 s of the critical path}}
  %b = func.call @slow_tool(%a) : (!text) -> !text // expected-note {{this call takes 3.00 s of the critical path}}
  %c = xcs_llm.generate "m" (%q) {expected_output_tokens = 0 : i64} : !text
  return %b, %c : !text, !text
}

// expected-warning@+1 {{expected latency may be over the 1.50 s of 'xcs_llm.deadline_ms': it is at least 1.00 s, as there is unknown tool '@tool' (latency_ms)}}
func.func @unknown_tool(%q: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.deadline_ms = 1500.0 : f64} {
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  %b = func.call @tool(%a) : (!text) -> !text
  return %b : !text
}

// Side by side they would do, but the model takes one request at a time.
// expected-error@+1 {{expected latency must be at most 1.50 s, as 'xcs_llm.deadline_ms' says (got 2.00 s under the limits of its models, although the critical path takes but 1.00 s)}}
func.func @limits(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.deadline_ms = 1500.0 : f64} {
  %a = xcs_llm.generate "one by one" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{this call sends 1 requests to model 'one by one', which takes at most 1 requests at once}}
  %b = xcs_llm.generate "one by one" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{this call sends 1 requests to model 'one by one', which takes at most 1 requests at once}}
  return %a, %b : !text, !text
}

// Two attempts, of which the first nearly always does: 1,010 ms expected.
// expected-warning@+1 {{worst-case latency is over the 1.50 s of 'xcs_llm.deadline_ms' (got 2.00 s)}}
func.func @late_at_worst(%q: !text {xcs_llm.tokens = 100 : i64}, %c: i1) -> !text attributes {xcs_llm.deadline_ms = 1500.0 : f64} {
  %r = xcs_llm.cascade -> !text {
    %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{one run of this call takes up to 1.00 s}}
    xcs_llm.yield %a, %c : !text, i1
  }, {
    %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text // expected-note {{one run of this call takes up to 1.00 s}}
    xcs_llm.yield %b : !text
  } {accept_rate = array<f64: 0.99, 1.0>}
  return %r : !text
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

// The limits are on one run of the chain, of which the batch makes three.
func.func @chain(%list: tensor<3x!text> {xcs_llm.tokens = 100 : i64}) -> tensor<3x!text> {
  %rs = xcs_llm.batch (%q in %list : tensor<3x!text>) -> tensor<3x!text> {
    // expected-error@+2 {{expected cost must be at most $0.001100, as 'budget_usd' says (got $0.001300)}}
    // expected-error@+1 {{expected latency must be at most 1.90 s, as 'deadline_ms' says (got 2.00 s)}}
    %r = xcs_llm.chain -> !text {
      // expected-note@+2 {{this call takes $0.000700}}
      // expected-note@+1 {{one run of this call takes 1.00 s}}
      %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
      // 50 * 2 + 50 * 10 millionths
      // expected-note@+2 {{this call takes $0.000600}}
      // expected-note@+1 {{one run of this call takes 1.00 s}}
      %b = xcs_llm.generate "m" (%a) {expected_output_tokens = 50 : i64} : !text
      xcs_llm.yield %b : !text
    } {budget_usd = 1.1e-3 : f64, deadline_ms = 1900.0 : f64}
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<3x!text>
}

func.func @unknown_chain(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) {
  %other = xcs_llm.generate "elsewhere" (%q) {expected_output_tokens = 50 : i64} : !text
  // What is unknown outside of the chain is none of its business.
  // expected-warning@+2 {{expected cost may be over the $1.000000 of 'budget_usd': it is at least $0.000000, as there is unknown model 'u' (input_usd_per_mtok, output_usd_per_mtok)}}
  // expected-warning@+1 {{expected latency may be over the 60.00 s of 'deadline_ms': it is at least 0 ms, as there is unknown model 'u' (output_tokens_per_s, ttft_ms)}}
  %r = xcs_llm.chain -> !text {
    %a = xcs_llm.generate "u" (%q) {expected_output_tokens = 50 : i64} : !text
    xcs_llm.yield %a : !text
  } {budget_usd = 1.0 : f64, deadline_ms = 60000.0 : f64}
  return %r, %other : !text, !text
}

//===----------------------------------------------------------------------===//
// Quality
//===----------------------------------------------------------------------===//

func.func @quality(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text, !text, !text, tensor<8xf32>, tensor<8xf32>) attributes {xcs_llm.min_quality = 0.8 : f64} {
  // expected-error@+1 {{quality must be at least 0.8, as 'xcs_llm.min_quality' says (got 0.7 of model 'm')}}
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  // expected-error@+1 {{quality must be at least 0.75, as 'min_quality' says (got 0.7 of model 'm')}}
  %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64, min_quality = 0.75 : f64} : !text
  // A call's own bound holds.
  %c = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64, min_quality = 0.7 : f64} : !text
  // expected-warning@+1 {{quality must be at least 0.8, as 'xcs_llm.min_quality' says, but that of model 'u' is unknown}}
  %d = xcs_llm.generate "u" (%q) {expected_output_tokens = 50 : i64} : !text
  // The function's bound is none of embeddings, but their own is.
  %e = xcs_llm.embed "e" (%q) : tensor<8xf32>
  // expected-warning@+1 {{quality must be at least 0.5, as 'min_quality' says, but that of model 'e' is unknown}}
  %f = xcs_llm.embed "e" (%q) {min_quality = 0.5 : f64} : tensor<8xf32>
  return %a, %b, %c, %d, %e, %f : !text, !text, !text, !text, tensor<8xf32>, tensor<8xf32>
}

func.func @no_model(%q: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  // expected-warning@+1 {{quality must be at least 0.8, as 'min_quality' says, but no model is chosen}}
  %a = xcs_llm.generate (%q) {expected_output_tokens = 50 : i64, min_quality = 0.8 : f64} : !text
  return %a : !text
}

//===----------------------------------------------------------------------===//
// What models can do
//===----------------------------------------------------------------------===//

func.func @lengths(%q: !text {xcs_llm.tokens = 960 : i64}, %p: !text {xcs_llm.tokens = 600 : i64}) -> (!text, tensor<4x!text>, !text, !text, !text) {
  // expected-error@+1 {{expected input with output must be at most 1,000 tokens, the context length of model 'm' (got 1,010)}}
  %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  // Each of the samples has 40 tokens.
  %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 40 : i64, n = 4 : i64} : tensor<4x!text>
  // expected-warning@+1 {{worst-case input with output is over 1,000 tokens, the context length of model 'm' (got 1,050)}}
  %c = xcs_llm.generate "m" (%p) {expected_output_tokens = 10 : i64, max_tokens = 450 : i64} : !text
  // expected-error@+2 {{expected input with output must be at most 1,000}}
  // expected-error@+1 {{expected output must be at most 500 tokens, the longest output of model 'm' (got 501)}}
  %d = xcs_llm.generate "m" (%p) {expected_output_tokens = 501 : i64} : !text
  // Refused by the provider, even if the answer is short.
  // expected-warning@+2 {{worst-case input with output is over 1,000 tokens}}
  // expected-error@+1 {{'max_tokens' must be at most 500, the longest output of model 'm' (got 501)}}
  %e = xcs_llm.generate "m" (%p) {expected_output_tokens = 10 : i64, max_tokens = 501 : i64} : !text
  return %a, %b, %c, %d, %e : !text, tensor<4x!text>, !text, !text, !text
}

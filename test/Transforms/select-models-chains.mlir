// RUN: xcs-opt %s --xcs-select-models --split-input-file --verify-diagnostics | FileCheck %s

// Chains keep their own deadlines and budgets. With 100 tokens of input and 100 of
// output, a call takes 100, 500 or 2,000 ms and 2,000, 600 or 200 millionths of a dollar.

!text = !xcs_llm.text
xcs_llm.model @fast {input_usd_per_mtok = 10.0 : f64, output_usd_per_mtok = 10.0 : f64, ttft_ms = 0.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @medium {input_usd_per_mtok = 3.0 : f64, output_usd_per_mtok = 3.0 : f64, ttft_ms = 400.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @slow {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, ttft_ms = 1900.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @timeless {input_usd_per_mtok = 0.5 : f64, output_usd_per_mtok = 0.5 : f64}

// What is outside has time, even for a model of unknown speed.
// CHECK-LABEL: @deadline
func.func @deadline(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  // CHECK: generate "timeless"
  %before = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  %v = xcs_llm.chain -> !text {
    // CHECK: generate "slow"
    %a = xcs_llm.generate (%before) {expected_output_tokens = 100 : i64} : !text
    // CHECK: generate "medium"
    %b = xcs_llm.generate (%a) {expected_output_tokens = 100 : i64} : !text
    xcs_llm.yield %b : !text
  } {deadline_ms = 2500.0 : f64}
  return %v : !text
}

// The tool takes its part of the time.
func.func private @find(!text) -> !text attributes {xcs_llm.task = "find", xcs_llm.latency_ms = 1500.0 : f64}
// CHECK-LABEL: @tool
func.func @tool(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  %v = xcs_llm.chain -> !text {
    %found = func.call @find(%p) : (!text) -> !text
    // CHECK: generate "medium"
    %a = xcs_llm.generate (%p, %found) {expected_output_tokens = 100 : i64} : !text
    xcs_llm.yield %a : !text
  } {deadline_ms = 2500.0 : f64}
  return %v : !text
}

// In a branch that is taken half of the time as well.
// CHECK-LABEL: @branch
func.func @branch(%p: !text {xcs_llm.tokens = 100 : i64}, %c: i1) -> !text {
  %r = xcs_llm.conditional %c -> !text {
    %v = xcs_llm.chain -> !text {
      // CHECK: generate "medium"
      %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
      xcs_llm.yield %a : !text
    } {deadline_ms = 1000.0 : f64}
    xcs_llm.yield %v : !text
  } else {
    xcs_llm.yield %p : !text
  }
  return %r : !text
}

// The function's deadline would have both fast; the chain's budget has only its part.
// CHECK-LABEL: @budget
func.func @budget(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.deadline_ms = 1000.0 : f64} {
  // CHECK: generate "medium"
  %before = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  %v = xcs_llm.chain -> !text {
    // CHECK: generate "medium"
    %a = xcs_llm.generate (%before) {expected_output_tokens = 100 : i64} : !text
    xcs_llm.yield %a : !text
  } {budget_usd = 0.0007 : f64}
  return %v : !text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @fast {input_usd_per_mtok = 10.0 : f64, output_usd_per_mtok = 10.0 : f64, ttft_ms = 0.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @slow {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, ttft_ms = 1900.0 : f64, output_tokens_per_s = 1000.0 : f64}

func.func @late(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  // expected-error@+1 {{no choice of models keeps 'deadline_ms': the fastest takes 200 ms (must be at most 150 ms)}}
  %v = xcs_llm.chain -> !text {
    %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
    %b = xcs_llm.generate (%a) {expected_output_tokens = 100 : i64} : !text
    xcs_llm.yield %b : !text
  } {deadline_ms = 150.0 : f64}
  return %v : !text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @fast {input_usd_per_mtok = 10.0 : f64, output_usd_per_mtok = 10.0 : f64, ttft_ms = 0.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @slow {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, ttft_ms = 1900.0 : f64, output_tokens_per_s = 1000.0 : f64}

func.func @dear(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  // expected-error@+1 {{no choice of models keeps 'budget_usd': the cheapest in time takes $0.002000 (must be at most $0.001000)}}
  %v = xcs_llm.chain -> !text {
    %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
    xcs_llm.yield %a : !text
  } {deadline_ms = 150.0 : f64, budget_usd = 0.001 : f64}
  return %v : !text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @limited {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, ttft_ms = 100.0 : f64, output_tokens_per_s = 1000.0 : f64, max_concurrency = 1 : i64}
xcs_llm.model @free {input_usd_per_mtok = 2.0 : f64, output_usd_per_mtok = 2.0 : f64, ttft_ms = 100.0 : f64, output_tokens_per_s = 1000.0 : f64}

// One after another they would be too late.
// CHECK-LABEL: @rates
func.func @rates(%p: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text, !text) attributes {xcs_llm.deadline_ms = 300.0 : f64} {
  // CHECK-COUNT-3: generate "free"
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  %b = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  %c = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  return %a, %b, %c : !text, !text, !text
}

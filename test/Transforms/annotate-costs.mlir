// RUN: xcs-opt %s --xcs-annotate-costs | FileCheck %s
// RUN: xcs-opt %s --xcs-annotate-costs -o %t.once
// RUN: xcs-opt %t.once --xcs-annotate-costs -o %t.twice
// RUN: diff %t.once %t.twice

// What merges calls drops estimates that differ, and keeps those that do not.
// RUN: xcs-opt %t.once --xcs-batch-prompts | FileCheck %s --check-prefix=BATCH

!text = !xcs_llm.text

// CHECK: module attributes {xcs_llm.passes = ["xcs-annotate-costs"]}
xcs_llm.model @"m" {input_usd_per_mtok = 2.0 : f64, output_usd_per_mtok = 10.0 : f64, ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64, memory_mb = 4096.0 : f64}
xcs_llm.model @"half" {input_usd_per_mtok = 2.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @"array" {input_usd_per_mtok = 0.1 : f64, output_usd_per_mtok = 0.0 : f64, ttft_ms = 80.0 : f64}

// 100 tokens at 2 and 50 at 10 US dollars per million: 200 + 500 millionths.
// 500 ms to the first token, then 50 at 100 tokens a second: 1,000 ms.
// CHECK-LABEL: func.func @one
// CHECK: estimate = #xcs_llm.estimate<input_tokens = 100 : i64, output_tokens = 50 : i64, cost_usd = 7.000000e-04 : f64, latency_ms = 1.000000e+03 : f64, memory_mb = 4.096000e+03 : f64>
func.func @one(%q: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  %r = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  return %r : !text
}

// Three samples of one request: the prompt once, 150 tokens of output, side by
// side: 200 + 1,500 millionths.
// CHECK-LABEL: func.func @samples
// CHECK: input_tokens = 100 : i64, output_tokens = 150 : i64, cost_usd = 0.0017{{[0-9]*}} : f64, latency_ms = 1.000000e+03 : f64
func.func @samples(%q: !text {xcs_llm.tokens = 100 : i64}) -> tensor<3x!text> {
  %r = xcs_llm.generate "m" (%q) {n = 3 : i64, expected_output_tokens = 50 : i64} : tensor<3x!text>
  return %r : tensor<3x!text>
}

// An estimate is of one run, however often the body of a batch runs.
// CHECK-LABEL: func.func @items
// CHECK: input_tokens = 100 : i64, output_tokens = 50 : i64
func.func @items(%qs: tensor<?x!text> {xcs_llm.tokens = 100 : i64, xcs_llm.count = 40 : i64}) -> tensor<?x!text> {
  %rs = xcs_llm.batch (%q in %qs : tensor<?x!text>) -> tensor<?x!text> {
    %r = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<?x!text>
}

// An embedding has no output: 1,000 tokens at 0.1, and 80 ms in all.
// CHECK-LABEL: func.func @embedding
// CHECK: estimate<input_tokens = 1000 : i64, output_tokens = 0 : i64, cost_usd = 1.000000e-04 : f64, latency_ms = 8.000000e+01 : f64>
func.func @embedding(%q: !text {xcs_llm.tokens = 1000 : i64}) -> tensor<8xf32> {
  %e = xcs_llm.embed "array" (%q) : tensor<8xf32>
  return %e : tensor<8xf32>
}

// What is known in part, or not at all, is absent.
// CHECK-LABEL: func.func @unknown
// CHECK: "half" {{.*}}estimate = #xcs_llm.estimate<input_tokens = 100 : i64, output_tokens = 50 : i64>,
// CHECK: "nobody knows" {{.*}}estimate = #xcs_llm.estimate<input_tokens = 100 : i64, output_tokens = 256 : i64>}
// CHECK: xcs_llm.generate (%{{.*}}) {estimate = #xcs_llm.estimate<input_tokens = 100 : i64, output_tokens = 50 : i64>,
func.func @unknown(%q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text, !text) {
  %a = xcs_llm.generate "half" (%q) {expected_output_tokens = 50 : i64} : !text
  %b = xcs_llm.generate "nobody knows" (%q) : !text
  %c = xcs_llm.generate (%q) {expected_output_tokens = 50 : i64} : !text
  return %a, %b, %c : !text, !text, !text
}

// A stale estimate gives way.
// CHECK-LABEL: func.func @stale
// CHECK-NOT: cost_usd = 9.000000e+00
// CHECK: estimate<input_tokens = 100 : i64, output_tokens = 50 : i64, cost_usd = 7.000000e-04
func.func @stale(%q: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  %r = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64, estimate = #xcs_llm.estimate<cost_usd = 9.0 : f64>} : !text
  return %r : !text
}

// BATCH-LABEL: func.func @alike
// BATCH: xcs_llm.batch
// BATCH: estimate = #xcs_llm.estimate<input_tokens = 100 : i64
func.func @alike(%p: !text {xcs_llm.tokens = 100 : i64}, %q: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) {
  %a = xcs_llm.generate "m" (%p) {expected_output_tokens = 50 : i64} : !text
  %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  return %a, %b : !text, !text
}

// BATCH-LABEL: func.func @different
// BATCH: xcs_llm.batch
// BATCH-NOT: estimate
func.func @different(%p: !text {xcs_llm.tokens = 100 : i64}, %q: !text {xcs_llm.tokens = 200 : i64}) -> (!text, !text) {
  %a = xcs_llm.generate "m" (%p) {expected_output_tokens = 50 : i64} : !text
  %b = xcs_llm.generate "m" (%q) {expected_output_tokens = 50 : i64} : !text
  return %a, %b : !text, !text
}

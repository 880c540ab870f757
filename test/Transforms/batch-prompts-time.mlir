// RUN: xcs-opt %s --xcs-batch-prompts -o %t.once && FileCheck %s --input-file %t.once
// RUN: xcs-opt %t.once --xcs-batch-prompts -o %t.twice && diff %t.once %t.twice
// RUN: xcs-opt %s --xcs-batch-prompts --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: xcs-opt %s --xcs-batch-prompts="max-batch-size=2" | FileCheck %s --check-prefix=TWO

// Grouping makes nothing later, and groups fit the limits of their models.

!text = !xcs_llm.text

xcs_llm.model @m {ttft_ms = 1000.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @slow {ttft_ms = 9000.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @four {max_concurrency = 4 : i64, requests_per_min = 9.0 : f64}
xcs_llm.model @tokens {tokens_per_min = 250.0 : f64, max_concurrency = 9 : i64}
xcs_llm.model @arrays {array_inputs = true, max_concurrency = 1 : i64}

// %r1 would wait for %s, and the last call for %r1.
// CHECK-LABEL: func.func @negative_late
// CHECK-NOT: xcs_llm.batch
// REMARK: [Missed] kept-apart {{.*}}Function=negative_late{{.*}}the program would end later
func.func @negative_late(%a: !text) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %s = xcs_llm.generate "slow" (%a) : !text
  %r2 = xcs_llm.generate "m" (%s) : !text
  %t = xcs_llm.generate "slow" (%r1) {max_tokens = 9 : i64} : !text
  return %r2, %t : !text, !text
}

// Here nothing waits for %r1 but the end, and that is not later.
// CHECK-LABEL: func.func @has_time
// CHECK: xcs_llm.batch
func.func @has_time(%a: !text) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %s = xcs_llm.generate "slow" (%a) : !text
  %r2 = xcs_llm.generate "m" (%s) : !text
  return %r1, %r2 : !text, !text
}

// Those that start at one time stay one group.
// CHECK-LABEL: func.func @partly
// CHECK: xcs_llm.batch {{.*}} : tensor<2x!xcs_llm.text>
// CHECK-NOT: xcs_llm.batch
func.func @partly(%a: !text, %b: !text) -> (!text, !text, !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %r3 = xcs_llm.generate "m" (%b) : !text
  %s = xcs_llm.generate "slow" (%a) : !text
  %r2 = xcs_llm.generate "m" (%s) : !text
  %t = xcs_llm.generate "slow" (%r1) {max_tokens = 9 : i64} : !text
  return %r2, %t, %r3 : !text, !text, !text
}

// What each item is expected to answer is kept.
// CHECK-LABEL: func.func @lengths
// CHECK: xcs_llm.generate "m" {{.*}}expected_output_tokens = 43 : i64, xcs_llm.item_output_tokens = array<i64: 80, 5>
// CHECK-NOT: item_output_tokens
func.func @lengths(%a: !text, %b: !text) -> (!text, !text, !text, !text) {
  %r1 = xcs_llm.generate "m" (%a) {expected_output_tokens = 80 : i64} : !text
  %r2 = xcs_llm.generate "m" (%b) {expected_output_tokens = 5 : i64} : !text
  %r3 = xcs_llm.generate "m" (%a) {temperature = 0.5 : f64, expected_output_tokens = 5 : i64} : !text
  %r4 = xcs_llm.generate "m" (%b) {temperature = 0.5 : f64, expected_output_tokens = 5 : i64} : !text
  return %r1, %r2, %r3, %r4 : !text, !text, !text, !text
}

// Item by item of the batch around them.
// CHECK-LABEL: func.func @lengths_inside
// CHECK: xcs_llm.item_output_tokens = array<i64: 10, 7, 20, 8>
func.func @lengths_inside(%a: tensor<2x!text>, %b: tensor<2x!text>) -> (tensor<2x!text>, tensor<2x!text>) {
  %r1:2 = xcs_llm.batch (%p in %a : tensor<2x!text>) -> (tensor<2x!text>, tensor<2x!text>) {
    %x = xcs_llm.generate "m" (%p) {xcs_llm.item_output_tokens = array<i64: 10, 20>} : !text
    %q = xcs_llm.prompt_template "{p}{p}" (%p)
    %y = xcs_llm.generate "m" (%q) {xcs_llm.item_output_tokens = array<i64: 7, 8>} : !text
    xcs_llm.yield %x, %y : !text, !text
  }
  return %r1#0, %r1#1 : tensor<2x!text>, tensor<2x!text>
}

// CHECK-LABEL: func.func @four_at_once
// CHECK: batch_size = 4 : i64
// TWO-LABEL: func.func @four_at_once
// TWO: batch_size = 2 : i64
func.func @four_at_once(%p0: !text, %p1: !text, %p2: !text, %p3: !text, %p4: !text) -> (!text, !text, !text, !text, !text) {
  %r0 = xcs_llm.generate "four" (%p0) : !text
  %r1 = xcs_llm.generate "four" (%p1) : !text
  %r2 = xcs_llm.generate "four" (%p2) : !text
  %r3 = xcs_llm.generate "four" (%p3) : !text
  %r4 = xcs_llm.generate "four" (%p4) : !text
  return %r0, %r1, %r2, %r3, %r4 : !text, !text, !text, !text, !text
}

// One request each, whatever their samples.
// CHECK-LABEL: func.func @limited_samples
// CHECK: batch_size = 4 : i64
// TWO-LABEL: func.func @limited_samples
// TWO: batch_size = 2 : i64
func.func @limited_samples(%p0: !text, %p1: !text, %p2: !text, %p3: !text, %p4: !text) -> (tensor<2x!text>, tensor<2x!text>, tensor<2x!text>, tensor<2x!text>, tensor<2x!text>) {
  %r0 = xcs_llm.generate "four" (%p0) {n = 2 : i64} : tensor<2x!text>
  %r1 = xcs_llm.generate "four" (%p1) {n = 2 : i64} : tensor<2x!text>
  %r2 = xcs_llm.generate "four" (%p2) {n = 2 : i64} : tensor<2x!text>
  %r3 = xcs_llm.generate "four" (%p3) {n = 2 : i64} : tensor<2x!text>
  %r4 = xcs_llm.generate "four" (%p4) {n = 2 : i64} : tensor<2x!text>
  return %r0, %r1, %r2, %r3, %r4 : tensor<2x!text>, tensor<2x!text>, tensor<2x!text>, tensor<2x!text>, tensor<2x!text>
}

// 100 tokens and 20 each: two fit 250.
// CHECK-LABEL: func.func @limited_tokens
// CHECK: batch_size = 2 : i64
// TWO-LABEL: func.func @limited_tokens
// TWO: batch_size = 2 : i64
func.func @limited_tokens(%p0: !text, %p1: !text, %p2: !text, %p3: !text, %p4: !text) -> (!text, !text, !text, !text, !text) {
  %r0 = xcs_llm.generate "tokens" (%p0) {expected_output_tokens = 20 : i64} : !text
  %r1 = xcs_llm.generate "tokens" (%p1) {expected_output_tokens = 20 : i64} : !text
  %r2 = xcs_llm.generate "tokens" (%p2) {expected_output_tokens = 20 : i64} : !text
  %r3 = xcs_llm.generate "tokens" (%p3) {expected_output_tokens = 20 : i64} : !text
  %r4 = xcs_llm.generate "tokens" (%p4) {expected_output_tokens = 20 : i64} : !text
  return %r0, %r1, %r2, %r3, %r4 : !text, !text, !text, !text, !text
}

// One request for all.
// CHECK-LABEL: func.func @arrays
// CHECK: batch_size = 5 : i64
// TWO-LABEL: func.func @arrays
// TWO: batch_size = 2 : i64
func.func @arrays(%p0: !text, %p1: !text, %p2: !text, %p3: !text, %p4: !text) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %r0 = xcs_llm.embed "arrays" (%p0) : tensor<4xf32>
  %r1 = xcs_llm.embed "arrays" (%p1) : tensor<4xf32>
  %r2 = xcs_llm.embed "arrays" (%p2) : tensor<4xf32>
  %r3 = xcs_llm.embed "arrays" (%p3) : tensor<4xf32>
  %r4 = xcs_llm.embed "arrays" (%p4) : tensor<4xf32>
  return %r0, %r1, %r2, %r3, %r4 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}


// RUN: xcs-opt %s --xcs-select-models --split-input-file | FileCheck %s
// A second run changes nothing.
// RUN: xcs-opt %s --xcs-select-models --split-input-file -o %t
// RUN: xcs-opt %t --xcs-select-models --split-input-file | diff %t -

!text = !xcs_llm.text

// With 100 tokens of input and 100 of output, a call takes 200 · price / 10^6 dollars,
// and 100, 1,000 or 3,000 ms.
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, quality = 0.5 : f64, ttft_ms = 2900.0 : f64, output_tokens_per_s = 1000.0 : f64, context_tokens = 1000 : i64}
xcs_llm.model @medium {input_usd_per_mtok = 5.0 : f64, output_usd_per_mtok = 5.0 : f64, quality = 0.7 : f64, ttft_ms = 900.0 : f64, output_tokens_per_s = 1000.0 : f64, context_tokens = 10000 : i64, max_output_tokens = 4000 : i64}
xcs_llm.model @large {input_usd_per_mtok = 20.0 : f64, output_usd_per_mtok = 20.0 : f64, quality = 0.9 : f64, ttft_ms = 0.0 : f64, output_tokens_per_s = 1000.0 : f64, batch_discount = 0.5 : f64}

// A call without a model gets the cheapest that is good enough.
// CHECK-LABEL: @unnamed
func.func @unnamed(%p: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text, f64) attributes {xcs_llm.allow = "lossless"} {
  // CHECK: generate "small"
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  // CHECK: generate "medium"
  %b = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64, min_quality = 0.6 : f64} : !text
  // CHECK: score "large"
  %c = xcs_llm.score (%p) {min_quality = 0.71 : f64} : f64
  return %a, %b, %c : !text, !text, f64
}

// The function's bound holds for calls without one.
// CHECK-LABEL: @function_bound
func.func @function_bound(%p: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.min_quality = 0.7 : f64} {
  // CHECK: generate "medium"
  %a = xcs_llm.generate (%p) : !text
  // CHECK: generate "small"
  %b = xcs_llm.generate (%p) {min_quality = 0.2 : f64} : !text
  return %a, %b : !text, !text
}

// CHECK-LABEL: @lengths
func.func @lengths(%p: !text {xcs_llm.tokens = 950 : i64}) -> (!text, !text) {
  // CHECK: generate "medium"
  %a = xcs_llm.generate (%p) {expected_output_tokens = 10 : i64, max_tokens = 100 : i64} : !text
  // CHECK: generate "large"
  %b = xcs_llm.generate (%p) {max_tokens = 5000 : i64} : !text
  return %a, %b : !text, !text
}

// What is named is replaced with the owner's leave, where a bound says how good the
// other must be.
// CHECK-LABEL: @replaced
func.func @replaced(%p: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.allow = "quality"} {
  // CHECK: generate "medium"
  %a = xcs_llm.generate "large" (%p) {min_quality = 0.6 : f64} : !text
  // CHECK: generate "medium"
  %b = xcs_llm.generate "small" (%p) {min_quality = 0.6 : f64} : !text
  return %a, %b : !text, !text
}

// CHECK-LABEL: @negative_no_bound
func.func @negative_no_bound(%p: !text) -> !text attributes {xcs_llm.allow = "quality"} {
  // CHECK: generate "large"
  %a = xcs_llm.generate "large" (%p) : !text
  return %a : !text
}

// CHECK-LABEL: @negative_no_leave
func.func @negative_no_leave(%p: !text) -> !text attributes {xcs_llm.min_quality = 0.1 : f64} {
  // CHECK: generate "large"
  %a = xcs_llm.generate "large" (%p) {min_quality = 0.1 : f64} : !text
  return %a : !text
}

// The key was made for the named model.
// CHECK-LABEL: @negative_stored
func.func @negative_stored(%p: !text) -> !text attributes {xcs_llm.allow = "quality", xcs_llm.min_quality = 0.1 : f64} {
  // CHECK: generate "large"
  %a = xcs_llm.generate "large" (%p) : !text
  %b = xcs_llm.cache_store "k" (%p), %a : !text
  return %b : !text
}

// CHECK-LABEL: @negative_embedding
func.func @negative_embedding(%p: !text) -> tensor<1536xf32> attributes {xcs_llm.allow = "quality"} {
  // CHECK: embed "text-embedding-ada-002"
  %a = xcs_llm.embed "text-embedding-ada-002" (%p) {min_quality = 0.0 : f64} : tensor<1536xf32>
  return %a : tensor<1536xf32>
}

// An embedding gets the model of those of its type.
// CHECK-LABEL: @embedding
func.func @embedding(%p: !text) -> tensor<1536xf32> {
  // CHECK: embed "text-embedding-ada-002"
  %a = xcs_llm.embed (%p) : tensor<1536xf32>
  return %a : tensor<1536xf32>
}

// One after another, in time for 4 s: one of both has to be faster than 3 s, and
// medium takes but 1 s.
// CHECK-LABEL: @deadline
func.func @deadline(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.deadline_ms = 4000.0 : f64} {
  // CHECK: generate "{{small|medium}}"
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  // CHECK: generate "{{small|medium}}"
  %b = xcs_llm.generate (%a) {expected_output_tokens = 100 : i64} : !text
  return %b : !text
}

// Only what is on the critical path has to be fast.
// CHECK-LABEL: @beside
func.func @beside(%p: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.deadline_ms = 3000.0 : f64} {
  // CHECK: generate "small"
  %side = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  // CHECK: generate "medium"
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  // CHECK: generate "medium"
  %b = xcs_llm.generate (%a) {expected_output_tokens = 100 : i64} : !text
  return %side, %b : !text, !text
}

// What is as good may be the same; members that name different models stay different.
// CHECK-LABEL: @members
func.func @members(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.allow = "quality", xcs_llm.min_quality = 0.4 : f64} {
  // CHECK: generate "[[FIRST:small|medium]]"
  // CHECK-NOT: generate "[[FIRST]]"
  // CHECK: generate "{{small|medium}}"
  // CHECK-NOT: "large"
  %v = xcs_llm.ensemble best -> !text {
    %a = xcs_llm.generate "large" (%p) : !text
    %s = arith.constant 1.0 : f64
    xcs_llm.yield %a, %s : !text, f64
  }, {
    %b = xcs_llm.generate "medium" (%p) : !text
    %s = arith.constant 2.0 : f64
    xcs_llm.yield %b, %s : !text, f64
  }
  return %v : !text
}

// A day is enough for the batch tier, and a call that names its tier keeps it.
// CHECK-LABEL: @a_day
func.func @a_day(%p: !text {xcs_llm.tokens = 100 : i64}) -> (!text, !text) attributes {xcs_llm.deadline_ms = 90000000.0 : f64} {
  // CHECK: generate "large" {{.*}} {service_tier = "batch"}
  %a = xcs_llm.generate "large" (%p) : !text
  // CHECK: generate "large" {{.*}} {service_tier = "standard"}
  %b = xcs_llm.generate "large" (%p) {service_tier = "standard"} : !text
  return %a, %b : !text, !text
}

// Two days would be needed for both.
// CHECK-LABEL: @negative_two_days
func.func @negative_two_days(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.deadline_ms = 90000000.0 : f64} {
  // CHECK-COUNT-1: service_tier = "batch"
  // CHECK-NOT: service_tier = "batch"
  // CHECK: return
  %a = xcs_llm.generate "large" (%p) : !text
  %b = xcs_llm.generate "large" (%a) : !text
  return %b : !text
}

// Functions that are called are chosen for first.
// CHECK-LABEL: func.func @caller
func.func @caller(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.deadline_ms = 4000.0 : f64} {
  %a = func.call @callee(%p) : (!text) -> !text
  // CHECK: generate "medium"
  %b = xcs_llm.generate (%a) {expected_output_tokens = 100 : i64} : !text
  return %b : !text
}
// CHECK-LABEL: func.func private @callee
func.func private @callee(%p: !text {xcs_llm.tokens = 100 : i64}) -> (!text {xcs_llm.tokens = 100 : i64}) {
  // CHECK: generate "small"
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  return %a : !text
}

// -----

// Nothing to choose from.
// CHECK-LABEL: @negative_no_candidates
func.func @negative_no_candidates(%p: !xcs_llm.text) -> !xcs_llm.text {
  // CHECK: generate (
  %a = xcs_llm.generate (%p) : !xcs_llm.text
  return %a : !xcs_llm.text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @dear {input_usd_per_mtok = 10.0 : f64, output_usd_per_mtok = 10.0 : f64, quality = 0.9 : f64, cached_input_usd_per_mtok = 1.0 : f64, min_cached_tokens = 1000 : i64, ttft_ms = 0.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @cheap {input_usd_per_mtok = 8.0 : f64, output_usd_per_mtok = 8.0 : f64, quality = 0.5 : f64, ttft_ms = 0.0 : f64, output_tokens_per_s = 1000.0 : f64}

// The first call needs the dear model, and leaves the document in its prompt cache:
// there the second one is cheaper than with the cheap model.
// CHECK-LABEL: @prompt_cache
func.func @prompt_cache(%doc: !text {xcs_llm.tokens = 2000 : i64}) -> !text {
  // CHECK: generate "dear"
  %a = xcs_llm.generate (user %doc) {expected_output_tokens = 10 : i64, min_quality = 0.8 : f64} : !text
  // CHECK: generate "dear"
  %b = xcs_llm.generate (user %doc, assistant %a) {expected_output_tokens = 10 : i64} : !text
  return %b : !text
}

// Alone, the cheap one is cheaper.
// CHECK-LABEL: @no_prompt_cache
func.func @no_prompt_cache(%doc: !text {xcs_llm.tokens = 2000 : i64}) -> !text {
  // CHECK: generate "cheap"
  %a = xcs_llm.generate (user %doc) {expected_output_tokens = 10 : i64} : !text
  return %a : !text
}

// -----

!text = !xcs_llm.text

xcs_llm.model @large {input_usd_per_mtok = 9.0 : f64, output_usd_per_mtok = 9.0 : f64, quality = 0.9 : f64}
xcs_llm.model @middle {input_usd_per_mtok = 3.0 : f64, output_usd_per_mtok = 3.0 : f64, quality = 0.8 : f64}
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, quality = 0.6 : f64}

// What one member names and keeps, no other gets that names a different one.
// CHECK-LABEL: @members_beside_one_that_keeps_its_model
func.func @members_beside_one_that_keeps_its_model(%q: !text) -> tensor<3x!text> attributes {xcs_llm.allow = "quality"} {
  %all = xcs_llm.ensemble all -> tensor<3x!text> {
    // CHECK: generate "middle"
    %a = xcs_llm.generate "large" (%q) {min_quality = 0.5 : f64} : !text
    xcs_llm.yield %a : !text
  }, {
    // CHECK: generate "small"
    %a = xcs_llm.generate "small" (%q) : !text
    xcs_llm.yield %a : !text
  }, {
    // Nor does it keep others from what they name themselves.
    // CHECK: generate "small"
    %a = xcs_llm.generate "small" (%q) {min_quality = 0.5 : f64} : !text
    xcs_llm.yield %a : !text
  }
  return %all : tensor<3x!text>
}

// RUN: xcs-opt %s --xcs-select-models --remarks-filter=".*" --remark-policy=all -o %t 2>&1 | FileCheck %s

!text = !xcs_llm.text
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, quality = 0.5 : f64, ttft_ms = 2900.0 : f64, output_tokens_per_s = 1000.0 : f64}
xcs_llm.model @large {input_usd_per_mtok = 20.0 : f64, output_usd_per_mtok = 20.0 : f64, quality = 0.9 : f64, ttft_ms = 0.0 : f64, output_tokens_per_s = 1000.0 : f64}

// CHECK: [Passed] chosen {{.*}}Function=first{{.*}}Class=lossless{{.*}}model 'small'
// CHECK: [Passed] selected{{.*}}Function=first{{.*}}chose of 2 models for 1 call: $0.000200, no choice is cheaper
func.func @first(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  %a = xcs_llm.generate (%p) {expected_output_tokens = 100 : i64} : !text
  return %a : !text
}

// CHECK: [Passed] replaced{{.*}}Function=second{{.*}}Class=quality-bounded{{.*}}model 'small' instead of 'large'
// CHECK: [Passed] selected{{.*}}Function=second{{.*}}Class=quality-bounded{{.*}}SavedUsd=0.0038
func.func @second(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.allow = "quality"} {
  %a = xcs_llm.generate "large" (%p) {expected_output_tokens = 100 : i64, min_quality = 0.4 : f64} : !text
  return %a : !text
}

// CHECK: [Missed] as-named{{.*}}Function=third
func.func @third(%p: !text {xcs_llm.tokens = 100 : i64}) -> !text attributes {xcs_llm.allow = "quality"} {
  %a = xcs_llm.generate "small" (%p) {min_quality = 0.4 : f64} : !text
  return %a : !text
}

// CHECK: [Missed] no-candidates{{.*}}Function=fourth
func.func @fourth(%p: !text) -> tensor<3xf32> {
  %a = xcs_llm.embed (%p) : tensor<3xf32>
  return %a : tensor<3xf32>
}

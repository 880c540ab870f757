// RUN: xcs-opt %s --xcs-fuse-ensembles --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s

!text = !xcs_llm.text

// A call is 100 tokens in and 100 out.
xcs_llm.model @m {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 9.0 : f64, max_samples = 3 : i64}
xcs_llm.model @one {max_samples = 1 : i64}

func.func @fused(%p: !text) -> (!text, !text, !text, !text) {
  // CHECK: remarks.mlir:[[@LINE+7]]:{{.*}}[Missed] not-fused {{.*}}"not fused: nobody uses its answer"
  // CHECK: remarks.mlir:[[@LINE+5]]:{{.*}}[Missed] not-fused {{.*}}"not fused: the model gives no more than 3 samples a request"
  // CHECK: remarks.mlir:[[@LINE+1]]:{{.*}}[Passed] fused {{.*}}Class=distribution-preserving, Remark="made one request of 3 equal sampled calls", SavedMs=0, SavedRequests=2, SavedUsd=0.0002
  %r1 = xcs_llm.generate "m" (%p) {expected_output_tokens = 100} : !text
  %r2 = xcs_llm.generate "m" (%p) {expected_output_tokens = 100} : !text
  %r3 = xcs_llm.generate "m" (%p) {expected_output_tokens = 100} : !text
  %r4 = xcs_llm.generate "m" (%p) {expected_output_tokens = 100} : !text
  %r5 = xcs_llm.generate "m" (%p) {expected_output_tokens = 100} : !text
  return %r1, %r2, %r3, %r4 : !text, !text, !text, !text
}

func.func @unknown(%p: !text) -> (!text, !text) {
  // CHECK: remarks.mlir:[[@LINE+1]]:{{.*}}[Passed] fused {{.*}}Remark="made one request of 2 equal sampled calls; the model's 'max_samples' is unknown", SavedMs=0, SavedRequests=1
  %r1 = xcs_llm.generate "other" (%p) : !text
  %r2 = xcs_llm.generate "other" (%p) : !text
  return %r1, %r2 : !text, !text
}

func.func @missed(%c: i1, %p: !text) -> (!text, !text, !text, !text, !text, !text, !text, !text, !text, !text) {
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: the model gives one sample a request"
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: the model gives one sample a request"
  %a1 = xcs_llm.generate "one" (%p) : !text
  %a2 = xcs_llm.generate "one" (%p) : !text
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: samples of one request cannot each have the 'seed'"
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: samples of one request cannot each have the 'seed'"
  %b1 = xcs_llm.generate "m" (%p) {seed = 1} : !text
  %b2 = xcs_llm.generate "m" (%p) {seed = 1} : !text
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: 'fusion_compatible' is false"
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: 'fusion_compatible' is false"
  %c1 = xcs_llm.generate "m" (%p) {fusion_compatible = false} : !text
  %c2 = xcs_llm.generate "m" (%p) {fusion_compatible = false} : !text
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: 'no_reuse' asks for a request of its own"
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: 'no_reuse' asks for a request of its own"
  %d1 = xcs_llm.generate "m" (%p) {no_reuse} : !text
  %d2 = xcs_llm.generate "m" (%p) {no_reuse} : !text
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: no model is chosen, so nobody knows whether it gives several samples"
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Missed] not-fused {{.*}}"not fused: no model is chosen, so nobody knows whether it gives several samples"
  %e1 = xcs_llm.generate (%p) : !text
  %e2 = xcs_llm.generate (%p) : !text
  return %a1, %a2, %b1, %b2, %c1, %c2, %d1, %d2, %e1, %e2 : !text, !text, !text, !text, !text, !text, !text, !text, !text, !text
}

func.func @lossless(%p: !text) -> (!text, !text) attributes {xcs_llm.allow = "lossless"} {
  // CHECK: remarks.mlir:[[@LINE+1]]:{{.*}}[Missed] not-fused {{.*}}"not fused: the program gives leave for lossless rewrites only ('xcs_llm.allow', or the option)"
  %r1 = xcs_llm.generate "m" (%p) : !text
  %r2 = xcs_llm.generate "m" (%p) : !text
  return %r1, %r2 : !text, !text
}

func.func @elsewhere(%c: i1, %p: !text) -> !text {
  // CHECK: remarks.mlir:[[@LINE+3]]:{{.*}}[Missed] not-fused {{.*}}"not fused: an equal call stands where it may run when this one does not, or another number of times"
  // CHECK: remarks.mlir:[[@LINE+5]]:{{.*}}[Missed] not-fused {{.*}}"not fused: an equal call
  %v = xcs_llm.conditional %c -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  } else {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// A call that has no equal is not spoken of.
// CHECK-NOT: remark:
func.func @single(%p: !text) -> !text {
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

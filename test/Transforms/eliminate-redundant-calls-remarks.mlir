// RUN: xcs-opt %s --xcs-eliminate-redundant-calls --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s
// Without leave for anything but the same requests, too.
// RUN: xcs-opt %s --xcs-eliminate-redundant-calls=allow=lossless --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s

!text = !xcs_llm.text

// A call is 100 tokens in and 100 out.
xcs_llm.model @m {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 9.0 : f64}

func.func private @search(!text) -> !text attributes {xcs_llm.pure}

func.func @merged(%p: !text) -> (!text, !text, !text) {
  // CHECK: remarks.mlir:[[@LINE+1]]:{{.*}}[Passed] merged {{.*}}Function=merged {{.*}}Class=lossless, Remark="made one of 3 equal deterministic calls", SavedRequests=2, SavedUsd=0.002
  %r1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 100} : !text
  %r2 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 100} : !text
  %r3 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 100} : !text
  return %r1, %r2, %r3 : !text, !text, !text
}

// A call in each branch is no more than one before them, two are.
func.func @branches(%c: i1, %d: i1, %p: !text) -> (!text, !text) {
  // CHECK: remarks.mlir:[[@LINE+3]]:{{.*}}[Passed] hoisted {{.*}}Remark="moved before regions that hold an equal call, one of which surely runs"
  // CHECK: remarks.mlir:[[@LINE+2]]:{{.*}}[Passed] merged {{.*}}Remark="made one of 4 equal deterministic calls", SavedRequests=1, SavedUsd=0.001
  %v = xcs_llm.conditional %c -> !text {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 100} : !text
    xcs_llm.yield %r : !text
  } else {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 100} : !text
    %t = xcs_llm.prompt_template "{r}!" (%r)
    xcs_llm.yield %t : !text
  } {probability = 0.25 : f64}
  %w = xcs_llm.conditional %d -> !text {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 100} : !text
    xcs_llm.yield %r : !text
  } else {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 100} : !text
    %t = xcs_llm.prompt_template "{r}!" (%r)
    xcs_llm.yield %t : !text
  }
  return %v, %w : !text, !text
}

func.func @tools(%p: !text) -> (!text, !text) {
  // CHECK: remarks.mlir:[[@LINE+1]]:{{.*}}[Passed] merged {{.*}}"made one of 2 equal calls of a pure tool"
  %f1 = func.call @search(%p) : (!text) -> !text
  %f2 = func.call @search(%p) : (!text) -> !text
  // CHECK: remarks.mlir:[[@LINE+1]]:{{.*}}[Passed] dropped {{.*}}"left out a call of a pure tool that nobody uses"
  %f3 = func.call @search(%f1) : (!text) -> !text
  return %f1, %f2 : !text, !text
}

func.func @missed(%c: i1, %p: !text) -> !text {
  %v = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %r : !text
  }, {
    // CHECK: remarks.mlir:[[@LINE+1]]:{{.*}}[Missed] not-merged {{.*}}Function=missed | Remark="an equal call stands in another region, and neither runs whenever the other does"
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

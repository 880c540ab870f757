// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

!text = !xcs_llm.text

// CHECK-LABEL: func.func @conditionals
func.func @conditionals(%c: i1, %p: !text, %score: f64) {
  // CHECK: %result = xcs_llm.conditional %arg0 -> !xcs_llm.text {
  // CHECK-NEXT: xcs_llm.yield %arg1 : !xcs_llm.text
  // CHECK-NEXT: } else {
  // CHECK-NEXT: %text = xcs_llm.text "none"
  // CHECK-NEXT: xcs_llm.yield %text : !xcs_llm.text
  // CHECK-NEXT: } {probability = 2.500000e-01 : f64}
  %one = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %p : !text
  } else {
    %none = xcs_llm.text "none"
    xcs_llm.yield %none : !text
  } {probability = 0.25 : f64}
  // CHECK: xcs_llm.conditional %arg0 -> (!xcs_llm.text, f64) {
  %two:2 = xcs_llm.conditional %c -> (!text, f64) {
    xcs_llm.yield %p, %score : !text, f64
  } else {
    xcs_llm.yield %p, %score : !text, f64
  }
  // CHECK: xcs_llm.conditional %arg0 {
  xcs_llm.conditional %c {
    xcs_llm.yield
  } else {
    xcs_llm.yield
  }
  return
}

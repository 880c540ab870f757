// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

!text = !xcs_llm.text

// CHECK-LABEL: func.func @chains
func.func @chains(%p: !text, %score: f64) {
  // CHECK: %result = xcs_llm.chain -> !xcs_llm.text {
  // CHECK-NEXT: xcs_llm.yield %arg0 : !xcs_llm.text
  // CHECK-NEXT: } {budget_usd = 5.000000e-01 : f64, deadline_ms = 4.000000e+03 : f64}
  %one = xcs_llm.chain -> !text {
    xcs_llm.yield %p : !text
  } {deadline_ms = 4000.0 : f64, budget_usd = 0.5 : f64}
  // CHECK: xcs_llm.chain -> (!xcs_llm.text, f64) {
  %two:2 = xcs_llm.chain -> (!text, f64) {
    xcs_llm.yield %p, %score : !text, f64
  }
  // CHECK: xcs_llm.chain {
  // CHECK-NEXT: xcs_llm.yield{{$}}
  xcs_llm.chain {
    xcs_llm.yield
  }
  return
}

// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

!text = !xcs_llm.text

// CHECK-LABEL: func.func @stages
func.func @stages(%p: !text, %flag: i1, %score: f64) {
  // CHECK: %result = xcs_llm.cascade -> !xcs_llm.text {
  // CHECK-NEXT: xcs_llm.yield %arg0, %arg1 : !xcs_llm.text, i1
  // CHECK-NEXT: }, {
  // CHECK-NEXT: xcs_llm.yield %arg0 : !xcs_llm.text
  // CHECK-NEXT: }{{$}}
  %one = xcs_llm.cascade -> !text {
    xcs_llm.yield %p, %flag : !text, i1
  }, {
    xcs_llm.yield %p : !text
  }
  // CHECK: %{{.*}}:2 = xcs_llm.cascade -> (!xcs_llm.text, f64) {
  // CHECK: } {accept_rate = array<f64: {{.*}}, 1.000000e+00>, attempts = array<i64: 3, 1>}
  %two:2 = xcs_llm.cascade -> (!text, f64) {
    xcs_llm.yield %p, %score : !text, f64
  }, {
    xcs_llm.yield %p, %score : !text, f64
  } {attempts = array<i64: 3, 1>, accept_rate = array<f64: 0.7, 1.0>}
  return
}

func.func private @send(!text)

// An impure tool may stand in a stage that is tried once.
// CHECK-LABEL: func.func @impure_tool
func.func @impure_tool(%p: !text) {
  // CHECK: xcs_llm.cascade {
  xcs_llm.cascade {
    xcs_llm.yield
  }, {
    func.call @send(%p) : (!text) -> ()
    xcs_llm.yield
  } {attempts = array<i64: 2, 1>}
  return
}

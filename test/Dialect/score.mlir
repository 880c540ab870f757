// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

// CHECK-LABEL: func.func @scores
func.func @scores(%s: !xcs_llm.text, %p: !xcs_llm.text) {
  // CHECK: %score = xcs_llm.score "gpt-4o-mini" (%arg1) : f64
  %degree = xcs_llm.score "gpt-4o-mini" (%p) : f64
  // CHECK: xcs_llm.score "gpt-4o-mini" (system %arg0, user %arg1) {labels = ["a", "b"], temperature = 0.000000e+00 : f64} : tensor<2xf64>
  %labels = xcs_llm.score "gpt-4o-mini" (system %s, user %p) {labels = ["a", "b"], temperature = 0.0 : f64} : tensor<2xf64>
  // CHECK: xcs_llm.score "gpt-4o-mini" (%arg1) {n = 3 : i64} : tensor<3xf64>
  %samples = xcs_llm.score "gpt-4o-mini" (%p) {n = 3} : tensor<3xf64>
  // CHECK: xcs_llm.score "gpt-4o-mini" (%arg1) {labels = ["a", "b"], n = 3 : i64} : tensor<3x2xf64>
  %both = xcs_llm.score "gpt-4o-mini" (%p) {n = 3, labels = ["a", "b"]} : tensor<3x2xf64>
  return
}

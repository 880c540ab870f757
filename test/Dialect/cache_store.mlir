// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

// CHECK-LABEL: func.func @store
func.func @store(%s: !xcs_llm.text, %p: !xcs_llm.text, %v: tensor<3xf32>) {
  // CHECK: %cached = xcs_llm.cache_store "m/0" (%arg1), %arg0 : !xcs_llm.text
  %text = xcs_llm.cache_store "m/0" (%p), %s : !xcs_llm.text
  // CHECK: xcs_llm.cache_store "m/1" (%arg0, %arg1), %arg2 {scope = "team", ttl_s = 6.000000e+01 : f64} : tensor<3xf32>
  %list = xcs_llm.cache_store "m/1" (%s, %p), %v {ttl_s = 60.0 : f64, scope = "team"} : tensor<3xf32>
  return
}

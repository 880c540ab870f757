// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

// CHECK-LABEL: func.func @embeddings
func.func @embeddings(%t: !xcs_llm.text) {
  // CHECK: %embedding = xcs_llm.embed "text-embedding-3-small" (%arg0) : tensor<1536xf32>
  %plain = xcs_llm.embed "text-embedding-3-small" (%t) : tensor<1536xf32>
  // CHECK: xcs_llm.embed (%arg0) {cacheable, min_quality = 5.000000e-01 : f64} : tensor<4xf32>
  %unnamed = xcs_llm.embed (%t) {cacheable, min_quality = 0.5 : f64} : tensor<4xf32>
  // CHECK: xcs_llm.embed "e" (%arg0) {batch_compatible = false, no_reuse} : tensor<4xf32>
  %anew = xcs_llm.embed "e" (%t) {no_reuse, batch_compatible = false} : tensor<4xf32>
  return
}

// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

// CHECK-LABEL: func.func @requests
func.func @requests(%s: !xcs_llm.text, %p: !xcs_llm.text) {
  // CHECK: %response = xcs_llm.generate "gpt-4o" (%arg1) : !xcs_llm.text
  %plain = xcs_llm.generate "gpt-4o" (%p) : !xcs_llm.text
  // A lone message from the user needs no role.
  // CHECK: xcs_llm.generate "gpt-4o" (%arg1) : !xcs_llm.text
  %user = xcs_llm.generate "gpt-4o" (user %p) : !xcs_llm.text
  // CHECK: xcs_llm.generate "gpt-4o" (assistant %arg1) : !xcs_llm.text
  %assistant = xcs_llm.generate "gpt-4o" (assistant %p) : !xcs_llm.text
  // CHECK: xcs_llm.generate "gpt-4o" (system %arg0, user %arg1, assistant %arg0, user %arg1) : !xcs_llm.text
  %roles = xcs_llm.generate "gpt-4o" (system %s, %p, assistant %s, user %p) : !xcs_llm.text
  // CHECK: xcs_llm.generate (%arg1) {min_quality = 8.000000e-01 : f64} : !xcs_llm.text
  %unnamed = xcs_llm.generate (%p) {min_quality = 0.8 : f64} : !xcs_llm.text
  // CHECK: xcs_llm.generate "gpt-4o" (%arg1) {n = 5 : i64, temperature = 5.000000e-01 : f64} : tensor<5x!xcs_llm.text>
  %samples = xcs_llm.generate "gpt-4o" (%p) {n = 5, temperature = 0.5 : f64} : tensor<5x!xcs_llm.text>
  // CHECK: xcs_llm.generate "gpt-4o" (%arg1)
  // CHECK-SAME: max_tokens = 256 : i64, response_schema = "{\22type\22: \22object\22}", seed = -7 : i64,
  // CHECK-SAME: stop = ["\0A\0A", "END"], temperature = 0.000000e+00 : f64, top_p = 7.500000e-01 : f64}
  %parameters = xcs_llm.generate "gpt-4o" (%p)
      {temperature = 0.0 : f64, max_tokens = 256 : i64, top_p = 0.75 : f64, stop = ["\n\n", "END"],
       seed = -7 : i64, response_schema = "{\"type\": \"object\"}"} : !xcs_llm.text
  // CHECK: xcs_llm.generate "gpt-4o" (%arg1)
  // CHECK-SAME: {batch_compatible = false, cacheable
  // CHECK-SAME: estimate = #xcs_llm.estimate<input_tokens = 12 : i64, output_tokens = 80 : i64, cost_usd = 2.500000e-03 : f64, latency_ms = 9.000000e+02 : f64, memory_mb = 0.000000e+00 : f64>
  // CHECK-SAME: expected_output_tokens = 80 : i64, fusion_compatible = false, hit_rate = 2.500000e-01 : f64, no_reuse, quality_task = "coding"}
  %around = xcs_llm.generate "gpt-4o" (%p)
      {cacheable, no_reuse, batch_compatible = false, fusion_compatible = false, hit_rate = 0.25 : f64,
       quality_task = "coding", expected_output_tokens = 80 : i64,
       estimate = #xcs_llm.estimate<input_tokens = 12, output_tokens = 80, cost_usd = 2.5e-3,
                                    latency_ms = 900.0, memory_mb = 0.0>} : !xcs_llm.text
  // CHECK: xcs_llm.generate "gpt-4o" (%arg1) {service_tier = "flex"} : !xcs_llm.text
  %patient = xcs_llm.generate "gpt-4o" (%p) {service_tier = "flex"} : !xcs_llm.text
  // What is missing of an estimate is unknown.
  // CHECK: estimate = #xcs_llm.estimate<cost_usd = 1.000000e-02 : f64>
  %partial = xcs_llm.generate "gpt-4o" (%p) {estimate = #xcs_llm.estimate<cost_usd = 0.01>} : !xcs_llm.text
  return
}

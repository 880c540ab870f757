// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

// CHECK: xcs_llm.model @"my-model" {array_inputs = true, batch_discount = 5.000000e-01 : f64
// CHECK-SAME: cache_write_usd_per_mtok = 2.000000e-01 : f64
// CHECK-SAME: cached_input_usd_per_mtok = 5.000000e-02 : f64, context_tokens = 128000 : i64
// CHECK-SAME: failure_rate = 1.000000e-02 : f64, input_usd_per_mtok = 1.500000e-01 : f64
// CHECK-SAME: max_concurrency = 8 : i64, max_output_tokens = 4096 : i64, max_samples = 4 : i64
// CHECK-SAME: memory_mb = 6.400000e+01 : f64, min_cached_tokens = 1024 : i64
// CHECK-SAME: output_tokens_per_s = 8.000000e+01 : f64, output_usd_per_mtok = 6.000000e-01 : f64
// CHECK-SAME: provider = "mine", quality = 8.200000e-01 : f64, requests_per_min = 5.000000e+02 : f64
// CHECK-SAME: tokens_per_min = 2.000000e+05 : f64, ttft_ms = 3.000000e+02 : f64}
xcs_llm.model @"my-model" {
  provider = "mine", input_usd_per_mtok = 0.15 : f64, output_usd_per_mtok = 0.60 : f64,
  cached_input_usd_per_mtok = 0.05 : f64, cache_write_usd_per_mtok = 0.2 : f64,
  min_cached_tokens = 1024 : i64, batch_discount = 0.5 : f64, context_tokens = 128000 : i64,
  max_output_tokens = 4096 : i64, max_samples = 4 : i64, array_inputs = true,
  quality = 0.82 : f64, ttft_ms = 300.0 : f64, output_tokens_per_s = 80.0 : f64,
  requests_per_min = 500.0 : f64, tokens_per_min = 200000.0 : f64, max_concurrency = 8 : i64,
  failure_rate = 0.01 : f64, memory_mb = 64.0 : f64}

// What is missing comes from the catalog.
// CHECK: xcs_llm.model @plain{{$}}
xcs_llm.model @plain

// A model is no symbol: it may be called like a function.
// CHECK: xcs_llm.model @answer{{$}}
xcs_llm.model @answer
// CHECK: func.func @answer
func.func @answer(%question: !xcs_llm.text) -> !xcs_llm.text {
  %response = xcs_llm.generate "answer" (%question) : !xcs_llm.text
  return %response : !xcs_llm.text
}

// Limits of models are kept, and take the time that was expected of them.
//
// RUN: %python %S/check-estimates.py %s | FileCheck %s

// CHECK-NOT: FAILED
// CHECK: concurrency: 18700 ms of 19000, 202.00 requests of 202.00
// CHECK: requests: 142700 ms of 142700, 202.00 requests of 202.00
// CHECK: 3 plans, 3 of fixed control, 0 mismatches

!text = !xcs_llm.text

xcs_llm.model @"narrow" {ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64, max_concurrency = 10 : i64}
xcs_llm.model @"rare" {ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64, requests_per_min = 60.0 : f64}
xcs_llm.model @"short" {ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64, tokens_per_min = 6000.0 : f64,
                        requests_per_min = 120.0 : f64, max_concurrency = 7 : i64}

func.func @concurrency(%texts: tensor<100x!text> {xcs_llm.tokens = 100 : i64}, %question: !text {xcs_llm.tokens = 50 : i64}) -> (tensor<100x!text>, !text) {
  %all = xcs_llm.batch (%item in %texts : tensor<100x!text>) -> tensor<100x!text> {
    %one = xcs_llm.generate "narrow" (%item) {expected_output_tokens = 50 : i64} : !text
    %two = xcs_llm.generate "narrow" (%one) {expected_output_tokens = 20 : i64} : !text
    xcs_llm.yield %two : !text
  }
  %a = xcs_llm.generate "narrow" (%question) {expected_output_tokens = 500 : i64} : !text
  %b = xcs_llm.generate "narrow" (%a) {expected_output_tokens = 500 : i64} : !text
  return %all, %b : tensor<100x!text>, !text
}

func.func @requests(%texts: tensor<100x!text> {xcs_llm.tokens = 100 : i64}, %question: !text {xcs_llm.tokens = 50 : i64}) -> (tensor<100x!text>, !text) {
  %all = xcs_llm.batch (%item in %texts : tensor<100x!text>) -> tensor<100x!text> {
    %one = xcs_llm.generate "rare" (%item) {expected_output_tokens = 50 : i64} : !text
    %two = xcs_llm.generate "rare" (%one) {expected_output_tokens = 20 : i64} : !text
    xcs_llm.yield %two : !text
  }
  %a = xcs_llm.generate "rare" (%question) {expected_output_tokens = 500 : i64} : !text
  %b = xcs_llm.generate "rare" (%a) {expected_output_tokens = 500 : i64} : !text
  return %all, %b : tensor<100x!text>, !text
}

func.func @all(%texts: tensor<100x!text> {xcs_llm.tokens = 100 : i64}) -> tensor<100x!text> {
  %all = xcs_llm.batch (%item in %texts : tensor<100x!text>) -> tensor<100x!text> {
    %one = xcs_llm.generate "short" (%item) {expected_output_tokens = 50 : i64} : !text
    xcs_llm.yield %one : !text
  }
  return %all : tensor<100x!text>
}

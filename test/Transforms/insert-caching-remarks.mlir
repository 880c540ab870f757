// RUN: xcs-opt %s --xcs-insert-caching --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s
// RUN: not xcs-opt %s --xcs-insert-caching="ttl-s=-1 hit-rate=2" 2>&1 | FileCheck %s --check-prefix=OPTIONS

// OPTIONS: error: xcs-insert-caching: ttl-s, lookup-usd and lookup-ms must be at least 0, and hit-rate from 0 to 1 (got -1.000000e+00, 1.000000e-06, 5.000000e+00 and 2.000000e+00)

!text = !xcs_llm.text

xcs_llm.model @"m" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64, ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64}

// 100 tokens for 1 and 100 for 4 dollars per million are 500 millionths of a dollar and
// 1500 ms; a share of 0.5 saved, less 1 and 5 for looking, is 249 and 745.
func.func @f(%p: !text, %c: i1) -> (!text, !text, !text, !text) {
  // CHECK: :[[@LINE+1]]:{{.*}}remark: [Passed] cached {{.*}}Function=f{{.*}}Class=lossless, Remark="put a cache in front of a call", SavedMs=745, SavedRequests=0.5, SavedUsd=0.000249
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 100 : i64, cacheable, hit_rate = 0.5 : f64} : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Passed] cached {{.*}}Class=distribution-preserving, Remark="put a cache in front of a call"
  %2 = xcs_llm.generate "m" (%1) {cacheable, hit_rate = 0.5 : f64} : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: it is not known how often it is answered before: 'hit_rate' says so, or the option 'hit-rate'"
  %3 = xcs_llm.generate "m" (%p) {cacheable} : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: 'no_reuse' asks anew in each run"
  %4 = xcs_llm.generate "m" (%p) {cacheable, no_reuse, hit_rate = 0.5 : f64} : !text
  return %1, %2, %3, %4 : !text, !text, !text, !text
}

func.func @g(%p: !text, %ps: tensor<2x!text>) -> (!text, !text, !text, tensor<2x!text>, !text) {
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: looking takes more than it saves at a hit rate of 0.001"
  %1 = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.001 : f64, max_tokens = 1 : i64} : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: what it takes is not known, so neither is what looking saves"
  %2 = xcs_llm.generate "nobody-knows" (%p) {cacheable, hit_rate = 0.5 : f64} : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: it names no model yet; '--xcs-select-models' chooses one"
  %3 = xcs_llm.generate (%p) {cacheable, hit_rate = 0.5 : f64} : !text
  %4 = xcs_llm.batch (%item in %ps : tensor<2x!text>) -> tensor<2x!text> {
    // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: each item of its batch needs a sample of its own"
    %r = xcs_llm.generate "m" (%item) {cacheable, hit_rate = 0.5 : f64} : !text
    xcs_llm.yield %r : !text
  }
  %5 = xcs_llm.cascade -> !text {
    // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: each attempt of its stage needs a sample of its own"
    %r = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.5 : f64} : !text
    xcs_llm.yield %r : !text
  } {attempts = array<i64: 2>}
  return %1, %2, %3, %4, %5 : !text, !text, !text, tensor<2x!text>, !text
}

func.func @called(%p: !text) -> !text {
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: its function is called, and each call of it needs a sample of its own"
  %1 = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.5 : f64} : !text
  return %1 : !text
}
func.func @calls(%p: !text) -> !text {
  %1 = func.call @called(%p) : (!text) -> !text
  return %1 : !text
}

func.func @lossless(%p: !text) -> !text attributes {xcs_llm.allow = "lossless"} {
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: leave is given for lossless rewrites only, and its samples are kept"
  %1 = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.5 : f64} : !text
  return %1 : !text
}

func.func @deadline(%p: !text) -> !text attributes {xcs_llm.deadline_ms = 10.0 : f64} {
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cached {{.*}}"not kept in a cache: looking might break 'deadline_ms' around it at worst"
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.5 : f64} : !text
  return %1 : !text
}

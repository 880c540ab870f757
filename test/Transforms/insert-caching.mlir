// RUN: xcs-opt %s --xcs-insert-caching > %t.mlir && FileCheck %s < %t.mlir
// RUN: xcs-opt %t.mlir --xcs-insert-caching | diff %t.mlir -
// RUN: xcs-opt %s --xcs-insert-caching="cache-deterministic hit-rate=0.5 scope=tenant ttl-s=60" | FileCheck %s --check-prefix=OPTIONS
// RUN: xcs-opt %s --xcs-insert-caching=objective=latency | FileCheck %s --check-prefix=LATENCY
// RUN: xcs-opt %s --xcs-insert-caching=allow=lossless | FileCheck %s --check-prefix=LOSSLESS

!text = !xcs_llm.text

xcs_llm.model @"m" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64, ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @"quick" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64, ttft_ms = 1.0 : f64, output_tokens_per_s = 1.0e9 : f64}
xcs_llm.model @"cheap" {input_usd_per_mtok = 0.001 : f64, output_usd_per_mtok = 0.001 : f64, ttft_ms = 500.0 : f64, output_tokens_per_s = 100.0 : f64}

// CHECK-LABEL: @deterministic(
// CHECK-SAME: %[[P:.*]]: !xcs_llm.text, %[[S:.*]]: !xcs_llm.text)
// CHECK-NEXT: %[[R:.*]] = xcs_llm.cascade -> !xcs_llm.text {
// CHECK-NEXT:   %[[KEPT:.*]] = xcs_llm.cache_lookup "generate/m/[[HASH:[0-9a-f]+]]" (%[[S]], %[[P]]) : !xcs_llm.text
// CHECK-NEXT:   xcs_llm.yield %[[KEPT]]
// CHECK-NEXT: }, {
// CHECK-NEXT:   %[[NEW:.*]] = xcs_llm.generate "m" (system %[[S]], user %[[P]]) {cacheable, hit_rate = 3.000000e-01 : f64, temperature = 0.000000e+00 : f64}
// CHECK-NEXT:   %[[STORED:.*]] = xcs_llm.cache_store "generate/m/[[HASH]]" (%[[S]], %[[P]]), %[[NEW]] : !xcs_llm.text
// CHECK-NEXT:   xcs_llm.yield %[[STORED]]
// CHECK-NEXT: }
// CHECK-NEXT: return %[[R]]
// OPTIONS-LABEL: @deterministic(
// OPTIONS: cache_lookup {{.*}} {scope = "tenant", ttl_s = 6.000000e+01 : f64} : !xcs_llm.text
// OPTIONS: cache_store {{.*}} {scope = "tenant", ttl_s = 6.000000e+01 : f64} : !xcs_llm.text
func.func @deterministic(%p: !text, %s: !text) -> !text {
  %r = xcs_llm.generate "m" (system %s, user %p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  return %r : !text
}

// Equal requests share what is kept, whatever their messages are; others do not.
// CHECK-LABEL: @equal(
// CHECK: cache_lookup "generate/m/[[A:[0-9a-f]+]]" (%arg0)
// CHECK: cache_lookup "generate/m/[[A]]" (%arg1)
// CHECK-NOT: [[A]]" (%{{.*}}) : !xcs_llm.text
// CHECK: cache_lookup "generate/m/[[B:[0-9a-f]+]]" (%arg0)
// CHECK: return
func.func @equal(%p: !text, %q: !text) -> (!text, !text, !text) {
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  %2 = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64, cacheable, hit_rate = 0.4 : f64, quality_task = "q", expected_output_tokens = 99 : i64, batch_compatible = false} : !text
  %3 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, max_tokens = 9 : i64, cacheable, hit_rate = 0.3 : f64} : !text
  return %1, %2, %3 : !text, !text, !text
}

// Scores, embeddings and lists are kept whole.
// CHECK-LABEL: @kinds(
// CHECK: cache_lookup "score/m/{{[0-9a-f]+}}" (%arg0) : tensor<2xf64>
// CHECK: cache_lookup "embed/m/{{[0-9a-f]+}}" (%arg0) : tensor<8xf32>
// CHECK: cache_lookup "generate/m/{{[0-9a-f]+}}" (%arg0) : tensor<3x!xcs_llm.text>
func.func @kinds(%p: !text) -> (tensor<2xf64>, tensor<8xf32>, tensor<3x!text>) {
  %1 = xcs_llm.score "m" (%p) {temperature = 0.0 : f64, labels = ["a", "b"], cacheable, hit_rate = 0.3 : f64} : tensor<2xf64>
  %2 = xcs_llm.embed "m" (%p) {cacheable, hit_rate = 0.3 : f64} : tensor<8xf32>
  %3 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, n = 3 : i64, cacheable, hit_rate = 0.3 : f64} : tensor<3x!text>
  return %1, %2, %3 : tensor<2xf64>, tensor<8xf32>, tensor<3x!text>
}

// In a batch only the misses go out; equal items have equal answers.
// CHECK-LABEL: @batched(
// CHECK: xcs_llm.batch (%[[ITEM:.*]] in
// CHECK-NEXT: %[[R:.*]] = xcs_llm.cascade
// CHECK-NEXT:   cache_lookup {{.*}} (%[[ITEM]])
// CHECK: }
// CHECK: xcs_llm.yield %[[R]]
// CHECK-NEXT: } {batch_size = 4 : i64}
func.func @batched(%ps: tensor<4x!text>) -> tensor<4x!text> {
  %rs = xcs_llm.batch (%p in %ps : tensor<4x!text>) -> tensor<4x!text> {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
    xcs_llm.yield %r : !text
  } {batch_size = 4 : i64}
  return %rs : tensor<4x!text>
}

// Each sample is kept under its own number, among those of equal requests.
// CHECK-LABEL: @sampled(
// CHECK: cache_lookup "generate/m/[[A:[0-9a-f]+]]/0" (%arg0)
// CHECK: xcs_llm.generate {{.*}}xcs_llm.sample_ids = array<i64: 7>
// CHECK: cache_lookup "generate/m/[[A]]/1" (%arg0)
// CHECK: cache_lookup "generate/m/[[B:[0-9a-f]+]]/0" (%arg0)
// CHECK: cache_lookup "generate/m/[[A]]/2" (%arg1)
// LOSSLESS-LABEL: @sampled(
// LOSSLESS-NOT: cache_lookup
// LOSSLESS: return
func.func @sampled(%p: !text, %q: !text) -> (!text, !text, !text, !text) {
  %1 = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64, xcs_llm.sample_ids = array<i64: 7>} : !text
  %2 = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
  %3 = xcs_llm.generate "m" (%p) {temperature = 0.5 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  %4 = xcs_llm.generate "m" (%q) {cacheable, hit_rate = 0.3 : f64} : !text
  return %1, %2, %3, %4 : !text, !text, !text, !text
}

// Numbers that are taken stay taken.
// CHECK-LABEL: @added_later(
// CHECK: cache_lookup "generate/m/{{[0-9a-f]+}}/1" (%arg0)
// CHECK: cache_lookup "generate/m/{{[0-9a-f]+}}/0" (%arg0)
func.func @added_later(%p: !text) -> (!text, !text) {
  %1 = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
  %2 = xcs_llm.cascade -> !text {
    %kept = xcs_llm.cache_lookup "generate/m/c6da7c2fcf9b7668a591c4daefa2218009a2e4c86c6ff173384e8689776f6952/0" (%p) : !text
    xcs_llm.yield %kept : !text
  }, {
    %new = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
    %stored = xcs_llm.cache_store "generate/m/c6da7c2fcf9b7668a591c4daefa2218009a2e4c86c6ff173384e8689776f6952/0" (%p), %new : !text
    xcs_llm.yield %stored : !text
  }
  return %1, %2 : !text, !text
}

// Regions that run at most once.
// CHECK-LABEL: @once(
// CHECK-COUNT-5: cache_lookup "generate/m/{{[0-9a-f]+}}/{{[0-4]}}"
// CHECK-NOT: cache_lookup
// CHECK: return
func.func @once(%p: !text, %c: i1) -> (!text, !text) {
  %1 = xcs_llm.ensemble first -> !text {
    %r = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
    xcs_llm.yield %r : !text
  }, {
    %x = xcs_llm.cascade -> !text {
      %r = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
      xcs_llm.yield %r : !text
    }, {
      %r = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
      xcs_llm.yield %r : !text
    }
    xcs_llm.yield %x : !text
  }
  %2 = xcs_llm.conditional %c -> !text {
    %r = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
    xcs_llm.yield %r : !text
  } else {
    %x = xcs_llm.chain -> !text {
      %r = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
      xcs_llm.yield %r : !text
    }
    xcs_llm.yield %x : !text
  }
  return %1, %2 : !text, !text
}

// Only calls that say that an answer from an earlier run will do, but for the option.
// CHECK-LABEL: @negative_not_cacheable(
// CHECK-NOT: cache_lookup
// CHECK: return
// OPTIONS-LABEL: @negative_not_cacheable(
// OPTIONS-COUNT-1: xcs_llm.cache_lookup
// OPTIONS: xcs_llm.generate "m" (%arg0) {cacheable, hit_rate = 5.000000e-01 : f64, temperature = 0.000000e+00 : f64}
// OPTIONS-NOT: cache_lookup
// OPTIONS: return
func.func @negative_not_cacheable(%p: !text) -> (!text, !text, tensor<2xf32>) {
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %2 = xcs_llm.generate "m" (%p) {hit_rate = 0.3 : f64} : !text
  %3 = xcs_llm.embed "m" (%p) {no_reuse, hit_rate = 0.3 : f64} : tensor<2xf32>
  return %1, %2, %3 : !text, !text, tensor<2xf32>
}

// CHECK-LABEL: @negative_no_reuse(
// CHECK-NOT: cache_lookup
// OPTIONS-LABEL: @negative_no_reuse(
// OPTIONS-NOT: cache_lookup
// OPTIONS: return
func.func @negative_no_reuse(%p: !text) -> !text {
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable, no_reuse, hit_rate = 0.3 : f64} : !text
  return %1 : !text
}

// CHECK-LABEL: @negative_hit_rate_unknown(
// CHECK-NOT: cache_lookup
// OPTIONS-LABEL: @negative_hit_rate_unknown(
// OPTIONS: cache_lookup
func.func @negative_hit_rate_unknown(%p: !text) -> !text {
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable} : !text
  return %1 : !text
}

// CHECK-LABEL: @negative_never_hits(
// CHECK-NOT: cache_lookup
// OPTIONS-LABEL: @negative_never_hits(
// OPTIONS-NOT: cache_lookup
// OPTIONS: return
func.func @negative_never_hits(%p: !text) -> !text {
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.0 : f64} : !text
  return %1 : !text
}

// Ten tokens for a thousandth of a dollar per million are not worth a look.
// CHECK-LABEL: @negative_cheaper_than_a_look(
// CHECK-NOT: cache_lookup
// LATENCY-LABEL: @negative_cheaper_than_a_look(
// LATENCY: cache_lookup
func.func @negative_cheaper_than_a_look(%p: !text) -> !text {
  %1 = xcs_llm.generate "cheap" (%p) {temperature = 0.0 : f64, max_tokens = 10 : i64, cacheable, hit_rate = 0.3 : f64} : !text
  return %1 : !text
}

// CHECK-LABEL: @negative_quicker_than_a_look(
// CHECK: cache_lookup
// LATENCY-LABEL: @negative_quicker_than_a_look(
// LATENCY-NOT: cache_lookup
// LATENCY: return
func.func @negative_quicker_than_a_look(%p: !text) -> !text {
  %1 = xcs_llm.generate "quick" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  return %1 : !text
}

// CHECK-LABEL: @negative_price_unknown(
// CHECK-NOT: cache_lookup
// CHECK: return
func.func @negative_price_unknown(%p: !text) -> !text {
  %1 = xcs_llm.generate "nobody-knows" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  return %1 : !text
}

// CHECK-LABEL: @negative_no_model(
// CHECK-NOT: cache_lookup
func.func @negative_no_model(%p: !text) -> !text {
  %1 = xcs_llm.generate (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  return %1 : !text
}

// CHECK-LABEL: @negative_unused(
// CHECK-NOT: cache_lookup
func.func @negative_unused(%p: !text) {
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  return
}

// Two items with equal prompts are two samples, and so are a sample and its retry.
// CHECK-LABEL: @negative_sampled_many_times(
// CHECK-NOT: cache_lookup
// CHECK: return
func.func @negative_sampled_many_times(%p: !text, %ps: tensor<2x!text>) -> (tensor<2x!text>, !text) {
  %1 = xcs_llm.batch (%item in %ps : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%item) {cacheable, hit_rate = 0.3 : f64} : !text
    xcs_llm.yield %r : !text
  }
  %2 = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
    %ok = xcs_llm.parse_response %r as boolean : i1
    xcs_llm.yield %r, %ok : !text, i1
  }, {
    xcs_llm.yield %p : !text
  } {attempts = array<i64: 3, 1>}
  return %1, %2 : tensor<2x!text>, !text
}

// A retry of a deterministic call would get an equal answer.
// CHECK-LABEL: @retried(
// CHECK: cache_lookup
func.func @retried(%p: !text) -> !text {
  %1 = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
    xcs_llm.yield %r : !text
  } {attempts = array<i64: 3>}
  return %1 : !text
}

// CHECK-LABEL: @negative_sampled_called(
// CHECK-NOT: cache_lookup
func.func @negative_sampled_called(%p: !text) -> !text {
  %1 = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
  return %1 : !text
}
// CHECK-LABEL: @deterministic_called(
// CHECK: cache_lookup
func.func @deterministic_called(%p: !text) -> !text {
  %1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  return %1 : !text
}
func.func @calls_it_twice(%p: !text) -> (!text, !text, !text) {
  %1 = func.call @negative_sampled_called(%p) : (!text) -> !text
  %2 = func.call @negative_sampled_called(%p) : (!text) -> !text
  %3 = func.call @deterministic_called(%p) : (!text) -> !text
  return %1, %2, %3 : !text, !text, !text
}

// CHECK-LABEL: @negative_leave(
// CHECK-NOT: cache_lookup
func.func @negative_leave(%p: !text) -> !text attributes {xcs_llm.allow = "lossless"} {
  %1 = xcs_llm.generate "m" (%p) {cacheable, hit_rate = 0.3 : f64} : !text
  return %1 : !text
}

// A miss takes a look more, which must not break a deadline: 500 ms and 10 of 256
// tokens each are 3060 ms; one look is 5.
// CHECK-LABEL: @deadlines(
// CHECK: cache_lookup
// CHECK-NOT: cache_lookup
// CHECK: return
func.func @deadlines(%p: !text) -> (!text, !text) attributes {xcs_llm.budget_usd = 1.0 : f64} {
  %1 = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, max_tokens = 256 : i64, cacheable, hit_rate = 0.3 : f64} : !text
    xcs_llm.yield %r : !text
  } {deadline_ms = 3065.0 : f64}
  %2 = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, max_tokens = 256 : i64, cacheable, hit_rate = 0.3 : f64} : !text
    xcs_llm.yield %r : !text
  } {deadline_ms = 3064.0 : f64}
  return %1, %2 : !text, !text
}

// The first of those that share a long beginning fills the prompt cache for the rest.
// CHECK-LABEL: @negative_fills_the_prompt_cache(
// CHECK-NOT: cascade
// CHECK: generate "prefix"
// CHECK-COUNT-2: cache_lookup
xcs_llm.model @"prefix" {input_usd_per_mtok = 10.0 : f64, output_usd_per_mtok = 1.0 : f64, cached_input_usd_per_mtok = 1.0 : f64, min_cached_tokens = 1000 : i64, ttft_ms = 1.0 : f64}
func.func @negative_fills_the_prompt_cache(%s: !text {xcs_llm.tokens = 100000 : i64}, %p: !text, %q: !text, %o: !text) -> !text {
  %1 = xcs_llm.generate "prefix" (system %s, user %p) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  %2 = xcs_llm.generate "prefix" (system %s, user %1) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  %3 = xcs_llm.generate "prefix" (system %s, user %2) {temperature = 0.0 : f64, cacheable, hit_rate = 0.3 : f64} : !text
  return %3 : !text
}

// CHECK-LABEL: @nothing(
func.func @nothing() {
  return
}

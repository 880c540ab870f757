// Attributes around a program, and what the dialect takes beside its own.
// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

// CHECK: module attributes {xcs_llm.passes = ["first", "second"]}
module attributes {xcs_llm.passes = ["first", "second"]} {
  // CHECK: func.func @program(%arg0: !xcs_llm.text {xcs_llm.name = "question", xcs_llm.tokens = 12 : i64},
  // CHECK-SAME: %arg1: tensor<?x!xcs_llm.text> {xcs_llm.count = 4 : i64, xcs_llm.tokens = 0 : i64})
  // CHECK-SAME: -> (!xcs_llm.text {xcs_llm.name = "answer", xcs_llm.tokens = 80 : i64})
  // CHECK-SAME: attributes {xcs_llm.allow = "lossless", xcs_llm.budget_usd = 5.000000e-01 : f64, xcs_llm.deadline_ms = 2.000000e+03 : f64, xcs_llm.min_quality = 7.500000e-01 : f64}
  func.func @program(%question: !xcs_llm.text {xcs_llm.name = "question", xcs_llm.tokens = 12 : i64},
                     %documents: tensor<?x!xcs_llm.text> {xcs_llm.count = 4 : i64, xcs_llm.tokens = 0 : i64})
      -> (!xcs_llm.text {xcs_llm.name = "answer", xcs_llm.tokens = 80 : i64})
      attributes {xcs_llm.budget_usd = 0.5 : f64, xcs_llm.deadline_ms = 2000.0 : f64,
                  xcs_llm.min_quality = 0.75 : f64, xcs_llm.allow = "lossless"} {
    return %question : !xcs_llm.text
  }
  // CHECK: xcs_llm.allow = "distribution"
  func.func private @distribution() attributes {xcs_llm.allow = "distribution"}
  // CHECK: xcs_llm.allow = "quality"
  func.func private @quality() attributes {xcs_llm.allow = "quality"}
  // CHECK: func.func private @search(!xcs_llm.text) -> !xcs_llm.text attributes {xcs_llm.latency_ms = 3.000000e+02 : f64, xcs_llm.pure, xcs_llm.task = "search-v2"}
  func.func private @search(!xcs_llm.text) -> !xcs_llm.text
      attributes {xcs_llm.task = "search-v2", xcs_llm.pure, xcs_llm.latency_ms = 300.0 : f64}
  // CHECK: func.func @samples
  func.func @samples(%p: !xcs_llm.text) {
    // CHECK: xcs_llm.generate "m" (%arg0) {n = 2 : i64, xcs_llm.sample_ids = array<i64: 7, 3>} : tensor<2x!xcs_llm.text>
    %two = xcs_llm.generate "m" (%p) {n = 2 : i64, xcs_llm.sample_ids = array<i64: 7, 3>} : tensor<2x!xcs_llm.text>
    // CHECK: xcs_llm.score "m" (%arg0) {xcs_llm.sample_ids = array<i64: 0>} : f64
    %one = xcs_llm.score "m" (%p) {xcs_llm.sample_ids = array<i64: 0>} : f64
    return
  }
  // CHECK: func.func @decisions
  func.func @decisions(%p: !xcs_llm.text, %a: i1, %b: i1) {
    // CHECK: arith.andi %arg1, %arg2 {xcs_llm.cancel} : i1
    %both = arith.andi %a, %b {xcs_llm.cancel} : i1
    // CHECK: arith.ori %arg1, %arg2 {xcs_llm.cancel} : i1
    %any = arith.ori %a, %b {xcs_llm.cancel} : i1
    // CHECK: xcs_llm.ensemble first
    // CHECK: {xcs_llm.cancel}
    %first = xcs_llm.ensemble first -> !xcs_llm.text {
      xcs_llm.yield %p : !xcs_llm.text
    } {xcs_llm.cancel}
    // CHECK: xcs_llm.ensemble majority quorum 1
    // CHECK: {xcs_llm.cancel}
    %vote = xcs_llm.ensemble majority quorum 1 -> !xcs_llm.text {
      xcs_llm.yield %p : !xcs_llm.text
    } {xcs_llm.cancel}
    return
  }
  // Attributes of other dialects are theirs.
  // CHECK: xcs_llm.text "a" {other.note = 1 : i64}
  %text = xcs_llm.text "a" {other.note = 1 : i64}
}

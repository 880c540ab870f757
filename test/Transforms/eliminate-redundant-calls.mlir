// Equal deterministic calls become one.
// RUN: xcs-opt %s --split-input-file --xcs-eliminate-redundant-calls | FileCheck %s
// A second run changes nothing.
// RUN: xcs-opt %s --split-input-file --xcs-eliminate-redundant-calls -o %t.once
// RUN: xcs-opt %t.once --split-input-file --xcs-eliminate-redundant-calls -o %t.twice
// RUN: diff %t.once %t.twice

!text = !xcs_llm.text

// Hints are no part of a request: each call has that of the first that has one.
// CHECK-LABEL: func.func @hints
func.func @hints(%p: !text) -> (!text, !text, !text) {
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate "m" (%arg0) {estimate = #xcs_llm.estimate<input_tokens = 3 : i64>, expected_output_tokens = 10 : i64, hit_rate = 5.000000e-01 : f64, quality_task = "math", temperature = 0.000000e+00 : f64}
  // CHECK-NEXT: return %[[R]], %[[R]], %[[R]]
  %r1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 10} : !text
  %r2 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, expected_output_tokens = 20, hit_rate = 0.5 : f64} : !text
  %r3 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, quality_task = "math", estimate = #xcs_llm.estimate<input_tokens = 3>} : !text
  return %r1, %r2, %r3 : !text, !text, !text
}

// What is asked of equal answers is equal in turn.
// CHECK-LABEL: func.func @chained
func.func @chained(%q: !text) -> (f64, f64, tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: xcs_llm.prompt_template
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: %[[S:.*]] = xcs_llm.score
  // CHECK-NEXT: %[[E:.*]] = xcs_llm.embed
  // CHECK-NEXT: return %[[S]], %[[S]], %[[E]], %[[E]]
  %a1 = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
  %p1 = xcs_llm.prompt_template "Check {a}" (%a1)
  %c1 = xcs_llm.generate "m" (%p1) {temperature = 0.0 : f64, expected_output_tokens = 9} : !text
  %s1 = xcs_llm.score "m" (%c1) {temperature = 0.0 : f64} : f64
  %e1 = xcs_llm.embed "e" (%q) : tensor<4xf32>
  %e2 = xcs_llm.embed "e" (%q) {hit_rate = 0.1 : f64} : tensor<4xf32>
  %a2 = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64, expected_output_tokens = 7} : !text
  %p2 = xcs_llm.prompt_template "Check {a}" (%a2)
  %c2 = xcs_llm.generate "m" (%p2) {temperature = 0.0 : f64} : !text
  %s2 = xcs_llm.score "m" (%c2) {temperature = 0.0 : f64} : f64
  return %s1, %s2, %e1, %e2 : f64, f64, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @negative_requests
// CHECK-COUNT-9: xcs_llm.generate
func.func @negative_requests(%p: !text, %q: !text) -> (!text, !text, !text, !text, !text, !text, !text, !text, !text) {
  %r0 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %message = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
  %model = xcs_llm.generate "m2" (%p) {temperature = 0.0 : f64} : !text
  %parameter = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, max_tokens = 5} : !text
  %role = xcs_llm.generate "m" (system %p) {temperature = 0.0 : f64} : !text
  %tier = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, service_tier = "batch"} : !text
  // Each run of these asks anew.
  %anew = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, no_reuse} : !text
  %again = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, no_reuse} : !text
  %noted = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, other.note} : !text
  return %r0, %message, %model, %parameter, %role, %tier, %anew, %again, %noted : !text, !text, !text, !text, !text, !text, !text, !text, !text
}

// CHECK-LABEL: func.func @negative_sampled
// CHECK-COUNT-2: xcs_llm.generate
func.func @negative_sampled(%p: !text) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%p) {seed = 1} : !text
  %r2 = xcs_llm.generate "m" (%p) {seed = 1} : !text
  return %r1, %r2 : !text, !text
}

// Numbers of samples do not keep deterministic calls apart.
// CHECK-LABEL: func.func @numbered
func.func @numbered(%p: !text) -> (!text, !text) {
  // CHECK-NEXT: xcs_llm.generate "m" (%arg0) {temperature = 0.000000e+00 : f64, xcs_llm.sample_ids = array<i64: 4>}
  // CHECK-NEXT: return
  %r1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, xcs_llm.sample_ids = array<i64: 4>} : !text
  %r2 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, xcs_llm.sample_ids = array<i64: 5>} : !text
  return %r1, %r2 : !text, !text
}

// A call in a region merges with one outside that stands before.
// CHECK-LABEL: func.func @inside
func.func @inside(%p: !text, %ps: tensor<?x!text>) -> (!text, tensor<?x!text>) {
  // CHECK: %[[R:.*]] = xcs_llm.generate
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.prompt_template "{a}{b}" (%{{.*}}, %[[R]])
  // CHECK-NEXT: xcs_llm.yield
  %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, hit_rate = 0.5 : f64} : !text
  %all = xcs_llm.batch (%item in %ps : tensor<?x!text>) -> tensor<?x!text> {
    %again = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
    %t = xcs_llm.prompt_template "{a}{b}" (%item, %again)
    xcs_llm.yield %t : !text
  }
  return %r, %all : !text, tensor<?x!text>
}

// Several blocks: only what dominates stands before.
// CHECK-LABEL: func.func @blocks
func.func @blocks(%p: !text, %c: i1) -> (!text, !text) {
  // CHECK: xcs_llm.generate "m" (%arg0) {hit_rate = 1.000000e-01 : f64
  // CHECK-NOT: hit_rate
  // CHECK: ^bb1:
  // CHECK-NEXT: xcs_llm.generate "n"
  // CHECK: ^bb2:
  // CHECK-NEXT: xcs_llm.generate "n"
  // CHECK: return
  %a = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, hit_rate = 0.1 : f64} : !text
  cf.cond_br %c, ^left, ^right
^left:
  %b = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, hit_rate = 0.2 : f64} : !text
  %x = xcs_llm.generate "n" (%b) {temperature = 0.0 : f64} : !text
  cf.br ^end(%x : !text)
^right:
  %d = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, hit_rate = 0.3 : f64} : !text
  %y = xcs_llm.generate "n" (%d) {temperature = 0.0 : f64} : !text
  cf.br ^end(%y : !text)
^end(%r: !text):
  return %r, %a : !text, !text
}

// -----

!text = !xcs_llm.text

func.func private @search(!text) -> !text attributes {xcs_llm.pure}
func.func private @book(!text) -> !text
func.func private @note(!text) attributes {xcs_llm.pure}
func.func @draw(%p: !text) -> !text {
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// Equal calls of a pure tool are one, and so is what is asked about what they find.
// CHECK-LABEL: func.func @tools
func.func @tools(%p: !text) -> (!text, !text) {
  // CHECK-NEXT: %[[FOUND:.*]] = call @search(%arg0)
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate "m" (%[[FOUND]])
  // CHECK-NEXT: return %[[R]], %[[R]]
  %f1 = func.call @search(%p) : (!text) -> !text
  %r1 = xcs_llm.generate "m" (%f1) {temperature = 0.0 : f64} : !text
  %f2 = func.call @search(%p) : (!text) -> !text
  %r2 = xcs_llm.generate "m" (%f2) {temperature = 0.0 : f64} : !text
  return %r1, %r2 : !text, !text
}

// CHECK-LABEL: func.func @unused_tools
func.func @unused_tools(%p: !text) {
  // CHECK-NEXT: return
  %f1 = func.call @search(%p) : (!text) -> !text
  %t = xcs_llm.prompt_template "{f}" (%f1)
  %f2 = func.call @search(%t) : (!text) -> !text
  func.call @note(%f1) : (!text) -> ()
  return
}

// CHECK-LABEL: func.func @negative_tools
// CHECK-COUNT-2: call @book
// CHECK-COUNT-2: call @draw
func.func @negative_tools(%p: !text) -> (!text, !text) {
  %b1 = func.call @book(%p) : (!text) -> !text
  %b2 = func.call @book(%p) : (!text) -> !text
  %d1 = func.call @draw(%p) : (!text) -> !text
  %d2 = func.call @draw(%p) : (!text) -> !text
  return %d1, %d2 : !text, !text
}

// Tools on values that no region around sees are tools of their own.
// CHECK-LABEL: func.func @isolated
func.func @isolated() -> !text {
  // CHECK: call @search
  // CHECK: module
  // CHECK: call @search
  %p = xcs_llm.text "a"
  %f1 = func.call @search(%p) : (!text) -> !text
  builtin.module {
    func.func private @search(!text) -> !text attributes {xcs_llm.pure}
    func.func @inner() -> !text {
      %q = xcs_llm.text "a"
      %f2 = func.call @search(%q) : (!text) -> !text
      return %f2 : !text
    }
  }
  return %f1 : !text
}

// Upstream passes do the right thing on calls, because effects say what may be
// done with them.
// RUN: split-file %s %t
// RUN: xcs-opt %t/cse.mlir --allow-unregistered-dialect --cse | FileCheck %t/cse.mlir
// RUN: xcs-opt %t/dce.mlir --canonicalize | FileCheck %t/dce.mlir
// RUN: xcs-opt %t/licm.mlir --allow-unregistered-dialect --loop-invariant-code-motion | FileCheck %t/licm.mlir
// RUN: xcs-opt %t/symbols.mlir --symbol-dce | FileCheck %t/symbols.mlir
// RUN: xcs-opt %t/inline.mlir --inline | FileCheck %t/inline.mlir

//--- cse.mlir
!text = !xcs_llm.text

// CHECK-LABEL: func.func @deterministic
func.func @deterministic(%p: !text) {
  // CHECK: %[[R:.*]] = xcs_llm.generate
  // CHECK-NOT: xcs_llm.generate
  // CHECK: %[[E:.*]] = xcs_llm.embed
  // CHECK-NOT: xcs_llm.embed
  // CHECK: %[[S:.*]] = xcs_llm.score
  // CHECK-NOT: xcs_llm.score
  // CHECK: "use"(%[[R]], %[[R]], %[[E]], %[[E]], %[[S]], %[[S]])
  %r1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %r2 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %e1 = xcs_llm.embed "e" (%p) : tensor<8xf32>
  %e2 = xcs_llm.embed "e" (%p) : tensor<8xf32>
  %s1 = xcs_llm.score "m" (%p) {temperature = 0.0 : f64} : f64
  %s2 = xcs_llm.score "m" (%p) {temperature = 0.0 : f64} : f64
  "use"(%r1, %r2, %e1, %e2, %s1, %s2) : (!text, !text, tensor<8xf32>, tensor<8xf32>, f64, f64) -> ()
  return
}

// A whole chain of equal steps becomes one, through templates and parses.
// CHECK-LABEL: func.func @chain_of_steps
func.func @chain_of_steps(%q: !text) -> (f64, f64) {
  // CHECK-COUNT-1: xcs_llm.prompt_template
  // CHECK-COUNT-1: xcs_llm.generate
  // CHECK-COUNT-1: xcs_llm.parse_response
  // CHECK-NEXT: return
  %p1 = xcs_llm.prompt_template "Rate: {q}" (%q)
  %r1 = xcs_llm.generate "m" (%p1) {temperature = 0.0 : f64} : !text
  %v1 = xcs_llm.parse_response %r1 as number : f64
  %p2 = xcs_llm.prompt_template "Rate: {q}" (%q)
  %r2 = xcs_llm.generate "m" (%p2) {temperature = 0.0 : f64} : !text
  %v2 = xcs_llm.parse_response %r2 as number : f64
  return %v1, %v2 : f64, f64
}

// A call in a region becomes the equal one around it.
// CHECK-LABEL: func.func @into_region
func.func @into_region(%c: i1, %p: !text) -> !text {
  // CHECK-COUNT-1: xcs_llm.generate
  // CHECK-NOT: xcs_llm.generate
  %r1 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.conditional %c -> !text {
    %r2 = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %r2 : !text
  } else {
    xcs_llm.yield %r1 : !text
  }
  return %v : !text
}

// CHECK-LABEL: func.func @negative_sampled
func.func @negative_sampled(%p: !text) {
  // CHECK-COUNT-2: xcs_llm.generate "hot"
  %hot1 = xcs_llm.generate "hot" (%p) {temperature = 0.7 : f64} : !text
  %hot2 = xcs_llm.generate "hot" (%p) {temperature = 0.7 : f64} : !text
  // An unset temperature is the provider's.
  // CHECK-COUNT-2: xcs_llm.generate "unset"
  %unset1 = xcs_llm.generate "unset" (%p) : !text
  %unset2 = xcs_llm.generate "unset" (%p) : !text
  // CHECK-COUNT-2: xcs_llm.generate "anew"
  %anew1 = xcs_llm.generate "anew" (%p) {temperature = 0.0 : f64, no_reuse} : !text
  %anew2 = xcs_llm.generate "anew" (%p) {temperature = 0.0 : f64, no_reuse} : !text
  // Cacheable speaks of runs, not of samples.
  // CHECK-COUNT-2: xcs_llm.generate "cacheable"
  %cacheable1 = xcs_llm.generate "cacheable" (%p) {cacheable} : !text
  %cacheable2 = xcs_llm.generate "cacheable" (%p) {cacheable} : !text
  // CHECK-COUNT-2: xcs_llm.score
  %score1 = xcs_llm.score "m" (%p) {temperature = 0.5 : f64} : f64
  %score2 = xcs_llm.score "m" (%p) {temperature = 0.5 : f64} : f64
  // CHECK-COUNT-2: xcs_llm.embed
  %embed1 = xcs_llm.embed "e" (%p) {no_reuse} : tensor<8xf32>
  %embed2 = xcs_llm.embed "e" (%p) {no_reuse} : tensor<8xf32>
  // CHECK-COUNT-2: xcs_llm.cache_lookup
  %kept1 = xcs_llm.cache_lookup "f" (%p) : !text
  %kept2 = xcs_llm.cache_lookup "f" (%p) : !text
  // CHECK-COUNT-2: xcs_llm.cache_store
  %stored1 = xcs_llm.cache_store "f" (%p), %p : !text
  %stored2 = xcs_llm.cache_store "f" (%p), %p : !text
  "use"(%hot1, %hot2, %unset1, %unset2, %anew1, %anew2, %cacheable1, %cacheable2)
      : (!text, !text, !text, !text, !text, !text, !text, !text) -> ()
  "use"(%score1, %score2, %embed1, %embed2, %kept1, %kept2, %stored1, %stored2)
      : (f64, f64, tensor<8xf32>, tensor<8xf32>, !text, !text, !text, !text) -> ()
  return
}

// CHECK-LABEL: func.func @negative_other_requests
func.func @negative_other_requests(%p: !text, %q: !text) {
  // CHECK-COUNT-5: xcs_llm.generate
  %a = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %b = xcs_llm.generate "n" (%p) {temperature = 0.0 : f64} : !text
  %c = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
  %d = xcs_llm.generate "m" (system %p) {temperature = 0.0 : f64} : !text
  %e = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64, max_tokens = 5} : !text
  "use"(%a, %b, %c, %d, %e) : (!text, !text, !text, !text, !text) -> ()
  return
}

// Members are samples, whatever they look like from outside.
// CHECK-LABEL: func.func @negative_samples_in_regions
func.func @negative_samples_in_regions(%p: !text) -> (!text, !text) {
  // CHECK-COUNT-2: xcs_llm.chain
  %a = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }
  %b = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }
  return %a, %b : !text, !text
}

//--- dce.mlir
!text = !xcs_llm.text

// Unused calls of both kinds go, and so does what only they use.
// CHECK-LABEL: func.func @unused
func.func @unused(%p: !text) -> !text {
  // CHECK-NEXT: return %arg0
  %prompt = xcs_llm.prompt_template "Q: {p}" (%p)
  %cold = xcs_llm.generate "m" (%prompt) {temperature = 0.0 : f64} : !text
  %hot = xcs_llm.generate "m" (%prompt) {temperature = 0.7 : f64} : !text
  %anew = xcs_llm.generate "m" (%prompt) {no_reuse} : !text
  %e = xcs_llm.embed "e" (%prompt) : tensor<8xf32>
  %s = xcs_llm.score "m" (%prompt) : f64
  %parsed = xcs_llm.parse_response %hot as number : f64
  %kept = xcs_llm.cache_lookup "f" (%p) : !text
  %stored = xcs_llm.cache_store "f" (%p), %hot : !text
  return %p : !text
}

// CHECK-LABEL: func.func @unused_control
func.func @unused_control(%c: i1, %ps: tensor<2x!text>, %p: !text) -> !text {
  // CHECK-NEXT: return %arg2
  %rs = xcs_llm.batch (%item in %ps : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%item) : !text
    xcs_llm.yield %r : !text
  }
  %vote = xcs_llm.ensemble majority -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }
  %first = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }, {
    xcs_llm.yield %p : !text
  }
  %placed = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }
  %either = xcs_llm.conditional %c -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  } else {
    xcs_llm.yield %p : !text
  }
  return %p : !text
}

func.func private @send(!text)

// What an impure tool is given is used.
// CHECK-LABEL: func.func @negative_used
func.func @negative_used(%p: !text) {
  // CHECK: %[[R:.*]] = xcs_llm.generate
  // CHECK: xcs_llm.cascade
  // CHECK: call @send(%[[R]])
  %r = xcs_llm.generate "m" (%p) : !text
  xcs_llm.cascade {
    func.call @send(%r) : (!text) -> ()
    xcs_llm.yield
  }, {
    xcs_llm.yield
  }
  return
}

//--- licm.mlir
!text = !xcs_llm.text

// A loop may run no time at all: calls that it need not make are not made.
// CHECK-LABEL: func.func @loop
func.func @loop(%p: !text, %n: index) {
  // CHECK-NOT: xcs_llm.generate
  // CHECK: scf.for
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: xcs_llm.embed
  // CHECK-NEXT: xcs_llm.score
  // CHECK: xcs_llm.cache_lookup
  // CHECK: xcs_llm.chain
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  scf.for %i = %zero to %n step %one {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
    %e = xcs_llm.embed "e" (%p) : tensor<8xf32>
    %s = xcs_llm.score "m" (%p) {temperature = 0.0 : f64} : f64
    %k = xcs_llm.cache_lookup "f" (%p) : !text
    %c = xcs_llm.chain -> !text {
      %a = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
      xcs_llm.yield %a : !text
    }
    "use"(%r, %e, %s, %k, %c) : (!text, tensor<8xf32>, f64, !text, !text) -> ()
  }
  return
}

// CHECK-LABEL: func.func @batch
func.func @batch(%p: !text, %qs: tensor<?x!text>) -> tensor<?x!text> {
  // CHECK-NEXT: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate
  %rs = xcs_llm.batch (%q in %qs : tensor<?x!text>) -> tensor<?x!text> {
    %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %r : !text
  }
  return %rs : tensor<?x!text>
}

// What costs nothing is hoisted.
// CHECK-LABEL: func.func @template
func.func @template(%p: !text, %n: index) {
  // CHECK: xcs_llm.prompt_template
  // CHECK: scf.for
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  scf.for %i = %zero to %n step %one {
    %t = xcs_llm.prompt_template "Q: {p}" (%p)
    "use"(%t) : (!text) -> ()
  }
  return
}

//--- symbols.mlir
// A model is no symbol that could be dead.
// CHECK: xcs_llm.model @unused
xcs_llm.model @unused {quality = 0.5 : f64}
// CHECK-NOT: @dead
func.func private @dead(%p: !xcs_llm.text) {
  return
}

//--- inline.mlir
!text = !xcs_llm.text

func.func private @plain(%p: !text) -> !text {
  %r = xcs_llm.generate "plain" (%p) : !text
  return %r : !text
}
func.func private @budget(%p: !text) -> !text attributes {xcs_llm.budget_usd = 0.5 : f64} {
  %r = xcs_llm.generate "budget" (%p) : !text
  return %r : !text
}
func.func private @deadline(%p: !text) -> !text attributes {xcs_llm.deadline_ms = 9.0 : f64} {
  %r = xcs_llm.generate "deadline" (%p) : !text
  return %r : !text
}
func.func private @quality(%p: !text) -> !text attributes {xcs_llm.min_quality = 0.5 : f64} {
  %r = xcs_llm.generate (%p) : !text
  return %r : !text
}
func.func private @leave(%p: !text) -> !text attributes {xcs_llm.allow = "quality"} {
  %r = xcs_llm.generate "leave" (%p) : !text
  return %r : !text
}

// CHECK-LABEL: func.func @caller
func.func @caller(%p: !text) -> (!text, !text, !text, !text, !text) {
  // CHECK-NEXT: xcs_llm.generate "plain"
  // CHECK-NEXT: call @budget
  // CHECK-NEXT: call @deadline
  // CHECK-NEXT: call @quality
  // CHECK-NEXT: call @leave
  %a = call @plain(%p) : (!text) -> !text
  %b = call @budget(%p) : (!text) -> !text
  %c = call @deadline(%p) : (!text) -> !text
  %d = call @quality(%p) : (!text) -> !text
  %e = call @leave(%p) : (!text) -> !text
  return %a, %b, %c, %d, %e : !text, !text, !text, !text, !text
}

// Equal constraints hold on; a caller's own do not become the callee's.
// CHECK-LABEL: func.func @constrained
func.func @constrained(%p: !text) -> (!text, !text) attributes {xcs_llm.budget_usd = 0.5 : f64} {
  // CHECK-NEXT: xcs_llm.generate "budget"
  // CHECK-NEXT: call @plain
  %a = call @budget(%p) : (!text) -> !text
  %b = call @plain(%p) : (!text) -> !text
  return %a, %b : !text, !text
}

// CHECK-LABEL: func.func @into_regions
func.func @into_regions(%ps: tensor<2x!text>) -> (tensor<2x!text>, !text) {
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate "plain"
  %rs = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<2x!text> {
    %r = func.call @plain(%p) : (!text) -> !text
    xcs_llm.yield %r : !text
  }
  // CHECK: xcs_llm.ensemble
  // CHECK-NEXT: call @budget
  // CHECK: xcs_llm.generate "plain"
  %zero = arith.constant 0 : index
  %p = tensor.extract %ps[%zero] : tensor<2x!text>
  %v = xcs_llm.ensemble first -> !text {
    %r = func.call @budget(%p) : (!text) -> !text
    xcs_llm.yield %r : !text
  }, {
    %r = func.call @plain(%p) : (!text) -> !text
    xcs_llm.yield %r : !text
  }
  return %rs, %v : tensor<2x!text>, !text
}

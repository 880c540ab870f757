// What regions forward, where control goes from them, and how often they run:
// upstream passes act on it, and would break programs if it were told wrongly.
// RUN: split-file %s %t
// RUN: xcs-opt %t/dead-values.mlir --remove-dead-values | FileCheck %t/dead-values.mlir
// RUN: xcs-opt %t/dead-values.mlir --remove-dead-values --canonicalize | FileCheck %t/dead-values.mlir
// RUN: xcs-opt %t/dead-results.mlir --canonicalize | FileCheck %t/dead-results.mlir
// RUN: xcs-opt %t/dead-results.mlir --remove-dead-values --canonicalize | FileCheck %t/dead-results.mlir
// RUN: xcs-opt %t/sink.mlir --control-flow-sink | FileCheck %t/sink.mlir
// RUN: xcs-opt %t/sccp.mlir --sccp --canonicalize | FileCheck %t/sccp.mlir

//--- dead-values.mlir
!text = !xcs_llm.text

// A cascade whose price nobody reads still hands over where the price fails.
// CHECK-LABEL: func.func @parse_decides
func.func @parse_decides(%r: !text) -> !text {
  // CHECK: xcs_llm.cascade
  // CHECK: xcs_llm.parse_response %arg0 as json "/name"
  // CHECK: xcs_llm.parse_response %arg0 as json "/price"
  // CHECK: xcs_llm.yield %{{.*}}, %{{.*}} : !xcs_llm.text, f64
  // CHECK: xcs_llm.yield %{{.*}}, %{{.*}} : !xcs_llm.text, f64
  %name, %price = xcs_llm.cascade -> (!text, f64) {
    %this_name = xcs_llm.parse_response %r as json "/name" : !text
    %this_price = xcs_llm.parse_response %r as json "/price" : f64
    xcs_llm.yield %this_name, %this_price : !text, f64
  }, {
    %none = xcs_llm.text "none"
    %zero = arith.constant 0.0 : f64
    xcs_llm.yield %none, %zero : !text, f64
  }
  return %name : !text
}

// CHECK-LABEL: func.func @verdict_of_stage
func.func @verdict_of_stage(%r: !text) -> !text {
  // CHECK: %[[GOOD:.*]] = xcs_llm.parse_response %arg0 as boolean
  // CHECK-NEXT: xcs_llm.yield %arg0, %[[GOOD]] : !xcs_llm.text, i1
  %v = xcs_llm.cascade -> !text {
    %good = xcs_llm.parse_response %r as boolean : i1
    xcs_llm.yield %r, %good : !text, i1
  }, {
    %none = xcs_llm.text "none"
    xcs_llm.yield %none : !text
  }
  return %v : !text
}

// A flag that nobody reads is still a value, and must not become the verdict.
// CHECK-LABEL: func.func @flag_is_no_verdict
func.func @flag_is_no_verdict(%r: !text) -> !text {
  // CHECK: -> (!xcs_llm.text, i1)
  // CHECK: xcs_llm.yield %arg0, %{{.*}} : !xcs_llm.text, i1
  // CHECK: xcs_llm.yield %{{.*}}, %{{.*}} : !xcs_llm.text, i1
  %v, %flag = xcs_llm.cascade -> (!text, i1) {
    %this = xcs_llm.parse_response %r as boolean : i1
    xcs_llm.yield %r, %this : !text, i1
  }, {
    %none = xcs_llm.text "none"
    %no = arith.constant false
    xcs_llm.yield %none, %no : !text, i1
  }
  return %v : !text
}

// The most frequent pair is not the most frequent first half.
// CHECK-LABEL: func.func @vote_on_pairs
func.func @vote_on_pairs(%a: !text, %b: !text) -> !text {
  // CHECK: xcs_llm.ensemble majority -> (!xcs_llm.text, i1)
  // CHECK: %[[A:.*]] = xcs_llm.parse_response %arg0 as boolean
  // CHECK-NEXT: xcs_llm.yield %arg0, %[[A]]
  // CHECK: %[[B:.*]] = xcs_llm.parse_response %arg1 as boolean
  // CHECK-NEXT: xcs_llm.yield %arg1, %[[B]]
  %v, %flag = xcs_llm.ensemble majority -> (!text, i1) {
    %this = xcs_llm.parse_response %a as boolean : i1
    xcs_llm.yield %a, %this : !text, i1
  }, {
    %this = xcs_llm.parse_response %b as boolean : i1
    xcs_llm.yield %b, %this : !text, i1
  }
  return %v : !text
}

// CHECK-LABEL: func.func @score_of_best
func.func @score_of_best(%a: !text) -> !text {
  // CHECK: %[[SCORE:.*]] = xcs_llm.score
  // CHECK: xcs_llm.yield %arg0, %[[SCORE]] : !xcs_llm.text, f64
  %v = xcs_llm.ensemble best -> !text {
    %score = xcs_llm.score "judge" (%a) : f64
    xcs_llm.yield %a, %score : !text, f64
  }
  return %v : !text
}

// CHECK-LABEL: func.func @filter
func.func @filter(%ps: tensor<2x!text>) -> tensor<?x!text> {
  // CHECK: %[[GOOD:.*]] = xcs_llm.parse_response %{{.*}} as boolean
  // CHECK-NEXT: xcs_llm.yield %{{.*}}, %[[GOOD]] : !xcs_llm.text, i1
  %v = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<?x!text> {
    %good = xcs_llm.parse_response %p as boolean : i1
    xcs_llm.yield %p, %good : !text, i1
  }
  return %v : tensor<?x!text>
}

// A batch whose second list nobody reads: no flag may turn into a filter.
// CHECK-LABEL: func.func @list_is_no_filter
func.func @list_is_no_filter(%ps: tensor<2x!text>) -> tensor<2x!text> {
  // CHECK: -> (tensor<2x!xcs_llm.text>, tensor<2xi1>)
  // CHECK: xcs_llm.yield %{{.*}}, %{{.*}} : !xcs_llm.text, i1
  %v, %flags = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> (tensor<2x!text>, tensor<2xi1>) {
    %flag = xcs_llm.parse_response %p as boolean : i1
    xcs_llm.yield %p, %flag : !text, i1
  }
  return %v : tensor<2x!text>
}

func.func private @send(!text)

// A verdict also decides whether a tool is called, whoever reads the result.
// CHECK-LABEL: func.func @verdict_before_tool
func.func @verdict_before_tool(%r: !text, %p: !text) {
  // CHECK: %[[GOOD:.*]] = xcs_llm.parse_response %arg0 as boolean
  // CHECK-NEXT: xcs_llm.yield %{{.*}}, %[[GOOD]] : !xcs_llm.text, i1
  %v = xcs_llm.cascade -> !text {
    %good = xcs_llm.parse_response %r as boolean : i1
    xcs_llm.yield %p, %good : !text, i1
  }, {
    func.call @send(%p) : (!text) -> ()
    xcs_llm.yield %p : !text
  }
  // CHECK: %[[FINE:.*]] = xcs_llm.parse_response %arg0 as number
  // CHECK-NEXT: xcs_llm.yield %[[FINE]] : f64
  %w = xcs_llm.cascade -> f64 {
    %fine = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %fine : f64
  }, {
    %none = arith.constant 0.0 : f64
    func.call @send(%p) : (!text) -> ()
    xcs_llm.yield %none : f64
  }
  return
}

// An item that nobody reads keeps its list: the list's length counts.
// CHECK-LABEL: func.func @unused_item
func.func @unused_item(%ps: tensor<?x!text>, %qs: tensor<2x!text>) -> tensor<2x!text> {
  // CHECK: xcs_llm.batch (%{{.*}} in %arg0 : tensor<?x!xcs_llm.text>, %{{.*}} in %arg1 : tensor<2x!xcs_llm.text>)
  %v = xcs_llm.batch (%p in %ps : tensor<?x!text>, %q in %qs : tensor<2x!text>) -> tensor<2x!text> {
    xcs_llm.yield %p : !text
  }
  return %v : tensor<2x!text>
}

//--- dead-results.mlir
!text = !xcs_llm.text

func.func private @send(!text)

// Conditionals and chains forward: what nobody reads of them goes, and leaves no
// poison behind.
// CHECK-LABEL: func.func @forwarded
func.func @forwarded(%c: i1, %p: !text) -> !text {
  // CHECK-NOT: ub.poison
  // CHECK-NOT: xcs_llm.parse_response
  // CHECK: xcs_llm.conditional %arg0 -> !xcs_llm.text {
  // CHECK: xcs_llm.chain {
  // CHECK-NEXT: call @send
  // CHECK-NEXT: xcs_llm.yield{{$}}
  %v:2 = xcs_llm.conditional %c -> (!text, i1) {
    %a = xcs_llm.generate "m" (%p) : !text
    %flag = xcs_llm.parse_response %a as boolean : i1
    xcs_llm.yield %a, %flag : !text, i1
  } else {
    xcs_llm.yield %p, %c : !text, i1
  }
  %w:2 = xcs_llm.chain -> (!text, i1) {
    func.call @send(%v#0) : (!text) -> ()
    xcs_llm.yield %p, %c : !text, i1
  }
  return %v#0 : !text
}

// Where every branch yields the same, that is the result.
// CHECK-LABEL: func.func @same
func.func @same(%c: i1, %p: !text) -> !text {
  // CHECK: xcs_llm.conditional %arg0 {
  // CHECK: return %arg1
  %v = xcs_llm.conditional %c -> !text {
    func.call @send(%p) : (!text) -> ()
    xcs_llm.yield %p : !text
  } else {
    xcs_llm.yield %p : !text
  }
  return %v : !text
}

// CHECK-LABEL: func.func @negative_same
func.func @negative_same(%c: i1, %p: !text) -> !text {
  // CHECK: %[[V:.*]] = xcs_llm.cascade -> !xcs_llm.text
  // CHECK: return %[[V]]
  %v = xcs_llm.cascade -> !text {
    func.call @send(%p) : (!text) -> ()
    xcs_llm.yield %p, %c : !text, i1
  }, {
    xcs_llm.yield %p : !text
  }
  return %v : !text
}

//--- sink.mlir
!text = !xcs_llm.text

// CHECK-LABEL: func.func @into_branch
func.func @into_branch(%c: i1, %p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.conditional
  // CHECK-NEXT: %[[PROMPT:.*]] = xcs_llm.prompt_template
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate "m" (%[[PROMPT]])
  // CHECK-NEXT: xcs_llm.yield %[[R]]
  %prompt = xcs_llm.prompt_template "Q: {p}" (%p)
  %r = xcs_llm.generate "m" (%prompt) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %r : !text
  } else {
    xcs_llm.yield %p : !text
  }
  return %v : !text
}

// CHECK-LABEL: func.func @into_later_stage
func.func @into_later_stage(%p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.cascade
  // CHECK: }, {
  // CHECK-NEXT: xcs_llm.generate "late"
  %late = xcs_llm.generate "late" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.cascade -> !text {
    %early = xcs_llm.generate "early" (%p) : !text
    xcs_llm.yield %early : !text
  }, {
    xcs_llm.yield %late : !text
  }
  return %v : !text
}

// CHECK-LABEL: func.func @into_member
func.func @into_member(%p: !text, %q: !text) -> !text {
  // CHECK-NEXT: xcs_llm.ensemble
  // CHECK-NEXT: xcs_llm.generate
  %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.ensemble first -> !text {
    xcs_llm.yield %r : !text
  }, {
    xcs_llm.yield %q : !text
  }
  return %v : !text
}

// CHECK-LABEL: func.func @into_plain_chain
func.func @into_plain_chain(%p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.chain
  // CHECK-NEXT: xcs_llm.generate
  %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.chain -> !text {
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// A sampled call is drawn where it is written.
// CHECK-LABEL: func.func @negative_sampled
func.func @negative_sampled(%c: i1, %p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.generate
  %r = xcs_llm.generate "m" (%p) : !text
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %r : !text
  } else {
    xcs_llm.yield %p : !text
  }
  return %v : !text
}

// Every attempt would ask again.
// CHECK-LABEL: func.func @negative_repeated_stages
func.func @negative_repeated_stages(%p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.generate "early"
  // CHECK-NEXT: xcs_llm.generate "late"
  // CHECK-NEXT: xcs_llm.cascade
  %early = xcs_llm.generate "early" (%p) {temperature = 0.0 : f64} : !text
  %late = xcs_llm.generate "late" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.cascade -> !text {
    xcs_llm.yield %early : !text
  }, {
    xcs_llm.yield %late : !text
  } {attempts = array<i64: 2, 3>}
  return %v : !text
}

// Every item would ask again.
// CHECK-LABEL: func.func @negative_batch
func.func @negative_batch(%p: !text, %qs: tensor<2x!text>) -> tensor<2x!text> {
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: xcs_llm.batch
  %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.batch (%q in %qs : tensor<2x!text>) -> tensor<2x!text> {
    xcs_llm.yield %r : !text
  }
  return %v : tensor<2x!text>
}

// The call would count against the constraint.
// CHECK-LABEL: func.func @negative_constrained_chains
func.func @negative_constrained_chains(%p: !text) -> (!text, !text) {
  // CHECK-NEXT: xcs_llm.generate "a"
  // CHECK-NEXT: xcs_llm.chain
  %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.chain -> !text {
    xcs_llm.yield %a : !text
  } {deadline_ms = 100.0 : f64}
  // CHECK: xcs_llm.generate "b"
  // CHECK-NEXT: xcs_llm.chain
  %b = xcs_llm.generate "b" (%p) {temperature = 0.0 : f64} : !text
  %w = xcs_llm.chain -> !text {
    xcs_llm.yield %b : !text
  } {budget_usd = 0.5 : f64}
  return %v, %w : !text, !text
}

// Two members use it.
// CHECK-LABEL: func.func @negative_two_members
func.func @negative_two_members(%p: !text) -> tensor<2x!text> {
  // CHECK-NEXT: xcs_llm.generate
  %r = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.ensemble all -> tensor<2x!text> {
    xcs_llm.yield %r : !text
  }, {
    xcs_llm.yield %r : !text
  }
  return %v : tensor<2x!text>
}

//--- sccp.mlir
!text = !xcs_llm.text

// Both branches, or the only one that can run, yield what is known.
// CHECK-LABEL: func.func @through_conditionals
func.func @through_conditionals(%c: i1, %p: !text) -> (!text, i64) {
  // CHECK-DAG: %[[YES:.*]] = xcs_llm.text "yes"
  // CHECK-DAG: %[[TWO:.*]] = arith.constant 2 : i64
  // CHECK: return %[[YES]], %[[TWO]]
  %yes = xcs_llm.text "yes"
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %yes : !text
  } else {
    %same = xcs_llm.text "yes"
    xcs_llm.yield %same : !text
  }
  %true = arith.constant true
  %one = arith.constant 1 : i64
  %two = arith.constant 2 : i64
  %n = xcs_llm.conditional %true -> i64 {
    xcs_llm.yield %two : i64
  } else {
    xcs_llm.yield %one : i64
  }
  return %v, %n : !text, i64
}

// CHECK-LABEL: func.func @through_chains
func.func @through_chains(%p: !text) -> i64 {
  // CHECK-NEXT: %[[TWO:.*]] = arith.constant 2 : i64
  // CHECK: return %[[TWO]]
  %v, %r = xcs_llm.chain -> (i64, !text) {
    %two = arith.constant 2 : i64
    %response = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %two, %response : i64, !text
  }
  return %v : i64
}

// A constant that a stage yields is not the result: the stage may be rejected.
// CHECK-LABEL: func.func @negative_cascade
func.func @negative_cascade(%good: i1) -> !text {
  // CHECK: %[[V:.*]] = xcs_llm.cascade
  // CHECK: return %[[V]]
  %v = xcs_llm.cascade -> !text {
    %a = xcs_llm.text "a"
    xcs_llm.yield %a, %good : !text, i1
  }, {
    %b = xcs_llm.text "b"
    xcs_llm.yield %b : !text
  }
  return %v : !text
}

// CHECK-LABEL: func.func @negative_ensembles
func.func @negative_ensembles(%good: i1) -> (i64, tensor<1xi64>) {
  // CHECK: %[[V:.*]] = xcs_llm.ensemble majority
  // CHECK: %[[W:.*]] = xcs_llm.ensemble all
  // CHECK: return %[[V]], %[[W]]
  %one = arith.constant 1 : i64
  %v = xcs_llm.ensemble majority quorum 2 -> i64 {
    xcs_llm.yield %one : i64
  }
  %w = xcs_llm.ensemble all -> tensor<1xi64> {
    xcs_llm.yield %one, %good : i64, i1
  }
  return %v, %w : i64, tensor<1xi64>
}

// CHECK-LABEL: func.func @negative_batch
func.func @negative_batch(%ps: tensor<2x!text>) -> tensor<2xi64> {
  // CHECK: %[[V:.*]] = xcs_llm.batch
  // CHECK: return %[[V]]
  %v = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<2xi64> {
    %one = arith.constant 1 : i64
    xcs_llm.yield %one : i64
  }
  return %v : tensor<2xi64>
}

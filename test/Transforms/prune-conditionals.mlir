// What can wait for a decision waits for it, and what is decided is left out.
// RUN: xcs-opt %s --xcs-prune-conditionals -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// A second run changes nothing.
// RUN: xcs-opt %t.mlir --xcs-prune-conditionals | diff - %t.mlir

!text = !xcs_llm.text

xcs_llm.model @"small" {input_usd_per_mtok = 0.1 : f64, output_usd_per_mtok = 0.4 : f64}
xcs_llm.model @"large" {input_usd_per_mtok = 3.0 : f64, output_usd_per_mtok = 10.0 : f64}
func.func private @fetch(!text) -> !text attributes {xcs_llm.task = "fetch", xcs_llm.pure}
func.func private @send(!text) -> !text attributes {xcs_llm.task = "mail"}

//===----------------------------------------------------------------------===//
// Branches
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @known_branch
func.func @known_branch(%q: !text) -> !text {
  // CHECK: %[[R:.*]] = xcs_llm.generate "small"
  // CHECK-NEXT: return %[[R]]
  %true = arith.constant true
  %r = xcs_llm.conditional %true -> !text {
    %first = xcs_llm.generate "small" (%q) : !text
    xcs_llm.yield %first : !text
  } else {
    %second = xcs_llm.generate "large" (%q) : !text
    xcs_llm.yield %second : !text
  }
  return %r : !text
}

// The condition was asked for nothing else.
// CHECK-LABEL: func.func @equal_branches
func.func @equal_branches(%q: !text) -> !text {
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate "large"
  // CHECK-NEXT: return %[[R]]
  %reply = xcs_llm.generate "small" (%q) : !text
  %good = xcs_llm.parse_response %reply as boolean : i1
  %r = xcs_llm.conditional %good -> !text {
    %first = xcs_llm.generate "large" (%q) {temperature = 0.7 : f64} : !text
    xcs_llm.yield %first : !text
  } else {
    %second = xcs_llm.generate "large" (%q) {temperature = 0.7 : f64} : !text
    xcs_llm.yield %second : !text
  }
  return %r : !text
}

// CHECK-LABEL: func.func @negative_branches_ask_differently
func.func @negative_branches_ask_differently(%c: i1, %q: !text) -> !text {
  // CHECK: xcs_llm.conditional
  %r = xcs_llm.conditional %c -> !text {
    %first = xcs_llm.generate "large" (%q) {temperature = 0.7 : f64} : !text
    xcs_llm.yield %first : !text
  } else {
    %second = xcs_llm.generate "large" (%q) {temperature = 0.8 : f64} : !text
    xcs_llm.yield %second : !text
  }
  return %r : !text
}

//===----------------------------------------------------------------------===//
// Calls that one region uses
//===----------------------------------------------------------------------===//

// A sampled call, with the template that it alone needs, and what reads it.
// CHECK-LABEL: func.func @sink_sampled
func.func @sink_sampled(%c: i1, %q: !text) -> !text {
  // CHECK-NEXT: xcs_llm.conditional
  // CHECK-NEXT: %[[P:.*]] = xcs_llm.prompt_template
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate "large" (%[[P]])
  // CHECK-NEXT: %[[T:.*]] = xcs_llm.parse_response %[[R]] as text
  // CHECK-NEXT: xcs_llm.yield %[[T]]
  %p = xcs_llm.prompt_template "Explain: {question}" (%q)
  %r = xcs_llm.generate "large" (%p) {temperature = 0.7 : f64} : !text
  %t = xcs_llm.parse_response %r as text : !text
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %t : !text
  } else {
    xcs_llm.yield %q : !text
  }
  return %v : !text
}

// As deep as all of its uses allow, and through a tool.
// CHECK-LABEL: func.func @nearest_common_region
func.func @nearest_common_region(%c: i1, %d: i1, %q: !text) -> !text {
  // CHECK-NEXT: xcs_llm.conditional %arg0
  // CHECK-NEXT: xcs_llm.yield
  // CHECK-NEXT: } else {
  // CHECK-NEXT: xcs_llm.generate "large"
  // CHECK-NEXT: xcs_llm.conditional %arg1
  // CHECK-NEXT: call @fetch
  %r = xcs_llm.generate "large" (%q) : !text
  %f = func.call @fetch(%r) : (!text) -> !text
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %q : !text
  } else {
    %w = xcs_llm.conditional %d -> !text {
      xcs_llm.yield %f : !text
    } else {
      %p = xcs_llm.prompt_template "Not: {x}" (%r)
      xcs_llm.yield %p : !text
    }
    xcs_llm.yield %w : !text
  }
  return %v : !text
}

// Later stages and waves are not sure to run.
// CHECK-LABEL: func.func @stages_and_waves
func.func @stages_and_waves(%q: !text, %p: !text) -> (!text, !text) {
  // CHECK-NEXT: xcs_llm.cascade
  // CHECK: }, {
  // CHECK-NEXT: xcs_llm.generate "large"
  // CHECK-NEXT: xcs_llm.yield
  // CHECK: xcs_llm.ensemble majority
  // CHECK: }, {
  // CHECK: }, {
  // CHECK-NEXT: xcs_llm.generate "large"
  %r = xcs_llm.generate "large" (%q) : !text
  %s = xcs_llm.generate "large" (%p) : !text
  %v = xcs_llm.cascade -> !text {
    %draft = xcs_llm.generate "small" (%q) : !text
    %good = xcs_llm.parse_response %draft as boolean : i1
    xcs_llm.yield %draft, %good : !text, i1
  }, {
    xcs_llm.yield %r : !text
  }
  %w = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %p : !text
  }, {
    xcs_llm.yield %q : !text
  }, {
    xcs_llm.yield %s : !text
  } {waves = array<i64: 2, 1>, agreement = 0.8 : f64}
  return %v, %w : !text, !text
}

// What holds calls moves as a whole.
// CHECK-LABEL: func.func @sink_control
func.func @sink_control(%c: i1, %q: !text, %qs: tensor<3x!text>) -> tensor<3x!text> {
  // CHECK-NEXT: xcs_llm.conditional
  // CHECK-NEXT: xcs_llm.batch
  %rs = xcs_llm.batch (%item in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r = xcs_llm.generate "small" (%item) : !text
    xcs_llm.yield %r : !text
  }
  %v = xcs_llm.conditional %c -> tensor<3x!text> {
    xcs_llm.yield %rs : tensor<3x!text>
  } else {
    xcs_llm.yield %qs : tensor<3x!text>
  }
  return %v : tensor<3x!text>
}

// A call stays outside of what may run more than once: one sample is not many.
// CHECK-LABEL: func.func @negative_batch_body
func.func @negative_batch_body(%c: i1, %q: !text, %qs: tensor<2x!text>) -> tensor<2x!text> {
  // CHECK-NEXT: xcs_llm.generate
  %r = xcs_llm.generate "large" (%q) : !text
  %v = xcs_llm.batch (%item in %qs : tensor<2x!text>) -> tensor<2x!text> {
    %w = xcs_llm.conditional %c -> !text {
      xcs_llm.yield %r : !text
    } else {
      xcs_llm.yield %item : !text
    }
    xcs_llm.yield %w : !text
  }
  return %v : tensor<2x!text>
}

// CHECK-LABEL: func.func @negative_repeated_stage
func.func @negative_repeated_stage(%q: !text) -> !text {
  // CHECK-NEXT: xcs_llm.generate "large"
  %r = xcs_llm.generate "large" (%q) : !text
  %v = xcs_llm.cascade -> !text {
    %draft = xcs_llm.generate "small" (%q) : !text
    %good = xcs_llm.parse_response %draft as boolean : i1
    xcs_llm.yield %draft, %good : !text, i1
  }, {
    %p = xcs_llm.prompt_template "Better than {draft}" (%r)
    %better = xcs_llm.generate "small" (%p) : !text
    xcs_llm.yield %better : !text
  } {attempts = array<i64: 1, 2>}
  return %v : !text
}

// In a chain with a budget it would count against that.
// CHECK-LABEL: func.func @negative_constrained_chain
func.func @negative_constrained_chain(%c: i1, %q: !text) -> !text {
  // CHECK-NEXT: xcs_llm.generate
  %r = xcs_llm.generate "large" (%q) : !text
  %v = xcs_llm.chain -> !text {
    %w = xcs_llm.conditional %c -> !text {
      xcs_llm.yield %r : !text
    } else {
      xcs_llm.yield %q : !text
    }
    xcs_llm.yield %w : !text
  } {budget_usd = 0.01 : f64}
  return %v : !text
}

// In a chain with a deadline it would start later.
// CHECK-LABEL: func.func @negative_deadline_around
func.func @negative_deadline_around(%c: i1, %q: !text) -> !text {
  // CHECK: xcs_llm.generate
  // CHECK-NEXT: xcs_llm.conditional
  %v = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "large" (%q) : !text
    %w = xcs_llm.conditional %c -> !text {
      xcs_llm.yield %r : !text
    } else {
      xcs_llm.yield %q : !text
    }
    xcs_llm.yield %w : !text
  } {deadline_ms = 4000.0 : f64}
  return %v : !text
}

// Both branches use it, so it always runs.
// CHECK-LABEL: func.func @negative_used_in_both
func.func @negative_used_in_both(%c: i1, %q: !text) -> (!text, !text) {
  // CHECK-NEXT: xcs_llm.generate
  %r = xcs_llm.generate "large" (%q) : !text
  %v, %w = xcs_llm.conditional %c -> (!text, !text) {
    xcs_llm.yield %r, %q : !text, !text
  } else {
    xcs_llm.yield %q, %r : !text, !text
  }
  return %v, %w : !text, !text
}

// The members of the first wave, of 'first' and of 'all' run anyway.
// CHECK-LABEL: func.func @negative_sure_to_run
func.func @negative_sure_to_run(%q: !text, %p: !text) -> (!text, !text) {
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: xcs_llm.generate
  %r = xcs_llm.generate "large" (%q) : !text
  %s = xcs_llm.generate "large" (%p) : !text
  %v = xcs_llm.ensemble first -> !text {
    xcs_llm.yield %r : !text
  }, {
    xcs_llm.yield %q : !text
  }
  %w = xcs_llm.chain -> !text {
    xcs_llm.yield %s : !text
  }
  return %v, %w : !text, !text
}

// Moving it alone would leave the mail, which must be sent, without its text.
// CHECK-LABEL: func.func @negative_impure_tool
func.func @negative_impure_tool(%c: i1, %q: !text) -> !text {
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: call @send
  %r = xcs_llm.generate "large" (%q) : !text
  %sent = func.call @send(%r) : (!text) -> !text
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %sent : !text
  } else {
    xcs_llm.yield %q : !text
  }
  return %v : !text
}

//===----------------------------------------------------------------------===//
// Conjunctions, disjunctions, choices
//===----------------------------------------------------------------------===//

// The cheaper question first, though it stands second.
// CHECK-LABEL: func.func @conjunction
func.func @conjunction(%q: !text) -> i1 {
  // CHECK-NEXT: %[[P:.*]] = xcs_llm.prompt_template "Is this short
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate "small" (%[[P]])
  // CHECK-NEXT: %[[A:.*]] = xcs_llm.parse_response %[[R]] as boolean
  // CHECK-NEXT: %[[V:.*]] = xcs_llm.conditional %[[A]] -> i1 {
  // CHECK-NEXT: xcs_llm.prompt_template "Is this true
  // CHECK-NEXT: xcs_llm.generate "large"
  // CHECK-NEXT: %[[B:.*]] = xcs_llm.parse_response
  // CHECK-NEXT: xcs_llm.yield %[[B]]
  // CHECK-NEXT: } else {
  // CHECK-NEXT: %[[F:.*]] = arith.constant false
  // CHECK-NEXT: xcs_llm.yield %[[F]]
  // CHECK: return %[[V]]
  %p1 = xcs_llm.prompt_template "Is this true? {text}" (%q)
  %r1 = xcs_llm.generate "large" (%p1) : !text
  %b1 = xcs_llm.parse_response %r1 as boolean : i1
  %p2 = xcs_llm.prompt_template "Is this short? {text}" (%q)
  %r2 = xcs_llm.generate "small" (%p2) : !text
  %b2 = xcs_llm.parse_response %r2 as boolean : i1
  %v = arith.andi %b1, %b2 : i1
  return %v : i1
}

// Flags that cost nothing come first, as one; longer ones are taken as a whole.
// CHECK-LABEL: func.func @disjunction
func.func @disjunction(%q: !text, %c: i1, %d: i1) -> i1 {
  // CHECK: %[[ANY:.*]] = arith.ori %arg1, %arg2 : i1
  // CHECK-NEXT: xcs_llm.conditional %[[ANY]] -> i1 {
  // CHECK-NEXT: arith.constant true
  // CHECK-NEXT: xcs_llm.yield
  // CHECK-NEXT: } else {
  // CHECK-NEXT: xcs_llm.score "small"
  // CHECK-NEXT: arith.cmpf
  // CHECK-NEXT: xcs_llm.conditional
  // CHECK-NEXT: arith.constant true
  // CHECK-NEXT: xcs_llm.yield
  // CHECK-NEXT: } else {
  // CHECK-NEXT: xcs_llm.score "large"
  // CHECK-NEXT: arith.cmpf
  // CHECK-NEXT: xcs_llm.yield
  %half = arith.constant 0.5 : f64
  %s1 = xcs_llm.score "large" (%q) : f64
  %b1 = arith.cmpf ogt, %s1, %half : f64
  %s2 = xcs_llm.score "small" (%q) : f64
  %b2 = arith.cmpf ogt, %s2, %half : f64
  %x = arith.ori %c, %b1 : i1
  %y = arith.ori %x, %b2 : i1
  %v = arith.ori %y, %d : i1
  return %v : i1
}

// What decides more often may cost more. The hint is of a condition.
// CHECK-LABEL: func.func @by_cost_for_a_decision
func.func @by_cost_for_a_decision(%q: !text) -> (i1, !text) {
  // CHECK-NOT: xcs_llm.generate
  // CHECK: xcs_llm.score "large"
  // CHECK: xcs_llm.conditional %{{.*}} -> i1 {
  // CHECK-NEXT: xcs_llm.generate "small"
  // CHECK: } {probability = 1.000000e-01 : f64}
  %half = arith.constant 0.5 : f64
  %r1 = xcs_llm.generate "small" (%q) {expected_output_tokens = 800 : i64} : !text
  %b1 = xcs_llm.parse_response %r1 as boolean : i1
  %s2 = xcs_llm.score "large" (%q) : f64
  %b2 = arith.cmpf ogt, %s2, %half : f64
  %v = arith.andi %b1, %b2 : i1
  %w = xcs_llm.conditional %b2 -> !text {
    xcs_llm.yield %q : !text
  } else {
    %none = xcs_llm.text "none"
    xcs_llm.yield %none : !text
  } {probability = 0.1 : f64}
  return %v, %w : i1, !text
}

// What two flags share stays outside.
// CHECK-LABEL: func.func @shared
func.func @shared(%q: !text) -> i1 {
  // CHECK-NEXT: xcs_llm.generate "large"
  // CHECK: xcs_llm.generate "small"
  // CHECK: xcs_llm.conditional
  // CHECK-NOT: xcs_llm.generate "large"
  // CHECK: xcs_llm.generate "small"
  %facts = xcs_llm.generate "large" (%q) : !text
  %p1 = xcs_llm.prompt_template "True? {text}" (%facts)
  %r1 = xcs_llm.generate "small" (%p1) : !text
  %b1 = xcs_llm.parse_response %r1 as boolean : i1
  %p2 = xcs_llm.prompt_template "Short? {text}" (%facts)
  %r2 = xcs_llm.generate "small" (%p2) : !text
  %b2 = xcs_llm.parse_response %r2 as boolean : i1
  %v = arith.andi %b1, %b2 : i1
  return %v : i1
}

// CHECK-LABEL: func.func @choice
func.func @choice(%c: i1, %q: !text) -> !text {
  // CHECK-NEXT: xcs_llm.conditional %arg0
  // CHECK-NEXT: xcs_llm.generate "large"
  // CHECK-NEXT: xcs_llm.yield
  // CHECK-NEXT: } else {
  // CHECK-NEXT: xcs_llm.generate "small"
  %long = xcs_llm.generate "large" (%q) : !text
  %short = xcs_llm.generate "small" (%q) : !text
  %v = arith.select %c, %long, %short : !text
  return %v : !text
}

// Its answer is wanted, whatever the other says.
// CHECK-LABEL: func.func @negative_used_elsewhere
func.func @negative_used_elsewhere(%c: i1, %q: !text) -> (i1, i1) {
  // CHECK: arith.andi
  %r = xcs_llm.generate "large" (%q) : !text
  %b = xcs_llm.parse_response %r as boolean : i1
  %v = arith.andi %b, %c : i1
  return %v, %b : i1, i1
}

// CHECK-LABEL: func.func @negative_tool_between
func.func @negative_tool_between(%c: i1, %q: !text) -> (i1, !text) {
  // CHECK: arith.andi
  %r = xcs_llm.generate "large" (%q) : !text
  %sent = func.call @send(%q) : (!text) -> !text
  %b = xcs_llm.parse_response %r as boolean : i1
  %v = arith.andi %b, %c : i1
  return %v, %sent : i1, !text
}

// Numbers are no flags.
// CHECK-LABEL: func.func @negative_no_flags
func.func @negative_no_flags(%q: !text, %n: i64) -> i64 {
  // CHECK: arith.andi
  %r = xcs_llm.generate "large" (%q) : !text
  %b = xcs_llm.parse_response %r as number : i64
  %v = arith.andi %b, %n : i64
  return %v : i64
}

// One known branch shows another to be known, in a third.
// CHECK-LABEL: func.func @known_by_another
// CHECK-NOT: xcs_llm.conditional
// CHECK: return
func.func @known_by_another(%question: !text) -> !text {
  %true = arith.constant true
  %false = arith.constant false
  %flag, %prompt = xcs_llm.conditional %true -> (i1, !text) {
    xcs_llm.yield %true, %question : i1, !text
  } else {
    xcs_llm.yield %true, %question : i1, !text
  }
  %answer = xcs_llm.conditional %false -> !text {
    %result = xcs_llm.cascade -> !text {
      xcs_llm.yield %prompt : !text
    }
    xcs_llm.yield %result : !text
  } else {
    %result, %other = xcs_llm.conditional %flag -> (!text, !text) {
      %response = xcs_llm.generate "small" (%question) : !text
      xcs_llm.yield %response, %prompt : !text, !text
    } else {
      xcs_llm.yield %question, %question : !text, !text
    }
    xcs_llm.yield %result : !text
  }
  return %answer : !text
}

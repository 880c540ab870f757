// RUN: xcs-opt %s --verify-diagnostics --split-input-file --allow-unregistered-dialect

func.func @no_member() {
  // expected-error @below {{must have at least one member (got none)}}
  %v = "xcs_llm.ensemble"() <{policy = #xcs_llm<policy first>}> : () -> f64
  return
}

// -----

func.func @no_result() {
  // expected-error @below {{must have at least one result (got none)}}
  xcs_llm.ensemble first {
    xcs_llm.yield
  }
  return
}

// -----

func.func @quorum(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{must be 'majority' to have a quorum (got 'first')}}
  %v = xcs_llm.ensemble first quorum 1 -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func @waves_sum(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{waves must be positive and sum to the members (got [2, 1] for 2 members)}}
  %v = xcs_llm.ensemble majority -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {waves = array<i64: 2, 1>}
  return
}

// -----

func.func @waves_few(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{waves must be positive and sum to the members (got [1] for 2 members)}}
  %v = xcs_llm.ensemble majority -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {waves = array<i64: 1>}
  return
}

// -----

func.func @waves_sign(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{waves must be positive and sum to the members (got [3, -1] for 2 members)}}
  %v = xcs_llm.ensemble majority -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {waves = array<i64: 3, -1>}
  return
}

// -----

func.func @waves_overflow(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{waves must be positive and sum to the members}}
  %v = xcs_llm.ensemble majority -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {waves = array<i64: 9223372036854775807, 9223372036854775807, 4>}
  return
}

// -----

func.func @confidence_alone(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{must be 'majority' with waves to have a confidence (got 'majority' without waves)}}
  %v = xcs_llm.ensemble majority -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  } {confidence = 0.5 : f64}
  return
}

// -----

func.func @confidence_of_first(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{must be 'majority' with waves to have a confidence (got 'first' with waves)}}
  %v = xcs_llm.ensemble first -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  } {confidence = 0.5 : f64, waves = array<i64: 1>}
  return
}

// -----

func.func @all_length(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{'all' must give one list with an item of known shape for each member (got ('tensor<3x!xcs_llm.text>') for 1 members)}}
  %v = xcs_llm.ensemble all -> tensor<3x!xcs_llm.text> {
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func @all_of_unknown_length(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{'all' must give one list with an item of known shape for each member (got ('tensor<?x!xcs_llm.text>') for 1 members)}}
  %v = xcs_llm.ensemble all -> tensor<?x!xcs_llm.text> {
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func @all_scalar(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{'all' must give one list with an item of known shape for each member (got ('!xcs_llm.text') for 1 members)}}
  %v = xcs_llm.ensemble all -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func @all_rank_0(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{'all' must give one list with an item of known shape for each member (got ('tensor<f64>') for 1 members)}}
  %v = xcs_llm.ensemble all -> tensor<f64> {
    xcs_llm.yield %score : f64
  }
  return
}

// -----

func.func @all_ragged(%list: tensor<?xf64>) {
  // expected-error @below {{'all' must give one list with an item of known shape for each member (got ('tensor<1x?xf64>') for 1 members)}}
  %v = xcs_llm.ensemble all -> tensor<1x?xf64> {
    xcs_llm.yield %list : tensor<?xf64>
  }
  return
}

// -----

func.func @all_several(%p: !xcs_llm.text, %flag: i1, %score: f64) {
  // expected-error @below {{'all' must give one list with an item of known shape for each member (got ('tensor<1xf64>', 'tensor<1xf64>') for 1 members)}}
  %v:2 = xcs_llm.ensemble all -> (tensor<1xf64>, tensor<1xf64>) {
    xcs_llm.yield %score, %score : f64, f64
  }
  return
}

// -----

func.func @all_item(%p: !xcs_llm.text, %flag: i1, %score: f64, %list: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{region #0 of this operation}}
  %v = xcs_llm.ensemble all -> tensor<1xf64> {
    // expected-error @below {{must yield ('f64') and at most a verdict (got ('!xcs_llm.text'))}}
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func @best_without_score(%p: !xcs_llm.text, %flag: i1, %score: f64, %list: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{region #0 of this operation}}
  %v = xcs_llm.ensemble best -> !xcs_llm.text {
    // expected-error @below {{must yield ('!xcs_llm.text', 'f64') and at most a verdict (got ('!xcs_llm.text'))}}
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func @best_score_behind_verdict(%p: !xcs_llm.text, %flag: i1, %score: f64, %list: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{region #0 of this operation}}
  %v = xcs_llm.ensemble best -> !xcs_llm.text {
    // expected-error @below {{must yield ('!xcs_llm.text', 'f64') and at most a verdict (got ('!xcs_llm.text', 'i1', 'f64'))}}
    xcs_llm.yield %p, %flag, %score : !xcs_llm.text, i1, f64
  }
  return
}

// -----

func.func @first_of_list(%p: !xcs_llm.text, %flag: i1, %score: f64, %list: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{region #0 of this operation}}
  %v = xcs_llm.ensemble first -> !xcs_llm.text {
    // expected-error @below {{must yield ('!xcs_llm.text') and at most a verdict (got ('tensor<2x!xcs_llm.text>'))}}
    xcs_llm.yield %list : tensor<2x!xcs_llm.text>
  }
  return
}

// -----

func.func @two_verdicts(%p: !xcs_llm.text, %flag: i1, %score: f64, %list: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{region #0 of this operation}}
  %v = xcs_llm.ensemble majority -> !xcs_llm.text {
    // expected-error @below {{must yield ('!xcs_llm.text') and at most a verdict (got ('!xcs_llm.text', 'i1', 'i1'))}}
    xcs_llm.yield %p, %flag, %flag : !xcs_llm.text, i1, i1
  }
  return
}

// -----

func.func @verdict_type(%p: !xcs_llm.text, %flag: i1, %score: f64, %list: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{region #0 of this operation}}
  %v = xcs_llm.ensemble majority -> !xcs_llm.text {
    // expected-error @below {{must yield ('!xcs_llm.text') and at most a verdict (got ('!xcs_llm.text', 'f64'))}}
    xcs_llm.yield %p, %score : !xcs_llm.text, f64
  }
  return
}

// -----

func.func @nothing(%p: !xcs_llm.text, %flag: i1, %score: f64, %list: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{region #0 of this operation}}
  %v = xcs_llm.ensemble majority -> !xcs_llm.text {
    // expected-error @below {{must yield ('!xcs_llm.text') and at most a verdict (got ())}}
    xcs_llm.yield
  }
  return
}

// -----

func.func @list_in_a_tuple(%p: !xcs_llm.text, %list: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{region #1 of this operation}}
  %v:2 = xcs_llm.ensemble majority -> (!xcs_llm.text, !xcs_llm.text) {
    xcs_llm.yield %p, %p : !xcs_llm.text, !xcs_llm.text
  }, {
    // expected-error @below {{must yield ('!xcs_llm.text', '!xcs_llm.text') and at most a verdict}}
    xcs_llm.yield %list, %list : tensor<2x!xcs_llm.text>, tensor<2x!xcs_llm.text>
  }
  return
}

// -----

func.func private @send() -> f64

func.func @impure_tool() {
  // expected-note @below {{the region is of this operation}}
  %v = xcs_llm.ensemble all -> tensor<1xf64> {
    // expected-error @below {{must call a pure tool here, as region #0 of 'xcs_llm.ensemble' may run many times or be cancelled (got an impure tool)}}
    %sent = func.call @send() : () -> f64
    xcs_llm.yield %sent : f64
  }
  return
}

// -----

func.func @no_yield() {
  // expected-error @below {{regions must end in 'xcs_llm.yield' (got region #0 without)}}
  %v = "xcs_llm.ensemble"() <{policy = #xcs_llm<policy first>}> ({
    "other.end"() : () -> ()
  }) : () -> f64
  return
}

// -----

// Through several functions, of which one calls itself.
func.func private @send(!xcs_llm.text) -> i1 attributes {xcs_llm.task = "mail"}
func.func private @outer(%t: !xcs_llm.text) -> i1 {
  %again = func.call @outer(%t) : (!xcs_llm.text) -> i1
  %sent = func.call @inner(%t) : (!xcs_llm.text) -> i1
  return %sent : i1
}
func.func private @inner(%t: !xcs_llm.text) -> i1 {
  %sent = func.call @send(%t) : (!xcs_llm.text) -> i1
  return %sent : i1
}
func.func @negative_impure_through_functions(%t: !xcs_llm.text) -> i1 {
  // expected-note @+1 {{the region is of this operation}}
  %v = xcs_llm.ensemble first -> i1 {
    // expected-error @+1 {{must call a pure tool here}}
    %sent = func.call @outer(%t) : (!xcs_llm.text) -> i1
    xcs_llm.yield %sent : i1
  }
  return %v : i1
}

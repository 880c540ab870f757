// RUN: xcs-opt %s --split-input-file --xcs-stage-votes | FileCheck %s
// RUN: xcs-opt %s --split-input-file --xcs-stage-votes > %t
// RUN: xcs-opt %t --split-input-file --xcs-stage-votes | diff %t -

!text = !xcs_llm.text

// As fuse-ensembles leaves it: one request before the members. Four votes that agree
// settle seven.
// CHECK-LABEL: func.func @items
// CHECK: %[[PROMPT:.*]] = xcs_llm.prompt_template
// CHECK-NEXT: %[[V:.*]] = xcs_llm.ensemble majority -> f64 {
// CHECK-NEXT:   %[[FOUR:.*]] = xcs_llm.generate "gpt-4o" (%[[PROMPT]]) {expected_output_tokens = 200 : i64, n = 4 : i64, temperature = 5.000000e-01 : f64, xcs_llm.sample_ids = array<i64: 10, 11, 12, 13>} : tensor<4x!xcs_llm.text>
// CHECK-NEXT:   %[[VOTES:.*]] = xcs_llm.batch (%[[ITEM:.*]] in %[[FOUR]] : tensor<4x!xcs_llm.text>) -> tensor<4xf64> {
// CHECK-NEXT:     %[[X:.*]] = xcs_llm.parse_response %[[ITEM]] as number : f64
// CHECK-NEXT:     xcs_llm.yield %[[X]] : f64
// CHECK-NEXT:   }
// CHECK-NEXT:   xcs_llm.yield %[[VOTES]] : tensor<4xf64>
// CHECK:        xcs_llm.sample_ids = array<i64: 14>} : !xcs_llm.text
// CHECK-NEXT:   xcs_llm.parse_response
// CHECK:        xcs_llm.sample_ids = array<i64: 15>}
// CHECK:        xcs_llm.sample_ids = array<i64: 16>}
// CHECK: } {agreement = 8.000000e-01 : f64, waves = array<i64: 1, 1, 1, 1>}
// CHECK-NEXT: return %[[V]]
func.func @items(%q: !text {xcs_llm.tokens = 20 : i64}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %p = xcs_llm.prompt_template "How many {q}? Think first." (%q)
  %rs = xcs_llm.generate "gpt-4o" (%p) {n = 7 : i64, temperature = 0.5 : f64, expected_output_tokens = 200 : i64, xcs_llm.sample_ids = array<i64: 10, 11, 12, 13, 14, 15, 16>} : tensor<7x!text>
  %v = xcs_llm.ensemble majority -> f64 {
    %r = tensor.extract %rs[%c0] : tensor<7x!text>
    %x = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %x : f64
  }, {
    %r = tensor.extract %rs[%c1] : tensor<7x!text>
    %x = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %x : f64
  }, {
    %r = tensor.extract %rs[%c2] : tensor<7x!text>
    %x = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %x : f64
  }, {
    %r = tensor.extract %rs[%c3] : tensor<7x!text>
    %x = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %x : f64
  }, {
    %r = tensor.extract %rs[%c4] : tensor<7x!text>
    %x = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %x : f64
  }, {
    %r = tensor.extract %rs[%c5] : tensor<7x!text>
    %x = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %x : f64
  }, {
    %r = tensor.extract %rs[%c6] : tensor<7x!text>
    %x = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %x : f64
  } {agreement = 0.8 : f64}
  return %v : f64
}

// -----

!text = !xcs_llm.text

// Equal calls in the members, which need not give the same hints. Without
// 'agreement' votes agree as measured.
// CHECK-LABEL: func.func @members
// CHECK-NEXT: xcs_llm.ensemble majority quorum 2 -> !xcs_llm.text {
// CHECK-NEXT:   %[[P:.*]] = xcs_llm.prompt_template
// CHECK-NEXT:   %[[TWO:.*]] = xcs_llm.generate "gpt-4o" (%[[P]]) {expected_output_tokens = 200 : i64, n = 2 : i64, xcs_llm.sample_ids = array<i64: 1, 2>}
// CHECK-NEXT:   xcs_llm.yield %[[TWO]] : tensor<2x!xcs_llm.text>
// CHECK-NEXT: }, {
// CHECK-NEXT:   %[[P:.*]] = xcs_llm.prompt_template
// CHECK-NEXT:   %[[ONE:.*]] = xcs_llm.generate "gpt-4o" (%[[P]]) {expected_output_tokens = 200 : i64, xcs_llm.sample_ids = array<i64: 3>}
// CHECK-NEXT:   xcs_llm.yield %[[ONE]] : !xcs_llm.text
// CHECK-NEXT: } {waves = array<i64: 1, 1>}
func.func @members(%q: !text {xcs_llm.tokens = 20 : i64}) -> !text {
  %v = xcs_llm.ensemble majority quorum 2 -> !text {
    %p = xcs_llm.prompt_template "Where is {q}?" (%q)
    %r = xcs_llm.generate "gpt-4o" (%p) {expected_output_tokens = 150 : i64, xcs_llm.sample_ids = array<i64: 1>} : !text
    xcs_llm.yield %r : !text
  }, {
    %p = xcs_llm.prompt_template "Where is {q}?" (%q)
    %r = xcs_llm.generate "gpt-4o" (%p) {expected_output_tokens = 200 : i64, xcs_llm.sample_ids = array<i64: 2>} : !text
    xcs_llm.yield %r : !text
  }, {
    %p = xcs_llm.prompt_template "Where is {q}?" (%q)
    %r = xcs_llm.generate "gpt-4o" (%p) {expected_output_tokens = 250 : i64, xcs_llm.sample_ids = array<i64: 3>} : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// -----

!text = !xcs_llm.text

// One member with all samples; a batch over them, which captures what the member has.
// CHECK-LABEL: func.func @lists
// CHECK: n = 4 : i64
// CHECK-COUNT-3: xcs_llm.generate "gpt-4o" (%{{.*}}) {expected_output_tokens = 40 : i64} : !xcs_llm.text
// CHECK: waves = array<i64: 1, 1, 1, 1>
// CHECK-NEXT: xcs_llm.ensemble
// CHECK-NEXT: %[[S:.*]] = xcs_llm.text "/"
// CHECK-NEXT: xcs_llm.generate "gpt-4o" (%{{.*}}) {expected_output_tokens = 200 : i64, n = 3 : i64}
// CHECK-NEXT: xcs_llm.batch
// CHECK-NEXT: xcs_llm.prompt_template "{a}{b}" (%{{.*}}, %[[S]])
// CHECK: waves = array<i64: 1, 1, 1>
func.func @lists(%q: !text {xcs_llm.tokens = 20 : i64}) -> (!text, !text) {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "gpt-4o" (%q) {n = 7 : i64, expected_output_tokens = 40 : i64} : tensor<7x!text>
    xcs_llm.yield %rs : tensor<7x!text>
  }
  %w = xcs_llm.ensemble majority -> !text {
    %s = xcs_llm.text "/"
    %rs = xcs_llm.generate "gpt-4o" (%q) {n = 5 : i64, expected_output_tokens = 200 : i64} : tensor<5x!text>
    %xs = xcs_llm.batch (%r in %rs : tensor<5x!text>) -> tensor<5x!text> {
      %x = xcs_llm.prompt_template "{a}{b}" (%r, %s)
      xcs_llm.yield %x : !text
    }
    xcs_llm.yield %xs : tensor<5x!text>
  }
  return %v, %w : !text, !text
}

// -----

!text = !xcs_llm.text

xcs_llm.model @"single" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, max_samples = 1 : i64}

// A model that gives one sample a request: a round is a wave of members.
// CHECK-LABEL: func.func @one_sample_a_request
// CHECK-COUNT-5: xcs_llm.generate "single" (%{{.*}}) : !xcs_llm.text
// CHECK: waves = array<i64: 3, 1, 1>
func.func @one_sample_a_request(%q: !text) -> !text {
  %rs = xcs_llm.generate "single" (%q) {n = 5 : i64} : tensor<5x!text>
  %v = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// -----

!text = !xcs_llm.text

xcs_llm.model @"m" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, ttft_ms = 0.0 : f64, output_tokens_per_s = 100.0 : f64}

// A round takes a second: of three, the deadline leaves room for two, be it the
// function's or a chain's; in a stage with two attempts for none.
// CHECK-LABEL: func.func @deadline
// CHECK: waves = array<i64: 1, 1>
func.func @deadline(%q: !text {xcs_llm.tokens = 10 : i64}) -> !text attributes {xcs_llm.deadline_ms = 2500.0 : f64} {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64, max_tokens = 100 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-LABEL: func.func @deadline_of_a_chain
// CHECK: waves = array<i64: 1, 1>
func.func @deadline_of_a_chain(%q: !text {xcs_llm.tokens = 10 : i64}) -> !text {
  %r = xcs_llm.chain -> !text {
    %v = xcs_llm.ensemble majority -> !text {
      %rs = xcs_llm.generate "m" (%q) {n = 5 : i64, max_tokens = 100 : i64} : tensor<5x!text>
      xcs_llm.yield %rs : tensor<5x!text>
    }
    xcs_llm.yield %v : !text
  } {deadline_ms = 2500.0 : f64}
  return %r : !text
}

// How long a tool takes is unknown, and so how long votes may take that other calls
// take as long as, be it one vote or two.
// CHECK-LABEL: func.func @negative_deadline_with_a_tool
// CHECK-NOT: waves
func.func private @tool(!text) -> !text attributes {xcs_llm.task = "tool", xcs_llm.pure}
func.func @negative_deadline_with_a_tool(%q: !text {xcs_llm.tokens = 10 : i64}) -> (!text, !text, !text, !text) attributes {xcs_llm.deadline_ms = 100000.0 : f64} {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64, max_tokens = 100 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  %a = xcs_llm.generate "m" (%q) {max_tokens = 100 : i64} : !text
  %b = xcs_llm.generate "m" (%a) {max_tokens = 100 : i64} : !text
  %c = xcs_llm.generate "m" (%b) {max_tokens = 100 : i64} : !text
  %w = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64, max_tokens = 100 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  %t = func.call @tool(%q) : (!text) -> !text
  return %v, %w, %c, %t : !text, !text, !text, !text
}

// CHECK-LABEL: func.func @negative_deadline_with_attempts
// CHECK-NOT: waves
func.func @negative_deadline_with_attempts(%q: !text {xcs_llm.tokens = 10 : i64}) -> !text attributes {xcs_llm.deadline_ms = 2500.0 : f64} {
  %r = xcs_llm.cascade -> !text {
    %v = xcs_llm.ensemble majority -> !text {
      %rs = xcs_llm.generate "m" (%q) {n = 5 : i64, max_tokens = 100 : i64} : tensor<5x!text>
      xcs_llm.yield %rs : tensor<5x!text>
    }
    xcs_llm.yield %v : !text
  } {attempts = array<i64: 2>}
  return %r : !text
}

// Equal sampled calls become one request of several samples.
// RUN: xcs-opt %s --xcs-fuse-ensembles | FileCheck %s
// A second run changes nothing.
// RUN: xcs-opt %s --xcs-fuse-ensembles -o %t.once
// RUN: xcs-opt %t.once --xcs-fuse-ensembles -o %t.twice
// RUN: diff %t.once %t.twice
// Without leave nothing does.
// RUN: xcs-opt %s --xcs-fuse-ensembles=allow=lossless | FileCheck %s --check-prefix=LOSSLESS
// LOSSLESS-NOT: n = 5

!text = !xcs_llm.text

xcs_llm.model @one {max_samples = 1 : i64}
xcs_llm.model @three {max_samples = 3 : i64}

// A prompt that joins the answers takes the request's list.
// CHECK-LABEL: func.func @judge
func.func @judge(%q: !text) -> !text {
  // CHECK-NEXT: %[[RS:.*]] = xcs_llm.generate "m" (%arg0) {expected_output_tokens = 15 : i64, n = 5 : i64, temperature = 5.000000e-01 : f64, xcs_llm.sample_ids = array<i64: 4, 1, 0, 3, 2>} : tensor<5x!xcs_llm.text>
  // CHECK-NEXT: %[[P:.*]] = xcs_llm.prompt_template "Choose: {all}" (%[[RS]] : tensor<5x!xcs_llm.text>)
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate "m" (%[[P]])
  // CHECK-NEXT: return %[[R]]
  %r1 = xcs_llm.generate "m" (%q) {temperature = 0.5 : f64, expected_output_tokens = 10, xcs_llm.sample_ids = array<i64: 4>} : !text
  %r2 = xcs_llm.generate "m" (%q) {temperature = 0.5 : f64, expected_output_tokens = 20, xcs_llm.sample_ids = array<i64: 1>} : !text
  %r3 = xcs_llm.generate "m" (%q) {temperature = 0.5 : f64, expected_output_tokens = 15, xcs_llm.sample_ids = array<i64: 0>} : !text
  %r4 = xcs_llm.generate "m" (%q) {temperature = 0.5 : f64, expected_output_tokens = 15, xcs_llm.sample_ids = array<i64: 3>} : !text
  %r5 = xcs_llm.generate "m" (%q) {temperature = 0.5 : f64, expected_output_tokens = 15, xcs_llm.sample_ids = array<i64: 2>} : !text
  %all = tensor.from_elements %r1, %r2, %r3, %r4, %r5 : tensor<5x!text>
  %p = xcs_llm.prompt_template "Choose: {all}" (%all : tensor<5x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// A list that is given on keeps its items: it has not failed where all of them have.
// CHECK-LABEL: func.func @given_on
func.func @given_on(%q: !text) -> (tensor<2x!text>, !text) {
  // CHECK: %[[RS:.*]] = xcs_llm.generate "m" (%arg0) {n = 2 : i64}
  // CHECK-NEXT: %[[R1:.*]] = tensor.extract %[[RS]][%c0]
  // CHECK-NEXT: %[[R2:.*]] = tensor.extract %[[RS]][%c1]
  // CHECK-NEXT: %[[ALL:.*]] = tensor.from_elements %[[R1]], %[[R2]]
  // CHECK-NEXT: %[[P:.*]] = xcs_llm.prompt_template "{all}" (%[[RS]] : tensor<2x!xcs_llm.text>)
  // CHECK-NEXT: return %[[ALL]], %[[P]]
  %r1 = xcs_llm.generate "m" (%q) : !text
  %r2 = xcs_llm.generate "m" (%q) : !text
  %all = tensor.from_elements %r1, %r2 : tensor<2x!text>
  %p = xcs_llm.prompt_template "{all}" (%all : tensor<2x!text>)
  return %all, %p : tensor<2x!text>, !text
}

// Calls that ask for several samples already add up; a part of the list fails with it.
// CHECK-LABEL: func.func @lists
func.func @lists(%q: !text) -> (tensor<2x!text>, !text) {
  // CHECK: %[[RS:.*]] = xcs_llm.generate "m" (%arg0) {expected_output_tokens = 20 : i64, n = 3 : i64, xcs_llm.sample_ids = array<i64: 5, 6, 7>} : tensor<3x!xcs_llm.text>
  // CHECK-NEXT: %[[R1:.*]] = tensor.extract_slice %[[RS]][0] [2] [1] : tensor<3x!xcs_llm.text> to tensor<2x!xcs_llm.text>
  // CHECK-NEXT: %[[R2:.*]] = tensor.extract %[[RS]][%c2]
  // CHECK-NEXT: return %[[R1]], %[[R2]]
  %r1 = xcs_llm.generate "m" (%q) {n = 2, expected_output_tokens = 25, xcs_llm.sample_ids = array<i64: 5, 6>} : tensor<2x!text>
  %r2 = xcs_llm.generate "m" (%q) {expected_output_tokens = 10, xcs_llm.sample_ids = array<i64: 7>} : !text
  return %r1, %r2 : tensor<2x!text>, !text
}

// CHECK-LABEL: func.func @scores
func.func @scores(%q: !text) -> (f64, f64, tensor<2xf64>, tensor<2xf64>, tensor<2x2xf64>) {
  // CHECK: %[[S:.*]] = xcs_llm.score "m" (%arg0) {n = 2 : i64} : tensor<2xf64>
  // CHECK-NEXT: tensor.extract %[[S]][%c0] : tensor<2xf64>
  // CHECK-NEXT: tensor.extract %[[S]][%c1] : tensor<2xf64>
  // CHECK-NEXT: %[[L:.*]] = xcs_llm.score "m" (%arg0) {labels = ["a", "b"], n = 4 : i64} : tensor<4x2xf64>
  // CHECK-NEXT: tensor.extract_slice %[[L]][0, 0] [1, 2] [1, 1] : tensor<4x2xf64> to tensor<2xf64>
  // CHECK-NEXT: tensor.extract_slice %[[L]][1, 0] [1, 2] [1, 1] : tensor<4x2xf64> to tensor<2xf64>
  // CHECK-NEXT: tensor.extract_slice %[[L]][2, 0] [2, 2] [1, 1] : tensor<4x2xf64> to tensor<2x2xf64>
  %s1 = xcs_llm.score "m" (%q) : f64
  %s2 = xcs_llm.score "m" (%q) : f64
  %l1 = xcs_llm.score "m" (%q) {labels = ["a", "b"]} : tensor<2xf64>
  %l2 = xcs_llm.score "m" (%q) {labels = ["a", "b"]} : tensor<2xf64>
  %l3 = xcs_llm.score "m" (%q) {labels = ["a", "b"], n = 2} : tensor<2x2xf64>
  return %s1, %s2, %l1, %l2, %l3 : f64, f64, tensor<2xf64>, tensor<2xf64>, tensor<2x2xf64>
}

// Members of a vote, and a chain in one: what the calls need is made before.
// CHECK-LABEL: func.func @vote
func.func @vote(%q: !text) -> f64 {
  // CHECK: %[[P:.*]] = xcs_llm.prompt_template "Q: {q}" (%arg0)
  // CHECK-NEXT: %[[RS:.*]] = xcs_llm.generate "m" (%[[P]]) {n = 3 : i64}
  // CHECK-NEXT: xcs_llm.ensemble majority -> f64 {
  // CHECK-NEXT: %[[R1:.*]] = tensor.extract %[[RS]][%c0]
  // CHECK-NEXT: xcs_llm.parse_response %[[R1]]
  // CHECK-NEXT: yield
  // CHECK-NEXT: }, {
  // CHECK-NEXT: xcs_llm.chain
  // CHECK-NEXT: tensor.extract %[[RS]][%c1]
  // CHECK-NOT: prompt_template
  // CHECK: tensor.extract %[[RS]][%c2]
  // CHECK-NOT: prompt_template
  // CHECK: return
  %v = xcs_llm.ensemble majority -> f64 {
    %p = xcs_llm.prompt_template "Q: {q}" (%q)
    %r = xcs_llm.generate "m" (%p) : !text
    %n = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %n : f64
  }, {
    %c = xcs_llm.chain -> !text {
      %p = xcs_llm.prompt_template "Q: {q}" (%q)
      %r = xcs_llm.generate "m" (%p) : !text
      xcs_llm.yield %r : !text
    }
    %n = xcs_llm.parse_response %c as number : f64
    xcs_llm.yield %n : f64
  }, {
    %p = xcs_llm.prompt_template "Q: {q}" (%q)
    %r = xcs_llm.generate "m" (%p) : !text
    %n = xcs_llm.parse_response %r as number : f64
    xcs_llm.yield %n : f64
  }
  return %v : f64
}

// Samples of equal answers are not equal, those of one answer are.
// CHECK-LABEL: func.func @behind_each_other
func.func @behind_each_other(%q: !text) -> (!text, !text, !text, !text) {
  // CHECK: %[[RS:.*]] = xcs_llm.generate "m" (%arg0) {n = 2 : i64}
  // CHECK: %[[R:.*]] = tensor.extract %[[RS]][%c0]
  // CHECK: xcs_llm.generate "m" (%[[R]]) {n = 2 : i64}
  // CHECK: xcs_llm.generate "m" (%{{.*}}) : !xcs_llm.text
  %r1 = xcs_llm.generate "m" (%q) : !text
  %r2 = xcs_llm.generate "m" (%q) : !text
  %a = xcs_llm.generate "m" (%r1) : !text
  %b = xcs_llm.generate "m" (%r1) : !text
  %c = xcs_llm.generate "m" (%r2) : !text
  return %r2, %a, %b, %c : !text, !text, !text, !text
}

// Each item of a batch, each try of a stage, asks once.
// CHECK-LABEL: func.func @regions
func.func @regions(%q: !text, %qs: tensor<3x!text>) -> (tensor<3x!text>, !text) {
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: %[[B:.*]] = xcs_llm.generate "m" (%{{.*}}) {n = 2 : i64, xcs_llm.sample_ids = array<i64: 0, 3, 1, 4, 2, 5>}
  // CHECK-NEXT: tensor.extract %[[B]][%c0]
  // CHECK-NEXT: tensor.extract %[[B]][%c1]
  %b = xcs_llm.batch (%item in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %r1 = xcs_llm.generate "m" (%item) {xcs_llm.sample_ids = array<i64: 0, 1, 2>} : !text
    %r2 = xcs_llm.generate "m" (%item) {xcs_llm.sample_ids = array<i64: 3, 4, 5>} : !text
    %t = xcs_llm.prompt_template "{a}{b}" (%r1, %r2)
    xcs_llm.yield %t : !text
  }
  // CHECK: xcs_llm.cascade
  // CHECK-NEXT: xcs_llm.generate "m" (%arg0) {n = 2 : i64}
  %c = xcs_llm.cascade -> !text {
    %r1 = xcs_llm.generate "m" (%q) : !text
    %r2 = xcs_llm.generate "m" (%q) : !text
    %t = xcs_llm.prompt_template "{a}{b}" (%r1, %r2)
    xcs_llm.yield %t : !text
  }, {
    xcs_llm.yield %q : !text
  } {attempts = array<i64: 2, 1>}
  return %b, %c : tensor<3x!text>, !text
}

// As many as the model gives.
// CHECK-LABEL: func.func @limited
func.func @limited(%q: !text) -> (!text, !text, !text, !text, !text, !text, !text) {
  // CHECK: xcs_llm.generate "three" (%arg0) {n = 3 : i64} : tensor<3x!xcs_llm.text>
  // CHECK: xcs_llm.generate "three" (%arg0) {n = 3 : i64} : tensor<3x!xcs_llm.text>
  // CHECK: xcs_llm.generate "three" (%arg0) : !xcs_llm.text
  %r1 = xcs_llm.generate "three" (%q) : !text
  %r2 = xcs_llm.generate "three" (%q) : !text
  %r3 = xcs_llm.generate "three" (%q) : !text
  %r4 = xcs_llm.generate "three" (%q) : !text
  %r5 = xcs_llm.generate "three" (%q) : !text
  %r6 = xcs_llm.generate "three" (%q) : !text
  %r7 = xcs_llm.generate "three" (%q) : !text
  return %r1, %r2, %r3, %r4, %r5, %r6, %r7 : !text, !text, !text, !text, !text, !text, !text
}

// CHECK-LABEL: func.func @negative_calls
// CHECK-NOT: n = 2
func.func @negative_calls(%p: !text) -> (!text, !text, !text, !text, !text, !text, !text, !text, !text, !text, !text) {
  // The model gives one sample a request.
  %a1 = xcs_llm.generate "one" (%p) : !text
  %a2 = xcs_llm.generate "one" (%p) : !text
  %b1 = xcs_llm.generate "m" (%p) {seed = 1} : !text
  %b2 = xcs_llm.generate "m" (%p) {seed = 1} : !text
  %c1 = xcs_llm.generate "m" (%p) {fusion_compatible = false} : !text
  %c2 = xcs_llm.generate "m" (%p) {fusion_compatible = false} : !text
  %d1 = xcs_llm.generate "m" (%p) {no_reuse} : !text
  %d2 = xcs_llm.generate "m" (%p) {no_reuse} : !text
  // No model is chosen.
  %e1 = xcs_llm.generate (%p) : !text
  %e2 = xcs_llm.generate (%p) : !text
  // Only one is used.
  %f1 = xcs_llm.generate "m" (%p) {top_p = 0.5 : f64} : !text
  %f2 = xcs_llm.generate "m" (%p) {top_p = 0.5 : f64} : !text
  %unused = xcs_llm.parse_response %f2 as text : !text
  // Another task's quality counts, another parameter, another message's role.
  %g = xcs_llm.generate "m" (%p) {top_p = 0.5 : f64, quality_task = "math"} : !text
  %h = xcs_llm.generate "m" (%p) {top_p = 0.5 : f64, max_tokens = 5} : !text
  %i = xcs_llm.generate "m" (system %p) {top_p = 0.5 : f64} : !text
  return %a1, %a2, %b1, %b2, %c1, %c2, %d1, %d2, %g, %h, %i : !text, !text, !text, !text, !text, !text, !text, !text, !text, !text, !text
}

// CHECK-LABEL: func.func @negative_control
// CHECK-NOT: n = 2
func.func @negative_control(%c: i1, %q: !text) -> (!text, !text, !text, !text, !text, !text) {
  %outside = xcs_llm.generate "m" (%q) : !text
  // Branches.
  %one = xcs_llm.conditional %c -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  } else {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }
  // Stages.
  %two = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }
  // Waves.
  %three = xcs_llm.ensemble majority -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  } {waves = array<i64: 1, 1>}
  // The first answer counts.
  %four = xcs_llm.ensemble first -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }
  // A constraint holds for what is inside.
  %five = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  } {budget_usd = 1.0 : f64}
  return %outside, %one, %two, %three, %four, %five : !text, !text, !text, !text, !text, !text
}

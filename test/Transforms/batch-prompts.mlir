// RUN: xcs-opt %s --split-input-file --xcs-batch-prompts | FileCheck %s
// A second run changes nothing.
// RUN: xcs-opt %s --split-input-file --xcs-batch-prompts -o %t.once
// RUN: xcs-opt %t.once --split-input-file --xcs-batch-prompts -o %t.twice
// RUN: diff %t.once %t.twice

!text = !xcs_llm.text

// Messages that differ become a list.
// CHECK: module attributes {xcs_llm.passes = ["xcs-batch-prompts"]}
// CHECK-LABEL: func.func @two
// CHECK-SAME: (%[[A:.*]]: !xcs_llm.text, %[[B:.*]]: !xcs_llm.text)
func.func @two(%prompt1: !text, %prompt2: !text) -> (!text, !text) {
  // CHECK: %[[PROMPTS:.*]] = tensor.from_elements %[[A]], %[[B]]
  // CHECK: %[[RESPONSES:.*]] = xcs_llm.batch (%[[ITEM:.*]] in %[[PROMPTS]] : tensor<2x!xcs_llm.text>) -> tensor<2x!xcs_llm.text> {
  // CHECK-NEXT:   %[[R:.*]] = xcs_llm.generate "gpt-4" (%[[ITEM]]) {max_tokens = 100 : i64}
  // CHECK-NEXT:   xcs_llm.yield %[[R]]
  // CHECK-NEXT: } {batch_size = 2 : i64}
  // CHECK: %[[R1:.*]] = tensor.extract %[[RESPONSES]][%c0]
  // CHECK: %[[R2:.*]] = tensor.extract %[[RESPONSES]][%c1]
  // CHECK: return %[[R1]], %[[R2]]
  %response1 = xcs_llm.generate "gpt-4" (%prompt1) {max_tokens = 100 : i64} : !text
  %response2 = xcs_llm.generate "gpt-4" (%prompt2) {max_tokens = 100 : i64} : !text
  return %response1, %response2 : !text, !text
}

// -----

!text = !xcs_llm.text

// Messages that are equal for all items are captured; equal constants too. All
// items in order are the batch's own list.
// CHECK-LABEL: func.func @captured
// CHECK-SAME: (%[[A:.*]]: !xcs_llm.text, %[[B:.*]]: !xcs_llm.text)
func.func @captured(%a: !text, %b: !text) -> tensor<2x!text> {
  // CHECK: %[[TERSE:.*]] = xcs_llm.text "Be terse."
  // CHECK-NOT: = xcs_llm.text
  // CHECK: %[[RESPONSES:.*]] = xcs_llm.batch (%[[ITEM:.*]] in
  // CHECK-NEXT: xcs_llm.generate "m" (system %[[TERSE]], user %[[ITEM]])
  // CHECK-NOT: tensor.extract
  // CHECK: return %[[RESPONSES]]
  %s1 = xcs_llm.text "Be terse."
  %r1 = xcs_llm.generate "m" (system %s1, user %a) : !text
  %s2 = xcs_llm.text "Be terse."
  %r2 = xcs_llm.generate "m" (system %s2, user %b) : !text
  %all = tensor.from_elements %r1, %r2 : tensor<2x!text>
  return %all : tensor<2x!text>
}

// -----

!text = !xcs_llm.text

// Samples of one request stay samples, each an item of its own.
// CHECK-LABEL: func.func @samples
// CHECK-SAME: (%[[Q:.*]]: !xcs_llm.text)
func.func @samples(%q: !text) -> (!text, !text, !text) {
  // CHECK: tensor.from_elements %[[Q]], %[[Q]], %[[Q]]
  // CHECK: xcs_llm.batch
  // CHECK: batch_size = 3
  %a = xcs_llm.generate "m" (%q) {temperature = 0.7 : f64} : !text
  %b = xcs_llm.generate "m" (%q) {temperature = 0.7 : f64} : !text
  %c = xcs_llm.generate "m" (%q) {temperature = 0.7 : f64} : !text
  return %a, %b, %c : !text, !text, !text
}

// -----

!text = !xcs_llm.text

// Templates and parses of one shape come in; what differs in them becomes a
// list, numbers too; a list of unknown length stays outside.
// CHECK-LABEL: func.func @around
// CHECK-SAME: (%[[D1:.*]]: !xcs_llm.text, %[[D2:.*]]: !xcs_llm.text, %[[X1:.*]]: f64, %[[X2:.*]]: f64, %[[Q:.*]]: !xcs_llm.text)
func.func @around(%d1: !text, %d2: !text, %x1: f64, %x2: f64, %q: !text)
    -> (f64, f64, tensor<?x!text>, tensor<?x!text>) {
  // CHECK-DAG: %[[DOCS:.*]] = tensor.from_elements %[[D1]], %[[D2]] : tensor<2x!xcs_llm.text>
  // CHECK-DAG: %[[XS:.*]] = tensor.from_elements %[[X1]], %[[X2]] : tensor<2xf64>
  // CHECK: %[[OUT:.*]]:2 = xcs_llm.batch (%[[D:.*]] in %[[DOCS]] : tensor<2x!xcs_llm.text>, %[[X:.*]] in %[[XS]] : tensor<2xf64>) -> (tensor<2x!xcs_llm.text>, tensor<2xf64>) {
  // CHECK-NEXT:   %[[P:.*]] = xcs_llm.prompt_template "{q} {d} {x}" (%[[Q]], %[[D]], %[[X]] : f64)
  // CHECK-NEXT:   %[[R:.*]] = xcs_llm.generate "m" (%[[P]])
  // CHECK-NEXT:   %[[S:.*]] = xcs_llm.parse_response %[[R]] as json "/score" : f64
  // CHECK-NEXT:   xcs_llm.yield %[[R]], %[[S]]
  // CHECK: xcs_llm.parse_response %{{.*}} as json "/tags" : tensor<?x!xcs_llm.text>
  // CHECK: xcs_llm.parse_response %{{.*}} as json "/tags" : tensor<?x!xcs_llm.text>
  %p1 = xcs_llm.prompt_template "{q} {d} {x}" (%q, %d1, %x1 : f64)
  %r1 = xcs_llm.generate "m" (%p1) : !text
  %s1 = xcs_llm.parse_response %r1 as json "/score" : f64
  %t1 = xcs_llm.parse_response %r1 as json "/tags" : tensor<?x!text>
  %p2 = xcs_llm.prompt_template "{q} {d} {x}" (%q, %d2, %x2 : f64)
  %r2 = xcs_llm.generate "m" (%p2) : !text
  %s2 = xcs_llm.parse_response %r2 as json "/score" : f64
  %t2 = xcs_llm.parse_response %r2 as json "/tags" : tensor<?x!text>
  return %s1, %s2, %t1, %t2 : f64, f64, tensor<?x!text>, tensor<?x!text>
}

// -----

!text = !xcs_llm.text

// Templates and parses of another shape stay outside; one operand twice is not
// one operand once.
// CHECK-LABEL: func.func @shapes
func.func @shapes(%a: !text, %b: !text) -> (i1, f64) {
  // CHECK: %[[P1:.*]] = xcs_llm.prompt_template "{a}, {b}"
  // CHECK: %[[P2:.*]] = xcs_llm.prompt_template "{a} or {b}"
  // CHECK: tensor.from_elements %[[P1]], %[[P2]]
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: xcs_llm.yield
  // CHECK: xcs_llm.parse_response %{{.*}} as boolean
  // CHECK: xcs_llm.parse_response %{{.*}} as number
  %p1 = xcs_llm.prompt_template "{a}, {b}" (%a, %b)
  %r1 = xcs_llm.generate "m" (%p1) : !text
  %v1 = xcs_llm.parse_response %r1 as boolean : i1
  %p2 = xcs_llm.prompt_template "{a} or {b}" (%a, %b)
  %r2 = xcs_llm.generate "m" (%p2) : !text
  %v2 = xcs_llm.parse_response %r2 as number : f64
  return %v1, %v2 : i1, f64
}
// CHECK-LABEL: func.func @operand_twice
// CHECK-SAME: (%[[A:.*]]: !xcs_llm.text, %[[B:.*]]: !xcs_llm.text)
func.func @operand_twice(%a: !text, %b: !text) -> (!text, !text) {
  // CHECK: %[[L:.*]] = tensor.from_elements %[[A]], %[[B]]
  // CHECK: xcs_llm.batch (%[[ITEM:.*]] in %[[L]]
  // CHECK-NEXT: xcs_llm.generate "m" (system %[[A]], user %[[ITEM]])
  %r1 = xcs_llm.generate "m" (system %a, user %a) : !text
  %r2 = xcs_llm.generate "m" (system %a, user %b) : !text
  return %r1, %r2 : !text, !text
}

// -----

!text = !xcs_llm.text

// Lists that differ stack where their length is known. Elsewhere the template
// that prints them stays outside, unless the list is made within the item.
// CHECK-LABEL: func.func @list_operands
func.func @list_operands(%a: tensor<2x!text>, %b: tensor<2x!text>) -> (!text, !text) {
  // CHECK: %[[A1:.*]] = tensor.extract %arg0[%c1]
  // CHECK: %[[LISTS:.*]] = tensor.from_elements %{{.*}}, %[[A1]], %{{.*}}, %{{.*}} : tensor<2x2x!xcs_llm.text>
  // CHECK: xcs_llm.batch (%[[ITEM:.*]] in %[[LISTS]] : tensor<2x2x!xcs_llm.text>)
  // CHECK-NEXT: xcs_llm.prompt_template "{docs}" (%[[ITEM]] : tensor<2x!xcs_llm.text>)
  %p1 = xcs_llm.prompt_template "{docs}" (%a : tensor<2x!text>)
  %r1 = xcs_llm.generate "m" (%p1) : !text
  %p2 = xcs_llm.prompt_template "{docs}" (%b : tensor<2x!text>)
  %r2 = xcs_llm.generate "m" (%p2) : !text
  return %r1, %r2 : !text, !text
}
// CHECK-LABEL: func.func @negative_unknown_length
func.func @negative_unknown_length(%a: tensor<?x!text>, %b: tensor<?x!text>) -> (!text, !text) {
  // CHECK: %[[P1:.*]] = xcs_llm.prompt_template "{docs}" (%arg0
  // CHECK: %[[P2:.*]] = xcs_llm.prompt_template "{docs}" (%arg1
  // CHECK: tensor.from_elements %[[P1]], %[[P2]]
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate
  %p1 = xcs_llm.prompt_template "{docs}" (%a : tensor<?x!text>)
  %r1 = xcs_llm.generate "m" (%p1) : !text
  %p2 = xcs_llm.prompt_template "{docs}" (%b : tensor<?x!text>)
  %r2 = xcs_llm.generate "m" (%p2) : !text
  return %r1, %r2 : !text, !text
}
// CHECK-LABEL: func.func @length_within_item
func.func @length_within_item(%a: !text, %b: !text) -> (!text, !text) {
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: %[[L:.*]] = xcs_llm.parse_response %{{.*}} as json "" : tensor<?x!xcs_llm.text>
  // CHECK-NEXT: xcs_llm.prompt_template "{docs}" (%[[L]] : tensor<?x!xcs_llm.text>)
  // CHECK-NEXT: xcs_llm.generate
  %l1 = xcs_llm.parse_response %a as json "" : tensor<?x!text>
  %p1 = xcs_llm.prompt_template "{docs}" (%l1 : tensor<?x!text>)
  %r1 = xcs_llm.generate "m" (%p1) : !text
  %l2 = xcs_llm.parse_response %b as json "" : tensor<?x!text>
  %p2 = xcs_llm.prompt_template "{docs}" (%l2 : tensor<?x!text>)
  %r2 = xcs_llm.generate "m" (%p2) : !text
  return %r1, %r2 : !text, !text
}

// -----

!text = !xcs_llm.text

// What stacks: scores, embeddings, several samples each.
// CHECK-LABEL: func.func @stacks
func.func @stacks(%a: !text, %b: !text)
    -> (f64, f64, tensor<8xf32>, tensor<8xf32>, tensor<2x!text>, tensor<2x!text>) {
  // CHECK: %[[S:.*]] = xcs_llm.batch {{.*}} -> tensor<2xf64>
  // CHECK: %[[E:.*]] = xcs_llm.batch {{.*}} -> tensor<2x8xf32>
  // CHECK: tensor.extract_slice %[[E]][1, 0] [1, 8] [1, 1] : tensor<2x8xf32> to tensor<8xf32>
  // CHECK: %[[N:.*]] = xcs_llm.batch {{.*}} -> tensor<2x2x!xcs_llm.text>
  // CHECK: tensor.extract_slice %[[N]][1, 0] [1, 2] [1, 1] : tensor<2x2x!xcs_llm.text> to tensor<2x!xcs_llm.text>
  %s1 = xcs_llm.score "m" (%a) : f64
  %s2 = xcs_llm.score "m" (%b) : f64
  %e1 = xcs_llm.embed "e" (%a) : tensor<8xf32>
  %e2 = xcs_llm.embed "e" (%b) : tensor<8xf32>
  %n1 = xcs_llm.generate "m" (%a) {n = 2 : i64} : tensor<2x!text>
  %n2 = xcs_llm.generate "m" (%b) {n = 2 : i64} : tensor<2x!text>
  return %s1, %s2, %e1, %e2, %n1, %n2 : f64, f64, tensor<8xf32>, tensor<8xf32>, tensor<2x!text>, tensor<2x!text>
}

// -----

!text = !xcs_llm.text

// What keeps calls apart: operation, model, parameters, roles, the wish to.
// CHECK-NOT: xcs_llm.passes
// CHECK-LABEL: func.func @negative_apart
// CHECK-NOT: xcs_llm.batch
// CHECK: return
func.func @negative_apart(%a: !text, %b: !text) -> (!text, !text, !text, !text, !text, f64) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %r2 = xcs_llm.generate "l" (%b) : !text
  %r3 = xcs_llm.generate "m" (%b) {temperature = 0.0 : f64} : !text
  %r4 = xcs_llm.generate "m" (system %b) : !text
  %r5 = xcs_llm.generate "m" (%b) {batch_compatible = false} : !text
  %s6 = xcs_llm.score "m" (%b) : f64
  return %r1, %r2, %r3, %r4, %r5, %s6 : !text, !text, !text, !text, !text, f64
}

// -----

!text = !xcs_llm.text

// Hints do not keep calls apart; the batch's are the average.
// CHECK-LABEL: func.func @hints
func.func @hints(%a: !text, %b: !text) -> (!text, !text) {
  // CHECK: xcs_llm.generate {{.*}} {expected_output_tokens = 30 : i64, xcs_llm.item_output_tokens = array<i64: 20, 40>}
  %r1 = xcs_llm.generate "m" (%a) {expected_output_tokens = 20 : i64, hit_rate = 0.5 : f64} : !text
  %r2 = xcs_llm.generate "m" (%b) {expected_output_tokens = 40 : i64, estimate = #xcs_llm.estimate<cost_usd = 1.0>} : !text
  return %r1, %r2 : !text, !text
}

// -----

!text = !xcs_llm.text

// Equal chains are one batch over one chain.
// CHECK-LABEL: func.func @chains
// CHECK-SAME: (%[[A:.*]]: !xcs_llm.text, %[[B:.*]]: !xcs_llm.text, %[[Q:.*]]: !xcs_llm.text)
func.func @chains(%a: !text, %b: !text, %q: !text) -> tensor<2xi1> {
  // CHECK: %[[L:.*]] = tensor.from_elements %[[A]], %[[B]]
  // CHECK: %[[V:.*]] = xcs_llm.batch (%[[ITEM:.*]] in %[[L]] : tensor<2x!xcs_llm.text>) -> tensor<2xi1> {
  // CHECK-NEXT:   %[[P:.*]] = xcs_llm.prompt_template "Answer {q} from {doc}" (%[[Q]], %[[ITEM]])
  // CHECK-NEXT:   %[[R:.*]] = xcs_llm.generate "m" (%[[P]])
  // CHECK-NEXT:   %[[T:.*]] = xcs_llm.parse_response %[[R]] as text
  // CHECK-NEXT:   %[[C:.*]] = xcs_llm.prompt_template "Is {answer} right?" (%[[T]])
  // CHECK-NEXT:   %[[J:.*]] = xcs_llm.generate "judge" (%[[C]])
  // CHECK-NEXT:   %[[B:.*]] = xcs_llm.parse_response %[[J]] as boolean : i1
  // CHECK-NEXT:   xcs_llm.yield %[[B]] : i1
  // CHECK-NEXT: } {batch_size = 2 : i64}
  // CHECK-NEXT: return %[[V]]
  %p1 = xcs_llm.prompt_template "Answer {q} from {doc}" (%q, %a)
  %r1 = xcs_llm.generate "m" (%p1) : !text
  %t1 = xcs_llm.parse_response %r1 as text : !text
  %c1 = xcs_llm.prompt_template "Is {answer} right?" (%t1)
  %j1 = xcs_llm.generate "judge" (%c1) : !text
  %v1 = xcs_llm.parse_response %j1 as boolean : i1
  %p2 = xcs_llm.prompt_template "Answer {q} from {doc}" (%q, %b)
  %r2 = xcs_llm.generate "m" (%p2) : !text
  %t2 = xcs_llm.parse_response %r2 as text : !text
  %c2 = xcs_llm.prompt_template "Is {answer} right?" (%t2)
  %j2 = xcs_llm.generate "judge" (%c2) : !text
  %v2 = xcs_llm.parse_response %j2 as boolean : i1
  %all = tensor.from_elements %v1, %v2 : tensor<2xi1>
  return %all : tensor<2xi1>
}

// Where another call waits for the first answers alone, or the second step needs
// what the first does not, two batches stay two.
// CHECK-LABEL: func.func @negative_other_reader
// CHECK-COUNT-2: xcs_llm.batch
func.func @negative_other_reader(%a: !text, %b: !text) -> (!text, !text, !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %r2 = xcs_llm.generate "m" (%b) : !text
  %p = xcs_llm.prompt_template "{a}{b}" (%r1, %r2)
  %early = xcs_llm.generate "other" (%p) : !text
  %j1 = xcs_llm.generate "judge" (%r1) : !text
  %j2 = xcs_llm.generate "judge" (%r2) : !text
  return %j1, %j2, %early : !text, !text, !text
}
// CHECK-LABEL: func.func @negative_late_context
// CHECK-COUNT-2: xcs_llm.batch
func.func @negative_late_context(%a: !text, %b: !text) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %r2 = xcs_llm.generate "m" (%b) : !text
  %late = xcs_llm.generate "slow" (%a) : !text
  %j1 = xcs_llm.generate "judge" (system %late, user %r1) : !text
  %j2 = xcs_llm.generate "judge" (system %late, user %r2) : !text
  return %j1, %j2 : !text, !text
}

// -----

!text = !xcs_llm.text

func.func private @log(!text) -> !text attributes {xcs_llm.task = "log"}
func.func private @clean(!text) -> !text attributes {xcs_llm.task = "clean", xcs_llm.pure}

// Dependences: by value, through regions, by the order of impure tools.
// CHECK-LABEL: func.func @negative_by_value
// CHECK-NOT: xcs_llm.batch
// CHECK: return
func.func @negative_by_value(%a: !text) -> !text {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %p = xcs_llm.prompt_template "Again: {r}" (%r1)
  %r2 = xcs_llm.generate "m" (%p) : !text
  return %r2 : !text
}
// CHECK-LABEL: func.func @negative_through_region
// CHECK-NOT: xcs_llm.batch
// CHECK: return
func.func @negative_through_region(%a: !text, %c: i1) -> !text {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %r1 : !text
  } else {
    xcs_llm.yield %a : !text
  }
  %r2 = xcs_llm.generate "m" (%v) : !text
  return %r2 : !text
}
// CHECK-LABEL: func.func @negative_by_order
// CHECK-NOT: xcs_llm.batch
// CHECK: return
func.func @negative_by_order(%a: !text, %b: !text) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %l1 = func.call @log(%r1) : (!text) -> !text
  %l2 = func.call @log(%b) : (!text) -> !text
  %r2 = xcs_llm.generate "m" (%l2) : !text
  return %l1, %r2 : !text, !text
}
// CHECK-LABEL: func.func @negative_order_in_region
// CHECK-NOT: xcs_llm.batch
// CHECK: return
func.func @negative_order_in_region(%a: !text, %b: !text, %c: i1) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %l1 = xcs_llm.conditional %c -> !text {
    %l = func.call @log(%r1) : (!text) -> !text
    xcs_llm.yield %l : !text
  } else {
    xcs_llm.yield %a : !text
  }
  %l2 = func.call @log(%b) : (!text) -> !text
  %r2 = xcs_llm.generate "m" (%l2) : !text
  return %l1, %r2 : !text, !text
}
// Pure tools may run in any order.
// CHECK-LABEL: func.func @pure_tools
// CHECK: call @clean
// CHECK: xcs_llm.batch
// CHECK: call @clean
func.func @pure_tools(%a: !text, %b: !text) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %l1 = func.call @clean(%r1) : (!text) -> !text
  %l2 = func.call @clean(%b) : (!text) -> !text
  %r2 = xcs_llm.generate "m" (%l2) : !text
  return %l1, %r2 : !text, !text
}

// -----

!text = !xcs_llm.text

// Level by level these are four groups; waiting with the first call of "b" makes
// them three.
// CHECK-LABEL: func.func @waits
func.func @waits(%q: !text, %p: !text) -> (!text, !text) {
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate "a"
  // CHECK: xcs_llm.generate "a"
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate "b"
  // CHECK-NOT: xcs_llm.generate
  // CHECK: return
  %a1 = xcs_llm.generate "a" (%q) : !text
  %b1 = xcs_llm.generate "b" (%a1) : !text
  %a2 = xcs_llm.generate "a" (%p) : !text
  %a3 = xcs_llm.generate "a" (%a2) : !text
  %b2 = xcs_llm.generate "b" (%a3) : !text
  return %b1, %b2 : !text, !text
}

// -----

!text = !xcs_llm.text

// Within a region, not across regions.
// CHECK-LABEL: func.func @regions
func.func @regions(%a: !text, %b: !text, %c: i1) -> (!text, !text) {
  // CHECK: xcs_llm.conditional
  // CHECK: xcs_llm.batch
  // CHECK: } else {
  // CHECK-NEXT: xcs_llm.generate "m"
  // CHECK-NEXT: xcs_llm.yield
  %x, %y = xcs_llm.conditional %c -> (!text, !text) {
    %r1 = xcs_llm.generate "m" (%a) : !text
    %r2 = xcs_llm.generate "m" (%b) : !text
    xcs_llm.yield %r1, %r2 : !text, !text
  } else {
    %r1 = xcs_llm.generate "m" (%a) : !text
    xcs_llm.yield %r1, %b : !text, !text
  }
  return %x, %y : !text, !text
}

// -----

!text = !xcs_llm.text

// Members that all run may share; what only one member has stays there.
// CHECK-LABEL: func.func @members_of_all
func.func @members_of_all(%a: !text, %b: !text) -> tensor<2x!text> {
  // CHECK: %[[BATCH:.*]] = xcs_llm.batch
  // CHECK-NEXT: xcs_llm.prompt_template "Ask {q}"
  // CHECK-NEXT: xcs_llm.generate "m"
  // CHECK: %[[R1:.*]] = tensor.extract %[[BATCH]][%c0]
  // CHECK: xcs_llm.ensemble all
  // CHECK-NEXT: xcs_llm.generate "x" (%[[R1]])
  // CHECK: }, {
  // CHECK-NEXT: xcs_llm.generate "y"
  %v = xcs_llm.ensemble all -> tensor<2x!text> {
    %p = xcs_llm.prompt_template "Ask {q}" (%a)
    %r = xcs_llm.generate "m" (%p) : !text
    %s = xcs_llm.generate "x" (%r) : !text
    xcs_llm.yield %s : !text
  }, {
    %p = xcs_llm.prompt_template "Ask {q}" (%b)
    %r = xcs_llm.generate "m" (%p) : !text
    %s = xcs_llm.generate "y" (%r) : !text
    xcs_llm.yield %s : !text
  }
  return %v : tensor<2x!text>
}
// CHECK-LABEL: func.func @members_of_best
// CHECK: xcs_llm.batch
// CHECK: xcs_llm.ensemble best
func.func @members_of_best(%a: !text, %b: !text, %x: f64) -> !text {
  %v = xcs_llm.ensemble best -> !text {
    %r = xcs_llm.generate "m" (%a) : !text
    xcs_llm.yield %r, %x : !text, f64
  }, {
    %r = xcs_llm.generate "m" (%b) : !text
    xcs_llm.yield %r, %x : !text, f64
  }
  return %v : !text
}
// CHECK-LABEL: func.func @negative_best_in_waves
// CHECK-NOT: xcs_llm.batch
// CHECK: return
func.func @negative_best_in_waves(%a: !text, %b: !text, %x: f64) -> !text {
  %v = xcs_llm.ensemble best -> !text {
    %r = xcs_llm.generate "m" (%a) : !text
    xcs_llm.yield %r, %x : !text, f64
  }, {
    %r = xcs_llm.generate "m" (%b) : !text
    xcs_llm.yield %r, %x : !text, f64
  } {waves = array<i64: 1, 1>}
  return %v : !text
}
// Members of a vote, and stages, may not run at all.
// CHECK-LABEL: func.func @negative_may_not_run
// CHECK-NOT: xcs_llm.batch
// CHECK: return
func.func @negative_may_not_run(%a: !text, %b: !text) -> (!text, !text, !text) {
  %v = xcs_llm.ensemble majority -> !text {
    %r = xcs_llm.generate "m" (%a) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "m" (%b) : !text
    xcs_llm.yield %r : !text
  }
  %w = xcs_llm.ensemble first -> !text {
    %r = xcs_llm.generate "m" (%a) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "m" (%b) : !text
    xcs_llm.yield %r : !text
  }
  %c = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "m" (%a) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "m" (%b) : !text
    xcs_llm.yield %r : !text
  }
  return %v, %w, %c : !text, !text, !text
}

// -----

!text = !xcs_llm.text

// Batches with equal bodies merge; users of whole lists get their part.
// CHECK-LABEL: func.func @merge
// CHECK-SAME: (%[[A:.*]]: tensor<3x!xcs_llm.text>, %[[B:.*]]: !xcs_llm.text)
func.func @merge(%a: tensor<3x!text>, %b: !text) -> (tensor<3xf64>, f64) {
  // CHECK: %[[ONE:.*]] = tensor.from_elements %[[B]]
  // CHECK: %[[ALL:.*]] = tensor.concat dim(0) %[[A]], %[[ONE]]
  // CHECK: %[[S:.*]] = xcs_llm.batch (%{{.*}} in %[[ALL]] : tensor<4x!xcs_llm.text>) -> tensor<4xf64>
  // CHECK-NOT: xcs_llm.batch
  // CHECK: } {batch_size = 2 : i64}
  // CHECK: %[[FIRST:.*]] = tensor.from_elements %{{.*}} : tensor<3xf64>
  // CHECK: %[[LAST:.*]] = tensor.extract %[[S]][%c3]
  // CHECK: return %[[FIRST]], %[[LAST]]
  %c0 = arith.constant 0 : index
  %x = xcs_llm.batch (%i in %a : tensor<3x!text>) -> tensor<3xf64> {
    %s = xcs_llm.score "m" (%i) : f64
    xcs_llm.yield %s : f64
  } {batch_size = 2 : i64}
  %one = tensor.from_elements %b : tensor<1x!text>
  %y = xcs_llm.batch (%i in %one : tensor<1x!text>) -> tensor<1xf64> {
    %s = xcs_llm.score "m" (%i) : f64
    xcs_llm.yield %s : f64
  }
  %e = tensor.extract %y[%c0] : tensor<1xf64>
  return %x, %e : tensor<3xf64>, f64
}
// Not those that filter, run over lists of unknown length, depend on each other,
// or do something else.
// CHECK-LABEL: func.func @negative_no_merge
// CHECK-COUNT-5: xcs_llm.batch
func.func @negative_no_merge(%a: tensor<2x!text>, %b: tensor<?x!text>, %q: !text)
    -> (tensor<?x!text>, tensor<?x!text>, tensor<2x!text>, tensor<2x!text>) {
  %filtered = xcs_llm.batch (%i in %a : tensor<2x!text>) -> tensor<?x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    %ok = xcs_llm.parse_response %r as boolean : i1
    xcs_llm.yield %r, %ok : !text, i1
  }
  %unknown = xcs_llm.batch (%i in %b : tensor<?x!text>) -> tensor<?x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %first = xcs_llm.batch (%i in %a : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %context = xcs_llm.prompt_template "{first}" (%first : tensor<2x!text>)
  %lists = tensor.from_elements %context, %q : tensor<2x!text>
  %second = xcs_llm.batch (%i in %lists : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %other = xcs_llm.batch (%i in %a : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "l" (%i) : !text
    xcs_llm.yield %r : !text
  }
  return %filtered, %unknown, %second, %other : tensor<?x!text>, tensor<?x!text>, tensor<2x!text>, tensor<2x!text>
}

// -----

!text = !xcs_llm.text

// An answer that nobody reads, twice: still two requests until dead code goes.
// CHECK-LABEL: func.func @unread
// CHECK: xcs_llm.batch
func.func @unread(%a: !text, %b: !text) {
  %r1 = xcs_llm.generate "m" (%a) : !text
  %r2 = xcs_llm.generate "m" (%b) : !text
  return
}

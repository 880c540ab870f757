// RUN: xcs-opt %s --split-input-file --xcs-batch-prompts | FileCheck %s

// What random programs found.

!text = !xcs_llm.text

// A list that fails fails the whole batch over it, and must not take with it the
// items of another batch. It stays a batch of its own.
// CHECK-LABEL: func.func @merging_with_a_list_that_may_fail
func.func @merging_with_a_list_that_may_fail(%a: !text, %b: !text) -> (tensor<2x!text>, tensor<2x!text>) {
  // CHECK: %[[SAMPLES:.*]] = xcs_llm.generate
  // CHECK: xcs_llm.batch ({{.*}} in %[[SAMPLES]] : tensor<2x!xcs_llm.text>)
  // CHECK: xcs_llm.batch ({{.*}} : tensor<2x!xcs_llm.text>)
  %samples = xcs_llm.generate "m" (%a) {n = 2 : i64} : tensor<2x!text>
  %first = xcs_llm.batch (%item in %samples : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%item) : !text
    xcs_llm.yield %r : !text
  }
  %pair = tensor.from_elements %a, %b : tensor<2x!text>
  %second = xcs_llm.batch (%item in %pair : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%item) : !text
    xcs_llm.yield %r : !text
  }
  return %first, %second : tensor<2x!text>, tensor<2x!text>
}

// -----

!text = !xcs_llm.text

// The list of what is made of each sample has failed items where the request for
// the samples fails, and is no failed list.
// CHECK-LABEL: func.func @items_of_a_list_that_may_fail
func.func @items_of_a_list_that_may_fail(%a: !text) -> tensor<2x!text> {
  // CHECK: %[[SAMPLES:.*]] = xcs_llm.generate
  // CHECK: %[[X:.*]] = tensor.extract %[[SAMPLES]][%c0]
  // CHECK: %[[Y:.*]] = tensor.extract %[[SAMPLES]][%c1]
  // CHECK: %[[ITEMS:.*]] = tensor.from_elements %[[X]], %[[Y]]
  // CHECK: %[[RESPONSES:.*]] = xcs_llm.batch ({{.*}} in %[[ITEMS]] :
  // CHECK: return %[[RESPONSES]]
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %samples = xcs_llm.generate "m" (%a) {n = 2 : i64} : tensor<2x!text>
  %x = tensor.extract %samples[%c0] : tensor<2x!text>
  %y = tensor.extract %samples[%c1] : tensor<2x!text>
  %r1 = xcs_llm.generate "m" (%x) : !text
  %r2 = xcs_llm.generate "m" (%y) : !text
  %list = tensor.from_elements %r1, %r2 : tensor<2x!text>
  return %list : tensor<2x!text>
}

// -----

!text = !xcs_llm.text

// Batches without a call depend on each other all the same.
// CHECK-LABEL: func.func @batches_without_calls
func.func @batches_without_calls(%a: !text, %list: tensor<2x!text>) -> tensor<2x!text> {
  // CHECK: %[[FIRST:.*]] = xcs_llm.batch ({{.*}} in %arg1
  // CHECK: xcs_llm.batch ({{.*}} in %[[FIRST]]
  %first = xcs_llm.batch (%item in %list : tensor<2x!text>) -> tensor<2x!text> {
    xcs_llm.yield %a : !text
  }
  %second = xcs_llm.batch (%item in %first : tensor<2x!text>) -> tensor<2x!text> {
    xcs_llm.yield %a : !text
  } {batch_size = 2 : i64}
  return %second : tensor<2x!text>
}

// -----

!text = !xcs_llm.text

// Calls that meet in the body of two batches made one are grouped there.
// CHECK-LABEL: func.func @calls_that_meet
func.func @calls_that_meet(%a: !text, %list: tensor<2x!text>) -> tensor<2x!text> {
  // CHECK: xcs_llm.batch
  // CHECK: xcs_llm.batch
  // CHECK-COUNT-1: xcs_llm.generate
  // CHECK-NOT: xcs_llm.generate
  %first, %kept = xcs_llm.batch (%item in %list : tensor<2x!text>) -> (tensor<2x!text>, tensor<2x!text>) {
    %r = xcs_llm.generate "m" (%item) : !text
    xcs_llm.yield %r, %item : !text, !text
  }
  %second = xcs_llm.batch (%r in %first : tensor<2x!text>, %item in %kept : tensor<2x!text>) -> tensor<2x!text> {
    %s = xcs_llm.generate "m" (%a) : !text
    %p = xcs_llm.prompt_template "{r} {s}" (%r, %s)
    xcs_llm.yield %p : !text
  }
  return %second : tensor<2x!text>
}

// -----

!text = !xcs_llm.text

// An item out of range stays one: it must not become another batch's.
// CHECK-LABEL: func.func @negative_out_of_range
// CHECK: %[[X:.*]] = tensor.from_elements %{{.*}}, %{{.*}} : tensor<2x!xcs_llm.text>
// CHECK: tensor.extract %[[X]][%c2
func.func @negative_out_of_range(%a: tensor<2x!text>, %b: tensor<2x!text>) -> (!text, !text) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %x = xcs_llm.batch (%i in %a : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %y = xcs_llm.batch (%i in %b : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %p = tensor.extract %x[%c2] : tensor<2x!text>
  %q = tensor.extract %y[%c0] : tensor<2x!text>
  return %p, %q : !text, !text
}

// Batches of nothing do not merge, and those do not whose lists may turn out to
// differ in length.
// CHECK-LABEL: func.func @negative_lengths
// CHECK-COUNT-4: xcs_llm.batch
func.func @negative_lengths(%n: tensor<0x!text>, %m: tensor<0x!text>, %a: tensor<2x!text>, %b: tensor<2x!text>,
                            %u: tensor<?x!text>, %v: tensor<?x!text>)
    -> (tensor<0x!text>, tensor<0x!text>, tensor<2x!text>, tensor<2x!text>) {
  %w = xcs_llm.batch (%i in %n : tensor<0x!text>) -> tensor<0x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %x = xcs_llm.batch (%i in %m : tensor<0x!text>) -> tensor<0x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %y = xcs_llm.batch (%i in %a : tensor<2x!text>, %j in %u : tensor<?x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (system %i, user %j) : !text
    xcs_llm.yield %r : !text
  }
  %z = xcs_llm.batch (%i in %b : tensor<2x!text>, %j in %v : tensor<?x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (system %i, user %j) : !text
    xcs_llm.yield %r : !text
  }
  return %w, %x, %y, %z : tensor<0x!text>, tensor<0x!text>, tensor<2x!text>, tensor<2x!text>
}

// What must keep its order does not move to the batch before.
// CHECK-LABEL: func.func @negative_order
// CHECK: xcs_llm.batch
// CHECK: call_indirect
// CHECK: xcs_llm.batch
// CHECK: call_indirect
func.func @negative_order(%a: tensor<2x!text>, %f: () -> i64) -> (tensor<2xi64>, i64) {
  %x = xcs_llm.batch (%i in %a : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %first = func.call_indirect %f() : () -> i64
  %y = xcs_llm.batch (%i in %x : tensor<2x!text>) -> tensor<2xi64> {
    %second = func.call_indirect %f() : () -> i64
    xcs_llm.yield %second : i64
  }
  return %y, %first : tensor<2xi64>, i64
}

// -----

!text = !xcs_llm.text

// A list of samples that has failed hands over, as it did: it is taken out whole,
// not put together from failed samples. Nor does that part become a constant.
// CHECK-LABEL: func.func @row
// CHECK: tensor.extract_slice %{{.*}}[1, 0] [1, 2] [1, 1] : tensor<2x2x!xcs_llm.text> to tensor<2x!xcs_llm.text>
func.func @row(%a: !text, %b: !text, %other: tensor<2x!text>) -> (tensor<2x!text>, tensor<2x!text>) {
  %v, %w = xcs_llm.cascade -> (tensor<2x!text>, tensor<2x!text>) {
    %r1 = xcs_llm.generate "m" (%a) {n = 2 : i64} : tensor<2x!text>
    %r2 = xcs_llm.generate "m" (%b) {n = 2 : i64} : tensor<2x!text>
    xcs_llm.yield %r1, %r2 : tensor<2x!text>, tensor<2x!text>
  }, {
    xcs_llm.yield %other, %other : tensor<2x!text>, tensor<2x!text>
  }
  return %v, %w : tensor<2x!text>, tensor<2x!text>
}

// What a private function is called with may have failed, a program's input not.
// CHECK-LABEL: func.func private @negative_called
// CHECK-COUNT-2: xcs_llm.batch
func.func private @negative_called(%a: tensor<2x!text>, %b: tensor<2x!text>) -> (tensor<2x!text>, tensor<2x!text>) {
  %x = xcs_llm.batch (%i in %a : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  %y = xcs_llm.batch (%i in %b : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%i) : !text
    xcs_llm.yield %r : !text
  }
  return %x, %y : tensor<2x!text>, tensor<2x!text>
}

// -----

!text = !xcs_llm.text

// Templates of lists of two lengths are not one: the prompts become a list.
// CHECK-LABEL: func.func @negative_other_length
func.func @negative_other_length(%two: tensor<2x!text>, %three: tensor<3x!text>) -> (!text, !text) {
  // CHECK-NEXT: arith.constant
  // CHECK-NEXT: arith.constant
  // CHECK-NEXT: %[[P:.*]] = xcs_llm.prompt_template "Which?\0A{all}" (%arg0
  // CHECK-NEXT: %[[Q:.*]] = xcs_llm.prompt_template "Which?\0A{all}" (%arg1
  // CHECK-NEXT: tensor.from_elements %[[P]], %[[Q]]
  // CHECK-NEXT: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate
  %p = xcs_llm.prompt_template "Which?\0A{all}" (%two : tensor<2x!text>)
  %q = xcs_llm.prompt_template "Which?\0A{all}" (%three : tensor<3x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  %s = xcs_llm.generate "m" (%q) : !text
  return %r, %s : !text, !text
}

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

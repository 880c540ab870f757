// RUN: xcs-opt %s --xcs-batch-prompts | FileCheck %s
// RUN: xcs-opt %s --xcs-batch-prompts --xcs-batch-prompts -o %t.twice && xcs-opt %s --xcs-batch-prompts | diff - %t.twice

// Samples keep their numbers where calls and batches become one.

!text = !xcs_llm.text

// CHECK-LABEL: func.func @calls
// CHECK: xcs_llm.generate "m" {{.*}}xcs_llm.sample_ids = array<i64: 7, 3>
func.func @calls(%a: !text, %b: !text) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%a) {xcs_llm.sample_ids = array<i64: 7>} : !text
  %r2 = xcs_llm.generate "m" (%b) {xcs_llm.sample_ids = array<i64: 3>} : !text
  return %r1, %r2 : !text, !text
}

// CHECK-LABEL: func.func @several_samples
// CHECK: xcs_llm.generate "m" {{.*}}n = 2 : i64, xcs_llm.sample_ids = array<i64: 1, 2, 3, 4>
func.func @several_samples(%a: !text, %b: !text) -> (tensor<2x!text>, tensor<2x!text>) {
  %r1 = xcs_llm.generate "m" (%a) {n = 2 : i64, xcs_llm.sample_ids = array<i64: 1, 2>} : tensor<2x!text>
  %r2 = xcs_llm.generate "m" (%b) {n = 2 : i64, xcs_llm.sample_ids = array<i64: 3, 4>} : tensor<2x!text>
  return %r1, %r2 : tensor<2x!text>, tensor<2x!text>
}

// Half a list tells nothing: some samples would have numbers, and others none.
// CHECK-LABEL: func.func @without_numbers
// CHECK-NOT: sample_ids
func.func @without_numbers(%a: !text, %b: !text) -> (!text, !text) {
  %r1 = xcs_llm.generate "m" (%a) {xcs_llm.sample_ids = array<i64: 7>} : !text
  %r2 = xcs_llm.generate "m" (%b) : !text
  return %r1, %r2 : !text, !text
}

// Item by item of the batch around them.
// CHECK-LABEL: func.func @inside
// CHECK: xcs_llm.sample_ids = array<i64: 1, 11, 2, 12, 3, 13>
func.func @inside(%ps: tensor<3x!text>, %a: !text) -> (tensor<3x!text>, tensor<3x!text>) {
  %r:2 = xcs_llm.batch (%p in %ps : tensor<3x!text>) -> (tensor<3x!text>, tensor<3x!text>) {
    %q = xcs_llm.prompt_template "{a}: {p}" (%a, %p)
    %x = xcs_llm.generate "m" (%p) {xcs_llm.sample_ids = array<i64: 1, 2, 3>} : !text
    %y = xcs_llm.generate "m" (%q) {xcs_llm.sample_ids = array<i64: 11, 12, 13>} : !text
    xcs_llm.yield %x, %y : !text, !text
  }
  return %r#0, %r#1 : tensor<3x!text>, tensor<3x!text>
}

// Bodies are equal but for the numbers.
// CHECK-LABEL: func.func @merged
// CHECK: xcs_llm.batch {{.*}} -> tensor<5x!xcs_llm.text>
// CHECK: xcs_llm.sample_ids = array<i64: 5, 4, 1, 2, 3>
// CHECK-NOT: xcs_llm.batch
func.func @merged(%ps: tensor<2x!text>, %qs: tensor<3x!text>) -> (tensor<2x!text>, tensor<3x!text>) {
  %r1 = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<2x!text> {
    %x = xcs_llm.generate "m" (%p) {xcs_llm.sample_ids = array<i64: 5, 4>} : !text
    xcs_llm.yield %x : !text
  }
  %r2 = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %x = xcs_llm.generate "m" (%q) {xcs_llm.sample_ids = array<i64: 1, 2, 3>} : !text
    xcs_llm.yield %x : !text
  }
  return %r1, %r2 : tensor<2x!text>, tensor<3x!text>
}

// Of each item of the outer batch first those of one inner batch, then the other's.
// CHECK-LABEL: func.func @merged_inside
// CHECK: xcs_llm.sample_ids = array<i64: 10, 11, 50, 51, 20, 21, 60, 61>
func.func @merged_inside(%os: tensor<2x!text>, %ps: tensor<2x!text>, %qs: tensor<2x!text>) -> (tensor<2x2x!text>, tensor<2x2x!text>) {
  %r:2 = xcs_llm.batch (%o in %os : tensor<2x!text>) -> (tensor<2x2x!text>, tensor<2x2x!text>) {
    %r1 = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<2x!text> {
      %x = xcs_llm.generate "m" (system %o, user %p) {xcs_llm.sample_ids = array<i64: 10, 11, 20, 21>} : !text
      xcs_llm.yield %x : !text
    }
    %r2 = xcs_llm.batch (%q in %qs : tensor<2x!text>) -> tensor<2x!text> {
      %x = xcs_llm.generate "m" (system %o, user %q) {xcs_llm.sample_ids = array<i64: 50, 51, 60, 61>} : !text
      xcs_llm.yield %x : !text
    }
    xcs_llm.yield %r1, %r2 : tensor<2x!text>, tensor<2x!text>
  }
  return %r#0, %r#1 : tensor<2x2x!text>, tensor<2x2x!text>
}

// An attribute of somebody else tells bodies apart.
// CHECK-LABEL: func.func @negative_other_attributes
// CHECK-COUNT-2: xcs_llm.batch
func.func @negative_other_attributes(%ps: tensor<2x!text>, %qs: tensor<3x!text>) -> (tensor<2x!text>, tensor<3x!text>) {
  %r1 = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<2x!text> {
    %x = xcs_llm.generate "m" (%p) {their.note = 1 : i64, xcs_llm.sample_ids = array<i64: 5, 4>} : !text
    xcs_llm.yield %x : !text
  }
  %r2 = xcs_llm.batch (%q in %qs : tensor<3x!text>) -> tensor<3x!text> {
    %x = xcs_llm.generate "m" (%q) {xcs_llm.sample_ids = array<i64: 1, 2, 3>} : !text
    xcs_llm.yield %x : !text
  }
  return %r1, %r2 : tensor<2x!text>, tensor<3x!text>
}

// Fused behind the batch that feeds it, and hoisted out of members, calls keep them.
// CHECK-LABEL: func.func @moved
// CHECK-DAG: xcs_llm.sample_ids = array<i64: 0, 1>
// CHECK-DAG: xcs_llm.sample_ids = array<i64: 2, 3>
// CHECK-DAG: xcs_llm.sample_ids = array<i64: 8, 9>
func.func @moved(%ps: tensor<2x!text>, %a: !text, %b: !text) -> (tensor<2x!text>, tensor<2x!text>) {
  %r1 = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<2x!text> {
    %x = xcs_llm.generate "m" (%p) {xcs_llm.sample_ids = array<i64: 0, 1>} : !text
    xcs_llm.yield %x : !text
  }
  %r2 = xcs_llm.batch (%p in %r1 : tensor<2x!text>) -> tensor<2x!text> {
    %x = xcs_llm.generate "n" (%p) {xcs_llm.sample_ids = array<i64: 2, 3>} : !text
    xcs_llm.yield %x : !text
  }
  %all = xcs_llm.ensemble all -> tensor<2x!text> {
    %x = xcs_llm.generate "o" (%a) {xcs_llm.sample_ids = array<i64: 8>} : !text
    xcs_llm.yield %x : !text
  }, {
    %x = xcs_llm.generate "o" (%b) {xcs_llm.sample_ids = array<i64: 9>} : !text
    xcs_llm.yield %x : !text
  }
  return %r2, %all : tensor<2x!text>, tensor<2x!text>
}

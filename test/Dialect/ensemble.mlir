// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

!text = !xcs_llm.text

// CHECK-LABEL: func.func @policies
func.func @policies(%p: !text, %flag: i1, %score: f64) {
  // CHECK: %answer = xcs_llm.ensemble all -> tensor<2x!xcs_llm.text> {
  // CHECK-NEXT: xcs_llm.yield %arg0 : !xcs_llm.text
  // CHECK-NEXT: }, {
  // CHECK-NEXT: xcs_llm.yield %arg0, %arg1 : !xcs_llm.text, i1
  // CHECK-NEXT: }
  %all = xcs_llm.ensemble all -> tensor<2x!text> {
    xcs_llm.yield %p : !text
  }, {
    xcs_llm.yield %p, %flag : !text, i1
  }
  // CHECK: xcs_llm.ensemble majority -> !xcs_llm.text {
  %majority = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %p : !text
  }
  // CHECK: xcs_llm.ensemble first -> (!xcs_llm.text, f64) {
  %first, %of = xcs_llm.ensemble first -> (!text, f64) {
    xcs_llm.yield %p, %score, %flag : !text, f64, i1
  }
  // CHECK: xcs_llm.ensemble best -> !xcs_llm.text {
  // CHECK-NEXT: xcs_llm.yield %arg0, %arg2 : !xcs_llm.text, f64
  // CHECK-NEXT: }, {
  // CHECK-NEXT: xcs_llm.yield %arg0, %arg2, %arg1 : !xcs_llm.text, f64, i1
  %best = xcs_llm.ensemble best -> !text {
    xcs_llm.yield %p, %score : !text, f64
  }, {
    xcs_llm.yield %p, %score, %flag : !text, f64, i1
  }
  return
}

// CHECK-LABEL: func.func @waves
func.func @waves(%p: !text, %score: f64) {
  // CHECK: xcs_llm.ensemble majority quorum 3 -> !xcs_llm.text
  // CHECK: } {agreement = 7.500000e-01 : f64, confidence = 5.000000e-01 : f64, waves = array<i64: 2, 1>}
  %v = xcs_llm.ensemble majority quorum 3 -> !text {
    xcs_llm.yield %p : !text
  }, {
    xcs_llm.yield %p : !text
  }, {
    xcs_llm.yield %p : !text
  } {waves = array<i64: 2, 1>, confidence = 0.5 : f64, agreement = 0.75 : f64}
  // Waves are for every policy: a vote is settled once the rest cannot change it.
  // CHECK: xcs_llm.ensemble all -> tensor<2x!xcs_llm.text>
  // CHECK: } {waves = array<i64: 1, 1>}
  %all = xcs_llm.ensemble all -> tensor<2x!text> {
    xcs_llm.yield %p : !text
  }, {
    xcs_llm.yield %p : !text
  } {waves = array<i64: 1, 1>}
  return
}

// CHECK-LABEL: func.func @votes
func.func @votes(%p: !text, %flag: i1, %texts: tensor<5x!text>, %some: tensor<?x!text>,
                 %row: tensor<3xf64>, %rows: tensor<2x3xf64>) {
  // A member may have a list of votes, of any length, and a verdict.
  // CHECK: xcs_llm.ensemble majority -> !xcs_llm.text
  %v = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %texts : tensor<5x!text>
  }, {
    xcs_llm.yield %some, %flag : tensor<?x!text>, i1
  }, {
    xcs_llm.yield %p, %flag : !text, i1
  }
  // CHECK: xcs_llm.ensemble majority -> tensor<3xf64>
  %w = xcs_llm.ensemble majority -> tensor<3xf64> {
    xcs_llm.yield %row : tensor<3xf64>
  }, {
    xcs_llm.yield %rows : tensor<2x3xf64>
  }
  // Several results are voted on as a tuple.
  // CHECK: xcs_llm.ensemble majority -> (!xcs_llm.text, i1)
  %a, %b = xcs_llm.ensemble majority -> (!text, i1) {
    xcs_llm.yield %p, %flag : !text, i1
  }, {
    xcs_llm.yield %p, %flag, %flag : !text, i1, i1
  }
  // CHECK: xcs_llm.ensemble all -> tensor<1x5x!xcs_llm.text>
  %lists = xcs_llm.ensemble all -> tensor<1x5x!text> {
    xcs_llm.yield %texts : tensor<5x!text>
  }
  return
}

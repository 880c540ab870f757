// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

!text = !xcs_llm.text

// CHECK-LABEL: func.func @one_list
func.func @one_list(%ps: tensor<2x!text>) -> tensor<2x!text> {
  // CHECK: %responses = xcs_llm.batch (%item in %arg0 : tensor<2x!xcs_llm.text>) -> tensor<2x!xcs_llm.text> {
  // CHECK-NEXT: %response = xcs_llm.generate "m" (%item) : !xcs_llm.text
  // CHECK-NEXT: xcs_llm.yield %response : !xcs_llm.text
  // CHECK-NEXT: } {batch_size = 2 : i64}
  %rs = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<2x!text> {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  } {batch_size = 2 : i64}
  return %rs : tensor<2x!text>
}

// A list of known length tells the length of the others, and of the results.
// CHECK-LABEL: func.func @two_lists
func.func @two_lists(%ps: tensor<?x!text>, %ns: tensor<2xi64>) {
  // CHECK: %responses:2 = xcs_llm.batch (%item in %arg0 : tensor<?x!xcs_llm.text>, %item_0 in %arg1 : tensor<2xi64>) -> (tensor<2xi64>, tensor<2x!xcs_llm.text>) {
  %ns2, %ps2 = xcs_llm.batch (%p in %ps : tensor<?x!text>, %n in %ns : tensor<2xi64>)
      -> (tensor<2xi64>, tensor<2x!text>) {
    xcs_llm.yield %n, %p : i64, !text
  }
  return
}

// CHECK-LABEL: func.func @stacking
func.func @stacking(%ps: tensor<?x!text>, %rows: tensor<4x3xf64>) {
  // CHECK: -> (tensor<?x8xf32>, tensor<?x5x!xcs_llm.text>, tensor<?xf64>)
  %e, %s, %d = xcs_llm.batch (%p in %ps : tensor<?x!text>)
      -> (tensor<?x8xf32>, tensor<?x5x!text>, tensor<?xf64>) {
    %embedding = xcs_llm.embed "e" (%p) : tensor<8xf32>
    %samples = xcs_llm.generate "m" (%p) {n = 5} : tensor<5x!text>
    %degree = xcs_llm.score "m" (%p) : f64
    xcs_llm.yield %embedding, %samples, %degree : tensor<8xf32>, tensor<5x!text>, f64
  }
  // CHECK: xcs_llm.batch (%item in %arg1 : tensor<4x3xf64>) -> tensor<4x3xf64>
  %same = xcs_llm.batch (%row in %rows : tensor<4x3xf64>) -> tensor<4x3xf64> {
    xcs_llm.yield %row : tensor<3xf64>
  }
  return
}

// A verdict filters.
// CHECK-LABEL: func.func @filter
func.func @filter(%ps: tensor<2x!text>, %flags: tensor<2xi1>) {
  // CHECK: -> tensor<?x!xcs_llm.text>
  %kept = xcs_llm.batch (%p in %ps : tensor<2x!text>, %flag in %flags : tensor<2xi1>) -> tensor<?x!text> {
    xcs_llm.yield %p, %flag : !text, i1
  }
  return
}

func.func private @search(!text) -> !text attributes {xcs_llm.task = "search", xcs_llm.pure}

// A pure tool may be called for each item. A batch may have no results.
// CHECK-LABEL: func.func @pure_tool
func.func @pure_tool(%ps: tensor<2x!text>) {
  // CHECK: xcs_llm.batch (%item in %arg0 : tensor<2x!xcs_llm.text>) {
  xcs_llm.batch (%p in %ps : tensor<2x!text>) {
    %found = func.call @search(%p) : (!text) -> !text
    xcs_llm.yield
  }
  return
}

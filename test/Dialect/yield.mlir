// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

!text = !xcs_llm.text

// CHECK-LABEL: func.func @yields
func.func @yields(%p: !text, %flag: i1) {
  xcs_llm.cascade {
    // A verdict alone.
    // CHECK: xcs_llm.yield %arg1 : i1
    xcs_llm.yield %flag : i1
  }, {
    // CHECK: xcs_llm.yield{{$}}
    xcs_llm.yield
  }
  %v:2 = xcs_llm.cascade -> (!text, i1) {
    // CHECK: xcs_llm.yield %arg0, %arg1, %arg1 : !xcs_llm.text, i1, i1
    xcs_llm.yield %p, %flag, %flag : !text, i1, i1
  }, {
    // CHECK: xcs_llm.yield %arg0, %arg1 : !xcs_llm.text, i1
    xcs_llm.yield %p, %flag : !text, i1
  }
  return
}

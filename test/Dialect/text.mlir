// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

#greeting = "Good morning."

// CHECK-LABEL: func.func @texts
func.func @texts() -> (!xcs_llm.text, !xcs_llm.text, !xcs_llm.text) {
  // CHECK: %text = xcs_llm.text "You are terse.\0A"
  %terse = xcs_llm.text "You are terse.\n"
  // CHECK: %text_0 = xcs_llm.text "Good morning."
  %alias = xcs_llm.text #greeting
  // CHECK: %text_1 = xcs_llm.text "na\C3\AFve \F0\9F\99\82"
  %unicode = xcs_llm.text "na\C3\AFve \F0\9F\99\82"
  return %terse, %alias, %unicode : !xcs_llm.text, !xcs_llm.text, !xcs_llm.text
}

// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

// CHECK-LABEL: func.func @parses
func.func @parses(%r: !xcs_llm.text) {
  // CHECK: %parsed = xcs_llm.parse_response %arg0 as text : !xcs_llm.text
  %text = xcs_llm.parse_response %r as text : !xcs_llm.text
  // CHECK: xcs_llm.parse_response %arg0 as number : f64
  %number = xcs_llm.parse_response %r as number : f64
  // CHECK: xcs_llm.parse_response %arg0 as number {otherwise = -1 : i64} : i64
  %integer = xcs_llm.parse_response %r as number {otherwise = -1 : i64} : i64
  // CHECK: xcs_llm.parse_response %arg0 as boolean {otherwise = false} : i1
  %flag = xcs_llm.parse_response %r as boolean {otherwise = false} : i1
  // CHECK: xcs_llm.parse_response %arg0 as choice {choices = ["spam", "not spam"]} : i64
  %choice = xcs_llm.parse_response %r as choice {choices = ["spam", "not spam"]} : i64
  // CHECK: xcs_llm.parse_response %arg0 as json "/a~1b/0" : !xcs_llm.text
  %json = xcs_llm.parse_response %r as json "/a~1b/0" : !xcs_llm.text
  // CHECK: xcs_llm.parse_response %arg0 as json "" {otherwise = ["none"]} : tensor<?x!xcs_llm.text>
  %list = xcs_llm.parse_response %r as json "" {otherwise = ["none"]} : tensor<?x!xcs_llm.text>
  // CHECK: xcs_llm.parse_response %arg0 as json "/scores" {otherwise = [0.000000e+00, 1.000000e+00]} : tensor<2xf64>
  %scores = xcs_llm.parse_response %r as json "/scores" {otherwise = [0.0, 1.0]} : tensor<2xf64>
  // CHECK: xcs_llm.parse_response %arg0 as regex "Answer: (.*)" {expected_output_tokens = 5 : i64, otherwise = ""} : !xcs_llm.text
  %regex = xcs_llm.parse_response %r as regex "Answer: (.*)" {otherwise = "", expected_output_tokens = 5 : i64} : !xcs_llm.text
  return
}

// RUN: xcs-opt %s | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --mlir-print-op-generic | xcs-opt | FileCheck %s
// RUN: xcs-opt %s --emit-bytecode | xcs-opt | FileCheck %s

#question = "Q: {question}\nA:"

// CHECK-LABEL: func.func @templates
func.func @templates(%text: !xcs_llm.text, %flag: i1, %count: i64, %score: f64,
                     %list: tensor<?x!xcs_llm.text>, %scores: tensor<2xf64>) {
  // CHECK: xcs_llm.prompt_template "Q: {question}\0AA:" (%arg0)
  %alias = xcs_llm.prompt_template #question (%text)
  // CHECK: xcs_llm.prompt_template "{a} or {b}, not {a}" (%arg0, %arg1 : i1)
  %repeated = xcs_llm.prompt_template "{a} or {b}, not {a}" (%text, %flag : i1)
  // CHECK: xcs_llm.prompt_template "{n} of {x}" (%arg2 : i64, %arg3 : f64)
  %numbers = xcs_llm.prompt_template "{n} of {x}" (%count : i64, %score : f64)
  // CHECK: xcs_llm.prompt_template "{docs}{scores}" (%arg4 : tensor<?x!xcs_llm.text>, %arg5 : tensor<2xf64>) {separator = "; "}
  %lists = xcs_llm.prompt_template "{docs}{scores}"
      (%list : tensor<?x!xcs_llm.text>, %scores : tensor<2xf64>) {separator = "; "}
  // CHECK: xcs_llm.prompt_template "{{[{][{]}}literal{{[}][}]}} {_x1}" (%arg0) {reorder}
  %reorder = xcs_llm.prompt_template "{{literal}} {_x1}" (%text) {reorder}
  // The types of texts may be spelt out; they print without.
  // CHECK: xcs_llm.prompt_template "{x}." (%arg0)
  %spelt = xcs_llm.prompt_template "{x}." (%text : !xcs_llm.text)
  // CHECK: xcs_llm.prompt_template "nothing to fill" ()
  %constant = xcs_llm.prompt_template "nothing to fill" ()
  return
}

// What is isolated from a function is not the function's: no rewrite looks into it, or
// shares values with it.

// RUN: xcs-opt %s --xcs-batch-prompts -o %t.mlir && FileCheck %s < %t.mlir
// RUN: xcs-opt %s --xcs-eliminate-redundant-calls --xcs-fuse-ensembles --xcs-stage-votes --xcs-insert-caching --xcs-optimize-chains --xcs-prune-conditionals --xcs-select-models --xcs-cancel-redundant -o %t.mlir && FileCheck %s < %t.mlir
// RUN: xcs-opt %s --xcs-optimize -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-LABEL: @negative_module
// CHECK: builtin.module
// CHECK-COUNT-4: generate "gpt-4o"
// CHECK-NOT: n = 2
// CHECK-NOT: xcs_llm.batch
func.func @negative_module(%p: !xcs_llm.text) -> (!xcs_llm.text, !xcs_llm.text) {
  builtin.module {
    func.func @inner(%q: !xcs_llm.text) -> (!xcs_llm.text, !xcs_llm.text) {
      %a = xcs_llm.generate "gpt-4o" (%q) : !xcs_llm.text
      %b = xcs_llm.generate "gpt-4o" (%q) : !xcs_llm.text
      return %a, %b : !xcs_llm.text, !xcs_llm.text
    }
  }
  %a = xcs_llm.generate "gpt-4o" (%p) : !xcs_llm.text
  %b = xcs_llm.generate "gpt-4o" (%p) : !xcs_llm.text
  return %a, %b : !xcs_llm.text, !xcs_llm.text
}

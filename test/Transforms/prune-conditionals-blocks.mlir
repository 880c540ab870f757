// RUN: xcs-opt %s --split-input-file --xcs-prune-conditionals | FileCheck %s

// Functions of several blocks, and code that nothing reaches.

!text = !xcs_llm.text

// A block may stand before the one that its values come from. What the condition
// alone was asked for goes, once, however many results it has.
// CHECK-LABEL: func.func @blocks_out_of_order
// CHECK-COUNT-1: xcs_llm.generate
// CHECK-NOT: xcs_llm.generate
// CHECK-NOT: xcs_llm.conditional
func.func @blocks_out_of_order(%p: !text, %flag: i1) -> !text {
  cf.br ^first
^second:
  %answer = xcs_llm.conditional %condition -> !text {
    %a = xcs_llm.generate "small" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  } else {
    %a = xcs_llm.generate "small" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }
  return %answer : !text
^first:
  %x, %y = xcs_llm.conditional %flag -> (!text, !text) {
    %a = xcs_llm.generate "small" (%p) : !text
    xcs_llm.yield %a, %a : !text, !text
  } else {
    xcs_llm.yield %p, %p : !text, !text
  }
  %both = xcs_llm.prompt_template "{x}{y}" (%x, %y)
  %condition = xcs_llm.parse_response %both as boolean : i1
  cf.br ^second
}

// -----

!text = !xcs_llm.text

// Where nothing leads to, flags may be made of themselves: those stay.
// CHECK-LABEL: func.func @flags_of_themselves
func.func @flags_of_themselves(%p: !text) -> !text {
  return %p : !text
^nowhere:
  %true = arith.constant true
  %answer = xcs_llm.generate "small" (%p) : !text
  // CHECK: arith.xori
  // CHECK: arith.andi
  // CHECK: xcs_llm.conditional
  %no = arith.xori %no, %true : i1
  %one = arith.andi %two, %one : i1
  %two = arith.andi %one, %two : i1
  %chosen = arith.select %no, %answer, %p : !text
  cf.cond_br %two, ^nowhere, ^end(%chosen : !text)
^end(%last: !text):
  return %last : !text
}

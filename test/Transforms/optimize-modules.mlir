// RUN: xcs-opt %s --split-input-file --xcs-optimize | FileCheck %s

// Modules in modules, and in functions.

!text = !xcs_llm.text

// Functions of a module in another one double with each step as well: inlined these
// would be some millions of operations.
// CHECK-LABEL: module @steps
module @steps {
  func.func private @step1(%q: !text) -> !text {
    %a = func.call @step2(%q) : (!text) -> !text
    %b = func.call @step2(%a) : (!text) -> !text
    return %b : !text
  }
  func.func private @step2(%q: !text) -> !text {
    %a = func.call @step3(%q) : (!text) -> !text
    %b = func.call @step3(%a) : (!text) -> !text
    %c = func.call @step3(%b) : (!text) -> !text
    %d = func.call @step3(%c) : (!text) -> !text
    return %d : !text
  }
  func.func private @step3(%q: !text) -> !text {
    %a = func.call @step4(%q) : (!text) -> !text
    %b = func.call @step4(%a) : (!text) -> !text
    %c = func.call @step4(%b) : (!text) -> !text
    %d = func.call @step4(%c) : (!text) -> !text
    return %d : !text
  }
  func.func private @step4(%q: !text) -> !text {
    %a = func.call @step5(%q) : (!text) -> !text
    %b = func.call @step5(%a) : (!text) -> !text
    %c = func.call @step5(%b) : (!text) -> !text
    %d = func.call @step5(%c) : (!text) -> !text
    return %d : !text
  }
  func.func private @step5(%q: !text) -> !text {
    %a = func.call @step6(%q) : (!text) -> !text
    %b = func.call @step6(%a) : (!text) -> !text
    %c = func.call @step6(%b) : (!text) -> !text
    %d = func.call @step6(%c) : (!text) -> !text
    return %d : !text
  }
  func.func private @step6(%q: !text) -> !text {
    %a = func.call @step7(%q) : (!text) -> !text
    %b = func.call @step7(%a) : (!text) -> !text
    %c = func.call @step7(%b) : (!text) -> !text
    %d = func.call @step7(%c) : (!text) -> !text
    return %d : !text
  }
  func.func private @step7(%q: !text) -> !text {
    %a = func.call @step8(%q) : (!text) -> !text
    %b = func.call @step8(%a) : (!text) -> !text
    %c = func.call @step8(%b) : (!text) -> !text
    %d = func.call @step8(%c) : (!text) -> !text
    return %d : !text
  }
  func.func private @step8(%q: !text) -> !text {
    %a = xcs_llm.generate "small" (%q) : !text
    %b = xcs_llm.generate "small" (%a) : !text
    return %b : !text
  }
  // CHECK: func.func @program
  // CHECK-NEXT: call @step1
  func.func @program(%q: !text) -> !text {
    %a = func.call @step1(%q) : (!text) -> !text
    return %a : !text
  }
}

// -----

!text = !xcs_llm.text

// A branch that goes takes the module in it along.
// CHECK-LABEL: func.func @module_in_a_branch
// CHECK-NOT: module
// CHECK: generate "small" (%{{.*}}) {n = 3 : i64}
func.func @module_in_a_branch(%p: !text) -> (!text, !text, !text) {
  %true = arith.constant true
  %a = xcs_llm.conditional %true -> !text {
    %answer = xcs_llm.generate "small" (%p) : !text
    xcs_llm.yield %answer : !text
  } else {
    builtin.module {
      func.func @inner(%q: !text) -> !text {
        return %q : !text
      }
    }
    xcs_llm.yield %p : !text
  }
  %b = xcs_llm.generate "small" (%p) : !text
  %c = xcs_llm.generate "small" (%p) : !text
  return %a, %b, %c : !text, !text, !text
}

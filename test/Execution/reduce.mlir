// A pass that makes one sample of two is noticed, and what shows it made small.
// RUN: not execution-check --pipeline=test-merge-samples %s > %t.log
// RUN: FileCheck --check-prefix=CHECK-LOG --input-file=%t.log %s
// RUN: %python %S/reduce.py execution-check xcs-reduce %s two test-merge-samples | FileCheck %s

// CHECK-LOG: FAILED two test-merge-samples: 

// CHECK: func.func @two(
// CHECK-NOT: conditional
// CHECK-COUNT-2: xcs_llm.generate
// CHECK-NOT: conditional
// CHECK: return %{{[a-z0-9_]+}} : !xcs_llm.text
func.func @two(%question: !xcs_llm.text, %is_long: i1) -> (i1, !xcs_llm.text, !xcs_llm.text) {
  %prompt = xcs_llm.conditional %is_long -> !xcs_llm.text {
    %short = xcs_llm.generate "small" (%question) : !xcs_llm.text
    xcs_llm.yield %short : !xcs_llm.text
  } else {
    xcs_llm.yield %question : !xcs_llm.text
  }
  %first = xcs_llm.generate "small" (%prompt) : !xcs_llm.text
  %second = xcs_llm.generate "small" (%prompt) : !xcs_llm.text
  %third = xcs_llm.generate "small" (%second) : !xcs_llm.text
  return %is_long, %first, %third : i1, !xcs_llm.text, !xcs_llm.text
}

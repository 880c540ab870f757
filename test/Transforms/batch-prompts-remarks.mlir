// RUN: xcs-opt %s --xcs-batch-prompts="min-batch-size=3" --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s

!text = !xcs_llm.text

func.func @f(%a: !text, %b: !text, %c: !text) -> (!text, !text, !text, !text) {
  // CHECK: batch-prompts-remarks.mlir:[[@LINE+1]]:{{.*}}remark: [Passed] batched {{.*}}Function=f{{.*}}"grouped 3 calls into one batch"
  %r1 = xcs_llm.generate "m" (%a) : !text
  %r2 = xcs_llm.generate "m" (%b) : !text
  %r3 = xcs_llm.generate "m" (%c) : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-batched {{.*}}"not grouped: 'batch_compatible' is false"
  %r4 = xcs_llm.generate "m" (%a) {batch_compatible = false} : !text
  return %r1, %r2, %r3, %r4 : !text, !text, !text, !text
}

func.func @g(%a: !text, %b: !text) -> (!text, !text, !text, f64, i1) {
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-batched {{.*}}"not grouped: of the calls of its kind, too few are independent of each other"
  %r1 = xcs_llm.generate "m" (%a) : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-batched {{.*}}"not grouped: of the calls
  %r2 = xcs_llm.generate "m" (%r1) : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-batched {{.*}}"not grouped: of the calls
  %r3 = xcs_llm.generate "m" (%r2) : !text
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-batched {{.*}}"not grouped: no other call in its region has the same operation, model, parameters and roles"
  %s = xcs_llm.score "m" (%a) : f64
  %v = xcs_llm.ensemble majority -> i1 {
    // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-batched {{.*}}"not grouped: members of 'majority' may be cancelled, so their calls are not grouped"
    %x = xcs_llm.generate "m" (%a) : !text
    %y = xcs_llm.parse_response %x as boolean : i1
    xcs_llm.yield %y : i1
  }
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-batched {{.*}}"not grouped: there are fewer calls of its kind than min-batch-size"
  %e1 = xcs_llm.embed "e" (%a) : tensor<8xf32>
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-batched {{.*}}"not grouped: there are fewer
  %e2 = xcs_llm.embed "e" (%b) : tensor<8xf32>
  return %r1, %r2, %r3, %s, %v : !text, !text, !text, f64, i1
}

// RUN: xcs-opt %s --xcs-cancel-redundant --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s

!text = !xcs_llm.text

func.func @f(%p: !text, %q: !text, %x: i1) -> (!text, !text, i1, i1) {
  // CHECK: :[[@LINE+1]]:{{.*}}remark: [Passed] cancels-members {{.*}}Function=f | Class=lossless, Remark="the first accepted member cancels the others"
  %1 = xcs_llm.ensemble first -> !text {
    %r = xcs_llm.generate "a" (%p) : !text
    xcs_llm.yield %r : !text
  }, {
    xcs_llm.yield %q : !text
  }
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cancelled {{.*}}"nothing to cancel: when it is settled, no member with a call is running"
  %2 = xcs_llm.ensemble first -> !text {
    xcs_llm.yield %p : !text
  }
  %3 = xcs_llm.generate "a" (%p) : !text
  %a = xcs_llm.parse_response %3 as boolean : i1
  %4 = xcs_llm.generate "a" (%q) : !text
  %b = xcs_llm.parse_response %4 as boolean : i1
  // CHECK: :[[@LINE+1]]:{{.*}}[Passed] cancels-operands {{.*}}Class=lossless, Remark="cancels 1 call behind the second operand if the first is false, or 1 call behind the first operand if the second is false"
  %both = arith.andi %a, %b : i1
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-cancelled {{.*}}"nothing to cancel: no call is needed for one operand alone"
  %any = arith.ori %x, %x : i1
  return %1, %2, %both, %any : !text, !text, i1, i1
}

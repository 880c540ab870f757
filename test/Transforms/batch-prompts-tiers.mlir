// RUN: xcs-opt %s --xcs-batch-prompts="tiers=batch" -o %t.once && FileCheck %s --input-file %t.once
// RUN: xcs-opt %t.once --xcs-batch-prompts="tiers=batch" -o %t.twice && diff %t.once %t.twice
// RUN: not xcs-opt %s --xcs-batch-prompts="tiers=standard" 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: xcs-opt %s --xcs-batch-prompts="tiers=flex,batch" | FileCheck %s --check-prefix=BOTH
// RUN: xcs-opt %s --xcs-batch-prompts | FileCheck %s --check-prefix=NONE
// RUN: xcs-opt %s --xcs-batch-prompts="tiers=batch objective=balanced" --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=BALANCED
// RUN: xcs-opt %s --xcs-batch-prompts="tiers=batch" --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// OTHER: error: {{.*}}tiers must be flex or batch (got standard)

!text = !xcs_llm.text

xcs_llm.model @half {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64, batch_discount = 0.5 : f64,
  ttft_ms = 200.0 : f64, output_tokens_per_s = 100.0 : f64}
xcs_llm.model @no_batch {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64,
  ttft_ms = 200.0 : f64, output_tokens_per_s = 100.0 : f64}

// Without a deadline only the user can say that there is no hurry.
// CHECK-LABEL: func.func @no_hurry
// CHECK: xcs_llm.generate "half" {{.*}}service_tier = "batch"
// BOTH-LABEL: func.func @no_hurry
// BOTH: service_tier = "batch"
// NONE-LABEL: func.func @no_hurry
// NONE-NOT: service_tier
// REMARK: [Passed] tier {{.*}}Function=no_hurry{{.*}}Class=lossless{{.*}}"put on the batch tier"
// BALANCED-NOT: put on
// BALANCED: [Missed] no-tier {{.*}}Function=no_hurry{{.*}}the objective is not cost alone
func.func @no_hurry(%a: !text) -> !text {
  %r = xcs_llm.generate "half" (%a) : !text
  return %r : !text
}

// CHECK-LABEL: func.func @negative_chosen
// NONE-LABEL: func.func @negative_chosen
// CHECK: service_tier = "standard"
func.func @negative_chosen(%a: !text) -> !text {
  %r = xcs_llm.generate "half" (%a) {service_tier = "standard"} : !text
  return %r : !text
}

// CHECK-LABEL: func.func @negative_unknown_price
// CHECK-NOT: service_tier
// REMARK: Function=negative_unknown_price{{.*}}what 'no_batch' costs at the batch tier, or without it, is not known
func.func @negative_unknown_price(%a: !text) -> !text {
  %r = xcs_llm.generate "no_batch" (%a) : !text
  return %r : !text
}

// CHECK-LABEL: func.func @negative_deadline
// CHECK-NOT: service_tier
// REMARK: Function=negative_deadline{{.*}}its deadline does not leave the 24 hours
func.func @negative_deadline(%a: !text) -> !text attributes {xcs_llm.deadline_ms = 10000.0 : f64} {
  %r = xcs_llm.generate "half" (%a) : !text
  return %r : !text
}

// Two days are enough for one of the two that wait for each other, and a third beside
// them; nobody needs to ask for it.
// CHECK-LABEL: func.func @two_days
// CHECK-COUNT-2: service_tier = "batch"
// CHECK-NOT: service_tier
// NONE-LABEL: func.func @two_days
// NONE-COUNT-2: service_tier = "batch"
// NONE-NOT: service_tier
// REMARK: Function=two_days{{.*}}the deadline leaves it no 24 hours beside what waits already
func.func @two_days(%a: !text, %b: !text) -> (!text, !text) attributes {xcs_llm.deadline_ms = 172000000.0 : f64} {
  %r1 = xcs_llm.generate "half" (%a) : !text
  %r2 = xcs_llm.generate "half" (%r1) : !text
  %r3 = xcs_llm.generate "half" (%b) {max_tokens = 9 : i64} : !text
  return %r2, %r3 : !text, !text
}

// CHECK-LABEL: func.func @negative_chain
// CHECK-NOT: service_tier
// NONE-LABEL: func.func @negative_chain
// REMARK: Function=negative_chain{{.*}}the chain around it has a deadline
func.func @negative_chain(%a: !text) -> !text {
  %v = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "half" (%a) : !text
    xcs_llm.yield %r : !text
  } {deadline_ms = 4000.0 : f64}
  return %v : !text
}

// Late, it could not win any more.
// CHECK-LABEL: func.func @negative_first
// CHECK-NOT: service_tier
func.func @negative_first(%a: !text) -> !text {
  %v = xcs_llm.ensemble first -> !text {
    %r = xcs_llm.generate "half" (%a) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "no_batch" (%a) : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// CHECK-LABEL: func.func private @negative_called
// CHECK-NOT: service_tier
// REMARK: Function=negative_called{{.*}}it is called under a deadline
func.func private @negative_called(%a: !text) -> !text {
  %r = xcs_llm.generate "half" (%a) : !text
  return %r : !text
}
func.func @caller(%a: !text) -> !text attributes {xcs_llm.deadline_ms = 10000.0 : f64} {
  %r = call @negative_called(%a) : (!text) -> !text
  return %r : !text
}

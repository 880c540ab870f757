// RUN: xcs-opt %s --xcs-prune-conditionals --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s
// RUN: xcs-opt %s --xcs-prune-conditionals="objective=latency" --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=LATENCY

!text = !xcs_llm.text
xcs_llm.model @"m" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, ttft_ms = 100.0 : f64, output_tokens_per_s = 100.0 : f64}
func.func private @send(!text) -> !text attributes {xcs_llm.task = "mail"}

// It costs 200 tokens' price and takes 1100 ms, half of the time; but then it waits
// for the condition, which takes as long.
func.func @sunk(%q: !text) -> !text {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: remark: [Passed] sunk {{.*}}Category:xcs-prune-conditionals {{.*}}Function=sunk {{.*}}Class=lossless, Remark="runs only where it is used", SavedMs=-550, SavedRequests=0.5, SavedUsd=0.0001
  // LATENCY: :[[@LINE+1]]:{{[0-9]+}}: remark: [Missed] not-sunk {{.*}}"not moved to where it is used: it would start later, which loses more than it gains"
  %r = xcs_llm.generate "m" (%q) {expected_output_tokens = 100 : i64} : !text
  %s = xcs_llm.generate "m" (%q) {expected_output_tokens = 100 : i64} : !text
  %c = xcs_llm.parse_response %s as boolean : i1
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %r : !text
  } else {
    xcs_llm.yield %q : !text
  }
  return %v : !text
}

func.func @deadline_of_chain(%c: i1, %q: !text) -> !text {
  %v = xcs_llm.chain -> !text {
    // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-sunk {{.*}}"not moved to where it is used: it would start later in a chain with a deadline"
    %r = xcs_llm.generate "m" (%q) : !text
    %w = xcs_llm.conditional %c -> !text {
      xcs_llm.yield %r : !text
    } else {
      xcs_llm.yield %q : !text
    }
    xcs_llm.yield %w : !text
  } {deadline_ms = 4000.0 : f64}
  return %v : !text
}

func.func @deadline(%q: !text) -> !text attributes {xcs_llm.deadline_ms = 1500.0 : f64} {
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-sunk {{.*}}"not moved to where it is used: it would start later, and the function would miss its deadline"
  %r = xcs_llm.generate "m" (%q) {expected_output_tokens = 100 : i64} : !text
  %s = xcs_llm.generate "m" (%q) {expected_output_tokens = 100 : i64} : !text
  %c = xcs_llm.parse_response %s as boolean : i1
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %r : !text
  } else {
    xcs_llm.yield %q : !text
  }
  return %v : !text
}

func.func @flags(%q: !text) -> i1 {
  %r1 = xcs_llm.generate "m" (%q) {expected_output_tokens = 100 : i64} : !text
  %b1 = xcs_llm.parse_response %r1 as boolean : i1
  %r2 = xcs_llm.generate "m" (%q) {expected_output_tokens = 100 : i64} : !text
  %b2 = xcs_llm.parse_response %r2 as boolean : i1
  // CHECK: :[[@LINE+2]]:{{.*}}[Passed] nested {{.*}}Class=lossless, Remark="decides 2 flags step by step, the cheapest first", SavedMs=-550, SavedRequests=0.5, SavedUsd=0.0001
  // LATENCY: :[[@LINE+1]]:{{.*}}[Missed] not-nested {{.*}}"not decided step by step: it would start later, which loses more than it gains"
  %v = arith.andi %b1, %b2 : i1
  return %v : i1
}

func.func @negative_flags(%v: i1, %q: !text) -> (i1, i1, i1) {
  %r3 = xcs_llm.generate "m" (%q) : !text
  %b3 = xcs_llm.parse_response %r3 as boolean : i1
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-nested {{.*}}"not decided step by step: what stands behind its operands is used elsewhere as well"
  %w = arith.ori %v, %b3 : i1
  %r4 = xcs_llm.generate "m" (%q) : !text
  %sent = func.call @send(%q) : (!text) -> !text
  %b4 = xcs_llm.parse_response %r4 as boolean : i1
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] not-nested {{.*}}"not decided step by step: a tool that is not pure is called in between"
  %x = arith.ori %w, %b4 : i1
  return %w, %x, %b3 : i1, i1, i1
}

func.func @branches(%c: i1, %q: !text) -> (!text, !text) {
  %true = arith.constant true
  // CHECK: :[[@LINE+1]]:{{.*}}[Passed] known-branch {{.*}}"the condition is constant, so only one branch is left"
  %v = xcs_llm.conditional %true -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  } else {
    xcs_llm.yield %q : !text
  }
  // CHECK: :[[@LINE+1]]:{{.*}}[Passed] equal-branches {{.*}}"the branches are equal, so one of them stands for both"
  %w = xcs_llm.conditional %c -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  } else {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }
  return %v, %w : !text, !text
}

func.func @judges(%q: !text) -> (!text, !text) attributes {xcs_llm.allow = "quality"} {
  %short = xcs_llm.generate "m" (%q) {n = 3 : i64, max_tokens = 5 : i64} : tensor<3x!text>
  %p1 = xcs_llm.prompt_template "Best of {answers}" (%short : tensor<3x!text>)
  // CHECK: :[[@LINE+1]]:{{.*}}[Passed] judge-skipped {{.*}}Class=quality-bounded, Remark="asked only if its 3 candidates do not agree"
  %r1 = xcs_llm.generate "m" (%p1) : !text
  %long = xcs_llm.generate "m" (%q) {n = 3 : i64, max_tokens = 200 : i64} : tensor<3x!text>
  %p2 = xcs_llm.prompt_template "Best of {answers}" (%long : tensor<3x!text>)
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] judge-not-skipped {{.*}}"judge not skipped: texts of about 200 tokens hardly ever agree"
  %r2 = xcs_llm.generate "m" (%p2) : !text
  return %r1, %r2 : !text, !text
}

func.func @no_leave(%q: !text) -> !text {
  %short = xcs_llm.generate "m" (%q) {n = 3 : i64, max_tokens = 5 : i64} : tensor<3x!text>
  %p = xcs_llm.prompt_template "Best of {answers}" (%short : tensor<3x!text>)
  // CHECK: :[[@LINE+1]]:{{.*}}[Missed] judge-not-skipped {{.*}}"judge not skipped: candidates that agree may stand in only with the leave 'quality'"
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// The pipeline on small programs: what it makes of them, and what it leaves alone.
// RUN: xcs-opt %s --xcs-optimize --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir
// RUN: xcs-opt %t.mlir --xcs-optimize 2>/dev/null | diff - %t.mlir

!text = !xcs_llm.text

xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 4.0 : f64,
  ttft_ms = 200.0 : f64, output_tokens_per_s = 100.0 : f64}

// Two drafts and two reviews of them, all deterministic: one of each.
// CHECK-LABEL: func.func @twice
// CHECK-COUNT-2: xcs_llm.generate "small"
// CHECK-NOT: xcs_llm.generate
// CHECK: return
func.func @twice(%q: !text) -> (!text, !text) {
  %draft1 = xcs_llm.generate "small" (%q) {temperature = 0.0 : f64, expected_output_tokens = 50 : i64} : !text
  %prompt1 = xcs_llm.prompt_template "Review: {draft}" (%draft1)
  %review1 = xcs_llm.generate "small" (%prompt1) {temperature = 0.0 : f64} : !text
  %draft2 = xcs_llm.generate "small" (%q) {temperature = 0.0 : f64} : !text
  %prompt2 = xcs_llm.prompt_template "Review: {draft}" (%draft2)
  %review2 = xcs_llm.generate "small" (%prompt2) {temperature = 0.0 : f64} : !text
  return %review1, %review2 : !text, !text
}

// Samples that nobody reads go, whatever their number.
// CHECK-LABEL: func.func @unread
// CHECK-NOT: xcs_llm.generate
// CHECK: return
func.func @unread(%q: !text) -> !text {
  %draft = xcs_llm.generate "small" (%q) : !text
  %review = xcs_llm.generate "small" (%draft) : !text
  return %q : !text
}

// A constant condition, behind a call, decides which branch is left.
// CHECK-LABEL: func.func @decided
// CHECK-NOT: xcs_llm.conditional
// CHECK: xcs_llm.generate "small" (%{{.*}}) {max_tokens = 1 : i64}
// CHECK-NOT: xcs_llm.generate
func.func private @always() -> i1 {
  %true = arith.constant true
  return %true : i1
}
func.func @decided(%q: !text) -> !text {
  %c = func.call @always() : () -> i1
  %r = xcs_llm.conditional %c -> !text {
    %a = xcs_llm.generate "small" (%q) {max_tokens = 1 : i64} : !text
    xcs_llm.yield %a : !text
  } else {
    %b = xcs_llm.generate "small" (%q) {max_tokens = 2 : i64} : !text
    xcs_llm.yield %b : !text
  }
  return %r : !text
}

// A judge of two equal answers is warned of once, however often passes look.
// CHECK-LABEL: func.func @judged
// CHECK-COUNT-2: xcs_llm.generate
// CHECK-NOT: xcs_llm.generate
func.func @judged(%q: !text) -> !text {
  // expected-note @below {{the answer}}
  %a = xcs_llm.generate "small" (%q) {temperature = 0.0 : f64} : !text
  %b = xcs_llm.generate "small" (%q) {temperature = 0.0 : f64} : !text
  %both = tensor.from_elements %a, %b : tensor<2x!text>
  // expected-warning @below {{candidates in this prompt are all the same answer}}
  %prompt = xcs_llm.prompt_template "Which is better?\n{both}" (%both : tensor<2x!text>)
  %r = xcs_llm.generate "small" (%prompt) {temperature = 0.0 : f64} : !text
  return %r : !text
}

// Functions that would double with every step are not inlined.
// CHECK-LABEL: func.func private @step1
// CHECK-COUNT-2: call @step2
// CHECK-LABEL: func.func @steps
// CHECK-COUNT-2: call @step1
func.func private @step1(%q: !text) -> !text {
  %a = func.call @step2(%q) : (!text) -> !text
  %b = func.call @step2(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step2(%q: !text) -> !text {
  %a = func.call @step3(%q) : (!text) -> !text
  %b = func.call @step3(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step3(%q: !text) -> !text {
  %a = func.call @step4(%q) : (!text) -> !text
  %b = func.call @step4(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step4(%q: !text) -> !text {
  %a = func.call @step5(%q) : (!text) -> !text
  %b = func.call @step5(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step5(%q: !text) -> !text {
  %a = func.call @step6(%q) : (!text) -> !text
  %b = func.call @step6(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step6(%q: !text) -> !text {
  %a = func.call @step7(%q) : (!text) -> !text
  %b = func.call @step7(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step7(%q: !text) -> !text {
  %a = func.call @step8(%q) : (!text) -> !text
  %b = func.call @step8(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step8(%q: !text) -> !text {
  %a = func.call @step9(%q) : (!text) -> !text
  %b = func.call @step9(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step9(%q: !text) -> !text {
  %a = func.call @step10(%q) : (!text) -> !text
  %b = func.call @step10(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step10(%q: !text) -> !text {
  %a = func.call @step11(%q) : (!text) -> !text
  %b = func.call @step11(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step11(%q: !text) -> !text {
  %a = func.call @step12(%q) : (!text) -> !text
  %b = func.call @step12(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step12(%q: !text) -> !text {
  %a = func.call @step13(%q) : (!text) -> !text
  %b = func.call @step13(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step13(%q: !text) -> !text {
  %a = func.call @step14(%q) : (!text) -> !text
  %b = func.call @step14(%a) : (!text) -> !text
  return %b : !text
}
func.func private @step14(%q: !text) -> !text {
  %a = xcs_llm.generate "small" (%q) : !text
  return %a : !text
}
func.func @steps(%q: !text) -> !text {
  %a = func.call @step1(%q) : (!text) -> !text
  %b = func.call @step1(%a) : (!text) -> !text
  return %b : !text
}

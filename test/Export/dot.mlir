// RUN: xcs-translate --xcs-to-dot %s | FileCheck %s
// RUN: not xcs-translate --xcs-to-dot %S/Inputs/no-model.mlir 2>&1 | FileCheck %s --check-prefix=BAD

!text = !xcs_llm.text

xcs_llm.model @"quick \"one\"\\" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 2.0 : f64, ttft_ms = 100.0 : f64, output_tokens_per_s = 100.0 : f64}

func.func private @find(!text) -> !text attributes {xcs_llm.task = "find", xcs_llm.pure, xcs_llm.latency_ms = 10.0 : f64}

// Templates and parses are edges; what is known stands in the boxes; the critical
// path is bold; names are quoted.
// CHECK: digraph "{{.*}}dot.mlir" {
// CHECK: subgraph cluster_p0 {
// CHECK-NEXT: label="line";
// CHECK-NEXT: p0_generate1 [label="quick \"one\"\\\ngenerate1\n100 -> 50 tokens, $0.000200", fillcolor="#77aadd", penwidth=3];
// CHECK-NEXT: p0_tool1 [label="tool find\ntool1"{{.*}}, penwidth=3];
// CHECK-NEXT: p0_generate2 [label="unheard-of\ngenerate2\n100 -> 5 tokens", fillcolor="#ee8866"];
// CHECK-NEXT: p0_generate1 -> p0_tool1 [penwidth=3];
// CHECK-NEXT: p0_tool1 -> p0_generate2;
// CHECK-NEXT: }
func.func @line(%a: !text {xcs_llm.tokens = 100 : i64}) -> !text {
  %r = xcs_llm.generate "quick \"one\"\\" (%a) {expected_output_tokens = 50 : i64} : !text
  %p = xcs_llm.prompt_template "Find {what}" (%r)
  %f = func.call @find(%p) : (!text) -> !text
  %s = xcs_llm.generate "unheard-of" (%f) {expected_output_tokens = 5 : i64} : !text
  return %s : !text
}

// Control is a frame, with a node in it where its values come together; a condition
// leads to its frame, and each stage to the next.
// CHECK: subgraph cluster_p1 {
// CHECK: subgraph cluster_p1_conditional1 {
// CHECK-NEXT: label="if"; style=rounded;
// CHECK-NEXT: subgraph cluster_p1_conditional1_0 {
// CHECK-NEXT: label="yes"; style=dashed;
// CHECK-NEXT: subgraph cluster_p1_cascade1 {
// CHECK-NEXT: label="cascade"; style=rounded;
// CHECK-NEXT: subgraph cluster_p1_cascade1_0 {
// CHECK-NEXT: label="stage 1, up to 2 tries"; style=dashed;
// CHECK-NEXT: p1_generate1
// CHECK: p1_cascade1 [shape=circle
// CHECK: label="no"; style=dashed;
// CHECK-NEXT: }
// CHECK-NEXT: p1_conditional1 [shape=circle
// CHECK: p1_score1 -> p1_generate1 [{{.*}}style=dashed, lhead=cluster_p1_conditional1];
// CHECK: p1_generate1 -> p1_generate2 [{{.*}}style=dashed, ltail=cluster_p1_cascade1_0, lhead=cluster_p1_cascade1_1];
// CHECK: p1_cascade1 -> p1_conditional1;
// CHECK: p1_generate1 -> p1_cascade1;
func.func @control(%a: !text) -> !text {
  %s = xcs_llm.score "m" (%a) : f64
  %half = arith.constant 0.5 : f64
  %c = arith.cmpf oge, %s, %half : f64
  %r = xcs_llm.conditional %c -> !text {
    %x = xcs_llm.cascade -> !text {
      %y = xcs_llm.generate "m" (%a) : !text
      xcs_llm.yield %y : !text
    }, {
      %y = xcs_llm.generate "n" (%a) : !text
      xcs_llm.yield %y : !text
    } {attempts = array<i64: 2, 1>}
    xcs_llm.yield %x : !text
  } else {
    xcs_llm.yield %a : !text
  }
  return %r : !text
}

// A batch's items come from where its list does.
// CHECK: label="batch: each item"
// CHECK: p2_generate1 -> p2_score1;
// CHECK: p2_batch1 -> p2_generate2;
// CHECK: p2_score1 -> p2_batch1;
func.func @items(%a: !text) -> !text {
  %l = xcs_llm.generate "m" (%a) {n = 3 : i64} : tensor<3x!text>
  %scores = xcs_llm.batch (%i in %l : tensor<3x!text>) -> tensor<3xf64> {
    %s = xcs_llm.score "m" (%i) : f64
    xcs_llm.yield %s : f64
  }
  %p = xcs_llm.prompt_template "Best of {s}" (%scores : tensor<3xf64>)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// BAD: no-model.mlir:2:{{.*}}error: 'xcs_llm.generate' op must name a model to have a form in a schedule

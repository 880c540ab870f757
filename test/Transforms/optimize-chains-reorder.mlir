// Where templates have leave, constant parts go ahead if calls share them then.
// RUN: xcs-opt %s --xcs-optimize-chains --remarks-filter=".*" --remark-policy=all -o %t.mlir 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: FileCheck %s < %t.mlir
// RUN: xcs-opt %t.mlir --xcs-optimize-chains -o %t.again.mlir
// RUN: diff %t.mlir %t.again.mlir
// RUN: xcs-opt %s --xcs-optimize-chains=allow=lossless | FileCheck %s --check-prefix=LOSSLESS

// LOSSLESS-NOT: prompt_template "Rules

!text = !xcs_llm.text
xcs_llm.model @"m" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, cached_input_usd_per_mtok = 0.1 : f64, min_cached_tokens = 16 : i64, ttft_ms = 100.0 : f64, output_tokens_per_s = 100.0 : f64}

// The second call waits for the first, so that it can read what that has written.
// CHECK-LABEL: func.func @shared(
// CHECK: xcs_llm.prompt_template "Rules: {{[^{]*}}\0A\0AText: {x}\0A\0AAnswer:" (%arg0) {reorder}
// CHECK: xcs_llm.prompt_template "Rules: {{[^{]*}}\0A\0AText: {x}\0A\0AAnswer:" (%{{.*}}) {reorder}
// REMARK: reordered {{.*}}Function=shared {{.*}}Class=quality-bounded, Remark="moved constant parts ahead, so that calls share a prefix"{{.*}}SavedUsd=
// REMARK: reordered {{.*}}Function=shared
func.func @shared(%x: !text) -> !text {
  %p = xcs_llm.prompt_template "Text: {x}\n\nRules: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen\n\nAnswer:" (%x) {reorder}
  %a = xcs_llm.generate "m" (%p) {max_tokens = 10 : i64} : !text
  %q = xcs_llm.prompt_template "Text: {x}\n\nRules: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen\n\nAnswer:" (%a) {reorder}
  %b = xcs_llm.generate "m" (%q) {max_tokens = 10 : i64} : !text
  return %b : !text
}

// What goes out side by side shares nothing.
// CHECK-LABEL: func.func @negative_side_by_side(
// CHECK-NEXT: xcs_llm.prompt_template "{x}\0A\0ARules
// REMARK: not-reordered {{.*}}"constant parts stay where they are: no call of this program would read more from the prompt cache"
func.func @negative_side_by_side(%x: !text, %y: !text) -> (!text, !text) {
  %p = xcs_llm.prompt_template "{x}\n\nRules: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen" (%x) {reorder}
  %a = xcs_llm.generate "m" (%p) {max_tokens = 10 : i64} : !text
  %q = xcs_llm.prompt_template "{x}\n\nRules: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen" (%y) {reorder}
  %b = xcs_llm.generate "m" (%q) {max_tokens = 10 : i64} : !text
  return %a, %b : !text, !text
}

// Without leave, or with leave for lossless rewrites alone.
// CHECK-LABEL: func.func @negative_leave(
// CHECK-NEXT: xcs_llm.prompt_template "{x}\0A\0ARules
// REMARK: not-reordered {{.*}}"constant parts stay where they are: the program gives leave for lossless rewrites alone"
func.func @negative_leave(%x: !text) -> !text attributes {xcs_llm.allow = "lossless"} {
  %p = xcs_llm.prompt_template "{x}\n\nRules: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen" (%x)
  %a = xcs_llm.generate "m" (%p) {max_tokens = 10 : i64} : !text
  // CHECK: xcs_llm.prompt_template "{x}\0A\0ARules
  %q = xcs_llm.prompt_template "{x}\n\nRules: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen" (%a) {reorder}
  %b = xcs_llm.generate "m" (%q) {max_tokens = 10 : i64} : !text
  return %b : !text
}

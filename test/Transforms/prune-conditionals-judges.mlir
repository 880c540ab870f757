// Judges are asked only where their candidates do not agree, if the owner allows it.
// RUN: xcs-opt %s --xcs-prune-conditionals -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// A second run changes nothing.
// RUN: xcs-opt %t.mlir --xcs-prune-conditionals | diff - %t.mlir
// Less leave, no change.
// RUN: xcs-opt %s --xcs-prune-conditionals="allow=distribution" | not grep xcs_llm.ensemble

!text = !xcs_llm.text
#ask = "Which of these answers {question}?\n{answers}"

// What cannot be read is no vote; the judge needs its prompt only where it is asked.
// CHECK-LABEL: func.func @same_parse
func.func @same_parse(%q: !text) -> i64 attributes {xcs_llm.allow = "quality"} {
  // CHECK: %[[R1:.*]] = xcs_llm.generate "m" (%arg0)
  // CHECK: %[[R2:.*]] = xcs_llm.generate "m" (%arg0)
  // CHECK: %[[V:.*]] = xcs_llm.cascade -> i64 {
  // CHECK-NEXT: %[[A:.*]] = xcs_llm.ensemble majority quorum 2 -> i64 {
  // CHECK-NEXT: %[[V1:.*]] = xcs_llm.parse_response %[[R1]] as choice {choices = ["a", "b"]} : i64
  // CHECK-NEXT: xcs_llm.yield %[[V1]]
  // CHECK-NEXT: }, {
  // CHECK-NEXT: %[[V2:.*]] = xcs_llm.parse_response %[[R2]] as choice {choices = ["a", "b"]} : i64
  // CHECK-NEXT: xcs_llm.yield %[[V2]]
  // CHECK-NEXT: }
  // CHECK-NEXT: xcs_llm.yield %[[A]] : i64
  // CHECK-NEXT: }, {
  // CHECK-NEXT: tensor.from_elements
  // CHECK-NEXT: xcs_llm.prompt_template
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: %[[J:.*]] = xcs_llm.parse_response {{.*}}otherwise = 0
  // CHECK-NEXT: xcs_llm.yield %[[J]]
  // CHECK-NEXT: } {accept_rate = array<f64: 5.000000e-01, 1.000000e+00>}
  // CHECK-NEXT: return %[[V]]
  %r1 = xcs_llm.generate "m" (%q) : !text
  %v1 = xcs_llm.parse_response %r1 as choice {choices = ["a", "b"], otherwise = 1 : i64} : i64
  %r2 = xcs_llm.generate "m" (%q) : !text
  %v2 = xcs_llm.parse_response %r2 as choice {choices = ["a", "b"]} : i64
  %answers = tensor.from_elements %r1, %r2 : tensor<2x!text>
  %p = xcs_llm.prompt_template #ask (%q, %answers : tensor<2x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  %v = xcs_llm.parse_response %r as choice {choices = ["a", "b"], otherwise = 0 : i64} : i64
  return %v : i64
}

// Short texts stand in as they are. The question was asked, and is no candidate.
// CHECK-LABEL: func.func @short_texts
func.func @short_texts(%q: !text) -> !text attributes {xcs_llm.allow = "quality"} {
  // CHECK: %[[Q:.*]] = xcs_llm.generate
  // CHECK: %[[R1:.*]] = xcs_llm.generate
  // CHECK: %[[R2:.*]] = xcs_llm.generate
  // CHECK: xcs_llm.ensemble majority quorum 2 -> !xcs_llm.text {
  // CHECK-NEXT: xcs_llm.yield %[[R1]]
  // CHECK-NEXT: }, {
  // CHECK-NEXT: xcs_llm.yield %[[R2]]
  %question = xcs_llm.generate "m" (%q) {max_tokens = 9 : i64} : !text
  %p1 = xcs_llm.prompt_template "Answer: {q}" (%question)
  %r1 = xcs_llm.generate "m" (%p1) {max_tokens = 5 : i64} : !text
  %r2 = xcs_llm.generate "n" (%p1) {max_tokens = 5 : i64} : !text
  %p = xcs_llm.prompt_template "To {q}: {a} or {b}?" (%question, %r1, %r2)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// Samples of one request are votes of one member.
// CHECK-LABEL: func.func @samples
func.func @samples(%q: !text) -> !text attributes {xcs_llm.allow = "quality"} {
  // CHECK: %[[R:.*]] = xcs_llm.generate "m" (%arg0) {max_tokens = 5 : i64, n = 3 : i64}
  // CHECK: xcs_llm.ensemble majority quorum 3 -> !xcs_llm.text {
  // CHECK-NEXT: xcs_llm.yield %[[R]] : tensor<3x!xcs_llm.text>
  // CHECK-NEXT: }
  %answers = xcs_llm.generate "m" (%q) {n = 3 : i64, max_tokens = 5 : i64} : tensor<3x!text>
  %p = xcs_llm.prompt_template #ask (%q, %answers : tensor<3x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// CHECK-LABEL: func.func @one_text
func.func @one_text(%q: !text) -> !text attributes {xcs_llm.allow = "quality"} {
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate
  // CHECK-NEXT: return %[[R]]
  %r1 = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
  %answers = tensor.from_elements %r1, %r1 : tensor<2x!text>
  %p = xcs_llm.prompt_template #ask (%q, %answers : tensor<2x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  %v = xcs_llm.parse_response %r as regex "Final Answer: (.*)" : !text
  return %v : !text
}

// CHECK-LABEL: func.func @negative_no_leave
func.func @negative_no_leave(%q: !text) -> !text {
  // CHECK-NOT: xcs_llm.cascade
  %answers = xcs_llm.generate "m" (%q) {n = 3 : i64, max_tokens = 5 : i64} : tensor<3x!text>
  %p = xcs_llm.prompt_template #ask (%q, %answers : tensor<3x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// CHECK-LABEL: func.func @negative_long_texts
func.func @negative_long_texts(%q: !text) -> !text attributes {xcs_llm.allow = "quality"} {
  // CHECK-NOT: xcs_llm.cascade
  %answers = xcs_llm.generate "m" (%q) {n = 3 : i64} : tensor<3x!text>
  %p = xcs_llm.prompt_template #ask (%q, %answers : tensor<3x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// No candidate has the reasons.
// CHECK-LABEL: func.func @negative_read_twice
func.func @negative_read_twice(%q: !text) -> (i64, !text) attributes {xcs_llm.allow = "quality"} {
  // CHECK-NOT: xcs_llm.cascade
  %r1 = xcs_llm.generate "m" (%q) : !text
  %v1 = xcs_llm.parse_response %r1 as number : i64
  %r2 = xcs_llm.generate "m" (%q) : !text
  %v2 = xcs_llm.parse_response %r2 as number : i64
  %p = xcs_llm.prompt_template "{a} or {b}?" (%r1, %r2)
  %r = xcs_llm.generate "m" (%p) : !text
  %v = xcs_llm.parse_response %r as number : i64
  %why = xcs_llm.parse_response %r as regex "because (.*)" : !text
  return %v, %why : i64, !text
}

// A score of texts is none of them.
// CHECK-LABEL: func.func @negative_read_otherwise
func.func @negative_read_otherwise(%q: !text) -> f64 attributes {xcs_llm.allow = "quality"} {
  // CHECK-NOT: xcs_llm.cascade
  %r1 = xcs_llm.generate "m" (%q) {max_tokens = 5 : i64} : !text
  %r2 = xcs_llm.generate "m" (%q) {max_tokens = 5 : i64} : !text
  %p = xcs_llm.prompt_template "How close are {a} and {b}?" (%r1, %r2)
  %r = xcs_llm.generate "m" (%p) : !text
  %v = xcs_llm.parse_response %r as number : f64
  return %v : f64
}

// An answer and a word on it are no two candidates.
// CHECK-LABEL: func.func @negative_refinement
func.func @negative_refinement(%q: !text) -> !text attributes {xcs_llm.allow = "quality"} {
  // CHECK-NOT: xcs_llm.cascade
  %r1 = xcs_llm.generate "m" (%q) {max_tokens = 5 : i64} : !text
  %p1 = xcs_llm.prompt_template "What is wrong with {a}?" (%r1)
  %r2 = xcs_llm.generate "m" (%p1) {max_tokens = 5 : i64} : !text
  %p = xcs_llm.prompt_template "{a}: {b}. Better:" (%r1, %r2)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

// RUN: xcs-opt %s --canonicalize --split-input-file | FileCheck %s

!text = !xcs_llm.text

//===----------------------------------------------------------------------===//
// prompt_template
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @constant_template
func.func @constant_template() -> !text {
  // CHECK-NEXT: %[[TEXT:.*]] = xcs_llm.text "{Ada} is 36, 0.1, true, 1e+21, Ada."
  // CHECK-NEXT: return %[[TEXT]]
  %name = xcs_llm.text "Ada"
  %age = arith.constant 36 : i64
  %share = arith.constant 0.1 : f64
  %flag = arith.constant true
  %huge = arith.constant 1.0e21 : f64
  %prompt = xcs_llm.prompt_template "{{{name}}} is {age}, {share}, {flag}, {huge}, {name}."
      (%name, %age : i64, %share : f64, %flag : i1, %huge : f64)
  return %prompt : !text
}

// CHECK-LABEL: func.func @template_without_operands
func.func @template_without_operands() -> !text {
  // CHECK-NEXT: xcs_llm.text "{}"
  %prompt = xcs_llm.prompt_template "{{}}" ()
  return %prompt : !text
}

// Templates of templates fold one after the other.
// CHECK-LABEL: func.func @nested_templates
func.func @nested_templates() -> !text {
  // CHECK-NEXT: xcs_llm.text "Q: <a>"
  %a = xcs_llm.text "a"
  %inner = xcs_llm.prompt_template "<{x}>" (%a)
  %outer = xcs_llm.prompt_template "Q: {x}" (%inner)
  return %outer : !text
}

// CHECK-LABEL: func.func @template_over_lists
func.func @template_over_lists() -> (!text, !text, !text) {
  // CHECK-DAG: %[[JOINED:.*]] = xcs_llm.text "a\0Ab"
  // CHECK-DAG: %[[LISTS:.*]] = xcs_llm.text "z; z; z|0.5; -3|true; true"
  // CHECK-DAG: %[[EMPTY:.*]] = xcs_llm.text "[]"
  // CHECK: return %[[JOINED]], %[[LISTS]], %[[EMPTY]]
  %texts = arith.constant dense<["a", "b"]> : tensor<2x!text>
  %joined = xcs_llm.prompt_template "{x}" (%texts : tensor<2x!text>)
  %splat = arith.constant dense<"z"> : tensor<3x!text>
  %numbers = arith.constant dense<[0.5, -3.0]> : tensor<2xf64>
  %flags = arith.constant dense<true> : tensor<2xi1>
  %lists = xcs_llm.prompt_template "{x}|{y}|{z}"
      (%splat : tensor<3x!text>, %numbers : tensor<2xf64>, %flags : tensor<2xi1>) {separator = "; "}
  %nothing = tensor.from_elements : tensor<0x!text>
  %empty = xcs_llm.prompt_template "[{x}]" (%nothing : tensor<0x!text>)
  return %joined, %lists, %empty : !text, !text, !text
}

// CHECK-LABEL: func.func @template_over_text
func.func @template_over_text(%text: !text) -> !text {
  // CHECK-NEXT: return %arg0
  %prompt = xcs_llm.prompt_template "{x}" (%text)
  return %prompt : !text
}

// Twice a text is another text, a number is none, and a list is joined.
// CHECK-LABEL: func.func @negative_template
func.func @negative_template(%text: !text, %number: f64, %list: tensor<1x!text>) -> (!text, !text, !text, !text) {
  // CHECK-NEXT: xcs_llm.prompt_template "{x}{x}"
  // CHECK-NEXT: xcs_llm.prompt_template "{x} "
  // CHECK-NEXT: xcs_llm.prompt_template "{x}" (%arg1 : f64)
  // CHECK-NEXT: xcs_llm.prompt_template "{x}" (%arg2 : tensor<1x!xcs_llm.text>)
  %twice = xcs_llm.prompt_template "{x}{x}" (%text)
  %space = xcs_llm.prompt_template "{x} " (%text)
  %one = xcs_llm.prompt_template "{x}" (%number : f64)
  %joined = xcs_llm.prompt_template "{x}" (%list : tensor<1x!text>)
  return %twice, %space, %one, %joined : !text, !text, !text, !text
}

// What is not finite fails, beyond 2^53 RFC 8785 has no integers, and nobody
// wants a gigabyte.
// CHECK-LABEL: func.func @negative_constant_template
func.func @negative_constant_template() -> (!text, !text, !text, !text) {
  // CHECK-COUNT-4: xcs_llm.prompt_template
  %infinity = arith.constant 0x7FF0000000000000 : f64
  %a = xcs_llm.prompt_template "{x}" (%infinity : f64)
  %nan = arith.constant dense<[0.0, 0x7FF8000000000000]> : tensor<2xf64>
  %b = xcs_llm.prompt_template "{x}" (%nan : tensor<2xf64>)
  %integer = arith.constant 9007199254740993 : i64
  %c = xcs_llm.prompt_template "{x}" (%integer : i64)
  %many = arith.constant dense<1.0> : tensor<1000000000xf64>
  %d = xcs_llm.prompt_template "{x}" (%many : tensor<1000000000xf64>)
  return %a, %b, %c, %d : !text, !text, !text, !text
}

//===----------------------------------------------------------------------===//
// Lists of texts
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @extract
func.func @extract() -> (!text, !text, !text, !text) {
  // CHECK-DAG: %[[B:.*]] = xcs_llm.text "b"
  // CHECK-DAG: %[[C:.*]] = xcs_llm.text "c"
  // CHECK-DAG: %[[Z:.*]] = xcs_llm.text "z"
  // CHECK: return %[[B]], %[[Z]], %[[C]], %[[B]]
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %list = arith.constant dense<["a", "b"]> : tensor<2x!text>
  %b = tensor.extract %list[%1] : tensor<2x!text>
  %splat = arith.constant dense<"z"> : tensor<3x!text>
  %z = tensor.extract %splat[%1] : tensor<3x!text>
  %rows = arith.constant dense<[["a", "b"], ["c", "d"]]> : tensor<2x2x!text>
  %c = tensor.extract %rows[%1, %0] : tensor<2x2x!text>
  %unknown = tensor.cast %list : tensor<2x!text> to tensor<?x!text>
  %d = tensor.extract %unknown[%1] : tensor<?x!text>
  return %b, %z, %c, %d : !text, !text, !text, !text
}

// Out of range is a failure, and so no constant.
// CHECK-LABEL: func.func @negative_extract
func.func @negative_extract(%i: index) -> (!text, !text) {
  // CHECK-COUNT-2: tensor.extract
  %2 = arith.constant 2 : index
  %list = arith.constant dense<["a", "b"]> : tensor<2x!text>
  %beyond = tensor.extract %list[%2] : tensor<2x!text>
  %anywhere = tensor.extract %list[%i] : tensor<2x!text>
  return %beyond, %anywhere : !text, !text
}

// Upstream makes the list a constant; what takes it apart finds the texts.
// CHECK-LABEL: func.func @list_of_constants
func.func @list_of_constants() -> (tensor<2x!text>, !text) {
  // CHECK-DAG: %[[TEXT:.*]] = xcs_llm.text "a, b"
  // CHECK-DAG: %[[LIST:.*]] = arith.constant dense<["a", "b"]> : tensor<2x!xcs_llm.text>
  // CHECK: return %[[LIST]], %[[TEXT]]
  %a = xcs_llm.text "a"
  %b = xcs_llm.text "b"
  %list = tensor.from_elements %a, %b : tensor<2x!text>
  %joined = xcs_llm.prompt_template "{x}" (%list : tensor<2x!text>) {separator = ", "}
  return %list, %joined : tensor<2x!text>, !text
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @known_condition
func.func @known_condition(%p: !text) -> (!text, f64) {
  // CHECK-NEXT: %[[ZERO:.*]] = arith.constant 0.0
  // CHECK-NEXT: %[[THEN:.*]] = xcs_llm.generate "then"
  // CHECK-NEXT: return %[[THEN]], %[[ZERO]]
  %true = arith.constant true
  %zero = arith.constant 0.0 : f64
  %v:2 = xcs_llm.conditional %true -> (!text, f64) {
    %r = xcs_llm.generate "then" (%p) : !text
    xcs_llm.yield %r, %zero : !text, f64
  } else {
    %r = xcs_llm.generate "else" (%p) : !text
    xcs_llm.yield %r, %zero : !text, f64
  }
  return %v#0, %v#1 : !text, f64
}

// CHECK-LABEL: func.func @known_parse_decides
func.func @known_parse_decides(%p: !text) -> !text {
  // CHECK-NEXT: %[[ELSE:.*]] = xcs_llm.generate "else"
  // CHECK-NEXT: return %[[ELSE]]
  %answer = xcs_llm.text "No."
  %flag = xcs_llm.parse_response %answer as boolean : i1
  %v = xcs_llm.conditional %flag -> !text {
    %r = xcs_llm.generate "then" (%p) : !text
    xcs_llm.yield %r : !text
  } else {
    %r = xcs_llm.generate "else" (%p) : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// The only stage is the last, whose verdict is ignored.
// CHECK-LABEL: func.func @only_stage
func.func @only_stage(%p: !text, %flag: i1) -> !text {
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate
  // CHECK-NEXT: return %[[R]]
  %v = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r, %flag : !text, i1
  } {attempts = array<i64: 1>}
  return %v : !text
}

// CHECK-LABEL: func.func @negative_repeated_stage
func.func @negative_repeated_stage(%p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.cascade
  %v = xcs_llm.cascade -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  } {attempts = array<i64: 2>}
  return %v : !text
}

// CHECK-LABEL: func.func @empty_chain
func.func @empty_chain(%p: !text, %x: f64) -> (!text, f64) {
  // CHECK-NEXT: return %arg0, %arg1
  %v:2 = xcs_llm.chain -> (!text, f64) {
    xcs_llm.yield %p, %x : !text, f64
  } {budget_usd = 0.5 : f64}
  return %v#0, %v#1 : !text, f64
}

// CHECK-LABEL: func.func @negative_chain
func.func @negative_chain(%p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.chain
  %v = xcs_llm.chain -> !text {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// CHECK-LABEL: func.func @batch_of_nothing
func.func @batch_of_nothing(%ps: tensor<0x!text>) -> (tensor<0x!text>, tensor<0x3x!text>, tensor<0x8xf32>) {
  // CHECK-NOT: xcs_llm.batch
  // CHECK-DAG: %[[TEXTS:.*]] = arith.constant dense<> : tensor<0x!xcs_llm.text>
  // CHECK-DAG: %[[SAMPLES:.*]] = arith.constant dense<> : tensor<0x3x!xcs_llm.text>
  // CHECK-DAG: %[[EMBEDDINGS:.*]] = arith.constant dense<> : tensor<0x8xf32>
  // CHECK: return %[[TEXTS]], %[[SAMPLES]], %[[EMBEDDINGS]]
  %v:3 = xcs_llm.batch (%p in %ps : tensor<0x!text>)
      -> (tensor<0x!text>, tensor<0x3x!text>, tensor<0x8xf32>) {
    %r = xcs_llm.generate "m" (%p) : !text
    %s = xcs_llm.generate "m" (%p) {n = 3} : tensor<3x!text>
    %e = xcs_llm.embed "e" (%p) : tensor<8xf32>
    xcs_llm.yield %r, %s, %e : !text, tensor<3x!text>, tensor<8xf32>
  }
  return %v#0, %v#1, %v#2 : tensor<0x!text>, tensor<0x3x!text>, tensor<0x8xf32>
}

// A verdict keeps the length of the result unknown; one empty list is enough.
// CHECK-LABEL: func.func @filter_of_nothing
func.func @filter_of_nothing(%ps: tensor<?x!text>, %flags: tensor<0xi1>) -> tensor<?x!text> {
  // CHECK-NEXT: %[[NONE:.*]] = arith.constant dense<> : tensor<0x!xcs_llm.text>
  // CHECK-NEXT: %[[CAST:.*]] = tensor.cast %[[NONE]] : tensor<0x!xcs_llm.text> to tensor<?x!xcs_llm.text>
  // CHECK-NEXT: return %[[CAST]]
  %v = xcs_llm.batch (%p in %ps : tensor<?x!text>, %flag in %flags : tensor<0xi1>) -> tensor<?x!text> {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r, %flag : !text, i1
  }
  return %v : tensor<?x!text>
}

// CHECK-LABEL: func.func @negative_batch
func.func @negative_batch(%ps: tensor<1x!text>, %qs: tensor<?x!text>) -> (tensor<1x!text>, tensor<?x!text>) {
  // CHECK-COUNT-2: xcs_llm.batch
  %v = xcs_llm.batch (%p in %ps : tensor<1x!text>) -> tensor<1x!text> {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }
  %w = xcs_llm.batch (%p in %qs : tensor<?x!text>) -> tensor<?x!text> {
    %r = xcs_llm.generate "m" (%p) : !text
    xcs_llm.yield %r : !text
  }
  return %v, %w : tensor<1x!text>, tensor<?x!text>
}

// -----

// Text that is not UTF-8 stays in the list where it was written.
// CHECK-LABEL: func.func @negative_not_utf8
func.func @negative_not_utf8() -> (!xcs_llm.text, !xcs_llm.text) {
  // CHECK: xcs_llm.prompt_template
  // CHECK: tensor.extract
  %0 = arith.constant 0 : index
  %list = arith.constant dense<["\FF", "b"]> : tensor<2x!xcs_llm.text>
  %joined = xcs_llm.prompt_template "{x}" (%list : tensor<2x!xcs_llm.text>)
  %item = tensor.extract %list[%0] : tensor<2x!xcs_llm.text>
  return %joined, %item : !xcs_llm.text, !xcs_llm.text
}

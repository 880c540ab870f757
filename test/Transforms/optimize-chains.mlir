// RUN: xcs-opt %s --xcs-optimize-chains -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// A second run changes nothing.
// RUN: xcs-opt %t.mlir --xcs-optimize-chains -o %t.again.mlir
// RUN: diff %t.mlir %t.again.mlir

!text = !xcs_llm.text

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

// Braces of a constant are doubled; each slot has the constant.
// CHECK-LABEL: func.func @constants(
// CHECK-NEXT: xcs_llm.prompt_template "{{[{][{]a[}][}]}}, 36, 0.1, true, 1e+21, a; b: {question}, {{[{][{]a[}][}]}}" (%arg0)
// CHECK-NEXT: return
func.func @constants(%question: !text) -> !text {
  %role = xcs_llm.text "{a}"
  %age = arith.constant 36 : i64
  %share = arith.constant 0.1 : f64
  %flag = arith.constant true
  %huge = arith.constant 1.0e21 : f64
  %list = arith.constant dense<["a", "b"]> : tensor<2x!text>
  %prompt = xcs_llm.prompt_template "{role}, {age}, {share}, {flag}, {huge}, {list}: {question}, {role}"
      (%role, %age : i64, %share : f64, %flag : i1, %huge : f64, %list : tensor<2x!text>, %question) {separator = "; "}
  return %prompt : !text
}

// CHECK-LABEL: func.func @one_operand_twice(
// CHECK-NEXT: xcs_llm.prompt_template "c c {x}" (%arg0)
// CHECK-NEXT: return
func.func @one_operand_twice(%x: !text) -> !text {
  %c = xcs_llm.text "c"
  %prompt = xcs_llm.prompt_template "{a} {b} {x}" (%c, %c, %x)
  return %prompt : !text
}

// What is left without operands is its text, and what only repeats a text is that.
// CHECK-LABEL: func.func @nothing_left(
// CHECK-NEXT: return %arg0
func.func @nothing_left(%x: !text) -> !text {
  %empty = xcs_llm.text ""
  %inner = xcs_llm.prompt_template "{a}{b}" (%empty, %empty)
  %prompt = xcs_llm.prompt_template "{a}{x}" (%inner, %x)
  return %prompt : !text
}

// Templates of one format that agree in a constant have it, and stay of one format.
// CHECK-LABEL: func.func @agreeing(
// CHECK-NEXT: xcs_llm.prompt_template "be brief: {x}" (%arg0)
// CHECK-NEXT: xcs_llm.prompt_template "be brief: {x}" (%arg1)
func.func @agreeing(%x: !text, %y: !text) -> (!text, !text) {
  %c = xcs_llm.text "be brief"
  %p = xcs_llm.prompt_template "{c}: {x}" (%c, %x)
  %q = xcs_llm.prompt_template "{c}: {x}" (%c, %y)
  return %p, %q : !text, !text
}

// What they differ in stays an operand: so they can be one batch.
// CHECK-LABEL: func.func @negative_differing(
// CHECK: xcs_llm.prompt_template "{c}: {x}" ({{.*}}, %arg0)
// CHECK: xcs_llm.prompt_template "{c}: {x}" ({{.*}}, %arg0)
func.func @negative_differing(%x: !text) -> (!text, !text) {
  %brief = xcs_llm.text "be brief"
  %long = xcs_llm.text "be long"
  %p = xcs_llm.prompt_template "{c}: {x}" (%brief, %x)
  %q = xcs_llm.prompt_template "{c}: {x}" (%long, %x)
  return %p, %q : !text, !text
}

// What fails stays, and so does what RFC 8785 has no number for, and what is long
// and stands in several places.
// CHECK-LABEL: func.func @negative_constants(
// CHECK: xcs_llm.prompt_template "{a} {b} {x}" (%{{.*}} : f64, %{{.*}} : i64, %arg0)
// CHECK: xcs_llm.prompt_template "{l} {x} {l}" (%{{.*}} : tensor<600xi64>, %arg0)
func.func @negative_constants(%x: !text) -> (!text, !text) {
  %infinity = arith.constant 0x7FF0000000000000 : f64
  %large = arith.constant 9007199254740993 : i64
  %list = arith.constant dense<1> : tensor<600xi64>
  %p = xcs_llm.prompt_template "{a} {b} {x}" (%infinity : f64, %large : i64, %x)
  %q = xcs_llm.prompt_template "{l} {x} {l}" (%list : tensor<600xi64>, %x)
  return %p, %q : !text, !text
}

//===----------------------------------------------------------------------===//
// Templates in templates
//===----------------------------------------------------------------------===//

// Operands bind in the order of their placeholders; names that meet are told apart.
// CHECK-LABEL: func.func @merged(
// CHECK-NEXT: xcs_llm.prompt_template "{{[{][{]}}{x} <{y}|{x_2}|{y}>{{[}][}]}} {z} {x}" (%arg0, %arg1, %arg2, %arg3 : i64)
// CHECK-NEXT: return
func.func @merged(%a: !text, %b: !text, %c: !text, %n: i64) -> !text {
  %inner = xcs_llm.prompt_template "<{y}|{x}|{y}>" (%b, %c)
  %outer = xcs_llm.prompt_template "{{{x} {inner}}} {z} {x}" (%a, %inner, %n : i64)
  return %outer : !text
}

// At any depth, from any region around.
// CHECK-LABEL: func.func @deep(
// CHECK-NEXT: xcs_llm.conditional
// CHECK-NEXT:   xcs_llm.prompt_template "4 3 2 1 {x} 1 2 3 4" (%arg1)
// CHECK-NEXT:   yield
func.func @deep(%c: i1, %x: !text) -> !text {
  %one = xcs_llm.prompt_template "1 {x} 1" (%x)
  %two = xcs_llm.prompt_template "2 {x} 2" (%one)
  %three = xcs_llm.prompt_template "3 {x} 3" (%two)
  %v = xcs_llm.conditional %c -> !text {
    %four = xcs_llm.prompt_template "4 {x} 4" (%three)
    xcs_llm.yield %four : !text
  } else {
    xcs_llm.yield %x : !text
  }
  return %v : !text
}

// Only one of them joins a list, or both alike: one separator is enough.
// CHECK-LABEL: func.func @lists(
// CHECK-NEXT: xcs_llm.prompt_template "a {l} b {x}" (%arg0 : tensor<?x!xcs_llm.text>, %arg1) {separator = ", "}
// CHECK-NEXT: xcs_llm.prompt_template "b {m} a {l}" (%arg0 : tensor<?x!xcs_llm.text>, %arg0 : tensor<?x!xcs_llm.text>) {separator = ", "}
// CHECK-NEXT: return
func.func @lists(%l: tensor<?x!text>, %x: !text) -> (!text, !text) {
  %a = xcs_llm.prompt_template "a {l}" (%l : tensor<?x!text>) {separator = ", "}
  %p = xcs_llm.prompt_template "{a} b {x}" (%a, %x)
  %b = xcs_llm.prompt_template "a {l}" (%l : tensor<?x!text>) {separator = ", "}
  %q = xcs_llm.prompt_template "b {m} {a}" (%l : tensor<?x!text>, %b) {separator = ", "}
  return %p, %q : !text, !text
}

// CHECK-LABEL: func.func @negative_separated_otherwise(
// CHECK-NEXT: %[[A:.*]] = xcs_llm.prompt_template "a {l}"
// CHECK-NEXT: xcs_llm.prompt_template "b {m} {a}" (%arg0 : tensor<?x!xcs_llm.text>, %[[A]]){{$}}
// What is between them has no list.
// CHECK-NEXT: %[[B:.*]] = xcs_llm.prompt_template "a {l}" (%arg0 : tensor<?x!xcs_llm.text>) {separator = ", "}
// CHECK-NEXT: xcs_llm.prompt_template "b {m} c {b}" (%arg0 : tensor<?x!xcs_llm.text>, %[[B]]){{$}}
func.func @negative_separated_otherwise(%l: tensor<?x!text>) -> (!text, !text) {
  %a = xcs_llm.prompt_template "a {l}" (%l : tensor<?x!text>) {separator = ", "}
  %p = xcs_llm.prompt_template "b {m} {a}" (%l : tensor<?x!text>, %a)
  %b = xcs_llm.prompt_template "a {l}" (%l : tensor<?x!text>) {separator = ", "}
  %c = xcs_llm.prompt_template "c {b}" (%b)
  %q = xcs_llm.prompt_template "b {m} {a}" (%l : tensor<?x!text>, %c)
  return %p, %q : !text, !text
}

// Twice is more text, and what others use has to be made anyway.
// CHECK-LABEL: func.func @negative_used_twice(
// CHECK-NEXT: %[[A:.*]] = xcs_llm.prompt_template "a {x}"
// CHECK-NEXT: xcs_llm.prompt_template "{a} {a}" (%[[A]])
// CHECK-NEXT: %[[B:.*]] = xcs_llm.prompt_template "b {x}"
// CHECK-NEXT: xcs_llm.prompt_template "{b} {c}" (%[[B]], %[[B]])
// CHECK-NEXT: %[[C:.*]] = xcs_llm.prompt_template "c {x}"
// CHECK-NEXT: xcs_llm.prompt_template "{c}!" (%[[C]])
func.func @negative_used_twice(%x: !text) -> (!text, !text, !text, !text) {
  %a = xcs_llm.prompt_template "a {x}" (%x)
  %p = xcs_llm.prompt_template "{a} {a}" (%a)
  %b = xcs_llm.prompt_template "b {x}" (%x)
  %q = xcs_llm.prompt_template "{b} {c}" (%b, %b)
  %c = xcs_llm.prompt_template "c {x}" (%x)
  %r = xcs_llm.prompt_template "{c}!" (%c)
  return %p, %q, %c, %r : !text, !text, !text, !text
}

// Items of a list are no slots.
// CHECK-LABEL: func.func @negative_items(
// CHECK-NEXT: xcs_llm.prompt_template "a {x}"
func.func @negative_items(%x: !text) -> !text {
  %a = xcs_llm.prompt_template "a {x}" (%x)
  %list = tensor.from_elements %a, %x : tensor<2x!text>
  %p = xcs_llm.prompt_template "b {l}" (%list : tensor<2x!text>)
  return %p : !text
}

// Leave to move parts of one is none to move the other's; where nothing would move
// it says nothing.
// CHECK-LABEL: func.func @reorder(
// CHECK-NEXT: %[[A:.*]] = xcs_llm.prompt_template "{x}\0A\0Aa" (%arg0) {reorder}
// CHECK-NEXT: xcs_llm.prompt_template "b {a}" (%[[A]])
// CHECK-NEXT: xcs_llm.prompt_template "b a {x}" (%arg0){{$}}
func.func @reorder(%x: !text) -> (!text, !text) {
  %a = xcs_llm.prompt_template "{x}\n\na" (%x) {reorder}
  %p = xcs_llm.prompt_template "b {a}" (%a)
  %c = xcs_llm.prompt_template "a {x}" (%x) {reorder}
  %q = xcs_llm.prompt_template "b {a}" (%c)
  return %p, %q : !text, !text
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @flattened(
// CHECK-NEXT: %[[V:.*]]:2 = xcs_llm.chain
// CHECK-NEXT:   %[[A:.*]] = xcs_llm.generate "m" (%arg0)
// CHECK-NEXT:   %[[B:.*]] = xcs_llm.generate "m" (%[[A]])
// CHECK-NEXT:   xcs_llm.yield %[[B]], %[[A]]
// CHECK-NEXT: } {deadline_ms = 1.000000e+03 : f64}
// CHECK-NEXT: return %[[V]]#0, %[[V]]#1
func.func @flattened(%p: !text) -> (!text, !text) {
  %v:2 = xcs_llm.chain -> (!text, !text) {
    %w:2 = xcs_llm.chain -> (!text, !text) {
      %a = xcs_llm.generate "m" (%p) : !text
      %b = xcs_llm.chain -> !text {
        %b = xcs_llm.generate "m" (%a) : !text
        xcs_llm.yield %b : !text
      }
      xcs_llm.yield %b, %a : !text, !text
    }
    xcs_llm.yield %w#0, %w#1 : !text, !text
  } {deadline_ms = 1000.0 : f64}
  return %v#0, %v#1 : !text, !text
}

// A chain says what is placed together, one with constraints what they are of.
// CHECK-LABEL: func.func @negative_chains(
// CHECK: xcs_llm.chain
// CHECK-NEXT: xcs_llm.chain
// CHECK: {budget_usd
// CHECK: xcs_llm.conditional
// CHECK-NEXT: xcs_llm.chain
func.func @negative_chains(%p: !text, %c: i1) -> !text {
  %v = xcs_llm.chain -> !text {
    %a = xcs_llm.chain -> !text {
      %a = xcs_llm.generate "m" (%p) : !text
      xcs_llm.yield %a : !text
    } {budget_usd = 1.0 : f64}
    %w = xcs_llm.conditional %c -> !text {
      %b = xcs_llm.chain -> !text {
        %b = xcs_llm.generate "m" (%a) : !text
        xcs_llm.yield %b : !text
      }
      xcs_llm.yield %b : !text
    } else {
      xcs_llm.yield %a : !text
    }
    xcs_llm.yield %w : !text
  }
  return %v : !text
}

// Where nothing runs, a template may be made of itself.
// CHECK-LABEL: func.func @unreachable(
// CHECK: prompt_template "{x}"
func.func @unreachable(%x: !text) -> !text {
  return %x : !text
^dead:
  %m = xcs_llm.prompt_template "{x}" (%m)
  cf.br ^dead
}

// RUN: xcs-opt %s --xcs-cancel-redundant > %t.mlir && FileCheck %s < %t.mlir
// RUN: xcs-opt %t.mlir --xcs-cancel-redundant | diff %t.mlir -
// RUN: xcs-opt %t.mlir --inline | xcs-translate --xcs-to-schedule -o %t.json && %schedule-check %xcsllm_source/docs/schedule.schema.json %t.json
// RUN: FileCheck %s --check-prefix=PLAN < %t.json

!text = !xcs_llm.text

func.func private @send(!text) -> !text attributes {xcs_llm.task = "mail"}
func.func private @pure(!text) -> !text attributes {xcs_llm.task = "search", xcs_llm.pure}

// CHECK-LABEL: @first(
// CHECK: xcs_llm.cancel
// PLAN: "name": "first"
// PLAN: "policy":"first","when_settled":"cancel"
func.func @first(%q: !text) -> !text {
  %v = xcs_llm.ensemble first -> !text {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "b" (%q) : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// Two votes of three settle it.
// CHECK-LABEL: @vote(
// CHECK: xcs_llm.cancel
func.func @vote(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// One of two does not, nor does a vote taken one by one leave anything running.
// CHECK-LABEL: @negative_votes(
// CHECK-NOT: xcs_llm.cancel
// CHECK: return
func.func @negative_votes(%q: !text) -> (!text, !text, !text) {
  %1 = xcs_llm.ensemble majority -> !text {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }
  %2 = xcs_llm.ensemble first -> !text {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "b" (%q) : !text
    xcs_llm.yield %r : !text
  } {waves = array<i64: 1, 1>}
  %3 = xcs_llm.ensemble first -> !text {
    xcs_llm.yield %1 : !text
  }, {
    xcs_llm.yield %2 : !text
  }
  return %1, %2, %3 : !text, !text, !text
}

// Each needs all of its members.
// CHECK-LABEL: @negative_other_policies(
// CHECK-NOT: xcs_llm.cancel
// CHECK: return
func.func @negative_other_policies(%q: !text, %x: f64) -> (tensor<2x!text>, !text) {
  %1 = xcs_llm.ensemble all -> tensor<2x!text> {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r : !text
  }
  %2 = xcs_llm.ensemble best -> !text {
    %r = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %r, %x : !text, f64
  }, {
    xcs_llm.yield %q, %x : !text, f64
  }
  return %1, %2 : tensor<2x!text>, !text
}

// The first operand that decides cancels what only the other one needs.
// CHECK-LABEL: @conjunction(
// CHECK: arith.andi %{{.*}}, %{{.*}} {xcs_llm.cancel} : i1
// PLAN: "name": "conjunction"
// PLAN: "id":"generate1",{{.*}}"cancel_when_settled":"arith1"
// PLAN: "id":"parse1",{{.*}}"cancel_when_settled":"arith1"
// PLAN: "id":"template1",{{.*}}"cancel_when_settled":"arith1"
// PLAN: "id":"generate2",{{.*}}"cancel_when_settled":"arith1"
// PLAN: "id":"arith1",{{.*}}"arith":{"op":"andi","decided_by":{"is":false,"inputs":[0,1]}}
func.func @conjunction(%p: !text, %q: !text) -> i1 {
  %1 = xcs_llm.generate "a" (%p) : !text
  %polite = xcs_llm.parse_response %1 as boolean : i1
  %prompt = xcs_llm.prompt_template "Is it true? {q}" (%q)
  %2 = xcs_llm.generate "a" (%prompt) : !text
  %true = xcs_llm.parse_response %2 as boolean : i1
  %both = arith.andi %polite, %true : i1
  return %both : i1
}

// Decisions decide decisions, also behind a cache.
// CHECK-LABEL: @nested(
// CHECK: arith.ori %{{.*}} {xcs_llm.cancel} : i1
// CHECK: arith.andi %{{.*}} {xcs_llm.cancel} : i1
// PLAN: "name": "nested"
// PLAN: "id":"generate1",{{.*}}"cancel_when_settled":"arith1"
// PLAN: "id":"generate2",{{.*}}"cancel_when_settled":"arith1"
// PLAN: "id":"arith1",{{.*}}"decided_by":{"is":true,"inputs":[0,1]}{{.*}}"cancel_when_settled":"arith2"
// PLAN: "id":"cascade1",{{.*}}"cancel_when_settled":"arith2"
// PLAN: "id":"arith2",{{.*}}"decided_by":{"is":false,"inputs":[0,1]}
func.func @nested(%p: !text, %q: !text) -> i1 {
  %1 = xcs_llm.generate "a" (%p) : !text
  %a = xcs_llm.parse_response %1 as boolean : i1
  %2 = xcs_llm.generate "a" (%q) : !text
  %b = xcs_llm.parse_response %2 as boolean : i1
  %any = arith.ori %a, %b : i1
  %3 = xcs_llm.cascade -> !text {
    %kept = xcs_llm.cache_lookup "f" (%q) : !text
    xcs_llm.yield %kept : !text
  }, {
    %new = xcs_llm.generate "a" (%q) : !text
    %stored = xcs_llm.cache_store "f" (%q), %new : !text
    xcs_llm.yield %stored : !text
  }
  %c = xcs_llm.parse_response %3 as boolean : i1
  %all = arith.andi %any, %c : i1
  return %all : i1
}

// Both need the item, so both fail with it.
// CHECK-LABEL: @item(
// CHECK: arith.andi %{{.*}} {xcs_llm.cancel} : i1
func.func @item(%ps: tensor<2x!text>) -> tensor<2xi1> {
  %rs = xcs_llm.batch (%p in %ps : tensor<2x!text>) -> tensor<2xi1> {
    %1 = xcs_llm.generate "a" (%p) : !text
    %a = xcs_llm.parse_response %1 as boolean : i1
    %2 = xcs_llm.generate "b" (%p) : !text
    %b = xcs_llm.parse_response %2 as boolean : i1
    %both = arith.andi %a, %b : i1
    xcs_llm.yield %both : i1
  }
  return %rs : tensor<2xi1>
}

// What the flags are made of, and one of them, are needed elsewhere, too: a request
// that is looked at there must not count as not failed here.
// CHECK-LABEL: @negative_used_elsewhere(
// CHECK-NOT: xcs_llm.cancel
// CHECK: return
func.func @negative_used_elsewhere(%p: !text, %q: !text) -> (i1, !text, i1) {
  %1 = xcs_llm.generate "a" (%p) : !text
  %a = xcs_llm.parse_response %1 as boolean : i1
  %2 = xcs_llm.generate "a" (%q) : !text
  %b = xcs_llm.parse_response %2 as boolean : i1
  %both = arith.andi %a, %b : i1
  return %both, %1, %b : i1, !text, i1
}

// One side is free to go, and then only the other may decide.
// CHECK-LABEL: @one_side(
// CHECK: arith.andi %{{.*}} {xcs_llm.cancel} : i1
// PLAN: "name": "one_side"
// PLAN-NOT: "id":"generate1",{{.*}}"cancel_when_settled"
// PLAN: "id":"generate2",{{.*}}"cancel_when_settled":"arith1"
// PLAN: "decided_by":{"is":false,"inputs":[0]}
func.func @one_side(%p: !text, %q: !text) -> (i1, !text) {
  %1 = xcs_llm.generate "a" (%p) : !text
  %a = xcs_llm.parse_response %1 as boolean : i1
  %2 = xcs_llm.generate "a" (%q) : !text
  %b = xcs_llm.parse_response %2 as boolean : i1
  %both = arith.andi %a, %b : i1
  return %both, %1 : i1, !text
}

// A call before both, of which the second flag alone would fail.
// CHECK-LABEL: @negative_shared_call(
// CHECK-NOT: xcs_llm.cancel
// CHECK: return
func.func @negative_shared_call(%p: !text, %x: i1) -> (i1, !text) {
  %0 = xcs_llm.generate "a" (%p) : !text
  %2 = xcs_llm.generate "a" (%0) : !text
  %b = xcs_llm.parse_response %2 as boolean : i1
  %both = arith.andi %x, %b : i1
  return %both, %0 : i1, !text
}

// No failing request explains a division by zero.
// CHECK-LABEL: @negative_other_failures(
// CHECK-NOT: xcs_llm.cancel
// CHECK: return
func.func @negative_other_failures(%p: !text, %x: i1, %n: i64) -> i1 {
  %2 = xcs_llm.generate "a" (%p) : !text
  %b = xcs_llm.parse_response %2 as number : i64
  %part = arith.divsi %n, %b : i64
  %few = arith.cmpi slt, %part, %n : i64
  %both = arith.andi %x, %few : i1
  return %both : i1
}

// Impure tools run whatever is decided.
// CHECK-LABEL: @negative_impure(
// CHECK-NOT: xcs_llm.cancel
// CHECK: return
func.func @negative_impure(%p: !text, %x: i1) -> i1 {
  %1 = func.call @send(%p) : (!text) -> !text
  %2 = xcs_llm.generate "a" (%1) : !text
  %b = xcs_llm.parse_response %2 as boolean : i1
  %both = arith.andi %x, %b : i1
  return %both : i1
}

// CHECK-LABEL: @pure_tool(
// CHECK: arith.andi %{{.*}} {xcs_llm.cancel} : i1
func.func @pure_tool(%p: !text, %x: i1) -> i1 {
  %1 = func.call @pure(%p) : (!text) -> !text
  %2 = xcs_llm.generate "a" (%1) : !text
  %b = xcs_llm.parse_response %2 as boolean : i1
  %both = arith.andi %x, %b : i1
  return %both : i1
}

// CHECK-LABEL: @negative_no_calls(
// CHECK-NOT: xcs_llm.cancel
// CHECK: return
func.func @negative_no_calls(%a: i1, %b: i1, %c: i64, %as: tensor<2xi1>) -> (i1, i64, tensor<2xi1>, i1) {
  %1 = arith.andi %a, %b : i1
  %2 = arith.andi %c, %c : i64
  %3 = arith.ori %as, %as : tensor<2xi1>
  %4 = arith.ori %a, %a : i1
  return %1, %2, %3, %4 : i1, i64, tensor<2xi1>, i1
}

// Equal calls in different regions: where one of them surely runs, it comes to stand
// before the others.
// RUN: xcs-opt %s --xcs-eliminate-redundant-calls | FileCheck %s
// A second run changes nothing.
// RUN: xcs-opt %s --xcs-eliminate-redundant-calls -o %t.once
// RUN: xcs-opt %t.once --xcs-eliminate-redundant-calls -o %t.twice
// RUN: diff %t.once %t.twice

!text = !xcs_llm.text

// Both branches, with what the call needs.
// CHECK-LABEL: func.func @branches
func.func @branches(%c: i1, %p: !text) -> !text {
  // CHECK-NEXT: %[[P:.*]] = xcs_llm.prompt_template "Q: {q}" (%arg1)
  // CHECK-NEXT: %[[R:.*]] = xcs_llm.generate "m" (%[[P]]) {hit_rate = 2.000000e-01 : f64, temperature
  // CHECK-NEXT: xcs_llm.conditional
  // CHECK-NEXT: xcs_llm.yield %[[R]]
  // CHECK-NEXT: } else {
  // CHECK-NEXT: xcs_llm.prompt_template "{r}!" (%[[R]])
  %v = xcs_llm.conditional %c -> !text {
    %t = xcs_llm.prompt_template "Q: {q}" (%p)
    %r = xcs_llm.generate "m" (%t) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %r : !text
  } else {
    %t = xcs_llm.prompt_template "Q: {q}" (%p)
    %r = xcs_llm.generate "m" (%t) {temperature = 0.0 : f64, hit_rate = 0.2 : f64} : !text
    %u = xcs_llm.prompt_template "{r}!" (%r)
    xcs_llm.yield %u : !text
  }
  return %v : !text
}

// Calls behind each other, through a chain and from a nested conditional.
// CHECK-LABEL: func.func @nested
func.func @nested(%c: i1, %d: i1, %p: !text) -> !text {
  // CHECK-NEXT: %[[A:.*]] = xcs_llm.generate "a" (%arg2)
  // CHECK-NEXT: %[[B:.*]] = xcs_llm.generate "b" (%[[A]])
  // CHECK-NEXT: xcs_llm.conditional
  // CHECK-NOT: xcs_llm.generate
  // CHECK: return
  %v = xcs_llm.conditional %c -> !text {
    %w = xcs_llm.chain -> !text {
      %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
      %b = xcs_llm.generate "b" (%a) {temperature = 0.0 : f64} : !text
      xcs_llm.yield %b : !text
    }
    xcs_llm.yield %w : !text
  } else {
    %w = xcs_llm.conditional %d -> !text {
      %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
      %b = xcs_llm.generate "b" (%a) {temperature = 0.0 : f64} : !text
      xcs_llm.yield %b : !text
    } else {
      %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
      %b = xcs_llm.generate "b" (%a) {temperature = 0.0 : f64} : !text
      %t = xcs_llm.prompt_template "{b}?" (%b)
      xcs_llm.yield %t : !text
    }
    xcs_llm.yield %w : !text
  }
  return %v : !text
}

// Members: two suffice, as every one of them runs.
// CHECK-LABEL: func.func @members
func.func @members(%p: !text) -> (tensor<3x!text>, f64) {
  // CHECK-NEXT: %[[A:.*]] = xcs_llm.generate "a"
  // CHECK-NEXT: xcs_llm.ensemble all
  // CHECK: xcs_llm.generate "b"
  // CHECK-NOT: xcs_llm.generate
  // CHECK: return
  %v = xcs_llm.ensemble all -> tensor<3x!text> {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }, {
    %b = xcs_llm.generate "b" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %b : !text
  }, {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    %t = xcs_llm.prompt_template "{a}!" (%a)
    xcs_llm.yield %t : !text
  }
  %n = arith.constant 1.0 : f64
  return %v, %n : tensor<3x!text>, f64
}

// Waves: one of the first wave and another.
// CHECK-LABEL: func.func @waves
func.func @waves(%p: !text) -> !text {
  // CHECK-NEXT: %[[A:.*]] = xcs_llm.generate "a"
  // CHECK-NEXT: xcs_llm.ensemble majority
  // CHECK: xcs_llm.generate "b"
  // CHECK: xcs_llm.generate "c"
  // CHECK: xcs_llm.generate "b"
  // CHECK-NOT: xcs_llm.generate
  // CHECK: return
  %v = xcs_llm.ensemble majority -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }, {
    %b = xcs_llm.generate "b" (%p) {temperature = 0.0 : f64} : !text
    %c = xcs_llm.generate "c" (%b) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %c : !text
  }, {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    %b = xcs_llm.generate "b" (%a) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %b : !text
  } {waves = array<i64: 2, 1>}
  return %v : !text
}

// A wave that may not start runs nothing surely.
// CHECK-LABEL: func.func @negative_later_wave
func.func @negative_later_wave(%p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.ensemble majority
  // CHECK: xcs_llm.yield
  // CHECK: xcs_llm.generate "a"
  // CHECK: xcs_llm.generate "a"
  %v = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %p : !text
  }, {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }, {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    %t = xcs_llm.prompt_template "{a}!" (%a)
    xcs_llm.yield %t : !text
  } {waves = array<i64: 1, 2>}
  return %v : !text
}

// What surely runs stands before what may not, where both are in one block: also
// before a batch, a cascade, or a constrained chain that come first.
// CHECK-LABEL: func.func @later_in_the_block
func.func @later_in_the_block(%p: !text, %ps: tensor<?x!text>) -> (tensor<?x!text>, !text, !text, !text) {
  // CHECK-NEXT: xcs_llm.generate "a"
  // CHECK-NEXT: xcs_llm.batch
  // CHECK-NOT: xcs_llm.generate
  // CHECK: return
  %b = xcs_llm.batch (%item in %ps : tensor<?x!text>) -> tensor<?x!text> {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    %t = xcs_llm.prompt_template "{item}{a}" (%item, %a)
    xcs_llm.yield %t : !text
  }
  %c = xcs_llm.cascade -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }, {
    xcs_llm.yield %p : !text
  }
  %d = xcs_llm.chain -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  } {deadline_ms = 1000.0 : f64}
  %e = xcs_llm.chain -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }
  return %b, %c, %d, %e : tensor<?x!text>, !text, !text, !text
}

// CHECK-LABEL: func.func @negative_regions
func.func @negative_regions(%c: i1, %p: !text, %ps: tensor<?x!text>) -> (!text, !text, tensor<?x!text>, !text, !text, !text) {
  // One branch only.
  // CHECK: xcs_llm.conditional
  // CHECK-NEXT: xcs_llm.generate "a"
  %one = xcs_llm.conditional %c -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  } else {
    xcs_llm.yield %p : !text
  }
  // A cascade, whatever its stages have in common.
  // CHECK: xcs_llm.cascade
  // CHECK-NEXT: xcs_llm.generate "a"
  // CHECK: xcs_llm.generate "a"
  %two = xcs_llm.cascade -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }, {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    %t = xcs_llm.prompt_template "{a}!" (%a)
    xcs_llm.yield %t : !text
  }
  // A batch, which may have no items.
  // CHECK: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate "a"
  %three = xcs_llm.batch (%item in %ps : tensor<?x!text>) -> tensor<?x!text> {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }
  // Constrained chains.
  // CHECK: xcs_llm.chain
  // CHECK-NEXT: xcs_llm.generate "a"
  %four = xcs_llm.chain -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  } {budget_usd = 1.0 : f64}
  // The first answer counts, and the others may be cancelled.
  // CHECK: xcs_llm.ensemble first
  // CHECK-NEXT: xcs_llm.generate "a"
  // CHECK: xcs_llm.generate "a"
  %five = xcs_llm.ensemble first -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }, {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %a : !text
  }
  %six = scf.if %c -> !text {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    scf.yield %a : !text
  } else {
    %a = xcs_llm.generate "a" (%p) {temperature = 0.0 : f64} : !text
    scf.yield %a : !text
  }
  return %one, %two, %three, %four, %five, %six : !text, !text, tensor<?x!text>, !text, !text, !text
}

// What the call needs is drawn inside.
// CHECK-LABEL: func.func @negative_operands
func.func @negative_operands(%c: i1, %p: !text) -> !text {
  // CHECK-NEXT: xcs_llm.conditional
  %v = xcs_llm.conditional %c -> !text {
    %s = xcs_llm.generate "m" (%p) : !text
    %r = xcs_llm.generate "m" (%s) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %r : !text
  } else {
    %s = xcs_llm.generate "m" (%p) : !text
    %r = xcs_llm.generate "m" (%s) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

func.func private @search(!text) -> !text attributes {xcs_llm.pure}

// Pure tools, likewise.
// CHECK-LABEL: func.func @tools
func.func @tools(%c: i1, %p: !text) -> !text {
  // CHECK-NEXT: %[[F:.*]] = call @search(%arg1)
  // CHECK-NEXT: xcs_llm.conditional
  // CHECK-NEXT: xcs_llm.yield %[[F]]
  // CHECK-NEXT: } else {
  // CHECK-NEXT: xcs_llm.generate "m" (%[[F]])
  %v = xcs_llm.conditional %c -> !text {
    %f = func.call @search(%p) : (!text) -> !text
    xcs_llm.yield %f : !text
  } else {
    %f = func.call @search(%p) : (!text) -> !text
    %r = xcs_llm.generate "m" (%f) : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// Within a batch's body, for each item.
// CHECK-LABEL: func.func @items
func.func @items(%c: i1, %ps: tensor<2x!text>) -> tensor<2x!text> {
  // CHECK-NEXT: xcs_llm.batch
  // CHECK-NEXT: xcs_llm.generate
  // CHECK-NEXT: xcs_llm.conditional
  %rs = xcs_llm.batch (%item in %ps : tensor<2x!text>) -> tensor<2x!text> {
    %v = xcs_llm.conditional %c -> !text {
      %r = xcs_llm.generate "m" (%item) {temperature = 0.0 : f64} : !text
      xcs_llm.yield %r : !text
    } else {
      %r = xcs_llm.generate "m" (%item) {temperature = 0.0 : f64} : !text
      %t = xcs_llm.prompt_template "{r}!" (%r)
      xcs_llm.yield %t : !text
    }
    xcs_llm.yield %v : !text
  }
  return %rs : tensor<2x!text>
}

// The second call of a chain has an equal in its own member, too. It still moves behind
// the first.
// CHECK-LABEL: func.func @chained
func.func @chained(%p: !text) -> tensor<2x!text> {
  // CHECK-NEXT: %[[A:.*]] = xcs_llm.generate "m" (%arg0)
  // CHECK-NEXT: %[[T:.*]] = xcs_llm.prompt_template "{a}?" (%[[A]])
  // CHECK-NEXT: %[[B:.*]] = xcs_llm.generate "m" (%[[T]])
  // CHECK-NEXT: xcs_llm.ensemble
  // CHECK-NOT: xcs_llm.generate
  // CHECK: return
  %v = xcs_llm.ensemble all -> tensor<2x!text> {
    %a = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
    %t = xcs_llm.prompt_template "{a}?" (%a)
    %b = xcs_llm.generate "m" (%t) {temperature = 0.0 : f64} : !text
    %c = xcs_llm.generate "m" (%t) {temperature = 0.0 : f64} : !text
    %both = xcs_llm.prompt_template "{b}{c}" (%b, %c)
    xcs_llm.yield %both : !text
  }, {
    %a = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
    %t = xcs_llm.prompt_template "{a}?" (%a)
    %b = xcs_llm.generate "m" (%t) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %b : !text
  }
  return %v : tensor<2x!text>
}

// Once the calls in two conditionals are one, so are the conditionals, and with them
// the calls behind them.
// CHECK-LABEL: func.func @behind_regions
func.func @behind_regions(%c: i1, %p: !text) -> (!text, !text) {
  // CHECK-NEXT: %[[A:.*]] = xcs_llm.generate "m" (%arg1)
  // CHECK-NEXT: %[[V:.*]] = xcs_llm.conditional
  // CHECK: %[[R:.*]] = xcs_llm.generate "m" (%[[V]])
  // CHECK-NEXT: return %[[R]], %[[R]]
  %a = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %v = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %a : !text
  } else {
    xcs_llm.yield %p : !text
  }
  %b = xcs_llm.generate "m" (%p) {temperature = 0.0 : f64} : !text
  %w = xcs_llm.conditional %c -> !text {
    xcs_llm.yield %b : !text
  } else {
    xcs_llm.yield %p : !text
  }
  %r = xcs_llm.generate "m" (%v) {temperature = 0.0 : f64} : !text
  %s = xcs_llm.generate "m" (%w) {temperature = 0.0 : f64} : !text
  return %r, %s : !text, !text
}

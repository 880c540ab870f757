// RUN: xcs-translate --xcs-to-schedule %s | FileCheck %s
// RUN: xcs-translate --xcs-to-schedule %s -o %t.json && %schedule-check %xcsllm_source/docs/schedule.schema.json %t.json

!text = !xcs_llm.text

// Tools that are called, by name.
// CHECK: "tools": [
// CHECK-NEXT: {"name":"look","task":"search","pure":true,"latency_ms":2.5,"inputs":["text"],"outputs":["text","i64"]},
// CHECK-NEXT: {"name":"write","task":"file","pure":false,"inputs":["text"],"outputs":["text"]}
// CHECK-NEXT: ],
func.func private @write(!text) -> !text attributes {xcs_llm.task = "file"}
func.func private @look(!text) -> (!text, i64) attributes {xcs_llm.task = "search", xcs_llm.pure, xcs_llm.latency_ms = 2.5 : f64}
func.func private @never(!text) -> !text

// Impure calls keep their order, whatever they read; pure ones have none.
// CHECK-LABEL: "name": "order"
// CHECK: "id":"tool1",{{.*}}"depends_on":[]
// CHECK-SAME: "idempotency":{"key":"{{[0-9a-f]+}}/order/tool1","samples":1}
// CHECK: "id":"tool2","kind":"tool",{{.*}}"tool":{"name":"look"},"outputs":["text","i64"],"depends_on":[]
// CHECK: "id":"tool3",{{.*}}"depends_on":["tool1","tool2"]
// CHECK: "id":"tool4",{{.*}}"depends_on":["tool3"]
func.func @order(%q: !text) {
  %1 = func.call @write(%q) : (!text) -> !text
  %2, %n = func.call @look(%q) : (!text) -> (!text, i64)
  %3 = func.call @write(%2) : (!text) -> !text
  %4 = func.call @write(%q) : (!text) -> !text
  return
}

// Control with an impure call inside takes its place in the order as a whole: it
// starts after the call before it, and the next comes after it. Branches and
// stages follow what is before their own control; pure control is free.
// CHECK-LABEL: "name": "nested"
// CHECK: "id":"tool1","kind":"tool","scope":"plan1",{{.*}}"depends_on":[]
// CHECK: "id":"conditional1",{{.*}}"depends_on":["tool1"]
// CHECK: "id":"tool2","kind":"tool","scope":"branch1",{{.*}}"depends_on":["tool1"]
// CHECK: "id":"tool3","kind":"tool","scope":"branch1",{{.*}}"depends_on":["tool2"]
// CHECK: "id":"chain1",{{.*}}"scope":"branch2",{{.*}}"depends_on":["tool1"]
// CHECK: "id":"cascade1",{{.*}}"scope":"body1",{{.*}}"depends_on":["tool1"]
// CHECK: "id":"tool4",{{.*}}"scope":"stage1",{{.*}}"depends_on":["tool1"]
// CHECK: "id":"tool5",{{.*}}"scope":"stage2",{{.*}}"depends_on":["tool1"]
// CHECK: "id":"tool6",{{.*}}"scope":"body1",{{.*}}"depends_on":["cascade1"]
// CHECK: "id":"chain2",{{.*}}"scope":"plan1",{{.*}}"depends_on":[]
// CHECK: "id":"tool7",{{.*}}"tool":{"name":"look"},{{.*}}"depends_on":[]
// CHECK: "id":"tool8",{{.*}}"scope":"plan1",{{.*}}"depends_on":["conditional1"]
func.func @nested(%q: !text, %c: i1) -> !text {
  %1 = func.call @write(%q) : (!text) -> !text
  %r = xcs_llm.conditional %c -> !text {
    %2 = func.call @write(%q) : (!text) -> !text
    %3 = func.call @write(%q) : (!text) -> !text
    xcs_llm.yield %q : !text
  } else {
    %h = xcs_llm.chain -> !text {
      %s = xcs_llm.cascade -> !text {
        %4 = func.call @write(%q) : (!text) -> !text
        xcs_llm.yield %4 : !text
      }, {
        %5 = func.call @write(%q) : (!text) -> !text
        xcs_llm.yield %5 : !text
      }
      %6 = func.call @write(%q) : (!text) -> !text
      xcs_llm.yield %s : !text
    }
    xcs_llm.yield %h : !text
  }
  %p = xcs_llm.chain -> !text {
    %l, %n = func.call @look(%q) : (!text) -> (!text, i64)
    xcs_llm.yield %l : !text
  }
  %7 = func.call @write(%q) : (!text) -> !text
  return %r : !text
}

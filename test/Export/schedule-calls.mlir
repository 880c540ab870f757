// RUN: xcs-translate --xcs-to-schedule %s | FileCheck %s
// RUN: xcs-translate --xcs-to-schedule %s -o %t.json && %schedule-check %xcsllm_source/docs/schedule.schema.json %t.json

!text = !xcs_llm.text

// CHECK: "schema_version": "1.2"
// CHECK: "generator": {"name":"xcs-translate","version":"{{[0-9.]+}}"}
// CHECK: "source": {"file":"{{.*}}schedule-calls.mlir","sha256":"{{[0-9a-f]+}}"}
// CHECK: "passes": ["canonicalize","xcs-batch-prompts"]
module attributes {xcs_llm.passes = ["canonicalize", "xcs-batch-prompts"]} {

// Each text stands once, whoever uses it.
// CHECK: "texts": [
// CHECK-NEXT: "Be terse."
// CHECK-NEXT: ],

// Braces are taken apart here, so that no reader has to.
// CHECK: "templates": [
// CHECK-NEXT: {"format":"{a}{b}{a} {{[{][{]}}x{{[}][}]}}","literals":["","",""," {x}"],"slots":[0,1,0],"names":["a","b"]}
// CHECK-NEXT: ],

// Models that calls name, with what the module says of them; no others.
// CHECK: "models": [
// CHECK-NEXT: {"name":"a","provider":"a","quality":0.5},
// CHECK-NEXT: {"name":"b"},
// CHECK-NEXT: {"name":"e"}
// CHECK-NEXT: ],
xcs_llm.model @"other" {quality = 1.0 : f64}
xcs_llm.model @"a" {provider = "a", quality = 0.5 : f64}

// CHECK: "name": "calls"
// CHECK: "inputs": [{"name":"q","type":"text","tokens":3},{"type":"f64"}]
// CHECK: "constraints": {"budget_usd":1.5,"min_quality":0.5}
// CHECK: {"id":"plan1","kind":"plan","arguments":["text","f64"],"runs":{"when":"plan_starts"},"yields":[{"task":"generate1","output":0,"tokens":256},{"task":"generate3","output":0,"tokens":512}],"on_failed":"forward","cancels":"nothing"}
func.func @calls(%q: !text {xcs_llm.name = "q", xcs_llm.tokens = 3 : i64}, %x: f64) -> (!text, tensor<2x!text>)
    attributes {xcs_llm.budget_usd = 1.5 : f64, xcs_llm.min_quality = 0.5 : f64} {
  %s = xcs_llm.text "Be terse."
  %again = xcs_llm.text "Be terse."
  // CHECK: "id":"template1","kind":"template","scope":"plan1","inputs":[{"scope":"plan1","argument":0,"tokens":3},{"scope":"plan1","argument":1}],"template":{"index":0},"outputs":["text"],"depends_on":[],"location":{"line":[[#@LINE+1]],"column":8}}
  %p = xcs_llm.prompt_template "{a}{b}{a} {{x}}" (%q, %x : f64)
  // CHECK: "id":"generate1",{{.*}}"inputs":[{"text":0},{"scope":"plan1","argument":0,"tokens":3},{"text":0},{"task":"template1","output":0,"tokens":{{[0-9]+}}}]
  // CHECK-SAME: "messages":[{"role":"system","input":0},{"role":"user","input":1},{"role":"assistant","input":2},{"role":"user","input":3}]
  // CHECK-SAME: "outputs":["text"],"depends_on":["template1"],"idempotency":{"key":"{{[0-9a-f]+}}/calls/generate1","samples":1},"estimate":{"requests":1.0,"input_tokens":{{[0-9]+}},"output_tokens":256}
  %1 = xcs_llm.generate "a" (system %s, user %q, assistant %again, user %p) : !text
  // An input that comes twice is one dependency; they are in the tasks' order.
  // CHECK: "id":"generate2",{{.*}}"depends_on":["template1","generate1"]
  %2 = xcs_llm.generate "a" (user %1, assistant %p, user %1) {temperature = 0.0 : f64} : !text
  // CHECK: "id":"generate3",{{.*}}"n":2,{{.*}}"idempotency":{"key":"{{[0-9a-f]+}}/calls/generate3","samples":2}
  %3 = xcs_llm.generate "b" (%2) {n = 2 : i64} : tensor<2x!text>
  // CHECK: "id":"score1",{{.*}}"n":2,"labels":["x","y"],"deterministic":false},"outputs":[{"item":"f64","shape":[2,2]}]
  %4 = xcs_llm.score "b" (%1) {labels = ["x", "y"], n = 2 : i64} : tensor<2x2xf64>
  // CHECK: "id":"embed1",{{.*}}"request":{"model":"e","dimensions":3,"deterministic":true}
  %5 = xcs_llm.embed "e" (%1) : tensor<3xf32>
  // CHECK: "id":"embed2",{{.*}}"deterministic":false,"no_reuse":true
  %6 = xcs_llm.embed "e" (%1) {no_reuse} : tensor<3xf32>
  return %1, %3 : !text, tensor<2x!text>
}

// Ids and keys are each plan's own.
// CHECK: "name": "second"
// CHECK: "id":"generate1",{{.*}}"key":"{{[0-9a-f]+}}/second/generate1"
func.func @second(%q: !text) -> !text {
  %1 = xcs_llm.generate "a" (%q) : !text
  return %1 : !text
}

// The standard tier is the default; an estimate is made anew.
// CHECK: "name": "tiers"
// CHECK: "constraints": {},
// CHECK-NEXT: "totals": {"calls":3,
// CHECK: "id":"generate1",{{.*}}"samples":1},"estimate"
// CHECK: "id":"generate2",{{.*}}"samples":1},"service_tier":"flex","estimate"
// CHECK: "id":"embed1",{{.*}}"samples":1},"service_tier":"batch","estimate":{"requests":1.0,"input_tokens":100,"output_tokens":0,"latency_ms":86400000.0},"timing"
func.func @tiers(%q: !text) -> (!text, !text, tensor<2xf32>) {
  %1 = xcs_llm.generate "a" (%q) {service_tier = "standard"} : !text
  %2 = xcs_llm.generate "a" (%q) {service_tier = "flex"} : !text
  %3 = xcs_llm.embed "e" (%q) {service_tier = "batch", estimate = #xcs_llm.estimate<input_tokens = 7>} : tensor<2xf32>
  return %1, %2, %3 : !text, !text, tensor<2xf32>
}

// Numbers of samples, for tests, go along.
// CHECK: "name": "numbered"
// CHECK: "id":"generate1",{{.*}}"samples":2},"sample_ids":[4,0],"estimate"
// CHECK: "id":"embed1",{{.*}}"samples":1},"estimate"
// CHECK: "id":"score1",{{.*}}"scope":"item1",{{.*}}"samples":1},"sample_ids":[1,2],"estimate"
func.func @numbered(%q: !text, %qs: tensor<2x!text>) -> (tensor<2x!text>, tensor<2xf32>, tensor<2xf64>) {
  %1 = xcs_llm.generate "a" (%q) {n = 2 : i64, xcs_llm.sample_ids = array<i64: 4, 0>} : tensor<2x!text>
  %2 = xcs_llm.embed "e" (%q) {xcs_llm.sample_ids = array<i64>} : tensor<2xf32>
  %3 = xcs_llm.batch (%item in %qs : tensor<2x!text>) -> tensor<2xf64> {
    %s = xcs_llm.score "a" (%item) {xcs_llm.sample_ids = array<i64: 1, 2>} : f64
    xcs_llm.yield %s : f64
  }
  return %1, %2, %3 : tensor<2x!text>, tensor<2xf32>, tensor<2xf64>
}

// CHECK: "name": "no_calls"
// CHECK: "yields":[{"literal":1,"type":"i64"},{"text":0},{"scope":"plan1","argument":0}]
// CHECK: "tasks": []
func.func @no_calls(%x: i1) -> (i64, !text, i1) {
  %one = arith.constant 1 : i64
  %s = xcs_llm.text "Be terse."
  return %one, %s, %x : i64, !text, i1
}

// CHECK: "name": "nothing"
// CHECK: "yields":[]
func.func @nothing() {
  return
}

}

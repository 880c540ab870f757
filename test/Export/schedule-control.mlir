// RUN: xcs-translate --xcs-to-schedule %s | FileCheck %s
// RUN: xcs-translate --xcs-to-schedule %s -o %t.json && %schedule-check %xcsllm_source/docs/schedule.schema.json %t.json

!text = !xcs_llm.text

// A stage that may repeat, and what tells its attempts apart.
// CHECK-LABEL: "name": "cascade"
// CHECK: {"id":"stage1","kind":"stage","owner":"cascade1","arguments":[],"runs":{"when":"owner_starts","attempts":2},"yields":[{"task":"generate1","output":0,"tokens":256}],"verdict":{"scope":"plan1","argument":1},"on_failed":"next","on_rejected":"next","cancels":"siblings","iteration_path":["stage1"]}
// CHECK: {"id":"stage2",{{.*}}"runs":{"when":"not_accepted","after":"stage1","attempts":1},"yields":[{"scope":"plan1","argument":0,"tokens":100}],"verdict":{"scope":"plan1","argument":1},"on_failed":"forward","on_rejected":"ignore","cancels":"siblings"}
// CHECK: "id":"cascade1",{{.*}}"control":{"scopes":["stage1","stage2"],"settles":"first_accepted"}
// CHECK: "id":"generate1","kind":"generate","scope":"stage1"
func.func @cascade(%q: !text, %ok: i1) -> !text {
  %r = xcs_llm.cascade -> !text {
    %1 = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %1, %ok : !text, i1
  }, {
    xcs_llm.yield %q, %ok : !text, i1
  } {attempts = array<i64: 2, 1>}
  return %r : !text
}

// A last stage that repeats hands over to its own next attempt.
// CHECK-LABEL: "name": "last_repeats"
// CHECK: "runs":{"when":"not_accepted","after":"stage1","attempts":3},{{.*}}"on_failed":"next","cancels":"siblings","iteration_path":["stage2"],"accept_rate":0.75,"execution_probability":0.5}
// CHECK: "id":"generate2",{{.*}}"execution_probability":0.5
func.func @last_repeats(%q: !text) -> !text {
  %r = xcs_llm.cascade -> !text {
    %1 = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %1 : !text
  }, {
    %1 = xcs_llm.generate "a" (%q) : !text
    xcs_llm.yield %1 : !text
  } {attempts = array<i64: 1, 3>, accept_rate = array<f64: 0.5, 0.75>}
  return %r : !text
}

// Policies: what settles the vote, who may be cancelled, how failures count.
// CHECK-LABEL: "name": "ensembles"
// CHECK: "id":"member1",{{.*}}"on_failed":"fail","cancels":"siblings"
// CHECK: "id":"member2",{{.*}}"runs":{"when":"wave","wave":0},{{.*}}"votes":"items","on_failed":"skip","cancels":"siblings"
// CHECK: "id":"member3",{{.*}}"runs":{"when":"wave","wave":1},{{.*}}"votes":"value","on_failed":"skip","cancels":"siblings"
// CHECK: "id":"member4",{{.*}}"verdict":{"scope":"plan1","argument":1},"on_failed":"skip","on_rejected":"skip","cancels":"siblings"
// CHECK: "id":"member5",{{.*}}"verdict":{"scope":"plan1","argument":1},"score":{"literal":2.0,"type":"f64"}
// CHECK-SAME: "cancels":"nothing"
// CHECK: "settles":"all_done_or_one_missing","policy":"all"
// CHECK: "settles":"decided","policy":"majority","quorum":2,"waves":[1,1],"confidence":0.5,"agreement":0.25
// CHECK: "settles":"first_accepted","policy":"first"
// CHECK: "settles":"all_done","policy":"best"
func.func @ensembles(%q: !text, %ok: i1, %votes: tensor<3x!text>) {
  %two = arith.constant 2.0 : f64
  %1 = xcs_llm.ensemble all -> tensor<1x!text> {
    xcs_llm.yield %q : !text
  }
  %2 = xcs_llm.ensemble majority quorum 2 -> !text {
    xcs_llm.yield %votes : tensor<3x!text>
  }, {
    xcs_llm.yield %q : !text
  } {waves = array<i64: 1, 1>, confidence = 0.5 : f64, agreement = 0.25 : f64}
  %3 = xcs_llm.ensemble first -> !text {
    xcs_llm.yield %q, %ok : !text, i1
  }
  %4 = xcs_llm.ensemble best -> !text {
    xcs_llm.yield %q, %two, %ok : !text, f64, i1
  }
  return
}

// Items see what is around them, and a filter drops what is rejected. What repeats
// is found from the outside in.
// CHECK-LABEL: "name": "batches"
// CHECK: "id":"item1","kind":"item","owner":"batch1","arguments":["text","f64"],"runs":{"when":"each_item"}
// CHECK-SAME: "on_failed":"keep","cancels":"nothing","iteration_path":["item1"]
// CHECK: "id":"stage1",{{.*}}"iteration_path":["item1","stage1"]
// CHECK: "id":"item2",{{.*}}"on_failed":"keep","on_rejected":"drop","cancels":"nothing","iteration_path":["item2"]
// CHECK: "id":"batch1",{{.*}}"inputs":[{"scope":"plan1","argument":0,"tokens":200},{"scope":"plan1","argument":1}],"control":{"scopes":["item1"],"settles":"all_done","batch_size":8}
// CHECK: "id":"template1",{{.*}}"scope":"stage1","inputs":[{"scope":"item1","argument":0,"tokens":100},{"scope":"item1","argument":1},{"scope":"plan1","argument":2,"tokens":100}]
// CHECK: "outputs":[{"item":"text","shape":[null]}],"depends_on":["batch1"]
func.func @batches(%ps: tensor<2x!text>, %xs: tensor<2xf64>, %q: !text) -> tensor<?x!text> {
  %rs = xcs_llm.batch (%p in %ps : tensor<2x!text>, %x in %xs : tensor<2xf64>) -> tensor<2x!text> {
    %r = xcs_llm.cascade -> !text {
      %t = xcs_llm.prompt_template "{p} {x} {q}" (%p, %x : f64, %q)
      %r = xcs_llm.generate "a" (%t) : !text
      xcs_llm.yield %r : !text
    } {attempts = array<i64: 4>}
    xcs_llm.yield %r : !text
  } {batch_size = 8 : i64}
  %kept = xcs_llm.batch (%r in %rs : tensor<2x!text>) -> tensor<?x!text> {
    %ok = xcs_llm.parse_response %r as boolean : i1
    xcs_llm.yield %r, %ok : !text, i1
  }
  return %kept : tensor<?x!text>
}

// The probabilities of nested branches multiply; what nothing is known of has none.
// CHECK-LABEL: "name": "branches"
// CHECK: "id":"branch1",{{.*}}"runs":{"when":"condition","is":true}
// CHECK-SAME: "execution_probability":0.5}
// CHECK: "id":"branch2",{{.*}}"runs":{"when":"condition","is":false}
// CHECK-SAME: "execution_probability":0.5}
// CHECK: "id":"branch3",{{.*}}"execution_probability":0.125}
// CHECK: "id":"branch4",{{.*}}"execution_probability":0.375}
// CHECK: "id":"branch5",{{.*}}"cancels":"nothing"}
// CHECK: "id":"generate1",{{.*}}"execution_probability":0.125
func.func @branches(%q: !text, %c: i1) -> !text {
  %r = xcs_llm.conditional %c -> !text {
    %n = xcs_llm.conditional %c -> !text {
      %1 = xcs_llm.generate "a" (%q) : !text
      xcs_llm.yield %1 : !text
    } else {
      xcs_llm.yield %q : !text
    } {probability = 0.25 : f64}
    xcs_llm.yield %n : !text
  } else {
    %n = xcs_llm.conditional %c -> !text {
      xcs_llm.yield %q : !text
    } else {
      xcs_llm.yield %q : !text
    }
    xcs_llm.yield %n : !text
  } {probability = 0.5 : f64}
  return %r : !text
}

// The tasks of a chain belong together; the innermost chain counts.
// CHECK-LABEL: "name": "chains"
// CHECK: "id":"body1",{{.*}}"constraints":{"budget_usd":0.25,"deadline_ms":10.0}}
// CHECK: "id":"body2",{{.*}}"cancels":"nothing"}
// CHECK: "id":"generate1",{{.*}}"locality":{"group":"body2"}
// CHECK: "id":"generate2",{{.*}}"locality":{"group":"body1"}
func.func @chains(%q: !text) -> !text {
  %r = xcs_llm.chain -> !text {
    %i = xcs_llm.chain -> !text {
      %1 = xcs_llm.generate "a" (%q) : !text
      xcs_llm.yield %1 : !text
    }
    %2 = xcs_llm.generate "a" (%i) : !text
    xcs_llm.yield %2 : !text
  } {deadline_ms = 10.0 : f64, budget_usd = 0.25 : f64}
  return %r : !text
}

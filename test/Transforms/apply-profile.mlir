// RUN: xcs-opt %s --xcs-apply-profile=%S/Inputs/profile.json --verify-diagnostics -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: xcs-opt %s --pass-pipeline='builtin.module(xcs-apply-profile{file=%S/Inputs/profile.json})' -o %t.2.mlir 2>/dev/null
// RUN: diff %t.mlir %t.2.mlir

// A second time there is nothing to change.
// RUN: xcs-opt %t.mlir --xcs-apply-profile=%S/Inputs/profile.json -o %t.3.mlir 2>/dev/null
// RUN: diff %t.mlir %t.3.mlir

// What it tells is no gain of what comes behind it.
// RUN: xcs-opt %s --xcs-apply-profile=%S/Inputs/profile.json --canonicalize --xcs-report -o /dev/null 2>&1 | FileCheck --check-prefix=REPORT %s
// REPORT: requests {{.*}} same
// REPORT: input tokens {{.*}} same

// CHECK: xcs_llm.passes = ["xcs-apply-profile"]

// expected-warning@below {{the profile measured '@elsewhere', which is no function with a body here}}
// expected-warning@below {{the profile measured '@look_up', which is no function with a body here}}
module {
  // CHECK: xcs_llm.model @new {ttft_ms = 3.000000e+02 : f64}
  // CHECK: xcs_llm.model @declared {failure_rate = 1.000000e-02 : f64, input_usd_per_mtok = 1.000000e+00 : f64, output_tokens_per_s = 8.000000e+01 : f64, ttft_ms = 4.205000e+02 : f64}
  // CHECK-NOT: @nothing
  xcs_llm.model @declared {input_usd_per_mtok = 1.0 : f64, ttft_ms = 900.0 : f64}

  // CHECK: @look_up(!xcs_llm.text) -> (!xcs_llm.text {xcs_llm.tokens = 70 : i64}, i64)
  // CHECK-SAME: xcs_llm.latency_ms = 1.250000e+01 : f64
  func.func private @look_up(!xcs_llm.text) -> (!xcs_llm.text, i64)

  // CHECK: @everything(%{{.*}}: !xcs_llm.text {xcs_llm.tokens = 82 : i64}, %{{.*}}: tensor<?x!xcs_llm.text> {xcs_llm.count = 12 : i64, xcs_llm.tokens = 20 : i64}, %{{.*}}: i1)
  // expected-warning@below {{the profile measured a task 'generate9', which is not here}}
  func.func @everything(%text: !xcs_llm.text, %list: tensor<?x!xcs_llm.text>, %flag: i1) -> (!xcs_llm.text, !xcs_llm.text, !xcs_llm.text, f64, tensor<3xf32>) {
    // CHECK: call @look_up
    %found:2 = func.call @look_up(%text) : (!xcs_llm.text) -> (!xcs_llm.text, i64)
    // CHECK: cascade
    %first = xcs_llm.cascade -> !xcs_llm.text {
      // CHECK: generate "new"{{.*}} {expected_output_tokens = 33 : i64, hit_rate = 2.500000e-01 : f64}
      %a = xcs_llm.generate "new" (%text) {expected_output_tokens = 9 : i64} : !xcs_llm.text
      xcs_llm.yield %a : !xcs_llm.text
    }, {
      // CHECK: generate "mine"{{.*}} {expected_output_tokens = 5 : i64}
      // expected-warning@below {{the profile measured another model here ('other')}}
      %b = xcs_llm.generate "mine" (%text) {expected_output_tokens = 5 : i64} : !xcs_llm.text
      xcs_llm.yield %b : !xcs_llm.text
    }, {
      xcs_llm.yield %text : !xcs_llm.text
    // CHECK: accept_rate = array<f64: 0.69{{[0-9]*}}, 1.000000e+00, 9.000000e-01>
    } {accept_rate = array<f64: 0.1, 0.2, 0.9>}
    // CHECK: cascade
    // CHECK-NOT: accept_rate
    // expected-warning@below {{the profile measured another number of stages here (1)}}
    %second = xcs_llm.cascade -> !xcs_llm.text {
      xcs_llm.yield %text : !xcs_llm.text
    }, {
      xcs_llm.yield %text : !xcs_llm.text
    }
    // CHECK: ensemble majority
    %vote = xcs_llm.ensemble majority -> !xcs_llm.text {
      xcs_llm.yield %first : !xcs_llm.text
    }, {
      xcs_llm.yield %second : !xcs_llm.text
    // CHECK: agreement = 7.500000e-01 : f64
    }
    // CHECK: conditional
    %either = xcs_llm.conditional %flag -> !xcs_llm.text {
      xcs_llm.yield %first : !xcs_llm.text
    } else {
      xcs_llm.yield %second : !xcs_llm.text
    // CHECK: probability = 2.000000e-01 : f64
    }
    // CHECK: score "new"
    // CHECK-NOT: expected_output_tokens
    // CHECK-NOT: hit_rate
    %grade = xcs_llm.score "new" (%text) : f64
    // CHECK: embed "e"{{.*}}hit_rate = 5.000000e-01
    %vector = xcs_llm.embed "e" (%found#0) : tensor<3xf32>
    return %vote, %either, %found#0, %grade, %vector : !xcs_llm.text, !xcs_llm.text, !xcs_llm.text, f64, tensor<3xf32>
  }

  // expected-warning@below {{the profile measured more inputs than there are (2)}}
  func.func @few(%text: !xcs_llm.text) -> !xcs_llm.text {
    return %text : !xcs_llm.text
  }
}

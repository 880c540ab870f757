// RUN: xcs-opt %s --xcs-stage-votes="confidence=0.95" --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=Function=negative_no_samples
// RUN: xcs-opt %s --xcs-stage-votes="objective=latency" --remarks-filter=".*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=LATENCY
// RUN: not xcs-opt %s --xcs-stage-votes="confidence=1.5" 2>&1 | FileCheck %s --check-prefix=OPTION

// OPTION: xcs-stage-votes: confidence must be from 0 to 1 (got 1.5)

!text = !xcs_llm.text

xcs_llm.model @"m" {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 10.0 : f64}
xcs_llm.model @"dear prompts" {input_usd_per_mtok = 1000.0 : f64, output_usd_per_mtok = 1.0 : f64}

// CHECK-DAG: :[[@LINE+3]]:{{.*}}Class=distribution-preserving, Remark="takes 5 votes in rounds of 3, 1, 1 until it is settled: {{.*}} are expected, if they agree as measured"
// LATENCY-DAG: :[[@LINE+2]]:{{.*}}"not staged: all votes at once are the fastest"
func.func @settled(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}Class=quality-bounded, Remark="takes 20 votes in rounds of {{.*}} until it is settled, or sure with 0.95: {{.*}} are expected"
func.func @confident(%q: !text) -> !text attributes {xcs_llm.allow = "quality"} {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 20 : i64} : tensor<20x!text>
    xcs_llm.yield %rs : tensor<20x!text>
  } {agreement = 0.9 : f64}
  return %v : !text
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: no rounds are expected to do better than one request for all 5 votes"
func.func @negative_dear_prompts(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "dear prompts" (%q) {n = 5 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: prices of 'nobody knows it' are unknown"
func.func @negative_unknown(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "nobody knows it" (%q) {n = 5 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: the program gives leave for lossless rewrites only
func.func @negative_lossless(%q: !text) -> !text attributes {xcs_llm.allow = "lossless"} {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: requests with one 'seed' may have equal samples"
func.func @negative_seed(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64, seed = 1 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: cached samples are known by their place in the request"
func.func @negative_cacheable(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64, cacheable} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: its votes are all alike, as the call is deterministic"
func.func @negative_deterministic(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64, temperature = 0.0 : f64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-DAG: :[[@LINE+3]]:{{.*}}"not staged: samples are used elsewhere, or not at all"
func.func @negative_used_elsewhere(%q: !text) -> (!text, tensor<5x!text>) {
  %rs = xcs_llm.generate "m" (%q) {n = 5 : i64} : tensor<5x!text>
  %v = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v, %rs : !text, tensor<5x!text>
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: its members are not samples of one request"
func.func @negative_requests_differ(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "m" (%q) {max_tokens = 9 : i64} : !text
    xcs_llm.yield %r : !text
  }, {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r : !text
  }
  return %v : !text
}

// A verdict decides how many votes there are.
// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: verdicts decide how many votes there are"
func.func @negative_verdicts(%q: !text, %good: i1) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r, %good : !text, i1
  }, {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r, %good : !text, i1
  }, {
    %r = xcs_llm.generate "m" (%q) : !text
    xcs_llm.yield %r, %good : !text, i1
  }
  return %v : !text
}

// A request that fails would take with it a vote that does not need the sample.
// CHECK-DAG: :[[@LINE+3]]:{{.*}}"not staged: a member does more with a sample than to read it ('arith.select')"
func.func @negative_select(%q: !text, %c: i1) -> !text {
  %rs = xcs_llm.generate "m" (%q) {n = 5 : i64} : tensor<5x!text>
  %v = xcs_llm.ensemble majority -> !text {
    %xs = xcs_llm.batch (%r in %rs : tensor<5x!text>) -> tensor<5x!text> {
      %x = arith.select %c, %r, %q : !text
      xcs_llm.yield %x : !text
    }
    xcs_llm.yield %xs : tensor<5x!text>
  }
  return %v : !text
}

// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: it has 'waves' already"
func.func @negative_waves(%q: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    %r = xcs_llm.generate "m" (%q) {n = 3 : i64} : tensor<3x!text>
    xcs_llm.yield %r : tensor<3x!text>
  }, {
    %r = xcs_llm.generate "m" (%q) {n = 2 : i64} : tensor<2x!text>
    xcs_llm.yield %r : tensor<2x!text>
  } {waves = array<i64: 1, 1>}
  return %v : !text
}

// The latency of a round is unknown, and there is a deadline.
// CHECK-DAG: :[[@LINE+2]]:{{.*}}"not staged: the deadline or the budget leaves no room for another round, or the latency is unknown"
func.func @negative_deadline(%q: !text) -> !text attributes {xcs_llm.deadline_ms = 1000.0 : f64} {
  %v = xcs_llm.ensemble majority -> !text {
    %rs = xcs_llm.generate "m" (%q) {n = 5 : i64} : tensor<5x!text>
    xcs_llm.yield %rs : tensor<5x!text>
  }
  return %v : !text
}

// Nobody would take this for votes by samples.
func.func @negative_no_samples(%a: !text, %b: !text) -> !text {
  %v = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %a : !text
  }, {
    xcs_llm.yield %b : !text
  }
  return %v : !text
}

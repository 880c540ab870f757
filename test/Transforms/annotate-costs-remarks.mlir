// Each default that is taken where the program says nothing, and what would say it.
// RUN: xcs-opt %s --xcs-annotate-costs --remarks-filter=".*" --remark-policy=all -o %t.mlir 2>&1 | FileCheck %s --implicit-check-not="[Analysis]"

!text = !xcs_llm.text
func.func private @search(!text) -> tensor<?x!text> attributes {xcs_llm.task = "search"}

// What says all has no remark.
func.func @said(%q: !text {xcs_llm.tokens = 10 : i64}, %c: i1) -> !text {
  %r = xcs_llm.conditional %c -> !text {
    %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 5 : i64} : !text
    xcs_llm.yield %a : !text
  } else {
    xcs_llm.yield %q : !text
  } {probability = 0.25 : f64}
  return %r : !text
}

// CHECK: :[[@LINE+1]]:{{[0-9]+}}: remark: [Analysis] assumed-tokens {{.*}}Category:xcs-annotate-costs {{.*}}Function=inputs {{.*}}"assumed 100 tokens: 'xcs_llm.tokens' of the argument says how many"
func.func @inputs(%q: !text,
// CHECK: :[[@LINE+2]]:{{.*}}assumed-tokens
// CHECK: :[[@LINE+1]]:{{.*}}assumed-items {{.*}}"assumed 10 items: 'xcs_llm.count' of the argument says how many"
                  %list: tensor<?x!text>) -> !text {
  // CHECK: :[[@LINE+2]]:{{.*}}"assumed 100 tokens: 'xcs_llm.tokens' of the result of '@search' says how many"
  // CHECK: :[[@LINE+1]]:{{.*}}"assumed 10 items: 'xcs_llm.count' of the result of '@search' says how many"
  %found = func.call @search(%q) : (!text) -> tensor<?x!text>
  %p = xcs_llm.prompt_template "{a}{b}" (%list : tensor<?x!text>, %found : tensor<?x!text>)
  // CHECK: :[[@LINE+1]]:{{.*}}assumed-output-tokens {{.*}}"assumed 256 tokens of output: 'expected_output_tokens' of the call says how many"
  %r = xcs_llm.generate "m" (%p) : !text
  // CHECK: :[[@LINE+1]]:{{.*}}"assumed 40 tokens of output
  %s = xcs_llm.generate "m" (%r) {max_tokens = 40 : i64} : !text
  // CHECK: :[[@LINE+1]]:{{.*}}"assumed 10 items: nothing here can say how many"
  %parsed = xcs_llm.parse_response %s as json "/names" : tensor<?x!text>
  %t = xcs_llm.prompt_template "{all}" (%parsed : tensor<?x!text>)
  return %t : !text
}

func.func @control(%q: !text {xcs_llm.tokens = 10 : i64}, %qs: tensor<?x!text> {xcs_llm.tokens = 10 : i64, xcs_llm.count = 4 : i64}, %c: i1) -> (!text, !text, !text, tensor<?x!text>) {
  // CHECK: :[[@LINE+1]]:{{.*}}assumed-probability {{.*}}"assumed true with the chance 0.5: 'probability' says how likely the first branch is"
  %r = xcs_llm.conditional %c -> !text {
    %a = xcs_llm.generate "m" (%q) {expected_output_tokens = 5 : i64} : !text
    xcs_llm.yield %a : !text
  } else {
    xcs_llm.yield %q : !text
  }
  // CHECK: :[[@LINE+1]]:{{.*}}"assumed true with the chance 0.5, each verdict: 'accept_rate' says how likely each stage is accepted"
  %s = xcs_llm.cascade -> !text {
    xcs_llm.yield %r, %c : !text, i1
  }, {
    xcs_llm.yield %q : !text
  }
  // CHECK: :[[@LINE+1]]:{{.*}}"assumed that 0.81 of the votes agree, as measured: 'agreement' says how many"
  %v = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %r : !text
  }, {
    xcs_llm.yield %s : !text
  } {waves = array<i64: 1, 1>}
  // CHECK: :[[@LINE+1]]:{{.*}}"assumed true with the chance 0.5, the verdict of each item: nothing here can say how many are kept"
  %kept = xcs_llm.batch (%item in %qs : tensor<?x!text>) -> tensor<?x!text> {
    %a = xcs_llm.generate "m" (%item) {expected_output_tokens = 5 : i64} : !text
    %good = xcs_llm.parse_response %a as boolean : i1
    xcs_llm.yield %item, %good : !text, i1
  }
  return %r, %s, %v, %kept : !text, !text, !text, tensor<?x!text>
}

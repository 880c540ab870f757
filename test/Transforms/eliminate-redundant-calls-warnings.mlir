// Candidates that are all the same answer.
// RUN: xcs-opt %s --xcs-eliminate-redundant-calls --verify-diagnostics -o /dev/null
// Merged by upstream already, they are no better.
// RUN: xcs-opt %s --cse --xcs-eliminate-redundant-calls --verify-diagnostics -o /dev/null

!text = !xcs_llm.text

func.func @judge(%q: !text) -> !text {
  // expected-note @below {{the answer}}
  %a = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
  %b = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64, hit_rate = 0.5 : f64} : !text
  %list = tensor.from_elements %a, %b : tensor<2x!text>
  // expected-warning @below {{candidates in this prompt are all the same answer of a deterministic call, so they decide nothing; a temperature would make them differ}}
  %p = xcs_llm.prompt_template "Choose: {list}" (%list : tensor<2x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  return %r : !text
}

func.func @vote(%q: !text) -> f64 {
  // expected-warning @below {{candidates of this ensemble are all the same answer of a deterministic call}}
  %v = xcs_llm.ensemble majority -> f64 {
    %a = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
    // expected-note @below {{the answer}}
    %x = xcs_llm.parse_response %a as number : f64
    xcs_llm.yield %x : f64
  }, {
    %a = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
    %x = xcs_llm.parse_response %a as number : f64
    xcs_llm.yield %x : f64
  }
  return %v : f64
}

func.func @negative(%q: !text) -> (!text, !text, !text, !text, !text) {
  // Only some are equal.
  %a = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
  %b = xcs_llm.generate "m" (%q) {temperature = 0.0 : f64} : !text
  %c = xcs_llm.generate "m" (%q) : !text
  %list = tensor.from_elements %a, %b, %c : tensor<3x!text>
  %p = xcs_llm.prompt_template "Choose: {list}" (%list : tensor<3x!text>)
  %r = xcs_llm.generate "m" (%p) : !text
  // Nobody is asked.
  %same = tensor.from_elements %a, %b : tensor<2x!text>
  %joined = xcs_llm.prompt_template "{same}" (%same : tensor<2x!text>)
  // No answers.
  %inputs = tensor.from_elements %q, %q : tensor<2x!text>
  %doubled = xcs_llm.prompt_template "{inputs}" (%inputs : tensor<2x!text>)
  %d = xcs_llm.generate "m" (%doubled) : !text
  // Meant to be equal: whoever is first.
  %first = xcs_llm.ensemble first -> !text {
    %x = xcs_llm.generate "n" (%q) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %x : !text
  }, {
    %x = xcs_llm.generate "n" (%q) {temperature = 0.0 : f64} : !text
    xcs_llm.yield %x : !text
  }
  // No candidates but one.
  %one = xcs_llm.ensemble majority -> !text {
    xcs_llm.yield %a : !text
  }
  // Not equal in everything.
  %both:2 = xcs_llm.ensemble majority -> (!text, !text) {
    xcs_llm.yield %a, %c : !text, !text
  }, {
    xcs_llm.yield %b, %d : !text, !text
  }
  return %r, %joined, %d, %first, %one : !text, !text, !text, !text, !text
}

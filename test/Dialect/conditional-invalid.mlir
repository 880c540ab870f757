// RUN: xcs-opt %s --verify-diagnostics --split-input-file --allow-unregistered-dialect

func.func @verdict(%c: i1, %p: !xcs_llm.text) {
  // expected-note @below {{region #1 of this operation}}
  %v = xcs_llm.conditional %c -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  } else {
    // expected-error @below {{must yield ('!xcs_llm.text') (got ('!xcs_llm.text', 'i1'))}}
    xcs_llm.yield %p, %c : !xcs_llm.text, i1
  }
  return
}

// -----

func.func @no_yield(%c: i1) {
  // expected-error @below {{regions must end in 'xcs_llm.yield' (got region #0 without)}}
  "xcs_llm.conditional"(%c) ({
    "other.end"() : () -> ()
  }, {
    "other.end"() : () -> ()
  }) : (i1) -> ()
  return
}

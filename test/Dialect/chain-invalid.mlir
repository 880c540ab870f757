// RUN: xcs-opt %s --verify-diagnostics --split-input-file --allow-unregistered-dialect

func.func @verdict(%p: !xcs_llm.text, %flag: i1) {
  // expected-note @below {{region #0 of this operation}}
  %v = xcs_llm.chain -> !xcs_llm.text {
    // expected-error @below {{must yield ('!xcs_llm.text') (got ('!xcs_llm.text', 'i1'))}}
    xcs_llm.yield %p, %flag : !xcs_llm.text, i1
  }
  return
}

// -----

func.func @no_yield() {
  // expected-error @below {{regions must end in 'xcs_llm.yield' (got region #0 without)}}
  "xcs_llm.chain"() ({
    "other.end"() : () -> ()
  }) : () -> ()
  return
}

// A model that nobody knows has no price: one that is spelt almost like a known one is
// warned of, once.
//
// RUN: xcs-translate --xcs-to-schedule --verify-diagnostics %s

!text = !xcs_llm.text

xcs_llm.model @"gpt-4o-mimi" {}

func.func @misspelt(%q: !text) -> !text {
  // expected-warning @+1 {{nothing is known of model "gpt-4o-minni", nor what it costs; did you mean "gpt-4o-mini"?}}
  %0 = xcs_llm.generate "gpt-4o-minni" (%q) : !text
  %1 = xcs_llm.generate "gpt-4o-minni" (%0) : !text
  return %1 : !text
}

// What the program declares, and what is like nothing that is known, is meant so.
func.func @own(%q: !text) -> !text {
  %0 = xcs_llm.generate "gpt-4o-mimi" (%q) : !text
  %1 = xcs_llm.generate "my-own-model" (%0) : !text
  %2 = xcs_llm.generate "o2" (%1) : !text
  return %2 : !text
}

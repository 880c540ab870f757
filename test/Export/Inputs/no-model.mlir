func.func @f(%a: !xcs_llm.text) -> !xcs_llm.text {
  %r = xcs_llm.generate (%a) {min_quality = 0.5 : f64} : !xcs_llm.text
  return %r : !xcs_llm.text
}

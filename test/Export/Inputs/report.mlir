!text = !xcs_llm.text

// A program of which a pass makes another.
func.func @two(%a: !text {xcs_llm.tokens = 40 : i64}, %b: !text {xcs_llm.tokens = 60 : i64})
    -> (!text, !text, !text) {
  %r1 = xcs_llm.generate "gpt-4o-mini" (%a) {expected_output_tokens = 100 : i64} : !text
  %r2 = xcs_llm.generate "gpt-4o-mini" (%b) {expected_output_tokens = 100 : i64} : !text
  %r3 = xcs_llm.generate "gpt-4o-mini" (%a) {batch_compatible = false} : !text
  return %r1, %r2, %r3 : !text, !text, !text
}

// Product texts for a shop: one short text a product, in the house style, at night. Many
// products come back unchanged from one night to the next.
!text = !xcs_llm.text

#write = "You write product texts for an outdoor shop. Style: plain, concrete, no superlatives, at most three sentences. Name the material, the weight and one use. Never invent a figure: leave out what the data sheet does not say. Do not mention the price.\n\nData sheet:\n{sheet}"

func.func @catalogue(%sheets: tensor<?x!text> {xcs_llm.tokens = 180 : i64, xcs_llm.count = 500 : i64, xcs_llm.name = "sheets"}) -> tensor<?x!text> {
  %texts = xcs_llm.batch (%sheet in %sheets : tensor<?x!text>) -> tensor<?x!text> {
    %prompt = xcs_llm.prompt_template #write (%sheet)
    %text = xcs_llm.generate "gpt-4o-mini" (%prompt) {temperature = 0.0 : f64, max_tokens = 150 : i64, expected_output_tokens = 70 : i64, cacheable, hit_rate = 0.6 : f64} : !text
    xcs_llm.yield %text : !text
  }
  return %texts : tensor<?x!text>
}

// Three headlines are drawn for an article, and a larger model picks one.
!text = !xcs_llm.text

#draft = "Write a headline for this article.\n\n{article}"
#pick = "Which of these headlines is the best? Repeat it, and nothing else.\n\n{headlines}"

func.func @pick_headline(%article: !text {xcs_llm.name = "article", xcs_llm.tokens = 800 : i64}) -> !text {
  %prompt1 = xcs_llm.prompt_template #draft (%article)
  %headline1 = xcs_llm.generate "gpt-4o-mini" (%prompt1) {max_tokens = 30 : i64} : !text
  %prompt2 = xcs_llm.prompt_template #draft (%article)
  %headline2 = xcs_llm.generate "gpt-4o-mini" (%prompt2) {max_tokens = 30 : i64} : !text
  %prompt3 = xcs_llm.prompt_template #draft (%article)
  %headline3 = xcs_llm.generate "gpt-4o-mini" (%prompt3) {max_tokens = 30 : i64} : !text
  %headlines = tensor.from_elements %headline1, %headline2, %headline3 : tensor<3x!text>
  %question = xcs_llm.prompt_template #pick (%headlines : tensor<3x!text>)
  %choice = xcs_llm.generate "gpt-4o" (%question) {max_tokens = 30 : i64} : !text
  return %choice : !text
}

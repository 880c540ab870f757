// Three reviews are summed up by a small model, and a large one compares them.
!text = !xcs_llm.text

#sum_up = "Sum up this review in one sentence.\n\n{review}"
#compare = "Where do these reviews disagree?\n\n{summaries}"

func.func @compare_reviews(%first: !text, %second: !text, %third: !text) -> !text {
  %prompt1 = xcs_llm.prompt_template #sum_up (%first)
  %summary1 = xcs_llm.generate "gpt-4o-mini" (%prompt1) {max_tokens = 60 : i64} : !text
  %prompt2 = xcs_llm.prompt_template #sum_up (%second)
  %summary2 = xcs_llm.generate "gpt-4o-mini" (%prompt2) {max_tokens = 60 : i64} : !text
  %prompt3 = xcs_llm.prompt_template #sum_up (%third)
  %summary3 = xcs_llm.generate "gpt-4o-mini" (%prompt3) {max_tokens = 60 : i64} : !text
  %summaries = tensor.from_elements %summary1, %summary2, %summary3 : tensor<3x!text>
  %question = xcs_llm.prompt_template #compare (%summaries : tensor<3x!text>)
  %answer = xcs_llm.generate "gpt-4o" (%question) : !text
  return %answer : !text
}

// Customer mail: one that is urgent and angry goes to a person, with a summary; others
// get a drafted answer. Two checks decide, and each result is used on one way only.
!text = !xcs_llm.text

#urgent = "Does this mail need an answer within the hour? Answer yes or no.\n\n{mail}"
#angry = "Is the writer of this mail angry? Think about tone and history, then answer yes or no.\n\n{mail}\n\n{history}"
#sum_up = "Sum up this mail for the support team in two sentences.\n\n{mail}"
#draft = "Draft a friendly answer to this mail, with the customer's history in mind.\n\n{mail}\n\n{history}"

func.func @triage(%mail: !text {xcs_llm.tokens = 250 : i64, xcs_llm.name = "mail"},
                  %history: !text {xcs_llm.tokens = 900 : i64, xcs_llm.name = "history"}) -> (!text, i1) {
  %urgent_prompt = xcs_llm.prompt_template #urgent (%mail)
  %urgent_reply = xcs_llm.generate "gpt-4o-mini" (%urgent_prompt) {temperature = 0.0 : f64, expected_output_tokens = 2 : i64} : !text
  %urgent = xcs_llm.parse_response %urgent_reply as boolean : i1
  %angry_prompt = xcs_llm.prompt_template #angry (%mail, %history)
  %angry_reply = xcs_llm.generate "gpt-4o" (%angry_prompt) {temperature = 0.0 : f64, expected_output_tokens = 120 : i64} : !text
  %angry = xcs_llm.parse_response %angry_reply as boolean : i1
  %escalate = arith.andi %urgent, %angry : i1

  %summary_prompt = xcs_llm.prompt_template #sum_up (%mail)
  %summary = xcs_llm.generate "gpt-4o-mini" (%summary_prompt) {expected_output_tokens = 60 : i64} : !text
  %draft_prompt = xcs_llm.prompt_template #draft (%mail, %history)
  %draft = xcs_llm.generate "gpt-4o" (%draft_prompt) {expected_output_tokens = 250 : i64} : !text

  %text = xcs_llm.conditional %escalate -> !text {
    xcs_llm.yield %summary : !text
  } else {
    xcs_llm.yield %draft : !text
  } {probability = 0.1 : f64}
  return %text, %escalate : !text, i1
}

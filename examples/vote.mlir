// Self-consistency: forty samples of one question, and the most frequent number wins.
!text = !xcs_llm.text

#solve = "Solve the problem step by step. End with the line 'Answer: <number>'.\n\n{problem}"

func.func @solve(%problem: !text {xcs_llm.tokens = 120 : i64, xcs_llm.name = "problem"}) -> i64 {
  %prompt = xcs_llm.prompt_template #solve (%problem)
  %samples = xcs_llm.generate "gpt-4o-mini" (%prompt) {temperature = 0.7 : f64, n = 40 : i64, expected_output_tokens = 250 : i64} : tensor<40x!text>
  %answer = xcs_llm.ensemble majority -> i64 {
    %votes = xcs_llm.batch (%sample in %samples : tensor<40x!text>) -> tensor<40xi64> {
      %vote = xcs_llm.parse_response %sample as regex "Answer: *(-?[0-9]+)" : i64
      xcs_llm.yield %vote : i64
    }
    xcs_llm.yield %votes : tensor<40xi64>
  } {agreement = 0.8 : f64}
  return %answer : i64
}

!text = !xcs_llm.text
func.func private @look_up(!text) -> !text attributes {xcs_llm.task = "look up", xcs_llm.pure}
func.func @look() -> tensor<2x!text> {
  %topics = arith.constant dense<["a", "b"]> : tensor<2x!text>
  %found = xcs_llm.batch (%topic in %topics : tensor<2x!text>) -> tensor<2x!text> {
    %one = func.call @look_up(%topic) : (!text) -> !text
    xcs_llm.yield %one : !text
  }
  return %found : tensor<2x!text>
}

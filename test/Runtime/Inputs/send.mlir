!text = !xcs_llm.text
func.func private @send(!text) -> !text attributes {xcs_llm.task = "send"}
func.func @tell(%text: !text {xcs_llm.name = "text"}) -> !text {
  %sent = func.call @send(%text) : (!text) -> !text
  return %sent : !text
}

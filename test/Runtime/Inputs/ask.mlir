// Programs that ask one thing each.

!text = !xcs_llm.text

xcs_llm.model @"m" {provider = "acme", input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 2.0 : f64}
xcs_llm.model @"e" {provider = "acme", array_inputs = true, input_usd_per_mtok = 1.0 : f64}

func.func @ask(%question: !text {xcs_llm.name = "question"}) -> (!text {xcs_llm.name = "answer"}) {
  %answer = xcs_llm.generate "m" (%question) : !text
  return %answer : !text
}

func.func @samples(%question: !text {xcs_llm.name = "question"}) -> (tensor<5x!text> {xcs_llm.name = "answers"}) {
  %answers = xcs_llm.generate "m" (%question) {n = 5 : i64} : tensor<5x!text>
  return %answers : tensor<5x!text>
}

func.func @score(%question: !text {xcs_llm.name = "question"}) -> (f64 {xcs_llm.name = "score"}) {
  %score = xcs_llm.score "m" (%question) : f64
  return %score : f64
}

func.func @labels(%question: !text {xcs_llm.name = "question"}) -> (tensor<2xf64> {xcs_llm.name = "shares"}) {
  %shares = xcs_llm.score "m" (%question) {labels = ["good", "bad"]} : tensor<2xf64>
  return %shares : tensor<2xf64>
}

func.func @embed(%texts: tensor<?x!text> {xcs_llm.name = "texts"}) -> (tensor<?x4xf32> {xcs_llm.name = "vectors"}) {
  %vectors = xcs_llm.batch (%text in %texts : tensor<?x!text>) -> tensor<?x4xf32> {
    %vector = xcs_llm.embed "e" (%text) : tensor<4xf32>
    xcs_llm.yield %vector : tensor<4xf32>
  }
  return %vectors : tensor<?x4xf32>
}

func.func @first(%slow: !text {xcs_llm.name = "slow"}, %quick: !text {xcs_llm.name = "quick"}) -> (!text {xcs_llm.name = "answer"}) {
  %answer = xcs_llm.ensemble first -> !text {
    %a = xcs_llm.generate "m" (%slow) : !text
    xcs_llm.yield %a : !text
  }, {
    %b = xcs_llm.generate "m" (%quick) : !text
    xcs_llm.yield %b : !text
  }
  return %answer : !text
}

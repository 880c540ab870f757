// RUN: xcs-opt %s --xcs-batch-prompts="pack=2" | FileCheck %s

!text = !xcs_llm.text
#explain = "You explain words to people who learn a language. Keep to words that are among the thousand most frequent ones, give one example, and name no other word of the same family. Do not say how the word is pronounced, nor where it comes from, and write no more than two sentences.\n\nWord: {word}"

xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64,
  tokens_per_min = 250.0 : f64}

// Packs are a batch of their own, whose size is by what the packs take: two of them
// are more than a minute's tokens.
// CHECK-LABEL: func.func @words
// CHECK: xcs_llm.batch
// CHECK: Items:{{.*}}2. {v1}
// CHECK: } {batch_size = 1 : i64}
func.func @words(%words: tensor<4x!text> {xcs_llm.tokens = 10 : i64}) -> tensor<4x!text> attributes {xcs_llm.allow = "quality"} {
  %answers = xcs_llm.batch (%word in %words : tensor<4x!text>) -> tensor<4x!text> {
    %prompt = xcs_llm.prompt_template #explain (%word)
    %answer = xcs_llm.generate "small" (%prompt) {max_tokens = 40 : i64, expected_output_tokens = 30 : i64} : !text
    xcs_llm.yield %answer : !text
  }
  return %answers : tensor<4x!text>
}

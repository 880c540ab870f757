// What xcs-opt prints, it reads.
// RUN: xcs-opt %s | xcs-opt | FileCheck %s

// CHECK-LABEL: func.func @greet
func.func @greet(%name: !xcs_llm.text) -> !xcs_llm.text {
  // CHECK: %[[PROMPT:.*]] = xcs_llm.prompt_template "Greet {name}." (%{{.*}})
  %prompt = xcs_llm.prompt_template "Greet {name}." (%name)
  // CHECK: xcs_llm.generate "gpt-4o" (%[[PROMPT]]) : !xcs_llm.text
  %greeting = xcs_llm.generate "gpt-4o" (%prompt) : !xcs_llm.text
  return %greeting : !xcs_llm.text
}

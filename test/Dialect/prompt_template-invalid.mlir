// RUN: xcs-opt %s --verify-diagnostics --split-input-file

func.func @stray(%x: !xcs_llm.text) {
  // expected-error @below {{literal braces must be doubled (got '}' at byte 3)}}
  %prompt = xcs_llm.prompt_template "{x}}" (%x)
  return
}

// -----

func.func @open(%x: !xcs_llm.text) {
  // expected-error @below {{a placeholder must be closed (got '{' at byte 2)}}
  %prompt = xcs_llm.prompt_template "A {x" (%x)
  return
}

// -----

func.func @no_name(%x: !xcs_llm.text) {
  // expected-error @below {{a placeholder must be a name (got '{}' at byte 0)}}
  %prompt = xcs_llm.prompt_template "{}" (%x)
  return
}

// -----

func.func @number_as_name(%x: !xcs_llm.text) {
  // expected-error @below {{a placeholder must be a name (got '{0}' at byte 1)}}
  %prompt = xcs_llm.prompt_template " {0}" (%x)
  return
}

// -----

func.func @json_in_a_format(%x: !xcs_llm.text) {
  // expected-error @below {{a placeholder must be a name (got '{"a": 1}' at byte 0)}}
  %prompt = xcs_llm.prompt_template "{\"a\": 1}" (%x)
  return
}

// -----

func.func @too_few(%x: !xcs_llm.text) {
  // expected-error @below {{must have one operand for each distinct placeholder (got 1 operands for 2 placeholders)}}
  %prompt = xcs_llm.prompt_template "{x} {y} {x}" (%x)
  return
}

// -----

func.func @too_many(%x: !xcs_llm.text) {
  // expected-error @below {{must have one operand for each distinct placeholder (got 2 operands for 1 placeholders)}}
  %prompt = xcs_llm.prompt_template "{x} {x}" (%x, %x)
  return
}

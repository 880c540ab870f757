// RUN: xcs-opt %s --verify-diagnostics --split-input-file

func.func @role(%p: !xcs_llm.text) {
  // expected-error @below {{a role must be 'system', 'user' or 'assistant' (got 'tool')}}
  %r = xcs_llm.generate "gpt-4o" (tool %p) : !xcs_llm.text
  return
}

// -----

func.func @no_message() {
  // expected-error @below {{must have at least one message (got none)}}
  %r = xcs_llm.generate "gpt-4o" () : !xcs_llm.text
  return
}

// -----

func.func @roles(%p: !xcs_llm.text) {
  // expected-error @below {{must have one role for each message (got 2 roles for 1 messages)}}
  %r = "xcs_llm.generate"(%p) <{roles = [#xcs_llm<role system>, #xcs_llm<role user>]}> : (!xcs_llm.text) -> !xcs_llm.text
  return
}

// -----

func.func @samples(%p: !xcs_llm.text) {
  // expected-error @below {{must give 'tensor<5x!xcs_llm.text>' (got '!xcs_llm.text')}}
  %r = xcs_llm.generate "gpt-4o" (%p) {n = 5} : !xcs_llm.text
  return
}

// -----

func.func @one_sample(%p: !xcs_llm.text) {
  // expected-error @below {{must give '!xcs_llm.text' (got 'tensor<5x!xcs_llm.text>')}}
  %r = xcs_llm.generate "gpt-4o" (%p) : tensor<5x!xcs_llm.text>
  return
}

// -----

func.func @unknown_length(%p: !xcs_llm.text) {
  // expected-error @below {{must give 'tensor<5x!xcs_llm.text>' (got 'tensor<?x!xcs_llm.text>')}}
  %r = xcs_llm.generate "gpt-4o" (%p) {n = 5} : tensor<?x!xcs_llm.text>
  return
}

// -----

func.func @schema(%p: !xcs_llm.text) {
  // expected-error @below {{'response_schema' must be JSON (got '{type: object}')}}
  %r = xcs_llm.generate "gpt-4o" (%p) {response_schema = "{type: object}"} : !xcs_llm.text
  return
}

// -----

func.func @stop(%p: !xcs_llm.text) {
  // expected-error @below {{attribute 'stop' must be UTF-8 (got an invalid byte at offset 1)}}
  %r = xcs_llm.generate "gpt-4o" (%p) {stop = ["END", "x\FF"]} : !xcs_llm.text
  return
}

// -----

func.func @tier(%p: !xcs_llm.text) {
  // expected-error @below {{service tier: standard, flex or batch}}
  %r = xcs_llm.generate "gpt-4o" (%p) {service_tier = "slow"} : !xcs_llm.text
  return
}

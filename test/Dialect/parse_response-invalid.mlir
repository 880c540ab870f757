// RUN: xcs-opt %s --verify-diagnostics --split-input-file

func.func @no_selector(%r: !xcs_llm.text) {
  // expected-error @below {{as 'json' must have a selector (got none)}}
  %value = xcs_llm.parse_response %r as json : f64
  return
}

// -----

func.func @selector(%r: !xcs_llm.text) {
  // expected-error @below {{as 'number' must have no selector (got one)}}
  %value = xcs_llm.parse_response %r as number "/a" : f64
  return
}

// -----

func.func @no_choices(%r: !xcs_llm.text) {
  // expected-error @below {{must have 'choices' if and only if it reads a 'choice' (got 'choice' without choices)}}
  %value = xcs_llm.parse_response %r as choice : i64
  return
}

// -----

func.func @choices(%r: !xcs_llm.text) {
  // expected-error @below {{must have 'choices' if and only if it reads a 'choice' (got 'text' with choices)}}
  %value = xcs_llm.parse_response %r as text {choices = ["a"]} : !xcs_llm.text
  return
}

// -----

func.func @zero_choices(%r: !xcs_llm.text) {
  // expected-error @below {{must have at least one choice (got none)}}
  %value = xcs_llm.parse_response %r as choice {choices = []} : i64
  return
}

// -----

func.func @empty_choice(%r: !xcs_llm.text) {
  // expected-error @below {{must have distinct choices that are not empty (got ["a", ""])}}
  %value = xcs_llm.parse_response %r as choice {choices = ["a", ""]} : i64
  return
}

// -----

func.func @equal_choices(%r: !xcs_llm.text) {
  // expected-error @below {{must have distinct choices that are not empty (got ["Yes", "yes"])}}
  %value = xcs_llm.parse_response %r as choice {choices = ["Yes", "yes"]} : i64
  return
}

// -----

func.func @relative_pointer(%r: !xcs_llm.text) {
  // expected-error @below {{JSON pointer must be empty or begin with '/' (got 'a')}}
  %value = xcs_llm.parse_response %r as json "a" : f64
  return
}

// -----

func.func @unescaped_pointer(%r: !xcs_llm.text) {
  // expected-error @below {{JSON pointer must escape '~' as '~0' (got '/a~b')}}
  %value = xcs_llm.parse_response %r as json "/a~b" : f64
  return
}

// -----

func.func @pattern(%r: !xcs_llm.text) {
  // expected-error @below {{pattern must be RE2 syntax (got '(': missing ): ()}}
  %value = xcs_llm.parse_response %r as regex "(" : !xcs_llm.text
  return
}

// -----

func.func @backreference(%r: !xcs_llm.text) {
  // expected-error @below {{pattern must be RE2 syntax}}
  %value = xcs_llm.parse_response %r as regex "(a)\\1" : !xcs_llm.text
  return
}

// -----

func.func @text_type(%r: !xcs_llm.text) {
  // expected-error @below {{as 'text' must give a text (got 'f64')}}
  %value = xcs_llm.parse_response %r as text : f64
  return
}

// -----

func.func @number_type(%r: !xcs_llm.text) {
  // expected-error @below {{as 'number' must give f64 or i64 (got '!xcs_llm.text')}}
  %value = xcs_llm.parse_response %r as number : !xcs_llm.text
  return
}

// -----

func.func @boolean_type(%r: !xcs_llm.text) {
  // expected-error @below {{as 'boolean' must give i1 (got 'i64')}}
  %value = xcs_llm.parse_response %r as boolean : i64
  return
}

// -----

func.func @choice_type(%r: !xcs_llm.text) {
  // expected-error @below {{as 'choice' must give i64 (got 'f64')}}
  %value = xcs_llm.parse_response %r as choice {choices = ["a"]} : f64
  return
}

// -----

func.func @regex_type(%r: !xcs_llm.text) {
  // expected-error @below {{as 'regex' must give text, number or flag (got 'tensor<2xf64>')}}
  %value = xcs_llm.parse_response %r as regex "a" : tensor<2xf64>
  return
}

// -----

func.func @otherwise_type(%r: !xcs_llm.text) {
  // expected-error @below {{'otherwise' must be a constant of the result's type 'f64' (got "0")}}
  %value = xcs_llm.parse_response %r as number {otherwise = "0"} : f64
  return
}

// -----

func.func @otherwise_width(%r: !xcs_llm.text) {
  // expected-error @below {{'otherwise' must be a constant of the result's type 'i64' (got 0 : i32)}}
  %value = xcs_llm.parse_response %r as number {otherwise = 0 : i32} : i64
  return
}

// -----

func.func @otherwise_infinite(%r: !xcs_llm.text) {
  // expected-error @below {{'otherwise' must be a constant of the result's type 'f64' (got 0x7FF0000000000000 : f64)}}
  %value = xcs_llm.parse_response %r as number {otherwise = 0x7FF0000000000000 : f64} : f64
  return
}

// -----

func.func @otherwise_length(%r: !xcs_llm.text) {
  // expected-error @below {{'otherwise' must be a constant of the result's type 'tensor<2xf64>' (got [0.000000e+00])}}
  %value = xcs_llm.parse_response %r as json "" {otherwise = [0.0]} : tensor<2xf64>
  return
}

// -----

func.func @otherwise_items(%r: !xcs_llm.text) {
  // expected-error @below {{'otherwise' must be a constant of the result's type 'tensor<?x!xcs_llm.text>'}}
  %value = xcs_llm.parse_response %r as json "" {otherwise = ["a", 1]} : tensor<?x!xcs_llm.text>
  return
}

// -----

func.func @otherwise_utf8(%r: !xcs_llm.text) {
  // expected-error @below {{attribute 'otherwise' must be UTF-8 (got an invalid byte at offset 0)}}
  %value = xcs_llm.parse_response %r as text {otherwise = "\FF"} : !xcs_llm.text
  return
}

// A parse of a constant is what a runtime would read.
// RUN: xcs-opt %s --canonicalize | FileCheck %s

!text = !xcs_llm.text

// CHECK-LABEL: func.func @text()
func.func @text() -> !text {
  // CHECK-NEXT: %text = xcs_llm.text "An answer."
  %response = xcs_llm.text "\n  An answer. \t\n"
  %value = xcs_llm.parse_response %response as text : !text
  return %value : !text
}

// CHECK-LABEL: func.func @last_number()
func.func @last_number() -> f64 {
  // CHECK-NEXT: arith.constant 1.234500e+03 : f64
  %response = xcs_llm.text "From 3 to 1,234.5."
  %value = xcs_llm.parse_response %response as number : f64
  return %value : f64
}

// CHECK-LABEL: func.func @integer()
func.func @integer() -> i64 {
  // CHECK-NEXT: arith.constant 4 : i64
  %response = xcs_llm.text "It is 4."
  %value = xcs_llm.parse_response %response as number : i64
  return %value : i64
}

// CHECK-LABEL: func.func @integer_by_exponent()
func.func @integer_by_exponent() -> i64 {
  // CHECK-NEXT: arith.constant 2500 : i64
  %response = xcs_llm.text "2.5e3"
  %value = xcs_llm.parse_response %response as number : i64
  return %value : i64
}

// CHECK-LABEL: func.func @largest_integer()
func.func @largest_integer() -> i64 {
  // CHECK-NEXT: arith.constant 9223372036854775807 : i64
  %response = xcs_llm.text "9223372036854775807"
  %value = xcs_llm.parse_response %response as number : i64
  return %value : i64
}

// CHECK-LABEL: func.func @number_otherwise()
func.func @number_otherwise() -> f64 {
  // CHECK-NEXT: arith.constant -1.000000e+00 : f64
  %response = xcs_llm.text "none"
  %value = xcs_llm.parse_response %response as number {otherwise = -1.0 : f64} : f64
  return %value : f64
}

// CHECK-LABEL: func.func @fraction_otherwise()
func.func @fraction_otherwise() -> i64 {
  // CHECK-NEXT: arith.constant -1 : i64
  %response = xcs_llm.text "2.5"
  %value = xcs_llm.parse_response %response as number {otherwise = -1 : i64} : i64
  return %value : i64
}

// CHECK-LABEL: func.func @beyond_i64_otherwise()
func.func @beyond_i64_otherwise() -> i64 {
  // CHECK-NEXT: arith.constant 0 : i64
  %response = xcs_llm.text "9223372036854775808"
  %value = xcs_llm.parse_response %response as number {otherwise = 0 : i64} : i64
  return %value : i64
}

// CHECK-LABEL: func.func @boolean()
func.func @boolean() -> i1 {
  // CHECK-NEXT: arith.constant true
  %response = xcs_llm.text "Well: **YES**, not no"
  %value = xcs_llm.parse_response %response as boolean : i1
  return %value : i1
}

// CHECK-LABEL: func.func @boolean_in_another_word()
func.func @boolean_in_another_word() -> i1 {
  // CHECK-NEXT: arith.constant true
  %response = xcs_llm.text "No\C3\ABl, it is true"
  %value = xcs_llm.parse_response %response as boolean : i1
  return %value : i1
}

// CHECK-LABEL: func.func @boolean_otherwise()
func.func @boolean_otherwise() -> i1 {
  // CHECK-NEXT: arith.constant false
  %response = xcs_llm.text "perhaps"
  %value = xcs_llm.parse_response %response as boolean {otherwise = false} : i1
  return %value : i1
}

// CHECK-LABEL: func.func @choice()
func.func @choice() -> i64 {
  // CHECK-NEXT: arith.constant 1 : i64
  %response = xcs_llm.text "this is Not Spam."
  %value = xcs_llm.parse_response %response as choice {choices = ["spam", "not spam"]} : i64
  return %value : i64
}

// CHECK-LABEL: func.func @choice_otherwise()
func.func @choice_otherwise() -> i64 {
  // CHECK-NEXT: arith.constant -1 : i64
  %response = xcs_llm.text "ham"
  %value = xcs_llm.parse_response %response as choice {choices = ["spam"], otherwise = -1 : i64} : i64
  return %value : i64
}

// CHECK-LABEL: func.func @regex_group()
func.func @regex_group() -> !text {
  // CHECK-NEXT: xcs_llm.text "42 apples"
  %response = xcs_llm.text "Final Answer: 42 apples"
  %value = xcs_llm.parse_response %response as regex "Final Answer: (.*)" : !text
  return %value : !text
}

// CHECK-LABEL: func.func @regex_match()
func.func @regex_match() -> !text {
  // CHECK-NEXT: xcs_llm.text "id-7"
  %response = xcs_llm.text "id-7 and id-8"
  %value = xcs_llm.parse_response %response as regex "id-[0-9]" : !text
  return %value : !text
}

// CHECK-LABEL: func.func @regex_number()
func.func @regex_number() -> f64 {
  // CHECK-NEXT: arith.constant 8.500000e+01 : f64
  %response = xcs_llm.text "Score: 8,5"
  %value = xcs_llm.parse_response %response as regex "Score: (.*)" : f64
  return %value : f64
}

// CHECK-LABEL: func.func @regex_flag()
func.func @regex_flag() -> i1 {
  // CHECK-NEXT: arith.constant false
  %response = xcs_llm.text "correct: no"
  %value = xcs_llm.parse_response %response as regex "correct: (.*)" : i1
  return %value : i1
}

// CHECK-LABEL: func.func @regex_without_group_otherwise()
func.func @regex_without_group_otherwise() -> !text {
  // CHECK-NEXT: xcs_llm.text "none"
  %response = xcs_llm.text "b"
  %value = xcs_llm.parse_response %response as regex "(a)|b" {otherwise = "none"} : !text
  return %value : !text
}

// CHECK-LABEL: func.func @regex_otherwise()
func.func @regex_otherwise() -> !text {
  // CHECK-NEXT: xcs_llm.text ""
  %response = xcs_llm.text "b"
  %value = xcs_llm.parse_response %response as regex "a" {otherwise = ""} : !text
  return %value : !text
}

// CHECK-LABEL: func.func @json_text()
func.func @json_text() -> !text {
  // CHECK-NEXT: xcs_llm.text "x \C3\A9"
  %response = xcs_llm.text "{\22a\22: \22x \\u00e9\22}"
  %value = xcs_llm.parse_response %response as json "/a" : !text
  return %value : !text
}

// CHECK-LABEL: func.func @json_number()
func.func @json_number() -> f64 {
  // CHECK-NEXT: arith.constant 2.500000e+00 : f64
  %response = xcs_llm.text "{\22a\22: {\22b/c\22: [1, 2.5]}}"
  %value = xcs_llm.parse_response %response as json "/a/b~1c/1" : f64
  return %value : f64
}

// CHECK-LABEL: func.func @json_integer_as_number()
func.func @json_integer_as_number() -> f64 {
  // CHECK-NEXT: arith.constant 3.000000e+00 : f64
  %response = xcs_llm.text "[3]"
  %value = xcs_llm.parse_response %response as json "/0" : f64
  return %value : f64
}

// CHECK-LABEL: func.func @json_integer()
func.func @json_integer() -> i64 {
  // CHECK-NEXT: arith.constant -3 : i64
  %response = xcs_llm.text "[-3]"
  %value = xcs_llm.parse_response %response as json "/0" : i64
  return %value : i64
}

// CHECK-LABEL: func.func @json_flag()
func.func @json_flag() -> i1 {
  // CHECK-NEXT: arith.constant true
  %response = xcs_llm.text "{\22\22: true}"
  %value = xcs_llm.parse_response %response as json "/" : i1
  return %value : i1
}

// CHECK-LABEL: func.func @json_texts()
func.func @json_texts() -> tensor<2x!text> {
  // CHECK-NEXT: arith.constant dense<["a", "b"]> : tensor<2x!xcs_llm.text>
  %response = xcs_llm.text " [\22a\22, \22b\22]\n"
  %value = xcs_llm.parse_response %response as json "" : tensor<2x!text>
  return %value : tensor<2x!text>
}

// CHECK-LABEL: func.func @json_numbers()
func.func @json_numbers() -> tensor<2xf64> {
  // CHECK-NEXT: arith.constant dense<[5.000000e-01, 2.000000e+00]> : tensor<2xf64>
  %response = xcs_llm.text "{\22s\22: [0.5, 2]}"
  %value = xcs_llm.parse_response %response as json "/s" : tensor<2xf64>
  return %value : tensor<2xf64>
}

// CHECK-LABEL: func.func @json_flags()
func.func @json_flags() -> tensor<2xi1> {
  // CHECK-NEXT: arith.constant dense<[true, false]> : tensor<2xi1>
  %response = xcs_llm.text "[true, false]"
  %value = xcs_llm.parse_response %response as json "" : tensor<2xi1>
  return %value : tensor<2xi1>
}

// CHECK-LABEL: func.func @json_empty()
func.func @json_empty() -> tensor<0x!text> {
  // CHECK-NEXT: arith.constant dense<> : tensor<0x!xcs_llm.text>
  %response = xcs_llm.text "[]"
  %value = xcs_llm.parse_response %response as json "" : tensor<0x!text>
  return %value : tensor<0x!text>
}

// CHECK-LABEL: func.func @json_unknown_length()
func.func @json_unknown_length() -> tensor<?x!text> {
  // CHECK-NEXT: %[[LIST:.*]] = arith.constant dense<["a", "b"]> : tensor<2x!xcs_llm.text>
  // CHECK-NEXT: %[[CAST:.*]] = tensor.cast %[[LIST]] : tensor<2x!xcs_llm.text> to tensor<?x!xcs_llm.text>
  // CHECK-NEXT: return %[[CAST]]
  %response = xcs_llm.text "{\22tags\22: [\22a\22, \22b\22]}"
  %value = xcs_llm.parse_response %response as json "/tags" : tensor<?x!text>
  return %value : tensor<?x!text>
}

// A parse that would fail is never folded; nor is JSON that a runtime might
// read otherwise.

// CHECK-LABEL: func.func @negative_no_number()
func.func @negative_no_number() -> f64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "none"
  %value = xcs_llm.parse_response %response as number : f64
  return %value : f64
}

// CHECK-LABEL: func.func @negative_number_infinite()
func.func @negative_number_infinite() -> f64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "1e999"
  %value = xcs_llm.parse_response %response as number : f64
  return %value : f64
}

// CHECK-LABEL: func.func @negative_fraction_as_integer()
func.func @negative_fraction_as_integer() -> i64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "2.5"
  %value = xcs_llm.parse_response %response as number : i64
  return %value : i64
}

// CHECK-LABEL: func.func @negative_no_word()
func.func @negative_no_word() -> i1 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "perhaps"
  %value = xcs_llm.parse_response %response as boolean : i1
  return %value : i1
}

// CHECK-LABEL: func.func @negative_no_choice()
func.func @negative_no_choice() -> i64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "spammer"
  %value = xcs_llm.parse_response %response as choice {choices = ["spam"]} : i64
  return %value : i64
}

// CHECK-LABEL: func.func @negative_no_match()
func.func @negative_no_match() -> !text {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "b"
  %value = xcs_llm.parse_response %response as regex "a" : !text
  return %value : !text
}

// CHECK-LABEL: func.func @negative_no_group()
func.func @negative_no_group() -> !text {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "b"
  %value = xcs_llm.parse_response %response as regex "(a)|b" : !text
  return %value : !text
}

// CHECK-LABEL: func.func @negative_regex_no_number()
func.func @negative_regex_no_number() -> f64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "Score: high"
  %value = xcs_llm.parse_response %response as regex "Score: (.*)" : f64
  return %value : f64
}

// CHECK-LABEL: func.func @negative_json_in_prose()
func.func @negative_json_in_prose() -> f64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "Here: {\22a\22: 1}"
  %value = xcs_llm.parse_response %response as json "/a" : f64
  return %value : f64
}

// CHECK-LABEL: func.func @negative_json_missing()
func.func @negative_json_missing() -> f64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "{\22a\22: 1}"
  %value = xcs_llm.parse_response %response as json "/b" : f64
  return %value : f64
}

// CHECK-LABEL: func.func @negative_json_missing_otherwise()
func.func @negative_json_missing_otherwise() -> f64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "{\22a\22: 1}"
  %value = xcs_llm.parse_response %response as json "/b" {otherwise = 0.0 : f64} : f64
  return %value : f64
}

// CHECK-LABEL: func.func @negative_json_kind()
func.func @negative_json_kind() -> f64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "{\22a\22: \221\22}"
  %value = xcs_llm.parse_response %response as json "/a" : f64
  return %value : f64
}

// CHECK-LABEL: func.func @negative_json_source()
func.func @negative_json_source() -> !text {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "{\22a\22: [1,  2]}"
  %value = xcs_llm.parse_response %response as json "/a" : !text
  return %value : !text
}

// CHECK-LABEL: func.func @negative_json_fraction()
func.func @negative_json_fraction() -> i64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "[1.0]"
  %value = xcs_llm.parse_response %response as json "/0" : i64
  return %value : i64
}

// CHECK-LABEL: func.func @negative_json_null()
func.func @negative_json_null() -> !text {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "[null]"
  %value = xcs_llm.parse_response %response as json "/0" : !text
  return %value : !text
}

// CHECK-LABEL: func.func @negative_json_length()
func.func @negative_json_length() -> tensor<2xf64> {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "[1, 2, 3]"
  %value = xcs_llm.parse_response %response as json "" : tensor<2xf64>
  return %value : tensor<2xf64>
}

// CHECK-LABEL: func.func @negative_json_mixed()
func.func @negative_json_mixed() -> tensor<2xf64> {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "[1, \22a\22]"
  %value = xcs_llm.parse_response %response as json "" : tensor<2xf64>
  return %value : tensor<2xf64>
}

// CHECK-LABEL: func.func @negative_json_nested()
func.func @negative_json_nested() -> tensor<2xf64> {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "[[1], [2]]"
  %value = xcs_llm.parse_response %response as json "" : tensor<2xf64>
  return %value : tensor<2xf64>
}

// CHECK-LABEL: func.func @negative_json_unknown_kind()
func.func @negative_json_unknown_kind() -> tensor<?xf64> {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "[1, true]"
  %value = xcs_llm.parse_response %response as json "" : tensor<?xf64>
  return %value : tensor<?xf64>
}

// CHECK-LABEL: func.func @negative_json_lone_surrogate()
func.func @negative_json_lone_surrogate() -> !text {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "[\22\\ud800\22]"
  %value = xcs_llm.parse_response %response as json "/0" : !text
  return %value : !text
}

// CHECK-LABEL: func.func @negative_json_two_documents()
func.func @negative_json_two_documents() -> f64 {
  // CHECK-NEXT: %text = xcs_llm.text
  // CHECK-NEXT: %parsed = xcs_llm.parse_response
  %response = xcs_llm.text "[1] [2]"
  %value = xcs_llm.parse_response %response as json "/0" : f64
  return %value : f64
}

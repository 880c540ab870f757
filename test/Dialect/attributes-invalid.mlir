// RUN: xcs-opt %s --verify-diagnostics --split-input-file

// expected-error @below {{attribute of a function must be one that this dialect knows there (got 'xcs_llm.budget'; the nearest is 'xcs_llm.budget_usd')}}
func.func @f() attributes {xcs_llm.budget = 1.0 : f64} {
  return
}

// -----

// What is nearest is looked for among those of the place: a module knows no 'xcs_llm.pure'.
// expected-error @below {{attribute of a module must be one that this dialect knows there (got 'xcs_llm.pures'; the nearest is 'xcs_llm.passes')}}
module attributes {xcs_llm.pures} {}

// -----

// expected-error @below {{attribute of a function must be one that this dialect knows there (got 'xcs_llm.tokens'; the nearest is 'xcs_llm.}}
func.func @f() attributes {xcs_llm.tokens = 1} {
  return
}

// -----

// expected-error @below {{attribute of argument #0 must be one that this dialect knows there (got 'xcs_llm.tokns'; the nearest is 'xcs_llm.tokens')}}
func.func private @f(f64 {xcs_llm.tokns = 1})

// -----

// expected-error @below {{attribute of argument #0 must be one that this dialect knows there (got 'xcs_llm.pure'; the nearest is 'xcs_llm.name')}}
func.func private @f(f64 {xcs_llm.pure})

// -----

// expected-error @below {{attribute of result #1 must be one that this dialect knows there (got 'xcs_llm.cont'; the nearest is 'xcs_llm.count')}}
func.func private @f() -> (f64, f64 {xcs_llm.cont = 1})

// -----

// expected-error @below {{'xcs_llm.budget_usd' must be a finite f64 that is not negative (got 1 : i64)}}
func.func @f() attributes {xcs_llm.budget_usd = 1} {
  return
}

// -----

// expected-error @below {{'xcs_llm.budget_usd' must be a finite f64 that is not negative (got -1.000000e+00 : f64)}}
func.func @f() attributes {xcs_llm.budget_usd = -1.0 : f64} {
  return
}

// -----

// expected-error @below {{'xcs_llm.deadline_ms' must be a finite f64 that is not negative (got 1.000000e+00 : f32)}}
func.func @f() attributes {xcs_llm.deadline_ms = 1.0 : f32} {
  return
}

// -----

// expected-error @below {{'xcs_llm.deadline_ms' must be a finite f64 that is not negative (got 0x7FF0000000000000 : f64)}}
func.func @f() attributes {xcs_llm.deadline_ms = 0x7FF0000000000000 : f64} {
  return
}

// -----

// expected-error @below {{'xcs_llm.min_quality' must be an f64 from 0 to 1 (got 1.500000e+00 : f64)}}
func.func @f() attributes {xcs_llm.min_quality = 1.5 : f64} {
  return
}

// -----

// expected-error @below {{'xcs_llm.allow' must be "lossless", "distribution" or "quality" (got "everything")}}
func.func @f() attributes {xcs_llm.allow = "everything"} {
  return
}

// -----

// expected-error @below {{'xcs_llm.task' must be a string (got 5 : i64)}}
func.func private @f() attributes {xcs_llm.task = 5}

// -----

// expected-error @below {{'xcs_llm.pure' must be a unit attribute (got true)}}
func.func private @f() attributes {xcs_llm.pure = true}

// -----

// expected-error @below {{'xcs_llm.latency_ms' must be a finite f64 that is not negative (got "1")}}
func.func private @f() attributes {xcs_llm.latency_ms = "1"}

// -----

// expected-error @below {{'xcs_llm.name' must be a string (got unit)}}
func.func private @f(f64 {xcs_llm.name})

// -----

// expected-error @below {{'xcs_llm.tokens' must be an i64 that is not negative (got -1 : i64)}}
func.func private @f(f64 {xcs_llm.tokens = -1})

// -----

// expected-error @below {{'xcs_llm.count' must be an i64 that is not negative (got 1 : i32)}}
func.func private @f(f64 {xcs_llm.count = 1 : i32})

// -----

// expected-error @below {{attribute 'xcs_llm.name' must be UTF-8 (got an invalid byte at offset 0)}}
func.func private @f(f64 {xcs_llm.name = "\FF"})

// -----

// expected-error @below {{'xcs_llm.passes' must be a list of strings (got ["a", 1])}}
module attributes {xcs_llm.passes = ["a", 1]} {}

// -----

// expected-error @below {{'xcs_llm.task' must be on a tool, a function without a body (got one with)}}
func.func @f() attributes {xcs_llm.task = "t"} {
  return
}

// -----

// expected-error @below {{'xcs_llm.pure' must be on a tool, a function without a body (got one with)}}
func.func @f() attributes {xcs_llm.pure} {
  return
}

// -----

// expected-error @below {{'xcs_llm.latency_ms' must be on a tool, a function without a body (got one with)}}
func.func @f() attributes {xcs_llm.latency_ms = 1.0 : f64} {
  return
}

// -----

// A function without its region is upstream's to refuse.
// expected-error @below {{requires one region}}
"func.func"() {xcs_llm.task = "t"} : () -> ()

// -----

func.func @elsewhere(%p: !xcs_llm.text) {
  // expected-error @below {{attribute of a call must be one that this dialect knows there (got 'xcs_llm.tokens'; the nearest is 'xcs_llm.sample_ids')}}
  %r = xcs_llm.generate "m" (%p) {xcs_llm.tokens = 1} : !xcs_llm.text
  return
}

// -----

func.func @negative_sample_id(%p: !xcs_llm.text) {
  // expected-error @below {{'xcs_llm.sample_ids' must be an array of i64 that are not negative (got array<i64: 0, -1>)}}
  %r = xcs_llm.generate "m" (%p) {xcs_llm.sample_ids = array<i64: 0, -1>} : !xcs_llm.text
  return
}

// -----

func.func @narrow_sample_id(%p: !xcs_llm.text) {
  // expected-error @below {{'xcs_llm.sample_ids' must be an array of i64 that are not negative (got array<i32: 0>)}}
  %r = xcs_llm.score "m" (%p) {xcs_llm.sample_ids = array<i32: 0>} : f64
  return
}

// -----

// Samples are drawn by calls.
func.func @sample_ids_elsewhere(%r: !xcs_llm.text) {
  // expected-error @below {{must have no attribute of 'xcs_llm' (got 'xcs_llm.sample_ids')}}
  %v = xcs_llm.parse_response %r as text {xcs_llm.sample_ids = array<i64: 0>} : !xcs_llm.text
  return
}

// -----

func.func @cancel_of_a_flag(%a: i1, %b: i1) {
  // expected-error @below {{'xcs_llm.cancel' must be a unit attribute (got true)}}
  %both = arith.andi %a, %b {xcs_llm.cancel = true} : i1
  return
}

// -----

func.func @misspelt_cancel(%a: i1, %b: i1) {
  // expected-error @below {{attribute of what may be decided early must be one that this dialect knows there (got 'xcs_llm.cancle'; the nearest is 'xcs_llm.cancel')}}
  %both = arith.ori %a, %b {xcs_llm.cancle} : i1
  return
}

// -----

// No operand decides an exclusive or.
func.func @cancel_of_an_exclusive_or(%a: i1, %b: i1) {
  // expected-error @below {{must have no attribute of 'xcs_llm' (got 'xcs_llm.cancel')}}
  %odd = arith.xori %a, %b {xcs_llm.cancel} : i1
  return
}

// -----

func.func @cancel_of_bits(%c: i8) {
  // expected-error @below {{must have no attribute of 'xcs_llm' (got 'xcs_llm.cancel')}}
  %bits = arith.andi %c, %c {xcs_llm.cancel} : i8
  return
}

// -----

func.func @cancel_of_flags_in_lists(%as: tensor<2xi1>) {
  // expected-error @below {{must have no attribute of 'xcs_llm' (got 'xcs_llm.cancel')}}
  %both = arith.andi %as, %as {xcs_llm.cancel} : tensor<2xi1>
  return
}

// -----

// All of it needs every member.
func.func @cancel_of_all(%p: !xcs_llm.text) {
  // expected-error @below {{must have no attribute of 'xcs_llm' (got 'xcs_llm.cancel')}}
  %all = xcs_llm.ensemble all -> tensor<1x!xcs_llm.text> {
    xcs_llm.yield %p : !xcs_llm.text
  } {xcs_llm.cancel}
  return
}

// -----

// expected-error @below {{must have no attribute of 'xcs_llm' (got 'xcs_llm.pure')}}
%zero = arith.constant {xcs_llm.pure} 0.0 : f64

// -----

func.func @misspelt(%p: !xcs_llm.text) {
  // expected-error @below {{must have no attribute it does not know (got 'temprature'; the nearest is 'temperature')}}
  %r = xcs_llm.generate "m" (%p) {temprature = 0.0 : f64} : !xcs_llm.text
  return
}

// -----

func.func @misspelt_in_generic_form(%p: !xcs_llm.text) {
  // expected-error @below {{must have no attribute it does not know (got 'max_token'; the nearest is 'max_tokens')}}
  %r = "xcs_llm.generate"(%p) <{roles = [#xcs_llm<role user>]}> {max_token = 1} : (!xcs_llm.text) -> !xcs_llm.text
  return
}

// -----

// Every operation refuses what it does not know.
func.func @no_parameters(%p: !xcs_llm.text) {
  xcs_llm.chain {
    // expected-error @below {{must have no attribute it does not know (got 'verdict')}}
    xcs_llm.yield {verdict}
  }
  return
}

// -----

// expected-error @below {{estimated tokens must be an i64 that is not negative (got -1 : i64)}}
#tokens = #xcs_llm.estimate<input_tokens = -1>

// -----

// expected-error @below {{estimated tokens must be an i64 that is not negative (got 1 : i32)}}
#tokens = #xcs_llm.estimate<output_tokens = 1 : i32>

// -----

// expected-error @below {{an estimate must be a finite f64 that is not negative (got 1.000000e+00 : f32)}}
#cost = #xcs_llm.estimate<cost_usd = 1.0 : f32>

// -----

// expected-error @below {{an estimate must be a finite f64 that is not negative (got 0x7FF8000000000000 : f64)}}
#latency = #xcs_llm.estimate<latency_ms = 0x7FF8000000000000 : f64>

// -----

// expected-error @below {{an estimate must be a finite f64 that is not negative (got -1.000000e+00 : f64)}}
#memory = #xcs_llm.estimate<memory_mb = -1.0>

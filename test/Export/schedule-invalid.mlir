// RUN: xcs-translate --xcs-to-schedule --split-input-file --verify-diagnostics %s

!text = !xcs_llm.text

func.func @negative_no_model(%q: !text) {
  // expected-error @+1 {{'xcs_llm.generate' op must name a model to have a form in a schedule (got none; model selection chooses one)}}
  %0 = xcs_llm.generate (%q) {min_quality = 0.5 : f64} : !text
  return
}

// -----

func.func private @body(%x: i64) -> i64 {
  return %x : i64
}
func.func @negative_body(%x: i64) {
  // expected-error @+1 {{'func.call' op must call a tool to have a form in a schedule (got '@body', which has a body; '--inline' puts it in place)}}
  %0 = func.call @body(%x) : (i64) -> i64
  return
}

// -----

func.func @negative_recursive(%x: i64) -> i64 {
  // expected-error @+1 {{'func.call' op must not be recursive to have a form in a schedule (got '@negative_recursive', which leads back to '@negative_recursive')}}
  %0 = func.call @negative_recursive(%x) : (i64) -> i64
  return %0 : i64
}

// -----

func.func @negative_mutual(%x: i64) -> i64 {
  // expected-error @+1 {{must not be recursive to have a form in a schedule (got '@other', which leads back to '@negative_mutual')}}
  %0 = func.call @other(%x) : (i64) -> i64
  return %0 : i64
}
func.func @other(%x: i64) -> i64 {
  %0 = func.call @negative_mutual(%x) : (i64) -> i64
  return %0 : i64
}

// -----

func.func private @tool(i64)
func.func @negative_no_task(%x: i64) {
  // expected-error @+1 {{must call a tool with a task for the scheduler (got '@tool' without 'xcs_llm.task')}}
  func.call @tool(%x) : (i64) -> ()
  return
}

// -----

func.func @negative_poison() -> i64 {
  // expected-error @+1 {{'ub.poison' op has no form in a schedule; '--canonicalize' removes poison that decides nothing}}
  %0 = ub.poison : i64
  return %0 : i64
}

// -----

func.func @negative_unknown_op() {
  // expected-error @+1 {{'tensor.empty' op has no form in a schedule}}
  %0 = tensor.empty() : tensor<2xf64>
  return
}

// -----

func.func @negative_not_utf8() -> tensor<2x!xcs_llm.text> {
  // expected-error @+1 {{text must be UTF-8 (got an invalid byte at offset 1)}}
  %0 = arith.constant dense<["a", "a\FF"]> : tensor<2x!xcs_llm.text>
  return %0 : tensor<2x!xcs_llm.text>
}

// -----

func.func @negative_type(%x: f64) {
  // expected-error @+1 {{'arith.truncf' op must have values of text, i1, i8, i16, i32, i64, index, f32, f64 or lists of these to have a form in a schedule (got 'f16')}}
  %0 = arith.truncf %x : f64 to f16
  return
}

// -----

// expected-error @+1 {{'func.func' op must have values of text, i1, i8, i16, i32, i64, index, f32, f64 or lists of these to have a form in a schedule (got 'memref<2xf64>')}}
func.func @negative_input_type(%x: memref<2xf64>) {
  return
}

// -----

// expected-error @+1 {{must have values of text}}
func.func private @tool() -> i24 attributes {xcs_llm.task = "t"}
func.func @negative_tool_type() {
  %0 = func.call @tool() : () -> i24
  return
}

// -----

func.func @negative_rounding(%x: f64) {
  // expected-error @+1 {{'arith.truncf' op must round to nearest even to have a form in a schedule (got upward)}}
  %0 = arith.truncf %x upward : f64 to f32
  return
}

// -----

func.func @negative_slice(%list: tensor<4xf64>, %at: index) {
  // expected-error @+1 {{'tensor.extract_slice' op must have constant offsets, sizes and strides to have a form in a schedule (got 1 that are computed; '--canonicalize' folds constants)}}
  %0 = tensor.extract_slice %list[%at] [2] [1] : tensor<4xf64> to tensor<2xf64>
  return
}

// -----

// expected-error @+1 {{'func.func' op name must be UTF-8 (got an invalid byte at offset 1)}}
func.func @"f\FF"() {
  return
}

// -----

// expected-error @+1 {{'builtin.module' op must be a function or a model to have a form in a schedule}}
module {
  func.func @negative_nested_module() {
    return
  }
}
func.func @beside() {
  return
}

// -----

// The output's shape alone would not tell which sizes were put together.
func.func @negative_collapse(%grid: tensor<?x?x?xf64>) -> tensor<?x?xf64> {
  // expected-error @+1 {{'tensor.collapse_shape' op must give at most one unknown size to have a form in a schedule (got 2)}}
  %0 = tensor.collapse_shape %grid [[0, 1], [2]] : tensor<?x?x?xf64> into tensor<?x?xf64>
  return %0 : tensor<?x?xf64>
}

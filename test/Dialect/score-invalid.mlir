// RUN: xcs-opt %s --verify-diagnostics --split-input-file

func.func @one_label(%p: !xcs_llm.text) {
  // expected-error @below {{must have at least two labels, all distinct (got ["a"])}}
  %s = xcs_llm.score "m" (%p) {labels = ["a"]} : tensor<1xf64>
  return
}

// -----

func.func @equal_labels(%p: !xcs_llm.text) {
  // expected-error @below {{must have at least two labels, all distinct (got ["a", "a"])}}
  %s = xcs_llm.score "m" (%p) {labels = ["a", "a"]} : tensor<2xf64>
  return
}

// -----

func.func @no_labels(%p: !xcs_llm.text) {
  // expected-error @below {{must give 'f64' (got 'tensor<2xf64>')}}
  %s = xcs_llm.score "m" (%p) : tensor<2xf64>
  return
}

// -----

func.func @degree(%p: !xcs_llm.text) {
  // expected-error @below {{must give 'tensor<2xf64>' (got 'f64')}}
  %s = xcs_llm.score "m" (%p) {labels = ["a", "b"]} : f64
  return
}

// -----

func.func @samples(%p: !xcs_llm.text) {
  // expected-error @below {{must give 'tensor<3x2xf64>' (got 'tensor<2x3xf64>')}}
  %s = xcs_llm.score "m" (%p) {n = 3, labels = ["a", "b"]} : tensor<2x3xf64>
  return
}

// -----

func.func @no_message() {
  // expected-error @below {{must have at least one message (got none)}}
  %s = xcs_llm.score "m" () : f64
  return
}

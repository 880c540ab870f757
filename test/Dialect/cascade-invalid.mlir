// RUN: xcs-opt %s --verify-diagnostics --split-input-file --allow-unregistered-dialect

func.func @no_stage() {
  // expected-error @below {{must have at least one stage (got none)}}
  "xcs_llm.cascade"() : () -> ()
  return
}

// -----

func.func @attempts_few(%p: !xcs_llm.text) {
  // expected-error @below {{attempts must be one positive number for each stage (got [3] for 2 stages)}}
  %v = xcs_llm.cascade -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {attempts = array<i64: 3>}
  return
}

// -----

func.func @attempts_none(%p: !xcs_llm.text) {
  // expected-error @below {{attempts must be one positive number for each stage (got [] for 2 stages)}}
  %v = xcs_llm.cascade -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {attempts = array<i64>}
  return
}

// -----

func.func @attempts_zero(%p: !xcs_llm.text) {
  // expected-error @below {{attempts must be one positive number for each stage (got [1, 0] for 2 stages)}}
  %v = xcs_llm.cascade -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {attempts = array<i64: 1, 0>}
  return
}

// -----

func.func @rates_few(%p: !xcs_llm.text) {
  // expected-error @below {{accept_rate must be one share from 0 to 1 for each stage (got [1.000000e+00] for 2 stages)}}
  %v = xcs_llm.cascade -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {accept_rate = array<f64: 1.0>}
  return
}

// -----

func.func @rates_range(%p: !xcs_llm.text) {
  // expected-error @below {{accept_rate must be one share from 0 to 1 for each stage}}
  %v = xcs_llm.cascade -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {accept_rate = array<f64: 0.5, 1.5>}
  return
}

// -----

func.func @rates_nan(%p: !xcs_llm.text) {
  // expected-error @below {{accept_rate must be one share from 0 to 1 for each stage}}
  %v = xcs_llm.cascade -> !xcs_llm.text {
    xcs_llm.yield %p : !xcs_llm.text
  }, {
    xcs_llm.yield %p : !xcs_llm.text
  } {accept_rate = array<f64: 0.5, 0x7FF8000000000000>}
  return
}

// -----

func.func @values(%p: !xcs_llm.text) {
  // expected-note @below {{region #1 of this operation}}
  %v = xcs_llm.cascade -> f64 {
    %number = xcs_llm.parse_response %p as number : f64
    xcs_llm.yield %number : f64
  }, {
    // expected-error @below {{must yield ('f64') and at most a verdict (got ('!xcs_llm.text'))}}
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func private @send(!xcs_llm.text)

func.func @impure_tool(%p: !xcs_llm.text) {
  // expected-note @below {{the region is of this operation}}
  xcs_llm.cascade {
    // expected-error @below {{must call a pure tool here, as region #0 of 'xcs_llm.cascade' may run many times or be cancelled (got an impure tool)}}
    func.call @send(%p) : (!xcs_llm.text) -> ()
    xcs_llm.yield
  } {attempts = array<i64: 2>}
  return
}

// -----

func.func @no_yield() {
  // expected-error @below {{regions must end in 'xcs_llm.yield' (got region #0 without)}}
  "xcs_llm.cascade"() ({
    "other.end"() : () -> ()
  }) : () -> ()
  return
}

// RUN: xcs-opt %s --verify-diagnostics --split-input-file --allow-unregistered-dialect

func.func @no_list() {
  // expected-error @below {{must run over at least one list (got none)}}
  xcs_llm.batch () {
    xcs_llm.yield
  }
  return
}

// -----

func.func @no_list_to_parse(%p: !xcs_llm.text) {
  // expected-error @below {{what a batch runs over must be a list (got '!xcs_llm.text')}}
  xcs_llm.batch (%item in %p : !xcs_llm.text) {
    xcs_llm.yield
  }
  return
}

// -----

func.func @rank_0(%p: tensor<f64>) {
  // expected-error @below {{must run over lists (got 'tensor<f64>')}}
  "xcs_llm.batch"(%p) ({
  ^bb0(%item: f64):
    "xcs_llm.yield"() : () -> ()
  }) : (tensor<f64>) -> ()
  return
}

// -----

func.func @arguments(%ps: tensor<2x!xcs_llm.text>) {
  // expected-error @below {{must have one body argument for each list (got 0 for 1)}}
  "xcs_llm.batch"(%ps) ({
    "xcs_llm.yield"() : () -> ()
  }) : (tensor<2x!xcs_llm.text>) -> ()
  return
}

// -----

func.func @item(%ps: tensor<2x!xcs_llm.text>) {
  // expected-error @below {{argument #0 must be an item of 'tensor<2x!xcs_llm.text>' (got 'f64')}}
  "xcs_llm.batch"(%ps) ({
  ^bb0(%item: f64):
    "xcs_llm.yield"() : () -> ()
  }) : (tensor<2x!xcs_llm.text>) -> ()
  return
}

// -----

func.func @lengths(%ps: tensor<2x!xcs_llm.text>, %ns: tensor<3xf64>) {
  // expected-error @below {{must run over lists of one length (got 2 and 3)}}
  xcs_llm.batch (%p in %ps : tensor<2x!xcs_llm.text>, %n in %ns : tensor<3xf64>) {
    xcs_llm.yield
  }
  return
}

// -----

func.func @ragged(%ps: tensor<2x!xcs_llm.text>, %list: tensor<?xf64>) {
  xcs_llm.batch (%p in %ps : tensor<2x!xcs_llm.text>) {
    // expected-error @below {{of a batch must yield values of known shape (got 'tensor<?xf64>')}}
    xcs_llm.yield %list : tensor<?xf64>
  }
  return
}

// -----

func.func @result(%ps: tensor<2x!xcs_llm.text>) {
  // expected-error @below {{must give ('tensor<2x!xcs_llm.text>') (got ('tensor<?x!xcs_llm.text>'))}}
  %rs = xcs_llm.batch (%p in %ps : tensor<2x!xcs_llm.text>) -> tensor<?x!xcs_llm.text> {
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func @filtered(%ps: tensor<2x!xcs_llm.text>, %flag: i1) {
  // expected-error @below {{must give ('tensor<?x!xcs_llm.text>') (got ('tensor<2x!xcs_llm.text>'))}}
  %rs = xcs_llm.batch (%p in %ps : tensor<2x!xcs_llm.text>) -> tensor<2x!xcs_llm.text> {
    xcs_llm.yield %p, %flag : !xcs_llm.text, i1
  }
  return
}

// -----

func.func @results(%ps: tensor<2x!xcs_llm.text>) {
  // expected-error @below {{must give ('tensor<2x!xcs_llm.text>') (got ())}}
  xcs_llm.batch (%p in %ps : tensor<2x!xcs_llm.text>) {
    xcs_llm.yield %p : !xcs_llm.text
  }
  return
}

// -----

func.func @no_yield(%ps: tensor<2x!xcs_llm.text>) {
  // expected-error @below {{regions must end in 'xcs_llm.yield' (got region #0 without)}}
  "xcs_llm.batch"(%ps) ({
  ^bb0(%item: !xcs_llm.text):
    "other.end"() : () -> ()
  }) : (tensor<2x!xcs_llm.text>) -> ()
  return
}

// -----

func.func private @send(!xcs_llm.text) attributes {xcs_llm.task = "send"}

func.func @impure_tool(%ps: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{the region is of this operation}}
  xcs_llm.batch (%p in %ps : tensor<2x!xcs_llm.text>) {
    // expected-error @below {{must call a pure tool here, as region #0 of 'xcs_llm.batch' may run many times or be cancelled (got an impure tool)}}
    func.call @send(%p) : (!xcs_llm.text) -> ()
    xcs_llm.yield
  }
  return
}

// -----

func.func private @send(!xcs_llm.text) attributes {xcs_llm.task = "send"}

// Recursion does not confuse the search.
func.func @loop(%p: !xcs_llm.text) {
  func.call @loop(%p) : (!xcs_llm.text) -> ()
  func.call @send(%p) : (!xcs_llm.text) -> ()
  return
}

func.func @impure_tool_behind_functions(%ps: tensor<2x!xcs_llm.text>) {
  // expected-note @below {{the region is of this operation}}
  xcs_llm.batch (%p in %ps : tensor<2x!xcs_llm.text>) {
    xcs_llm.chain {
      // expected-error @below {{must call a pure tool here, as region #0 of 'xcs_llm.batch'}}
      func.call @loop(%p) : (!xcs_llm.text) -> ()
      xcs_llm.yield
    }
    xcs_llm.yield
  }
  return
}

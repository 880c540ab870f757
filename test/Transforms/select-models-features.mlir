// RUN: xcs-opt %s --xcs-select-models --split-input-file --verify-diagnostics | FileCheck %s

// Only models that are known to support it get a call with a schema.

!text = !xcs_llm.text
xcs_llm.model @cheap {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64, quality = 0.9 : f64}
xcs_llm.model @without {input_usd_per_mtok = 2.0 : f64, output_usd_per_mtok = 2.0 : f64, quality = 0.9 : f64, xcs_llm.supports_response_schema = false}
xcs_llm.model @with {input_usd_per_mtok = 3.0 : f64, output_usd_per_mtok = 3.0 : f64, quality = 0.9 : f64, xcs_llm.supports_response_schema = true}

// CHECK-LABEL: @unnamed
func.func @unnamed(%p: !text) -> (!text, !text) {
  // CHECK: generate "with"
  %a = xcs_llm.generate (%p) {response_schema = "{}"} : !text
  // CHECK: generate "cheap"
  %b = xcs_llm.generate (%p) : !text
  return %a, %b : !text, !text
}

// What is named stands, unless it is known not to support it.
// CHECK-LABEL: @named
func.func @named(%p: !text) -> (!text, !text) attributes {xcs_llm.allow = "quality", xcs_llm.min_quality = 0.5 : f64} {
  // CHECK: generate "cheap"
  %a = xcs_llm.generate "cheap" (%p) {response_schema = "{}"} : !text
  // CHECK: generate "with"
  %b = xcs_llm.generate "without" (%p) {response_schema = "{}"} : !text
  return %a, %b : !text, !text
}

// CHECK-LABEL: @negative_no_leave
func.func @negative_no_leave(%p: !text) -> !text {
  // CHECK: generate "without"
  %a = xcs_llm.generate "without" (%p) {response_schema = "{}"} : !text
  return %a : !text
}

// -----

// The catalog knows it of the models of providers.
!text = !xcs_llm.text
xcs_llm.model @cheap {input_usd_per_mtok = 0.01 : f64, output_usd_per_mtok = 0.01 : f64}
xcs_llm.model @"gpt-4o-mini" {}
xcs_llm.model @"gpt-3.5-turbo" {}

// CHECK-LABEL: @catalog
func.func @catalog(%p: !text) -> !text {
  // CHECK: generate "gpt-4o-mini"
  %a = xcs_llm.generate (%p) {response_schema = "{}"} : !text
  return %a : !text
}

// -----

!text = !xcs_llm.text
xcs_llm.model @small {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64}
xcs_llm.model @other {input_usd_per_mtok = 1.0 : f64, output_usd_per_mtok = 1.0 : f64}

func.func @negative_unknown(%p: !text) -> !text {
  // expected-error@+1 {{no model can answer this call: that model 'small' supports 'response_schema' is not known, the best of 2}}
  %a = xcs_llm.generate (%p) {response_schema = "{}"} : !text
  return %a : !text
}

// -----

// expected-error@+1 {{'xcs_llm.supports_response_schema' must be true or false}}
xcs_llm.model @odd {xcs_llm.supports_response_schema = 1 : i64}

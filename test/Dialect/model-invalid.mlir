// RUN: xcs-opt %s --verify-diagnostics --split-input-file

// expected-error @below {{must have a name (got "")}}
xcs_llm.model @""

// -----

// expected-note @below {{first declared here}}
xcs_llm.model @mine
func.func private @between()
// expected-error @below {{must be declared once (got a second 'mine')}}
xcs_llm.model @mine {quality = 0.5 : f64}

// -----

// Models without a name do not confuse the search for a second one.
"xcs_llm.model"() <{name = "mine"}> : () -> ()
// expected-error @below {{requires attribute 'name'}}
"xcs_llm.model"() : () -> ()
"xcs_llm.model"() : () -> ()

// -----

// expected-error @below {{'input_usd_per_mtok' failed to satisfy constraint}}
xcs_llm.model @mine {input_usd_per_mtok = 0x7FF0000000000000 : f64}

// -----

// A price per token in a field per million.
// expected-error @below {{'output_usd_per_mtok' failed to satisfy constraint: 64-bit float attribute in US dollars per million tokens: 0, or 0.0001 to 1000}}
xcs_llm.model @mine {output_usd_per_mtok = 1.5e-05 : f64}

// -----

// A price per thousand million tokens, or in another currency's cents.
// expected-error @below {{'cached_input_usd_per_mtok' failed to satisfy constraint: 64-bit float attribute in US dollars per million tokens}}
xcs_llm.model @mine {cached_input_usd_per_mtok = 2500.0 : f64}

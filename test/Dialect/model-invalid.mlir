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

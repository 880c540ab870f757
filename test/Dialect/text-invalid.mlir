// RUN: xcs-opt %s --verify-diagnostics --split-input-file

// expected-error @below {{attribute 'value' must be UTF-8 (got an invalid byte at offset 5)}}
%latin1 = xcs_llm.text "caf: \E9."

// -----

// A surrogate is no character.
// expected-error @below {{attribute 'value' must be UTF-8 (got an invalid byte at offset 0)}}
%surrogate = xcs_llm.text "\ED\A0\80"

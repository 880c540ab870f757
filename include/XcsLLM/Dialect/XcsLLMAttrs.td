//===- XcsLLMAttrs.td - Attributes ----------------------------------------===//

#ifndef XCSLLM_DIALECT_ATTRS_TD
#define XCSLLM_DIALECT_ATTRS_TD

include "XcsLLM/Dialect/XcsLLMEnums.td"

class XcsLLM_KeywordAttr<EnumInfo enum, string mnemonic>
    : EnumAttr<XcsLLM_Dialect, enum, mnemonic> {
  let assemblyFormat = "$value";
}
def XcsLLM_RoleAttr : XcsLLM_KeywordAttr<XcsLLM_Role, "role">;
def XcsLLM_ParseFormatAttr : XcsLLM_KeywordAttr<XcsLLM_ParseFormat, "format">;
def XcsLLM_EnsemblePolicyAttr : XcsLLM_KeywordAttr<XcsLLM_EnsemblePolicy, "policy">;
def XcsLLM_RoleArrayAttr : TypedArrayAttrBase<XcsLLM_RoleAttr, "roles of the messages">;

def XcsLLM_EstimateAttr : AttrDef<XcsLLM_Dialect, "Estimate"> {
  let mnemonic = "estimate";
  let summary = "what a call is expected to take";
  let description = [{
    Estimated tokens, cost in US dollars, latency in milliseconds and memory in
    megabytes. What is missing is unknown, never zero. No part of the request.
    Example: `#xcs_llm.estimate<input_tokens = 120, cost_usd = 2.5e-3>`
  }];
  let parameters = (ins
    OptionalParameter<"::mlir::IntegerAttr">:$input_tokens,
    OptionalParameter<"::mlir::IntegerAttr">:$output_tokens,
    OptionalParameter<"::mlir::FloatAttr">:$cost_usd,
    OptionalParameter<"::mlir::FloatAttr">:$latency_ms,
    OptionalParameter<"::mlir::FloatAttr">:$memory_mb);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // XCSLLM_DIALECT_ATTRS_TD

//===- XcsLLMAttrs.td - Keywords and attributes ---------------------------===//

#ifndef XCSLLM_DIALECT_ATTRS_TD
#define XCSLLM_DIALECT_ATTRS_TD

include "XcsLLM/Dialect/XcsLLMBase.td"
include "mlir/IR/EnumAttr.td"

class XcsLLM_I32Enum<string name, string summary, list<I32EnumCase> cases>
    : I32Enum<name, summary, cases> {
  let cppNamespace = "::xcs";
}

def XcsLLM_Role : XcsLLM_I32Enum<"Role", "who speaks a message", [
  I32EnumCase<"System", 0, "system">, I32EnumCase<"User", 1, "user">,
  I32EnumCase<"Assistant", 2, "assistant">]>;
def XcsLLM_ParseFormat : XcsLLM_I32Enum<"ParseFormat", "how a response is read", [
  I32EnumCase<"Text", 0, "text">, I32EnumCase<"Number", 1, "number">,
  I32EnumCase<"Boolean", 2, "boolean">, I32EnumCase<"Choice", 3, "choice">,
  I32EnumCase<"Json", 4, "json">, I32EnumCase<"Regex", 5, "regex">]>;
def XcsLLM_EnsemblePolicy : XcsLLM_I32Enum<"EnsemblePolicy", "how members decide", [
  I32EnumCase<"All", 0, "all">, I32EnumCase<"Majority", 1, "majority">,
  I32EnumCase<"First", 2, "first">, I32EnumCase<"Best", 3, "best">]>;
def XcsLLM_Allow : XcsLLM_I32Enum<"Allow", "which rewrites the owner gives leave for", [
  I32EnumCase<"Lossless", 0, "lossless">, I32EnumCase<"Distribution", 1, "distribution">,
  I32EnumCase<"Quality", 2, "quality">]>;

class XcsLLM_KeywordAttr<EnumInfo enum, string mnemonic>
    : EnumAttr<XcsLLM_Dialect, enum, mnemonic> {
  let assemblyFormat = "$value";
}
def XcsLLM_RoleAttr : XcsLLM_KeywordAttr<XcsLLM_Role, "role">;
def XcsLLM_ParseFormatAttr : XcsLLM_KeywordAttr<XcsLLM_ParseFormat, "format">;
def XcsLLM_EnsemblePolicyAttr : XcsLLM_KeywordAttr<XcsLLM_EnsemblePolicy, "policy">;
def XcsLLM_RoleArrayAttr : TypedArrayAttrBase<XcsLLM_RoleAttr, "roles of the messages">;

def XcsLLM_ServiceTierAttr : StringBasedAttr<CPred<"::llvm::is_contained({\"standard\", \"flex\", \"batch\"}, "
  "::llvm::cast<::mlir::StringAttr>($_self).getValue())">, "service tier: standard, flex or batch">;

def XcsLLM_EstimateAttr : AttrDef<XcsLLM_Dialect, "Estimate"> {
  let mnemonic = "estimate"; let genVerifyDecl = 1;
  let summary = "what a call is expected to take";
  let description = [{
    Estimated tokens, cost in US dollars, latency in milliseconds and memory in
    megabytes, of one run, when it was estimated; what merges calls drops those
    that differ. What is missing is unknown, never zero. No part of the request.
    Example: `#xcs_llm.estimate<input_tokens = 120, cost_usd = 2.5e-3>`
  }];
  let parameters = (ins
    OptionalParameter<"::mlir::IntegerAttr">:$input_tokens,
    OptionalParameter<"::mlir::IntegerAttr">:$output_tokens,
    OptionalParameter<"::mlir::FloatAttr">:$cost_usd,
    OptionalParameter<"::mlir::FloatAttr">:$latency_ms,
    OptionalParameter<"::mlir::FloatAttr">:$memory_mb);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif // XCSLLM_DIALECT_ATTRS_TD

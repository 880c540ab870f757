//===- XcsLLMEnums.td - Keywords ------------------------------------------===//

#ifndef XCSLLM_DIALECT_ENUMS_TD
#define XCSLLM_DIALECT_ENUMS_TD

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

#endif // XCSLLM_DIALECT_ENUMS_TD

//===- XcsLLMInterfaces.td - What passes ask of operations ----------------===//

#ifndef XCSLLM_DIALECT_INTERFACES_TD
#define XCSLLM_DIALECT_INTERFACES_TD

include "XcsLLM/Dialect/XcsLLMBase.td"

def LLMCallOpInterface : OpInterface<"LLMCallOpInterface"> {
  let description = [{
    A request to a model. Its operands are its messages. The request is what
    decides the answer: operation, model, messages, roles and parameters; hints
    and estimates are no part of it.
  }];
  let cppNamespace = "::xcs";
  let methods = [
    InterfaceMethod<"The model's name; null where model selection must choose.",
      "::mlir::StringAttr", "getModelAttr">,
    InterfaceMethod<"The messages, in order.",
      "::mlir::OperandRange", "getMessages", (ins), "", [{ return $_op->getOperands(); }]>,
    InterfaceMethod<"One role a message; null for a call without a conversation.",
      "::mlir::ArrayAttr", "getRolesAttr", (ins), "", [{ return nullptr; }]>,
    InterfaceMethod<"The sampling temperature; null if unset, which means sampled.",
      "::mlir::FloatAttr", "getTemperatureAttr", (ins), "", [{ return nullptr; }]>,
    InterfaceMethod<"Whether equal requests have equal answers.",
      "bool", "isDeterministic", (ins), "", [{
        ::mlir::FloatAttr temperature = $_op.getTemperatureAttr();
        return !$_op.getNoReuse() && temperature && temperature.getValue().isZero();
      }]>,
    InterfaceMethod<"How many samples one request asks for.",
      "int64_t", "getSampleCount", (ins), "", [{ return 1; }]>,
    InterfaceMethod<"Whether an answer from an earlier run will do.", "bool", "getCacheable">,
    InterfaceMethod<"Whether each run must ask anew.", "bool", "getNoReuse">,
    InterfaceMethod<"Whether it may join a batch.", "bool", "getBatchCompatible">,
    InterfaceMethod<"Whether it may be fused with equal calls.", "bool", "getFusionCompatible">,
    InterfaceMethod<"The least quality, 0 to 1; null where the function's holds.",
      "::mlir::FloatAttr", "getMinQualityAttr">,
    InterfaceMethod<"Hint: expected share of requests answered before.", "::mlir::FloatAttr", "getHitRateAttr">,
    InterfaceMethod<"Hint: expected output tokens of one sample.",
      "::mlir::IntegerAttr", "getExpectedOutputTokensAttr", (ins), "", [{ return nullptr; }]>,
    InterfaceMethod<"Hint: the task whose quality figures count.",
      "::mlir::StringAttr", "getQualityTaskAttr">,
    InterfaceMethod<"How soon it is to be served; null for the standard tier.", "::mlir::StringAttr", "getServiceTierAttr">,
    InterfaceMethod<"Estimated tokens, cost, latency and memory.", "::xcs::EstimateAttr", "getEstimateAttr">,
  ];
  let extraClassDeclaration = [{
    /// Whether the attribute `name` of a call is a hint or an estimate, and so
    /// no part of the request.
    static bool isHint(::llvm::StringRef name);

    /// The attributes that are part of the request, the model and the roles
    /// among them.
    ::mlir::DictionaryAttr getRequestAttrs();
  }];
}

#endif // XCSLLM_DIALECT_INTERFACES_TD

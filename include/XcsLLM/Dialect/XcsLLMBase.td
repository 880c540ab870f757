//===- XcsLLMBase.td - The dialect, its types and constraints -------------===//

#ifndef XCSLLM_DIALECT_BASE_TD
#define XCSLLM_DIALECT_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"

def XcsLLM_Dialect : Dialect {
  let name = "xcs_llm";
  let cppNamespace = "::xcs";
  let summary = "Programs of language-model calls";
  let description = [{
    Calls to language models as operations on texts, lists and numbers, with
    the control around them: ensembles, cascades, batches, chains and
    conditionals. A failure (of a request, or of reading a response) is a value
    that travels along uses, like poison; no rewrite ever adds one.

    Attributes, all with the prefix `xcs_llm.`: of a function `budget_usd`,
    `deadline_ms`, `min_quality` and `allow`; of a tool, a function without a
    body, `task`, `pure` and `latency_ms`; of arguments and results `name`,
    `tokens`, `count`; of a module `passes`; of a call `sample_ids` and `item_output_tokens`.
  }];
  let useDefaultTypePrinterParser = 1; let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1; let hasCanonicalizer = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1; let hasRegionResultAttrVerify = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

// Attribute constraints. NaN and infinity satisfy none of them.
class RangedF64<string condition, string summary>
    : ConfinedAttr<F64Attr, [AttrConstraint<CPred<
        "[](double value) { return std::isfinite(value) && " # condition #
        "; }(::llvm::cast<::mlir::FloatAttr>($_self).getValueAsDouble())">, summary>]>;
def NonNegativeF64 : RangedF64<"value >= 0", "that is finite and not negative">;
def PositiveF64 : RangedF64<"value > 0", "that is finite and positive">;
def ShareF64 : RangedF64<"value >= 0 && value <= 1", "from 0 to 1">;
def PriceF64 : RangedF64<"(value == 0 || (value >= 1e-4 && value <= 1000))", "in US dollars per million tokens: 0, or 0.0001 to 1000">;
def NonNegativeI64 : ConfinedAttr<I64Attr, [IntNonNegative]>;
def PositiveI64 : ConfinedAttr<I64Attr, [IntPositive]>;

def XcsLLM_Text : TypeDef<XcsLLM_Dialect, "Text"> {
  let mnemonic = "text"; let summary = "UTF-8 text: a prompt, a message, a response";
  let description = [{
    A list of texts is a `tensor<NxT>`, as is every list; other values are `i1`
    flags, `i64` counts, `f64` scores and `tensor<Dxf32>` embeddings.
  }];
}

def XcsLLM_Scalar : AnyTypeOf<[XcsLLM_Text, I1, I64, F64], "text, flag, count or score">;
def XcsLLM_List : 1DTensorOf<[XcsLLM_Text, I1, I64, F64]>;
def XcsLLM_Value : AnyTypeOf<[XcsLLM_Scalar, XcsLLM_List], "text, number, flag, or list of these">;

#endif // XCSLLM_DIALECT_BASE_TD

//===- XcsLLMTypes.td - Types ---------------------------------------------===//

#ifndef XCSLLM_DIALECT_TYPES_TD
#define XCSLLM_DIALECT_TYPES_TD

include "XcsLLM/Dialect/XcsLLMBase.td"

def XcsLLM_Text : TypeDef<XcsLLM_Dialect, "Text"> {
  let mnemonic = "text";
  let summary = "UTF-8 text: a prompt, a message, a response";
  let description = [{
    A list of texts is a `tensor<NxT>`, as is every list; other values are `i1`
    flags, `i64` counts, `f64` scores and `tensor<Dxf32>` embeddings.
  }];
}

def XcsLLM_Scalar : AnyTypeOf<[XcsLLM_Text, I1, I64, F64], "text, flag, count or score">;
def XcsLLM_List : 1DTensorOf<[XcsLLM_Text, I1, I64, F64]>;
def XcsLLM_Value : AnyTypeOf<[XcsLLM_Scalar, XcsLLM_List], "text, number, flag, or list of these">;

#endif // XCSLLM_DIALECT_TYPES_TD

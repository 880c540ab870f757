//===- Passes.td - Passes -------------------------------------------------===//

#ifndef XCSLLM_TRANSFORMS_PASSES_TD
#define XCSLLM_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def BatchPrompts : Pass<"xcs-batch-prompts", "::mlir::ModuleOp"> {
  let summary = "group independent calls of one kind into batches";
  let description = [{
    Groups calls of one operation, model, parameters and roles, in one region,
    that do not depend on each other, into one `xcs_llm.batch`. Messages that
    differ become lists, equal ones are captured; templates and parses of one
    shape around the calls come into the body, so that equal chains become one
    batch over one chain. Batches with equal bodies merge. Calls of different
    members of an ensemble are grouped where every member runs. Hints may differ:
    the batch has the mean of the expected output tokens, rounded.

    Lossless: each item of a batch stays a request, and a sample, of its own. A
    batch is a group; whether it saves requests is up to the endpoint. Remarks
    tell of each batch made, and of each call outside of batches why.
  }];
  let options = [
    Option<"maxBatchSize", "max-batch-size", "int64_t", /*default=*/"0",
           "Most items that go out together; 0, the default, for no limit">,
    Option<"minBatchSize", "min-batch-size", "int64_t", /*default=*/"2",
           "Fewest calls that make a batch; 2 by default">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

#endif // XCSLLM_TRANSFORMS_PASSES_TD

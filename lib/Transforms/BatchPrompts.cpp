#include "XcsLLM/Transforms/Passes.h"
#include "XcsLLM/Dialect/XcsLLM.h"
namespace xcs {
#define GEN_PASS_DEF_BATCHPROMPTS
#include "XcsLLM/Transforms/Passes.h.inc"
namespace {
struct BatchPrompts : impl::BatchPromptsBase<BatchPrompts> {
  using BatchPromptsBase::BatchPromptsBase;
  void runOnOperation() override {}
};
}
}

//===- ModelSelection.h - Choose the models of one function -----*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_MODELSELECTION_H
#define XCSLLM_LIB_TRANSFORMS_MODELSELECTION_H

#include "RewritePass.h"
#include "XcsLLM/Analysis/ModelCandidates.h"

namespace xcs {

/// Chooses models and tiers for the open `calls` of the function; whether any is
/// another than it was. `costs` knows what was chosen for functions that it calls.
mlir::FailureOr<bool> selectModels(Rewrite &state, CostModel &costs,
                                   const CandidateModels &candidates, TierRule &tiers,
                                   std::vector<OpenCall> calls);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_MODELSELECTION_H

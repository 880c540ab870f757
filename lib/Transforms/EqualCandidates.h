//===- EqualCandidates.h - Votes and judges that decide nothing -*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_EQUALCANDIDATES_H
#define XCSLLM_LIB_TRANSFORMS_EQUALCANDIDATES_H

#include "XcsLLM/Analysis/EqualValues.h"

namespace xcs {

/// Warns of ensembles, and of lists in prompts, whose candidates are all the same
/// answer of a deterministic call.
void warnOfEqualCandidates(mlir::Operation *function, const EqualValues &values);

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_EQUALCANDIDATES_H

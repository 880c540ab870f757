//===- Terms.h - What it takes to decide joined flags -----------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_TERMS_H
#define XCSLLM_LIB_TRANSFORMS_TERMS_H

#include "Nester.h"
#include "XcsLLM/Analysis/Joins.h"

namespace xcs {

/// One of the flags that are joined.
struct Term {
  Need need;
  JoinedFlag flag;
  double reached = 1; ///< how likely it is looked at, step by step
};

/// The flags in the order in which they are best decided, those behind which no call
/// stands first, and what deciding them step by step changes.
struct Terms {
  Terms(llvm::ArrayRef<Need> behind, bool isConjunction, const Truths &truths,
        Spending &spending);

  llvm::SmallVector<Term> terms;
  size_t free = 0; ///< so many are without calls
  Spending::Sum saved;
  double beforeMs = 0, afterMs = 0; ///< when the result is there, at once and step by step
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_TERMS_H

//===- Spans.h - How long operations take -----------------------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_SPANS_H
#define XCSLLM_ANALYSIS_SPANS_H

#include "XcsLLM/Analysis/Likelihood.h"

namespace xcs {

/// How long single operations are expected to take, in milliseconds, from when all
/// that they use is there. A quick look, for comparing them with each other: the
/// cost model, which is exact, looks at whole programs. What is unknown takes no
/// time; neither do functions that are called.
class Spans {
public:
  Spans(ModelTable &models, mlir::SymbolTableCollection &symbols)
      : models(models), likelihood(models), symbols(symbols) {}

  double get(mlir::Operation *op);

private:
  double get(mlir::Region &region);

  ModelTable &models;
  Likelihood likelihood;
  mlir::SymbolTableCollection &symbols;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_SPANS_H

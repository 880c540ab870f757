//===- Passes.h - Passes ----------------------------------------*- C++ -*-===//

#ifndef XCSLLM_TRANSFORMS_PASSES_H
#define XCSLLM_TRANSFORMS_PASSES_H

#include "XcsLLM/Analysis/Constraints.h"
#include "XcsLLM/Analysis/CostReport.h"
#include "XcsLLM/Analysis/Objective.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace xcs {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "XcsLLM/Transforms/Passes.h.inc"

/// `xcs-report-costs`, on `os`, which has to outlive it, instead of standard error.
std::unique_ptr<mlir::Pass> createReportCosts(ReportCostsOptions options, llvm::raw_ostream &os);

} // namespace xcs

#endif // XCSLLM_TRANSFORMS_PASSES_H

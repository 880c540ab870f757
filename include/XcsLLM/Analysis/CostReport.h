//===- CostReport.h - Costs of a module, as a table -------------*- C++ -*-===//
//
// What the programs of a module take, measured once or before and after a
// pipeline, and printed for people or as JSON. docs/CostModel.md defines the
// figures. Money is in US dollars, time in milliseconds.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_COSTREPORT_H
#define XCSLLM_ANALYSIS_COSTREPORT_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// What one run of a program takes.
struct ProgramFigures {
  Totals totals;
  std::map<std::string, Totals> models; ///< by name; no name: no model is chosen
  Amount sequentialMs, latencyMs, worstLatencyMs, makespanMs;
  std::set<UnknownFigure> unknown;
  size_t assumptions = 0; ///< defaults that were taken
};

/// The programs of a module at one moment. A program is a function with a body
/// that is public, or that no other function calls; what programs call is in
/// their figures.
struct CostSnapshot {
  /// By name, in the module's order. Functions of nested modules go by their
  /// path, `inner::f`.
  std::vector<std::pair<std::string, ProgramFigures>> programs;
};

/// Measures the programs of `module`. Fails, with an error at the call, for a
/// model whose price the catalog has in another unit.
mlir::FailureOr<CostSnapshot> measureCosts(mlir::ModuleOp module, const Catalog &catalog);

enum class ReportFormat : uint8_t { Text, Json };

struct CostReport {
  std::optional<CostSnapshot> before; ///< absent: only what holds now is known
  CostSnapshot now;
};

/// Text is in ASCII and aligned, with colours if `os` has them. JSON has the
/// fields of a schedule's `totals` (docs/ScheduleFormat.md), in full precision.
void printCostReport(const CostReport &report, ReportFormat format, llvm::raw_ostream &os);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_COSTREPORT_H

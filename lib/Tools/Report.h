//===- Report.h - The optimiser's report of costs ---------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TOOLS_REPORT_H
#define XCSLLM_LIB_TOOLS_REPORT_H

#include "XcsLLM/Analysis/CostReport.h"
#include "mlir/Pass/PassManager.h"

namespace xcs {

/// Measures a module before a pipeline and after it.
class CostMeter {
public:
  /// `catalog` has to outlive it.
  explicit CostMeter(const Catalog &catalog) : catalog(catalog) {}

  /// Makes `pipeline`, to which all passes have been added, measure the module that
  /// it runs on. A meter serves one run of one pipeline.
  void attach(mlir::PassManager &pipeline);

  /// What was measured; none if the pipeline did not run to its end.
  const std::optional<CostReport> &getReport() const { return report; }

private:
  friend class MeterInstrumentation;
  friend struct MeterPass;

  void measureBefore(mlir::Operation *op);
  mlir::LogicalResult measureAfter(mlir::Operation *op);

  const Catalog &catalog;
  bool started = false;
  bool failedBefore = false;
  std::optional<CostSnapshot> before;
  std::optional<CostReport> report;
};

} // namespace xcs

#endif // XCSLLM_LIB_TOOLS_REPORT_H

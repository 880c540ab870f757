//===- Report.cpp - The optimiser's report of costs -----------------------===//
//
// What comes before a pipeline is measured by an instrumentation, as a pass cannot
// be put in front of one that was given as text; what comes after it by a pass,
// which runs only if all others have succeeded.
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"

using namespace mlir;
using namespace xcs;

namespace xcs {

class MeterInstrumentation : public PassInstrumentation {
public:
  explicit MeterInstrumentation(CostMeter &meter) : meter(meter) {}
  // The first is called with the module, before any thread has started. A profile tells
  // what the program costs, and gains nothing: what comes before is measured behind it.
  void runBeforePass(Pass *pass, Operation *op) override {
    if (pass->getArgument() != "xcs-apply-profile")
      meter.measureBefore(op);
  }

private:
  CostMeter &meter;
};

struct MeterPass : PassWrapper<MeterPass, OperationPass<>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MeterPass)

  explicit MeterPass(CostMeter &meter) : meter(meter) {}
  StringRef getName() const override { return "costs of the report"; }
  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(meter.measureAfter(getOperation())))
      signalPassFailure();
  }

private:
  CostMeter &meter;
};

} // namespace xcs

void CostMeter::attach(PassManager &pipeline) {
  if (pipeline.empty())
    started = true; // there is nothing to compare
  else
    pipeline.addInstrumentation(std::make_unique<MeterInstrumentation>(*this));
  pipeline.addPass(std::make_unique<MeterPass>(*this));
}

void CostMeter::measureBefore(Operation *op) {
  // Passes on several threads only read this: the first comes before them.
  if (started)
    return;
  started = true;
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    return; // `measureAfter` says so
  FailureOr<CostSnapshot> snapshot = measureCosts(module, catalog);
  failedBefore = failed(snapshot);
  if (succeeded(snapshot))
    before = std::move(*snapshot);
}

LogicalResult CostMeter::measureAfter(Operation *op) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    return op->emitError() << "what '--xcs-report' reports on must be a module (got '"
                           << op->getName() << "')";
  if (failedBefore)
    return failure();
  FailureOr<CostSnapshot> now = measureCosts(module, catalog);
  if (failed(now))
    return failure();
  report = CostReport{std::move(before), std::move(*now)};
  return success();
}

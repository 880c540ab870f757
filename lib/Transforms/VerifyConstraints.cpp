//===- VerifyConstraints.cpp - Check budgets, deadlines and limits --------===//

#include "XcsLLM/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"

namespace xcs {
#define GEN_PASS_DEF_VERIFYCONSTRAINTS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

static void remarkOn(const Violation &violation, func::FuncOp function) {
  if (auto message = remark::analysis(violation.op->getLoc(),
                                      remark::RemarkOpts::name("several-requests")
                                          .category("xcs-verify-constraints")
                                          .function(function.getName())))
    message << violation.text;
}

static void report(const Violation &violation, func::FuncOp function) {
  if (violation.kind == Violation::Kind::Remark) {
    remarkOn(violation, function);
    return;
  }
  // At the location: printing the operation would print a whole function.
  Location location = violation.op->getLoc();
  InFlightDiagnostic diagnostic = violation.kind == Violation::Kind::Error
                                      ? emitError(location)
                                      : emitWarning(location);
  diagnostic << violation.text;
  for (const Violation::Note &note : violation.notes)
    diagnostic.attachNote(note.op->getLoc()) << note.text;
}

namespace {
struct VerifyConstraints : xcs::impl::VerifyConstraintsBase<VerifyConstraints> {
  using VerifyConstraintsBase::VerifyConstraintsBase;

  LogicalResult initialize(MLIRContext *context) override {
    models = loadCatalog(catalog, UnknownLoc::get(context));
    return success(models != nullptr);
  }

  void runOnOperation() override {
    getOperation().walk([&](ModuleOp module) {
      CostModel costs(module, *models);
      if (failed(costs.verifyPrices()))
        signalPassFailure();
      for (auto function : module.getOps<func::FuncOp>())
        if (!function.isExternal())
          verify(costs, function);
    });
    markAllAnalysesPreserved();
  }

private:
  void verify(CostModel &costs, func::FuncOp function) {
    for (const Violation &violation : findViolations(costs, function, at)) {
      report(violation, function);
      if (violation.kind == Violation::Kind::Error)
        signalPassFailure();
    }
  }

  std::shared_ptr<const Catalog> models;
};
} // namespace

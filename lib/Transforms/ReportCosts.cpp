//===- ReportCosts.cpp - Print what programs cost -------------------------===//

#include "XcsLLM/Transforms/Passes.h"

namespace xcs {
#define GEN_PASS_DEF_REPORTCOSTS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

namespace {
struct ReportCosts : xcs::impl::ReportCostsBase<ReportCosts> {
  using ReportCostsBase::ReportCostsBase;
  ReportCosts(ReportCostsOptions options, llvm::raw_ostream &os)
      : ReportCostsBase(std::move(options)), os(&os) {}

  LogicalResult initialize(MLIRContext *context) override {
    models = loadCatalog(catalog, UnknownLoc::get(context));
    return success(models != nullptr);
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    FailureOr<CostSnapshot> now = measureCosts(getOperation(), *models);
    if (failed(now))
      return signalPassFailure();
    printCostReport({std::nullopt, std::move(*now)}, format, *os);
  }

private:
  std::shared_ptr<const Catalog> models;
  llvm::raw_ostream *os = &llvm::errs();
};
} // namespace

std::unique_ptr<Pass> xcs::createReportCosts(ReportCostsOptions options, llvm::raw_ostream &os) {
  return std::make_unique<ReportCosts>(std::move(options), os);
}

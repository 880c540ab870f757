//===- xcs-opt.cpp - The optimiser ----------------------------------------===//

#include "XcsLLM/InitAll.h"
#include "XcsLLM/Tools/Tools.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  xcs::registerAllDialects(registry);
  registry.insert<mlir::scf::SCFDialect, mlir::ub::UBDialect>();
  xcs::registerAllPasses();
  mlir::registerTransformsPasses();
  return xcs::runOpt(argc, argv, "XcsLLM optimiser\n", registry);
}

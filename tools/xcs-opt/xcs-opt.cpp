//===- xcs-opt.cpp - The optimiser driver ---------------------------------===//

#include "XcsLLM/InitAll.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  xcs::registerAllDialects(registry);
  xcs::registerAllPasses();
  mlir::registerTransformsPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "XcsLLM optimiser driver\n", registry));
}

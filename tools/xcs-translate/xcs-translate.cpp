//===- xcs-translate.cpp - The translation driver -------------------------===//

#include "XcsLLM/InitAll.h"
#include "mlir/Support/LogicalResult.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"

int main(int argc, char **argv) {
  xcs::registerAllTranslations();
  return failed(mlir::mlirTranslateMain(argc, argv, "XcsLLM translation driver\n"));
}

//===- Opt.cpp - The optimiser driver -------------------------------------===//

#include "XcsLLM/Tools/Tools.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;

int xcs::runOpt(int argc, char **argv, StringRef toolName, DialectRegistry &registry) {
  llvm::InitLLVM init(argc, argv);
  auto [input, output] = registerAndParseCLIOptions(argc, argv, toolName, registry);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  // Upstream's main answers these without any input.
  if (config.shouldShowDialects() || config.shouldListPasses())
    return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));

  std::unique_ptr<llvm::MemoryBuffer> buffer = readInput(input);
  if (!buffer)
    return EXIT_FAILURE;
  return asMainReturnCode(writeOutput(output, [&](raw_ostream &stream) {
    return MlirOptMain(stream, std::move(buffer), registry, config);
  }));
}

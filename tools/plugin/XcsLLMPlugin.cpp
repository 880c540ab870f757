//===- XcsLLMPlugin.cpp - XcsLLM for a stock mlir-opt ---------------------===//

#include "XcsLLM/InitAll.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

// One flag of mlir-opt is enough: the dialect's plugin registers the passes too.
static void registerEverything(mlir::DialectRegistry *registry) {
  xcs::registerAllDialects(*registry);
  xcs::registerAllPasses();
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "XcsLLM", XCSLLM_VERSION, registerEverything};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "XcsLLM", XCSLLM_VERSION, [] { xcs::registerAllPasses(); }};
}

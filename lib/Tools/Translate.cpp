//===- Translate.cpp - The translation driver -----------------------------===//

#include "Streams.h"
#include "Version.h"
#include "XcsLLM/Tools/Tools.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/ToolUtilities.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace {
/// The options of upstream's `mlir-translate`, and those of our translations.
struct Options {
  explicit Options(xcs::ExportOptions &exports)
      : catalog("xcs-catalog", cl::desc("Catalog of models, as LiteLLM's map, over the built-in one"),
                cl::value_desc("file"), cl::location(exports.catalog)),
        remarks("xcs-remarks", cl::desc("Report: the passes' remarks, as YAML"),
                cl::value_desc("file"), cl::location(exports.remarks)) {}

  cl::opt<std::string, true> catalog, remarks;
  cl::opt<std::string> before{"xcs-before", cl::desc("Report: the program before the passes"),
                              cl::value_desc("file")};
  cl::opt<std::string> input{cl::Positional, cl::desc("<input file>"), cl::init("-")};
  cl::opt<std::string> output{"o", cl::desc("Output filename"), cl::value_desc("filename"),
                              cl::init("-")};
  cl::opt<bool> allowUnregisteredDialects{"allow-unregistered-dialect",
                                          cl::desc("Allow operations of unknown dialects")};
  cl::opt<bool> split{"split-input-file",
                      cl::desc("Split the input at '// -----' and translate each part")};
  cl::opt<std::string> outputSplitMarker{"output-split-marker",
                                         cl::desc("What to print between translated parts")};
  cl::opt<bool> verifyDiagnostics{"verify-diagnostics",
                                  cl::desc("Check diagnostics against expected-* comments")};
  cl::opt<const Translation *, false, TranslationParser> translation{
      "", cl::desc("Translation to perform"), cl::Required};
};
} // namespace

static LogicalResult translate(const Options &options, std::unique_ptr<llvm::MemoryBuffer> buffer,
                               raw_ostream &output) {
  MLIRContext context;
  context.allowUnregisteredDialects(options.allowUnregisteredDialects);
  context.printOpOnDiagnostic(false); // the location tells where
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  const Translation &translation = *options.translation;
  if (!options.verifyDiagnostics) {
    SourceMgrDiagnosticHandler handler(*sources, &context);
    return translation(sources, output, &context);
  }
  SourceMgrDiagnosticVerifierHandler handler(*sources, &context);
  (void)translation(sources, output, &context);
  return handler.verify();
}

int xcs::runTranslate(int argc, char **argv, StringRef toolName, ExportOptions &exports) {
  xcs::reserveStandardStreams();
  llvm::InitLLVM init(argc, argv);
  Options options(exports);
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  registerTranslationCLOptions();
  showVersion("xcs-translate");
  cl::ParseCommandLineOptions(argc, argv, toolName);

  std::unique_ptr<llvm::MemoryBuffer> buffer = readInput(options.input);
  if (!buffer)
    return EXIT_FAILURE;
  if (!options.before.empty() && !(exports.before = readInput(options.before)))
    return EXIT_FAILURE;
  auto translatePart = [&](std::unique_ptr<llvm::MemoryBuffer> part, raw_ostream &stream) {
    return translate(options, std::move(part), stream);
  };
  LogicalResult result = writeOutput(options.output, [&](raw_ostream &stream) {
    return splitAndProcessBuffer(std::move(buffer), translatePart, stream,
                                 options.split ? kDefaultSplitMarker : "",
                                 options.outputSplitMarker);
  });
  return failed(result) ? EXIT_FAILURE : EXIT_SUCCESS;
}

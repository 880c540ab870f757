//===- Opt.cpp - The optimiser driver -------------------------------------===//

#include "Report.h"
#include "Streams.h"
#include "Version.h"
#include "XcsLLM/Tools/Tools.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace {
/// Options beside those of `mlir-opt`.
struct ReportOptions {
  cl::opt<xcs::ReportFormat> format{
      "xcs-report", cl::ValueOptional,
      cl::desc("Print what the programs cost, before the passes and after them"),
      cl::values(clEnumValN(xcs::ReportFormat::Text, "text", "as a table (default)"),
                 clEnumValN(xcs::ReportFormat::Json, "json", "as JSON"),
                 clEnumValN(xcs::ReportFormat::Text, "", ""))};
  cl::opt<std::string> file{"xcs-report-file", cl::value_desc("file"),
                            cl::desc("Where to print it; standard error by default")};
  cl::opt<std::string> catalog{
      "xcs-catalog", cl::value_desc("file"),
      cl::desc("Catalog of models for the report, as LiteLLM's map, over the built-in one")};

  bool isAsked() const { return format.getNumOccurrences() > 0; }
};
} // namespace

/// Says what is wrong with the options, if something is.
static LogicalResult check(const ReportOptions &options, const MlirOptMainConfig &config) {
  StringRef problem;
  if (options.isAsked() && !config.inputSplitMarker().empty())
    problem = "'--xcs-report' is of one module, and does not go with '--split-input-file'";
  else if (!options.isAsked() && !options.file.empty())
    problem = "'--xcs-report-file' needs '--xcs-report'";
  else if (!options.isAsked() && !options.catalog.empty())
    problem = "'--xcs-catalog' needs '--xcs-report'; passes have an option 'catalog'";
  if (problem.empty())
    return success();
  llvm::WithColor::error() << problem << '\n';
  return failure();
}

/// The catalog of the report; null, said why, if it cannot be read.
static std::shared_ptr<const xcs::Catalog> loadCatalog(StringRef path) {
  MLIRContext context; // for the diagnostic alone
  return xcs::loadCatalog(path, UnknownLoc::get(&context));
}

static LogicalResult print(const xcs::CostReport &report, const ReportOptions &options) {
  auto print = [&](raw_ostream &stream) {
    printCostReport(report, options.format, stream);
    return success();
  };
  if (!options.file.empty())
    return xcs::writeOutput(options.file, print);
  llvm::errs().SetBuffered();
  LogicalResult result = print(llvm::errs());
  llvm::errs().flush();
  llvm::errs().SetUnbuffered();
  return result;
}

/// Upstream has remarks built, and filtered, even if nobody asked for any: passes that
/// know nobody listens find nothing out for them alone.
static void dropUnheardRemarks(MlirOptMainConfig &config) {
  if (config.shouldEmitRemarks())
    return;
  MlirOptMainConfig passes = config;
  config.setPassPipelineSetupFn([passes](PassManager &pipeline) {
    pipeline.getContext()->setRemarkEngine(nullptr);
    return passes.setupPassPipeline(pipeline);
  });
}

/// `mlir-opt`, with a report of what its passes have changed.
static LogicalResult runWithReport(raw_ostream &stream, std::unique_ptr<llvm::MemoryBuffer> buffer,
                                   DialectRegistry &registry, MlirOptMainConfig config,
                                   const ReportOptions &options) {
  std::shared_ptr<const xcs::Catalog> catalog = loadCatalog(options.catalog);
  if (!catalog)
    return failure();
  xcs::CostMeter meter(*catalog);
  MlirOptMainConfig passes = config;
  config.setPassPipelineSetupFn([&](PassManager &pipeline) {
    if (failed(passes.setupPassPipeline(pipeline)))
      return failure();
    meter.attach(pipeline);
    return success();
  });
  if (failed(MlirOptMain(stream, std::move(buffer), registry, config)))
    return failure();
  return meter.getReport() ? print(*meter.getReport(), options) : success();
}

int xcs::runOpt(int argc, char **argv, StringRef toolName, DialectRegistry &registry) {
  xcs::reserveStandardStreams();
  llvm::InitLLVM init(argc, argv);
  ReportOptions options;
  showVersion("xcs-opt");
  auto [input, output] = registerAndParseCLIOptions(argc, argv, toolName, registry);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  // Upstream's main answers these without any input.
  if (config.shouldShowDialects() || config.shouldListPasses())
    return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));

  dropUnheardRemarks(config);
  if (failed(check(options, config)))
    return EXIT_FAILURE;
  std::unique_ptr<llvm::MemoryBuffer> buffer = readInput(input);
  if (!buffer)
    return EXIT_FAILURE;
  return asMainReturnCode(writeOutput(output, [&](raw_ostream &stream) {
    if (options.isAsked())
      return runWithReport(stream, std::move(buffer), registry, config, options);
    return MlirOptMain(stream, std::move(buffer), registry, config);
  }));
}

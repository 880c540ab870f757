//===- execution-check.cpp - Whether passes keep what programs do ----------===//
//
// Runs passes on the functions of a module, each alone, in all ordered pairs, and the
// whole pipeline, and whatever they make of a function against what it was. Passes do
// what is lossless or keeps distributions: answers may not change.
//
// usage: execution-check [options] program.mlir...
//
//===----------------------------------------------------------------------===//

#include "Contract.h"
#include "Record.h"
#include "XcsLLM/Analysis/Catalog.h"
#include "XcsLLM/Analysis/SampleIds.h"
#include "XcsLLM/InitAll.h"
#include "XcsLLM/Tools/Tools.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
namespace cl = llvm::cl;

static cl::list<std::string> inputs(cl::Positional, cl::desc("<programs>"), cl::OneOrMore);
static cl::list<std::string>
    pipelines("pipeline",
              cl::desc("A pipeline to check instead of all passes, pairs and xcs-optimize"));
static cl::opt<unsigned> maxSets("sets", cl::init(40),
                                 cl::desc("Most sets of failures for each result of passes"));
static cl::opt<bool> printsProgram("print", cl::desc("Print what passes made of a function"));
static cl::opt<std::string> only("function", cl::desc("The one function to check"));
static cl::opt<bool> hasLeave("leave",
                              cl::desc("Give leave to change answers, and check that plans run"));
static cl::opt<bool> extracts("extract",
                              cl::desc("Print the function that is checked, and no more"));
static cl::opt<bool> records("record", cl::desc("Print a run of each function, and no more"));
static cl::opt<unsigned> shard("shard", cl::init(0), cl::desc("Which part of the functions"));
static cl::opt<unsigned> shards("shards", cl::init(1), cl::desc("How many parts there are"));

/// Passes that keep what programs do. What is quality-bounded is off.
static constexpr llvm::StringLiteral passes[] = {
    "canonicalize",
    "cse",
    "control-flow-sink",
    "sccp",
    "xcs-batch-prompts",
    "xcs-eliminate-redundant-calls{allow=distribution}",
    "xcs-fuse-ensembles{allow=distribution}",
    "xcs-stage-votes{allow=distribution}",
    "xcs-insert-caching{allow=distribution}",
    "xcs-select-models{allow=distribution}",
    "xcs-optimize-chains{allow=distribution}",
    "xcs-prune-conditionals{allow=distribution}",
    "xcs-cancel-redundant{allow=distribution}",
};
static constexpr llvm::StringLiteral wholePipelines[] = {
    "xcs-optimize{allow=distribution}",
    "xcs-optimize{allow=distribution objective=latency}",
};

/// What may change answers. Those of packed items do not, here: no stand-in says what can
/// be read as a list of them, so each item falls back to its own request.
static constexpr llvm::StringLiteral qualityPipelines[] = {
    "xcs-stage-votes{allow=quality confidence=0.9}",
    "xcs-select-models{allow=quality}",
    "xcs-optimize-chains{allow=quality}",
    "xcs-prune-conditionals{allow=quality}",
    "xcs-batch-prompts{allow=quality pack=2}",
    "xcs-optimize{allow=quality confidence=0.9 pack=3}",
    "xcs-optimize{allow=quality confidence=0.9 pack=2 objective=latency}",
};

namespace {
/// A pass that is wrong, to test that this notices: of two equal requests it makes
/// one, sampled or not.
struct BreakSamples : PassWrapper<BreakSamples, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BreakSamples)
  StringRef getArgument() const override { return "test-merge-samples"; }

  void runOnOperation() override {
    SmallVector<xcs::GenerateOp> calls;
    getOperation().walk([&](xcs::GenerateOp call) {
      for (xcs::GenerateOp other : calls)
        if (other->getBlock() == call->getBlock() && other.getModelAttr() == call.getModelAttr() &&
            other->getOperands() == call->getOperands() &&
            other->getResultTypes() == call->getResultTypes()) {
          call->replaceAllUsesWith(other);
          return;
        }
      calls.push_back(call);
    });
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// Numbers the samples that have no numbers yet, so that they can be told apart, and
/// takes back the leave to move parts of prompts: answers are functions of the prompt.
static void prepare(func::FuncOp function) {
  int64_t next = 1000000;
  if (hasLeave)
    function->setAttr("xcs_llm.allow", StringAttr::get(function.getContext(), "quality"));
  else
    function.walk([&](xcs::PromptTemplateOp op) { op.setReorder(false); });
  function.walk([&](xcs::LLMCallOpInterface call) {
    if (call.isDeterministic() || !xcs::getSampleIds(call).empty())
      return;
    int64_t count = 1;
    if (auto samples = call->getAttrOfType<IntegerAttr>("n"))
      count = samples.getInt();
    for (Operation *around = call->getParentOp(); around != function;
         around = around->getParentOp())
      if (auto batch = dyn_cast<xcs::BatchOp>(around)) {
        int64_t size = cast<ShapedType>(batch->getOperand(0).getType()).getDimSize(0);
        count *= ShapedType::isDynamic(size) ? 1 : size;
      }
    SmallVector<int64_t> ids;
    while (int64_t(ids.size()) < count)
      ids.push_back(next++);
    xcs::setSampleIds(call, ids);
  });
}

/// The module with this function and all that it leads to, but no other with a body.
static OwningOpRef<ModuleOp> isolate(func::FuncOp function) {
  auto module = function->getParentOfType<ModuleOp>();
  llvm::SmallPtrSet<Operation *, 4> needed = {function};
  SmallVector<func::FuncOp> open = {function};
  while (!open.empty())
    open.pop_back_val().walk([&](func::CallOp call) {
      auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
      if (callee && needed.insert(callee).second)
        open.push_back(callee);
    });
  OwningOpRef<ModuleOp> alone = ModuleOp::create(module.getLoc());
  for (Operation &op : *module.getBody())
    if (!isa<func::FuncOp>(op) || needed.contains(&op))
      alone->push_back(op.clone());
  for (auto one : alone->getOps<func::FuncOp>())
    prepare(one);
  return alone;
}

namespace {

/// A program as its plan.
struct Exported {
  std::string error;
  std::string json;
  uint64_t hash = 0; ///< of all that is run
  xcs::runtime::Document document;
};

/// Runs passes on one function after another.
class Checker {
public:
  Checker(MLIRContext *context, std::shared_ptr<const xcs::Catalog> catalog)
      : context(context), catalog(std::move(catalog)) {}

  void checkAll(ModuleOp module);
  bool hasFaults() const { return faults > 0; }
  void summarize() const;

private:
  Exported exportModule(ModuleOp module) const;
  PassManager &getPasses(StringRef pipeline);
  /// Runs the passes on a copy; null if they change nothing, or fail.
  OwningOpRef<ModuleOp> rewrite(ModuleOp module, StringRef pipeline);
  void check(func::FuncOp function);
  bool comesToRest(ModuleOp twice, StringRef pass);
  void checkPairs(ModuleOp module);
  void checkResult(ModuleOp module);
  void fail(const Twine &fault);

  MLIRContext *context;
  std::shared_ptr<const xcs::Catalog> catalog;
  llvm::StringMap<std::unique_ptr<PassManager>> managers;
  uint64_t functions = 0, skipped = 0, results = 0, comparisons = 0, faults = 0;

  // Of the function that is being checked.
  StringRef name;
  std::string done; ///< the passes that have run on it
  std::string diagnostics;
  llvm::DenseSet<uint64_t> known; ///< hashes of results that were checked
  std::unique_ptr<xcs::test::Contract> contract;
};

} // namespace

Exported Checker::exportModule(ModuleOp module) const {
  Exported exported;
  FailureOr<xcs::schedule::Document> schedule =
      xcs::buildSchedule(module, "check.mlir", std::string(64, '0'), *catalog);
  if (failed(schedule)) {
    exported.error = "has no schedule: " + diagnostics;
    return exported;
  }
  std::string &json = exported.json;
  llvm::raw_string_ostream os(json);
  xcs::printSchedule(*schedule, os);
  // The tables and plans; before them is how the program came to be so.
  exported.hash = llvm::xxh3_64bits(StringRef(json).substr(json.find("\"texts\"")));
  return exported;
}

/// Reads the document, too.
static void readSchedule(Exported &exported) {
  if (!exported.error.empty())
    return;
  llvm::Expected<xcs::runtime::Document> document = xcs::runtime::readDocument(exported.json);
  if (document)
    exported.document = std::move(*document);
  else
    exported.error = "has a schedule that cannot be read: " + toString(document.takeError());
}

PassManager &Checker::getPasses(StringRef pipeline) {
  std::unique_ptr<PassManager> &manager = managers[pipeline];
  if (!manager) {
    manager = std::make_unique<PassManager>(context);
    if (failed(parsePassPipeline(pipeline, *manager)))
      llvm::report_fatal_error("cannot read the pipeline " + pipeline);
  }
  return *manager;
}

OwningOpRef<ModuleOp> Checker::rewrite(ModuleOp module, StringRef pipeline) {
  OwningOpRef<ModuleOp> copy = module.clone();
  OperationFingerPrint before(*copy);
  diagnostics.clear();
  if (failed(getPasses(pipeline).run(*copy))) {
    // A random deadline or budget may be too low for any model: an error, as it should be.
    if (StringRef(diagnostics).starts_with("no choice of models "))
      return nullptr;
    fail("fails: " + diagnostics);
    return nullptr;
  }
  return OperationFingerPrint(*copy) == before ? nullptr : std::move(copy);
}

void Checker::fail(const Twine &fault) {
  ++faults;
  llvm::outs() << "FAILED " << name << " " << done << ": " << fault << "\n";
  llvm::outs().flush();
}

/// What these passes are allowed that others are not.
static xcs::test::Allowance getAllowance(StringRef pipeline) {
  auto hasPass = [&](auto isIt) { return any_of(llvm::split(pipeline, ','), isIt); };
  return {hasPass([](StringRef pass) {
            return !pass.starts_with("xcs-") || pass.starts_with("xcs-optimize{") ||
                   pass.starts_with("xcs-prune-conditionals");
          }),
          hasLeave || hasPass([](StringRef pass) { return pass == "control-flow-sink"; }),
          hasLeave && !pipeline.starts_with("xcs-batch-prompts")};
}

void Checker::checkResult(ModuleOp module) {
  Exported now = exportModule(module);
  if (!known.insert(now.hash).second && now.error.empty())
    return;
  readSchedule(now);
  ++results;
  const xcs::runtime::Plan *plan = now.document.find(name);
  std::string fault = !now.error.empty() ? now.error
                      : !plan            ? "has gone"
                                         : contract->check(now.document, *plan, getAllowance(done));
  if (fault.empty())
    return;
  fail(fault);
  if (printsProgram)
    llvm::outs() << module << "\n";
}

/// Whether what has run twice is allowed to have changed something again: sinking asks
/// costs, which are those before the first change, and may see more to do after it.
bool Checker::comesToRest(ModuleOp twice, StringRef pass) {
  return pass.starts_with("xcs-prune-conditionals") && !rewrite(twice, pass);
}

void Checker::checkPairs(ModuleOp module) {
  for (StringRef first : passes) {
    done = first.str();
    OwningOpRef<ModuleOp> once = rewrite(module, first);
    if (!once) // then a pair is its second pass
      continue;
    checkResult(*once);
    for (StringRef second : passes) {
      done = (first + "," + second).str();
      OwningOpRef<ModuleOp> twice = rewrite(*once, second);
      if (!twice)
        continue;
      if (first == second && first.starts_with("xcs-") && !comesToRest(*twice, first))
        fail("changes something when it runs again");
      checkResult(*twice);
    }
  }
}

void Checker::check(func::FuncOp function) {
  name = function.getSymName();
  OwningOpRef<ModuleOp> module = isolate(function);
  if (extracts) {
    llvm::outs() << *module << "\n";
    return;
  }
  done = "";
  Exported old = exportModule(*module);
  if (!old.error.empty()) { // a model has to be chosen first
    diagnostics.clear();
    if (succeeded(getPasses("xcs-select-models").run(*module)))
      old = exportModule(*module);
  }
  readSchedule(old);
  const xcs::runtime::Plan *plan = old.document.find(name);
  if (!old.error.empty() || !plan) {
    ++skipped;
    llvm::outs() << "skipped " << name << ": " << StringRef(old.error).trim() << "\n";
    return;
  }
  ++functions;
  if (records)
    return xcs::test::printRecord(old.document, *plan, old.json, llvm::outs());
  known = {old.hash};
  contract = std::make_unique<xcs::test::Contract>(old.document, *plan, maxSets);
  SmallVector<StringRef> whole(pipelines.begin(), pipelines.end());
  if (whole.empty() && hasLeave) {
    whole.assign(std::begin(qualityPipelines), std::end(qualityPipelines));
  } else if (whole.empty()) {
    checkPairs(*module);
    whole.assign(std::begin(wholePipelines), std::end(wholePipelines));
  }
  for (StringRef pipeline : whole) {
    done = pipeline.str();
    if (OwningOpRef<ModuleOp> result = rewrite(*module, pipeline))
      checkResult(*result);
  }
  comparisons += contract->comparisons;
}

void Checker::checkAll(ModuleOp module) {
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      diagnostics += diagnostic.str() + "\n";
    return success();
  });
  unsigned index = 0;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal() && index++ % shards == shard &&
        (only.empty() || only == function.getSymName()))
      check(function);
}

void Checker::summarize() const {
  llvm::outs() << functions << " functions, " << results << " results of passes, " << comparisons
               << " comparisons, " << skipped << " skipped, " << faults << " mismatches\n";
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  xcs::registerAllPasses();
  registerTransformsPasses();
  PassRegistration<BreakSamples>();
  cl::ParseCommandLineOptions(argc, argv, "Checks that passes keep what programs do\n");
  DialectRegistry registry;
  xcs::registerAllDialects(registry);
  registry.insert<scf::SCFDialect, ub::UBDialect>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::shared_ptr<const xcs::Catalog> catalog = xcs::loadCatalog("", UnknownLoc::get(&context));
  if (!catalog)
    return 2;
  Checker checker(&context, catalog);
  for (const std::string &input : inputs) {
    llvm::SourceMgr sources;
    SourceMgrDiagnosticHandler printer(sources, &context);
    std::unique_ptr<llvm::MemoryBuffer> buffer = xcs::readInput(input);
    if (buffer)
      sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
    OwningOpRef<ModuleOp> module =
        sources.getNumBuffers() ? parseSourceFile<ModuleOp>(sources, &context) : nullptr;
    if (!module)
      return 2;
    checker.checkAll(*module);
  }
  if (!extracts && !records)
    checker.summarize();
  return checker.hasFaults() ? 1 : 0;
}

//===- CostModel.h - What programs cost, and how long they take -*- C++ -*-===//
//
// Tokens, money and time of each call and of whole programs, expected and at
// worst. Passes, exporters and reports alike ask here. docs/CostModel.md defines
// every figure and shows the arithmetic on examples.
//
// Money is in US dollars, time in milliseconds. Unknown is never zero: an `Amount`
// says whether it is complete. All is linear in the size of the module, but for
// the logarithm of a sort.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_COSTMODEL_H
#define XCSLLM_ANALYSIS_COSTMODEL_H

#include "XcsLLM/Analysis/ActivityGraph.h"
#include "XcsLLM/Analysis/Lengths.h"
#include <map>
#include <set>

namespace xcs {

/// When a task runs if everything starts as early as it can, as expected.
struct Timing {
  double startMs = 0, finishMs = 0;
  double slackMs = 0;      ///< how much later it may finish without delaying the program
  bool isCritical = false; ///< on the critical path
};

/// What one call takes. Figures are of one run of it, but for `runs`.
struct CallCost {
  LLMCallOpInterface call;
  const ModelEntry *model;
  ServiceTier tier;

  Forecast inputTokens;
  Forecast outputTokens;          ///< of all samples
  double cachedInputTokens = 0; ///< expected; none at worst
  double requests = 1;
  Amount costUsd, worstCostUsd;
  Amount latencyMs, worstLatencyMs; ///< queueing aside

  Forecast runs{1, 1}; ///< in one run of the program: items, attempts, branches
  double timeRuns = 1;     ///< of the expected ones, those one after another: without items
  bool runsAtWorst = true; ///< not in the cheaper of two branches
  uint32_t prefixGroup = 0;       ///< calls of one group share a prefix; 0: shares none
  double prefixTokens = 0;        ///< that it has in common with others
  Timing timing;
};

/// A call of a tool, or of a function.
struct ToolCost {
  mlir::func::CallOp call;
  mlir::func::FuncOp function; ///< that is called, if it has a body; null for tools
  Amount latencyMs; ///< of one run
  Forecast runs{1, 1};
  Timing timing;
};

/// Sums over one run of a program.
struct Totals {
  int64_t calls = 0;   ///< in the program, however often they run
  double requests = 0; ///< expected, and so are the tokens
  double inputTokens = 0, cachedInputTokens = 0, outputTokens = 0;
  Amount costUsd, worstCostUsd;

  Totals &operator+=(const Totals &other);
};

/// What a chain with constraints takes, from its start to its end.
struct ChainCost {
  ChainOp chain;
  Amount costUsd, worstCostUsd;
  Amount latencyMs, worstLatencyMs;
};

/// A figure that was needed and is unknown.
struct UnknownFigure {
  bool isTool;       ///< of a tool, else of a model
  std::string name;  ///< the model's, or the function's; empty: no model is chosen
  std::string field; ///< under the name that schedules have for it

  bool operator<(const UnknownFigure &other) const {
    return std::tie(isTool, name, field) < std::tie(other.isTool, other.name, other.field);
  }
};

/// What one function takes.
struct ProgramCost {
  std::vector<CallCost> calls; ///< in program order
  std::vector<ToolCost> tools; ///< likewise
  std::vector<ChainCost> chains;

  Totals totals; ///< those of functions that it calls among them
  std::map<std::string, Totals> models;
  Amount latencyMs;      ///< everything as parallel as it can be: the critical path
  Amount worstLatencyMs; ///< likewise, with all branches, attempts and waves
  Amount sequentialMs;   ///< one after another
  Amount makespanMs;     ///< under the models' limits
  double peakParallelism = 0; ///< requests that are under way at once, without limits
  /// Critical calls and tools, first to last.
  std::vector<mlir::Operation *> criticalPath;

  std::set<UnknownFigure> unknown;
  std::vector<Assumption> assumptions;
  /// Of its values, in the tokens of the first call's model; null without a call.
  std::shared_ptr<const Lengths> lengths;
};

/// What of a function takes time, and waits for what.
struct Activities {
  ActivityGraph graph;
  std::vector<uint32_t> calls; ///< the activity of each call, in program order
  /// Those that nothing waits for, as another member of `first` is faster.
  std::vector<bool> isOutrun;
};

/// Costs of a module's functions.
class CostModel {
public:
  /// `catalog` has to outlive it.
  CostModel(mlir::ModuleOp module, const Catalog &catalog);
  ~CostModel();

  /// What `function` takes. The program must not have changed since the cost model
  /// was made. A function that leads to itself takes more than is known.
  const ProgramCost &getCost(mlir::func::FuncOp function);

  /// The activities behind its latency: found anew with each question.
  Activities getActivities(mlir::func::FuncOp function);
  /// To be told where `function` has changed, or what is assumed of its calls.
  /// Functions that lead to it have to be forgotten, too.
  void forget(mlir::func::FuncOp function);

  /// Emits an error at the first call of each model whose prices the catalog has in
  /// what must be another unit. Passes and exports that show money ask this first.
  mlir::LogicalResult verifyPrices();

  ModelTable &getModels() { return models; }

private:
  void addCallees(mlir::func::FuncOp function);
  const ProgramCost *find(mlir::func::FuncOp callee) const;

  mlir::ModuleOp module;
  bool hasVerifiedPrices = false; ///< and found no error
  ModelTable models;
  Likelihood likelihood;
  mlir::SymbolTableCollection symbols;
  llvm::DenseMap<mlir::Operation *, std::unique_ptr<ProgramCost>> programs;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_COSTMODEL_H

//===- ProgramWalk.h - A program's calls in time ----------------*- C++ -*-===//
//
// One walk over a function finds how often each call is expected to run, and puts
// calls and tools into a graph of activities.
//
// Expected time is that of a graph in which each call takes its latency as often as
// it is expected to run one after another, and what excludes each other (branches,
// stages, waves) follows one another. The worst time is found beside it: branches
// side by side, every attempt, every wave.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_ANALYSIS_PROGRAMWALK_H
#define XCSLLM_LIB_ANALYSIS_PROGRAMWALK_H

#include "XcsLLM/Analysis/ActivityGraph.h"
#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// A region, or the function's body, in relation to one run of the program.
/// Scopes are numbered in program order, those inside a scope behind it.
struct CostScope {
  uint32_t parent = 0;
  uint32_t last = 0;         ///< the last scope inside, or itself
  mlir::Operation *owner = nullptr;
  Forecast runs{1, 1};          ///< attempts and items included
  double timeRuns = 1;       ///< expected, one after another: without items
  double width = 1;          ///< expected items side by side
  double arrayWidth = 1;     ///< of these, groups of up to the innermost `batch_size`
  uint32_t certain = 0;      ///< the scope which, if it runs, runs this one once
};

class ProgramWalk {
public:
  /// How a function that is called was found to cost; null if that is not known.
  using GetCost = llvm::function_ref<const ProgramCost *(mlir::func::FuncOp)>;

  ProgramWalk(ModelTable &models, Likelihood &likelihood, mlir::SymbolTableCollection &symbols,
              GetCost getCost, ProgramCost &result)
      : models(models), likelihood(likelihood), symbols(symbols), getCost(getCost),
        result(result) {}

  /// Fills the result's calls, tools, times and assumptions, but for what calls cost.
  void run(mlir::func::FuncOp function);

  /// The lengths in the tokens of `model`.
  const Lengths &getLengths(const ModelEntry &model);

  const ActivityGraph &getGraph() const { return graph; }
  ActivityGraph takeGraph() { return std::move(graph); }
  const std::vector<CostScope> &getScopes() const { return scopes; }
  bool isAround(uint32_t outer, uint32_t inner) const {
    return outer <= inner && inner <= scopes[outer].last;
  }

  /// Of each call of the result.
  struct Place {
    uint32_t scope;
    uint32_t activity;
  };
  std::vector<Place> callPlaces, toolPlaces;
  std::vector<uint32_t> ranks; ///< of activities: how many calls one waits for, one by one
  std::vector<mlir::Operation *> owners; ///< of activities; null for what only waits
  std::vector<Pool> pools;
  bool calleesAreLimited = false; ///< by their models, when they run alone
  double calleeParallelism = 0;   ///< of the callee that has most
  bool hasForeignControl = false; ///< of other dialects, or of several blocks

  /// The activities of the members of a `first` that start together, and which of
  /// them settles it.
  struct Race {
    uint32_t begin, end, winner;
  };
  std::vector<Race> races;

  /// Of each chain of the result: its scope, and from when to when what is in it runs.
  struct ChainPlace {
    uint32_t scope;
    double startMs, finishMs;
    uint32_t first, end; ///< activities
  };
  std::vector<ChainPlace> chainPlaces;

private:
  static constexpr uint32_t none = ~0u;
  /// When a value is there: after an activity, and at worst at a time.
  struct Ready {
    uint32_t activity = none;
    double worstMs = 0;
  };
  /// Collects what something waits for.
  class Waits;

  uint32_t addScope(uint32_t parent, mlir::Operation *owner);
  uint32_t addActivity(const Activity &activity, mlir::ArrayRef<uint32_t> waitsFor,
                       mlir::Operation *owner);
  Ready join(Waits &waits);
  Ready after(mlir::ValueRange values, Ready begin);
  double getFinish(Ready ready) const {
    return ready.activity == none ? 0 : graph.getFinish(ready.activity);
  }

  Ready visit(mlir::Region &region, uint32_t scope, Ready begin);
  void visit(mlir::Operation *op, uint32_t scope, Ready begin, Ready &impure);
  Ready visitCall(LLMCallOpInterface call, uint32_t scope, Ready start);
  Ready visitTool(mlir::func::CallOp call, uint32_t scope, Ready start);
  Ready visitControl(mlir::Operation *op, uint32_t scope, Ready start);
  Ready visitBatch(BatchOp op, uint32_t scope, Ready start);
  Ready visitConditional(ConditionalOp op, uint32_t scope, Ready start);
  double findWorstStart(mlir::Region &region, Ready begin);
  Ready visitCascade(CascadeOp op, uint32_t scope, Ready start);
  Ready visitEnsemble(EnsembleOp op, uint32_t scope, Ready start);
  Ready visitFirst(EnsembleOp op, unsigned begin, unsigned end, uint32_t scope, double starts,
                   Ready start);
  Ready visitChain(ChainOp op, uint32_t scope, Ready start);
  /// Visits a region that runs `times` as often as `scope` expects, at most `most`.
  Ready visitPart(mlir::Region &region, uint32_t scope, double times, double most, bool isCertain,
                  Ready start);
  void findImpureControl(mlir::func::FuncOp function);
  void noteStart(Ready start);
  void addLatency(Amount latency, double timeRuns, double worstRuns);
  uint32_t getPool(const ModelEntry &model);

  ModelTable &models;
  Likelihood &likelihood;
  mlir::SymbolTableCollection &symbols;
  GetCost getCost;
  ProgramCost &result;

  mlir::func::FuncOp function;
  ActivityGraph graph;
  std::vector<CostScope> scopes;
  std::map<TokenizerFamily, std::shared_ptr<const Lengths>> lengths;
  llvm::DenseMap<mlir::Value, Ready> ready;
  llvm::DenseMap<const ModelEntry *, uint32_t> poolNumbers;
  static constexpr Forecast never{std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::infinity()};
  /// When the first call or tool starts of those that were visited last; a chain
  /// sets it apart.
  Forecast began = never;
  llvm::DenseSet<mlir::Operation *> impureControl; ///< runs impure tools, perhaps
};

} // namespace xcs

#endif // XCSLLM_LIB_ANALYSIS_PROGRAMWALK_H

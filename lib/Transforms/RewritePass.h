//===- RewritePass.h - What passes that rewrite share -----------*- C++ -*-===//
//
// Passes that rewrite programs go over functions one by one, ask the cost model,
// and say what they did and why not. This is all of that but the rewriting.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_TRANSFORMS_REWRITEPASS_H
#define XCSLLM_LIB_TRANSFORMS_REWRITEPASS_H

#include "PassRecord.h"
#include "XcsLLM/Analysis/CostAnalysis.h"
#include "XcsLLM/Analysis/Objective.h"
#include "XcsLLM/Transforms/Passes.h"

namespace xcs {

/// What one rewrite changes, for its remark: before and after, each in one run of
/// the program. Nothing is said of what is unknown.
struct Change {
  Effort before, after;
};

/// One function to rewrite, and what a pass may ask and say about it.
class Rewrite {
public:
  Rewrite(mlir::func::FuncOp function, CostModel &costs, mlir::SymbolTableCollection &symbols,
          Allow limit, Objective objective, llvm::StringRef pass)
      : function(function), costs(costs), symbols(symbols), leave(getLeave(function, limit)),
        objective(objective), pass(pass) {}

  mlir::func::FuncOp function;
  CostModel &costs;
  mlir::SymbolTableCollection &symbols;
  const Allow leave;
  const Objective objective;

  /// What the function takes. To be asked before the first change: costs are of the
  /// program as it was when the pass began.
  const ProgramCost &getCost() { return costs.getCost(function); }
  /// What one call of the function takes; null for one that is new.
  const CallCost *getCost(LLMCallOpInterface call);

  bool isAllowed(Allow rewriteClass) const { return rewriteClass <= leave; }

  /// Whether somebody listens: what is found out for remarks alone can be left out.
  bool hasRemarks() const;
  /// Says what was done, of which class it is, and, if known, what it saves.
  void applied(mlir::Location location, llvm::StringRef name, Allow rewriteClass,
               const llvm::Twine &text, std::optional<Change> change = std::nullopt) const;
  /// Says why something was not done.
  void refused(mlir::Location location, llvm::StringRef name, const llvm::Twine &reason) const;

private:
  llvm::StringRef getName() const { return mlir::func::FuncOp(function).getSymName(); }

  llvm::StringRef pass;
  /// Of the function's calls; empty until one is asked for.
  llvm::DenseMap<mlir::Operation *, const CallCost *> callCosts;
};

/// Whether something in the function is isolated from it, as a module is: its values
/// and calls are not the function's.
bool holdsIsolated(mlir::func::FuncOp function);

/// A pass over modules whose options are at least `allow`, `objective` and
/// `catalog`; `PassBase` is what TableGen makes of its record.
template <typename PassBase> class RewritePass : public PassBase {
public:
  using PassBase::PassBase;

  mlir::LogicalResult initialize(mlir::MLIRContext *context) override {
    models = loadCatalog(this->catalog, mlir::UnknownLoc::get(context));
    return mlir::success(models != nullptr);
  }

  void runOnOperation() override {
    bool changed = false;
    CostAnalysis &analysis = this->template getAnalysis<CostAnalysis>();
    mlir::SymbolTableCollection symbols;
    for (mlir::ModuleOp module : findModules(this->getOperation())) {
      CostModel &costs = analysis.get(module, this->catalog, models);
      if (mlir::failed(costs.verifyPrices()))
        return this->signalPassFailure();
      for (auto function : module.getOps<mlir::func::FuncOp>()) {
        if (function.isExternal() || holdsIsolated(function))
          continue;
        Rewrite state(function, costs, symbols, this->allow, this->objective, this->getArgument());
        mlir::FailureOr<bool> outcome = rewrite(state);
        if (mlir::failed(outcome))
          return this->signalPassFailure();
        changed |= *outcome;
      }
    }
    if (changed)
      recordPass(this->getOperation(), this->getArgument());
    else
      this->markAllAnalysesPreserved();
  }

protected:
  /// Rewrites the function; whether that changed it. On failure it has emitted an
  /// error.
  virtual mlir::FailureOr<bool> rewrite(Rewrite &state) = 0;

  std::shared_ptr<const Catalog> models;
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_REWRITEPASS_H

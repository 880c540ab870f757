//===- ModelSelector.h - The models of one function -------------*- C++ -*-===//
//
// Poses the problem (ModelProblem.cpp), chooses (ModelSelection.cpp), and checks
// what the choice has to keep (ModelConstraints.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_TRANSFORMS_MODELSELECTOR_H
#define XCSLLM_LIB_TRANSFORMS_MODELSELECTOR_H

#include "ModelSelection.h"
#include "XcsLLM/Analysis/ChainPlaces.h"
#include "XcsLLM/Analysis/ModelChoice.h"

namespace xcs {

/// A choice, and what the cost model says of it.
struct Evaluated {
  std::vector<uint32_t> chosen; ///< the option of each open call
  Effort effort;
  Amount makespanMs;
  std::vector<ChainCost> chains;
};

class ModelSelector {
public:
  ModelSelector(Rewrite &state, CostModel &costs, const CandidateModels &candidates,
                 TierRule &tiers, std::vector<OpenCall> calls)
      : state(state), function(state.function), costs(costs), candidates(candidates),
        tiers(tiers), calls(std::move(calls)) {}

  mlir::FailureOr<bool> run();

private:
  mlir::LogicalResult findCallOptions();
  void keepOffFixed();
  void pose();
  void addProgram();
  void addChains();
  void addDifferent();
  Evaluated evaluate(std::vector<uint32_t> chosen);
  std::optional<Evaluated> evaluateGiven();
  mlir::LogicalResult choose();
  void considerOthers(ModelChoice choice);
  void takeOffFixed(const Evaluated &first);
  void considerLimits();
  void consider(const ModelChoice &choice);
  mlir::LogicalResult explain(const ModelChoice &choice);
  bool keepsAll(const Evaluated &evaluated) const;
  mlir::LogicalResult explainChain(const ModelChoice &choice);
  mlir::LogicalResult verify();
  bool apply();
  void describe(const std::optional<Evaluated> &before);
  std::string getGap() const;

  bool needsTimes() const {
    return deadline || (state.objective != Objective::Cost);
  }
  double getLimit(llvm::StringRef name) const {
    auto limit = function->getAttrOfType<mlir::FloatAttr>(name);
    return limit ? limit.getValueAsDouble() : std::numeric_limits<double>::infinity();
  }

  Rewrite &state;
  mlir::func::FuncOp function;
  CostModel &costs;
  const CandidateModels &candidates;
  TierRule &tiers;
  std::vector<OpenCall> calls;
  mlir::FloatAttr deadline = function->getAttrOfType<mlir::FloatAttr>("xcs_llm.deadline_ms");

  llvm::DenseMap<mlir::StringAttr, uint32_t> modelNumbers;
  ModelChoiceProblem problem;
  std::vector<ChainPlace> chains; ///< those with open calls, as in the problem
  double fixedUsd = 0; ///< of what is not open
  double bound = 0;    ///< no choice costs less
  std::optional<Evaluated> best, given;
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_MODELSELECTOR_H

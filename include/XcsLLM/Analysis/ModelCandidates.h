//===- ModelCandidates.h - Which models could answer a call -----*- C++ -*-===//
//
// Of each call of a function whose model or tier may be chosen, the services that
// keep what it asks for, and what it would take with each.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_MODELCANDIDATES_H
#define XCSLLM_ANALYSIS_MODELCANDIDATES_H

#include "XcsLLM/Analysis/Objective.h"
#include "XcsLLM/Analysis/Tiers.h"

namespace xcs {

/// One way to serve a call. Figures are of all of its runs in one run of the program.
struct ServiceOption {
  Service service;
  Amount costUsd;   ///< if all open calls had this model, and so the most from the prompt cache
  double aloneUsd;  ///< if nothing of its prompt was in the cache
  Amount timeMs;
};

/// A call that is open: its model or its tier may be chosen.
struct OpenCall {
  LLMCallOpInterface call;
  bool hasOpenModel = false, hasOpenTier = false;
  /// Candidates that keep what the call asks for; that which it names first, if it
  /// is not known to break it.
  std::vector<ServiceOption> options;
  /// Why there is none.
  std::string reason;

  bool isGiven(const ServiceOption &option) {
    return call.getModelAttr() && option.service == Service{call.getModelAttr(), getServiceTier(call)};
  }
};

/// Models that may be chosen in a module, in a stable order.
struct CandidateModels {
  llvm::SetVector<mlir::StringAttr> chat;
  /// Vectors of different models are of different spaces: for each type the one model
  /// that all embeddings without one get; null if there is none.
  llvm::DenseMap<mlir::Type, mlir::StringAttr> embeddings;
};

/// The models that `module` declares or that its calls name, and those of `more`;
/// `all` in there stands for every chat model of `catalog` with known prices and
/// quality.
CandidateModels findCandidateModels(mlir::ModuleOp module, ModelTable &models,
                                    const Catalog &catalog, llvm::ArrayRef<std::string> more);

/// Why the call has to keep the model that it names; empty if another may stand in.
llvm::StringRef whyModelIsFixed(LLMCallOpInterface call, mlir::func::FuncOp function, Allow leave);

/// The open calls of `function`, in program order, without options.
/// - The model is open where none is named; and where `leave` is for quality and a
///   bound says how good another must be, but for embeddings, and for calls whose
///   answers are kept in a cache: its key was made for the named model.
/// - The tier is open where none is named and later will do (Tiers.h).
std::vector<OpenCall> findOpenCalls(mlir::func::FuncOp function, Allow leave, TierRule &tiers);

/// Finds the options of `calls`, all open calls of `function`. What they take is found
/// by assuming that all have one model, and then the next.
void findOptions(CostModel &costs, mlir::func::FuncOp function, const CandidateModels &models,
                 TierRule &tiers, bool needsTimes, std::vector<OpenCall> &calls);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_MODELCANDIDATES_H

//===- Likelihood.h - How often regions run ---------------------*- C++ -*-===//
//
// What control is expected to do, from hints, the constants that decide it and
// the models' failure rates; where nothing is said, from the defaults below.
// docs/CostModel.md has the rules.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_LIKELIHOOD_H
#define XCSLLM_ANALYSIS_LIKELIHOOD_H

#include "XcsLLM/Analysis/ModelTable.h"
#include "XcsLLM/Analysis/Voting.h"
#include <map>

namespace xcs {

/// The chance that a flag of which nothing is known is true.
constexpr double defaultFlagProbability = 0.5;

/// How a stage of a cascade is expected to run.
struct StageRuns {
  double reached = 1;      ///< the chance that the cascade comes to it
  double attempts = 1;     ///< how often it then runs
  double accepted = 1;     ///< the chance that it then gives the cascade's values
  int64_t maxAttempts = 1; ///< how often it then runs at most
};

/// Answers are kept, so that asking for each of nested operations takes linear time.
class Likelihood {
public:
  explicit Likelihood(ModelTable &models) : models(models) {}

  /// The chance of the first branch.
  double getProbability(ConditionalOp op);
  llvm::SmallVector<StageRuns> getStages(CascadeOp op);
  /// The chance that each wave starts; one wave, if `op` has none. A vote that has
  /// no `agreement` is expected to agree as measured ones did.
  llvm::SmallVector<double> getWaves(EnsembleOp op);
  /// The chance that a run of `region` is accepted: it does not fail, and its
  /// verdict, if it has one, is true.
  double getAcceptance(mlir::Region &region);

  /// To be told where programs have changed.
  void forget() { failures.clear(); }

  /// Whether a default stands for what `op` is expected to do.
  static bool isAssumed(mlir::Operation *op);

private:
  double getFailure(mlir::Region &region);
  double getFailure(mlir::Operation *op);
  double findFailure(mlir::Operation *op);
  double findFailure(CascadeOp op);
  /// The chance that one attempt of a stage is accepted.
  double getAttemptAcceptance(CascadeOp op, unsigned stage);

  ModelTable &models;
  llvm::DenseMap<mlir::Operation *, double> failures; ///< of control
  /// The chances that waves start, by what decides them: equal votes are many, and
  /// exact chances take long.
  using VoteKey = std::tuple<std::vector<int64_t>, std::optional<double>, std::optional<int64_t>,
                             std::optional<double>>;
  std::map<VoteKey, std::vector<double>> votes;
};

/// How the votes of a majority are expected to agree: as its hint says, or else as
/// measured.
std::vector<AgreementShare> getAgreement(EnsembleOp op);

/// Whether the hint `agreement` is missing where it would say which waves start.
bool lacksAgreement(EnsembleOp op);

/// The call whose answer is stored under the fingerprint of `lookup`, by another
/// stage of its cascade; null if there is none.
LLMCallOpInterface findStoredCall(CacheLookupOp lookup);

/// The verdict that `region` yields; null if it yields none.
mlir::Value getVerdict(mlir::Region &region);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_LIKELIHOOD_H

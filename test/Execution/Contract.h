//===- Contract.h - Whether a rewritten plan keeps the contract -*- C++ -*-===//
//
// Runs a plan and what became of it against the same stand-ins. Without failures both
// have to do the same, and the new one asks for no sample more. With failures the new
// one must not add any: what it does under a set of failing samples and parses, the old
// one does under some subset of it. Among the failures are those that no one injects,
// responses that cannot be read: the old one may read them, then, as some value. Equal
// requests fail each by itself. A request of several samples may fail as a whole, or
// give a list of failed ones, and a rewrite has to keep what either leads to.
//
// Allowed beyond the contract, and only where upstream's folds have run, which know
// nothing of failures, or those of conditionals:
// - One use of a value drops its failure, and the next one does not (`x - x` is 0, and
//   what both branches yield is that).
// - Where a computation or a vote has failed of itself (a division by zero), what has
//   failed may be anything, and tools may be called where the old plan had stopped.
// And upstream's `control-flow-sink` moves deterministic calls into regions that run once,
// of batches that run them many times.
// Where answers may change, with leave, no more is checked than that the new plan runs,
// under failures, too, and gives what is of the right types.
//
// Not compared: at which time among requests a tool is called, what deadlines and budgets
// do, and how often a sample is asked for once something has failed.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_TEST_EXECUTION_CONTRACT_H
#define XCSLLM_TEST_EXECUTION_CONTRACT_H

#include "XcsLLM/Runtime/StandIn.h"
#include <map>

namespace xcs::test {

/// What a plan does.
struct Run {
  runtime::Outcome outcome;
  runtime::Asked asked;
  std::string error; ///< that it cannot run
};

/// Keys of samples and parses that fail, sorted.
using Failures = std::vector<uint64_t>;

/// What is allowed beyond the contract, as above.
struct Allowance {
  bool mayMix = false, mayAskMore = false, mayAnswerOtherwise = false;
};

class Contract {
public:
  /// Of `plan`, under at most `maxSets` sets of failures for each new plan.
  Contract(const runtime::Document &document, const runtime::Plan &plan, unsigned maxSets);
  ~Contract();

  /// What is wrong with `plan`, which the old one became; empty if nothing is.
  std::string check(const runtime::Document &document, const runtime::Plan &plan,
                    Allowance allowance);

  /// How many pairs of runs were compared.
  uint64_t comparisons = 0;

private:
  struct Fewer;

  Run run(const runtime::Document &document, const runtime::Plan &plan,
          const runtime::Injection &injection, std::optional<uint64_t> orderSeed) const;
  Fewer &getFewer(const Failures &failures);
  /// A run of the old plan, the first under all of the failures; null if there are no more.
  const Run *runOld(Fewer &fewer, size_t at);
  bool isExplained(const Failures &failures, const Run &now, bool mayMix);
  std::string checkRun(const Failures &failures, const Run &now, Allowance allowance);

  const runtime::Document &document;
  const runtime::Plan &plan;
  const unsigned maxSets;
  runtime::Vocabulary vocabulary;
  std::vector<runtime::Value> inputs;
  std::map<Failures, std::unique_ptr<Fewer>> allFewer; ///< they are needed for each new plan
};

} // namespace xcs::test

#endif // XCSLLM_TEST_EXECUTION_CONTRACT_H

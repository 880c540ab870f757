//===- Contract.h - Whether a rewritten plan keeps the contract -*- C++ -*-===//
//
// Runs a plan and what became of it against the same stand-ins. Without failures both
// have to do the same, and the new one asks for no sample more. With failures the new
// one must not add any: what it does under a set of failing samples and parses, the old
// one does under some subset of it.
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

class Contract {
public:
  /// Of `plan`, under at most `maxSets` sets of failures for each new plan.
  Contract(const runtime::Document &document, const runtime::Plan &plan, unsigned maxSets);

  /// What is wrong with `plan`, which the old one became; empty if nothing is.
  /// `mayDropFailures`: what has failed may be what it is under fewer failures, while
  /// something else has still failed.
  std::string check(const runtime::Document &document, const runtime::Plan &plan,
                    bool mayDropFailures);

  /// How many pairs of runs were compared.
  uint64_t comparisons = 0;

private:
  Run run(const runtime::Document &document, const runtime::Plan &plan, const Failures &failures,
          std::optional<uint64_t> orderSeed) const;
  const Run &runOld(const Failures &failures);
  std::string checkWithoutFailures(const Run &now, bool mayDropFailures);
  std::string checkUnder(const Failures &failures, const Run &now, bool mayDropFailures);

  const runtime::Document &document;
  const runtime::Plan &plan;
  const unsigned maxSets;
  runtime::Vocabulary vocabulary;
  std::vector<runtime::Value> inputs;
  std::map<Failures, Run> oldRuns; ///< they are needed for each new plan
};

} // namespace xcs::test

#endif // XCSLLM_TEST_EXECUTION_CONTRACT_H

//===- RunReport.h - What runs tell people ----------------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_RUNREPORT_H
#define XCSLLM_RUNTIME_RUNREPORT_H

#include "XcsLLM/Runtime/Runner.h"

namespace xcs::runtime {

/// Whether an output has failed, or the run as a whole.
bool hasFailed(const RunResult &result);

/// The outputs as text: of a plan with one output, it alone.
void printText(const Plan &plan, const RunResult &result, llvm::raw_ostream &os);
/// The run on one line, as a JSON object.
void printJsonLine(const Plan &plan, const RunResult &result, llvm::raw_ostream &os);
/// What limits have kept a run from, and why it, or items of its outputs, have failed: a few lines
/// for people.
std::vector<std::string> explain(const Plan &plan, const RunResult &result);

/// Runs of a plan, together.
struct RunSummary {
  const Plan &plan;
  const Statistics &statistics;
  uint64_t runs = 0, failed = 0, overspent = 0;
  uint64_t unstarted = 0; ///< besides those
  double timeMs = 0;      ///< of all
  double meanMs = 0;      ///< of one
  bool isSimulated = false;
};

/// What runs took, beside what was expected.
void printSummary(const RunSummary &summary, llvm::raw_ostream &os);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_RUNREPORT_H

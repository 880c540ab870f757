//===- Constraints.h - Which constraints a program breaks -------*- C++ -*-===//
//
// Compares what a function and its calls take with what it says they may take,
// and with what their models can do. docs/CostModel.md defines the figures.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_CONSTRAINTS_H
#define XCSLLM_ANALYSIS_CONSTRAINTS_H

#include "XcsLLM/Analysis/CostModel.h"

namespace xcs {

/// Which figures have to be within the limits.
enum class CostCase : uint8_t { Expected, Worst };

struct Violation {
  /// A warning is of what may break a constraint: at worst, or because something
  /// is unknown. A remark is of what costs more than it need.
  enum class Kind : uint8_t { Error, Warning, Remark };
  struct Note {
    mlir::Operation *op;
    std::string text;
  };

  Kind kind;
  mlir::Operation *op; ///< the call, chain or function whose constraint it is
  std::string text;
  std::vector<Note> notes; ///< the largest contributors, three at most
};

/// What `function`, its chains and its calls break, in program order; the function
/// first. Checked are
/// - `budget_usd` and `deadline_ms` of the function and of chains. A deadline holds
///   for the critical path, and of a function for the makespan under the models'
///   limits, too;
/// - `min_quality` of calls, or else the function's, which does not hold for
///   embeddings: they answer nothing;
/// - the models' limits on input, output, the two together, and samples.
///
/// A sum of which parts are unknown breaks a limit if its known part does.
std::vector<Violation> findViolations(CostModel &costs, mlir::func::FuncOp function, CostCase at);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_CONSTRAINTS_H

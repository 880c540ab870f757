//===- RunProgress.h - One line that says how far runs are ------*- C++ -*-===//

#ifndef XCSLLM_LIB_TOOLS_RUNPROGRESS_H
#define XCSLLM_LIB_TOOLS_RUNPROGRESS_H

#include "XcsLLM/Runtime/Dispatcher.h"

namespace xcs::runtime {

/// Shown on a terminal, and there alone.
class Progress {
public:
  Progress(const Plan &plan, const Dispatcher &dispatcher, const Clock &clock, uint64_t runs,
           bool isQuiet);

  static constexpr double everyMs = 100;

  bool isShown() const { return isTerminal; }
  /// Shows the line again, if it is time to.
  void show();
  /// Takes the line away.
  void clear();

private:
  const Plan &plan;
  const Dispatcher &dispatcher;
  const Clock &clock;
  double runs;
  bool hasLine = false, isTerminal;
  Clock realTime;
  double nextMs = 0;
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_TOOLS_RUNPROGRESS_H

//===- TraceRecorder.h - Runs as Chrome trace events ------------*- C++ -*-===//
//
// What Perfetto and chrome://tracing open: each model and tool is a process, each of
// its requests that are under way at once a thread. See "Trace Event Format" by the
// Chromium project.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_TRACERECORDER_H
#define XCSLLM_RUNTIME_TRACERECORDER_H

#include "XcsLLM/Runtime/Observer.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"
#include <set>

namespace xcs::runtime {

/// Writes events as they end. Complete when it is destroyed.
class TraceRecorder : public Observer {
public:
  explicit TraceRecorder(llvm::raw_ostream &os);
  ~TraceRecorder() override;

  void onSent(const Query &query, double now) override;
  void onAnswered(const Query &query, const Reply &reply, const Charge &charge,
                  double now) override;
  void onRetry(const Query &query, double at, double now) override;
  void onBrokenOff(const Query &query, const Charge &charge, double now) override;
  void onLookUp(const Job &job, bool isHit, double now) override;
  void onRecalled(const Job &job, const KeptAnswer &answer, double now) override;

private:
  /// A model or a tool.
  struct Process {
    int64_t id;
    std::set<int64_t> free; ///< threads that had a request, and have none now
    int64_t threads = 0;
  };
  struct Sent {
    double start;
    Process *process;
    int64_t thread;
  };

  Process &getProcess(const Task &task, const Job &job);
  void writeCounters(double now);
  void writeEnd(const Query &query, const Charge &charge, llvm::StringRef failure, double now);
  template <typename Arguments>
  void write(char phase, llvm::StringRef name, const Sent &at, double now, Arguments arguments);

  llvm::json::OStream json;
  llvm::StringMap<Process> processes;
  llvm::DenseMap<uint64_t, Sent> sent; ///< by query
  double usd = 0;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_TRACERECORDER_H

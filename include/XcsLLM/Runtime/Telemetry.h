//===- Telemetry.h - Runs as OpenTelemetry spans ----------------*- C++ -*-===//
//
// Spans as OTLP's JSON, with the names of OpenTelemetry's semantic conventions for
// generative AI: what collectors take as it is. One trace a run.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_TELEMETRY_H
#define XCSLLM_RUNTIME_TELEMETRY_H

#include "XcsLLM/Runtime/Observer.h"
#include "llvm/Support/JSON.h"

namespace xcs::runtime {

/// Writes spans as they end. Complete when it is destroyed.
class TelemetryRecorder : public Observer {
public:
  /// Times count from `epochNs`, nanoseconds since 1970. The ids of traces and spans
  /// come from `seed`, which should be another one each time.
  TelemetryRecorder(llvm::raw_ostream &os, uint64_t epochNs, uint64_t seed);
  ~TelemetryRecorder() override;

  void onRunStarted(const Engine &run, llvm::ArrayRef<Value> inputs, double now) override;
  void onRunEnded(const Engine &run, const Outcome &outcome, double now) override;
  void onSent(const Query &query, double now) override;
  void onAnswered(const Query &query, const Reply &reply, const Charge &charge,
                  double now) override;
  void onBrokenOff(const Query &query, const Charge &charge, double now) override;

private:
  struct Trace {
    std::string id, root; ///< in hexadecimal digits
    double start = 0;
  };

  std::string makeId(unsigned bytes);
  void writeQuery(const Query &query, const Charge &charge, llvm::StringRef failure,
                  llvm::StringRef kind, double now);
  template <typename Attributes>
  void writeSpan(const Trace &trace, llvm::StringRef id, llvm::StringRef name, double start,
                 double end, llvm::StringRef failure, Attributes attributes);
  void add(llvm::StringRef key, llvm::StringRef value);
  void add(llvm::StringRef key, int64_t value);
  void add(llvm::StringRef key, double value);
  template <typename T> void addKnown(llvm::StringRef key, const std::optional<T> &value) {
    if (value)
      add(key, *value);
  }
  void addRequest(const Request &request, const Query &query, const Charge &charge);

  llvm::json::OStream json;
  uint64_t epochNs, state;
  llvm::DenseMap<const Engine *, Trace> traces; ///< of runs that have not ended
  llvm::DenseMap<uint64_t, double> sent;        ///< when, by query
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_TELEMETRY_H

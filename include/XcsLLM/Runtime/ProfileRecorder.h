//===- ProfileRecorder.h - What runs measure --------------------*- C++ -*-===//
//
// Means of lengths, times and chances over all runs of a plan, as docs/Profiles.md has
// them: for `xcs-opt --xcs-apply-profile`.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_PROFILERECORDER_H
#define XCSLLM_RUNTIME_PROFILERECORDER_H

#include "XcsLLM/Runtime/Observer.h"
#include "llvm/Support/JSON.h"
#include <map>

namespace xcs::runtime {

class ProfileRecorder : public Observer {
public:
  ProfileRecorder(const Document &document, bool isSimulated)
      : document(document), isSimulated(isSimulated) {}

  /// Writes what was measured by now.
  void write(llvm::raw_ostream &os) const;

  void onRunStarted(const Engine &run, llvm::ArrayRef<Value> inputs, double now) override;
  void onScopeEnded(const ScopeEvent &event, ScopeEnd end, double now) override;
  void onVoted(const Engine &run, const Task &task, llvm::ArrayRef<Iteration> path, double share,
               double now) override;
  void onSent(const Query &query, double now) override;
  void onAnswered(const Query &query, const Reply &reply, const Charge &charge,
                  double now) override;
  void onBrokenOff(const Query &query, const Charge &charge, double now) override;
  void onSettled(const Job &job, llvm::ArrayRef<Value> outputs, double now) override;
  void onLookUp(const Job &job, bool isHit, double now) override;
  void onRecalled(const Job &job, const KeptAnswer &answer, double now) override;

private:
  struct Mean {
    double sum = 0;
    int64_t count = 0;
    void add(double value) {
      sum += value;
      ++count;
    }
  };
  struct Share {
    int64_t runs = 0, hits = 0;
    void add(bool isHit) {
      ++runs;
      hits += isHit;
    }
  };
  /// A straight line through points, by least squares.
  struct Line {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    void add(double atX, double atY);
    /// Its height at 0 and its slope; none if all points are at one x.
    std::optional<std::pair<double, double>> fit() const;
  };
  struct MeasuredModel {
    Line latency; ///< in ms, by tokens of a sample
    Share failures;
  };
  struct MeasuredTask {
    int64_t calls = 0; ///< or requests, that something came of
    int64_t samples = 0, failures = 0;
    Mean inputTokens, outputTokens, latencyMs, agreement;
    Share cache, condition;
    std::vector<Share> stages;
  };
  struct MeasuredInput {
    Mean tokens, count;
  };
  struct MeasuredPlan {
    int64_t runs = 0;
    std::vector<MeasuredInput> inputs;
    std::map<size_t, MeasuredTask> tasks; ///< by index
  };
  MeasuredTask &get(const Engine &run, const Task &task);
  void addStage(const ScopeEvent &event, const Task &cascade, ScopeEnd end);
  void measure(const Job &job, llvm::ArrayRef<Value> values,
               const std::optional<TokenCounts> &usage, double latencyMs);
  void measureTexts(const Value &value, Mean &tokens) const;
  void write(llvm::json::OStream &json, const Plan &plan, const MeasuredPlan &measured) const;
  void write(llvm::json::OStream &json, const Task &task, const MeasuredTask &measured) const;

  const Document &document;
  bool isSimulated;
  std::map<const Plan *, MeasuredPlan> plans;
  std::map<std::string, MeasuredModel> models;
  std::map<uint64_t, double> sent;             ///< when, by query
  std::map<const Task *, const Task *> keptOf; ///< whose answers a lookup looks for; may be null
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_PROFILERECORDER_H

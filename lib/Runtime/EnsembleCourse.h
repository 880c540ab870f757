//===- EnsembleCourse.h - How members come to one result --------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_ENSEMBLECOURSE_H
#define XCSLLM_LIB_RUNTIME_ENSEMBLECOURSE_H

#include "XcsLLM/Runtime/Courses.h"
#include "XcsLLM/Runtime/Votes.h"

namespace xcs::runtime {

class EnsembleCourse : public Course {
public:
  EnsembleCourse(const Plan &plan, const Control &control, Pace pace);

  size_t getOpen() const override { return waveEnd; }
  ScopeRun getRun(size_t number) const override { return {control.scopes[number]}; }
  void add(size_t number, Settled settled) override;
  const std::vector<Value> *getOutputs() const override { return isDone ? &outputs : nullptr; }
  std::optional<double> getAgreement() const override;

private:
  struct Member {
    Settled settled;
    bool hasValue = false;
  };

  void cast(const Member &member, size_t number, Votes &votes) const;
  /// What may still come of votes, of members that have not settled.
  std::optional<int64_t> countOpenVotes() const;
  /// Whether the result is known while members of the wave are still running.
  bool isKnown() const;
  /// Whether no further wave is started, now that a wave has settled.
  bool isDecided() const;
  void finish();
  std::vector<Value> choose() const;
  /// All that have been counted.
  const Votes &getVotes() const { return done == waveEnd ? inOrder : arrived; }

  const Plan &plan;
  const Control &control;
  bool decidesEarly;
  std::vector<Member> members; ///< of the waves that have started
  size_t wave = 0, waveEnd, done = 0, present = 0;
  int64_t openVotes = 0;
  size_t openUnknown = 0; ///< members that may have any number of votes
  Votes arrived, inOrder; ///< as they came, and in the order of members of whole waves
  size_t firstPresent = 0;
  bool isDone = false;
  std::vector<Value> outputs;
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_ENSEMBLECOURSE_H

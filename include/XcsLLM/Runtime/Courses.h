//===- Courses.h - How control comes to its outputs -------------*- C++ -*-===//
//
// A course is one run of a batch, an ensemble, a cascade, a chain or a conditional:
// which of its scopes run, and when, and what its outputs are. It does not run them.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_COURSES_H
#define XCSLLM_RUNTIME_COURSES_H

#include "XcsLLM/Runtime/Graph.h"
#include <memory>

namespace xcs::runtime {

/// What a run of a scope has come to.
struct Settled {
  std::vector<Value> yields;
  Value verdict = Value::flag(true), score; ///< true, and failed, where it has none
  bool isAccepted() const { return verdict.getFlag() && *verdict.getFlag(); }
};

/// A scope to run.
struct ScopeRun {
  uint32_t scope;
  int64_t index = 0;        ///< which item, or which attempt
  bool isIteration = false; ///< whether that is part of what tells its tasks apart
  std::vector<Value> arguments = {};
};

class Course {
public:
  virtual ~Course();
  /// How many runs may have started by now, in all.
  virtual size_t getOpen() const = 0;
  /// The run with that number, from 0.
  virtual ScopeRun getRun(size_t number) const = 0;
  /// Takes what that run came to.
  virtual void add(size_t number, Settled settled) = 0;
  /// The outputs, or null while they are open. Failed outputs are fewer than they
  /// should be.
  virtual const std::vector<Value> *getOutputs() const = 0;
  /// Of a vote that is over: the winner's share of all votes.
  virtual std::optional<double> getAgreement() const { return std::nullopt; }
};

/// The course of a task whose inputs have not failed; null if they do not fit each
/// other.
std::unique_ptr<Course> startCourse(const Plan &plan, const Task &task, std::vector<Value> inputs,
                                    Pace pace);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_COURSES_H

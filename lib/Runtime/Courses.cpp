//===- Courses.cpp - How control comes to its outputs ----------------------===//

#include "XcsLLM/Runtime/Courses.h"
#include "EnsembleCourse.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

Course::~Course() = default;

namespace {

/// One run of one scope, or none.
class SingleCourse : public Course {
public:
  explicit SingleCourse(std::optional<uint32_t> scope) : scope(scope), isDone(!scope) {}

  size_t getOpen() const override { return scope ? 1 : 0; }
  ScopeRun getRun(size_t number) const override { return {*scope}; }
  void add(size_t number, Settled settled) override {
    outputs = std::move(settled.yields);
    isDone = true;
  }
  const std::vector<Value> *getOutputs() const override { return isDone ? &outputs : nullptr; }

private:
  std::optional<uint32_t> scope;
  bool isDone;
  std::vector<Value> outputs;
};

/// A run for each item, all at once.
class BatchCourse : public Course {
public:
  BatchCourse(uint32_t scope, std::vector<Value> lists, size_t width)
      : scope(scope), width(width), lists(std::move(lists)),
        items(this->lists[0].getList()->size()) {
    if (items.empty())
      finish();
  }

  size_t getOpen() const override { return items.size(); }
  ScopeRun getRun(size_t number) const override {
    ScopeRun run{scope, int64_t(number), true};
    for (const Value &list : lists)
      run.arguments.push_back((*list.getList())[number]);
    return run;
  }
  void add(size_t number, Settled settled) override {
    items[number] = std::move(settled);
    if (++done == items.size())
      finish();
  }
  const std::vector<Value> *getOutputs() const override {
    return done == items.size() ? &outputs : nullptr;
  }

private:
  void finish() {
    std::vector<Value::List> results(width);
    for (Settled &item : items)
      if (item.isAccepted())
        for (auto [result, value] : zip(results, item.yields))
          result.push_back(std::move(value));
    for (Value::List &result : results)
      outputs.push_back(Value::list(std::move(result)));
  }

  uint32_t scope;
  size_t width; ///< yields of each
  std::vector<Value> lists;
  std::vector<Settled> items;
  size_t done = 0;
  std::vector<Value> outputs;
};

/// Stages one after another, until one is accepted.
class CascadeCourse : public Course {
public:
  CascadeCourse(const Plan &plan, const Control &control) : plan(plan), control(control) {}

  size_t getOpen() const override { return opened; }
  ScopeRun getRun(size_t number) const override {
    uint32_t scope = control.scopes[stage];
    return {scope, attempt, plan.scopes[scope].attempts > 1};
  }
  void add(size_t number, Settled settled) override {
    bool isAccepted = settled.isAccepted() && !anyFailed(settled.yields);
    outputs = std::move(settled.yields);
    if (++attempt == plan.scopes[control.scopes[stage]].attempts) {
      attempt = 0;
      ++stage;
    }
    // The last one's verdict decides nothing: there is no one to hand over to.
    isDone = isAccepted || stage == control.scopes.size();
    opened += !isDone;
  }
  const std::vector<Value> *getOutputs() const override { return isDone ? &outputs : nullptr; }

private:
  const Plan &plan;
  const Control &control;
  size_t opened = 1, stage = 0;
  int64_t attempt = 0;
  bool isDone = false;
  std::vector<Value> outputs;
};

} // namespace

static std::unique_ptr<Course> startBatch(const Task &task, std::vector<Value> lists) {
  const Value::List *first = lists[0].getList();
  bool isEven = first && all_of(lists, [&](const Value &list) {
                  return list.getList() && list.getList()->size() == first->size();
                });
  if (!isEven)
    return nullptr;
  uint32_t scope = std::get<Control>(task.details).scopes[0];
  return std::make_unique<BatchCourse>(scope, std::move(lists), task.outputs.size());
}

std::unique_ptr<Course> startCourse(const Plan &plan, const Task &task, std::vector<Value> inputs,
                                    Pace pace) {
  const Control &control = std::get<Control>(task.details);
  switch (task.kind) {
  case TaskKind::Batch:
    return startBatch(task, std::move(inputs));
  case TaskKind::Cascade:
    return std::make_unique<CascadeCourse>(plan, control);
  case TaskKind::Ensemble:
    return std::make_unique<EnsembleCourse>(plan, control, pace);
  case TaskKind::Conditional: {
    const bool *condition = inputs[0].getFlag();
    for (uint32_t scope : control.scopes)
      if (condition && plan.scopes[scope].condition == *condition)
        return std::make_unique<SingleCourse>(scope);
    return std::make_unique<SingleCourse>(std::nullopt);
  }
  default:
    return std::make_unique<SingleCourse>(control.scopes[0]);
  }
}

} // namespace xcs::runtime

//===- Interpreter.cpp - Plans run one task after another ------------------===//
//
// Scopes nest as deep as control does in the program, and so does this; nothing else
// recurses.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Runtime/Interpreter.h"
#include "XcsLLM/Runtime/Votes.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include <random>

using namespace llvm;

namespace xcs::runtime {

Backend::~Backend() = default;

Value Backend::read(const Call &call) {
  const Parse &parse = call.get<Parse>();
  const std::string *text = call.inputs[0].getText();
  Value value = text ? readResponse(parse, *text, call.getType()) : failed;
  return value.isFailed() ? parse.otherwise : value;
}

namespace {

/// One run of a scope: its arguments, and what its tasks have given.
struct Frame {
  const Scope *scope;
  ArrayRef<Value> arguments;
  const Frame *around;
  std::vector<Value> results;
};

/// What a scope has come to.
struct Settled {
  std::vector<Value> yields;
  Value verdict, score; ///< true, and failed, where it has none
  bool isAccepted() const { return verdict.getFlag() && *verdict.getFlag(); }
};

class Interpreter {
public:
  Interpreter(const Document &document, const Plan &plan, Backend &backend,
              std::optional<uint64_t> orderSeed)
      : document(document), plan(plan), backend(backend) {
    if (orderSeed)
      dice.emplace(*orderSeed);
  }

  Expected<Outcome> run(ArrayRef<Value> inputs);

private:
  const Scope &getScope(uint32_t index) const { return plan.scopes[index]; }
  Settled runScope(const Scope &scope, ArrayRef<Value> arguments, const Frame *around);
  /// Runs it as a scope that may run more than once, for the time that has this index.
  Settled runIteration(const Scope &scope, int64_t index, ArrayRef<Value> arguments,
                       const Frame &around);
  const Value &resolve(const Reference &reference, const Frame &frame) const;
  std::vector<uint32_t> drawOrder(const Scope &scope);

  void runTask(const Task &task, Frame &frame);
  std::vector<Value> give(const Task &task, ArrayRef<Value> inputs, const Frame &frame);
  Value giveOne(const Call &call);
  std::vector<Value> useTool(const Call &call);
  std::vector<Value> control(const Task &task, ArrayRef<Value> inputs, const Frame &frame);
  std::vector<Value> runBatch(const Task &task, ArrayRef<Value> inputs, const Frame &frame);
  std::vector<Value> runCascade(const Control &control, const Frame &frame);
  std::vector<Value> runEnsemble(const Task &task, const Frame &frame);

  const Document &document;
  const Plan &plan;
  Backend &backend;
  std::optional<std::mt19937_64> dice;
  SmallVector<Iteration> path;
  Outcome outcome;
  std::string fault; ///< what must not be; ends the run
};

} // namespace

//===----------------------------------------------------------------------===//
// Scopes
//===----------------------------------------------------------------------===//

const Value &Interpreter::resolve(const Reference &reference, const Frame &frame) const {
  if (reference.kind == Reference::Kind::Constant)
    return document.constants[reference.index];
  const Frame *at = &frame;
  while (at->scope != &plan.scopes[reference.scope])
    at = at->around;
  return reference.kind == Reference::Kind::Argument ? at->arguments[reference.index]
                                                     : at->results[reference.index];
}

/// A random order in which each task comes behind those that it needs.
std::vector<uint32_t> Interpreter::drawOrder(const Scope &scope) {
  DenseMap<uint32_t, uint32_t> open;
  DenseMap<uint32_t, std::vector<uint32_t>> waiting;
  std::vector<uint32_t> ready, order;
  for (uint32_t task : scope.tasks) {
    open[task] = plan.tasks[task].needs.size();
    for (uint32_t needed : plan.tasks[task].needs)
      waiting[needed].push_back(task);
    if (plan.tasks[task].needs.empty())
      ready.push_back(task);
  }
  while (!ready.empty()) {
    std::swap(ready[(*dice)() % ready.size()], ready.back());
    order.push_back(ready.back());
    ready.pop_back();
    for (uint32_t next : waiting.lookup(order.back()))
      if (--open[next] == 0)
        ready.push_back(next);
  }
  return order;
}

Settled Interpreter::runScope(const Scope &scope, ArrayRef<Value> arguments, const Frame *around) {
  Frame frame{&scope, arguments, around, std::vector<Value>(scope.results)};
  std::vector<uint32_t> order;
  if (dice)
    order = drawOrder(scope);
  for (uint32_t task : dice ? order : scope.tasks) {
    runTask(plan.tasks[task], frame);
    if (outcome.isStopped || !fault.empty())
      return {};
  }
  Settled settled{{}, Value::flag(true), failed};
  for (const Reference &reference : scope.yields)
    settled.yields.push_back(resolve(reference, frame));
  if (scope.verdict)
    settled.verdict = resolve(*scope.verdict, frame);
  if (scope.score)
    settled.score = resolve(*scope.score, frame);
  return settled;
}

Settled Interpreter::runIteration(const Scope &scope, int64_t index, ArrayRef<Value> arguments,
                                  const Frame &around) {
  path.push_back({&scope, index});
  Settled settled = runScope(scope, arguments, &around);
  path.pop_back();
  return settled;
}

Expected<Outcome> Interpreter::run(ArrayRef<Value> inputs) {
  if (inputs.size() != plan.inputs.size())
    return createStringError(plan.name + ": must have " + Twine(plan.inputs.size()) +
                             " inputs (got " + Twine(inputs.size()) + ")");
  for (auto [at, value, port] : enumerate(inputs, plan.inputs))
    if (!fits(value, port.type))
      return createStringError(plan.name + ": input " + Twine(at) + " must be of its type");
  Settled settled = runScope(plan.scopes[0], inputs, nullptr);
  if (!fault.empty())
    return createStringError(plan.name + "/" + fault);
  outcome.outputs = std::move(settled.yields);
  if (outcome.isStopped)
    outcome.outputs.assign(plan.outputs.size(), failed);
  return std::move(outcome);
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

void Interpreter::runTask(const Task &task, Frame &frame) {
  SmallVector<Value> inputs;
  for (const Reference &input : task.inputs)
    inputs.push_back(resolve(input, frame));
  std::vector<Value> outputs = give(task, inputs, frame);
  if (outcome.isStopped || !fault.empty())
    return;
  bool isRight = outputs.size() == task.outputs.size() &&
                 all_of(zip(outputs, task.outputs), [](const auto &pair) {
                   return fits(std::get<0>(pair), std::get<1>(pair));
                 });
  if (!isRight) {
    fault = task.id + ": an output is not of its type";
    return;
  }
  llvm::move(outputs, frame.results.begin() + task.firstResult);
}

static bool hasFailure(const Value &value) {
  return value.isFailed() || (value.getList() && any_of(*value.getList(), hasFailure));
}

/// Whether an operand decides early: what the other one would have been, failed or not,
/// is unknown then, as if it had been cancelled.
static bool isDecided(const Arith &arith, ArrayRef<Value> inputs) {
  return any_of(arith.deciders, [&](int64_t input) {
    const bool *flag = size_t(input) < inputs.size() ? inputs[input].getFlag() : nullptr;
    return flag && *flag == arith.decidedBy;
  });
}

std::vector<Value> Interpreter::give(const Task &task, ArrayRef<Value> inputs, const Frame &frame) {
  Call call{document, plan, task, inputs, path};
  if (task.kind == TaskKind::Arith && isDecided(call.get<Arith>(), inputs))
    return {Value::flag(call.get<Arith>().decidedBy)};
  if (task.kind == TaskKind::Arith || task.kind == TaskKind::Tensor) {
    Value value = task.kind == TaskKind::Arith
                      ? compute(call.get<Arith>(), inputs, call.getType().item)
                      : build(call.get<Tensor>(), inputs, call.getType());
    outcome.computedFailures += hasFailure(value) && none_of(inputs, hasFailure);
    return {value};
  }
  if (task.kind == TaskKind::Tool)
    return useTool(call);
  if (anyFailed(inputs))
    return std::vector<Value>(task.outputs.size());
  if (task.kind >= TaskKind::Batch)
    return control(task, inputs, frame);
  return {giveOne(call)};
}

Value Interpreter::giveOne(const Call &call) {
  switch (call.task.kind) {
  case TaskKind::Template: {
    const TemplateUse &use = call.get<TemplateUse>();
    return render(document.templates[use.index], use.separator, call.inputs);
  }
  case TaskKind::Parse:
    return backend.read(call);
  case TaskKind::CacheLookup:
    return backend.lookUp(call);
  case TaskKind::CacheStore:
    if (!hasFailure(call.inputs[0]))
      backend.store(call);
    return call.inputs[0];
  default:
    return backend.ask(call);
  }
}

std::vector<Value> Interpreter::useTool(const Call &call) {
  bool isPure = document.tools[call.get<ToolUse>().tool].isPure;
  if (!anyFailed(call.inputs))
    return backend.use(call);
  outcome.isStopped |= !isPure;
  return std::vector<Value>(call.task.outputs.size());
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

std::vector<Value> Interpreter::control(const Task &task, ArrayRef<Value> inputs,
                                        const Frame &frame) {
  const Control &control = std::get<Control>(task.details);
  switch (task.kind) {
  case TaskKind::Batch:
    return runBatch(task, inputs, frame);
  case TaskKind::Cascade:
    return runCascade(control, frame);
  case TaskKind::Ensemble:
    return runEnsemble(task, frame);
  case TaskKind::Conditional: {
    const bool *condition = inputs[0].getFlag();
    for (uint32_t index : control.scopes)
      if (condition && getScope(index).condition == *condition)
        return runScope(getScope(index), {}, &frame).yields;
    return std::vector<Value>(task.outputs.size());
  }
  default:
    return runScope(getScope(control.scopes[0]), {}, &frame).yields;
  }
}

std::vector<Value> Interpreter::runBatch(const Task &task, ArrayRef<Value> inputs,
                                         const Frame &frame) {
  const Scope &scope = getScope(std::get<Control>(task.details).scopes[0]);
  const Value::List *first = inputs[0].getList();
  bool isEven = first && all_of(inputs, [&](const Value &list) {
                  return list.getList() && list.getList()->size() == first->size();
                });
  if (!isEven) {
    ++outcome.computedFailures;
    return std::vector<Value>(task.outputs.size());
  }
  std::vector<Value::List> lists(task.outputs.size());
  for (size_t at = 0; at < first->size(); ++at) {
    SmallVector<Value, 2> items;
    for (const Value &list : inputs)
      items.push_back((*list.getList())[at]);
    Settled item = runIteration(scope, at, items, frame);
    if (outcome.isStopped || !fault.empty())
      return {};
    if (item.isAccepted())
      for (auto [list, value] : zip(lists, item.yields))
        list.push_back(std::move(value));
  }
  std::vector<Value> outputs;
  for (Value::List &list : lists)
    outputs.push_back(Value::list(std::move(list)));
  return outputs;
}

std::vector<Value> Interpreter::runCascade(const Control &control, const Frame &frame) {
  Settled settled;
  for (uint32_t index : control.scopes) {
    const Scope &scope = getScope(index);
    for (int64_t attempt = 0; attempt < scope.attempts; ++attempt) {
      settled = scope.attempts > 1 ? runIteration(scope, attempt, {}, frame)
                                   : runScope(scope, {}, &frame);
      bool isLast = index == control.scopes.back() && attempt + 1 == scope.attempts;
      // The last one's verdict decides nothing: there is no one to hand over to.
      if (isLast || outcome.isStopped || !fault.empty() ||
          (settled.isAccepted() && !anyFailed(settled.yields)))
        return std::move(settled.yields);
    }
  }
  return std::move(settled.yields);
}

namespace {

/// The members of an ensemble that have run, and what they say.
class Members {
public:
  Members(const Control &control, const Plan &plan) : control(control), plan(plan) {}

  void add(Settled settled) {
    const Scope &scope = plan.scopes[control.scopes[count++]];
    bool hasValue = settled.isAccepted() && !anyFailed(settled.yields) &&
                    (control.policy != Policy::Best || settled.score.getNumber());
    if (!hasValue)
      return;
    const Value::List *items = scope.votesAreItems ? settled.yields[0].getList() : nullptr;
    if (items)
      for (const Value &item : *items)
        votes.cast({item});
    else if (control.policy == Policy::Majority)
      votes.cast(settled.yields);
    present.push_back(std::move(settled));
  }

  /// Whether no further wave is started.
  bool isDecided() const {
    if (control.policy == Policy::All)
      return present.size() < count;
    if (control.policy == Policy::First)
      return !present.empty();
    if (control.policy == Policy::Best)
      return false;
    std::optional<int64_t> rest = 0;
    for (uint32_t index : ArrayRef(control.scopes).drop_front(count)) {
      std::optional<int64_t> most = plan.scopes[index].maxVotes;
      rest = rest && most ? std::optional(*rest + *most) : std::nullopt;
    }
    return votes.isDecided(rest, control.quorum, control.confidence);
  }

  /// The outputs, or none if there is no result.
  std::vector<Value> choose() const {
    if (control.policy == Policy::Majority) {
      const std::vector<Value> *winner = votes.getWinner(control.quorum);
      return winner ? *winner : std::vector<Value>();
    }
    if (control.policy == Policy::All) {
      Value::List values;
      for (const Settled &member : present)
        values.push_back(member.yields[0]);
      bool isWhole = values.size() == control.scopes.size();
      return isWhole ? std::vector<Value>{Value::list(std::move(values))} : std::vector<Value>();
    }
    if (present.empty())
      return {};
    const Settled *chosen = &present[0];
    if (control.policy == Policy::Best) // of equals the first
      chosen = max_element(present, [](const Settled &a, const Settled &b) {
        return *a.score.getNumber() < *b.score.getNumber();
      });
    return chosen->yields;
  }

private:
  const Control &control;
  const Plan &plan;
  size_t count = 0;
  SmallVector<Settled> present; ///< those that have a value
  Votes votes;
};

} // namespace

std::vector<Value> Interpreter::runEnsemble(const Task &task, const Frame &frame) {
  const Control &control = std::get<Control>(task.details);
  Members members(control, plan);
  ArrayRef<uint32_t> rest = control.scopes;
  for (auto [wave, size] : enumerate(control.waves)) {
    if (wave && members.isDecided())
      break;
    for (uint32_t index : rest.take_front(size)) {
      members.add(runScope(getScope(index), {}, &frame));
      if (outcome.isStopped || !fault.empty())
        return {};
    }
    rest = rest.drop_front(size);
  }
  std::vector<Value> chosen = members.choose();
  outcome.computedFailures += chosen.empty();
  return chosen.empty() ? std::vector<Value>(task.outputs.size()) : chosen;
}

Expected<Outcome> runPlan(const Document &document, const Plan &plan, ArrayRef<Value> inputs,
                          Backend &backend, std::optional<uint64_t> orderSeed) {
  return Interpreter(document, plan, backend, orderSeed).run(inputs);
}

} // namespace xcs::runtime

//===- EngineTasks.cpp - Runs of plans: their tasks ------------------------===//

#include "EngineState.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

const Task &Engine::getTask(const Frame &frame, uint32_t place) const {
  return plan.tasks[plan.scopes[frame.scope].tasks[place]];
}

SmallVector<Iteration, 2> Engine::getPath(const Frame &frame) const {
  SmallVector<Iteration, 2> path;
  for (const Frame *at = &frame; at; at = at->around)
    if (at->index >= 0)
      path.push_back({&plan.scopes[at->scope], at->index});
  std::reverse(path.begin(), path.end());
  return path;
}

void Engine::run(Frame &frame, uint32_t place) {
  const Task &task = getTask(frame, place);
  std::vector<Value> inputs;
  inputs.reserve(task.inputs.size());
  for (const Reference &input : task.inputs)
    inputs.push_back(resolve(input, frame));
  if (task.kind == TaskKind::Arith || task.kind == TaskKind::Tensor)
    return compute(frame, place, std::move(inputs));
  if (anyFailed(inputs)) {
    if (task.kind == TaskKind::Tool && graph.scopes[frame.scope].nodes[place].isImpure)
      return end(*find(1), "an input of tool '" + task.id + "' has failed", Ending::Unneeded);
    return settle(frame, place, std::vector<Value>(task.outputs.size()));
  }
  if (task.kind >= TaskKind::Batch)
    return startControl(frame, place, std::move(inputs));
  if (task.kind == TaskKind::Template) {
    const TemplateUse &use = std::get<TemplateUse>(task.details);
    return settle(frame, place, {render(document.templates[use.index], use.separator, inputs)});
  }
  if (task.kind == TaskKind::Parse)
    return read(frame, place, inputs);
  if (task.kind == TaskKind::CacheStore && hasFailure(inputs[0]))
    return settle(frame, place, {inputs[0]});
  runJob(frame, place, std::move(inputs));
}

void Engine::read(Frame &frame, uint32_t place, ArrayRef<Value> inputs) {
  const Task &task = getTask(frame, place);
  Value value = worker.read({document, plan, task, inputs, getPath(frame)});
  if (value.isFailed())
    note(task, [&] {
      const std::string *text = inputs[0].getText();
      return explainUnread(std::get<Parse>(task.details), text ? *text : "", task.outputs.front());
    });
  settle(frame, place, {std::move(value)});
}

void Engine::runJob(Frame &frame, uint32_t place, std::vector<Value> inputs) {
  if (graph.scopes[frame.scope].nodes[place].isImpure && !abandoned.empty()) {
    held.push_back({frame.id, place});
    return;
  }
  frame.nodes[place].state = State::Running;
  Job job{this, {frame.id, place}, &getTask(frame, place), {}, getPath(frame), frame.account};
  job.inputs.append(std::make_move_iterator(inputs.begin()), std::make_move_iterator(inputs.end()));
  if (std::optional<std::vector<Value>> outputs = worker.start(std::move(job)))
    settle(frame, place, std::move(*outputs));
}

/// Whether an operand decides early: what the other one would have been, failed or not,
/// is unknown then, as if it had been cancelled.
bool Engine::isDecided(Frame &frame, uint32_t place) const {
  const Task &task = getTask(frame, place);
  const auto *arith = std::get_if<Arith>(&task.details);
  return arith && any_of(arith->deciders, [&](int64_t input) {
           const bool *flag = size_t(input) < task.inputs.size()
                                  ? resolve(task.inputs[input], frame).getFlag()
                                  : nullptr;
           return flag && *flag == arith->decidedBy;
         });
}

void Engine::compute(Frame &frame, uint32_t place, std::vector<Value> inputs) {
  const Task &task = getTask(frame, place);
  if (isDecided(frame, place))
    return settle(frame, place, {Value::flag(std::get<Arith>(task.details).decidedBy)});
  const Type &type = task.outputs.front();
  Value value = task.kind == TaskKind::Arith
                    ? runtime::compute(std::get<Arith>(task.details), inputs, type.item)
                    : build(std::get<Tensor>(task.details), inputs, type);
  if (hasFailure(value) && none_of(inputs, hasFailure)) {
    ++outcome.computedFailures;
    note(task, [] { return "there is no result for its inputs"; });
  }
  settle(frame, place, {std::move(value)});
}

void Engine::note(const Task &task, function_ref<std::string()> explain) {
  constexpr size_t most = 10;
  auto known = find_if(outcome.failures, [&](const Failure &one) { return one.task == &task; });
  if (known != outcome.failures.end())
    ++known->times;
  else if (outcome.failures.size() < most)
    outcome.failures.push_back({&task, explain()});
}

//===----------------------------------------------------------------------===//
// Settling
//===----------------------------------------------------------------------===//

bool Engine::isWaitingFor(JobId id) const {
  const Frame *frame = find(id.frame);
  return frame && frame->nodes[id.place].state == State::Running;
}

void Engine::settle(JobId id, std::vector<Value> outputs, double time) {
  now = time;
  Frame *frame = find(id.frame);
  if (frame && frame->nodes[id.place].state == State::Running)
    return settle(*frame, id.place, std::move(outputs));
  if (!abandoned.erase({id.frame, id.place}) || !abandoned.empty())
    return;
  if (onWork)
    onWork(); // it may be done now
  for (JobId waiting : std::exchange(held, {}))
    if (Frame *other = find(waiting.frame))
      makeReady(*other, waiting.place);
}

void Engine::settle(Frame &frame, uint32_t place, std::vector<Value> outputs) {
  const Task &task = getTask(frame, place);
  bool isRight = outputs.size() == task.outputs.size() &&
                 all_of(zip(outputs, task.outputs), [](const auto &pair) {
                   return fits(std::get<0>(pair), std::get<1>(pair));
                 });
  if (!isRight) {
    fault = task.id + ": an output is not of its type";
    return finish();
  }
  llvm::move(outputs, frame.results.begin() + task.firstResult);
  frame.nodes[place].state = State::Settled;
  notify(frame, place);
  cancelHelpers(frame, place);
}

/// Those that wait for the task have one less to wait for; where it decides, none.
void Engine::notify(Frame &frame, uint32_t place) {
  auto release = [&](Frame &frame, uint32_t node) {
    bool isLast = --frame.nodes[node].open == 0;
    if (isLast || (graph.pace == Pace::AtOnce && node < frame.nodes.size() - 1 &&
                   frame.nodes[node].state == State::Waiting && isDecided(frame, node)))
      makeReady(frame, node);
  };
  for (uint32_t dependent : graph.scopes[frame.scope].nodes[place].dependents)
    release(frame, dependent);
  auto waiters = frame.waiters.find(place);
  if (waiters == frame.waiters.end())
    return;
  SmallVector<JobId, 1> nodes = std::move(waiters->second);
  frame.waiters.erase(waiters);
  for (JobId waiting : nodes)
    if (Frame *other = find(waiting.frame))
      release(*other, waiting.place);
}

/// What only the task needed is unnecessary, and what only that needed, too.
void Engine::cancelHelpers(Frame &frame, uint32_t place) {
  const std::vector<Graph::Node> &nodes = graph.scopes[frame.scope].nodes;
  SmallVector<uint32_t> settled = {place};
  while (!settled.empty())
    for (uint32_t helper : nodes[settled.pop_back_val()].helpers) {
      State &state = frame.nodes[helper].state;
      if (state == State::Settled)
        continue;
      if (state == State::Running)
        breakOff(frame, helper);
      state = State::Settled;
      notify(frame, helper);
      settled.push_back(helper);
    }
}

void Engine::breakOff(Frame &frame, uint32_t place) {
  auto control = frame.controls.find(place);
  if (control == frame.controls.end())
    return worker.cancel(*this, {frame.id, place});
  for (auto [number, run] : control->second->runs)
    close(run);
  frame.controls.erase(control);
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

void Engine::startControl(Frame &frame, uint32_t place, std::vector<Value> inputs) {
  const Task &task = getTask(frame, place);
  std::unique_ptr<Course> course = startCourse(plan, task, std::move(inputs), graph.pace);
  if (!course) {
    ++outcome.computedFailures;
    note(task, [] { return "its lists must be equally long"; });
    return settle(frame, place, std::vector<Value>(task.outputs.size()));
  }
  frame.nodes[place].state = State::Running;
  std::unique_ptr<Control> &control = frame.controls[place];
  control = std::make_unique<Control>(frame, place, std::move(course));
  advance(*control);
}

/// Opens what may run now, or settles the task.
void Engine::advance(Control &control) {
  constexpr size_t mostAtOnce = 64;
  Frame &frame = control.frame;
  uint32_t place = control.place;
  Course &course = *control.course;
  if (const std::vector<Value> *known = course.getOutputs()) {
    const Task &task = getTask(frame, place);
    std::vector<Value> outputs = *known;
    if (outputs.empty() && task.kind == TaskKind::Ensemble) {
      ++outcome.computedFailures;
      note(task, [] { return "too few of its members have a value"; });
    }
    outputs.resize(task.outputs.size());
    tellVote(control);
    breakOff(frame, place);
    return settle(frame, place, std::move(outputs));
  }
  if (control.isQueued)
    return;
  bool inTurn = graph.pace == Pace::InTurn;
  size_t last = control.opened + mostAtOnce;
  while (control.opened < course.getOpen() && !(inTurn && !control.runs.empty())) {
    if (control.opened == last) {
      control.isQueued = true;
      return toOpen.push({frame.id, place});
    }
    size_t number = control.opened++;
    control.runs[number] = lastFrame + 1;
    open(course.getRun(number), &frame, place, number);
  }
}

void Engine::openMore() {
  JobId next = toOpen.front();
  toOpen.pop();
  Frame *frame = find(next.frame);
  if (!frame)
    return;
  auto control = frame->controls.find(next.place);
  if (control == frame->controls.end())
    return;
  control->second->isQueued = false;
  advance(*control->second);
}

} // namespace xcs::runtime

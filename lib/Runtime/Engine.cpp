//===- Engine.cpp - Runs of plans: their scopes ----------------------------===//
//
// Nothing here recurses: what becomes ready is put in a queue.
//
//===----------------------------------------------------------------------===//

#include "EngineState.h"
#include "XcsLLM/Runtime/Observer.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;

namespace xcs::runtime {

Worker::~Worker() = default;

Value Worker::read(const Call &call) { return readResponse(call); }

Call Job::getCall() const { return {run->document, run->plan, *task, inputs, path}; }

Value readResponse(const Call &call) {
  const Parse &parse = call.get<Parse>();
  const std::string *text = call.inputs[0].getText();
  Value value = text ? readResponse(parse, *text, call.getType()) : failed;
  return value.isFailed() ? parse.otherwise : value;
}

Engine::Engine(const Document &document, const Plan &plan, const Graph &graph, Worker &worker,
               std::optional<uint64_t> orderSeed)
    : document(document), plan(plan), graph(graph), worker(worker),
      account(std::make_shared<Account>()) {
  if (orderSeed)
    dice.emplace(*orderSeed);
}

Engine::~Engine() = default;

Error Engine::checkInputs(const Plan &plan, ArrayRef<Value> inputs) {
  if (inputs.size() != plan.inputs.size())
    return createStringError(plan.name + ": must have " + Twine(plan.inputs.size()) +
                             " inputs (got " + Twine(inputs.size()) + ")");
  for (auto [at, value, port] : enumerate(inputs, plan.inputs))
    if (!fits(value, port.type))
      return createStringError(plan.name + ": input " + Twine(at) + " must be of its type");
  return Error::success();
}

void Engine::start(std::vector<Value> inputs, double time) {
  startMs = now = time;
  for (Observer *observer : observers)
    observer->onRunStarted(*this, inputs, now);
  open({0, 0, false, std::move(inputs)}, nullptr, 0, 0);
}

void Engine::work(double time) {
  now = time;
  while (!ready.empty() && !isOver) {
    JobId next = ready.top().node;
    ready.pop();
    Frame *frame = find(next.frame);
    if (!frame || frame->nodes[next.place].state != State::Waiting)
      continue;
    if (next.place == graph.scopes[frame->scope].getEnd())
      settleScope(*frame);
    else
      run(*frame, next.place);
  }
}

//===----------------------------------------------------------------------===//
// Scopes
//===----------------------------------------------------------------------===//

Engine::Frame *Engine::find(uint64_t id) const {
  auto found = frames.find(id);
  return found == frames.end() ? nullptr : found->second.get();
}

Engine::Frame &Engine::findScope(Frame &frame, uint32_t scope) const {
  Frame *at = &frame;
  while (at->scope != scope)
    at = at->around;
  return *at;
}

const Value &Engine::resolve(const Reference &reference, Frame &frame) const {
  if (reference.kind == Reference::Kind::Constant)
    return document.constants[reference.index];
  Frame &at = findScope(frame, reference.scope);
  return reference.kind == Reference::Kind::Argument ? at.arguments[reference.index]
                                                     : at.results[reference.index];
}

void Engine::makeReady(Frame &frame, uint32_t node) {
  if (ready.empty() && onWork)
    onWork();
  bool inTurn = graph.pace == Pace::InTurn;
  uint64_t order = dice ? (*dice)() : inTurn ? node : ++lastOrder;
  ready.push({inTurn ? frame.depth : 0, order, {frame.id, node}});
}

void Engine::open(ScopeRun run, Frame *around, uint32_t owner, size_t number) {
  const Scope &scope = plan.scopes[run.scope];
  const Graph::Nodes &nodes = graph.scopes[run.scope];
  std::unique_ptr<Frame> &slot = frames[++lastFrame];
  slot = std::make_unique<Frame>();
  Frame &frame = *slot;
  frame.id = lastFrame;
  frame.scope = run.scope;
  frame.depth = around ? around->depth + 1 : 0;
  frame.around = around;
  frame.owner = owner;
  frame.number = number;
  frame.index = run.isIteration ? run.index : -1;
  frame.arguments = std::move(run.arguments);
  frame.results.resize(scope.results);
  frame.account = around ? around->account : account;
  if (scope.limits.isLimited())
    limit(frame, scope.limits);
  frame.nodes.reserve(nodes.nodes.size());
  for (const Graph::Node &node : nodes.nodes)
    frame.nodes.push_back({node.needs});
  for (const Graph::Outer &outer : nodes.outer) {
    Frame &other = findScope(frame, outer.scope);
    if (other.nodes[outer.place].state == State::Settled)
      continue;
    other.waiters[outer.place].push_back({frame.id, outer.node});
    ++frame.nodes[outer.node].open;
  }
  tellStart(frame);
  for (uint32_t node = 0; node < frame.nodes.size(); ++node)
    if (frame.nodes[node].open == 0)
      makeReady(frame, node);
}

void Engine::settleScope(Frame &frame) {
  const Account &own = *frame.account;
  if (frame.around && own.frame == frame.id && own.isOverspent()) {
    std::string reason;
    raw_string_ostream(reason) << format("it has cost %.6f dollars, and may cost %.6f",
                                         own.spentUsd, own.budgetUsd);
    return end(frame, std::move(reason), Ending::Limited);
  }
  const Scope &scope = plan.scopes[frame.scope];
  Settled settled;
  for (const Reference &reference : scope.yields)
    settled.yields.push_back(resolve(reference, frame));
  if (scope.verdict)
    settled.verdict = resolve(*scope.verdict, frame);
  if (scope.score)
    settled.score = resolve(*scope.score, frame);
  giveToOwner(frame, std::move(settled));
}

void Engine::giveToOwner(Frame &frame, Settled settled) {
  frame.hasEnded = true;
  tellEnd(frame, anyFailed(settled.yields) ? ScopeEnd::Failed
                 : settled.isAccepted()    ? ScopeEnd::Accepted
                                           : ScopeEnd::Rejected);
  if (!frame.around) {
    outcome.outputs = std::move(settled.yields);
    return finish();
  }
  Control &control = *frame.around->controls.find(frame.owner)->second;
  size_t number = frame.number;
  control.runs.erase(number);
  close(frame.id);
  control.course->add(number, std::move(settled));
  advance(control);
}

/// Drops the scope, and all that runs in it.
void Engine::close(uint64_t id) {
  SmallVector<uint64_t> open = {id};
  std::vector<std::unique_ptr<Frame>> closed; // scopes inside look at those around them
  while (!open.empty()) {
    auto found = frames.find(open.pop_back_val());
    closed.push_back(std::move(found->second));
    frames.erase(found);
    const Frame *frame = closed.back().get();
    if (!frame->hasEnded)
      tellEnd(*frame, ScopeEnd::Cancelled);
    for (auto [place, node] : enumerate(frame->nodes)) {
      if (node.state != State::Running)
        continue;
      auto control = frame->controls.find(place);
      if (control != frame->controls.end())
        for (auto [number, run] : control->second->runs)
          open.push_back(run);
      else
        giveUp(*frame, place);
    }
  }
}

/// Nobody waits for the job any more. An impure tool that was called is not broken off.
void Engine::giveUp(const Frame &frame, uint32_t place) {
  JobId job{frame.id, place};
  if (graph.scopes[frame.scope].nodes[place].isImpure && worker.isUnderWay(*this, job))
    abandoned.insert({frame.id, place});
  else
    worker.cancel(*this, job);
}

void Engine::finish() {
  isOver = true;
  if (onWork)
    onWork();
  if (find(1))
    close(1);
  for (Observer *observer : observers)
    observer->onRunEnded(*this, outcome, now);
}

//===----------------------------------------------------------------------===//
// Observers
//===----------------------------------------------------------------------===//

template <typename Tell> void Engine::tell(const Frame &frame, Tell tell) const {
  if (observers.empty())
    return;
  SmallVector<Iteration, 2> path = getPath(frame);
  ScopeEvent event{*this,    plan.scopes[frame.scope],
                   frame.id, frame.around ? frame.around->id : 0,
                   path,     frame.number};
  for (Observer *observer : observers)
    tell(*observer, event);
}

void Engine::tellStart(const Frame &frame) const {
  tell(frame,
       [&](Observer &observer, const ScopeEvent &event) { observer.onScopeStarted(event, now); });
}

void Engine::tellEnd(const Frame &frame, ScopeEnd end) const {
  tell(frame, [&](Observer &observer, const ScopeEvent &event) {
    observer.onScopeEnded(event, end, now);
  });
}

void Engine::tellVote(const Control &control) const {
  std::optional<double> share = control.course->getAgreement();
  if (observers.empty() || !share)
    return;
  SmallVector<Iteration, 2> path = getPath(control.frame);
  for (Observer *observer : observers)
    observer->onVoted(*this, getTask(control.frame, control.place), path, *share, now);
}

//===----------------------------------------------------------------------===//
// Limits
//===----------------------------------------------------------------------===//

StringRef describe(Ending ending) {
  static constexpr StringLiteral texts[] = {"not needed any more", "out of money or time",
                                            "interrupted"};
  return texts[static_cast<size_t>(ending)];
}

/// Gives the scope an account of its own; that of the run is there already.
void Engine::limit(Frame &frame, const Limits &limits) {
  if (frame.around) {
    frame.account = std::make_shared<Account>();
    frame.account->around = frame.around->account;
  }
  frame.account->frame = frame.id;
  if (limits.budgetUsd)
    frame.account->budgetUsd = *limits.budgetUsd;
  if (!limits.deadlineMs)
    return;
  frame.account->deadlineMs = now + *limits.deadlineMs;
  deadlines.push({frame.account->deadlineMs, frame.id});
}

/// Ends the scope, of which all outputs fail then.
void Engine::end(Frame &frame, std::string reason, Ending why) {
  constexpr size_t most = 8;
  const Scope &scope = plan.scopes[frame.scope];
  Loss loss{scope.id, std::move(reason), {}, 0};
  for (auto [place, task] : enumerate(scope.tasks)) {
    if (frame.nodes[place].state == State::Settled)
      continue;
    if (loss.tasks.size() < most)
      loss.tasks.push_back(plan.tasks[task].id);
    else
      ++loss.more;
  }
  outcome.losses.push_back(std::move(loss));
  outcome.isStopped |= !frame.around;
  Settled settled;
  settled.yields.resize(scope.yields.size());
  ending = why;
  giveToOwner(frame, std::move(settled));
  ending = Ending::Unneeded;
}

void Engine::exceed(const Account &exceeded, std::string reason, double time) {
  now = time;
  if (Frame *frame = find(exceeded.frame))
    end(*frame, std::move(reason), Ending::Limited);
}

void Engine::stop(std::string reason, double time) {
  now = time;
  if (Frame *frame = find(1))
    end(*frame, std::move(reason), Ending::Interrupted);
}

std::optional<double> Engine::getDeadline() {
  while (!deadlines.empty() && !find(deadlines.top().second))
    deadlines.pop();
  return deadlines.empty() ? std::nullopt : std::optional(deadlines.top().first);
}

void Engine::expire(double time) {
  now = time;
  for (std::optional<double> next = getDeadline(); next && *next <= time; next = getDeadline()) {
    Frame &frame = *find(deadlines.top().second);
    deadlines.pop();
    end(frame, "its deadline has passed", Ending::Limited);
  }
}

} // namespace xcs::runtime

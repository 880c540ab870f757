//===- Engine.h - Runs of plans ---------------------------------*- C++ -*-===//
//
// A run of a plan, driven by events: it computes what it can, hands out the rest as
// jobs, and goes on with their answers. It knows nothing of models, and of time only
// what it is told.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_ENGINE_H
#define XCSLLM_RUNTIME_ENGINE_H

#include "XcsLLM/Runtime/Account.h"
#include "XcsLLM/Runtime/Call.h"
#include "XcsLLM/Runtime/Courses.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <functional>
#include <queue>
#include <random>

namespace xcs::runtime {

class Engine;
class Observer;
enum class ScopeEnd : uint8_t;

/// A task in one run of its scope.
struct JobId {
  uint64_t frame = 0;
  uint32_t place = 0;
};

/// A task that somebody else does, once.
struct Job {
  Engine *run = nullptr;
  JobId id;
  const Task *task = nullptr;
  llvm::SmallVector<Value, 2> inputs;
  llvm::SmallVector<Iteration, 2> path; ///< outermost first
  std::shared_ptr<Account> account;     ///< of the innermost scope that has one
  Call getCall() const;
};

/// Who does jobs.
class Worker {
public:
  virtual ~Worker();
  /// Starts the job. If it is done at once, its outputs; else `Engine::settle` is
  /// called with them, later.
  virtual std::optional<std::vector<Value>> start(Job job) = 0;
  /// Nobody waits for the job any more: it may be broken off.
  virtual void cancel(Engine &run, JobId id) = 0;
  /// Whether the job is being done right now; one that waits for its turn is not.
  virtual bool isUnderWay(const Engine &run, JobId id) const { return false; }
  /// Reads a response.
  virtual Value read(const Call &call);
};

/// Why a job is broken off, or not started any more.
enum class Ending : uint8_t { Unneeded, Limited, Interrupted };
/// That in a few words for people.
llvm::StringRef describe(Ending ending);

/// A scope that has ended early, by a limit say, and what that has kept from being done.
struct Loss {
  std::string scope, reason;
  std::vector<std::string> tasks; ///< that had not settled; the first of them
  size_t more = 0;                ///< and how many more
};

/// Why a task has failed by itself, and not by its inputs: the first time.
struct Failure {
  const Task *task;
  std::string reason;
  uint64_t times = 1;
};

struct Outcome {
  std::vector<Value> outputs;
  /// An input of an impure tool has failed, or a limit was reached, and so the plan has
  /// failed, as a whole.
  bool isStopped = false;
  /// How many values failed in a computation or a vote, and neither in a request nor
  /// a parse.
  uint64_t computedFailures = 0;
  std::vector<Loss> losses;
  std::vector<Failure> failures; ///< of the first tasks that had some
};

class Engine {
public:
  Engine(const Document &document, const Plan &plan, const Graph &graph, Worker &worker,
         std::optional<uint64_t> orderSeed = std::nullopt);
  ~Engine();

  /// Why these can be no inputs of the plan; none if they can.
  static llvm::Error checkInputs(const Plan &plan, llvm::ArrayRef<Value> inputs);
  /// Starts the run, at the time `now`, in milliseconds.
  void start(std::vector<Value> inputs, double now);
  /// Does what can be done without waiting, but for what `openMore` is for.
  void work(double now);
  /// Whether there are runs of scopes, of large batches, that have not been opened yet:
  /// what the first ones ask for need not wait for the last.
  bool hasMore() const { return !toOpen.empty() && !isOver; }
  /// Opens some of them.
  void openMore();
  /// Takes the outputs of a job. Those that nobody waits for are dropped.
  void settle(JobId id, std::vector<Value> outputs, double now);
  /// Whether anything is to become of the job's outputs.
  bool isWaitingFor(JobId id) const;
  /// A job was not started, as it would have exceeded the account's limit: that scope,
  /// or the run, fails.
  void exceed(const Account &account, std::string reason, double now);
  /// Notes why a task has failed; `explain` is asked only if it is to be told.
  void note(const Task &task, llvm::function_ref<std::string()> explain);
  /// Ends, for that reason, all that has not settled.
  void stop(std::string reason, double now);
  /// Why jobs are cancelled, while they are.
  Ending getEnding() const { return ending; }
  /// When a limit in time is reached next.
  std::optional<double> getDeadline();
  /// Ends what has reached its limit in time.
  void expire(double now);

  bool isDone() const { return isOver && abandoned.empty(); }
  /// What must not be: a task that gave what is not of its type.
  const std::string &getFault() const { return fault; }
  Outcome takeOutcome() { return std::move(outcome); }
  /// What the run has cost, and is limited to.
  const Account &getAccount() const { return *account; }
  /// When it was started.
  double getStart() const { return startMs; }

  const Document &document;
  const Plan &plan;
  uint64_t number = 0;                  ///< of the run, where there are several; from 0
  llvm::ArrayRef<Observer *> observers; ///< of runs and scopes; set before the start
  std::function<void()> onWork;         ///< called when it can go on, or is over

private:
  enum class State : uint8_t { Waiting, Running, Settled };
  struct Node {
    uint32_t open = 0; ///< that it still waits for
    State state = State::Waiting;
  };
  struct Frame;
  struct Control;
  struct Ready {
    uint32_t depth; ///< of its scope, in turn
    uint64_t order;
    JobId node;
    bool operator<(const Ready &other) const {
      return depth != other.depth ? depth < other.depth : order > other.order;
    }
  };

  // Scopes.
  Frame *find(uint64_t id) const;
  void open(ScopeRun run, Frame *around, uint32_t owner, size_t number);
  void makeReady(Frame &frame, uint32_t node);
  Frame &findScope(Frame &frame, uint32_t scope) const;
  const Value &resolve(const Reference &reference, Frame &frame) const;
  void settleScope(Frame &frame);
  void giveToOwner(Frame &frame, Settled settled);
  void close(uint64_t id);
  void giveUp(const Frame &frame, uint32_t place);
  template <typename Tell> void tell(const Frame &frame, Tell tell) const;
  void tellStart(const Frame &frame) const;
  void tellEnd(const Frame &frame, ScopeEnd end) const;
  void tellVote(const Control &control) const;

  // Tasks.
  const Task &getTask(const Frame &frame, uint32_t place) const;
  void run(Frame &frame, uint32_t place);
  void read(Frame &frame, uint32_t place, llvm::ArrayRef<Value> inputs);
  void runJob(Frame &frame, uint32_t place, std::vector<Value> inputs);
  void compute(Frame &frame, uint32_t place, std::vector<Value> inputs);
  bool isDecided(Frame &frame, uint32_t place) const;
  void settle(Frame &frame, uint32_t place, std::vector<Value> outputs);
  void notify(Frame &frame, uint32_t node);
  void cancelHelpers(Frame &frame, uint32_t place);
  void breakOff(Frame &frame, uint32_t place);
  void startControl(Frame &frame, uint32_t place, std::vector<Value> inputs);
  void advance(Control &control);
  llvm::SmallVector<Iteration, 2> getPath(const Frame &frame) const;

  // Limits.
  void limit(Frame &frame, const Limits &limits);
  void end(Frame &frame, std::string reason, Ending why);
  void finish();

  const Graph &graph;
  Worker &worker;
  std::optional<std::mt19937_64> dice;
  llvm::DenseMap<uint64_t, std::unique_ptr<Frame>> frames;
  uint64_t lastFrame = 0, lastOrder = 0;
  std::priority_queue<Ready> ready;
  std::queue<JobId> toOpen;                     ///< control that has more runs to open
  using Deadline = std::pair<double, uint64_t>; ///< of which scope
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines;
  /// Impure tools that still run in scopes that have ended, and those that wait for them.
  llvm::DenseSet<std::pair<uint64_t, uint32_t>> abandoned;
  std::vector<JobId> held;
  std::shared_ptr<Account> account;
  Outcome outcome;
  std::string fault;
  double startMs = 0, now = 0;
  bool isOver = false;
  Ending ending = Ending::Unneeded;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_ENGINE_H

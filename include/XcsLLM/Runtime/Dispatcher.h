//===- Dispatcher.h - Jobs as queries ---------------------------*- C++ -*-===//
//
// Between runs and services: sends what is ready within the limits of models and
// pools, the most urgent first; asks for samples and items together where that can be,
// and again for what did not come; knows what it has cost.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_DISPATCHER_H
#define XCSLLM_RUNTIME_DISPATCHER_H

#include "XcsLLM/Runtime/Clock.h"
#include "XcsLLM/Runtime/Observer.h"
#include <map>

namespace xcs::runtime {

/// What is kept, for this run and later ones.
class Memory {
public:
  /// An answer to a job, which has this key.
  struct Entry {
    std::string key;
    const Job *job;
    KeptAnswer answer;
  };

  virtual ~Memory();
  /// What a cache has for the call's inputs; failed if there is nothing.
  virtual Value lookUp(const Call &call) = 0;
  /// Keeps the call's first input for the others.
  virtual void store(const Call &call) = 0;
  /// What an earlier part of the run has been answered to the job.
  virtual std::vector<KeptAnswer> recall(const std::string &key, const Job &job) = 0;
  /// Keeps all of them, or none.
  virtual void keep(llvm::ArrayRef<Entry> entries) = 0;
};

/// Queries that were sent, and not answered, and what they have cost by then, as estimated.
struct Unanswered {
  uint64_t count = 0;
  double usd = 0;
  void add(const Charge &charge) {
    ++count;
    usd += charge.usd.value_or(0);
  }
};

struct Statistics {
  uint64_t requests = 0;  ///< that were sent, retries too
  uint64_t toolCalls = 0; ///< likewise
  uint64_t answered = 0;  ///< of both, well or not
  uint64_t retries = 0;   ///< of both
  uint64_t failures = 0;  ///< jobs of which nothing came
  uint64_t unsent = 0;    ///< jobs that were cancelled before anything was sent for them
  std::map<Ending, Unanswered> brokenOff; ///< those that were cancelled
  Unanswered lost;                        ///< whose time was over, or whose connection
  uint64_t cacheHits = 0, cacheMisses = 0;
  uint64_t recalled = 0;  ///< answers that an earlier part of the run had got
  double recalledUsd = 0; ///< what that has cost, which `usd` is without
  TokenCounts tokens;
  double usd = 0;                   ///< all that is known of
  uint64_t unpriced = 0;            ///< requests of which the price is unknown
  uint64_t uncounted = 0;           ///< requests of which the server did not say what they took
  std::vector<std::string> reasons; ///< of failures, the first of them
};

class Dispatcher : public Worker {
public:
  struct Options {
    std::string runId = "run";
    Memory *memory = nullptr;
    std::vector<Observer *> observers = {};
    /// Requests and calls of tools that are under way at once, whatever models and pools
    /// allow; none: any number.
    std::optional<int64_t> mostRequests = {}, mostToolCalls = {};
  };
  /// A job that would exceed a limit of the account.
  struct Refusal {
    Engine *run;
    std::shared_ptr<Account> account;
    std::string reason;
  };

  Dispatcher(const Document &document, Services &services, Clock &clock, Options options);
  ~Dispatcher() override;

  std::optional<std::vector<Value>> start(Job job) override;
  void cancel(Engine &run, JobId id) override;
  bool isUnderWay(const Engine &run, JobId id) const override;

  /// Sends what may be sent by now. As long as not `all` is there, items that may share a
  /// request wait for each other.
  void send(bool all = true);
  /// When there may be more to send, if nothing is answered before.
  double getNextTime() const { return nextTime; }
  /// Gives the reply to those who wait for it.
  void take(Reply reply);
  /// What was refused since it was last asked.
  std::vector<Refusal> takeRefusals() { return std::exchange(refusals, {}); }

  llvm::ArrayRef<Observer *> getObservers() const { return options.observers; }
  size_t countRunning() const { return running; }
  size_t countWaiting() const { return parts.size() - running; }
  const Statistics &getStatistics() const { return statistics; }

private:
  struct Item;
  struct Part;
  struct Lane;

  uint64_t addItem(Job job);
  void split(Item &item, int64_t first, int64_t samples, int64_t most);
  void enqueue(Part &part);
  Part *getFirst(Lane &lane);
  double getStart(Lane &lane, const Part &part, double now);
  bool refuse(Part &part, double now);
  void addPart(std::unique_ptr<Part> part);
  bool mayGather(const Part &part) const;
  void gather(Part &part, double now);
  void halve(const Part &part);
  void send(Part &part, double now);
  std::optional<double> getCost(const Query &query, const TokenCounts &tokens) const;
  Charge expect(const Query &query) const;
  Charge estimateUnanswered(const Part &part, double now) const;
  void book(Part &part, const Charge &charge, double now);
  void retry(std::unique_ptr<Part> part, const Reply &reply, double now);
  void askAgain(const Part &part, size_t got);
  void deliver(const Part &part, Reply &reply, double now);
  void keepFailures(Item &item);
  void finish(Part &part, const std::string &failure, double now);
  std::vector<Value> finish(Item &item, double now);
  std::string makeKey(const Job &job) const;
  std::optional<std::vector<Value>> lookUp(const Job &job, double now);
  void recall(Item &item, double now);
  Lane &getLane(const Task &task);

  const Document &document;
  Services &services;
  Clock &clock;
  Options options;
  llvm::DenseMap<uint64_t, std::unique_ptr<Item>> items;
  llvm::DenseMap<uint64_t, std::unique_ptr<Part>> parts;
  using Place = std::pair<const Engine *, std::pair<uint64_t, uint32_t>>;
  llvm::DenseMap<Place, uint64_t> places; ///< of items
  std::vector<uint64_t> gathering;        ///< parts that wait for others to share a request with
  std::vector<std::unique_ptr<Lane>> lanes;
  struct Limiters;
  std::unique_ptr<Limiters> limiters;
  std::vector<std::pair<double, uint64_t>> pausing; ///< parts, by when they go on; a heap
  std::vector<Refusal> refusals;
  Statistics statistics;
  uint64_t lastId = 0;
  size_t running = 0;
  double nextTime = Clock::never;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_DISPATCHER_H

//===- Simulation.h - Services that are none --------------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_SIMULATION_H
#define XCSLLM_RUNTIME_SIMULATION_H

#include "XcsLLM/Runtime/Clock.h"
#include "XcsLLM/Runtime/Services.h"
#include "XcsLLM/Runtime/StandIn.h"

namespace xcs::runtime {

/// Models and tools that invent their answers, and take as long for them as the schedule
/// expects: the same for equal runs.
class Simulation : public Services {
public:
  Simulation(const Document &document, const Plan &plan, Clock &clock);
  ~Simulation() override;

  void start(const Query &query) override;
  void cancel(uint64_t query) override;
  std::vector<Reply> wait(double untilMs) override;

private:
  struct Pending {
    Query query;
    double dueMs;
    bool timesOut;
  };

  double getLatency(const Query &query) const;
  Reply answer(const Pending &pending) const;

  const Document &document;
  Clock &clock;
  Vocabulary vocabulary;
  struct Reading;
  std::unique_ptr<Reading> reading;
  llvm::DenseMap<uint64_t, Pending> pending;
  using Due = std::pair<double, uint64_t>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_SIMULATION_H

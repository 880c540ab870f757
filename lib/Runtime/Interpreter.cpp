//===- Interpreter.cpp - Plans run one task after another ------------------===//

#include "XcsLLM/Runtime/Interpreter.h"

using namespace llvm;

namespace xcs::runtime {

Backend::~Backend() = default;

Value Backend::read(const Call &call) { return readResponse(call); }

namespace {

/// Does every job at once.
class Replies : public Worker {
public:
  explicit Replies(Backend &backend) : backend(backend) {}

  std::optional<std::vector<Value>> start(Job job) override {
    Call call = job.getCall();
    switch (job.task->kind) {
    case TaskKind::Tool:
      return backend.use(call);
    case TaskKind::CacheLookup:
      return {{backend.lookUp(call)}};
    case TaskKind::CacheStore:
      backend.store(call);
      return {{job.inputs[0]}};
    default:
      return {{backend.ask(call)}};
    }
  }
  void cancel(Engine &run, JobId id) override {}
  Value read(const Call &call) override { return backend.read(call); }

private:
  Backend &backend;
};

} // namespace

Expected<Outcome> runPlan(const Document &document, const Plan &plan, ArrayRef<Value> inputs,
                          Backend &backend, std::optional<uint64_t> orderSeed) {
  if (Error error = Engine::checkInputs(plan, inputs))
    return error;
  Graph graph(document, plan, Pace::InTurn);
  Replies replies(backend);
  Engine engine(document, plan, graph, replies, orderSeed);
  engine.start(inputs.vec(), 0);
  engine.work(0);
  if (!engine.getFault().empty())
    return createStringError(plan.name + "/" + engine.getFault());
  return engine.takeOutcome();
}

} // namespace xcs::runtime

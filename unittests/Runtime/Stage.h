//===- Stage.h - Runs in virtual time ---------------------------*- C++ -*-===//
//
// Answers come when a script says, and nothing waits.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_UNITTESTS_RUNTIME_STAGE_H
#define XCSLLM_UNITTESTS_RUNTIME_STAGE_H

#include "Documents.h"
#include "XcsLLM/Runtime/Runner.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <map>

namespace xcs::runtime {

inline Value text(std::string text) { return Value::text(std::move(text)); }

/// One try of a query.
struct Try {
  double latencyMs = 100;
  std::vector<Value> values = {};
  std::string failure = {};
  std::optional<double> pauseMs = {};
  std::optional<TokenCounts> usage = {};
  bool isLost = false;
  bool isRefused = false;
};

/// Answers by what `script` says of the task, one after another, and else with its name.
class Script : public Services {
public:
  explicit Script(Clock &clock) : clock(clock) {}

  std::map<std::string, std::vector<Try>> script;
  std::vector<std::string> log; ///< what happened, and when
  std::map<uint64_t, std::string> keys;

  void start(const Query &query) override {
    const std::string &id = query.getTask().id;
    std::vector<Try> &rest = script[id];
    Try next;
    if (!rest.empty()) {
      next = rest.front();
      rest.erase(rest.begin());
    } else {
      next.values.assign(query.samples * query.jobs.size(), text(id));
    }
    note(id);
    EXPECT_TRUE(keys.emplace(query.id, query.key).first->second == query.key);
    running.emplace(query.id, std::pair(clock.getNow() + next.latencyMs, std::move(next)));
  }
  void cancel(uint64_t query) override {
    EXPECT_EQ(running.erase(query), 1u);
    note("-" + std::to_string(query));
  }
  std::vector<Reply> wait(double untilMs) override {
    auto first = running.end();
    for (auto at = running.begin(); at != running.end(); ++at)
      if (first == running.end() || at->second.first < first->second.first)
        first = at;
    double next = first == running.end() ? untilMs : std::min(untilMs, first->second.first);
    clock.sleepUntil(next);
    if (first == running.end() || first->second.first > clock.getNow())
      return {};
    Try &done = first->second.second;
    Reply reply;
    reply.query = first->first;
    reply.values = done.values;
    reply.failure = done.failure;
    reply.isRefused = done.isRefused;
    reply.pauseMs = done.pauseMs;
    reply.usage = done.usage;
    reply.isLost = done.isLost;
    running.erase(first);
    return {reply};
  }

private:
  void note(const std::string &what) {
    log.push_back(std::to_string(int64_t(clock.getNow())) + " " + what);
  }

  Clock &clock;
  std::map<uint64_t, std::pair<double, Try>> running;
};

/// A run of a plan in virtual time.
struct Stage {
  explicit Stage(const std::string &json) : document(llvm::cantFail(readDocument(json))) {}

  RunResult run(std::vector<Value> inputs = {}) {
    dispatcher = std::make_unique<Dispatcher>(document, script, clock, options);
    runner = std::make_unique<Runner>(document, document.plans[0], script, clock, *dispatcher);
    std::optional<std::vector<Value>> next = std::move(inputs);
    RunResult result;
    runner->run([&] { return std::exchange(next, std::nullopt); },
                [&](RunResult given) { result = std::move(given); });
    EXPECT_EQ(dispatcher->countRunning() + dispatcher->countWaiting(), 0u);
    return result;
  }
  const Statistics &statistics() const { return dispatcher->getStatistics(); }
  uint64_t countBrokenOff(Ending ending = Ending::Unneeded) const {
    auto found = statistics().brokenOff.find(ending);
    return found == statistics().brokenOff.end() ? 0 : found->second.count;
  }

  Clock clock{0};
  Script script{clock};
  Dispatcher::Options options;
  Document document;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<Runner> runner;
};

using Log = std::vector<std::string>;

inline std::string replace(std::string text, const std::string &from, const std::string &to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// A request that waits for the tasks in `after`, and takes the output of the first.
inline std::string askAfter(const std::string &id, const std::vector<std::string> &after,
                            const std::string &extra = "") {
  std::string names;
  for (const std::string &name : after)
    names += (names.empty() ? "\"" : ",\"") + name + "\"";
  std::string input =
      after.empty() ? R"({"text":0})" : R"({"task":")" + after[0] + R"(","output":0})";
  return R"({"id":")" + id + R"(","kind":"generate","scope":"plan1","inputs":[)" + input +
         R"(],"outputs":["text"],"depends_on":[)" + names + "]," + request + extra + "}";
}

inline std::string tool(const std::string &id, const std::vector<std::string> &after) {
  return replace(replace(askAfter(id, after), R"("kind":"generate")", R"("kind":"tool")"), request,
                 R"("tool":{"name":"send"})");
}

inline std::string plan(const std::string &tasks, const std::string &output,
                        const std::string &constraints = "{}") {
  return replace(document("[]", textPort,
                          "[" + planScope(R"([{"task":")" + output + R"(","output":0}])") + "]",
                          "[" + tasks + "]"),
                 R"("name":"p",)", R"("name":"p","constraints":)" + constraints + ",");
}

/// A request of five samples of a model that gives `most` at once.
inline std::string samples(const std::string &most) {
  std::string json =
      replace(plan(askAfter("a", {}), "a"), R"("model":"m")", R"("model":"m","n":5)");
  json = replace(json, R"("outputs":["text"],"depends_on":[],"request")",
                 R"("outputs":[{"item":"text","shape":[5]}],"depends_on":[],"request")");
  return replace(json, R"("models":[])", R"("models":[{"name":"m")" + most + "}]");
}

/// Embeds each of three constant texts, at most `size` in one request.
inline std::string embeddings(const std::string &size) {
  std::string json = document("[]", R"([{"type":{"item":"f32","shape":[3,2]}}])",
                              "[" + planScope(R"([{"task":"batch1","output":0}])") +
                                  R"(,{"id":"item1","kind":"item","owner":"batch1",
    "arguments":["text"],"runs":{"when":"each_item"},"yields":[{"task":"embed1","output":0}],
    "on_failed":"keep","cancels":"nothing"}])",
                              R"([{"id":"batch1","kind":"batch","scope":"plan1",
    "inputs":[{"list":0}],"outputs":[{"item":"f32","shape":[3,2]}],"depends_on":[],
    "control":{"scopes":["item1"],"settles":"all_done")" +
                                  size + R"(}},{"id":"embed1","kind":"embed","scope":"item1",
    "inputs":[{"scope":"item1","argument":0}],"outputs":[{"item":"f32","shape":[2]}],
    "depends_on":[],"request":{"model":"m","deterministic":true}}])");
  return replace(json, R"("models":[])", R"("models":[{"name":"m","array_inputs":true}])");
}

} // namespace xcs::runtime

#endif // XCSLLM_UNITTESTS_RUNTIME_STAGE_H

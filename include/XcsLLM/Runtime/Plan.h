//===- Plan.h - Plans as they are run ---------------------------*- C++ -*-===//
//
// A schedule document, read and checked: names are indices, and everything that a
// task refers to is known to be there, and to stand before it. Only what a run needs
// is here; see docs/ScheduleFormat.md for what it means.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_PLAN_H
#define XCSLLM_RUNTIME_PLAN_H

#include "XcsLLM/Runtime/Model.h"
#include "XcsLLM/Runtime/Operations.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace xcs::runtime {

enum class TaskKind : uint8_t {
  Generate,
  Embed,
  Score,
  Template,
  Parse,
  Arith,
  Tensor,
  Tool,
  CacheLookup,
  CacheStore,
  Batch,
  Ensemble,
  Cascade,
  Chain,
  Conditional
};

/// Where a value comes from. A constant is one of the document's; results and
/// arguments are those of a run of `scope`, the task's own or one around it.
struct Reference {
  enum class Kind : uint8_t { Result, Argument, Constant };

  Kind kind = Kind::Constant;
  uint32_t scope = 0;
  uint32_t index = 0; ///< of the constant, of the argument, or of the result in its scope
};

/// A request to a model, but for the messages' texts.
struct Request {
  std::string model;
  uint32_t modelIndex = 0; ///< of the document's
  std::vector<std::string> roles;
  std::vector<uint32_t> messages; ///< which input has the text of each role's message
  bool isDeterministic = false;
  bool isBatchCompatible = true;
  std::optional<int64_t> samples; ///< `n`: the output is a list of them, then
  // What is absent is the provider's to choose.
  std::optional<double> temperature, topP;
  std::optional<int64_t> maxTokens, seed, dimensions;
  std::vector<std::string> stop, labels;     ///< `labels`: what a score chooses between
  std::optional<std::string> responseSchema; ///< the JSON Schema itself
  /// All that decides what a sample is like, as a text: equal for requests that differ
  /// in nothing but their messages' texts, and in how and how often they are sent.
  std::string parameters;
};

struct TemplateUse {
  uint32_t index = 0;
  std::string separator;
};

struct ToolUse {
  uint32_t tool = 0; ///< of the document's
};

struct CacheUse {
  std::string fingerprint, space;
  std::optional<double> ttlS; ///< how long an entry serves; none: for ever
};

enum class Policy : uint8_t { All, Majority, First, Best };

struct Control {
  std::vector<uint32_t> scopes;
  Policy policy = Policy::All;
  std::optional<int64_t> quorum;
  std::vector<int64_t> waves; ///< of an ensemble: their sum is the number of scopes
  std::optional<double> confidence;
  std::optional<int64_t> batchSize; ///< of a batch: most items that one request may carry
};

/// What a run of a task is expected to take.
struct Estimate {
  std::optional<double> inputTokens, cachedTokens, outputTokens, costUsd, latencyMs;
};

/// How often a request or a tool is tried; what is absent is up to the runtime.
struct Retry {
  std::optional<int64_t> maxAttempts;
  std::optional<double> initialBackoffMs, backoffFactor, maxBackoffMs;
};

/// What those that send requests and call tools have to know beside what they do.
struct Dispatch {
  std::string key; ///< of idempotency
  Estimate estimate;
  /// When it starts at the latest, in a run that takes as long as expected.
  std::optional<double> latestStartMs;
  std::optional<double> timeoutMs;
  Retry retry;
  std::optional<uint32_t> pool; ///< of the document's
  Tier tier = Tier::Standard;
};

struct Task {
  std::string id;
  TaskKind kind = TaskKind::Template;
  uint32_t scope = 0;
  uint32_t firstResult = 0; ///< in its scope
  std::vector<Reference> inputs;
  std::vector<Type> outputs;
  /// Tasks of its scope that have to settle before it: what it depends on, or what
  /// the scopes that it runs do.
  std::vector<uint32_t> needs;
  /// What it waits for itself, in its scope or one around it: what it depends on, and, if
  /// its scope has limits, what that takes from outside.
  std::vector<uint32_t> waits;
  std::optional<uint32_t> helps; ///< the task of its scope that alone needs it
  std::variant<std::monostate, Request, TemplateUse, Parse, Arith, Tensor, ToolUse, CacheUse,
               Control>
      details;
  std::vector<int64_t> sampleIds;           ///< numbers of its samples, for tests
  std::shared_ptr<const Dispatch> dispatch; ///< of a request or a tool, else null
};

/// What a run must not exceed; no limit where there is none.
struct Limits {
  std::optional<double> budgetUsd, deadlineMs;
  bool isLimited() const { return budgetUsd || deadlineMs; }
};

enum class ScopeKind : uint8_t { Plan, Branch, Member, Stage, Item, Body };

struct Scope {
  std::string id;
  ScopeKind kind = ScopeKind::Plan;
  std::optional<uint32_t> owner, parent; ///< the task that runs it, and that task's scope
  std::vector<Type> arguments;
  bool condition = false; ///< of a branch: which
  int64_t attempts = 1;   ///< of a stage
  /// Of the items of a batch: how many, if the plan says so.
  std::optional<int64_t> items;
  std::vector<Reference> yields;
  std::optional<Reference> verdict, score;
  bool votesAreItems = false;
  std::optional<int64_t> maxVotes; ///< none: nobody knows
  std::vector<uint32_t> tasks;     ///< in an order in which they can run
  uint32_t results = 0;            ///< of all of its tasks
  Limits limits;                   ///< of a chain's body, and of the plan
};

struct Port {
  std::string name; ///< its number if it was given none
  Type type;
};

/// What a run of a plan is expected to take.
struct Totals {
  std::optional<double> requests, inputTokens, outputTokens, costUsd, latencyMs, makespanMs;
  std::vector<std::string> atLeast; ///< figures that leave something out
};

struct Plan {
  std::string name;
  std::vector<Port> inputs, outputs;
  std::vector<Scope> scopes; ///< the plan's own first, each behind the one around it
  std::vector<Task> tasks;
  Totals totals;

  /// Which task gives the result.
  uint32_t findProducer(const Reference &result) const;
};

struct Tool {
  std::string name, task;
  bool isPure = false;
  std::vector<Type> inputs, outputs;
  std::optional<double> latencyMs;
};

/// Tasks that share rate limits.
struct Pool {
  std::string name;
  RateLimits limits;
};

struct Document {
  std::string digest; ///< of the source

  std::vector<Value> constants;
  std::vector<Template> templates;
  std::vector<Model> models;
  std::vector<Pool> pools;
  std::vector<Tool> tools;
  std::vector<Plan> plans;

  /// The plan of that name, or null.
  const Plan *find(llvm::StringRef name) const;
};

/// Reads a schedule document. An error says where what is wrong, in `file` if it is from one.
llvm::Expected<Document> readDocument(llvm::StringRef json, llvm::StringRef file = "");

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_PLAN_H

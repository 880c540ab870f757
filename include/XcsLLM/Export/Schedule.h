//===- Schedule.h - What a scheduler is told ---------------------*- C++ -*-===//
//
// A plain model of a schedule document, in the words of docs/ScheduleFormat.md.
// Targets print it; none of them needs to know the IR. Tasks and scopes refer
// to each other by their index, and take their ids from it when printed.
//
// Texts are views into the program that the document was made from, which has
// to outlive it, or into what the document keeps (`Document::keep`).
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_EXPORT_SCHEDULE_H
#define XCSLLM_EXPORT_SCHEDULE_H

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace xcs::schedule {

/// Major and minor version of the format. A minor step adds fields, a major one
/// changes what is there.
inline constexpr std::string_view schemaVersion = "1.2";

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// The type of a value: a scalar, or a list of scalars.
struct Type {
  static constexpr int64_t unknownSize = -1;

  std::string_view item;                     ///< `text`, `i64`, `f64`, …
  std::optional<std::vector<int64_t>> shape; ///< of a list, outermost size first

  bool operator<(const Type &other) const {
    return std::tie(item, shape) < std::tie(other.item, other.shape);
  }
};

using Scalar = std::variant<bool, int64_t, double, std::string_view>;

/// A constant. One that is no list is written where it is used.
struct Constant {
  const Type *type;
  std::vector<Scalar> items;
  bool isSplat = false; ///< the one item stands for all of them
};

/// Where a value comes from.
struct Reference {
  enum class Kind : uint8_t { Task, Argument, Text, Literal, List };

  Kind kind;
  uint32_t index;  ///< of the task, scope, text, literal or list
  uint32_t number; ///< of the task's output or the scope's argument
  std::optional<uint32_t> tokens; ///< that the value is expected to have
};

//===----------------------------------------------------------------------===//
// Tasks, by what they do
//===----------------------------------------------------------------------===//

enum class TaskKind : uint8_t {
  Generate, Embed, Score, Template, Parse, Arith, Tensor, Tool,
  CacheLookup, CacheStore, Batch, Ensemble, Cascade, Chain, Conditional
};
constexpr unsigned taskKindCount = 15;

/// A request to a model: all that decides its answer, but the inputs.
struct Request {
  std::string_view model;
  std::vector<std::string_view> roles; ///< one an input; empty for an embedding
  std::optional<int64_t> samples;      ///< `n`, as it was asked for
  std::optional<double> temperature, topP;
  std::optional<int64_t> maxTokens, seed;
  std::vector<std::string_view> stop;
  std::optional<uint32_t> responseSchema; ///< a text
  std::vector<std::string_view> labels;
  std::optional<int64_t> dimensions; ///< of an embedding
  bool deterministic = false, cacheable = false, noReuse = false;
  bool batchCompatible = true, fusionCompatible = true;
  std::optional<double> minQuality;
};

/// A template filled in with the inputs.
struct Render {
  uint32_t index; ///< of the template
  std::optional<std::string_view> separator; ///< of lists' items, if an input is a list
  bool reorder;                              ///< whether constant parts may move ahead
};

/// A value read out of a response.
struct Parse {
  std::string_view format;
  std::optional<std::string_view> selector; ///< JSON pointer or pattern
  std::vector<std::string_view> choices;
  std::optional<Constant> otherwise;
};

/// A computation on numbers and flags; on lists, item by item.
struct Arith {
  std::string_view op;
  std::string_view predicate; ///< of a comparison
  std::optional<bool> decidedBy; ///< the value that one of `deciders` decides it with
  uint8_t deciders = 0;          ///< the inputs that may, a bit each
};

/// A list built or taken apart.
struct Tensor {
  std::string_view op;
  std::optional<int64_t> dim; ///< along which lists are joined
  std::vector<int64_t> offsets, sizes, strides; ///< of a slice
};

/// A call of a tool.
struct ToolUse {
  std::string_view name;
};

/// A look into a cache, or an entry made in it.
struct Cache {
  std::string_view fingerprint;
  std::optional<double> ttlS;
  std::optional<std::string_view> scope;
};

enum class Settles : uint8_t { AllDone, AllDoneOrOneMissing, Decided, FirstAccepted };

/// A task that runs scopes.
struct Control {
  uint32_t firstScope = 0, scopeCount = 0; ///< its scopes follow each other
  Settles settles = Settles::AllDone;
  std::optional<int64_t> batchSize;
  std::string_view policy; ///< of an ensemble
  std::optional<int64_t> quorum;
  std::vector<int64_t> waves;
  std::optional<double> confidence, agreement;
  bool cancelsWhenSettled = false; ///< what still runs in its scopes
};

using Details = std::variant<std::unique_ptr<Request>, Render, std::unique_ptr<Parse>, Arith,
                             std::unique_ptr<Tensor>, ToolUse, std::unique_ptr<Cache>,
                             std::unique_ptr<Control>>;

//===----------------------------------------------------------------------===//
// What is said of a task beside what it does
//===----------------------------------------------------------------------===//

/// Where in its source a task stands.
struct Location {
  std::string_view file; ///< empty for the document's source
  uint32_t line = 0;     ///< 0 where it is not known
  uint32_t column = 0;
};

/// How soon a request is to be served.
enum class ServiceTier : uint8_t { Standard, Flex, Batch };

/// What one run of a task takes. Tokens are expected lengths, rounded.
struct Estimate {
  std::optional<int64_t> inputTokens, outputTokens;
  std::optional<double> costUsd, latencyMs, memoryMb;
  std::optional<int64_t> cachedInputTokens; ///< of the input's
  std::optional<double> requests;
};

/// When a task runs if it starts as early as it can, from the plan's start.
struct Timing {
  double earliestStartMs = 0, earliestFinishMs = 0;
  double slackMs = 0; ///< how much later it may finish without delaying the plan
  bool isCritical = false;
};

struct Resources {
  std::optional<double> memoryMb, cpus, gpus;
};

struct Retry {
  int64_t maxAttempts;
  std::optional<double> initialBackoffMs, backoffFactor, maxBackoffMs;
};

/// What tasks of one rate-limit pool share.
struct Pool {
  std::optional<double> requestsPerMin, tokensPerMin;
  std::optional<int64_t> maxConcurrency;
};
using NamedPool = std::pair<const std::string_view, Pool>;

/// What is known to plan with. Empty until something is. There may be a million:
/// what few tasks have is behind a pointer.
struct Planning {
  std::optional<int64_t> expectedOutputTokens;
  std::optional<double> hitRate;
  std::optional<std::string_view> qualityTask;
  std::optional<Estimate> estimate;
  double expectedRuns = 1; ///< in one run of the plan, items and attempts included
  std::optional<Timing> timing;
  std::optional<double> executionProbability;
  std::unique_ptr<Resources> resources;
  std::unique_ptr<Retry> retry;
  std::optional<double> timeoutMs;
  const NamedPool *pool = nullptr; ///< of the document's
  ServiceTier serviceTier = ServiceTier::Standard;
  std::optional<uint32_t> localityScope; ///< the chain whose tasks belong together
  std::optional<uint32_t> prefixTokens;  ///< of the shared prefix
  std::string_view prefix; ///< key of the prompt prefix that it shares; empty: shares none
};

/// Consecutive entries of a list that all tasks of a plan share: a million tasks
/// do not need lists of their own.
struct Slice {
  uint32_t begin = 0, size = 0;
};

struct Task {
  TaskKind kind;
  uint32_t number; ///< among the plan's tasks of this kind, from 1
  uint32_t scope;
  Slice inputs;    ///< of the plan's references
  Slice outputs;   ///< of the plan's types
  Slice dependsOn; ///< of the plan's dependencies: sorted, without repetition
  Details details;
  Location location;
  std::unique_ptr<Planning> planning; ///< null if nothing is known
};

//===----------------------------------------------------------------------===//
// Scopes
//===----------------------------------------------------------------------===//

enum class ScopeKind : uint8_t { Plan, Branch, Member, Stage, Item, Body };
constexpr unsigned scopeKindCount = 6;

/// What starts the tasks of a scope.
enum class When : uint8_t { PlanStarts, OwnerStarts, Condition, EachItem, Wave, NotAccepted };

/// How a failed value, or a rejection, is taken.
enum class Outcome : uint8_t { Forward, Keep, Drop, Skip, Fail, Next, Ignore };

struct Constraints {
  std::optional<double> budgetUsd, deadlineMs, minQuality;
  std::optional<std::string_view> allow;

  bool empty() const { return !budgetUsd && !deadlineMs && !minQuality && !allow; }
};

/// Tasks that run together: when, with what result, and what becomes of it.
struct Scope {
  ScopeKind kind;
  uint32_t number; ///< among the plan's scopes of this kind, from 1
  uint32_t owner = 0; ///< the task that runs it; none for the plan's own
  std::vector<const Type *> arguments;

  When when = When::OwnerStarts;
  bool condition = false; ///< the value that the owner's input must have
  int64_t wave = 0;
  uint32_t after = 0;     ///< the scope that was not accepted
  std::optional<int64_t> attempts;

  std::vector<Reference> yields;
  std::optional<Reference> verdict;
  std::optional<Reference> score; ///< by which `best` chooses
  std::optional<bool> listOfVotes; ///< of a vote: whether each item has one
  Outcome onFailed = Outcome::Forward;
  Outcome onRejected = Outcome::Ignore; ///< means nothing without a verdict
  bool cancelsSiblings = false;
  Constraints constraints;
  std::vector<uint32_t> iterationPath; ///< the scopes around it, and itself, that may repeat
  std::optional<double> acceptRate;
  std::optional<double> executionProbability;
};

//===----------------------------------------------------------------------===//
// Plans and documents
//===----------------------------------------------------------------------===//

/// An input or output of a plan.
struct Port {
  const Type *type;
  std::optional<std::string_view> name;
  std::optional<int64_t> tokens, count;
};

/// A figure of a whole plan.
struct Figure {
  double value = 0;
  bool isAtLeast = false; ///< something unknown is left out
};

/// What calls take in one run of a plan, as expected but for the worst cost. Where
/// nothing is known of a figure, it is absent.
struct CallTotals {
  int64_t calls = 0; ///< in the plan, however often they run
  double requests = 0, inputTokens = 0, cachedInputTokens = 0, outputTokens = 0;
  std::optional<Figure> costUsd, worstCostUsd;
};

/// What a plan takes.
struct Totals {
  CallTotals calls;
  std::optional<Figure> latencyMs, worstLatencyMs; ///< as parallel as it can be
  std::optional<Figure> sequentialMs;              ///< one after another
  std::optional<Figure> makespanMs;                ///< under the pools' limits
  std::optional<double> peakParallelism;           ///< requests at once, without limits
};

/// A figure that estimates needed and did not have.
struct Unknown {
  enum class Of : uint8_t { Model, Tool };

  Of of;
  std::string_view name;  ///< the model's or the tool's
  std::string_view field; ///< of its entry in the document
};

/// A default that estimates took where the program says nothing.
struct Assumption {
  enum class What : uint8_t { Tokens, Count, OutputTokens, Probability };
  enum class Where : uint8_t { Task, Input, Scope };

  What what;
  Where where;
  uint32_t index; ///< of the task, input or scope
  double value;
};

/// What estimates say of a whole plan.
struct Forecast {
  std::optional<Totals> totals;
  std::map<std::string_view, CallTotals> models; ///< by name
  std::vector<Unknown> unknown;
  std::vector<uint32_t> criticalPath; ///< tasks, first to last
  std::vector<Assumption> assumptions;
};

/// A program, ready to run: its tasks in an order in which they could.
struct Plan {
  std::string_view name;
  std::vector<Port> inputs, outputs;
  Constraints constraints;
  Forecast forecast;         ///< empty unless somebody estimated
  std::vector<Scope> scopes; ///< the first is the plan's own
  std::deque<Task> tasks;

  // What tasks have slices of.
  std::vector<Reference> references;
  std::vector<const Type *> types;
  std::vector<uint32_t> dependencies; ///< indices of tasks

  // What few tasks have, by their indices.
  std::map<uint32_t, std::vector<int64_t>> sampleIds; ///< numbers of a request's samples
  /// The task that, once it has settled, makes another one unnecessary.
  std::map<uint32_t, uint32_t> cancelWhenSettled;
};

struct Template {
  std::string_view format;
  std::vector<std::string> literals; ///< one more than slots
  std::vector<uint32_t> slots;       ///< the inputs between the literals
  std::vector<std::string> names;    ///< of the inputs
};

/// A field of a model, under the name that the language gives it.
using ModelField = std::pair<std::string_view, Scalar>;

/// Prices of requests with prompts longer than that.
struct PriceStep {
  int64_t aboveTokens;
  std::vector<ModelField> prices; ///< under the names that models have for them
};

struct Model {
  std::vector<ModelField> fields;
  std::vector<PriceStep> priceSteps; ///< by ascending length
  std::map<std::string_view, double> qualityByTask;
};

struct Tool {
  std::string_view task;
  bool pure;
  std::optional<double> latencyMs;
  std::vector<const Type *> inputs, outputs;
};

struct Document {
  std::string sourceFile;
  std::string sourceHash; ///< SHA-256 of its bytes, in hexadecimal digits
  std::vector<std::string_view> passes;

  std::vector<std::string_view> texts;
  std::vector<Template> templates;
  std::vector<Constant> lists;
  std::vector<Constant> literals; ///< scalars, written where they are used
  std::map<std::string_view, Model> models;
  std::map<std::string_view, Pool> pools; ///< that tasks are in
  std::map<std::string_view, Tool> tools;
  std::deque<Plan> plans;

  // Keep what the rest points to.
  std::set<Type> types;
  std::set<std::string, std::less<>> names;

  /// A view of `name` that lasts as long as the document, for what is no text of
  /// the program.
  std::string_view keep(std::string_view name) {
    auto known = names.find(name);
    return known != names.end() ? *known : *names.emplace(name).first;
  }
};

} // namespace xcs::schedule

#endif // XCSLLM_EXPORT_SCHEDULE_H

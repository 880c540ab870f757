//===- Constraints.cpp - Which constraints a program breaks ---------------===//

#include "XcsLLM/Analysis/Constraints.h"
#include "XcsLLM/Analysis/Figures.h"
#include "XcsLLM/Analysis/Limits.h"
#include "XcsLLM/Support/Text.h"
#include <algorithm>

using namespace mlir;
using namespace xcs;

static constexpr size_t maxContributors = 3;

namespace {

/// A part of a sum, or of what else a limit is on.
struct Contributor {
  Operation *op;
  double amount;
  std::string text;
};

/// A limit on a sum.
struct Limit {
  Operation *op;       ///< that has it
  StringRef attribute; ///< that says it
  StringRef what;      ///< `cost`, `latency`
  double most;
  Amount expected, worst;
  std::string (*format)(double);
};

class Checker {
public:
  Checker(CostModel &costs, func::FuncOp function, CostCase at)
      : costs(costs), function(function), cost(costs.getCost(function)), at(at) {
    for (const CallCost &call : cost.calls)
      calls[call.call] = &call;
    for (const ToolCost &tool : cost.tools)
      tools[tool.call] = &tool;
  }

  std::vector<Violation> run();

private:
  using FindContributors = function_ref<std::vector<Contributor>(CostCase)>;
  using FindUnknown = function_ref<std::set<UnknownFigure>()>;

  void checkFunction();
  void checkMakespan(double deadlineMs);
  void checkChain(const ChainCost &chain);
  void checkSum(const Limit &limit, FindUnknown findUnknown, FindContributors contributors);
  void checkQuality(const CallCost &call);
  void checkLength(const CallCost &call, const LengthLimit &limit);
  void checkLimits(const CallCost &call);

  std::vector<Contributor> findCosts(Operation *root, CostCase which, double scale);
  std::vector<Contributor> findTimes(CostCase which);
  std::vector<Contributor> findChainTimes(Operation *chain, CostCase which);
  std::vector<Contributor> findLimited();
  /// Asks for the costs of calls and tools below `root`, in program order.
  void visit(Operation *root, function_ref<void(const CallCost &)> onCall,
             function_ref<void(const ToolCost &)> onTool);
  /// The function that a tool is; null if it has no body.
  /// Of what is unknown, that which a sum over `root` may leave out.
  std::set<UnknownFigure> findUnknown(Operation *root, bool ofCost);

  Violation &add(Violation::Kind kind, Operation *op, const Twine &text) {
    violations.push_back({kind, op, text.str(), {}});
    return violations.back();
  }

  CostModel &costs;
  func::FuncOp function;
  const ProgramCost &cost;
  CostCase at;
  llvm::DenseMap<Operation *, const CallCost *> calls;
  llvm::DenseMap<Operation *, const ToolCost *> tools;
  std::vector<Violation> violations;
};

} // namespace

static void addNotes(Violation &violation, std::vector<Contributor> contributors) {
  llvm::erase_if(contributors, [](const Contributor &part) { return part.amount <= 0; });
  llvm::stable_sort(contributors, [](const Contributor &one, const Contributor &other) {
    return one.amount > other.amount;
  });
  contributors.resize(std::min(contributors.size(), maxContributors));
  for (Contributor &part : contributors)
    violation.notes.push_back({part.op, std::move(part.text)});
}

std::vector<Violation> Checker::run() {
  checkFunction();
  for (const ChainCost &chain : cost.chains)
    checkChain(chain);
  for (const CallCost &call : cost.calls) {
    checkQuality(call);
    checkLimits(call);
  }
  return std::move(violations);
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

void Checker::checkSum(const Limit &limit, FindUnknown findUnknown,
                       FindContributors contributors) {
  bool isWorst = at == CostCase::Worst;
  Amount amount = isWorst ? limit.worst : limit.expected;
  std::string most = limit.format(limit.most);
  std::string subject = ((isWorst ? "worst-case " : "expected ") + limit.what).str();
  if (exceeds(amount.known, limit.most)) {
    Violation &violation =
        add(Violation::Kind::Error, limit.op,
            subject + " must be at most " + most + ", as '" + limit.attribute + "' says (got " +
                (amount.complete ? "" : "at least ") + limit.format(amount.known) + ")");
    addNotes(violation, contributors(at));
    return;
  }
  if (exceeds(limit.worst.known, limit.most)) {
    Violation &violation =
        add(Violation::Kind::Warning, limit.op,
            "worst-case " + limit.what + " is over the " + most + " of '" + limit.attribute +
                "' (got " + (limit.worst.complete ? "" : "at least ") +
                limit.format(limit.worst.known) + ")");
    addNotes(violation, contributors(CostCase::Worst));
  }
  if (amount.complete)
    return;
  std::set<UnknownFigure> unknown = findUnknown();
  add(Violation::Kind::Warning, limit.op,
      subject + " may be over the " + most + " of '" + limit.attribute + "': it is at least " +
          limit.format(amount.known) + ", as there is unknown " +
          (unknown.empty() ? "what a function takes that leads to itself"
                           : formatUnknown(unknown)));
}

void Checker::visit(Operation *root, function_ref<void(const CallCost &)> onCall,
                    function_ref<void(const ToolCost &)> onTool) {
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (const CallCost *call = calls.lookup(op))
      onCall(*call);
    else if (const ToolCost *tool = tools.lookup(op))
      onTool(*tool);
  });
}

std::set<UnknownFigure> Checker::findUnknown(Operation *root, bool ofCost) {
  std::set<std::pair<bool, std::string>> inside;
  bool callsFunctions = false;
  visit(
      root, [&](const CallCost &call) { inside.insert({false, call.model->name}); },
      [&](const ToolCost &tool) {
        func::CallOp call = tool.call;
        inside.insert({true, call.getCallee().str()});
        callsFunctions |= bool(tool.function);
      });
  std::set<UnknownFigure> unknown;
  for (const UnknownFigure &figure : cost.unknown)
    if (StringRef(figure.field).ends_with("_usd_per_mtok") == ofCost &&
        (callsFunctions || inside.count({figure.isTool, figure.name})))
      unknown.insert(figure);
  return unknown;
}

/// What calls, and calls of functions, below `root` cost, times `scale`.
std::vector<Contributor> Checker::findCosts(Operation *root, CostCase which, double scale) {
  std::vector<Contributor> parts;
  bool isWorst = which == CostCase::Worst;
  auto addPart = [&](Operation *op, Amount one, const Forecast &runs) {
    double times = (isWorst ? runs.worst : runs.expected) * scale;
    double amount = one.known * times;
    std::string text = "this call takes " + formatUsd(amount);
    if (std::abs(times - 1) > 1e-9)
      text += ", in " + formatCount(times) + (isWorst ? " runs" : " expected runs");
    parts.push_back({op, amount, text});
  };
  visit(
      root,
      [&](const CallCost &call) {
        if (!isWorst || call.runsAtWorst)
          addPart(call.call, isWorst ? call.worstCostUsd : call.costUsd, call.runs);
      },
      [&](const ToolCost &tool) {
        if (func::FuncOp callee = tool.function) {
          const Totals &totals = costs.getCost(callee).totals;
          addPart(tool.call, isWorst ? totals.worstCostUsd : totals.costUsd, tool.runs);
        }
      });
  return parts;
}

/// What takes time: on the critical path if that is expected; at worst, one run of
/// what may be on it.
std::vector<Contributor> Checker::findTimes(CostCase which) {
  if (which == CostCase::Worst)
    return findChainTimes(function, which);
  std::vector<Contributor> parts;
  auto addPart = [&](Operation *op, const Timing &timing) {
    double takes = timing.finishMs - timing.startMs;
    if (timing.isCritical)
      parts.push_back({op, takes, "this call takes " + formatMs(takes) + " of the critical path"});
  };
  for (const CallCost &call : cost.calls)
    addPart(call.call, call.timing);
  for (const ToolCost &tool : cost.tools)
    addPart(tool.call, tool.timing);
  return parts;
}

std::vector<Contributor> Checker::findChainTimes(Operation *root, CostCase which) {
  std::vector<Contributor> parts;
  bool isWorst = which == CostCase::Worst;
  auto addPart = [&](Operation *op, Amount takes) {
    parts.push_back({op, takes.known,
                     "one run of this call takes " + std::string(isWorst ? "up to " : "") +
                         formatMs(takes.known)});
  };
  visit(
      root,
      [&](const CallCost &call) {
        addPart(call.call, isWorst ? call.worstLatencyMs : call.latencyMs);
      },
      [&](const ToolCost &tool) { addPart(tool.call, tool.latencyMs); });
  return parts;
}

//===----------------------------------------------------------------------===//
// Functions and chains
//===----------------------------------------------------------------------===//

void Checker::checkFunction() {
  if (auto budget = function->getAttrOfType<FloatAttr>("xcs_llm.budget_usd"))
    checkSum({function, "xcs_llm.budget_usd", "cost", budget.getValueAsDouble(),
              cost.totals.costUsd, cost.totals.worstCostUsd, formatUsd},
             [&] { return findUnknown(function, /*ofCost=*/true); },
             [&](CostCase which) { return findCosts(function, which, 1); });
  if (auto deadline = function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms")) {
    double most = deadline.getValueAsDouble();
    checkSum({function, "xcs_llm.deadline_ms", "latency", most, cost.latencyMs,
              cost.worstLatencyMs, formatMs},
             [&] { return findUnknown(function, /*ofCost=*/false); },
             [&](CostCase which) { return findTimes(which); });
    checkMakespan(most);
  }
}

/// The calls of models with limits, those with most requests first.
std::vector<Contributor> Checker::findLimited() {
  std::vector<Contributor> parts;
  for (const CallCost &call : cost.calls) {
    const ModelEntry &model = *call.model;
    std::string limits;
    auto addLimit = [&](double limit, StringRef unit) {
      limits += (limits.empty() ? "" : ", ") + formatCount(limit) + unit.str();
    };
    if (model.requestsPerMin)
      addLimit(*model.requestsPerMin, " requests per minute");
    if (model.tokensPerMin)
      addLimit(*model.tokensPerMin, " tokens per minute");
    if (model.maxConcurrency)
      addLimit(*model.maxConcurrency, " requests at once");
    double requests = call.requests * call.runs.expected;
    if (!limits.empty())
      parts.push_back({call.call, requests,
                       "this call sends " + formatCount(requests) + " requests to model '" +
                           model.name + "', which takes at most " + limits});
  }
  return parts;
}

void Checker::checkMakespan(double deadlineMs) {
  double critical = at == CostCase::Worst ? cost.worstLatencyMs.known : cost.latencyMs.known;
  if (exceeds(critical, deadlineMs) || !exceeds(cost.makespanMs.known, deadlineMs))
    return;
  Violation &violation =
      add(Violation::Kind::Error, function,
          "expected latency must be at most " + formatMs(deadlineMs) +
              ", as 'xcs_llm.deadline_ms' says (got " +
              (cost.makespanMs.complete ? "" : "at least ") + formatMs(cost.makespanMs.known) +
              " under the limits of its models, although the critical path takes but " +
              formatMs(cost.latencyMs.known) + ")");
  addNotes(violation, findLimited());
}

void Checker::checkChain(const ChainCost &chain) {
  ChainOp op = chain.chain;
  if (std::optional<APFloat> budget = op.getBudgetUsd()) {
    // Contributors count all runs of the chain, and the limit is on one.
    auto find = [&](CostCase which) {
      double known = which == CostCase::Worst ? chain.worstCostUsd.known : chain.costUsd.known;
      double sum = 0;
      for (const Contributor &part : findCosts(op, which, 1))
        sum += part.amount;
      return findCosts(op, which, sum > 0 ? known / sum : 1);
    };
    checkSum({op, "budget_usd", "cost", budget->convertToDouble(), chain.costUsd,
              chain.worstCostUsd, formatUsd},
             [&] { return findUnknown(op, /*ofCost=*/true); }, find);
  }
  if (std::optional<APFloat> deadline = op.getDeadlineMs())
    checkSum({op, "deadline_ms", "latency", deadline->convertToDouble(), chain.latencyMs,
              chain.worstLatencyMs, formatMs},
             [&] { return findUnknown(op, /*ofCost=*/false); },
             [&](CostCase which) { return findChainTimes(op, which); });
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

void Checker::checkQuality(const CallCost &cost) {
  LLMCallOpInterface call = cost.call;
  std::optional<QualityBound> bound = getQualityBound(call, function);
  if (!bound)
    return;
  StringAttr task = call.getQualityTaskAttr();
  std::string says = formatNumber(bound->least) + ", as '" + bound->attribute.str() + "' says";
  const ModelEntry &model = *cost.model;
  if (!call.getModelAttr()) {
    add(Violation::Kind::Warning, call, "quality must be at least " + says + ", but no model is chosen");
    return;
  }
  std::optional<double> quality = getQuality(call, model);
  std::string of = " of model '" + model.name + "'";
  if (task && model.qualityByTask.contains(task.getValue()))
    of += " at '" + task.str() + "'";
  if (!quality)
    add(Violation::Kind::Warning, call,
        "quality must be at least " + says + ", but that" + of + " is unknown");
  else if (*quality < bound->least)
    add(Violation::Kind::Error, call,
        "quality must be at least " + says + " (got " + formatNumber(*quality) + of + ")");
}

void Checker::checkLength(const CallCost &call, const LengthLimit &limit) {
  bool isWorst = at == CostCase::Worst;
  double amount = isWorst ? limit.tokens.worst : limit.tokens.expected;
  std::string what = limit.what.str();
  std::string most = formatCount(limit.most) + (limit.isParameter ? "" : " tokens") + ", the " +
                     limit.field.str() + " of model '" + call.model->name + "'";
  if (exceeds(amount, limit.most))
    add(Violation::Kind::Error, call.call,
        (limit.isParameter ? "" : isWorst ? "worst-case " : "expected ") + what +
            " must be at most " + most + " (got " + formatCount(amount) + ")");
  else if (exceeds(limit.tokens.worst, limit.most))
    add(Violation::Kind::Warning, call.call,
        "worst-case " + what + " is over " + most + " (got " + formatCount(limit.tokens.worst) +
            ")");
}

void Checker::checkLimits(const CallCost &cost) {
  LLMCallOpInterface call = cost.call;
  const ModelEntry &model = *cost.model;
  for (const LengthLimit &limit : getLengthLimits(call, model, cost.inputTokens, cost.outputTokens))
    checkLength(cost, limit);
  double samples = call.getSampleCount();
  if (double requests = countRequests(model, call.getSampleCount()); requests > 1)
    add(Violation::Kind::Remark, call,
        formatCount(samples) + " samples take " + formatCount(requests) + " requests, as model '" +
            model.name + "' gives at most " + formatCount(*model.maxSamples) + " at once");
}

std::vector<Violation> xcs::findViolations(CostModel &costs, func::FuncOp function, CostCase at) {
  return Checker(costs, function, at).run();
}

//===- RunReport.cpp - What runs tell people -------------------------------===//

#include "XcsLLM/Runtime/RunReport.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace llvm;

namespace xcs::runtime {

//===----------------------------------------------------------------------===//
// One run
//===----------------------------------------------------------------------===//

bool hasFailed(const RunResult &result) {
  return !result.fault.empty() || result.outcome.isStopped || anyFailed(result.outcome.outputs);
}

/// Whether an output, or an item of one, is missing.
static bool isIncomplete(const RunResult &result) {
  return hasFailed(result) || any_of(result.outcome.outputs, hasFailure);
}

void printText(const Plan &plan, const RunResult &result, raw_ostream &os) {
  for (auto [at, value] : enumerate(result.outcome.outputs)) {
    if (value.isFailed())
      continue;
    if (result.outcome.outputs.size() > 1)
      os << plan.outputs[at].name << ": ";
    os << (value.getText() ? *value.getText() : writeJson(value)) << "\n";
  }
}

static std::string describe(const Loss &loss) {
  std::string text = loss.scope + " has ended early: " + loss.reason;
  if (!loss.tasks.empty())
    text += "; lost: " + join(loss.tasks, ", ");
  return loss.more ? text + " and " + std::to_string(loss.more) + " more" : text;
}

static std::string describe(const Failure &failure) {
  std::string times =
      failure.times > 1 ? " (the first of " + std::to_string(failure.times) + " times)" : "";
  return "'" + failure.task->id + "' failed: " + failure.reason + times;
}

std::vector<std::string> explain(const Plan &plan, const RunResult &result) {
  const Outcome &outcome = result.outcome;
  std::vector<std::string> reasons;
  if (!result.fault.empty())
    reasons.push_back(result.fault);
  if (isIncomplete(result))
    for (const Failure &failure : outcome.failures)
      reasons.push_back(describe(failure));
  for (const Loss &loss : outcome.losses)
    reasons.push_back(describe(loss));
  for (auto [at, value] : enumerate(outcome.outputs))
    if (value.isFailed() && !outcome.isStopped)
      reasons.push_back("output '" + plan.outputs[at].name + "' has failed");
  return reasons;
}

void printJsonLine(const Plan &plan, const RunResult &result, raw_ostream &os) {
  os << "{\"run\":" << result.number << ",\"failed\":" << (hasFailed(result) ? "true" : "false")
     << ",\"outputs\":{";
  for (auto [at, value] : enumerate(result.outcome.outputs))
    os << (at ? "," : "") << writeJson(Value::text(plan.outputs[at].name)) << ":"
       << writeJson(value);
  os << format("},\"time_ms\":%.3f,\"cost_usd\":%.9g", result.endMs - result.startMs, result.usd);
  auto printList = [&](StringRef name, ArrayRef<std::string> lines) {
    Value::List texts;
    for (const std::string &line : lines)
      texts.push_back(Value::text(line));
    os << ",\"" << name << "\":" << writeJson(Value::list(std::move(texts)));
  };
  std::vector<std::string> lost;
  for (const Loss &loss : result.outcome.losses)
    lost.push_back(loss.scope + ": " + loss.reason);
  if (!lost.empty())
    printList("lost", lost);
  if (isIncomplete(result))
    printList("reasons", explain(plan, result));
  os << "}\n";
}

//===----------------------------------------------------------------------===//
// All runs
//===----------------------------------------------------------------------===//

static std::string printSeconds(double ms) {
  std::string text;
  raw_string_ostream(text) << (ms < 9995 ? format("%.2f s", ms / 1000)
                                         : format("%.1f s", ms / 1000));
  return text;
}

static std::string printUsd(double usd) {
  std::string text;
  raw_string_ostream(text) << (usd < 0.01 ? format("$%.6f", usd) : format("$%.4f", usd));
  return text;
}

static std::string printCount(double count) {
  std::string text;
  raw_string_ostream(text) << (count == std::floor(count) ? format("%.0f", count)
                                                          : format("%.1f", count));
  return text;
}

namespace {

/// Lines of what was measured beside what was expected.
class Table {
public:
  Table(raw_ostream &os, const Totals &totals) : os(os), totals(totals) {}

  void add(StringRef name, const std::string &measured, std::optional<double> expected,
           StringRef figure, function_ref<std::string(double)> print) {
    os << "  " << left_justify(name, 15) << right_justify(measured, 12);
    if (expected)
      os << "  expected " << (is_contained(totals.atLeast, figure) ? "at least " : "")
         << print(*expected);
    os << "\n";
  }

private:
  raw_ostream &os;
  const Totals &totals;
};

} // namespace

static void printEvents(const Statistics &statistics, raw_ostream &os) {
  auto say = [&](uint64_t count, const char *what) {
    if (count)
      os << "  " << count << " " << what << "\n";
  };
  if (statistics.cacheHits + statistics.cacheMisses)
    os << "  " << statistics.cacheHits << " of " << statistics.cacheHits + statistics.cacheMisses
       << " lookups found in the cache\n";
  if (statistics.recalled)
    os << "  " << statistics.recalled << " taken from before the run was resumed, for "
       << printUsd(statistics.recalledUsd) << "\n";
  say(statistics.retries, "tried again");
  say(statistics.failures, "failed, of requests and tools");
  for (const auto &[ending, brokenOff] : statistics.brokenOff)
    os << "  " << brokenOff.count << " broken off: " << describe(ending) << " (about "
       << printUsd(brokenOff.usd) << ")\n";
  if (statistics.lost.count)
    os << "  " << statistics.lost.count << " sent and not answered (about "
       << printUsd(statistics.lost.usd) << ")\n";
  say(statistics.unsent, "never sent");
  say(statistics.unpriced, "of unknown price, and not in the cost");
  say(statistics.uncounted, "without a server's word on tokens: as expected");
  for (const std::string &reason : statistics.reasons)
    os << "  failed: " << reason << "\n";
}

void printSummary(const RunSummary &summary, raw_ostream &os) {
  const Statistics &measured = summary.statistics;
  const Totals &totals = summary.plan.totals;
  double runs = std::max<uint64_t>(summary.runs, 1);
  auto expect = [&](std::optional<double> figure) {
    return figure ? std::optional(*figure * runs) : std::nullopt;
  };
  os << "plan '" << summary.plan.name << "': " << summary.runs
     << (summary.runs == 1 ? " run" : " runs");
  if (summary.failed)
    os << ", " << summary.failed << " failed";
  if (summary.unstarted)
    os << ", " << summary.unstarted << " not started";
  os << (summary.isSimulated ? " (simulated)\n" : "\n");
  Table table(os, totals);
  table.add("time", printSeconds(summary.timeMs),
            summary.runs == 1 ? (totals.makespanMs ? totals.makespanMs : totals.latencyMs)
                              : std::nullopt,
            "makespan_ms", printSeconds);
  if (summary.runs > 1)
    table.add("  of one run", printSeconds(summary.meanMs), totals.latencyMs, "latency_ms",
              printSeconds);
  table.add("requests", printCount(measured.requests), expect(totals.requests), "requests",
            printCount);
  if (measured.toolCalls)
    table.add("tool calls", printCount(measured.toolCalls), std::nullopt, "", printCount);
  table.add("input tokens", printCount(std::round(measured.tokens.input)),
            expect(totals.inputTokens), "input_tokens",
            [](double count) { return printCount(std::round(count)); });
  table.add("output tokens", printCount(std::round(measured.tokens.output)),
            expect(totals.outputTokens), "output_tokens",
            [](double count) { return printCount(std::round(count)); });
  table.add("cost", printUsd(measured.usd), expect(totals.costUsd), "cost_usd", printUsd);
  printEvents(measured, os);
  if (summary.overspent)
    os << "  " << summary.overspent
       << (summary.overspent == 1 ? " run has cost more than its budget"
                                  : " runs have cost more than their budgets")
       << ": by estimates there was enough\n";
}

} // namespace xcs::runtime

//===- Contract.cpp - Whether a rewritten plan keeps the contract ----------===//

#include "Contract.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"
#include <set>

using namespace llvm;
using namespace xcs::runtime;
using xcs::runtime::failed;
using xcs::test::Contract;
using xcs::test::Failures;
using xcs::test::Run;
using Item = xcs::runtime::Value;

Contract::Contract(const Document &document, const Plan &plan, unsigned maxSets)
    : document(document), plan(plan), maxSets(maxSets), vocabulary(document),
      inputs(inventInputs(plan, vocabulary)) {}

Run Contract::run(const Document &document, const Plan &plan, const Failures &failures,
                  std::optional<uint64_t> orderSeed) const {
  StandIn standIn(vocabulary, failures);
  Expected<Outcome> outcome = runPlan(document, plan, inputs, standIn, orderSeed);
  if (!outcome)
    return {{}, {}, toString(outcome.takeError())};
  return {std::move(*outcome), std::move(standIn.asked), ""};
}

const Run &Contract::runOld(const Failures &failures) {
  auto known = oldRuns.find(failures);
  if (known == oldRuns.end())
    known = oldRuns.emplace(failures, run(document, plan, failures, std::nullopt)).first;
  return known->second;
}

//===----------------------------------------------------------------------===//
// The same, or as good
//===----------------------------------------------------------------------===//

/// Whether the values are the same, but that a list that had failed as a whole may have
/// items that have: of a request of several samples, of which nothing came back, and
/// which is now part of a larger one.
static bool isSame(const Item &old, const Item &now) {
  const Item::List *items = old.getList(), *nowItems = now.getList();
  if (!nowItems || (!items && !old.isFailed()))
    return old == now;
  if (!items)
    return !nowItems->empty() &&
           all_of(*nowItems, [&](const Item &item) { return isSame(Item(), item); });
  return items->size() == nowItems->size() && all_of(zip(*items, *nowItems), [](const auto &pair) {
           return isSame(std::get<0>(pair), std::get<1>(pair));
         });
}

static bool doesSame(const Run &old, const Run &now) {
  return all_of(zip(old.outcome.outputs, now.outcome.outputs),
                [](const auto &pair) { return isSame(std::get<0>(pair), std::get<1>(pair)); }) &&
         old.asked.toolCalls == now.asked.toolCalls;
}

/// Whether the values are the same but for what has failed in the old one.
static bool covers(const Item &old, const Item &now) {
  const Item::List *items = old.getList(), *others = now.getList();
  if (items && others)
    return items->size() == others->size() && all_of(zip(*items, *others), [](const auto &pair) {
             return covers(std::get<0>(pair), std::get<1>(pair));
           });
  return old.isFailed() || isSame(old, now);
}

/// Whether something has failed without being made to: a rewrite may leave that out.
/// Upstream's leave out responses, too, that cannot be read.
static bool failsOfItself(const Run &run, bool mayDropFailures) {
  return run.outcome.computedFailures > 0 || (mayDropFailures && run.asked.unreadable > 0);
}

using ToolCall = std::pair<std::string, std::vector<Item>>;

/// Whether the tools were called as before, and more often perhaps: a condition that has
/// failed runs neither branch, and one that fails no more runs one.
static bool containsInOrder(ArrayRef<ToolCall> calls, ArrayRef<ToolCall> part) {
  for (const ToolCall &call : calls)
    if (!part.empty() && call == part.front())
      part = part.drop_front();
  return part.empty();
}

/// Whether what had not failed is still as it was. That is enough where something has
/// failed of itself.
static bool keepsWhatWorked(const Run &old, const Run &now, bool mayDropFailures) {
  if (!failsOfItself(old, mayDropFailures))
    return false;
  const auto &calls = old.asked.toolCalls, &nowCalls = now.asked.toolCalls;
  bool isLonger = old.outcome.isStopped && nowCalls.size() >= calls.size() &&
                  std::equal(calls.begin(), calls.end(), nowCalls.begin());
  if (calls != nowCalls && !isLonger && !(mayDropFailures && containsInOrder(nowCalls, calls)))
    return false;
  return all_of(zip(old.outcome.outputs, now.outcome.outputs),
                [](const auto &pair) { return covers(std::get<0>(pair), std::get<1>(pair)); });
}

/// Whether `now` is `old`, but for what has failed there, which may be as in one of
/// `others`: upstream's folds drop failures of one use of a value and not of the next
/// (`x - x` is 0).
static bool isExplained(const Item &old, const Item &now, ArrayRef<const Item *> others) {
  if (isSame(old, now))
    return true;
  if (old.isFailed())
    return any_of(others, [&](const Item *other) { return *other == now; });
  const Item::List *items = old.getList(), *nowItems = now.getList();
  if (!items || !nowItems || items->size() != nowItems->size())
    return false;
  for (size_t at = 0; at < items->size(); ++at) {
    SmallVector<const Item *> inner;
    for (const Item *other : others)
      if (other->getList() && other->getList()->size() == items->size())
        inner.push_back(&(*other->getList())[at]);
    if (!isExplained((*items)[at], (*nowItems)[at], inner))
      return false;
  }
  return true;
}

static bool isExplained(const Run &old, const Run &now, ArrayRef<const Run *> others) {
  if (old.asked.toolCalls != now.asked.toolCalls)
    return false;
  for (size_t at = 0; at < old.outcome.outputs.size(); ++at) {
    SmallVector<const Item *> outputs;
    for (const Run *other : others)
      outputs.push_back(&other->outcome.outputs[at]);
    if (!isExplained(old.outcome.outputs[at], now.outcome.outputs[at], outputs))
      return false;
  }
  return true;
}

static void describe(const Item &output, raw_ostream &os) {
  if (output.isFailed())
    os << "failed";
  else
    printJson(output, os);
}

static std::string describe(const Run &old, const Run &now) {
  std::string text;
  raw_string_ostream os(text);
  for (size_t at = 0; at < old.outcome.outputs.size(); ++at) {
    const Item &before = old.outcome.outputs[at], &after = now.outcome.outputs[at];
    if (isSame(before, after))
      continue;
    describe(before, os << "\n    output " << at << "\n      before: ");
    describe(after, os << "\n      after:  ");
  }
  if (old.asked.toolCalls != now.asked.toolCalls)
    for (auto [when, run] : {std::pair("before", &old), {"after", &now}})
      for (const auto &[tool, values] : run->asked.toolCalls)
        describe(Item::list(values), os << "\n    calls " << when << ": " << tool << " ");
  return text;
}

//===----------------------------------------------------------------------===//
// The contract
//===----------------------------------------------------------------------===//

std::string Contract::checkWithoutFailures(const Run &now, bool mayDropFailures) {
  const Run &old = runOld({});
  if (!doesSame(old, now) && !keepsWhatWorked(old, now, mayDropFailures))
    return "differs without failures" + describe(old, now);
  // A plan that stops early does not get to ask all that it may, nor does one that a
  // failure keeps from it.
  if (old.outcome.isStopped || !doesSame(old, now) || failsOfItself(old, mayDropFailures))
    return "";
  for (const auto &[key, count] : now.asked.keys) {
    auto before = old.asked.keys.find(key);
    unsigned had = before == old.asked.keys.end() ? 0 : before->second;
    if (count > had)
      return "asks " + std::to_string(count) +
             " times for a sample (before: " + std::to_string(had) + "), and for " +
             std::to_string(now.asked.samples) +
             " in all (before: " + std::to_string(old.asked.samples) + ")";
  }
  return "";
}

std::string Contract::checkUnder(const Failures &failures, const Run &now, bool mayDropFailures) {
  // Most likely are those that the new plan met, then all.
  Failures met;
  for (uint64_t key : failures)
    if (now.asked.failed.contains(key))
      met.push_back(key);
  std::vector<Failures> subsets = {met, failures};
  for (unsigned bits = 0; bits < 1u << failures.size(); ++bits) {
    subsets.emplace_back();
    for (auto [at, key] : enumerate(failures))
      if (bits >> at & 1)
        subsets.back().push_back(key);
  }
  for (const Failures &subset : subsets) {
    const Run &old = runOld(subset);
    if (doesSame(old, now) || keepsWhatWorked(old, now, mayDropFailures))
      return "";
  }
  SmallVector<const Run *> olds;
  for (const Failures &subset : subsets)
    olds.push_back(&runOld(subset));
  if (mayDropFailures && any_of(olds, [&](const Run *old) { return isExplained(*old, now, olds); }))
    return "";
  return "adds a failure under " + std::to_string(failures.size()) + " that are injected" +
         describe(runOld(met), now);
}

/// All sets of one to three keys of `pool`, if they are no more than `most`; else those
/// of one, and some that are drawn.
static std::vector<Failures> drawSets(ArrayRef<uint64_t> pool, unsigned most, Dice &dice) {
  uint64_t size = pool.size();
  std::vector<Failures> sets;
  for (uint64_t key : pool)
    sets.push_back({key});
  if (size + size * (size - 1) / 2 + size * (size - 1) * (size - std::min<uint64_t>(size, 2)) / 6 <=
      most) {
    for (uint64_t i = 0; i < size; ++i)
      for (uint64_t j = i + 1; j < size; ++j) {
        sets.push_back({pool[i], pool[j]});
        for (uint64_t k = j + 1; k < size; ++k)
          sets.push_back({pool[i], pool[j], pool[k]});
      }
    return sets;
  }
  // Half of the sets have one key, if there are that many.
  while (sets.size() > std::max<uint64_t>(most / 2, 1)) {
    std::swap(sets[dice.roll(sets.size())], sets.back());
    sets.pop_back();
  }
  while (sets.size() < most) {
    sets.emplace_back();
    for (uint64_t left = 2 + dice.roll(2); left > 0; --left)
      sets.back().push_back(dice.pick(pool));
  }
  return sets;
}

std::string Contract::check(const Document &newDocument, const Plan &newPlan,
                            bool mayDropFailures) {
  uint64_t seed = xxh3_64bits(StringRef(plan.name));
  Run now = run(newDocument, newPlan, {}, seed);
  const Run &old = runOld({});
  if (!old.error.empty() || !now.error.empty())
    return "does not run: " + old.error + now.error;
  ++comparisons;
  std::string fault = checkWithoutFailures(now, mayDropFailures);
  // What fails may lead to requests that were not met before; they can fail, too.
  SetVector<uint64_t> pool = now.asked.canFail;
  std::set<Failures> seen;
  Dice dice(seed);
  for (size_t known = 0; known < pool.size() && seen.size() < maxSets;) {
    known = pool.size();
    for (Failures &failures : drawSets(pool.getArrayRef(), maxSets - seen.size(), dice)) {
      llvm::sort(failures);
      failures.erase(llvm::unique(failures), failures.end());
      if (!fault.empty() || !seen.insert(failures).second)
        continue;
      now = run(newDocument, newPlan, failures, seed + seen.size());
      ++comparisons;
      fault = now.error.empty() ? checkUnder(failures, now, mayDropFailures)
                                : "does not run: " + now.error;
      pool.insert(now.asked.canFail.begin(), now.asked.canFail.end());
    }
  }
  return fault;
}

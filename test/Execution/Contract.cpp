//===- Contract.cpp - Whether a rewritten plan keeps the contract ----------===//

#include "Contract.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"
#include <deque>
#include <set>

using namespace llvm;
using namespace xcs::runtime;
using xcs::runtime::failed;
using xcs::test::Allowance;
using xcs::test::Contract;
using xcs::test::Failures;
using xcs::test::Run;
using Item = xcs::runtime::Value;

Contract::Contract(const Document &document, const Plan &plan, unsigned maxSets)
    : document(document), plan(plan), maxSets(maxSets), vocabulary(document),
      inputs(inventInputs(plan, vocabulary)) {}

Contract::~Contract() = default;

Run Contract::run(const Document &document, const Plan &plan, const Injection &injection,
                  std::optional<uint64_t> orderSeed) const {
  StandIn standIn(vocabulary, injection);
  Expected<Outcome> outcome = runPlan(document, plan, inputs, standIn, orderSeed);
  if (!outcome)
    return {{}, {}, toString(outcome.takeError())};
  return {std::move(*outcome), std::move(standIn.asked), ""};
}

//===----------------------------------------------------------------------===//
// The old plan under fewer failures
//===----------------------------------------------------------------------===//

/// Runs that are asked for in turn: first those in which all failures of some keys are
/// left out, then those in which single ones are, few before many.
struct Contract::Fewer {
  std::vector<Injection> injections;
  std::set<std::tuple<Failures, Failures, bool>> seen; ///< of injections
  std::deque<Run> runs;                                ///< of the first injections

  void add(Failures failing, Failures pardoned, bool givesLists) {
    if (seen.insert({failing, pardoned, givesLists}).second)
      injections.push_back({std::move(failing), std::move(pardoned), givesLists});
  }
};

const Run *Contract::runOld(Fewer &fewer, size_t at) {
  // A program in which that much fails has shown enough.
  constexpr size_t most = 256;
  while (fewer.runs.size() <= at) {
    if (fewer.runs.size() == fewer.injections.size())
      return nullptr;
    const Injection injection = fewer.injections[fewer.runs.size()];
    const Run &last = fewer.runs.emplace_back(run(document, plan, injection, std::nullopt));
    if (last.asked.hasFailedList && injection.pardoned.empty())
      fewer.add(injection.failing, {}, true);
    for (uint64_t event : last.asked.events) {
      Failures pardoned = injection.pardoned;
      pardoned.insert(upper_bound(pardoned, event), event);
      if (fewer.injections.size() < most)
        fewer.add(injection.failing, std::move(pardoned), injection.givesLists);
    }
  }
  return &fewer.runs[at];
}

Contract::Fewer &Contract::getFewer(const Failures &failures) {
  auto [known, isNew] = allFewer.try_emplace(failures);
  if (!isNew)
    return *known->second;
  known->second = std::make_unique<Fewer>();
  Fewer &fewer = *known->second;
  fewer.add(failures, {}, false);
  if (failures.size() <= 4)
    for (unsigned bits = 0; bits < 1u << failures.size(); ++bits) {
      Failures some;
      for (auto [at, key] : enumerate(failures))
        if (bits >> at & 1)
          some.push_back(key);
      fewer.add(std::move(some), {}, false);
    }
  return fewer;
}

//===----------------------------------------------------------------------===//
// The same, or as good
//===----------------------------------------------------------------------===//

static bool doesSame(const Run &old, const Run &now) {
  return old.outcome.outputs == now.outcome.outputs && old.asked.toolCalls == now.asked.toolCalls;
}

/// Whether the values are the same but for what has failed in the old one.
static bool covers(const Item &old, const Item &now) {
  const Item::List *items = old.getList(), *others = now.getList();
  if (items && others)
    return items->size() == others->size() && all_of(zip(*items, *others), [](const auto &pair) {
             return covers(std::get<0>(pair), std::get<1>(pair));
           });
  return old.isFailed() || old == now;
}

/// Whether what had not failed is still as it was, where something has failed in a
/// computation or a vote: no run of the old plan shows what is behind that if it has not.
static bool keepsWhatWorked(const Run &old, const Run &now) {
  if (old.outcome.computedFailures == 0)
    return false;
  const auto &calls = old.asked.toolCalls, &nowCalls = now.asked.toolCalls;
  bool isLonger = old.outcome.isStopped && nowCalls.size() >= calls.size() &&
                  std::equal(calls.begin(), calls.end(), nowCalls.begin());
  return (calls == nowCalls || isLonger) &&
         all_of(zip(old.outcome.outputs, now.outcome.outputs),
                [](const auto &pair) { return covers(std::get<0>(pair), std::get<1>(pair)); });
}

/// Whether `now` is `old`, but for what has failed there, which may be as in one of
/// `others`.
static bool isMixed(const Item &old, const Item &now, ArrayRef<const Item *> others) {
  if (old == now)
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
    if (!isMixed((*items)[at], (*nowItems)[at], inner))
      return false;
  }
  return true;
}

static bool isMixed(const Run &old, const Run &now, ArrayRef<const Run *> others) {
  if (old.asked.toolCalls != now.asked.toolCalls)
    return false;
  for (size_t at = 0; at < old.outcome.outputs.size(); ++at) {
    SmallVector<const Item *> outputs;
    for (const Run *other : others)
      outputs.push_back(&other->outcome.outputs[at]);
    if (!isMixed(old.outcome.outputs[at], now.outcome.outputs[at], outputs))
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
    if (before == after)
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

bool Contract::isExplained(const Failures &failures, const Run &now, bool mayMix) {
  Fewer &fewer = getFewer(failures);
  SmallVector<const Run *> olds;
  while (const Run *old = runOld(fewer, olds.size())) {
    if (doesSame(*old, now) || (mayMix && keepsWhatWorked(*old, now)))
      return true;
    olds.push_back(old);
  }
  return mayMix && any_of(olds, [&](const Run *old) { return isMixed(*old, now, olds); });
}

/// What is wrong with how often samples are asked for, if anything.
static std::string checkSamples(const Run &old, const Run &now) {
  for (const auto &[key, count] : now.asked.keys)
    if (unsigned had = old.asked.keys.lookup(key); count > had)
      return "asks " + std::to_string(count) +
             " times for a sample (before: " + std::to_string(had) + "), and for " +
             std::to_string(now.asked.samples) +
             " in all (before: " + std::to_string(old.asked.samples) + ")";
  return "";
}

std::string Contract::checkRun(const Failures &failures, const Run &now, Allowance allowance) {
  if (!now.error.empty())
    return "does not run: " + now.error;
  if (allowance.mayAnswerOtherwise)
    return "";
  const Run &old = *runOld(getFewer(failures), 0);
  if (!isExplained(failures, now, allowance.mayMix)) {
    std::string what =
        failures.empty()
            ? "differs without failures"
            : "adds a failure under " + std::to_string(failures.size()) + " that are injected";
    return what + describe(old, now);
  }
  // A plan that stops early does not get to ask all that it may, nor does one that a
  // failure keeps from it.
  bool canCount = failures.empty() && !allowance.mayAskMore && doesSame(old, now) &&
                  !old.outcome.isStopped && old.outcome.computedFailures == 0 &&
                  old.asked.events.empty();
  return canCount ? checkSamples(old, now) : "";
}

/// All sets of one to three of `pool`, if they are no more than `most`; else those of
/// one, and some that are drawn.
static std::vector<std::vector<Failures>> drawSets(ArrayRef<Failures> pool, unsigned most,
                                                   Dice &dice) {
  uint64_t size = pool.size();
  std::vector<std::vector<Failures>> sets;
  for (const Failures &one : pool)
    sets.push_back({one});
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
  // Half of the sets have one, if there are that many.
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

/// What can be made to fail: samples and parses, and all samples of one request.
static void addTo(SetVector<Failures, std::vector<Failures>, std::set<Failures>> &pool,
                  const Asked &asked) {
  for (uint64_t key : asked.canFail)
    pool.insert({key});
  for (Failures keys : asked.lists) {
    llvm::sort(keys);
    keys.erase(llvm::unique(keys), keys.end());
    pool.insert(keys);
  }
}

std::string Contract::check(const Document &newDocument, const Plan &newPlan, Allowance allowance) {
  uint64_t seed = xxh3_64bits(StringRef(plan.name));
  if (const Run &old = *runOld(getFewer({}), 0); !old.error.empty())
    return "does not run: " + old.error;
  // What fails may lead to requests that were not met before; they can fail, too.
  SetVector<Failures, std::vector<Failures>, std::set<Failures>> pool;
  std::set<Failures> seen;
  std::string fault;
  auto checkUnder = [&](const Failures &failures) {
    for (bool givesLists : {false, true}) {
      Run now = run(newDocument, newPlan, {failures, {}, givesLists}, seed + seen.size());
      ++comparisons;
      addTo(pool, now.asked);
      fault = checkRun(failures, now, allowance);
      if (!fault.empty() || !now.asked.hasFailedList)
        return;
    }
  };
  checkUnder({});
  Dice dice(seed);
  for (size_t known = 0; known < pool.size() && seen.size() < maxSets;) {
    known = pool.size();
    const std::vector<Failures> all = pool.getArrayRef().vec();
    for (const std::vector<Failures> &set : drawSets(all, maxSets - seen.size(), dice)) {
      Failures failures;
      for (const Failures &one : set)
        failures.insert(failures.end(), one.begin(), one.end());
      llvm::sort(failures);
      failures.erase(llvm::unique(failures), failures.end());
      if (fault.empty() && seen.insert(failures).second)
        checkUnder(failures);
    }
  }
  return fault;
}

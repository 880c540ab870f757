//===- Votes.cpp - Who wins a vote -----------------------------------------===//

#include "XcsLLM/Runtime/Votes.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;

namespace xcs::runtime {

void Votes::cast(const std::vector<Value> &ballot) {
  if (anyFailed(ballot))
    return;
  auto [place, isNew] = places.try_emplace(getKey(Value::list(ballot)), counts.size());
  if (isNew)
    counts.push_back({ballot, 0});
  ++counts[place->second].votes;
}

const Votes::Count *Votes::getLeader() const {
  auto leader =
      max_element(counts, [](const Count &a, const Count &b) { return a.votes < b.votes; });
  return leader == counts.end() ? nullptr : &*leader;
}

const std::vector<Value> *Votes::getWinner(std::optional<int64_t> quorum) const {
  const Count *leader = getLeader();
  return leader && leader->votes >= quorum.value_or(1) ? &leader->ballot : nullptr;
}

/// P(Beta(a+1, b+1) > ½): that of a + b + 1 fair coins at most a show heads.
static double getProbabilityAboveHalf(int64_t a, int64_t b) {
  double coins = a + b + 1, sum = 0;
  for (int64_t heads = 0; heads <= a; ++heads)
    sum += std::exp(std::lgamma(coins + 1) - std::lgamma(heads + 1.0) -
                    std::lgamma(coins - heads + 1) - coins * std::log(2.0));
  return sum;
}

bool Votes::isDecided(std::optional<int64_t> rest, std::optional<int64_t> quorum,
                      std::optional<double> confidence) const {
  const Count *leader = getLeader();
  int64_t most = leader ? leader->votes : 0, second = 0;
  for (const Count &count : counts)
    if (&count != leader)
      second = std::max(second, count.votes);
  if (confidence && getProbabilityAboveHalf(most, second) >= *confidence)
    return true;
  if (!rest)
    return false;
  if (most + *rest < quorum.value_or(1))
    return true;
  // The leader comes first among those with as many votes, now. To stay ahead of one
  // that was first cast before it, or that is new, it needs more.
  if (!leader || most < quorum.value_or(1) || *rest > most)
    return false;
  return all_of(counts, [&](const Count &count) {
    int64_t reach = count.votes + *rest;
    return &count == leader || reach < most || (reach == most && leader < &count);
  });
}

std::optional<double> Votes::getShare() const {
  const Count *leader = getLeader();
  int64_t all = 0;
  for (const Count &count : counts)
    all += count.votes;
  return leader ? std::optional(double(leader->votes) / double(all)) : std::nullopt;
}

bool Votes::isCertain(std::optional<int64_t> rest, std::optional<int64_t> quorum) const {
  const Count *leader = getLeader();
  int64_t most = leader ? leader->votes : 0, least = quorum.value_or(1);
  if (!rest || most + *rest < least)
    return rest.has_value();
  return leader && most >= least && *rest < most && all_of(counts, [&](const Count &count) {
           return &count == leader || count.votes + *rest < most;
         });
}

} // namespace xcs::runtime

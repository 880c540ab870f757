//===- VotePlanner.cpp - In which rounds to take votes ---------------------===//

#include "XcsLLM/Analysis/VotePlanner.h"
#include "VoteStates.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

using namespace xcs;
using llvm::ArrayRef;

double RoundPrices::countRequests(int64_t samples) const {
  return maxSamples > 0 ? std::ceil(double(samples) / maxSamples) : 1;
}

double RoundPrices::getCost(int64_t cast, int64_t end, int64_t total) const {
  double request = cast > 0 ? laterRequestUsd : end < total ? firstRequestUsd : requestUsd;
  return countRequests(end - cast) * request + (end - cast) * sampleUsd;
}

RoundPrices xcs::getRoundPrices(const ModelEntry &model, ServiceTier tier, CallTokens tokens) {
  auto getUsd = [&](double cached, double written, double output) {
    return priceCall(model, tier, {tokens.input, cached, written, output, 1}).known;
  };
  RoundPrices prices;
  prices.requestUsd = getUsd(tokens.cached, tokens.written, 0);
  prices.firstRequestUsd = prices.laterRequestUsd = prices.requestUsd;
  prices.sampleUsd = getUsd(tokens.cached, tokens.written, tokens.output) - prices.requestUsd;
  prices.maxSamples = model.maxSamples.value_or(0);
  // By later rounds the first one's prompt may be in the cache.
  bool isCached = model.minCachedTokens && tokens.input >= *model.minCachedTokens &&
                  model.getPrices(tier, tokens.input).cachedInput;
  if (isCached) {
    prices.firstRequestUsd = getUsd(tokens.cached, tokens.input - tokens.cached, 0);
    prices.laterRequestUsd = getUsd(tokens.input, 0, 0);
  }
  return prices;
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// How a vote may stand after each number of votes. Votes come in any order equally
/// likely, whatever the question, so the share of the orders that lead to a state
/// and are still open there depends on the rounds alone, and how likely the state
/// is on the questions alone: their product is how likely it is to get there.
class VotePlanner::States {
public:
  /// One figure for each state after the same number of votes.
  using Figures = std::vector<double>;

  explicit States(const Vote &vote);

  /// The orders of no votes: all of one are open.
  Figures getStart() const { return {1.0}; }
  /// Those after one vote more than `cast`.
  Figures castVote(const Figures &orders, int64_t cast) const;
  /// Stops where the vote is settled; returns the chance that it goes on.
  double stop(Figures &orders, int64_t cast) const;
  /// How many votes more it takes at least, looking at each of them.
  double getFewestVotes(const Figures &orders, int64_t cast) const;
  /// The chance of the states that are open.
  double getOpen(int64_t cast) const;
  /// The chances that rounds start.
  std::vector<double> findStarts(ArrayRef<int64_t> rounds) const;
  /// The chance that the result is not that of all votes, of the orders in which the
  /// winner comes before its rival, or the rival before the winner.
  double findDifference(ArrayRef<int64_t> rounds, bool winnerIsFirst) const;
  /// The states after all numbers of votes together.
  int64_t countAll() const;

private:
  /// Calls for each state with its index, and the votes for the winner, its rival,
  /// and others.
  template <typename Visit> void forEach(int64_t cast, Visit visit) const {
    size_t index = 0;
    for (int64_t others = 0; others <= countOthers(cast); ++others)
      for (int64_t winner = 0; winner <= cast - others; ++winner)
        visit(index++, winner, cast - others - winner, others);
  }
  int64_t countOthers(int64_t cast) const { return hasOthers ? cast : 0; }
  size_t count(int64_t cast) const {
    return hasOthers ? size_t(cast + 1) * (cast + 2) / 2 : cast + 1;
  }
  /// The index of the first state with so many others, after `cast` votes.
  static size_t getRow(int64_t cast, int64_t others) {
    return others * (cast + 1) - others * (others - 1) / 2;
  }
  void addChances(const VoteChances &chance, double weight);
  void findFewest();

  int64_t total;
  bool hasOthers = false;
  std::vector<Figures> chances;          ///< of states, by votes
  std::vector<std::vector<bool>> isOpen; ///< likewise
  /// How many votes more each state takes at least, times its chance.
  std::vector<Figures> fewest;
};

VotePlanner::States::States(const Vote &vote) : total(vote.votes) {
  double weights = 0;
  std::vector<VoteChances> shares;
  for (const AgreementShare &share : vote.agreements) {
    weights += getWeight(share);
    hasOthers |= shares.emplace_back(share, total).scattered > 0;
  }
  OpenRule rule(total, vote.quorum, vote.confidence);
  for (int64_t cast = 0; cast <= total; ++cast) {
    chances.emplace_back(count(cast));
    forEach(cast, [&, &open = isOpen.emplace_back(count(cast))](size_t index, int64_t winner,
                                                                int64_t rival, int64_t others) {
      open[index] = cast == 0 || rule.isOpen(winner, rival, others); // the first always starts
    });
  }
  for (size_t i = 0; i < shares.size(); ++i)
    addChances(shares[i], getWeight(vote.agreements[i]) / weights);
  findFewest();
}

void VotePlanner::States::addChances(const VoteChances &chance, double weight) {
  Figures before = {weight};
  for (int64_t cast = 0;; ++cast) {
    for (size_t index = 0; index < before.size(); ++index)
      chances[cast][index] += before[index];
    if (cast == total)
      return;
    Figures after(count(cast + 1));
    forEach(cast, [&](size_t index, int64_t winner, int64_t, int64_t others) {
      size_t next = getRow(cast + 1, others) + winner;
      after[next] += before[index] * chance.rival;
      after[next + 1] += before[index] * chance.winner;
      if (hasOthers)
        after[getRow(cast + 1, others + 1) + winner] += before[index] * chance.scattered;
    });
    before = std::move(after);
  }
}

VotePlanner::States::Figures VotePlanner::States::castVote(const Figures &orders,
                                                           int64_t cast) const {
  Figures after(count(cast + 1));
  // The last vote was equally likely any of them.
  forEach(cast + 1, [&](size_t index, int64_t winner, int64_t rival, int64_t others) {
    double sum = 0;
    if (winner > 0)
      sum += winner * orders[getRow(cast, others) + winner - 1];
    if (rival > 0)
      sum += rival * orders[getRow(cast, others) + winner];
    if (others > 0)
      sum += others * orders[getRow(cast, others - 1) + winner];
    after[index] = sum / (cast + 1);
  });
  return after;
}

double VotePlanner::States::stop(Figures &orders, int64_t cast) const {
  double sum = 0;
  for (size_t index = 0; index < orders.size(); ++index) {
    if (!isOpen[cast][index])
      orders[index] = 0;
    sum += orders[index] * chances[cast][index];
  }
  return sum;
}

double VotePlanner::States::getOpen(int64_t cast) const {
  double sum = 0;
  for (size_t index = 0; index < chances[cast].size(); ++index)
    sum += isOpen[cast][index] ? chances[cast][index] : 0;
  return sum;
}

std::vector<double> VotePlanner::States::findStarts(ArrayRef<int64_t> rounds) const {
  std::vector<double> starts;
  Figures orders = getStart();
  int64_t cast = 0;
  for (int64_t votes : rounds) {
    starts.push_back(stop(orders, cast));
    for (int64_t end = cast + votes; cast < end; ++cast)
      orders = castVote(orders, cast);
  }
  return starts;
}

double VotePlanner::States::findDifference(ArrayRef<int64_t> rounds, bool winnerIsFirst) const {
  // Orders that are open, and those that have stopped for the winner or its rival.
  std::array<Figures, 3> orders = {getStart(), {0.0}, {0.0}};
  auto isForRival = [&](int64_t winner, int64_t rival) {
    return winner < rival || (winner == rival && !winnerIsFirst);
  };
  int64_t cast = 0;
  for (int64_t votes : rounds) {
    forEach(cast, [&](size_t index, int64_t winner, int64_t rival, int64_t) {
      if (!isOpen[cast][index])
        orders[1 + isForRival(winner, rival)][index] += std::exchange(orders[0][index], 0);
    });
    for (int64_t end = cast + votes; cast < end; ++cast)
      for (Figures &figures : orders) {
        figures = castVote(figures, cast);
        forEach(cast + 1, [&](size_t index, int64_t winner, int64_t rival, int64_t) {
          if (winnerIsFirst ? winner == 0 && rival > 0 : rival == 0 && winner > 0)
            figures[index] = 0;
        });
      }
  }
  double sum = 0;
  forEach(cast, [&](size_t index, int64_t winner, int64_t rival, int64_t) {
    if (winner + rival > 0) // else both sums would have it
      sum += orders[isForRival(winner, rival) ? 1 : 2][index] * chances[cast][index];
  });
  return sum;
}

int64_t VotePlanner::States::countAll() const {
  int64_t sum = 0;
  for (int64_t cast = 0; cast <= total; ++cast)
    sum += count(cast);
  return sum;
}

double VotePlanner::States::getFewestVotes(const Figures &orders, int64_t cast) const {
  double sum = 0;
  for (size_t index = 0; index < orders.size(); ++index)
    sum += orders[index] * fewest[cast][index];
  return sum;
}

void VotePlanner::States::findFewest() {
  fewest.resize(total + 1);
  fewest[total].resize(count(total));
  for (int64_t cast = total; cast-- > 0;) {
    fewest[cast].resize(count(cast));
    const Figures &next = fewest[cast + 1];
    // A state after it is reached from here as often as the vote was its last.
    forEach(cast, [&](size_t index, int64_t winner, int64_t rival, int64_t others) {
      if (!isOpen[cast][index])
        return;
      size_t same = getRow(cast + 1, others) + winner;
      double later = (winner + 1) * next[same + 1] + (rival + 1) * next[same];
      if (hasOthers)
        later += (others + 1) * next[getRow(cast + 1, others + 1) + winner];
      fewest[cast][index] = chances[cast][index] + later / (cast + 1);
    });
  }
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

/// Rounds that cost less than those it starts from, where stopping is not for good.
class VotePlanner::Search {
public:
  Search(const VotePlanner &planner, const RoundPrices &prices, int64_t maxRounds)
      : planner(planner), states(*planner.states), prices(prices), maxRounds(maxRounds) {}

  VotePlan run();

private:
  void consider(std::vector<int64_t> rounds);
  void improve();
  void extend(const States::Figures &orders, int64_t cast, double open, double cost);

  static constexpr int64_t maxSteps = 20'000'000; ///< states that are looked at

  const VotePlanner &planner;
  const States &states;
  const RoundPrices &prices;
  int64_t maxRounds, steps = 0;
  std::vector<int64_t> rounds; ///< that are looked at
  VotePlan best;
};

void VotePlanner::Search::consider(std::vector<int64_t> candidate) {
  VotePlan plan = planner.evaluate(candidate, prices);
  steps += states.countAll();
  if (best.rounds.empty() || plan.costUsd < best.costUsd * (1 - 1e-12))
    best = std::move(plan);
}

/// Moves votes from a round to the next one, splits and joins rounds.
void VotePlanner::Search::improve() {
  double before;
  do {
    before = best.costUsd;
    std::vector<int64_t> start = best.rounds;
    for (size_t round = 0; round + 1 < start.size() && steps < maxSteps; ++round) {
      std::vector<int64_t> joined = start;
      joined[round] += joined[round + 1];
      joined.erase(joined.begin() + round + 1);
      consider(joined);
      for (int64_t moved = 1 - start[round]; moved < start[round + 1]; ++moved) {
        std::vector<int64_t> shifted = start;
        shifted[round] += moved;
        shifted[round + 1] -= moved;
        consider(shifted);
      }
    }
    for (size_t round = 0; round < start.size() && int64_t(start.size()) < maxRounds; ++round)
      for (int64_t first = 1; first < start[round] && steps < maxSteps; ++first) {
        std::vector<int64_t> split = start;
        split[round] -= first;
        split.insert(split.begin() + round, first);
        consider(split);
      }
  } while (best.costUsd < before && steps < maxSteps);
}

/// Tries all rounds that may follow those before, which are open with the chance
/// `open` and cost `cost`.
void VotePlanner::Search::extend(const States::Figures &orders, int64_t cast, double open,
                                 double cost) {
  int64_t total = planner.vote.votes;
  bool isLast = int64_t(rounds.size()) + 1 == maxRounds;
  States::Figures next = orders;
  for (int64_t end = cast + 1; end <= total && steps < maxSteps; ++end) {
    next = states.castVote(next, end - 1);
    steps += 2 * next.size();
    double after = cost + open * prices.getCost(cast, end, total);
    if (after >= best.costUsd)
      return;
    if (isLast && end < total)
      continue;
    rounds.push_back(end - cast);
    if (end == total) {
      consider(rounds);
    } else {
      States::Figures stopped = next;
      double stillOpen = states.stop(stopped, end);
      double least = stillOpen * prices.laterRequestUsd +
                     states.getFewestVotes(stopped, end) * prices.sampleUsd;
      if (after + least < best.costUsd * (1 - 1e-12))
        extend(stopped, end, stillOpen, after);
    }
    rounds.pop_back();
  }
}

VotePlan VotePlanner::Search::run() {
  for (int64_t limit = 1; limit <= std::min<int64_t>(maxRounds, 8); ++limit)
    consider(planner.findPath(prices, limit).rounds);
  consider(planner.findPath(prices, maxRounds).rounds);
  improve();
  extend(states.getStart(), 0, 1, 0);
  best.isBest = steps < maxSteps;
  return best;
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

VotePlanner::VotePlanner(Vote given) : vote(std::move(given)) {
  if (llvm::none_of(vote.agreements, getWeight))
    vote.agreements = {{0.5}}; // the hardest case to settle
  if (!vote.confidence) {
    // What is settled stays so, so looking at each vote changes nothing.
    open = findWaveProbabilities(std::vector<int64_t>(vote.votes, 1), vote.agreements, vote.quorum,
                                 std::nullopt);
    return;
  }
  states = std::make_unique<States>(vote);
  for (int64_t cast = 0; cast < vote.votes; ++cast)
    open.push_back(states->getOpen(cast));
}

VotePlanner::~VotePlanner() = default;
VotePlanner::VotePlanner(VotePlanner &&) = default;

VotePlan VotePlanner::evaluate(ArrayRef<int64_t> rounds, const RoundPrices &prices) const {
  VotePlan plan;
  plan.rounds = rounds.vec();
  std::vector<double> starts = states ? states->findStarts(rounds) : std::vector<double>();
  int64_t cast = 0;
  for (auto [round, votes] : llvm::enumerate(rounds)) {
    double start = states ? starts[round] : open[cast];
    plan.costUsd += start * prices.getCost(cast, cast + votes, vote.votes);
    plan.requests += start * prices.countRequests(votes);
    plan.startedRounds += start;
    plan.votes += start * votes;
    cast += votes;
  }
  return plan;
}

double VotePlanner::getDifference(ArrayRef<int64_t> rounds) const {
  return states ? states->findDifference(rounds, true) + states->findDifference(rounds, false) : 0;
}

/// The cheapest rounds, if each starts with the chance `open`: the shortest path
/// from no vote to all.
VotePlan VotePlanner::findPath(const RoundPrices &prices, int64_t maxRounds) const {
  int64_t total = vote.votes, layers = std::min(maxRounds, total);
  bool isLimited = layers < total;
  constexpr double never = std::numeric_limits<double>::infinity();
  // What it costs to go on from here with so many rounds left, or any number.
  std::vector<std::vector<double>> costs(isLimited ? layers + 1 : 1,
                                         std::vector<double>(total + 1, never));
  std::vector<std::vector<int64_t>> next(costs.size(), std::vector<int64_t>(total + 1, total));
  for (std::vector<double> &layer : costs)
    layer[total] = 0;
  for (size_t layer = isLimited ? 1 : 0; layer < costs.size(); ++layer)
    for (int64_t cast = total; cast-- > 0;)
      for (int64_t end = total; end > cast; --end) {
        double cost =
            open[cast] * prices.getCost(cast, end, total) + costs[isLimited ? layer - 1 : 0][end];
        // Of equal ones the longest: fewer rounds are quicker.
        if (cost < costs[layer][cast] * (1 - 1e-12)) {
          costs[layer][cast] = cost;
          next[layer][cast] = end;
        }
      }
  std::vector<int64_t> rounds;
  size_t layer = costs.size() - 1;
  for (int64_t cast = 0; cast < total; layer -= isLimited) {
    int64_t end = next[layer][cast];
    rounds.push_back(end - cast);
    cast = end;
  }
  return evaluate(rounds, prices);
}

VotePlan VotePlanner::plan(const RoundPrices &prices, int64_t maxRounds) const {
  maxRounds = std::max<int64_t>(maxRounds, 1);
  if (vote.confidence)
    return Search(*this, prices, maxRounds).run();
  VotePlan plan = findPath(prices, maxRounds);
  plan.isBest = true;
  return plan;
}

/// Each round makes a vote wait: what all of them save beyond fewer has to be at least
/// this share of the cost.
static constexpr double roundWorth = 0.01;

VotePlans::Planned &VotePlans::get(const Vote &vote) {
  Key key = {double(vote.votes), double(vote.quorum.value_or(0)), vote.confidence.value_or(0)};
  for (const AgreementShare &share : vote.agreements)
    key.insert(key.end(), {share.agreement, share.weight, share.rival});
  auto found = planned.find(key);
  if (found == planned.end())
    found = planned.emplace(std::move(key), Planned{VotePlanner(vote), {}}).first;
  return found->second;
}

const VotePlan &VotePlans::plan(const Vote &vote, const RoundPrices &prices, int64_t maxRounds) {
  Planned &known = get(vote);
  auto [entry, isNew] =
      known.plans.try_emplace({prices.requestUsd, prices.firstRequestUsd, prices.laterRequestUsd,
                               prices.sampleUsd, double(prices.maxSamples), double(maxRounds)});
  if (!isNew)
    return entry->second;
  VotePlan &plan = entry->second = known.planner.plan(prices, maxRounds);
  double most = plan.costUsd * (1 + roundWorth);
  for (int64_t fewer = 2; fewer < int64_t(plan.rounds.size()); ++fewer)
    if (VotePlan other = known.planner.plan(prices, fewer); other.costUsd <= most) {
      plan = std::move(other);
      break;
    }
  return plan;
}

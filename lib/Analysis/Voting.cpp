//===- Voting.cpp - When a vote is settled ----------------------------------===//

#include "VoteStates.h"
#include <algorithm>
#include <cmath>
#include <tuple>

using namespace xcs;
using llvm::ArrayRef;

//===----------------------------------------------------------------------===//
// Beta
//===----------------------------------------------------------------------===//

/// ln n! less Stirling's approximation, n ≥ 1. Taking the difference of two large
/// logarithms would lose as many digits as they have before the point.
static double getStirlingError(double n) {
  if (n < 16) {
    double factorial = 1;
    for (double i = 2; i <= n; ++i)
      factorial *= i;
    return std::log(factorial) - (n + 0.5) * std::log(n) + n - 0.5 * std::log(2 * M_PI);
  }
  double square = n * n;
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - 1.0 / 1680 / square) / square) / square) / n;
}

/// 2⁻ⁿ C(n, k), 0 < k ≤ n/2, by the saddle point. See C. Loader, "Fast and Accurate
/// Computation of Binomial Probabilities" (2000).
static double getFairBinomial(double n, double k) {
  double skew = (n - 2 * k) / n;
  // k ln (2k/n) + (n-k) ln (2(n-k)/n), which cancel out near the middle.
  double deviance = skew < 0.5 ? n / 2 * (std::log1p(-skew * skew) + 2 * skew * std::atanh(skew))
                               : k * std::log(2 * k / n) + (n - k) * std::log(2 * (n - k) / n);
  double error = getStirlingError(n) - getStirlingError(k) - getStirlingError(n - k);
  return std::exp(error - deviance) * std::sqrt(n / (2 * M_PI * k * (n - k)));
}

/// 2⁻ⁿ Σ C(n, i) over i ≤ k, for k < n/2.
static double getLowerTail(int64_t n, int64_t k) {
  if (n <= 1000) { // 2⁻ⁿ is normal
    double term = std::ldexp(1.0, -n), sum = term;
    for (int64_t i = 1; i <= k; ++i)
      sum += term *= double(n - i + 1) / i;
    return sum;
  }
  if (k == 0)
    return n < 2000 ? std::ldexp(1.0, -n) : 0;
  // Downwards, the terms get smaller faster and faster.
  double term = getFairBinomial(n, k), sum = term;
  for (int64_t i = k; i > 0 && term > sum * 1e-17; --i)
    sum += term *= double(i) / (n - i + 1);
  return sum;
}

double xcs::getProbabilityAboveHalf(int64_t a, int64_t b) {
  a = std::max<int64_t>(a, 0);
  b = std::max<int64_t>(b, 0);
  if (a == b)
    return 0.5;
  int64_t n = a + b + 1;
  return a < b ? getLowerTail(n, a) : 1 - getLowerTail(n, b);
}

//===----------------------------------------------------------------------===//
// Waves
//===----------------------------------------------------------------------===//

bool xcs::isVoteSettled(int64_t first, int64_t second, int64_t out, std::optional<int64_t> quorum,
                        std::optional<double> confidence) {
  bool fails = quorum && first + out < *quorum;
  bool isSure = first - second > out && (!quorum || first >= *quorum);
  return out <= 0 || fails || isSure ||
         (confidence && getProbabilityAboveHalf(first, second) >= *confidence);
}

OpenRule::OpenRule(int64_t total, std::optional<int64_t> quorum, std::optional<double> confidence)
    : total(total), quorum(quorum.value_or(0)), winning(total + 1, total + 1) {
  int64_t first = 0;
  for (int64_t second = 0; confidence && second <= total; ++second) {
    first = std::max(first, second);
    // Not reached either if it is no number.
    while (first <= total && !(getProbabilityAboveHalf(first, second) >= *confidence))
      ++first;
    winning[second] = first;
  }
}

bool OpenRule::isOpen(int64_t winner, int64_t rival, int64_t others) const {
  auto [second, first] = std::minmax({winner, rival});
  if (others > 0 && first == 0)
    std::tie(first, second) = std::pair<int64_t, int64_t>(1, others > 1);
  else if (others > 0)
    second = std::max<int64_t>(second, 1);
  int64_t out = total - winner - rival - others;
  bool isSure = first - second > out && first >= quorum;
  return out > 0 && !isSure && first + out >= quorum && first < winning[second];
}

/// The share itself, or the end of 0 to 1 that is nearer.
static double clampShare(double share) {
  return std::clamp(std::isnan(share) ? 0 : share, 0.0, 1.0);
}

VoteChances::VoteChances(const AgreementShare &share, int64_t total)
    : winner(clampShare(share.agreement)), scattered(0) {
  double ofRest = total > maxScatteredVotes ? 1 : clampShare(share.rival);
  if (ofRest == 1)
    winner = std::max(winner, 0.5);
  rival = std::min(winner, ofRest * (1 - winner));
  if (ofRest < 1)
    scattered = std::max(0.0, 1 - winner - rival);
}

namespace {

/// The votes on one question so far, and how likely they are and still go on.
class OpenVote {
public:
  OpenVote(const AgreementShare &share, int64_t total);

  void castVotes(int64_t count) {
    for (; count > 0; --count)
      castVote();
  }
  /// Stops where the vote is settled; returns the chance that it goes on.
  double stop(const OpenRule &rule);

private:
  /// With one number of scattered votes, the chances by the winner's votes.
  struct Row {
    std::vector<double> chances;
    int64_t first = 0, last = -1; ///< between them are all chances
  };
  void castVote();

  VoteChances chance;
  std::vector<Row> rows; ///< by scattered votes; as many as there may be by now
  int64_t cast = 0;
};

} // namespace

OpenVote::OpenVote(const AgreementShare &share, int64_t total) : chance(share, total) {
  rows.resize(chance.scattered > 0 ? total + 1 : 1);
  for (size_t others = 0; others < rows.size(); ++others)
    rows[others].chances.resize(total + 1 - others);
  rows.front().chances.front() = 1;
  rows.front().last = 0;
}

void OpenVote::castVote() {
  ++cast;
  for (size_t others = rows.size(); others-- > 0;) {
    auto &[chances, first, last] = rows[others];
    if (first <= last)
      ++last;
    for (int64_t votes = last; votes > first; --votes)
      chances[votes] = chances[votes] * chance.rival + chances[votes - 1] * chance.winner;
    if (first <= last)
      chances[first] *= chance.rival;
    if (others > 0 && rows[others - 1].first <= rows[others - 1].last) {
      const Row &fewer = rows[others - 1];
      bool isEmpty = first > last;
      first = isEmpty ? fewer.first : std::min(first, fewer.first);
      last = isEmpty ? fewer.last : std::max(last, fewer.last);
      for (int64_t votes = fewer.first; votes <= fewer.last; ++votes)
        chances[votes] += fewer.chances[votes] * chance.scattered;
    }
    // All that this leaves out is below 1e-20; without it most time would go to it.
    while (first < last && chances[first] < 1e-28)
      chances[first++] = 0;
    while (first < last && chances[last] < 1e-28)
      chances[last--] = 0;
  }
}

double OpenVote::stop(const OpenRule &rule) {
  double open = 0;
  for (size_t others = 0; others < rows.size(); ++others) {
    auto &[chances, first, last] = rows[others];
    for (int64_t votes = first; votes <= last; ++votes) {
      if (!rule.isOpen(votes, cast - votes - int64_t(others), others))
        chances[votes] = 0;
      open += chances[votes];
    }
  }
  return open;
}

/// Votes of all waves, or nothing if they are too many.
static std::optional<int64_t> countVotes(ArrayRef<int64_t> waveVotes) {
  int64_t total = 0;
  for (int64_t votes : waveVotes) {
    if (votes > maxExactVotes - total)
      return std::nullopt;
    total += std::max<int64_t>(votes, 0);
  }
  return total;
}

std::vector<double> xcs::findWaveProbabilities(ArrayRef<int64_t> waveVotes, double agreement,
                                               std::optional<int64_t> quorum,
                                               std::optional<double> confidence) {
  return findWaveProbabilities(waveVotes, AgreementShare{agreement, 1, 1}, quorum, confidence);
}

double xcs::getWeight(const AgreementShare &share) {
  return std::min(std::max(0.0, share.weight), 1e30); // NaN becomes 0
}

std::vector<double> xcs::findWaveProbabilities(ArrayRef<int64_t> waveVotes,
                                               ArrayRef<AgreementShare> agreements,
                                               std::optional<int64_t> quorum,
                                               std::optional<double> confidence) {
  std::vector<double> waves(waveVotes.size(), 1.0);
  std::optional<int64_t> total = countVotes(waveVotes);
  double weights = 0;
  for (const AgreementShare &share : agreements)
    weights += getWeight(share);
  if (!total || weights == 0)
    return waves;
  OpenRule rule(*total, quorum, confidence);
  std::vector<OpenVote> questions;
  for (const AgreementShare &share : agreements)
    questions.emplace_back(share, *total);
  for (size_t wave = 0; wave + 1 < waves.size(); ++wave) {
    double open = 0;
    for (size_t i = 0; i < questions.size(); ++i) {
      questions[i].castVotes(std::max<int64_t>(waveVotes[wave], 0));
      open += getWeight(agreements[i]) / weights * questions[i].stop(rule);
    }
    waves[wave + 1] = std::min(open, waves[wave]);
  }
  return waves;
}

ArrayRef<AgreementShare> xcs::getMeasuredAgreement() {
  // Shares of the most frequent value by deciles, lowest first. The part of the rest
  // that one rival has is what tells best how often rounds were needed.
  static const std::vector<AgreementShare> measured = [] {
    std::vector<AgreementShare> shares;
    for (double questions : {3, 6, 12, 11, 18, 16, 23, 37, 28, 215})
      shares.push_back({(shares.size() + 0.5) / 10, questions, 0.6});
    return shares;
  }();
  return measured;
}

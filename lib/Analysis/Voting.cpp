//===- Voting.cpp - When a vote is settled ----------------------------------===//

#include "XcsLLM/Analysis/Voting.h"
#include <algorithm>
#include <cmath>

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

/// Whether the value with `first` votes is sure or likely enough to win.
static bool isWon(int64_t first, int64_t second, int64_t out, std::optional<int64_t> quorum,
                  std::optional<double> confidence) {
  if (first - second > out && (!quorum || first >= *quorum))
    return true;
  return confidence && getProbabilityAboveHalf(first, second) >= *confidence;
}

bool xcs::isVoteSettled(int64_t first, int64_t second, int64_t out, std::optional<int64_t> quorum,
                        std::optional<double> confidence) {
  bool fails = quorum && first + out < *quorum;
  return out <= 0 || fails || isWon(first, second, out, quorum, confidence);
}

/// How many of `cast` votes one of two values has at least when it has won;
/// `cast` + 1 if it cannot have.
static int64_t findWinningVotes(int64_t cast, int64_t out, std::optional<int64_t> quorum,
                                std::optional<double> confidence) {
  int64_t low = (cast + 1) / 2, high = cast + 1;
  while (low < high) {
    int64_t first = (low + high) / 2;
    if (isWon(first, cast - first, out, quorum, confidence))
      high = first;
    else
      low = first + 1;
  }
  return low;
}

namespace {

/// The votes on one question so far, and how likely they are and still go on.
class OpenVote {
public:
  OpenVote(double agreement, int64_t total)
      : agreement(std::clamp(std::isnan(agreement) ? 0 : agreement, 0.5, 1.0)), chances(total + 1) {
    chances[0] = 1;
  }

  void castVotes(int64_t count) {
    for (; count > 0; --count)
      castVote();
  }

  /// Stops where either value has at least `winning` votes, or neither has at least
  /// `possible`; returns the chance that the vote goes on.
  double stop(int64_t possible, int64_t winning) {
    double open = 0;
    for (int64_t winner = first; winner <= last; ++winner) {
      int64_t most = std::max(winner, cast - winner);
      if (most < possible || most >= winning)
        chances[winner] = 0;
      open += chances[winner];
    }
    return open;
  }

private:
  void castVote();

  double agreement;
  std::vector<double> chances; ///< by the winner's votes
  int64_t first = 0, last = 0; ///< between them are all chances
  int64_t cast = 0;
};

} // namespace

void OpenVote::castVote() {
  ++cast;
  ++last;
  for (int64_t winner = last; winner > first; --winner)
    chances[winner] = chances[winner] * (1 - agreement) + chances[winner - 1] * agreement;
  chances[first] *= 1 - agreement;
  // All that this leaves out is below 1e-20; without it most time would go to it.
  while (first < last && chances[first] < 1e-28)
    chances[first++] = 0;
  while (first < last && chances[last] < 1e-28)
    chances[last--] = 0;
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
  return findWaveProbabilities(waveVotes, AgreementShare{agreement, 1}, quorum, confidence);
}

static double getWeight(const AgreementShare &share) {
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
  std::vector<OpenVote> questions;
  for (const AgreementShare &share : agreements)
    questions.emplace_back(share.agreement, *total);
  int64_t cast = 0;
  for (size_t wave = 0; wave + 1 < waves.size(); ++wave) {
    int64_t votes = std::max<int64_t>(waveVotes[wave], 0), out = *total - (cast += votes);
    int64_t possible = std::max<int64_t>(quorum.value_or(0), 0) - out;
    int64_t winning = out > 0 ? findWinningVotes(cast, out, quorum, confidence) : 0;
    double open = 0;
    for (size_t i = 0; i < questions.size(); ++i) {
      questions[i].castVotes(votes);
      open += getWeight(agreements[i]) / weights * questions[i].stop(possible, winning);
    }
    waves[wave + 1] = std::min(open, waves[wave]);
  }
  return waves;
}

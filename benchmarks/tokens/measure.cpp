//===- measure.cpp - The token estimator against real tokenizers ------------===//
//
//   measure-tokens TEST/*.bin
//
// Prints for each corpus the mean absolute error of a text of 200 tokens or more,
// the bias of all its tokens, and the speed. Fails if a goal is missed.
//
//===----------------------------------------------------------------------===//

#include "Texts.h"
#include "XcsLLM/Support/TokenEstimator.h"
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <set>

using namespace xcs;

static constexpr TokenizerFamily families[] = {TokenizerFamily::O200k, TokenizerFamily::Cl100k};
static constexpr double maxBias = 0.03, minSpeed = 100;

/// The mean absolute error allowed for a corpus.
static double getMaxError(const std::string &corpus) {
  static const std::set<std::string> foreign = {"chinese", "japanese", "arabic", "hindi", "russian"};
  return foreign.count(corpus) ? 0.15 : 0.08;
}

/// Megabytes a second of processor time, the best of five runs over all the texts.
static double measureSpeed(const std::vector<Text> &texts, TokenizerFamily family) {
  double best = 0;
  for (int run = 0; run < 5; ++run) {
    std::clock_t start = std::clock();
    size_t bytes = 0;
    volatile double sum = 0;
    for (const Text &text : texts) {
      sum = sum + estimateTokens(text.bytes, family);
      bytes += text.bytes.size();
    }
    double time = double(std::clock() - start) / CLOCKS_PER_SEC;
    best = std::max(best, bytes / 1e6 / time);
  }
  return best;
}

int main(int argc, char **argv) {
  bool missed = false;
  std::printf("| corpus | texts | tokens | o200k_base error | bias | cl100k_base error | bias | MB/s |\n"
              "|---|---|---|---|---|---|---|---|\n");
  for (int i = 1; i < argc; ++i) {
    std::string corpus = std::filesystem::path(argv[i]).stem();
    std::vector<Text> texts = readTexts(argv[i]);
    size_t tokens = 0, count = 0;
    double errors[2], biases[2], speed = HUGE_VAL;
    for (unsigned family = 0; family < 2; ++family) {
      double truth = 0, estimate = 0, error = 0;
      count = 0;
      for (const Text &text : texts) {
        double real = text.countTokens(family);
        if (real < 200)
          continue;
        double guess = estimateTokens(text.bytes, families[family]);
        truth += real, estimate += guess, error += std::abs(guess / real - 1), ++count;
      }
      errors[family] = error / count;
      biases[family] = estimate / truth - 1;
      speed = std::min(speed, measureSpeed(texts, families[family]));
      tokens = family == 0 ? truth : tokens;
      // Not "bad", but "not good": NaN of an empty corpus misses too.
      missed |= !(errors[family] <= getMaxError(corpus) && std::abs(biases[family]) <= maxBias);
    }
    missed |= !(speed >= minSpeed);
    std::printf("| %s | %zu | %zu | %.1f %% | %+.1f %% | %.1f %% | %+.1f %% | %.0f |\n", corpus.c_str(),
                count, tokens, 100 * errors[0], 100 * biases[0], 100 * errors[1], 100 * biases[1], speed);
  }
  std::printf(missed ? "\na goal is missed\n" : "\nall goals are met\n");
  return missed;
}

//===- fit.cpp - Fit the table of the token estimator ----------------------===//
//
//   fit FIT/*.bin > TokenTables.inc
//
// Logistic regression of "a token starts here" on hashed windows of bytes, by
// stochastic gradient descent. Every corpus counts the same, whatever its size.
//
//===----------------------------------------------------------------------===//

#include "../../lib/Support/TokenWindow.h"
#include "Texts.h"
#include <algorithm>
#include <cstdio>
#include <random>

using namespace xcs::tokens;

int main(int argc, char **argv) {
  std::vector<Text> texts;
  std::vector<double> shares; // of each text: how much it counts
  for (int i = 1; i < argc; ++i) {
    std::vector<Text> more = readTexts(argv[i]);
    size_t bytes = 0;
    for (const Text &text : more)
      bytes += text.bytes.size();
    for (Text &text : more) {
      texts.push_back(std::move(text));
      shares.push_back(std::clamp(4e6 / std::max<size_t>(bytes, 1), 0.3, 3.0));
    }
  }
  std::mt19937 random(1);
  std::vector<size_t> order(texts.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;

  std::printf("// Made by benchmarks/tokens/run --fit: see there.\n");
  for (unsigned family = 0; family < 2; ++family) {
    std::vector<float> weights(numFeatures * tableSize);
    const float limit = (lastWeight - zeroWeight) * weightStep;
    constexpr unsigned epochs = 12;
    for (unsigned epoch = 0; epoch < epochs; ++epoch) {
      std::shuffle(order.begin(), order.end(), random);
      float rate = 0.02f * std::pow(0.8f, epoch);
      for (size_t index : order) {
        const Text &text = texts[index];
        Window window = 0;
        for (size_t at = 0; at < text.bytes.size(); ++at) {
          window = shift(window, text.bytes[at]);
          if (at < bytesAfter)
            continue;
          bool starts = text.marks[at - bytesAfter + 1] >> family & 1;
          unsigned slots[numFeatures];
          float odds = 0;
          for (unsigned i = 0; i < numFeatures; ++i)
            odds += weights[slots[i] = getSlot(window, i)];
          float error = float(starts) - 1 / (1 + std::exp(-odds));
          for (unsigned slot : slots)
            weights[slot] =
                std::clamp(weights[slot] + rate * float(shares[index]) * error, -limit, limit);
        }
      }
    }
    std::printf("{");
    char last = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      if (i % 96 == 0)
        std::printf(i ? "\"\n \"" : "\"");
      char weight = zeroWeight + int(std::lround(weights[i] / weightStep));
      std::printf(weight == '?' && last == '?' ? "\"\"%c" : "%c", weight); // no trigraphs
      last = weight;
    }
    std::printf("\"},\n");
  }
}

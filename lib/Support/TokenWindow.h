//===- TokenWindow.h - Where tokens start, as seen by the estimator ---*- C++ -*-===//
//
// The features of a place in a text: what the estimator looks up and what
// benchmarks/tokens fits.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_SUPPORT_TOKENWINDOW_H
#define XCSLLM_LIB_SUPPORT_TOKENWINDOW_H

#include <array>
#include <cmath>
#include <cstdint>

namespace xcs::tokens {

/// Eight bytes in a row, the first in the lowest: five before the place where a
/// token may start, and three after it. Three make a Chinese letter.
using Window = uint64_t;
inline constexpr unsigned bytesAfter = 3;
inline Window shift(Window window, unsigned char next) {
  return window >> 8 | uint64_t(next) << 56;
}

/// What is known of a place: the bytes near it, more and more of them.
inline constexpr unsigned numFeatures = 4;
inline constexpr unsigned tableBits = 14;
inline constexpr unsigned tableSize = 1u << tableBits;
inline constexpr std::array<Window, numFeatures> masks = {
    0x0000FFFF00000000, // one before and one after
    0x00FFFFFFFF000000, // two and two
    0xFFFFFFFFFFFF0000, // three and three
    0xFFFFFFFFFFFFFFFF, // five and three
};

/// The slot of a feature; features may share slots.
inline unsigned getSlot(Window window, unsigned feature) {
  constexpr uint64_t factor = 0x9E3779B97F4A7C15;
  uint64_t bytes = window & masks[feature];
  return feature * tableSize + ((bytes ^ bytes >> 29) * factor >> (64 - tableBits));
}

/// Weights are printable: `zero` + steps, so that a table is a string literal.
inline constexpr char firstWeight = '%', zeroWeight = '@', lastWeight = '[';
inline constexpr double weightStep = 0.2;
inline constexpr int maxSum = numFeatures * (lastWeight - firstWeight);

/// The chance that a token starts, by the sum of the weights above `firstWeight`,
/// in units of 2^-16.
inline std::array<uint32_t, maxSum + 1> getChances() {
  std::array<uint32_t, maxSum + 1> chances{};
  for (int sum = 0; sum <= maxSum; ++sum) {
    double odds = (sum - int(numFeatures) * (zeroWeight - firstWeight)) * weightStep;
    chances[sum] = std::lround(65536 / (1 + std::exp(-odds)));
  }
  return chances;
}

} // namespace xcs::tokens

#endif // XCSLLM_LIB_SUPPORT_TOKENWINDOW_H

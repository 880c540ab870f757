//===- Texts.h - The texts that gather.mjs makes -----------------*- C++ -*-===//

#ifndef XCSLLM_BENCHMARKS_TOKENS_TEXTS_H
#define XCSLLM_BENCHMARKS_TOKENS_TEXTS_H

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

struct Text {
  std::string bytes;
  std::string marks; ///< Of each byte: bit f where a token of family f starts.

  size_t countTokens(unsigned family) const {
    size_t count = 0;
    for (char mark : marks)
      count += mark >> family & 1;
    return count;
  }
};

inline std::vector<Text> readTexts(const char *file) {
  std::vector<Text> texts;
  std::ifstream in(file, std::ios::binary);
  uint32_t length;
  while (in.read(reinterpret_cast<char *>(&length), sizeof length)) {
    Text text{std::string(length, 0), std::string(length, 0)};
    if (!in.read(text.bytes.data(), length) || !in.read(text.marks.data(), length))
      break;
    texts.push_back(std::move(text));
  }
  return texts;
}

#endif // XCSLLM_BENCHMARKS_TOKENS_TEXTS_H

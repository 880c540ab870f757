//===- TokenEstimator.cpp - How many tokens a text has ---------------------===//
//
// The tokens of a text are the places where one starts. Whether one starts is
// told well enough by the eight bytes around: a table that was fitted to texts
// and their real tokens holds a weight for each hashed group of them, and the
// chance is the logistic function of the sum of the weights. The estimate is the
// sum of the chances.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Support/TokenEstimator.h"
#include "TokenWindow.h"
#include <algorithm>

using namespace xcs;
using llvm::StringRef;

static const char weights[][tokens::numFeatures * tokens::tableSize + 1] = {
#include "TokenTables.inc"
};

/// The chance that a token starts at one of the last bytes, whose window is not
/// full. A constant, so that more text never makes fewer tokens.
static constexpr double endChance = 0.25;

double xcs::estimateTokens(StringRef text, TokenizerFamily family) {
  static const auto chances = tokens::getChances();
  if (text.empty())
    return 0;
  const char *table = weights[static_cast<unsigned>(family)];
  tokens::Window window = 0;
  uint64_t sum = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    window = tokens::shift(window, text[at]);
    if (at < tokens::bytesAfter)
      continue;
    unsigned weight = 0;
    for (unsigned i = 0; i < tokens::numFeatures; ++i)
      weight += table[tokens::getSlot(window, i)] - tokens::firstWeight;
    sum += chances[weight];
  }
  size_t last = std::min<size_t>(text.size() - 1, tokens::bytesAfter - 1);
  return 1 + endChance * last + sum / 65536.0;
}

/// The name without the providers and regions before it, in lower case.
static std::string getBareName(StringRef model) {
  return model.substr(model.rfind('/') + 1).lower();
}

TokenizerFamily xcs::getTokenizerFamily(StringRef model, StringRef provider) {
  std::string bare = getBareName(model);
  StringRef name = bare;
  // Fine-tuned models: "ft:gpt-3.5-turbo-0613:company::id".
  name.consume_front("ft:");
  if (name.starts_with("gpt-4o") || name.starts_with("gpt-4.") || name.starts_with("chatgpt-4o"))
    return TokenizerFamily::O200k;
  bool older = name.starts_with("gpt-4") || name.starts_with("gpt-3.5") ||
               name.starts_with("gpt-35") || // Azure's name
               name.starts_with("text-embedding-3") || name == "text-embedding-ada-002";
  return older ? TokenizerFamily::Cl100k : TokenizerFamily::O200k;
}

//===- TokenEstimatorTest.cpp ------------------------------------------------===//
//
// How far estimates are from real tokenizers over many texts is measured by
// benchmarks/tokens; here are a few, and what holds for any bytes.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Support/TokenEstimator.h"
#include "gtest/gtest.h"
#include <random>

using namespace xcs;

static constexpr TokenizerFamily families[] = {TokenizerFamily::O200k, TokenizerFamily::Cl100k};

TEST(TokenEstimator, nearRealTokenizers) {
  struct Case {
    const char *text;
    double o200k, cl100k; ///< The tokens of o200k_base and cl100k_base.
  };
  const Case cases[] = {
      {"Read the report below and list every claim that the figures in its appendix do not support. For each claim, quote the sentence, name the figure, and say in one line why the two disagree. If nothing disagrees, answer with the single word none.", 52, 51},
      {"def mean(values):\n    \"\"\"The arithmetic mean, or None of nothing.\"\"\"\n    total = 0.0\n    for value in values:\n        total += value\n    return total / len(values) if values else None\n\nprint(mean([1.5, 2.25, 100]))\n", 61, 61},
      {"{\"name\": \"Ada\", \"languages\": [\"English\", \"French\"], \"score\": 97.125, \"address\": {\"city\": \"London\", \"postal_code\": \"W1J 7NF\"}, \"active\": true, \"manager\": null}", 54, 54},
      {"# Release notes\n\n- **Fixed** a crash when the `--output` folder is missing.\n- See the [guide](https://example.org/guide#install) for how to install it.\n\n| option | default |\n|---|---|\n| `--jobs` | 4 |\n", 60, 60},
      {"请阅读下面的合同，列出双方的义务，并指出哪些条款可能引起争议。回答要简短，每一条只用一句话。", 35, 52},
      {"次の文章を三つの要点にまとめてください。専門用語には簡単な説明を付け、最後に筆者の結論を一文で書いてください。", 41, 60},
      {"Прочитайте отзыв покупателя и определите, доволен ли он товаром. Ответьте одним словом, а затем коротко объясните, почему вы так решили.", 35, 62},
      {"اقرأ الرسالة التالية ثم لخصها في ثلاث جمل قصيرة، واذكر ما الذي يطلبه العميل ومتى يريد الحصول عليه.", 31, 70},
      {"नीचे दिया गया लेख पढ़िए और बताइए कि लेखक की मुख्य बात क्या है। उत्तर तीन वाक्यों में दीजिए और कठिन शब्दों का अर्थ भी लिखिए।", 38, 127},
  };
  for (const Case &c : cases) {
    // Short texts vary more than the 200 tokens of the benchmark.
    EXPECT_NEAR(estimateTokens(c.text, TokenizerFamily::O200k) / c.o200k, 1, 0.2) << c.text;
    EXPECT_NEAR(estimateTokens(c.text, TokenizerFamily::Cl100k) / c.cl100k, 1, 0.2) << c.text;
  }
}

TEST(TokenEstimator, zeroForTheEmptyTextAlone) {
  for (TokenizerFamily family : families) {
    EXPECT_EQ(estimateTokens("", family), 0);
    for (unsigned byte = 0; byte < 256; ++byte) {
      char text = static_cast<char>(byte);
      EXPECT_GE(estimateTokens(llvm::StringRef(&text, 1), family), 1);
    }
  }
}

/// Bytes of any kind: random ones, letters, and UTF-8 cut anywhere.
static std::string makeText(std::mt19937 &random, size_t size) {
  static const std::string alphabets[] = {"abcdefgh  ", "0123456789.,", " \n\t{}[]\"", "請読Привет नमस्ते"};
  std::string text;
  unsigned kind = random() % 5;
  for (size_t i = 0; i < size; ++i)
    text += kind == 4 ? static_cast<char>(random())
                      : alphabets[kind][random() % alphabets[kind].size()];
  return text;
}

TEST(TokenEstimator, moreTextIsNeverFewerTokens) {
  std::mt19937 random(7);
  for (TokenizerFamily family : families)
    for (int run = 0; run < 200; ++run) {
      std::string text = makeText(random, random() % 40) + makeText(random, random() % 40);
      double last = 0;
      for (size_t size = 1; size <= text.size(); ++size) {
        double tokens = estimateTokens(llvm::StringRef(text).take_front(size), family);
        ASSERT_GE(tokens, last) << "at byte " << size;
        ASSERT_LE(tokens, size);
        last = tokens;
      }
    }
}

TEST(TokenEstimator, partsAddUp) {
  std::mt19937 random(8);
  for (TokenizerFamily family : families)
    for (int run = 0; run < 200; ++run) {
      std::string left = makeText(random, random() % 400), right = makeText(random, random() % 400);
      double parts = estimateTokens(left, family) + estimateTokens(right, family);
      // Only the places whose window spans both parts may differ: five and two.
      EXPECT_NEAR(estimateTokens(left + right, family), parts, 8);
    }
}

TEST(TokenEstimator, takesAnyBytes) {
  for (TokenizerFamily family : families)
    for (unsigned byte : {0x00u, 0x20u, 0x61u, 0x80u, 0xE4u, 0xFFu}) {
      double tokens = estimateTokens(std::string(1 << 20, static_cast<char>(byte)), family);
      EXPECT_GE(tokens, 1);
      EXPECT_LE(tokens, 1 << 20);
    }
}

TEST(TokenEstimator, familyByName) {
  for (const char *name : {"gpt-4o", "gpt-4o-mini-2024-07-18", "openai/gpt-4.1-nano", "azure/eu/gpt-4o-2024-08-06",
                           "gpt-5", "gpt-5-mini", "o1", "o3-mini", "o4-mini", "GPT-4o", "chatgpt-4o-latest",
                           "ft:gpt-4o-mini-2024-07-18:acme::x1", "gpt-oss-120b", "claude-sonnet-4", ""})
    EXPECT_EQ(getTokenizerFamily(name), TokenizerFamily::O200k) << name;
  for (const char *name : {"gpt-4", "gpt-4-turbo", "gpt-4-32k-0613", "openai/gpt-4", "gpt-3.5-turbo-0125",
                           "azure/gpt-35-turbo", "text-embedding-3-small", "text-embedding-ada-002",
                           "ft:gpt-3.5-turbo-0613:acme::x1", "gpt-4-1106-preview"})
    EXPECT_EQ(getTokenizerFamily(name, "openai"), TokenizerFamily::Cl100k) << name;
}

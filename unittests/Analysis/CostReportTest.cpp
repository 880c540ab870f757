//===- CostReportTest.cpp - Figures and tables as people read them ---------===//

#include "XcsLLM/Analysis/CostReport.h"
#include "XcsLLM/Analysis/Figures.h"
#include "gtest/gtest.h"
#include "llvm/Support/JSON.h"

using namespace xcs;

TEST(Figures, Usd) {
  EXPECT_EQ(formatUsd(0), "$0.000000");
  EXPECT_EQ(formatUsd(0.029233), "$0.029233");
  EXPECT_EQ(formatUsd(7e-4), "$0.000700");
  EXPECT_EQ(formatUsd(4.12e-6), "$0.00000412"); // three digits at least
  EXPECT_EQ(formatUsd(1e-30), "$0.000000000000000");
  EXPECT_EQ(formatUsd(999.5), "$999.500000");
  EXPECT_EQ(formatUsd(1234567.25), "$1,234,567.250000");
}

TEST(Figures, Ms) {
  EXPECT_EQ(formatMs(0), "0 ms");
  EXPECT_EQ(formatMs(0.001), "0.001000 ms");
  EXPECT_EQ(formatMs(2.5), "2.5 ms");
  EXPECT_EQ(formatMs(9.96), "10 ms");
  EXPECT_EQ(formatMs(850), "850 ms");
  EXPECT_EQ(formatMs(999.6), "1.00 s");
  EXPECT_EQ(formatMs(1250), "1.25 s");
  EXPECT_EQ(formatMs(210000), "3.5 min");
  EXPECT_EQ(formatMs(86400000), "24.0 h");
}

TEST(Figures, Count) {
  EXPECT_EQ(formatCount(0), "0");
  EXPECT_EQ(formatCount(0.5), "0.5");
  EXPECT_EQ(formatCount(999), "999");
  EXPECT_EQ(formatCount(1000), "1,000");
  EXPECT_EQ(formatCount(12345.4), "12,345");
  EXPECT_EQ(formatCount(0.1 * 30), "3"); // but for rounding
}

TEST(Figures, AmountsThatAreIncomplete) {
  EXPECT_EQ(formatAmount({0.5, true}, formatUsd), "$0.500000");
  EXPECT_EQ(formatAmount({0.5, false}, formatUsd), ">= $0.500000");
  EXPECT_EQ(formatAmount({0, false}, formatUsd), "unknown");
}

TEST(Figures, Unknown) {
  EXPECT_EQ(formatUnknown({}), "");
  EXPECT_EQ(formatUnknown({{true, "t", "latency_ms"},
                           {false, "m", "ttft_ms"},
                           {false, "m", "output_tokens_per_s"},
                           {false, "", "ttft_ms"}}),
            "calls without a model (ttft_ms), model 'm' (output_tokens_per_s, ttft_ms), "
            "tool '@t' (latency_ms)");
}

namespace {
/// A stream that says that it is a terminal with colours.
class Terminal : public llvm::raw_string_ostream {
public:
  explicit Terminal(std::string &text) : raw_string_ostream(text) { enable_colors(true); }
  bool is_displayed() const override { return true; }
  bool has_colors() const override { return true; }
};
} // namespace

static CostReport makeReport(double costBefore, double costNow) {
  ProgramFigures before, now;
  before.totals.costUsd = before.totals.worstCostUsd = {costBefore};
  now.totals.costUsd = now.totals.worstCostUsd = {costNow};
  return {CostSnapshot{{{"f", before}}}, CostSnapshot{{{"f", now}}}};
}

static std::string printOn(const CostReport &report, bool isTerminal) {
  std::string text;
  if (isTerminal) {
    Terminal os(text);
    printCostReport(report, ReportFormat::Text, os);
  } else {
    llvm::raw_string_ostream os(text);
    printCostReport(report, ReportFormat::Text, os);
  }
  return text;
}

/// Without the sequences that change colours.
static std::string dropColors(const std::string &text) {
  std::string plain;
  for (size_t at = 0; at < text.size(); ++at)
    if (text[at] == '\x1b')
      at = text.find('m', at);
    else
      plain += text[at];
  return plain;
}

TEST(CostReport, ColorsOnTerminalsOnly) {
  CostReport cheaper = makeReport(2, 1), dearer = makeReport(1, 2);
  std::string plain = printOn(cheaper, false), colored = printOn(cheaper, true);
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_EQ(dropColors(colored), plain); // columns are as wide
  EXPECT_NE(colored.find("\x1b[0;32m-50.0%"), std::string::npos) << colored;
  EXPECT_NE(printOn(dearer, true).find("\x1b[0;31m+100.0%"), std::string::npos);
}

TEST(CostReport, ChangesOnlyOfWhatIsKnown) {
  CostReport report = makeReport(2, 1);
  report.now.programs[0].second.totals.costUsd.complete = false;
  std::string text = printOn(report, false);
  EXPECT_NE(text.find("cost, expected              $2.000000  >= $1.000000\n"), std::string::npos) << text;
  EXPECT_NE(text.find("-50.0%"), std::string::npos); // of the worst case
  EXPECT_EQ(text.find("by model"), std::string::npos); // there is none
}

TEST(CostReport, JsonOfAbsurdFiguresAndNames) {
  CostReport report = makeReport(std::numeric_limits<double>::infinity(), 1);
  report.now.programs[0].first = "\xff\"";
  std::string text;
  llvm::raw_string_ostream os(text);
  printCostReport(report, ReportFormat::Json, os);
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  ASSERT_TRUE(bool(value)) << llvm::toString(value.takeError());
  // The program of the old name is no more.
  EXPECT_EQ(value->getAsObject()->getArray("programs")->size(), 2u);
}

//===- CostReport.cpp - Costs of a module, as a table ---------------------===//

#include "XcsLLM/Analysis/CostReport.h"
#include "XcsLLM/Analysis/Figures.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

static ProgramFigures getFigures(const ProgramCost &cost) {
  return {cost.totals,         cost.models,     cost.sequentialMs, cost.latencyMs,
          cost.worstLatencyMs, cost.makespanMs, cost.unknown,      cost.assumptions.size()};
}

/// The names of functions that other functions of `module` call.
static llvm::DenseSet<StringAttr> findCalled(ModuleOp module) {
  llvm::DenseSet<StringAttr> called;
  for (auto function : module.getOps<func::FuncOp>())
    function.walk([&](func::CallOp call) {
      StringAttr callee = call.getCalleeAttr().getAttr();
      if (callee != function.getSymNameAttr())
        called.insert(callee);
    });
  return called;
}

FailureOr<CostSnapshot> xcs::measureCosts(ModuleOp root, const Catalog &catalog) {
  CostSnapshot snapshot;
  LogicalResult result = success();
  root.walk<WalkOrder::PreOrder>([&](ModuleOp module) {
    std::string path;
    for (ModuleOp outer = module; outer != root; outer = outer->getParentOfType<ModuleOp>())
      path = outer.getName().value_or("").str() + "::" + path;
    CostModel costs(module, catalog);
    if (failed(costs.verifyPrices()))
      result = failure();
    llvm::DenseSet<StringAttr> called = findCalled(module);
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      const ProgramCost &cost = costs.getCost(function);
      if (function.isPublic() || !called.contains(function.getSymNameAttr()))
        snapshot.programs.emplace_back(path + function.getName().str(), getFigures(cost));
    }
  });
  if (failed(result))
    return failure();
  return snapshot;
}

//===----------------------------------------------------------------------===//
// What is before and after
//===----------------------------------------------------------------------===//

namespace {
/// What one program takes before and after; null where there is no such program.
struct Comparison {
  StringRef name;
  const ProgramFigures *before = nullptr, *now = nullptr;
};
} // namespace

/// The programs in their present order, then those that are no more.
static std::vector<Comparison> compare(const CostReport &report) {
  std::vector<Comparison> rows;
  llvm::StringMap<const ProgramFigures *> before;
  if (report.before)
    for (const auto &[name, figures] : report.before->programs)
      before[name] = &figures;
  for (const auto &[name, figures] : report.now.programs) {
    auto old = before.find(name);
    rows.push_back({name, old == before.end() ? nullptr : old->second, &figures});
    before.erase(name);
  }
  if (report.before)
    for (const auto &[name, figures] : report.before->programs)
      if (before.contains(name))
        rows.push_back({name, &figures, nullptr});
  return rows;
}

/// What one run of each program takes. Programs run apart from each other, so
/// there is no latency of all.
static Totals addAll(const CostSnapshot &snapshot) {
  Totals all;
  for (const auto &[name, figures] : snapshot.programs)
    all += figures.totals;
  return all;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

namespace {
enum class Style : uint8_t { Plain, Heading, Better, Worse };

struct Cell {
  std::string text;
  Style style = Style::Plain;
};

/// Cells in columns: those on the left aligned to the left, others to the right.
class Table {
public:
  explicit Table(unsigned leftColumns) : leftColumns(leftColumns) {}
  void add(std::vector<Cell> row) { rows.push_back(std::move(row)); }
  void print(raw_ostream &os) const;

private:
  unsigned leftColumns;
  std::vector<std::vector<Cell>> rows;
};
} // namespace

static void print(raw_ostream &os, const Cell &cell) {
  switch (cell.style) {
  case Style::Plain:
    os << cell.text;
    return;
  case Style::Heading:
    llvm::WithColor(os, raw_ostream::SAVEDCOLOR, /*Bold=*/true).get() << cell.text;
    return;
  case Style::Better:
    llvm::WithColor(os, raw_ostream::GREEN).get() << cell.text;
    return;
  case Style::Worse:
    llvm::WithColor(os, raw_ostream::RED).get() << cell.text;
    return;
  }
}

void Table::print(raw_ostream &os) const {
  std::vector<size_t> widths;
  for (const auto &row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (auto [width, cell] : llvm::zip(widths, row))
      width = std::max(width, cell.text.size());
  }
  for (const auto &row : rows) {
    size_t used = row.size(), pending = 0; // no blanks at the end of a line
    while (used > 0 && row[used - 1].text.empty())
      --used;
    for (size_t column = 0; column < used; ++column) {
      const Cell &cell = row[column];
      size_t gap = widths[column] - cell.text.size();
      bool isLeft = column < leftColumns;
      if (!cell.text.empty()) {
        os.indent(pending + (isLeft ? 0 : gap));
        ::print(os, cell);
        pending = isLeft ? gap : 0;
      } else {
        pending += widths[column];
      }
      pending += 2;
    }
    os << '\n';
  }
}

namespace {
/// One line of a program's table.
struct Line {
  StringRef label;
  std::function<Amount(const ProgramFigures &)> get;
  std::string (*format)(double);
  bool lessIsBetter = false;
};
} // namespace

/// Tokens are estimates: parts of one say nothing.
static std::string formatTokens(double tokens) { return formatCount(std::round(tokens)); }

static std::vector<Line> getLines() {
  auto count = [](double Totals::*field) {
    return [=](const ProgramFigures &figures) { return Amount{figures.totals.*field}; };
  };
  auto money = [](Amount Totals::*field) {
    return [=](const ProgramFigures &figures) { return figures.totals.*field; };
  };
  auto time = [](Amount ProgramFigures::*field) {
    return [=](const ProgramFigures &figures) { return figures.*field; };
  };
  return {{"calls", [](const ProgramFigures &figures) { return Amount{double(figures.totals.calls)}; },
           formatCount},
          {"requests", count(&Totals::requests), formatCount},
          {"input tokens", count(&Totals::inputTokens), formatTokens},
          {"  of these cached", count(&Totals::cachedInputTokens), formatTokens},
          {"output tokens", count(&Totals::outputTokens), formatTokens},
          {"cost, expected", money(&Totals::costUsd), formatUsd, true},
          {"cost, at worst", money(&Totals::worstCostUsd), formatUsd, true},
          {"latency, one after another", time(&ProgramFigures::sequentialMs), formatMs, true},
          {"latency, in parallel", time(&ProgramFigures::latencyMs), formatMs, true},
          {"latency, under limits", time(&ProgramFigures::makespanMs), formatMs, true},
          {"latency, at worst", time(&ProgramFigures::worstLatencyMs), formatMs, true}};
}

/// Whether the figures differ by more than rounding of sums.
static bool differs(double one, double other) {
  return std::abs(one - other) > 1e-9 * std::max(std::abs(one), std::abs(other));
}

/// By how much `now` is more than `before`, if both are known.
static Cell getChange(Amount before, Amount now, bool lessIsBetter) {
  if (!before.complete || !now.complete)
    return {};
  if (!differs(before.known, now.known))
    return {"same"};
  if (before.known == 0)
    return {};
  double change = (now.known - before.known) / before.known * 100;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%+.1f%%", change);
  Style style = !lessIsBetter ? Style::Plain : change < 0 ? Style::Better : Style::Worse;
  return {text, style};
}

/// Whether the line tells nothing: nothing is cached, or limits change nothing.
static bool isIdle(const Line &line, const ProgramFigures *figures) {
  if (!figures)
    return true;
  if (line.label == "  of these cached")
    return figures->totals.cachedInputTokens == 0;
  return line.label == "latency, under limits" &&
         !differs(figures->makespanMs.known, figures->latencyMs.known);
}

static void printProgram(const Comparison &program, bool compares, raw_ostream &os) {
  Table table(/*leftColumns=*/1);
  std::vector<Cell> heading{{"@" + program.name.str(), Style::Heading}};
  if (compares)
    heading.push_back({"before", Style::Heading});
  heading.push_back({compares ? "after" : "now", Style::Heading});
  if (compares)
    heading.push_back({"change", Style::Heading});
  table.add(std::move(heading));
  for (const Line &line : getLines()) {
    if (isIdle(line, program.before) && isIdle(line, program.now) &&
        (line.label == "  of these cached" || line.label == "latency, under limits"))
      continue;
    std::vector<Cell> row{{line.label.str()}};
    auto addFigure = [&](const ProgramFigures *figures) {
      row.push_back({figures ? formatAmount(line.get(*figures), line.format) : "none"});
    };
    if (compares)
      addFigure(program.before);
    addFigure(program.now);
    if (program.before && program.now)
      row.push_back(getChange(line.get(*program.before), line.get(*program.now), line.lessIsBetter));
    table.add(std::move(row));
  }
  table.print(os);
}

static std::vector<Cell> getModelCells(const Totals &totals) {
  return {{formatCount(totals.calls)},
          {formatCount(totals.requests)},
          {formatTokens(totals.inputTokens)},
          {formatTokens(totals.cachedInputTokens)},
          {formatTokens(totals.outputTokens)},
          {formatAmount(totals.costUsd, formatUsd)},
          {formatAmount(totals.worstCostUsd, formatUsd)}};
}

/// A table of totals, by name: one line where before and after are the same.
static void printTotals(StringRef title, const std::map<std::string, Totals> *before,
                        const std::map<std::string, Totals> *now, bool compares,
                        raw_ostream &os) {
  Table table(compares ? 2 : 1);
  std::vector<Cell> heading{{title.str(), Style::Heading}};
  if (compares)
    heading.push_back({""});
  for (StringRef name : {"calls", "requests", "input", "cached", "output", "cost", "at worst"})
    heading.push_back({name.str(), Style::Heading});
  table.add(std::move(heading));
  std::set<std::string> names;
  for (const auto *side : {before, now})
    for (const auto &entry : side ? *side : std::map<std::string, Totals>())
      names.insert(entry.first);
  auto find = [](const std::map<std::string, Totals> *side, const std::string &name) {
    auto found = side ? side->find(name) : std::map<std::string, Totals>::const_iterator();
    return side && found != side->end() ? getModelCells(found->second) : std::vector<Cell>();
  };
  auto isEqual = [](const Cell &one, const Cell &other) { return one.text == other.text; };
  for (const std::string &name : names) {
    std::vector<Cell> old = find(before, name), present = find(now, name);
    bool isSame = llvm::equal(old, present, isEqual);
    auto addRow = [&](std::string label, StringRef when, const std::vector<Cell> &cells) {
      std::vector<Cell> row{{std::move(label)}};
      if (compares)
        row.push_back({when.str()});
      llvm::append_range(row, cells);
      table.add(std::move(row));
    };
    std::string label = name.empty() ? "(no model chosen)" : name;
    if (!old.empty() && !isSame) {
      addRow(label, "before", old);
      label.clear();
    }
    if (!present.empty())
      addRow(label, isSame || !compares ? "" : "after", present);
  }
  table.print(os);
}

/// What is unknown and assumed of a program, before or after.
static void printNotes(const Comparison &program, raw_ostream &os) {
  std::set<UnknownFigure> unknown;
  for (const ProgramFigures *figures : {program.before, program.now})
    if (figures)
      unknown.insert(figures->unknown.begin(), figures->unknown.end());
  if (!unknown.empty())
    os << "  At least (>=), because these are unknown: " << formatUnknown(unknown) << ".\n";
  const ProgramFigures &figures = program.now ? *program.now : *program.before;
  if (figures.assumptions > 0)
    os << "  Assumed, where the program says nothing: " << figures.assumptions
       << (figures.assumptions == 1 ? " figure" : " figures")
       << " (--xcs-annotate-costs remarks on each).\n";
}

static void printText(const CostReport &report, raw_ostream &os) {
  bool compares = report.before.has_value();
  std::vector<Comparison> programs = compare(report);
  if (programs.empty())
    os << "Costs: there is no program, as no function has a body.\n";
  for (auto [index, program] : llvm::enumerate(programs)) {
    if (index > 0)
      os << '\n';
    printProgram(program, compares, os);
    const auto *before = program.before ? &program.before->models : nullptr;
    const auto *now = program.now ? &program.now->models : nullptr;
    if ((before && !before->empty()) || (now && !now->empty())) {
      os << '\n';
      printTotals("by model", before, now, compares, os);
    }
    printNotes(program, os);
  }
  if (programs.size() < 2)
    return;
  std::map<std::string, Totals> before, now{{"one run of each", addAll(report.now)}};
  if (compares)
    before["one run of each"] = addAll(*report.before);
  os << '\n';
  printTotals("all programs", compares ? &before : nullptr, &now, compares, os);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

namespace {
/// Prints numbers with as many digits as they have.
class JsonPrinter {
public:
  explicit JsonPrinter(raw_ostream &os) : json(os, /*IndentSize=*/2) {}
  void print(const CostReport &report);

private:
  void printNumber(StringRef key, double value) {
    json.attributeBegin(key);
    // JSON has no infinity, to which absurd lengths may multiply.
    constexpr double most = std::numeric_limits<double>::max();
    json.rawValue(formatNumber(std::min(value, most)));
    json.attributeEnd();
  }
  /// An amount of which nothing is known is absent.
  void printAmount(StringRef key, Amount amount) {
    if (!amount.complete)
      atLeast.push_back(key);
    if (amount.complete || amount.known > 0)
      printNumber(key, amount.known);
  }
  void printTotals(const Totals &totals);
  void printAtLeast();
  void printFigures(const ProgramFigures &figures);

  llvm::json::OStream json;
  SmallVector<StringRef> atLeast; ///< of the object that is being printed
};
} // namespace

void JsonPrinter::printTotals(const Totals &totals) {
  json.attribute("calls", totals.calls);
  printNumber("requests", totals.requests);
  printNumber("input_tokens", totals.inputTokens);
  printNumber("cached_input_tokens", totals.cachedInputTokens);
  printNumber("output_tokens", totals.outputTokens);
  printAmount("cost_usd", totals.costUsd);
  printAmount("worst_cost_usd", totals.worstCostUsd);
}

void JsonPrinter::printAtLeast() {
  if (!atLeast.empty())
    json.attributeArray("at_least", [&] {
      for (StringRef key : atLeast)
        json.value(key);
    });
  atLeast.clear();
}

void JsonPrinter::printFigures(const ProgramFigures &figures) {
  printTotals(figures.totals);
  printAmount("latency_ms", figures.latencyMs);
  printAmount("worst_latency_ms", figures.worstLatencyMs);
  printAmount("sequential_ms", figures.sequentialMs);
  printAmount("makespan_ms", figures.makespanMs);
  printAtLeast();
  json.attributeObject("models", [&] {
    for (const auto &[name, totals] : figures.models)
      json.attributeObject(name, [&] {
        printTotals(totals);
        printAtLeast();
      });
  });
  json.attributeArray("unknown", [&] {
    for (const UnknownFigure &figure : figures.unknown)
      json.object([&] {
        json.attribute(figure.isTool ? "tool" : "model", figure.name);
        json.attribute("field", figure.field);
      });
  });
  json.attribute("assumptions", int64_t(figures.assumptions));
}

void JsonPrinter::print(const CostReport &report) {
  StringRef now = report.before ? "after" : "now";
  json.object([&] {
    json.attributeArray("programs", [&] {
      for (const Comparison &program : compare(report))
        json.object([&] {
          json.attribute("name", program.name);
          if (program.before)
            json.attributeObject("before", [&] { printFigures(*program.before); });
          if (program.now)
            json.attributeObject(now, [&] { printFigures(*program.now); });
        });
    });
    auto printAll = [&](StringRef key, const CostSnapshot &snapshot) {
      json.attributeObject(key, [&] {
        printTotals(addAll(snapshot));
        printAtLeast();
      });
    };
    json.attributeObject("total", [&] {
      if (report.before)
        printAll("before", *report.before);
      printAll(now, report.now);
    });
  });
}

void xcs::printCostReport(const CostReport &report, ReportFormat format, raw_ostream &os) {
  if (format == ReportFormat::Text) {
    printText(report, os);
    return;
  }
  JsonPrinter(os).print(report);
  os << '\n';
}

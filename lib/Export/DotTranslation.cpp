//===- DotTranslation.cpp - `--xcs-to-dot` ---------------------------------===//
//
// Programs as graphs in Graphviz's language. Calls, tools and caches are boxes;
// control is a frame around what it runs, and a small node in it, where its
// values come together. Templates, parses and the like become part of the edges.
//
//===----------------------------------------------------------------------===//

#include "Translation.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"
#include <cmath>
#include <set>

using namespace mlir;
using namespace xcs;
using namespace xcs::schedule;

/// Above this many tasks, values that come together do so in a node of their own.
static constexpr size_t mostOrigins = 8;

/// Light enough for black text, and told apart with any colour vision; after P.
/// Tol's "light" scheme.
static constexpr llvm::StringLiteral palette[] = {"#77aadd", "#ee8866", "#eedd88", "#ffaabb",
                                                  "#99ddff", "#44bb99", "#bbcc33", "#aaaa00"};

static std::string quote(llvm::StringRef text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    if (c == '\n')
      quoted += "\\n";
    else if (static_cast<unsigned char>(c) >= ' ')
      quoted += c;
  }
  return quoted + '"';
}

/// Three digits that count, without an exponent.
static std::string formatUsd(double usd) {
  int digits = usd > 0 ? std::max(2, 2 - static_cast<int>(std::floor(std::log10(usd)))) : 2;
  std::string text;
  llvm::raw_string_ostream(text) << '$' << llvm::format("%.*f", std::min(digits, 12), usd);
  return text;
}

namespace {
/// Prints the graph of one plan. Recursion is as deep as control nests.
class DotPrinter {
public:
  DotPrinter(const Plan &plan, unsigned number, llvm::raw_ostream &os);

  void print();

private:
  using Origins = llvm::SmallVector<uint32_t, 2>; ///< nodes: indices of tasks

  static bool isCall(const Task &task) { return task.kind <= TaskKind::Score; }
  static bool isControl(const Task &task) { return task.kind >= TaskKind::Batch; }
  static bool isNode(const Task &task) {
    return isCall(task) || isControl(task) || task.kind == TaskKind::Tool ||
           task.kind == TaskKind::CacheLookup || task.kind == TaskKind::CacheStore;
  }

  void countUses();
  void findOrigins();
  void add(const Reference &reference, Origins &origins) const;
  void addEdges(const Origins &origins, uint32_t to, bool decides = false);
  std::optional<uint32_t> findFirst(const Scope &scope) const;
  void addBranching(uint32_t index, const Origins &condition);
  void addStages(const Control &control);
  void printScope(uint32_t index, unsigned indent);
  void printTask(uint32_t index, unsigned indent);
  void printLabel(const Task &task);
  std::string getTitle(const Task &task) const;
  std::string getTitle(const Scope &scope, const Task &owner, uint32_t position) const;
  std::string getName(uint32_t task) const {
    return "p" + std::to_string(number) + "_" + getTaskId(plan.tasks[task]);
  }

  struct Edge {
    uint32_t from, to;
    bool decides;           ///< it is a condition, a verdict, or leads to the next stage
    std::string tail, head; ///< frames at which it starts and ends, if not at nodes
  };

  const Plan &plan;
  unsigned number;
  llvm::raw_ostream &os;
  std::vector<std::vector<uint32_t>> members; ///< the tasks of each scope
  std::vector<uint32_t> uses;                 ///< of each task's outputs
  std::vector<Origins> origins;               ///< of each task's outputs
  std::vector<bool> isJoin;                   ///< has a node only to bring values together
  std::vector<bool> isCritical;
  std::vector<Edge> edges;
  std::set<std::pair<uint32_t, uint32_t>> known; ///< edges
  llvm::StringMap<unsigned> colors;              ///< of models
};
} // namespace

DotPrinter::DotPrinter(const Plan &plan, unsigned number, llvm::raw_ostream &os)
    : plan(plan), number(number), os(os), members(plan.scopes.size()), uses(plan.tasks.size()),
      origins(plan.tasks.size()), isJoin(plan.tasks.size()), isCritical(plan.tasks.size()) {
  for (uint32_t i = 0; i < plan.tasks.size(); ++i) {
    members[plan.tasks[i].scope].push_back(i);
    if (auto *request = std::get_if<std::unique_ptr<Request>>(&plan.tasks[i].details))
      colors.try_emplace((*request)->model, colors.size());
  }
  if (plan.forecast.totals && plan.forecast.totals->latencyMs) // else no time is known
    for (uint32_t task : plan.forecast.criticalPath)
      isCritical[task] = true;
  countUses();
  findOrigins();
}

void DotPrinter::countUses() {
  auto count = [&](const Reference &reference) {
    if (reference.kind == Reference::Kind::Task)
      ++uses[reference.index];
  };
  for (const Reference &reference : plan.references) // inputs of tasks
    count(reference);
  for (const Scope &scope : plan.scopes) {
    llvm::for_each(scope.yields, count);
    if (scope.verdict)
      count(*scope.verdict);
  }
}

/// Adds the nodes that a value comes from. An item comes from where its list does.
void DotPrinter::add(const Reference &reference, Origins &found) const {
  const Reference *source = &reference;
  while (source->kind == Reference::Kind::Argument) {
    const Scope &scope = plan.scopes[source->index];
    if (scope.kind == ScopeKind::Plan)
      return;
    source = &plan.references[plan.tasks[scope.owner].inputs.begin + source->number];
  }
  if (source->kind == Reference::Kind::Task)
    found.append(origins[source->index]);
}

static void makeUnique(llvm::SmallVectorImpl<uint32_t> &list) {
  llvm::sort(list);
  list.erase(llvm::unique(list), list.end());
}

void DotPrinter::addEdges(const Origins &from, uint32_t to, bool decides) {
  for (uint32_t origin : from)
    if (origin != to && known.insert({origin, to}).second)
      edges.push_back({origin, to, decides, "", ""});
}

/// The node of the scope that stands first, if there is one.
std::optional<uint32_t> DotPrinter::findFirst(const Scope &scope) const {
  for (uint32_t task : members[&scope - plan.scopes.data()])
    if (isNode(plan.tasks[task]) || isJoin[task]) {
      if (!isControl(plan.tasks[task]))
        return task;
      const auto &control = *std::get<std::unique_ptr<Control>>(plan.tasks[task].details);
      for (uint32_t i = 0; i < control.scopeCount; ++i)
        if (std::optional<uint32_t> first = findFirst(plan.scopes[control.firstScope + i]))
          return first;
      return task;
    }
  return std::nullopt;
}

/// A condition leads to the frame of what it decides.
void DotPrinter::addBranching(uint32_t index, const Origins &condition) {
  const auto &control = *std::get<std::unique_ptr<Control>>(plan.tasks[index].details);
  std::optional<uint32_t> first;
  for (uint32_t i = 0; i < control.scopeCount && !first; ++i)
    first = findFirst(plan.scopes[control.firstScope + i]);
  for (uint32_t origin : condition)
    edges.push_back({origin, first.value_or(index), true, "", "cluster_" + getName(index)});
}

/// A stage leads to the next.
void DotPrinter::addStages(const Control &control) {
  for (uint32_t i = 1; i < control.scopeCount; ++i) {
    const Scope &before = plan.scopes[control.firstScope + i - 1], &after = (&before)[1];
    std::optional<uint32_t> from = findFirst(before), to = findFirst(after);
    std::string frame = "cluster_" + getName(before.owner) + '_';
    if (from && to)
      edges.push_back({*from, *to, true, frame + std::to_string(i - 1), frame + std::to_string(i)});
  }
}

/// Tasks stand after those whose outputs they use, and owners before what they run.
void DotPrinter::findOrigins() {
  std::vector<std::pair<uint32_t, Origins>> conditions;
  for (uint32_t i = 0; i < plan.tasks.size(); ++i) {
    const Task &task = plan.tasks[i];
    Origins from;
    for (uint32_t k = 0; k < task.inputs.size; ++k)
      add(plan.references[task.inputs.begin + k], from);
    if (task.kind == TaskKind::Tool) // which keep their order
      for (uint32_t k = 0; k < task.dependsOn.size; ++k)
        from.append(origins[plan.dependencies[task.dependsOn.begin + k]]);
    makeUnique(from);
    isJoin[i] = !isNode(task) && from.size() > mostOrigins && uses[i] > 0;
    if (!isNode(task) && !isJoin[i]) {
      origins[i] = std::move(from);
      continue;
    }
    // Batches run on their items: what these come from goes to what uses them.
    if (!isControl(task))
      addEdges(from, i);
    else if (task.kind == TaskKind::Conditional)
      conditions.emplace_back(i, std::move(from));
    origins[i].push_back(i);
  }
  for (const auto &[task, condition] : conditions)
    addBranching(task, condition);
  for (const Task &task : plan.tasks)
    if (task.kind == TaskKind::Cascade)
      addStages(*std::get<std::unique_ptr<Control>>(task.details));
  for (const Scope &scope : llvm::drop_begin(plan.scopes)) {
    Origins values, verdicts;
    for (const Reference &yielded : scope.yields)
      add(yielded, values);
    if (scope.score)
      add(*scope.score, values);
    if (scope.verdict)
      add(*scope.verdict, verdicts);
    makeUnique(values);
    makeUnique(verdicts);
    addEdges(values, scope.owner);
    addEdges(verdicts, scope.owner, /*decides=*/true);
  }
}

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

std::string DotPrinter::getTitle(const Task &task) const {
  const auto &control = *std::get<std::unique_ptr<Control>>(task.details);
  switch (task.kind) {
  case TaskKind::Ensemble: return "ensemble: " + std::string(control.policy);
  case TaskKind::Cascade: return "cascade";
  case TaskKind::Chain: return "chain";
  case TaskKind::Conditional: return "if";
  default: return "batch: each item";
  }
}

std::string DotPrinter::getTitle(const Scope &scope, const Task &owner, uint32_t position) const {
  switch (scope.kind) {
  case ScopeKind::Branch: return scope.condition ? "yes" : "no";
  case ScopeKind::Stage:
    return "stage " + std::to_string(position + 1) +
           (scope.attempts.value_or(1) > 1 ? ", up to " + std::to_string(*scope.attempts) + " tries"
                                           : "");
  case ScopeKind::Member: return "member " + std::to_string(position + 1);
  default: return "";
  }
}

/// Model and id, and under them tokens and cost, where they are known.
void DotPrinter::printLabel(const Task &task) {
  std::string text;
  if (auto *request = std::get_if<std::unique_ptr<Request>>(&task.details))
    text = std::string((*request)->model) + '\n';
  else if (auto *tool = std::get_if<ToolUse>(&task.details))
    text = "tool " + std::string(tool->name) + '\n';
  text += getTaskId(task);
  const Planning *planning = task.planning.get();
  if (planning && planning->estimate) {
    const Estimate &estimate = *planning->estimate;
    std::string figures;
    if (estimate.inputTokens && estimate.outputTokens)
      figures = std::to_string(*estimate.inputTokens) + " -> " +
                std::to_string(*estimate.outputTokens) + " tokens";
    if (estimate.costUsd)
      figures += (figures.empty() ? "" : ", ") + formatUsd(*estimate.costUsd);
    if (!figures.empty())
      text += '\n' + figures;
    if (planning->expectedRuns != 1)
      llvm::raw_string_ostream(text) << llvm::format(", %.3g times", planning->expectedRuns);
  }
  os << "label=" << quote(text);
}

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

void DotPrinter::printTask(uint32_t index, unsigned indent) {
  const Task &task = plan.tasks[index];
  os.indent(indent);
  if (isJoin[index]) {
    os << getName(index) << " [shape=point, width=0.08, label=\"\"];\n";
    return;
  }
  if (!isControl(task)) {
    os << getName(index) << " [";
    printLabel(task);
    if (auto *request = std::get_if<std::unique_ptr<Request>>(&task.details))
      os << ", fillcolor=\"" << palette[colors.lookup((*request)->model) % std::size(palette)]
         << '"';
    os << (isCritical[index] ? ", penwidth=3];\n" : "];\n");
    return;
  }
  const auto &control = *std::get<std::unique_ptr<Control>>(task.details);
  os << "subgraph cluster_" << getName(index) << " {\n";
  os.indent(indent + 2) << "label=" << quote(getTitle(task)) << "; style=rounded;\n";
  for (uint32_t i = 0; i < control.scopeCount; ++i) {
    const Scope &scope = plan.scopes[control.firstScope + i];
    std::string title = getTitle(scope, task, i);
    if (title.empty()) {
      printScope(control.firstScope + i, indent + 2);
      continue;
    }
    os.indent(indent + 2) << "subgraph cluster_" << getName(index) << '_' << i << " {\n";
    os.indent(indent + 4) << "label=" << quote(title) << "; style=dashed;\n";
    printScope(control.firstScope + i, indent + 4);
    os.indent(indent + 2) << "}\n";
  }
  os.indent(indent + 2) << getName(index) << " [shape=circle, width=0.15, label=\"\"];\n";
  os.indent(indent) << "}\n";
}

void DotPrinter::printScope(uint32_t index, unsigned indent) {
  for (uint32_t task : members[index])
    if (isNode(plan.tasks[task]) || isJoin[task])
      printTask(task, indent);
}

void DotPrinter::print() {
  os << "  subgraph cluster_p" << number << " {\n    label=" << quote(plan.name) << ";\n";
  printScope(0, 4);
  for (const Edge &edge : edges) {
    os << "    " << getName(edge.from) << " -> " << getName(edge.to);
    llvm::SmallVector<std::string, 4> style;
    if (isCritical[edge.from] && isCritical[edge.to])
      style.push_back("penwidth=3");
    if (edge.decides)
      style.push_back("style=dashed");
    if (!edge.tail.empty())
      style.push_back("ltail=" + edge.tail);
    if (!edge.head.empty())
      style.push_back("lhead=" + edge.head);
    if (!style.empty())
      os << " [" << llvm::join(style, ", ") << ']';
    os << ";\n";
  }
  os << "  }\n";
}

static LogicalResult translateToDot(const ExportOptions &options,
                                    const std::shared_ptr<llvm::SourceMgr> &sources,
                                    llvm::raw_ostream &os, MLIRContext *context) {
  FailureOr<ScheduledProgram> program = readProgram(sources, options, context);
  if (failed(program))
    return failure();
  os << "digraph " << quote(program->document.sourceFile) << " {\n"
     << "  rankdir=LR; compound=true;\n"
     << "  node [shape=box, style=filled, fillcolor=white, fontname=\"Helvetica\", fontsize=11];\n"
     << "  graph [fontname=\"Helvetica\", fontsize=11, style=rounded];\n";
  unsigned number = 0;
  for (const Plan &plan : program->document.plans)
    DotPrinter(plan, number++, os).print();
  os << "}\n";
  return success();
}

void xcs::registerDotTranslation(const ExportOptions &options) {
  TranslateRegistration registration(
      "xcs-to-dot", "write the program as a graph, in Graphviz's language",
      [&options](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
                 MLIRContext *context) { return translateToDot(options, sources, os, context); });
}

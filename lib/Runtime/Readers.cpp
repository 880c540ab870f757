//===- Readers.cpp - Who reads a response ----------------------------------===//

#include "Readers.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

namespace {

/// Goes back from a parse to where its text comes from.
class Tracer {
public:
  Tracer(const Plan &plan, Readers &readers) : plan(plan), readers(readers) {}

  void trace(const Task &parse) {
    constexpr size_t most = 256; // places: a list of thousands is not read as one
    seen.clear();
    open = {parse.inputs[0]};
    while (!open.empty() && seen.size() < most) {
      Reference at = open.pop_back_val();
      bool isNew =
          seen.insert({at.scope, at.index * 2 + (at.kind == Reference::Kind::Result)}).second;
      if (!isNew || at.kind == Reference::Kind::Constant)
        continue;
      if (at.kind == Reference::Kind::Argument)
        followArgument(at);
      else
        followResult(at, parse);
    }
  }

private:
  void followArgument(const Reference &at) {
    if (std::optional<uint32_t> owner = plan.scopes[at.scope].owner)
      if (at.index < plan.tasks[*owner].inputs.size())
        open.push_back(plan.tasks[*owner].inputs[at.index]);
  }

  void followResult(const Reference &at, const Task &parse) {
    const Task &task = plan.tasks[plan.findProducer(at)];
    if (task.kind == TaskKind::Generate)
      return readers[&task].push_back(&parse);
    if (task.kind == TaskKind::Tensor)
      open.append(task.inputs.begin(), task.inputs.end());
    if (task.kind == TaskKind::CacheStore)
      open.push_back(task.inputs[0]);
    if (const auto *control = std::get_if<Control>(&task.details))
      for (uint32_t scope : control->scopes)
        open.push_back(plan.scopes[scope].yields[at.index - task.firstResult]);
  }

  const Plan &plan;
  Readers &readers;
  SmallVector<Reference> open;
  DenseSet<std::pair<uint32_t, uint32_t>> seen;
};

} // namespace

Readers findReaders(const Plan &plan) {
  Readers readers;
  Tracer tracer(plan, readers);
  for (const Task &task : plan.tasks)
    if (task.kind == TaskKind::Parse)
      tracer.trace(task);
  return readers;
}

} // namespace xcs::runtime

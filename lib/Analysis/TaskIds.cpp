//===- TaskIds.cpp - Operations by the ids that schedules give -------------===//

#include "XcsLLM/Analysis/TaskIds.h"
#include "XcsLLM/Dialect/XcsLLM.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace xcs;

/// What the ids of tasks of the kind of `op` begin with; empty for others.
static StringRef getPrefix(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](GenerateOp) { return "generate"; })
      .Case([](EmbedOp) { return "embed"; })
      .Case([](ScoreOp) { return "score"; })
      .Case([](func::CallOp) { return "tool"; })
      .Case([](BatchOp) { return "batch"; })
      .Case([](EnsembleOp) { return "ensemble"; })
      .Case([](CascadeOp) { return "cascade"; })
      .Case([](ChainOp) { return "chain"; })
      .Case([](ConditionalOp) { return "conditional"; })
      .Default([](Operation *) { return ""; });
}

llvm::StringMap<Operation *> xcs::findTasks(func::FuncOp function) {
  llvm::StringMap<Operation *> tasks;
  llvm::StringMap<unsigned> counts;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (StringRef prefix = getPrefix(op); !prefix.empty())
      tasks[(prefix + Twine(++counts[prefix])).str()] = op;
  });
  return tasks;
}

//===- Tiers.cpp - Which calls can wait -----------------------------------===//

#include "XcsLLM/Analysis/Tiers.h"

using namespace mlir;
using namespace xcs;

llvm::Expected<TierLeave> xcs::parseTiers(ArrayRef<std::string> names) {
  TierLeave leave;
  for (const std::string &name : names) {
    if (name == "flex")
      leave.flex = true;
    else if (name == "batch")
      leave.batch = true;
    else if (name != "standard")
      return llvm::createStringError("tiers must be standard, flex or batch (got '" + name + "')");
  }
  return leave;
}

static FloatAttr getDeadline(func::FuncOp function) {
  return function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms");
}

static bool isHurriedChain(Operation *op) {
  auto chain = dyn_cast<ChainOp>(op);
  return chain && chain.getDeadlineMs();
}

bool xcs::isInHurriedChain(Operation *op) {
  while (op && !isa<func::FuncOp>(op) && !isHurriedChain(op))
    op = op->getParentOp();
  return op && isHurriedChain(op);
}

StringRef xcs::whyTierIsFixed(LLMCallOpInterface call) {
  if (call.getServiceTierAttr())
    return "it names its tier";
  for (Operation *op = call->getParentOp(); op && !isa<func::FuncOp>(op); op = op->getParentOp()) {
    if (isHurriedChain(op))
      return "the chain around it has a deadline";
    auto ensemble = dyn_cast<EnsembleOp>(op);
    if (ensemble && ensemble.getPolicy() == EnsemblePolicy::First)
      return "who is late in 'first' has lost";
  }
  return "";
}

/// Whether somebody who has a deadline, or a part of him that has, calls `function`.
bool TierRule::isUnderDeadline(func::FuncOp function) {
  if (!hurried) {
    hurried.emplace();
    SymbolTableCollection symbols;
    SmallVector<func::FuncOp> stack;
    auto enter = [&](func::CallOp call) {
      auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      if (callee && !callee.isExternal() && hurried->insert(callee).second)
        stack.push_back(callee);
    };
    root->walk([&](func::CallOp call) {
      Operation *op = call->getParentOp();
      while (op && !isa<func::FuncOp>(op) && !isHurriedChain(op))
        op = op->getParentOp();
      auto caller = dyn_cast_if_present<func::FuncOp>(op);
      if (caller ? bool(getDeadline(caller)) : op != nullptr)
        enter(call);
    });
    while (!stack.empty())
      stack.pop_back_val().walk(enter);
  }
  return hurried->contains(function);
}

StringRef TierRule::whyFixed(func::FuncOp function) {
  FloatAttr deadline = getDeadline(function);
  double day = timeCall({}, ServiceTier::Batch, /*outputTokens=*/0).known;
  if (deadline && deadline.getValueAsDouble() < day)
    return "its deadline does not leave the 24 hours that the batch tier may take";
  if (!deadline && !leave.isGiven())
    return "nothing says that there is time";
  if (isUnderDeadline(function))
    return "it is called under a deadline";
  if (deadline && leave.isGiven() && !leave.batch)
    return "the flex tier promises no time that could be held against its deadline";
  return "";
}

bool TierRule::isOpen(func::FuncOp function, ServiceTier tier) {
  if (tier == ServiceTier::Standard)
    return true;
  bool isListed = getDeadline(function) ? tier == ServiceTier::Batch : leave.contains(tier);
  return isListed && whyFixed(function).empty();
}

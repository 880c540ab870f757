//===- Decisions.cpp - What an early decision makes unnecessary -----------===//

#include "XcsLLM/Analysis/Decisions.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "XcsLLM/Analysis/Voting.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include <numeric>

using namespace mlir;
using namespace xcs;

/// No search behind one operand goes further than this many values, and what is kept
/// of it is no more than that.
static constexpr size_t maxValues = 128, maxKept = 64;
/// Nor up more decisions than this.
static constexpr unsigned maxDepth = 64;

bool xcs::joinsFlags(Operation *op) {
  return isa<arith::AndIOp, arith::OrIOp>(op) && op->getResult(0).getType().isSignlessInteger(1);
}

//===----------------------------------------------------------------------===//
// What operations do with failures
//===----------------------------------------------------------------------===//

/// Whether `op` fails only if what it is made of does.
static bool addsNoFailure(Operation *op) {
  return isa<TextOp, PromptTemplateOp, arith::ConstantOp, arith::CmpIOp, arith::CmpFOp,
             arith::AndIOp, arith::OrIOp, arith::XOrIOp, arith::SelectOp, arith::ExtUIOp,
             arith::ExtSIOp, tensor::FromElementsOp, YieldOp>(op);
}

/// Whether `op` is a request, or reads a response. Calls of tools that are not pure
/// are ordered, and never asked about.
static bool isRequestOrParse(Operation *op) {
  return isa<LLMCallOpInterface, ParseResponseOp, func::CallOp>(op);
}

/// Whether `op` surely fails if one of its operands does.
static bool failsWithOperands(Operation *op) {
  return isRequestOrParse(op) ||
         isa<PromptTemplateOp, arith::CmpIOp, arith::CmpFOp, arith::AndIOp, arith::OrIOp,
             arith::XOrIOp, arith::ExtUIOp, arith::ExtSIOp>(op);
}

/// Whether `op` gives its values if all requests and parses in it succeed, and
/// nothing that it uses has failed.
static bool failsOnlyByRequests(Operation *op) {
  SmallVector<Operation *> pending{op};
  while (!pending.empty()) {
    Operation *next = pending.pop_back_val();
    if (addsNoFailure(next) || isRequestOrParse(next) || isa<CacheStoreOp>(next))
      continue;
    auto chain = dyn_cast<ChainOp>(next);
    bool isFree = chain && !chain.getDeadlineMsAttr() && !chain.getBudgetUsdAttr();
    if (!isFree && !isa<CascadeOp, ConditionalOp>(next))
      return false;
    // A cascade whose last stage has values has some.
    unsigned first = isa<CascadeOp>(next) ? next->getNumRegions() - 1 : 0;
    for (Region &region : next->getRegions().drop_front(first))
      for (Operation &inner : region.getOps())
        pending.push_back(&inner);
  }
  return true;
}

/// What `op` uses, its regions included.
static llvm::SetVector<Value> getUsed(Operation *op) {
  llvm::SetVector<Value> used(op->operand_begin(), op->operand_end());
  if (op->getNumRegions() > 0)
    getUsedValuesDefinedAbove(op->getRegions(), used);
  return used;
}

static bool hasCalls(Operation *op) {
  return op->walk([](LLMCallOpInterface) { return WalkResult::interrupt(); }).wasInterrupted();
}

//===----------------------------------------------------------------------===//
// Who needs what
//===----------------------------------------------------------------------===//

/// The candidate nearest to both, that both are needed for, or are.
Operation *Decisions::findCommon(Operation *one, Operation *other) const {
  for (unsigned steps = 0; one != other && steps < maxDepth; ++steps) {
    if (!one || !other)
      return nullptr;
    // The deeper one is needed for another; roots are at 0.
    Operation *&deeper = depths.lookup(one) >= depths.lookup(other) ? one : other;
    deeper = owners.lookup(deeper);
  }
  return one == other ? one : nullptr;
}

Operation *Decisions::findOwner(Operation *op, const OrderedOps &ordered) const {
  if (ordered.contains(op) || op->use_empty())
    return nullptr;
  Operation *owner = nullptr;
  for (Operation *user : op->getUsers()) {
    user = block.findAncestorOpInBlock(*user);
    Operation *needed = !user ? nullptr : depths.contains(user) ? user : owners.lookup(user);
    owner = owner ? findCommon(owner, needed) : needed;
    if (!owner)
      return nullptr;
  }
  return owner;
}

bool Decisions::isNeededOnlyFor(Operation *op, Operation *decision) const {
  op = owners.lookup(op);
  for (unsigned steps = 0; op && op != decision && steps < maxDepth; ++steps)
    op = owners.lookup(op);
  return op == decision;
}

bool Decisions::mayBeCancelled(Operation *op) const {
  op = owners.lookup(op);
  for (unsigned steps = 0; op && steps < maxDepth; ++steps, op = owners.lookup(op))
    if (get(op).isEarly())
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Who may decide
//===----------------------------------------------------------------------===//

/// Values that fail only if `value` does. What is decided early does not fail with
/// each operand, but with what both fail with.
Decisions::Values Decisions::findStrictNeeds(Value value) const {
  Values needs;
  SmallVector<Value> pending{value};
  while (!pending.empty() && needs.size() < maxKept) {
    Value next = pending.pop_back_val();
    if (!needs.insert(next).second)
      continue;
    Operation *op = next.getDefiningOp();
    if (!op || op->getBlock() != &block)
      continue;
    if (auto known = strictNeeds.find(op); known != strictNeeds.end())
      needs.insert(known->second.begin(), known->second.end());
    else if (failsWithOperands(op))
      llvm::append_range(pending, op->getOperands());
  }
  return needs;
}

/// Of the values behind `value`, those that only `decision` needs.
Decisions::Values Decisions::findNeeds(Value value, Operation *decision) const {
  Values needs;
  SmallVector<Value> pending{value};
  while (!pending.empty() && needs.size() < maxValues) {
    Value next = pending.pop_back_val();
    Operation *op = next.getDefiningOp();
    if (!op || op->getBlock() != &block || !isNeededOnlyFor(op, decision) ||
        !needs.insert(next).second)
      continue;
    llvm::append_range(pending, getUsed(op));
  }
  return needs;
}

/// Finds out whether the operand of this number may decide `op` early.
void Decisions::decide(Operation *op, unsigned operand, Decision &decision) const {
  Value decider = op->getOperand(operand), rest = op->getOperand(1 - operand);
  Values strict = findStrictNeeds(decider), shared = findNeeds(decider, op), seen;
  if (shared.size() >= maxValues)
    return;
  llvm::SetVector<Operation *> saved;
  SmallVector<Value> pending{rest};
  while (!pending.empty()) {
    Value next = pending.pop_back_val();
    if (strict.contains(next) || !seen.insert(next).second)
      continue;
    if (seen.size() >= maxValues)
      return;
    Operation *producer = next.getDefiningOp();
    if (!producer) {
      // Inputs are there; items of a batch may have failed.
      Block *from = next.getParentBlock();
      if (!from->isEntryBlock() || !isa<FunctionOpInterface>(from->getParentOp()))
        return;
      continue;
    }
    if (!addsNoFailure(producer)) {
      if (producer->getBlock() != &block || !isNeededOnlyFor(producer, op) ||
          shared.contains(next) || !failsOnlyByRequests(producer))
        return;
      if (hasCalls(producer))
        saved.insert(producer);
    }
    llvm::append_range(pending, getUsed(producer));
  }
  decision.decides[operand] = true;
  decision.saves[operand] = saved.takeVector();
}

Decisions::Decisions(Block &block, ArrayRef<Operation *> candidates, const OrderedOps &ordered)
    : block(block) {
  for (Operation *candidate : candidates)
    depths[candidate] = 0;
  // Users come before what they use.
  for (Operation &op : llvm::reverse(block)) {
    Operation *owner = findOwner(&op, ordered);
    if (!owner)
      continue;
    owners[&op] = owner;
    if (auto depth = depths.find(&op); depth != depths.end())
      depth->second = depths.lookup(owner) + 1;
  }
  for (Operation &op : block) {
    if (!depths.contains(&op))
      continue;
    Decision decision;
    decision.value = isa<arith::OrIOp>(op);
    for (unsigned operand : {0, 1})
      decide(&op, operand, decision);
    Values first = findStrictNeeds(op.getOperand(0)), both{op.getResult(0)};
    Values second = findStrictNeeds(op.getOperand(1));
    for (Value value : first)
      if (second.contains(value) || !decision.decides[1])
        both.insert(value);
    for (Value value : second)
      if (!decision.decides[0])
        both.insert(value);
    strictNeeds[&op] = std::move(both);
    decisions[&op] = std::move(decision);
  }
}

//===----------------------------------------------------------------------===//
// Votes
//===----------------------------------------------------------------------===//

/// How many votes a member has; one if that is not known.
static int64_t countVotes(Region &member, EnsembleOp ensemble) {
  Value vote = member.front().getTerminator()->getOperand(0);
  auto list = dyn_cast<RankedTensorType>(vote.getType());
  bool isList = vote.getType() != ensemble.getResultTypes().front();
  return isList && list && !list.isDynamicDim(0) ? list.getDimSize(0) : 1;
}

bool xcs::mayLeaveMembersBehind(EnsembleOp ensemble) {
  EnsemblePolicy policy = ensemble.getPolicy();
  if (policy != EnsemblePolicy::First && policy != EnsemblePolicy::Majority)
    return false;
  MutableArrayRef<Region> members = ensemble.getMembers();
  int64_t single[] = {int64_t(members.size())};
  ArrayRef<int64_t> waves = ensemble.getWaves().value_or(ArrayRef<int64_t>(single));
  SmallVector<int64_t> votes;
  for (Region &member : members)
    votes.push_back(policy == EnsemblePolicy::First ? 1 : countVotes(member, ensemble));
  int64_t before = 0, total = std::accumulate(votes.begin(), votes.end(), int64_t(0));
  unsigned begin = 0;
  for (int64_t size : waves) {
    int64_t through = std::accumulate(&votes[begin], &votes[begin] + size, before);
    // At best everybody agrees but one member, who is still running.
    for (unsigned i = begin; i < begin + size && size > 1; ++i) {
      if (llvm::none_of(members[i].getOps(), [](Operation &op) { return hasCalls(&op); }))
        continue;
      if (policy == EnsemblePolicy::First ||
          isVoteSettled(through - votes[i], 0, total - through + votes[i], ensemble.getQuorum(),
                        std::nullopt))
        return true;
    }
    before = through;
    begin += size;
  }
  return false;
}

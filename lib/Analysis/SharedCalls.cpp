//===- SharedCalls.cpp - Where equal calls can be one ---------------------===//

#include "XcsLLM/Analysis/SharedCalls.h"
#include "mlir/IR/Dominance.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace xcs;

EqualCalls xcs::findEqualCalls(Operation *root, const EqualValues &values,
                               SymbolTableCollection &symbols) {
  EqualCalls firsts;
  llvm::SmallDenseSet<Operation *> repeated;
  walkVisible(root, [&](Operation *op) {
    if (op->getNumResults() == 0)
      return;
    auto call = dyn_cast<LLMCallOpInterface>(op);
    if (!(call ? call.isDeterministic() : isPureToolCall(op, symbols)))
      return;
    Operation *first = values.getFirst(op->getResult(0)).getDefiningOp();
    firsts.try_emplace(op, first);
    if (first != op)
      repeated.insert(first);
  });
  // Only now, so that the first ones stand in their places, too.
  EqualCalls calls;
  for (auto [call, first] : firsts)
    if (repeated.contains(first))
      calls.try_emplace(call, first);
  return calls;
}

MutableArrayRef<Region> xcs::getSureMembers(EnsembleOp ensemble) {
  if (ensemble.getPolicy() == EnsemblePolicy::First)
    return {};
  MutableArrayRef<Region> members = ensemble.getMembers();
  return ensemble.getWaves() ? members.take_front(ensemble.getWaves()->front()) : members;
}

//===----------------------------------------------------------------------===//
// What a block runs
//===----------------------------------------------------------------------===//

namespace {
/// The calls in a block and all that it holds, by what stands for their equals.
struct BlockCalls {
  llvm::DenseMap<Operation *, Operation *> firsts; ///< the first in program order
  llvm::DenseMap<Operation *, Operation *> sure;   ///< one that surely runs
};

class HoistFinder {
public:
  explicit HoistFinder(const EqualCalls &calls) : calls(calls) {
    for (auto [order, entry] : llvm::enumerate(calls))
      orders[entry.first] = order;
  }

  void visit(Block &block);
  std::vector<Hoist> takeHoists() { return std::move(hoists); }

private:
  using Map = llvm::DenseMap<Operation *, Operation *>;

  BlockCalls takeRegion(Region &region);
  BlockCalls takeHolder(Operation &op);
  void merge(Map &into, Map from, bool noteMet);
  void hoistMet(Block &block, BlockCalls &here);

  const EqualCalls &calls;
  llvm::DenseMap<Operation *, unsigned> orders; ///< of calls, in the program
  llvm::DenseMap<Block *, BlockCalls> found;
  SmallVector<Operation *> met; ///< what two parts of the block that is visited have
  std::vector<Hoist> hoists;
};
} // namespace

/// Puts the smaller map into the larger one, so that all of it is near-linear; of
/// each two calls the first stays.
void HoistFinder::merge(Map &into, Map from, bool noteMet) {
  if (from.size() > into.size())
    std::swap(into, from);
  for (auto [first, call] : from) {
    auto [entry, isNew] = into.try_emplace(first, call);
    if (isNew)
      continue;
    if (orders.lookup(call) < orders.lookup(entry->second))
      entry->second = call;
    if (noteMet)
      met.push_back(first);
  }
}

BlockCalls HoistFinder::takeRegion(Region &region) {
  BlockCalls all;
  for (Block &block : region) {
    auto entry = found.find(&block);
    if (entry == found.end())
      continue;
    merge(all.firsts, std::move(entry->second.firsts), /*noteMet=*/true);
    if (region.hasOneBlock())
      all.sure = std::move(entry->second.sure);
    found.erase(entry);
  }
  return all;
}

/// What an operation with regions runs.
BlockCalls HoistFinder::takeHolder(Operation &op) {
  BlockCalls all;
  SmallVector<Map> sure;
  for (Region &region : op.getRegions()) {
    BlockCalls here = takeRegion(region);
    merge(all.firsts, std::move(here.firsts), /*noteMet=*/true);
    sure.push_back(std::move(here.sure));
  }
  TypeSwitch<Operation *>(&op)
      .Case([&](ChainOp chain) {
        if (isUnconstrained(chain))
          all.sure = std::move(sure.front());
      })
      .Case([&](EnsembleOp ensemble) {
        for (size_t member = 0; member < getSureMembers(ensemble).size(); ++member)
          merge(all.sure, std::move(sure[member]), /*noteMet=*/false);
      })
      .Case([&](ConditionalOp) {
        // Those of the first branch stand for what both have.
        bool isLess = sure[0].size() < sure[1].size();
        for (auto [first, call] : sure[isLess ? 0 : 1])
          if (sure[isLess ? 1 : 0].contains(first))
            all.sure[first] = sure[0].lookup(first);
      });
  return all;
}

/// What stands in several parts of the block, and surely runs, comes before the
/// first of them.
void HoistFinder::hoistMet(Block &block, BlockCalls &here) {
  llvm::sort(met, [&](Operation *a, Operation *b) { return orders.at(a) < orders.at(b); });
  met.erase(std::unique(met.begin(), met.end()), met.end());
  for (Operation *first : met) {
    Operation *call = here.sure.lookup(first);
    if (!call)
      continue;
    Operation *earliest = here.firsts.at(first);
    Operation *anchor = block.findAncestorOpInBlock(*earliest);
    if (anchor == earliest)
      continue;
    hoists.push_back({call, anchor});
    here.firsts[first] = call;
    orders[call] = orders.at(earliest);
  }
  met.clear();
}

/// To be called of inner blocks first.
void HoistFinder::visit(Block &block) {
  BlockCalls here;
  for (Operation &op : block) {
    if (auto call = calls.find(&op); call != calls.end()) {
      Map one{{call->second, &op}};
      merge(here.firsts, one, /*noteMet=*/true);
      merge(here.sure, one, /*noteMet=*/false);
    } else if (op.getNumRegions() != 0) {
      BlockCalls inside = takeHolder(op);
      merge(here.firsts, std::move(inside.firsts), /*noteMet=*/true);
      merge(here.sure, std::move(inside.sure), /*noteMet=*/false);
    }
  }
  hoistMet(block, here);
  if (!here.firsts.empty())
    found[&block] = std::move(here);
}

std::vector<Hoist> xcs::findHoists(Operation *root, const EqualCalls &calls) {
  HoistFinder finder(calls);
  if (!calls.empty())
    root->walk([&](Block *block) { finder.visit(*block); });
  return finder.takeHoists();
}

//===----------------------------------------------------------------------===//
// What stands before what
//===----------------------------------------------------------------------===//

std::vector<std::pair<Operation *, Operation *>> xcs::findRepeats(Operation *root,
                                                                  const EqualCalls &calls) {
  std::vector<std::pair<Operation *, Operation *>> repeats;
  if (calls.empty())
    return repeats;
  DominanceInfo dominance(root);
  // Of each kind the calls in regions that the walk is still in.
  llvm::DenseMap<Operation *, SmallVector<Operation *, 1>> open;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    auto call = calls.find(op);
    if (call == calls.end())
      return;
    SmallVector<Operation *, 1> &before = open[call->second];
    while (!before.empty() && !before.back()->getParentRegion()->isAncestor(op->getParentRegion()))
      before.pop_back();
    if (!before.empty() && dominance.properlyDominates(before.back(), op))
      repeats.emplace_back(op, before.back());
    else
      before.push_back(op);
  });
  return repeats;
}

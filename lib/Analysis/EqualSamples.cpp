//===- EqualSamples.cpp - Samples that one request can ask for ------------===//

#include "XcsLLM/Analysis/EqualSamples.h"
#include "XcsLLM/Analysis/SharedCalls.h"

using namespace mlir;
using namespace xcs;

/// Whether the regions of `op` run once each whenever it runs.
static bool runsRegions(Operation *op) {
  if (auto chain = dyn_cast<ChainOp>(op))
    return isUnconstrained(chain);
  auto ensemble = dyn_cast<EnsembleOp>(op);
  return ensemble && !ensemble.getWaves() && !getSureMembers(ensemble).empty();
}

namespace {
/// The outermost block that runs when a block does, and as often.
class Homes {
public:
  Block *get(Block *block) {
    SmallVector<Block *> inside;
    Block *home = block;
    for (; !homes.contains(home) && home->getParentOp() && runsRegions(home->getParentOp());
         home = home->getParentOp()->getBlock())
      inside.push_back(home);
    if (Block *known = homes.lookup(home))
      home = known;
    for (Block *each : inside)
      homes[each] = home;
    return home;
  }

private:
  llvm::DenseMap<Block *, Block *> homes; ///< of those that are not their own
};
} // namespace

/// The innermost block around both `block` and `op`.
static Block *findCommonBlock(Block *block, Operation *op) {
  while (!block->findAncestorOpInBlock(*op))
    block = block->getParentOp()->getBlock();
  return block;
}

std::vector<SampleGroup> xcs::findEqualSamples(Operation *root, const EqualValues &values) {
  std::vector<SampleGroup> groups;
  // By hash: of one request in one home, and of one request anywhere.
  llvm::DenseMap<uint64_t, size_t> byHome, byRequest;
  Homes homes;
  walkVisible(root, [&](Operation *op) {
    auto call = dyn_cast<LLMCallOpInterface>(op);
    if (!call || isa<EmbedOp>(op) || call.isDeterministic())
      return;
    Block *home = homes.get(call->getBlock());
    size_t request = values.hashRequest(call, RequestForm::Sample);
    // Maps keep the two largest keys for themselves. Groups that share a hash and
    // nothing else stay one call each.
    uint64_t key = size_t(llvm::hash_combine(request, home)) >> 1;
    auto [entry, isNew] = byHome.try_emplace(key, groups.size());
    auto isEqual = [&](LLMCallOpInterface other) {
      return values.areEqualRequests(other, call, RequestForm::Sample);
    };
    if (!isNew) {
      SampleGroup &group = groups[entry->second];
      if (isEqual(group.calls.front()) && homes.get(group.calls.front()->getBlock()) == home) {
        group.calls.push_back(call);
        group.block = findCommonBlock(group.block, call);
        return;
      }
    }
    size_t first = byRequest.try_emplace(request >> 1, groups.size()).first->second;
    SampleGroup group{{call}, call->getBlock(), nullptr};
    if (first != groups.size() && isEqual(groups[first].calls.front())) {
      group.elsewhere = groups[first].calls.front();
      groups[first].elsewhere = call;
    }
    groups.push_back(std::move(group));
  });
  return groups;
}

std::vector<SmallVector<unsigned>> xcs::packSamples(ArrayRef<int64_t> samples,
                                                    std::optional<int64_t> limit) {
  std::vector<SmallVector<unsigned>> requests;
  // The request that is being filled, and how many samples it has.
  size_t open = 0;
  int64_t taken = 0;
  for (auto [index, count] : llvm::enumerate(samples)) {
    if (limit && count >= *limit) {
      requests.push_back({unsigned(index)});
      continue;
    }
    if (taken == 0 || (limit && taken > *limit - count)) {
      open = requests.size();
      requests.emplace_back();
      taken = 0;
    }
    requests[open].push_back(index);
    taken += count;
  }
  return requests;
}

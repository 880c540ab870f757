//===- Sinking.cpp - What could wait until it is needed -------------------===//

#include "XcsLLM/Analysis/Sinking.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// How likely regions run
//===----------------------------------------------------------------------===//

std::optional<double> RegionShares::get(Region *region) {
  Operation *owner = region->getParentOp();
  auto known = shares.find(owner);
  if (known == shares.end())
    known = shares.try_emplace(owner, find(owner)).first;
  return known->second[region->getRegionNumber()];
}

SmallVector<std::optional<double>> RegionShares::find(Operation *op) {
  SmallVector<std::optional<double>> result(op->getNumRegions());
  auto branches = dyn_cast<RegionBranchOpInterface>(op);
  if (!branches)
    return result;
  SmallVector<InvocationBounds> bounds;
  branches.getRegionInvocationBounds(SmallVector<Attribute>(op->getNumOperands()), bounds);
  for (auto [share, bound] : llvm::zip(result, bounds))
    if (bound.getUpperBound() && *bound.getUpperBound() <= 1)
      share = bound.getLowerBound() > 0 ? 1 : defaultFlagProbability;
  auto set = [&](unsigned region, double chance) {
    if (result[region])
      result[region] = chance;
  };
  if (auto conditional = dyn_cast<ConditionalOp>(op)) {
    double first = likelihood.getProbability(conditional);
    set(0, first);
    set(1, 1 - first);
  } else if (auto cascade = dyn_cast<CascadeOp>(op)) {
    for (auto [stage, runs] : llvm::enumerate(likelihood.getStages(cascade)))
      set(stage, runs.reached);
  } else if (auto ensemble = dyn_cast<EnsembleOp>(op)) {
    SmallVector<double> waves = likelihood.getWaves(ensemble);
    unsigned member = 0, members = op->getNumRegions();
    for (auto [wave, starts] : llvm::enumerate(waves))
      for (int64_t i = ensemble.getWaves() ? (*ensemble.getWaves())[wave] : members; i > 0; --i)
        set(member++, starts);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// What moves
//===----------------------------------------------------------------------===//

/// Regions that something moves into at once: a long row of conditionals, each for the
/// next one alone, must not become as deep as it is long.
constexpr size_t mostLevels = 64;

namespace {
class Sinker {
public:
  Sinker(func::FuncOp function, const OrderedOps &ordered, RegionShares &shares,
         const llvm::DenseSet<Operation *> &moved)
      : ordered(ordered), shares(shares), isMoved(moved.begin(), moved.end()) {
    function.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) { ops.push_back(op); });
    function.walk([&](LLMCallOpInterface call) {
      for (Operation *op = call; op != function && withCalls.insert(op).second;)
        op = op->getParentOp();
    });
  }

  std::vector<Sinkable> run(WantsSinking wants);

private:
  bool mayMove(Operation *op) const;
  Region *getPlace(Operation *op) const;
  bool climb(Operation *user, Operation *op, SmallVectorImpl<Region *> &path) const;
  Sinkable findPlace(Operation *op);
  bool usesMoved(Operation *op) const;
  bool isUsedByMoved(Operation *op) const;

  const OrderedOps &ordered;
  RegionShares &shares;
  std::vector<Operation *> ops;          ///< each before what it holds
  llvm::DenseSet<Operation *> withCalls; ///< calls, and what holds them
  llvm::DenseSet<Operation *> isMoved;
  llvm::DenseMap<Operation *, Sinkable> places; ///< of what can move, or is to
};
} // namespace

bool Sinker::mayMove(Operation *op) const {
  return !op->use_empty() && !op->hasTrait<OpTrait::IsTerminator>() &&
         !op->hasTrait<OpTrait::ConstantLike>() && !ordered.contains(op);
}

Region *Sinker::getPlace(Operation *op) const {
  auto place = places.find(op);
  return place == places.end() ? op->getParentRegion() : place->second.into;
}

/// The regions around `user` that `op` is outside of, the outermost first. False if
/// there are none or too many, or the way to them leads through another block.
bool Sinker::climb(Operation *user, Operation *op, SmallVectorImpl<Region *> &path) const {
  while (getPlace(user) != op->getParentRegion()) {
    path.push_back(getPlace(user));
    user = path.back()->getParentOp();
    if (path.size() > mostLevels || !user || user->hasTrait<OpTrait::IsIsolatedFromAbove>())
      return false;
  }
  std::reverse(path.begin(), path.end());
  return !path.empty() && user->getBlock() == op->getBlock();
}

/// The innermost region that holds all uses and is not sure to run, on a way of
/// regions that all run at most once.
Sinkable Sinker::findPlace(Operation *op) {
  SmallVector<Region *> common, path;
  bool isFirst = true;
  for (Operation *user : op->getUsers()) {
    path.clear();
    if (!climb(user, op, path))
      return {op, nullptr, 1};
    if (std::exchange(isFirst, false)) {
      common = path;
      continue;
    }
    size_t size = std::min(common.size(), path.size());
    common.truncate(std::mismatch(common.begin(), common.begin() + size, path.begin()).first -
                    common.begin());
    if (common.empty())
      return {op, nullptr, 1};
  }
  Sinkable place{op, nullptr, 1};
  double share = 1;
  for (Region *region : common) {
    std::optional<double> runs = shares.get(region);
    if (!runs)
      break;
    share *= *runs;
    if (*runs < 1)
      place = {op, region, share};
  }
  return place;
}

/// Whether `op`, or what it holds, uses what is moved.
bool Sinker::usesMoved(Operation *op) const {
  return op
      ->walk([&](Operation *nested) {
        bool uses = llvm::any_of(nested->getOperands(), [&](Value operand) {
          return isMoved.contains(operand.getDefiningOp());
        });
        return uses ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

bool Sinker::isUsedByMoved(Operation *op) const {
  for (Operation *user : op->getUsers())
    for (; user; user = user->getParentOp()) {
      if (isMoved.contains(user))
        return true;
      if (user->getParentRegion() == op->getParentRegion())
        break;
    }
  return false;
}

std::vector<Sinkable> Sinker::run(WantsSinking wants) {
  // What uses something comes behind it, so that backwards all uses have a place.
  for (Operation *op : llvm::reverse(ops)) {
    if (!mayMove(op))
      continue;
    Sinkable place = findPlace(op);
    if (!place.into || (withCalls.contains(op) && !wants(place)))
      continue;
    places[op] = place;
    if (withCalls.contains(op))
      isMoved.insert(op);
  }
  std::vector<Sinkable> result;
  if (isMoved.empty())
    return result;
  for (Operation *op : ops)
    if (places.contains(op) && usesMoved(op))
      isMoved.insert(op);
  // The rest moves only if it is for what has moved, and stays where some of it stays.
  for (Operation *op : llvm::reverse(ops)) {
    auto place = places.find(op);
    if (place == places.end())
      continue;
    if (!isMoved.contains(op)) {
      places.erase(place);
      Sinkable found = findPlace(op);
      if (!found.into || !isUsedByMoved(op))
        continue;
      isMoved.insert(op);
      places[op] = found;
    }
    result.push_back(places.find(op)->second);
  }
  return result;
}

std::vector<Sinkable> xcs::findSinkable(func::FuncOp function, const OrderedOps &ordered,
                                        RegionShares &shares,
                                        const llvm::DenseSet<Operation *> &moved,
                                        WantsSinking wants) {
  return Sinker(function, ordered, shares, moved).run(wants);
}

void xcs::sink(ArrayRef<Sinkable> sinkable) {
  for (const Sinkable &each : sinkable)
    each.op->moveBefore(&each.into->front(), each.into->front().begin());
}

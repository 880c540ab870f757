//===- BatchFunction.cpp - Group the independent calls of a function -------===//
//
// Lossless: the same requests are made. Each item of a batch stays a request, and
// a sample, of its own.
//
//===----------------------------------------------------------------------===//

#include "BatchFunction.h"
#include "BatchRewrites.h"
#include "XcsLLM/Analysis/GroupTimes.h"
#include "XcsLLM/Analysis/Spans.h"

using namespace mlir;
using namespace xcs;

namespace {
/// Batches the calls of one function.
class FunctionBatcher {
public:
  FunctionBatcher(Rewrite &state, const BatchSizes &sizes)
      : state(state), function(state.function), ordered(function, state.symbols),
        indices(function.getFunctionBody()), limits(state, sizes.most), rewriter(indices, limits),
        fewest(sizes.fewest), explains(sizes.explain) {}

  bool run();

private:
  SmallVector<SmallVector<Operation *>> findGroups(Block &block, bool ofBatches);
  std::vector<Group> keepInTime(const BlockDependences &dependences, DependenceGraph &graph,
                                std::vector<Group> groups);
  void batchBlock(Block &block);
  bool rewriteGroups(Block &block, bool ofBatches);
  void batchGroup(ArrayRef<LLMCallOpInterface> calls);
  bool fuseBatches(Block &block);
  void explainMissed();
  std::string getReason(LLMCallOpInterface call, int64_t size) const;

  Rewrite &state;
  FunctionOpInterface function;
  OrderedOps ordered;
  IndexConstants indices;
  BatchLimits limits;
  BatchRewriter rewriter;
  int64_t fewest;
  bool explains;
  bool changed = false;
};
} // namespace

template <typename OpTy> static SmallVector<OpTy> castAll(ArrayRef<Operation *> ops) {
  return llvm::map_to_vector(ops, [](Operation *op) { return cast<OpTy>(op); });
}

bool FunctionBatcher::run() {
  // Inner ensembles first: what they give up may leave the outer one too.
  function.walk(
      [&](EnsembleOp ensemble) { changed |= hoistSharedCalls(ensemble, ordered, fewest); });
  SmallVector<Block *> blocks;
  function.walk([&](Block *block) { blocks.push_back(block); });
  for (Block *block : blocks)
    batchBlock(*block);
  indices.eraseUnused();
  explainMissed();
  return changed;
}

void FunctionBatcher::batchBlock(Block &block) {
  // What was kept apart, so that nothing ends later, may now be less.
  while (rewriteGroups(block, /*ofBatches=*/false))
    ;
  // Merging and fusing may each make way for the other.
  while (rewriteGroups(block, /*ofBatches=*/true) | fuseBatches(block))
    ;
}

/// The groups of calls, or of batches, in a block, in an order that they can run
/// in; those too small to be batches left out.
SmallVector<SmallVector<Operation *>> FunctionBatcher::findGroups(Block &block, bool ofBatches) {
  SmallVector<SmallVector<Operation *>> groups;
  CallKinds kinds;
  SmallVector<std::pair<Operation *, int32_t>> kindOf;
  llvm::DenseMap<int32_t, int64_t> sizes;
  // One list that fails would fail the items of all.
  auto mayFailList = [&](Value operand) { return ofBatches && mayFailAsWhole(operand); };
  for (Operation &op : block)
    if (isa<BatchOp>(op) == ofBatches && llvm::none_of(op.getOperands(), mayFailList))
      if (int32_t kind = kinds.get(&op); kind != DependenceGraph::noKind) {
        kindOf.emplace_back(&op, kind);
        ++sizes[kind];
      }
  int64_t least = ofBatches ? 2 : fewest;
  if (llvm::none_of(sizes, [&](auto &size) { return size.second >= least; }))
    return groups;
  BlockDependences dependences(block, ordered);
  auto *next = kindOf.begin();
  for (auto [node, op] : llvm::enumerate(dependences.getOps()))
    if (next != kindOf.end() && next->first == op) {
      dependences.getGraph().kinds[node] = next++->second;
      // What depends on it is of another level, whether it holds a call or not.
      dependences.getGraph().levels[node] = 1;
    }
  auto isTooSmall = [&](const Group &group) { return int64_t(group.size()) < least; };
  std::vector<Group> found = groupEquals(dependences.getGraph());
  llvm::erase_if(found, isTooSmall);
  for (const Group &group : keepInTime(dependences, dependences.getGraph(), std::move(found)))
    if (!isTooSmall(group))
      groups.push_back(llvm::map_to_vector(
          group, [&](DependenceGraph::Node node) { return dependences.getOps()[node]; }));
  return groups;
}

/// What the groups fall apart into if as a whole they would make the block end later.
std::vector<Group> FunctionBatcher::keepInTime(const BlockDependences &dependences,
                                               DependenceGraph &graph, std::vector<Group> groups) {
  if (groups.empty())
    return groups;
  Spans spans(state.costs.getModels(), state.symbols);
  std::vector<double> durations;
  for (Operation *op : dependences.getOps())
    durations.push_back(spans.get(op));
  size_t whole = groups.size();
  std::vector<Group> kept = xcs::keepInTime(graph, durations, std::move(groups));
  if (kept.size() > whole && state.hasRemarks())
    state.refused(dependences.getOps()[kept.front().front()]->getLoc(), "kept-apart",
                  "calls of one kind that start or end at different times are not grouped: the "
                  "program would end later");
  return kept;
}

/// Makes one batch of each group of calls, or of batches.
bool FunctionBatcher::rewriteGroups(Block &block, bool ofBatches) {
  SmallVector<SmallVector<Operation *>> groups = findGroups(block, ofBatches);
  for (ArrayRef<Operation *> group : groups) {
    if (!ofBatches) {
      batchGroup(castAll<LLMCallOpInterface>(group));
      continue;
    }
    BatchOp merged = rewriter.mergeBatches(castAll<BatchOp>(group));
    state.applied(merged.getLoc(), "merged", Allow::Lossless,
                  "merged " + Twine(group.size()) + " batches with equal bodies");
  }
  if (groups.empty())
    return false;
  sortByDependences(block, ordered);
  return changed = true;
}

void FunctionBatcher::batchGroup(ArrayRef<LLMCallOpInterface> calls) {
  LLMCallOpInterface first = calls.front();
  const ModelEntry &model = state.costs.getModels().lookup(first.getModelAttr());
  double requests = calls.size() * countRequests(model, first.getSampleCount());
  BatchOp batch = rewriter.batchCalls(calls);
  double share = model.arrayInputs.value_or(false)
                     ? std::ceil(double(calls.size()) / *batch.getBatchSize()) / calls.size()
                     : 1;
  std::optional<Change> change;
  if (share < 1)
    change = Change{{{}, {}, requests}, {{}, {}, requests * share}};
  state.applied(batch.getLoc(), "batched", Allow::Lossless,
                "grouped " + Twine(calls.size()) + " calls into one batch", change);
}

bool FunctionBatcher::fuseBatches(Block &block) {
  auto batches = block.getOps<BatchOp>();
  if (batches.empty() || llvm::hasSingleElement(batches))
    return false;
  bool fused = false;
  BlockOrder order(block);
  for (BatchOp batch : llvm::make_early_inc_range(batches))
    if (BatchOp both = fuseIntoProducer(batch, order, ordered)) {
      state.applied(both.getLoc(), "fused", Allow::Lossless,
                    "joined a batch to the one that feeds it, item by item");
      fused = changed = true;
    }
  // Calls of one kind may have met in one body.
  if (fused)
    for (BatchOp batch : block.getOps<BatchOp>())
      batchBlock(batch.getBody().front());
  return fused;
}

//===----------------------------------------------------------------------===//
// Why not
//===----------------------------------------------------------------------===//

void FunctionBatcher::explainMissed() {
  if (!explains || !state.hasRemarks())
    return;
  CallKinds kinds;
  llvm::DenseMap<std::pair<Block *, int32_t>, int64_t> sizes;
  function.walk([&](LLMCallOpInterface call) { ++sizes[{call->getBlock(), kinds.get(call)}]; });
  function.walk<WalkOrder::PreOrder>([&](LLMCallOpInterface call) {
    if (!isa<BatchOp>(call->getParentOp()))
      state.refused(call.getLoc(), "not-batched",
                    "not grouped: " + getReason(call, sizes[{call->getBlock(), kinds.get(call)}]));
  });
}

/// Why the call is in no batch, where `size` calls of its kind are in its region.
std::string FunctionBatcher::getReason(LLMCallOpInterface call, int64_t size) const {
  if (!call.getBatchCompatible())
    return "'batch_compatible' is false";
  if (size > 1 && size < fewest)
    return "there are fewer calls of its kind than min-batch-size";
  if (size > 1)
    return "of the calls of its kind, too few are independent of each other";
  auto ensemble = dyn_cast<EnsembleOp>(call->getParentOp());
  if (ensemble && !ensemble.runsEveryMember())
    return ("members of '" + stringifyEnsemblePolicy(ensemble.getPolicy()) +
            "' may be cancelled, so their calls are not grouped")
        .str();
  return "no other call in its region has the same operation, model, parameters and roles";
}

bool xcs::batchCalls(Rewrite &state, const BatchSizes &sizes) {
  return FunctionBatcher(state, sizes).run();
}

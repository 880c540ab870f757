//===- BatchPrompts.cpp - Group independent calls into batches -------------===//
//
// Lossless: the same requests are made. Each item of a batch stays a request, and
// a sample, of its own.
//
//===----------------------------------------------------------------------===//

#include "BatchRewrites.h"
#include "PassRecord.h"
#include "XcsLLM/Analysis/Dependences.h"
#include "XcsLLM/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace xcs {
#define GEN_PASS_DEF_BATCHPROMPTS
#include "XcsLLM/Transforms/Passes.h.inc"
} // namespace xcs

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// One function
//===----------------------------------------------------------------------===//

namespace {
/// Batches the calls of one function.
class FunctionBatcher {
public:
  FunctionBatcher(FunctionOpInterface function, SymbolTableCollection &symbols,
                  int64_t maxBatchSize, int64_t minBatchSize)
      : function(function), ordered(function, symbols), indices(function.getFunctionBody()),
        rewriter(indices, maxBatchSize), minBatchSize(minBatchSize) {}

  bool run();

private:
  SmallVector<SmallVector<Operation *>> findGroups(Block &block, bool ofBatches);
  void batchBlock(Block &block);
  bool rewriteGroups(Block &block, bool ofBatches);
  bool fuseBatches(Block &block);
  void explainMissed();
  std::string getReason(LLMCallOpInterface call, int64_t size) const;

  template <typename Emit>
  void remark(Emit emit, Operation *op, StringRef name, const Twine &text) {
    if (auto message = emit(op->getLoc(), remark::RemarkOpts::name(name)
                                              .category("xcs-batch-prompts")
                                              .function(function.getName())))
      message << text.str();
  }

  FunctionOpInterface function;
  OrderedOps ordered;
  IndexConstants indices;
  BatchRewriter rewriter;
  int64_t minBatchSize;
  bool changed = false;
};
} // namespace

template <typename OpTy> static SmallVector<OpTy> castAll(ArrayRef<Operation *> ops) {
  return llvm::map_to_vector(ops, [](Operation *op) { return cast<OpTy>(op); });
}

bool FunctionBatcher::run() {
  // Inner ensembles first: what they give up may leave the outer one too.
  function.walk(
      [&](EnsembleOp ensemble) { changed |= hoistSharedCalls(ensemble, ordered, minBatchSize); });
  SmallVector<Block *> blocks;
  function.walk([&](Block *block) { blocks.push_back(block); });
  for (Block *block : blocks)
    batchBlock(*block);
  indices.eraseUnused();
  explainMissed();
  return changed;
}

void FunctionBatcher::batchBlock(Block &block) {
  rewriteGroups(block, /*ofBatches=*/false);
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
  int64_t fewest = ofBatches ? 2 : minBatchSize;
  if (llvm::none_of(sizes, [&](auto &size) { return size.second >= fewest; }))
    return groups;
  BlockDependences dependences(block, ordered);
  auto *next = kindOf.begin();
  for (auto [node, op] : llvm::enumerate(dependences.getOps()))
    if (next != kindOf.end() && next->first == op) {
      dependences.getGraph().kinds[node] = next++->second;
      // What depends on it is of another level, whether it holds a call or not.
      dependences.getGraph().levels[node] = 1;
    }
  for (const Group &group : groupEquals(dependences.getGraph()))
    if (int64_t(group.size()) >= fewest)
      groups.push_back(llvm::map_to_vector(
          group, [&](DependenceGraph::Node node) { return dependences.getOps()[node]; }));
  return groups;
}

/// Makes one batch of each group of calls, or of batches.
bool FunctionBatcher::rewriteGroups(Block &block, bool ofBatches) {
  SmallVector<SmallVector<Operation *>> groups = findGroups(block, ofBatches);
  for (ArrayRef<Operation *> group : groups) {
    if (ofBatches)
      remark(remark::passed, rewriter.mergeBatches(castAll<BatchOp>(group)), "merged",
             "merged " + Twine(group.size()) + " batches with equal bodies");
    else
      remark(remark::passed, rewriter.batchCalls(castAll<LLMCallOpInterface>(group)), "batched",
             "grouped " + Twine(group.size()) + " calls into one batch");
  }
  if (groups.empty())
    return false;
  sortByDependences(block, ordered);
  return changed = true;
}

bool FunctionBatcher::fuseBatches(Block &block) {
  auto batches = block.getOps<BatchOp>();
  if (batches.empty() || llvm::hasSingleElement(batches))
    return false;
  bool fused = false;
  BlockOrder order(block);
  for (BatchOp batch : llvm::make_early_inc_range(batches))
    if (BatchOp both = fuseIntoProducer(batch, order, ordered)) {
      remark(remark::passed, both, "fused",
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
  if (!function->getContext()->getRemarkEngine())
    return;
  CallKinds kinds;
  llvm::DenseMap<std::pair<Block *, int32_t>, int64_t> sizes;
  function.walk([&](LLMCallOpInterface call) { ++sizes[{call->getBlock(), kinds.get(call)}]; });
  function.walk<WalkOrder::PreOrder>([&](LLMCallOpInterface call) {
    if (!isa<BatchOp>(call->getParentOp()))
      remark(remark::missed, call, "not-batched",
             "not grouped: " + getReason(call, sizes[{call->getBlock(), kinds.get(call)}]));
  });
}

/// Why the call is in no batch, where `size` calls of its kind are in its region.
std::string FunctionBatcher::getReason(LLMCallOpInterface call, int64_t size) const {
  if (!call.getBatchCompatible())
    return "'batch_compatible' is false";
  if (size > 1 && size < minBatchSize)
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

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct BatchPrompts : xcs::impl::BatchPromptsBase<BatchPrompts> {
  using BatchPromptsBase::BatchPromptsBase;

  LogicalResult initialize(MLIRContext *context) override {
    if (minBatchSize >= 2 && maxBatchSize >= 0 && maxBatchSize != 1)
      return success();
    return emitError(UnknownLoc::get(context))
           << "xcs-batch-prompts: min-batch-size must be at least 2, and max-batch-size 0 or at "
              "least 2 (got "
           << minBatchSize.getValue() << " and " << maxBatchSize.getValue() << ")";
  }

  void runOnOperation() override {
    bool changed = false;
    SymbolTableCollection symbols;
    getOperation().walk<WalkOrder::PreOrder>([&](FunctionOpInterface function) {
      if (!function.isExternal())
        changed |= FunctionBatcher(function, symbols, maxBatchSize, minBatchSize).run();
      return WalkResult::skip();
    });
    if (changed)
      recordPass(getOperation(), getArgument());
    else
      markAllAnalysesPreserved();
  }
};
} // namespace

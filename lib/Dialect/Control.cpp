//===- Control.cpp - Ensembles, cascades, batches, chains, conditionals -----===//

#include "Detail.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// What verifiers share
//===----------------------------------------------------------------------===//

/// The region's `yield`, or an error if it ends otherwise.
static FailureOr<YieldOp> getYield(Operation *op, Region &region) {
  if (!region.empty() && !region.front().empty())
    if (auto yield = dyn_cast<YieldOp>(region.front().back()))
      return yield;
  return op->emitOpError("regions must end in 'xcs_llm.yield' (got region #")
         << region.getRegionNumber() << " without)";
}

static InFlightDiagnostic emitYieldError(YieldOp yield, TypeRange types, StringRef verdict) {
  Region *region = yield->getParentRegion();
  InFlightDiagnostic error = yield.emitOpError("must yield (")
                             << types << ")" << verdict << " (got (" << yield.getValues().getTypes()
                             << "))";
  error.attachNote(region->getLoc())
      << "region #" << region->getRegionNumber() << " of this operation";
  return error;
}

/// Checks that a region yields `types`, and at most a verdict.
static LogicalResult verifyJudgedYield(Operation *op, Region &region, TypeRange types) {
  FailureOr<YieldOp> yield = getYield(op, region);
  if (failed(yield))
    return failure();
  TypeRange yielded = yield->getValues().getTypes();
  if (yielded.size() == types.size() + 1 && yielded.back().isInteger(1))
    yielded = yielded.drop_back();
  if (yielded == types)
    return success();
  return emitYieldError(*yield, types, " and at most a verdict");
}

bool xcs::isPureTool(Operation *callee) { return callee->hasAttr("xcs_llm.pure"); }

/// The first call of an impure tool that running `region` makes, directly or
/// through functions; batches and ensembles inside check for themselves.
static Operation *findImpureCall(Region &region, SymbolTableCollection &symbols) {
  DenseSet<Operation *> visited;
  Operation *found = nullptr;
  // Bodies to look into, each with the call in `region` that leads there.
  SmallVector<std::pair<Region *, Operation *>> pending{{&region, nullptr}};
  while (!pending.empty() && !found) {
    std::pair<Region *, Operation *> body = pending.pop_back_val();
    body.first->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<BatchOp, EnsembleOp>(op))
        return WalkResult::skip();
      auto call = dyn_cast<CallOpInterface>(op);
      if (!call)
        return WalkResult::advance();
      auto callee = dyn_cast_if_present<FunctionOpInterface>(call.resolveCallableInTable(&symbols));
      if (!callee || !visited.insert(callee).second)
        return WalkResult::advance();
      Operation *outermost = body.second ? body.second : op;
      if (!callee.isExternal())
        pending.emplace_back(&callee.getFunctionBody(), outermost);
      else if (!isPureTool(callee))
        found = outermost;
      return found ? WalkResult::interrupt() : WalkResult::advance();
    });
  }
  return found;
}

static LogicalResult verifyNoImpureCall(Operation *op, Region &region,
                                        SymbolTableCollection &symbols) {
  Operation *call = findImpureCall(region, symbols);
  if (!call)
    return success();
  InFlightDiagnostic error = call->emitOpError("must call a pure tool here, as region #")
                             << region.getRegionNumber() << " of '" << op->getName()
                             << "' may run many times or be cancelled (got an impure tool)";
  error.attachNote(op->getLoc()) << "the region is of this operation";
  return error;
}

//===----------------------------------------------------------------------===//
// batch
//===----------------------------------------------------------------------===//

LogicalResult BatchOp::verifyRegions() {
  if (getLists().empty())
    return emitOpError("must run over at least one list (got none)");
  Region &body = getBody();
  FailureOr<YieldOp> yield = getYield(*this, body);
  if (failed(yield))
    return failure();
  if (body.getNumArguments() != getLists().size())
    return emitOpError("must have one body argument for each list (got ")
           << body.getNumArguments() << " for " << getLists().size() << ")";
  int64_t size = ShapedType::kDynamic;
  for (auto [list, argument] : llvm::zip(getLists(), body.getArguments())) {
    auto type = cast<RankedTensorType>(list.getType());
    if (type.getRank() == 0)
      return emitOpError("must run over lists (got ") << type << ")";
    if (argument.getType() != itemType(type))
      return emitOpError("argument #") << argument.getArgNumber() << " must be an item of " << type
                                       << " (got " << argument.getType() << ")";
    int64_t length = type.getDimSize(0);
    if (ShapedType::isStatic(length) && ShapedType::isStatic(size) && length != size)
      return emitOpError("must run over lists of one length (got ")
             << size << " and " << length << ")";
    size = ShapedType::isStatic(length) ? length : size;
  }
  TypeRange yielded = yield->getValues().getTypes();
  bool filters = yielded.size() == getNumResults() + 1 && yielded.back().isInteger(1);
  SmallVector<Type> expected;
  for (Type item : filters ? yielded.drop_back() : yielded)
    if (!expected.emplace_back(stackType(item, filters ? ShapedType::kDynamic : size)))
      return yield->emitOpError("of a batch must yield values of known shape (got ") << item << ")";
  if (TypeRange(expected) != getResultTypes())
    return emitOpError("must give (")
           << TypeRange(expected) << ") (got (" << getResultTypes() << "))";
  return success();
}

LogicalResult BatchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyNoImpureCall(*this, getBody(), symbols);
}

void BatchOp::getAsmBlockArgumentNames(Region &body, OpAsmSetValueNameFn setName) {
  for (BlockArgument item : body.getArguments())
    setName(item, "item");
}

void BatchOp::getSuccessorRegions(RegionBranchPoint, SmallVectorImpl<RegionSuccessor> &regions) {
  regions.emplace_back(&getBody());
  regions.emplace_back(getOperation(), getResults().take_front(0));
}

void BatchOp::getRegionInvocationBounds(ArrayRef<Attribute>,
                                        SmallVectorImpl<InvocationBounds> &bounds) {
  bounds.push_back(InvocationBounds::getUnknown());
}

namespace {
// Pattern: a batch of nothing is the empty list.
struct DropEmptyBatch : OpRewritePattern<BatchOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BatchOp batch, PatternRewriter &rewriter) const override {
    auto isEmpty = [](Type type) { return cast<RankedTensorType>(type).getDimSize(0) == 0; };
    if (llvm::none_of(batch.getLists().getTypes(), isEmpty))
      return rewriter.notifyMatchFailure(batch, "may have items");
    SmallVector<Value> results;
    for (Type type : batch.getResultTypes()) {
      auto list = cast<RankedTensorType>(type);
      auto shape = llvm::to_vector(list.getShape());
      shape.front() = 0;
      auto empty = RankedTensorType::get(shape, list.getElementType());
      Value value = tensor::FromElementsOp::create(rewriter, batch.getLoc(), empty, ValueRange());
      results.push_back(
          empty == list ? value : tensor::CastOp::create(rewriter, batch.getLoc(), list, value));
    }
    rewriter.replaceOp(batch, results);
    return success();
  }
};

// Pattern: a region that always runs, once, and forwards its values, is its
// operations.
LogicalResult inlineRegion(Operation *op, Region &region, PatternRewriter &rewriter) {
  Operation *yield = region.front().getTerminator();
  SmallVector<Value> values(yield->getOperands().take_front(op->getNumResults()));
  rewriter.eraseOp(yield);
  rewriter.inlineBlockBefore(&region.front(), op);
  rewriter.replaceOp(op, values);
  return success();
}

// Pattern: a cascade of one stage, tried once, is the stage; its verdict, being
// the last, is ignored.
struct InlineOnlyStage : OpRewritePattern<CascadeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CascadeOp cascade, PatternRewriter &rewriter) const override {
    if (cascade.getStages().size() != 1 || cascade.getStageAttempts(0) != 1)
      return rewriter.notifyMatchFailure(cascade, "has another stage or attempt");
    return inlineRegion(cascade, cascade.getStages().front(), rewriter);
  }
};

// Pattern: a chain without operations is its values.
struct DropEmptyChain : OpRewritePattern<ChainOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ChainOp chain, PatternRewriter &rewriter) const override {
    if (!llvm::hasSingleElement(chain.getBody().front()))
      return rewriter.notifyMatchFailure(chain, "has operations");
    return inlineRegion(chain, chain.getBody(), rewriter);
  }
};

// Pattern: a conditional on a constant is the branch it takes.
struct InlineKnownBranch : OpRewritePattern<ConditionalOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConditionalOp conditional,
                                PatternRewriter &rewriter) const override {
    BoolAttr condition;
    if (!matchPattern(conditional.getCondition(), m_Constant(&condition)))
      return rewriter.notifyMatchFailure(conditional, "condition is not known");
    return inlineRegion(
        conditional,
        condition.getValue() ? conditional.getThenRegion() : conditional.getElseRegion(), rewriter);
  }
};
} // namespace

void xcs::populateControlCanonicalizations(RewritePatternSet &patterns) {
  patterns.add<DropEmptyBatch, InlineOnlyStage, DropEmptyChain, InlineKnownBranch>(
      patterns.getContext());
  // Where yields are forwarded, results that nobody uses go, and so does the
  // poison that `remove-dead-values` yields for them.
  for (StringRef forwarding : {ConditionalOp::getOperationName(), ChainOp::getOperationName()})
    populateRegionBranchOpInterfaceCanonicalizationPatterns(patterns, forwarding);
}

//===----------------------------------------------------------------------===//
// ensemble
//===----------------------------------------------------------------------===//

/// Whether all of `waves` are positive, and add up to `members`.
static bool sumsTo(ArrayRef<int64_t> waves, int64_t members) {
  for (int64_t wave : waves) {
    if (wave <= 0 || wave > members)
      return false;
    members -= wave;
  }
  return members == 0;
}

LogicalResult EnsembleOp::verify() {
  EnsemblePolicy policy = getPolicy();
  int64_t members = getMembers().size();
  if (members == 0)
    return emitOpError("must have at least one member (got none)");
  if (getNumResults() == 0)
    return emitOpError("must have at least one result (got none)");
  if (getQuorum() && policy != EnsemblePolicy::Majority)
    return emitOpError("must be 'majority' to have a quorum (got '")
           << stringifyEnsemblePolicy(policy) << "')";
  if (std::optional<ArrayRef<int64_t>> waves = getWaves())
    if (!sumsTo(*waves, members))
      return emitOpError("waves must be positive and sum to the members (got [")
             << *waves << "] for " << members << " members)";
  if (getConfidence() && (policy != EnsemblePolicy::Majority || !getWaves()))
    return emitOpError("must be 'majority' with waves to have a confidence (got '")
           << stringifyEnsemblePolicy(policy) << "' " << (getWaves() ? "with" : "without")
           << " waves)";
  if (policy != EnsemblePolicy::All)
    return success();
  auto list = dyn_cast<RankedTensorType>(getResultTypes().front());
  if (getNumResults() != 1 || !list || list.getRank() == 0 ||
      stackType(itemType(list), members) != list)
    return emitOpError("'all' must give one list with an item of known shape for each member "
                       "(got (")
           << getResultTypes() << ") for " << members << " members)";
  return success();
}

LogicalResult EnsembleOp::verifyRegions() {
  EnsemblePolicy policy = getPolicy();
  SmallVector<Type> expected(getResultTypes());
  if (policy == EnsemblePolicy::All)
    expected = {itemType(cast<RankedTensorType>(expected.front()))};
  if (policy == EnsemblePolicy::Best)
    expected.push_back(Float64Type::get(getContext()));
  for (Region &member : getMembers()) {
    FailureOr<YieldOp> yield = getYield(*this, member);
    if (failed(yield))
      return failure();
    // A member of a majority may have a list of votes.
    SmallVector<Type> types = expected;
    if (policy == EnsemblePolicy::Majority && types.size() == 1 && !yield->getValues().empty()) {
      auto votes = dyn_cast<RankedTensorType>(yield->getValues().front().getType());
      if (votes && votes.getRank() > 0 && itemType(votes) == types.front())
        types = {votes};
    }
    if (failed(verifyJudgedYield(*this, member, types)))
      return failure();
  }
  return success();
}

LogicalResult EnsembleOp::verifySymbolUses(SymbolTableCollection &symbols) {
  for (Region &member : getMembers())
    if (failed(verifyNoImpureCall(*this, member, symbols)))
      return failure();
  return success();
}

/// Control that enters the first region, and from each region goes on to the
/// next one or leaves without forwarding.
template <typename OpTy>
static void getSequence(OpTy op, RegionBranchPoint point, bool repeats,
                        SmallVectorImpl<RegionSuccessor> &successors) {
  MutableArrayRef<Region> regions = op->getRegions();
  if (point.isParent()) {
    successors.emplace_back(&regions.front());
    return;
  }
  Region *from = point.getTerminatorPredecessorOrNull()->getParentRegion();
  if (repeats)
    successors.emplace_back(from);
  if (from != &regions.back())
    successors.emplace_back(from + 1);
  successors.emplace_back(op.getOperation(), op.getResults().take_front(0));
}

void EnsembleOp::getSuccessorRegions(RegionBranchPoint point,
                                     SmallVectorImpl<RegionSuccessor> &regions) {
  getSequence(*this, point, /*repeats=*/false, regions);
}

bool EnsembleOp::runsEveryMember() {
  return !getWaves() && (getPolicy() == EnsemblePolicy::All || getPolicy() == EnsemblePolicy::Best);
}

void EnsembleOp::getRegionInvocationBounds(ArrayRef<Attribute>,
                                           SmallVectorImpl<InvocationBounds> &bounds) {
  bounds.append(getMembers().size(), InvocationBounds(runsEveryMember() ? 1 : 0, 1));
}

//===----------------------------------------------------------------------===//
// cascade
//===----------------------------------------------------------------------===//

int64_t CascadeOp::getStageAttempts(unsigned index) {
  return getAttempts() ? (*getAttempts())[index] : 1;
}

LogicalResult CascadeOp::verify() {
  size_t stages = getStages().size();
  if (stages == 0)
    return emitOpError("must have at least one stage (got none)");
  if (std::optional<ArrayRef<int64_t>> attempts = getAttempts())
    if (attempts->size() != stages || llvm::any_of(*attempts, [](int64_t n) { return n <= 0; }))
      return emitOpError("attempts must be one positive number for each stage (got [")
             << *attempts << "] for " << stages << " stages)";
  if (std::optional<ArrayRef<double>> rates = getAcceptRate())
    if (rates->size() != stages ||
        !llvm::all_of(*rates, [](double rate) { return rate >= 0 && rate <= 1; }))
      return emitOpError("accept_rate must be one share from 0 to 1 for each stage (got [")
             << *rates << "] for " << stages << " stages)";
  return success();
}

LogicalResult CascadeOp::verifyRegions() {
  for (Region &stage : getStages())
    if (failed(verifyJudgedYield(*this, stage, getResultTypes())))
      return failure();
  return success();
}

LogicalResult CascadeOp::verifySymbolUses(SymbolTableCollection &symbols) {
  for (auto [index, stage] : llvm::enumerate(getStages()))
    if (getStageAttempts(index) > 1 && failed(verifyNoImpureCall(*this, stage, symbols)))
      return failure();
  return success();
}

void CascadeOp::getSuccessorRegions(RegionBranchPoint point,
                                    SmallVectorImpl<RegionSuccessor> &regions) {
  bool repeats =
      !point.isParent() &&
      getStageAttempts(
          point.getTerminatorPredecessorOrNull()->getParentRegion()->getRegionNumber()) > 1;
  getSequence(*this, point, repeats, regions);
}

void CascadeOp::getRegionInvocationBounds(ArrayRef<Attribute>,
                                          SmallVectorImpl<InvocationBounds> &bounds) {
  for (size_t index = 0; index < getStages().size(); ++index)
    bounds.emplace_back(index == 0 ? 1 : 0, getStageAttempts(index));
}

//===----------------------------------------------------------------------===//
// chain
//===----------------------------------------------------------------------===//

LogicalResult ChainOp::verifyRegions() { return getYield(*this, getBody()); }

void ChainOp::getSuccessorRegions(RegionBranchPoint point,
                                  SmallVectorImpl<RegionSuccessor> &regions) {
  if (point.isParent())
    regions.emplace_back(&getBody());
  else
    regions.emplace_back(getOperation(), getResults());
}

void ChainOp::getRegionInvocationBounds(ArrayRef<Attribute>,
                                        SmallVectorImpl<InvocationBounds> &bounds) {
  // A call moved into a constrained chain would count against its constraint.
  bool constrained = getDeadlineMs() || getBudgetUsd();
  bounds.push_back(constrained ? InvocationBounds::getUnknown() : InvocationBounds(1, 1));
}

//===----------------------------------------------------------------------===//
// conditional
//===----------------------------------------------------------------------===//

LogicalResult ConditionalOp::verifyRegions() {
  for (Region &branch : (*this)->getRegions())
    if (failed(getYield(*this, branch)))
      return failure();
  return success();
}

void ConditionalOp::getSuccessorRegions(RegionBranchPoint point,
                                        SmallVectorImpl<RegionSuccessor> &regions) {
  if (point.isParent()) {
    regions.emplace_back(&getThenRegion());
    regions.emplace_back(&getElseRegion());
  } else {
    regions.emplace_back(getOperation(), getResults());
  }
}

void ConditionalOp::getEntrySuccessorRegions(ArrayRef<Attribute> operands,
                                             SmallVectorImpl<RegionSuccessor> &regions) {
  auto condition = dyn_cast_if_present<BoolAttr>(operands.front());
  if (!condition || condition.getValue())
    regions.emplace_back(&getThenRegion());
  if (!condition || !condition.getValue())
    regions.emplace_back(&getElseRegion());
}

void ConditionalOp::getRegionInvocationBounds(ArrayRef<Attribute>,
                                              SmallVectorImpl<InvocationBounds> &bounds) {
  bounds.append(2, InvocationBounds(0, 1));
}

//===----------------------------------------------------------------------===//
// yield
//===----------------------------------------------------------------------===//

LogicalResult YieldOp::verify() {
  // What is forwarded must fit before edges are looked at; where regions judge,
  // the operation around them knows the types.
  Operation *op = (*this)->getParentOp();
  if (!op->hasTrait<ForwardsYields>() || getValues().getTypes() == op->getResultTypes())
    return success();
  return emitYieldError(*this, op->getResultTypes(), "");
}

MutableOperandRange YieldOp::getMutableSuccessorOperands(RegionSuccessor) {
  if ((*this)->getParentOp()->hasTrait<ForwardsYields>())
    return getValuesMutable();
  // Verdicts and votes decide what becomes of the values: none is a result yet.
  return MutableOperandRange(getOperation(), 0, 0);
}

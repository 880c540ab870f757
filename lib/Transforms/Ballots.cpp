//===- Ballots.cpp - The votes of one member -------------------------------===//

#include "Ballots.h"
#include "XcsLLM/Analysis/CallKinds.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace xcs;

/// Whether the operation does nothing but compute its results, and fails if one of
/// its operands has failed: not so a `select`, nor what moves items without looking.
static bool isStrict(Operation *op) {
  bool computes =
      isa<ParseResponseOp, PromptTemplateOp>(op) || op->hasTrait<OpTrait::ConstantLike>();
  return computes || (isa<arith::ArithDialect>(op->getDialect()) && !isa<arith::SelectOp>(op));
}

namespace {
/// Finds the votes of one member.
class MemberReader {
public:
  MemberReader(Block &member, std::string &reason) : member(member), reason(reason) {}

  FailureOr<Ballots> read(Type voteType);

private:
  LogicalResult readList(Value list);
  LogicalResult readWork(Block &block);
  LogicalResult readRequest();
  LogicalResult verifyRest(Block &block);
  LogicalResult readSource(Value sample);
  LogicalResult refuse(const Twine &why) {
    reason = why.str();
    return failure();
  }

  Block &member;
  std::string &reason;
  Ballots ballots;
  /// What a batch over the samples may capture from the member.
  SmallVector<Value> captured;
  llvm::SmallPtrSet<Operation *, 16> used; ///< what the votes are made by
};
} // namespace

/// The operations of `block` that `values` are made by, `isLeaf` and what is before
/// it left out, in program order.
static SmallVector<Operation *> findSlice(Block &block, ValueRange values,
                                          function_ref<bool(Value)> isLeaf) {
  llvm::SmallPtrSet<Operation *, 16> found;
  SmallVector<Value> open(values);
  while (!open.empty()) {
    Value value = open.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || op->getBlock() != &block || isLeaf(value) || !found.insert(op).second)
      continue;
    llvm::append_range(open, op->getOperands());
  }
  SmallVector<Operation *> slice;
  if (!found.empty())
    for (Operation &op : block)
      if (found.contains(&op))
        slice.push_back(&op);
  return slice;
}

/// The list of samples that `value` is an item of, and which.
static std::pair<GenerateOp, int64_t> findItem(Value value) {
  auto extract = value.getDefiningOp<tensor::ExtractOp>();
  if (!extract || extract.getIndices().size() != 1)
    return {};
  auto call = extract.getTensor().getDefiningOp<GenerateOp>();
  std::optional<int64_t> index = getConstantIntValue(extract.getIndices().front());
  if (!call || !index || *index < 0 || *index >= call.getSampleCount())
    return {};
  return {call, *index};
}

static bool isSample(Value value) {
  auto call = value.getDefiningOp<GenerateOp>();
  return (call && !call.getN()) || findItem(value).first;
}

/// Finds the one sample that a vote is made of, and what makes it.
LogicalResult MemberReader::readWork(Block &block) {
  bool isItem = bool(ballots.sample); // of a batch over the samples
  SetVector<Value> samples;
  auto isLeaf = [&](Value value) {
    bool found = isItem ? value == ballots.sample : isSample(value);
    if (found)
      samples.insert(value);
    return found;
  };
  // A sample may come from outside of the member, and a vote be one as it is.
  ballots.work = findSlice(block, ballots.vote, isLeaf);
  SmallVector<Value> values = {ballots.vote};
  for (Operation *op : ballots.work) {
    if (!isStrict(op))
      return refuse("a member does more with a sample than to read it ('" +
                    op->getName().getStringRef() + "')");
    llvm::append_range(values, op->getOperands());
  }
  llvm::for_each(values, isLeaf);
  if (samples.size() > 1)
    return refuse("a member reads more than one sample");
  if (samples.empty())
    return failure(); // a member that asks nobody
  ballots.sample = samples.front();
  return success();
}

/// Finds the call that a sample, or a list of samples, comes from.
LogicalResult MemberReader::readSource(Value sample) {
  std::tie(ballots.call, ballots.first) = findItem(sample);
  if (!ballots.call) {
    ballots.call = sample.getDefiningOp<GenerateOp>();
    ballots.first = 0;
  }
  return success(ballots.call != nullptr);
}

/// Reads a list of votes: all the samples of one call, or a batch over them.
LogicalResult MemberReader::readList(Value list) {
  if (auto batch = list.getDefiningOp<BatchOp>()) {
    Value samples = batch.getLists().front();
    if (batch->getNumResults() != 1 || batch.getLists().size() != 1 ||
        failed(readSource(samples)) || samples != ballots.call.getResult())
      return failure();
    used.insert(batch);
    if (filtersItems(batch))
      return refuse("verdicts decide how many votes there are");
    Block &body = batch.getBody().front();
    ballots.sample = body.getArgument(0);
    ballots.vote = body.getTerminator()->getOperand(0);
    if (failed(readWork(body)) || failed(verifyRest(body)))
      return failure();
    for (Operation *op : ballots.work)
      llvm::append_range(captured, op->getOperands());
    captured.push_back(ballots.vote);
  } else {
    if (failed(readSource(list)))
      return failure();
    ballots.sample = ballots.vote = list;
  }
  ballots.count = ballots.call.getSampleCount();
  return success(bool(ballots.call.getN()));
}

/// Finds what makes the messages of a call that is in the member.
LogicalResult MemberReader::readRequest() {
  Block *block = ballots.call->getBlock();
  if (block != &member && block != member.getParentOp()->getBlock())
    return refuse("the samples are drawn in another region than the vote is in");
  if (block == &member)
    llvm::append_range(captured, ballots.call->getOperands());
  ballots.request = findSlice(member, captured, [](Value) { return false; });
  if (llvm::any_of(ballots.request, [](Operation *op) {
        return isa<LLMCallOpInterface>(op) || op->getNumRegions() > 0 || !isMemoryEffectFree(op);
      }))
    return refuse("a member does more than to ask once");
  used.insert(ballots.call);
  used.insert(ballots.request.begin(), ballots.request.end());
  return verifyRest(member);
}

/// Whether what the votes are not made by may go.
LogicalResult MemberReader::verifyRest(Block &block) {
  used.insert(ballots.work.begin(), ballots.work.end());
  for (Operation &op : block.without_terminator())
    if (!used.contains(&op) && !isa<tensor::ExtractOp>(op) && !wouldOpBeTriviallyDead(&op))
      return refuse("a member does more than to ask once");
  return success();
}

FailureOr<Ballots> MemberReader::read(Type voteType) {
  Operation *yield = member.getTerminator();
  if (yield->getNumOperands() != 1)
    return refuse(yield->getParentOp()->getNumResults() > 1
                      ? "votes of several values cannot be put into lists"
                      : "verdicts decide how many votes there are");
  Value value = yield->getOperand(0);
  if (value.getType() != voteType) {
    if (failed(readList(value)))
      return failure();
  } else {
    ballots.vote = value;
    if (failed(readWork(member)) || failed(readSource(ballots.sample)))
      return failure();
  }
  if (failed(readRequest()))
    return failure();
  return std::move(ballots);
}

FailureOr<Ballots> xcs::readBallots(Block &member, Type voteType, std::string &reason) {
  return MemberReader(member, reason).read(voteType);
}

//===- SampledVote.cpp - Votes that are samples of one request -------------===//

#include "Ballots.h"
#include "XcsLLM/Analysis/SampleIds.h"

using namespace mlir;
using namespace xcs;

/// The attributes that have to be equal: all but what is said of samples, and how
/// many there are.
static DictionaryAttr getSharedAttrs(Operation *op) {
  NamedAttrList attributes(op->getAttrDictionary());
  if (isa<GenerateOp>(op))
    for (StringRef name : {"n", "estimate", "expected_output_tokens", "hit_rate"})
      attributes.erase(name);
  attributes.erase(sampleIdsName);
  return attributes.getDictionary(op->getContext());
}

/// Whether the operations do the same, one by one, `same` being the values that are
/// equal so far.
static bool haveOneShape(ArrayRef<Operation *> some, ArrayRef<Operation *> others,
                         llvm::DenseMap<Value, Value> &same) {
  if (some.size() != others.size())
    return false;
  for (auto [a, b] : llvm::zip_equal(some, others)) {
    bool areLike = a->getName() == b->getName() && getSharedAttrs(a) == getSharedAttrs(b) &&
                   a->getNumOperands() == b->getNumOperands() &&
                   a->getNumResults() == b->getNumResults();
    if (!areLike)
      return false;
    for (auto [mine, theirs] : llvm::zip_equal(a->getOperands(), b->getOperands())) {
      auto known = same.find(mine);
      if ((known == same.end() ? mine : known->second) != theirs)
        return false;
    }
    for (auto [mine, theirs] : llvm::zip_equal(a->getResults(), b->getResults())) {
      if (!isa<GenerateOp>(a) && mine.getType() != theirs.getType())
        return false;
      same[mine] = theirs;
    }
  }
  return true;
}

bool Ballots::isLike(const Ballots &other) const {
  llvm::DenseMap<Value, Value> same;
  Operation *mine = call, *theirs = other.call;
  if (mine != theirs &&
      !(haveOneShape(request, other.request, same) && haveOneShape(mine, theirs, same)))
    return false;
  same[sample] = other.sample;
  if (!haveOneShape(work, other.work, same))
    return false;
  auto known = same.find(vote);
  return (known == same.end() ? vote : known->second) == other.vote;
}

SmallVector<LLMCallOpInterface> SampledVote::getCalls() const {
  llvm::SetVector<Operation *> calls;
  for (const Ballots &member : members)
    calls.insert(member.call);
  return llvm::map_to_vector(calls, [](Operation *call) { return cast<LLMCallOpInterface>(call); });
}

StringRef SampledVote::getReason() const {
  SmallVector<LLMCallOpInterface> calls = getCalls();
  LLMCallOpInterface call = calls.front();
  if (call.isDeterministic())
    return "its votes are all alike, as the call is deterministic";
  if (call->getAttr("seed"))
    return "requests with one 'seed' may have equal samples";
  if (call.getCacheable())
    return "cached samples are known by their place in the request";
  if (calls.size() > 1 && !call.getFusionCompatible())
    return "'fusion_compatible' is false";
  if (calls.size() > 1 && call.getNoReuse())
    return "'no_reuse' asks for requests of their own";
  if (!call.getModelAttr())
    return "no model is chosen, so prices are unknown";
  return "";
}

SmallVector<int64_t> SampledVote::getSampleIds() const {
  std::vector<SmallVector<int64_t>> parts;
  SmallVector<ArrayRef<int64_t>> lists;
  SmallVector<int64_t> counts;
  for (const Ballots &member : members) {
    GenerateOp call = member.call;
    int64_t rest = call.getSampleCount() - member.first - member.count;
    parts.push_back(
        splitSampleIds(xcs::getSampleIds(member.call), {member.first, member.count, rest})[1]);
    counts.push_back(member.count);
  }
  for (const SmallVector<int64_t> &part : parts)
    lists.push_back(part);
  return joinSampleIds(lists, counts);
}

/// Whether the members take all samples of the calls, each once, and nobody else
/// looks at one.
static bool takesAll(EnsembleOp ensemble, const SampledVote &vote) {
  llvm::DenseMap<Operation *, int64_t> taken;
  llvm::DenseSet<std::pair<Operation *, int64_t>> places;
  for (const Ballots &member : vote.members) {
    taken[member.call] += member.count;
    for (int64_t i = 0; i < member.count; ++i)
      if (!places.insert({member.call, member.first + i}).second)
        return false;
  }
  auto isInside = [&](Operation *user) { return ensemble->isProperAncestor(user); };
  for (auto [call, count] : taken) {
    if (count != cast<LLMCallOpInterface>(call).getSampleCount())
      return false;
    for (Operation *user : call->getUsers())
      if (!isInside(user) &&
          !(isa<tensor::ExtractOp, BatchOp>(user) && llvm::all_of(user->getUsers(), isInside)))
        return false;
  }
  return true;
}

FailureOr<SampledVote> xcs::findSampledVote(EnsembleOp ensemble, std::string &reason) {
  SampledVote vote;
  Type voteType = ensemble.getResultTypes().front();
  for (Region &member : ensemble.getMembers()) {
    FailureOr<Ballots> ballots = readBallots(member.front(), voteType, reason);
    if (failed(ballots))
      return failure();
    vote.votes += ballots->count;
    vote.members.push_back(std::move(*ballots));
    if (!vote.members.back().isLike(vote.members.front())) {
      reason = "its members are not samples of one request";
      return failure();
    }
  }
  if (!takesAll(ensemble, vote)) {
    reason = "samples are used elsewhere, or not at all";
    return failure();
  }
  return vote;
}

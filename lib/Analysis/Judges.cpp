//===- Judges.cpp - Calls that choose between candidates ------------------===//

#include "XcsLLM/Analysis/Judges.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace xcs;

/// Lists that are longer are none of candidates; and more users are not looked at.
constexpr int64_t mostCandidates = 256, mostUsers = 64;

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

/// Whether `op` gives what models have answered.
static bool isAnswer(Operation *op) {
  return isa<LLMCallOpInterface, EnsembleOp, CascadeOp, ChainOp, ConditionalOp, BatchOp,
             tensor::ExtractOp>(op);
}

/// Adds the answers that a text is made of, through parses and templates.
static void addSources(Value text, llvm::SetVector<Value> &sources) {
  SmallVector<Value> pending{text};
  for (int64_t steps = 0; !pending.empty() && steps < mostUsers; ++steps) {
    Value value = pending.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (auto parse = dyn_cast_if_present<ParseResponseOp>(op))
      pending.push_back(parse.getResponse());
    else if (auto prompt = dyn_cast_if_present<PromptTemplateOp>(op))
      pending.append(prompt.getValues().begin(), prompt.getValues().end());
    else if (op && isAnswer(op))
      sources.insert(value);
  }
}

static llvm::SetVector<Value> getSources(Value text) {
  llvm::SetVector<Value> sources;
  addSources(text, sources);
  return sources;
}

/// What a template shows, if it puts nothing but constant words around it.
static Value unwrap(Value text) {
  for (auto prompt = text.getDefiningOp<PromptTemplateOp>();
       prompt && prompt.getValues().size() == 1 && isa<TextType>(prompt.getValues()[0].getType());
       prompt = text.getDefiningOp<PromptTemplateOp>())
    text = prompt.getValues()[0];
  return text;
}

/// Of answers that a prompt shows one by one, those that none of the others was
/// made from: a question that was answered is no candidate.
static SmallVector<Value> dropQuestions(ArrayRef<Value> shown) {
  llvm::SetVector<Value> used;
  for (Value text : shown)
    for (Value source : getSources(text))
      if (Operation *call = source.getDefiningOp(); isa<LLMCallOpInterface>(call))
        for (Value message : call->getOperands())
          addSources(message, used);
  return llvm::filter_to_vector(shown, [&](Value text) {
    return llvm::none_of(getSources(text), [&](Value source) { return used.contains(source); });
  });
}

/// The candidates that the call's prompt shows: the items of the only list in it, or
/// else at least two answers.
static SmallVector<Value> findCandidates(GenerateOp call) {
  SmallVector<Value> lists, single;
  for (Value message : call.getMessages()) {
    auto prompt = message.getDefiningOp<PromptTemplateOp>();
    for (Value shown : prompt ? ValueRange(prompt.getValues()) : ValueRange())
      if (isa<RankedTensorType>(shown.getType()))
        lists.push_back(shown);
      else if (isa<TextType>(shown.getType()) && getSources(shown).size() == 1)
        single.push_back(shown);
  }
  if (lists.empty())
    single = dropQuestions(single);
  if (lists.size() != 1)
    return lists.empty() && single.size() > 1 ? single : SmallVector<Value>();
  auto items = lists.front().getDefiningOp<tensor::FromElementsOp>();
  auto type = cast<RankedTensorType>(lists.front().getType());
  if (type.getRank() != 1 || !isa<TextType>(type.getElementType()) || type.isDynamicDim(0) ||
      type.getDimSize(0) < 2 || type.getDimSize(0) > mostCandidates)
    return {};
  if (items)
    return llvm::to_vector(items.getElements());
  Operation *op = lists.front().getDefiningOp();
  return op && isAnswer(op) ? lists : SmallVector<Value>();
}

//===----------------------------------------------------------------------===//
// What stands in for an answer
//===----------------------------------------------------------------------===//

static bool readsAlike(ParseResponseOp a, ParseResponseOp b) {
  return a.getFormat() == b.getFormat() && a.getSelectorAttr() == b.getSelectorAttr() &&
         a.getChoicesAttr() == b.getChoicesAttr() && a.getType() == b.getType();
}

/// How the answer that `candidate` shows is read, if as `reading` does.
static ParseResponseOp findReading(Value candidate, ParseResponseOp reading) {
  llvm::SetVector<Value> sources = getSources(candidate);
  int64_t left = mostUsers;
  if (sources.size() == 1)
    for (Operation *user : sources.front().getUsers()) {
      auto other = dyn_cast<ParseResponseOp>(user);
      if (other && readsAlike(other, reading))
        return other;
      if (--left == 0)
        break;
    }
  return nullptr;
}

std::optional<Judge> xcs::findJudge(GenerateOp call, StringRef &reason) {
  reason = "";
  Judge judge{call, {}, findCandidates(call), 0, {}};
  if (judge.candidates.empty() || !isa<TextType>(call.getType()) || call.use_empty())
    return std::nullopt;
  auto list = dyn_cast<RankedTensorType>(judge.candidates.front().getType());
  judge.count = list ? list.getDimSize(0) : judge.candidates.size();
  bool isPassedOn = llvm::all_of(
      call->getUsers(), [](Operation *user) { return user->hasTrait<OpTrait::IsTerminator>(); });
  if (!isPassedOn) {
    if (call->hasOneUse())
      judge.reading = dyn_cast<ParseResponseOp>(*call->user_begin());
    reason = "its response is used otherwise than by one parse";
    if (!judge.reading || judge.reading->getBlock() != call->getBlock())
      return std::nullopt;
    for (Value candidate : judge.candidates)
      if (ParseResponseOp reading = list ? nullptr : findReading(candidate, judge.reading))
        judge.readings.push_back(reading);
    if (judge.readings.size() == judge.candidates.size())
      return judge;
    judge.readings.clear();
  }
  reason = "its answer is no text, and the candidates are not read as it is";
  if (!isa<TextType>(judge.getAnswer().getType()))
    return std::nullopt;
  for (Value &candidate : judge.candidates)
    candidate = unwrap(candidate);
  return judge;
}

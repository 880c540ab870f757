//===- PackPrompts.cpp - Several items in one request -----------------------===//
//
// Quality-bounded: a model may answer several items otherwise than one by one. An
// item that the answer of its pack lacks is asked for by itself, so that no failure
// is added.
//
//===----------------------------------------------------------------------===//

#include "BatchFunction.h"
#include "Packer.h"
#include "XcsLLM/Analysis/CallKinds.h"
#include "XcsLLM/Analysis/Packing.h"
#include "XcsLLM/Support/Text.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// What can be packed
//===----------------------------------------------------------------------===//

/// Why the items of a batch of one call need requests of their own; empty if not.
static StringRef findReason(GenerateOp call, BatchOp batch) {
  if (call.getN() || call.getSeedAttr())
    return "it asks for samples of its own";
  if (call.getStop() || call.getResponseSchema())
    return "its answers end or look as the call says, which a list of them would not";
  if (call.getCacheable() || call.getNoReuse())
    return "answers are kept, or not to be shared, item by item";
  if (!call.getBatchCompatible() || !call.getFusionCompatible())
    return "the call says that it is not to share requests";
  for (auto chain = call->getParentOfType<ChainOp>(); chain;
       chain = chain->getParentOfType<ChainOp>())
    if (chain.getDeadlineMs() || chain.getBudgetUsd())
      return "the chain around it has constraints, under which what is missing may not be asked "
             "for again";
  if (llvm::any_of(batch.getLists(), [](Value list) { return mayFailAsWhole(list); }))
    return "a list that it runs over may fail as a whole";
  return "";
}

/// Whether items of the list are prompts of packs.
static bool holdsPacks(Value list) {
  auto elements = list.getDefiningOp<tensor::FromElementsOp>();
  return elements && llvm::any_of(elements.getElements(), [](Value item) {
           auto prompt = item.getDefiningOp<PromptTemplateOp>();
           return prompt && isPackedTemplate(prompt.getFormat());
         });
}

/// The batch as one that can be packed, if its body has the form for that: one call,
/// what makes its prompt, and what is read from its answer.
static std::optional<Packable> match(BatchOp batch) {
  auto isScalar = [](Type type) { return !isa<ShapedType>(type); };
  if (!hasKnownLength(batch) || batchLength(batch) < 2 || filtersItems(batch) ||
      !llvm::all_of(batch.getBody().getArgumentTypes(), isScalar) ||
      !llvm::all_of(batch.getBody().front().getTerminator()->getOperandTypes(), isScalar))
    return std::nullopt;
  Packable found{batch, {}, 0, {}, "{item}", {}};
  for (Operation &op : batch.getBody().front().without_terminator()) {
    auto call = dyn_cast<GenerateOp>(op);
    if (call ? bool(found.call) : !isPure(&op) || op.getNumRegions() != 0)
      return std::nullopt;
    if (call)
      found.call = call;
  }
  if (!found.call)
    return std::nullopt;
  auto isInside = [&](Value value) { return batch.getBody().isAncestor(value.getParentRegion()); };
  SmallVector<unsigned> inside;
  for (auto [index, message] : llvm::enumerate(found.call.getMessages()))
    if (isInside(message))
      inside.push_back(index);
  if (inside.size() != 1)
    return std::nullopt;
  found.message = inside.front();
  found.prompt = found.call.getMessages()[found.message].getDefiningOp<PromptTemplateOp>();
  if (!found.prompt) {
    found.differs = {true};
    auto item = dyn_cast<BlockArgument>(found.call.getMessages()[found.message]);
    return item && !holdsPacks(batch.getLists()[item.getArgNumber()]) ? std::optional(found)
                                                                      : std::nullopt;
  }
  found.format = found.prompt.getFormat().str();
  for (Value value : found.prompt.getValues()) {
    if (isInside(value) && !isa<BlockArgument>(value))
      return std::nullopt;
    found.differs.push_back(isInside(value));
  }
  return found.prompt->hasOneUse() && !isPackedTemplate(found.format) ? std::optional(found)
                                                                      : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Whether it pays
//===----------------------------------------------------------------------===//

namespace {
/// What packs of a batch take, by the costs of its call.
class PackPrices {
public:
  PackPrices(const Packable &packable, const CallCost &cost, const Lengths &lengths,
             double acceptRate)
      : packable(packable), cost(cost), lengths(lengths), missed(1 - acceptRate) {
    TemplateParts parts = llvm::cantFail(parseTemplate(packable.format));
    common = cost.inputTokens.expected - getLiteralTokens(packable.format);
    for (unsigned slot : parts.slots)
      if (packable.differs[slot])
        common -= getTokens(slot);
    for (unsigned operand = 0; operand < packable.differs.size(); ++operand)
      if (packable.differs[operand])
        each += getTokens(operand);
  }

  /// The most items, up to `most`, that one request of the model takes.
  int64_t findMost(int64_t most) const {
    const ModelEntry &model = *cost.model;
    auto fits = [](double tokens, std::optional<int64_t> limit) {
      return !limit || tokens <= double(*limit);
    };
    for (; most > 1; --most) {
      double input = getInput(most), output = getOutput(most);
      if (fits(input, model.maxInputTokens) && fits(output, model.maxOutputTokens) &&
          fits(input + output, model.contextTokens))
        break;
    }
    return most;
  }

  Effort getBefore(int64_t items) const {
    return {cost.costUsd * items, cost.latencyMs, items * cost.requests};
  }

  Effort getAfter(ArrayRef<int64_t> packs) const {
    Effort all;
    for (int64_t items : packs) {
      if (items == 1) {
        all.costUsd += cost.costUsd;
        ++all.requests;
        continue;
      }
      CallTokens tokens;
      tokens.input = getInput(items);
      tokens.output = getOutput(items);
      all.costUsd += priceCall(*cost.model, cost.tier, tokens);
      all.costUsd += cost.costUsd * (items * missed);
      all.requests += 1 + items * missed;
      Amount latency = timeCall(*cost.model, cost.tier, tokens.output);
      latency += cost.latencyMs * missed;
      if (latency.known >= all.latencyMs.known)
        all.latencyMs = latency;
    }
    return all;
  }

private:
  double getTokens(unsigned operand) const {
    return lengths.getTokens(packable.getOperand(operand)).expected;
  }
  double getLiteralTokens(StringRef format) const {
    double tokens = 0;
    for (StringRef literal : llvm::cantFail(parseTemplate(format)).literals)
      tokens += lengths.estimate(literal);
    return tokens;
  }
  double getInput(int64_t items) const {
    return common +
           getLiteralTokens(packTemplate(packable.format, packable.differs, items).format) +
           each * items;
  }
  double getOutput(int64_t items) const {
    return items * (cost.outputTokens.expected + packedAnswerTokens);
  }

  const Packable &packable;
  const CallCost &cost;
  const Lengths &lengths;
  double missed;
  double common = 0; ///< tokens that all items have alike, but for the constant ones
  double each = 0;   ///< tokens of one item
};
} // namespace

//===----------------------------------------------------------------------===//
// A function
//===----------------------------------------------------------------------===//

bool xcs::packPrompts(Rewrite &state, const PackOptions &options, const Catalog &catalog) {
  SmallVector<Packable> found;
  if (options.most > 1)
    state.function.walk([&](BatchOp batch) {
      if (std::optional<Packable> packable = match(batch))
        found.push_back(std::move(*packable));
    });
  auto refuse = [&](const Packable &packable, const Twine &reason) {
    GenerateOp call = packable.call;
    state.refused(call.getLoc(), "not-packed", "items do not share requests: " + reason);
  };
  llvm::erase_if(found, [&](const Packable &packable) {
    StringRef reason = state.isAllowed(Allow::Quality)
                           ? findReason(packable.call, packable.batch)
                           : "there is no leave for rewrites that may change answers";
    if (!reason.empty())
      refuse(packable, reason);
    return !reason.empty();
  });
  if (found.empty())
    return false;

  // Of the batches as they are now.
  CostModel costs(state.function->getParentOfType<ModuleOp>(), catalog);
  const ProgramCost &program = costs.getCost(state.function);
  llvm::DenseMap<Operation *, const CallCost *> costOf;
  for (const CallCost &cost : program.calls)
    costOf[cost.call] = &cost;
  auto deadline = state.function->getAttrOfType<FloatAttr>("xcs_llm.deadline_ms");
  double spareMs = deadline ? deadline.getValueAsDouble() - program.latencyMs.known : mostFigure;
  IndexConstants indices(state.function.getBody());
  bool changed = false;
  for (Packable &packable : found) {
    const CallCost &cost = *costOf[packable.call];
    PackPrices prices(packable, cost, *program.lengths, options.acceptRate);
    int64_t items = batchLength(packable.batch);
    int64_t most = prices.findMost(std::min(options.most, items));
    std::vector<int64_t> packs = splitIntoPacks(items, most);
    Effort before = prices.getBefore(items), after = prices.getAfter(packs);
    double later = std::max(0.0, after.latencyMs.known - before.latencyMs.known);
    if (!before.costUsd.complete || !after.costUsd.complete)
      refuse(packable, "the prices of '" + Twine(cost.model->name) + "' are not known");
    else if (most < 2)
      refuse(packable, "the model takes no more than one");
    else if (!isGain(before, after, state.objective))
      refuse(packable, "it would not pay: what they have in common is less than what packing adds");
    else if (later > cost.timing.slackMs + spareMs)
      refuse(packable, "the deadline does not leave the time for longer answers");
    else {
      spareMs -= later;
      Location loc = packable.call.getLoc();
      Packer(packable, indices, options.acceptRate).run(packs, cost.model->maxOutputTokens);
      state.applied(loc, "packed", Allow::Quality,
                    "put " + Twine(items) + " items into " + Twine(packs.size()) + " requests",
                    Change{before, after});
      changed = true;
    }
  }
  indices.eraseUnused();
  return changed;
}

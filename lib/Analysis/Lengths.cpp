//===- Lengths.cpp - How long values are ----------------------------------===//

#include "XcsLLM/Analysis/Lengths.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

static Forecast same(double value) { return {value, value}; }
static Forecast operator+(Forecast a, Forecast b) {
  return {clampFigure(a.expected + b.expected), clampFigure(a.worst + b.worst)};
}
static Forecast operator*(Forecast a, Forecast b) {
  return {clampFigure(a.expected * b.expected), clampFigure(a.worst * b.worst)};
}
static Forecast operator*(Forecast a, double times) { return a * same(times); }
/// Each part of `a` over that of `b`; nothing of nothing is nothing.
static Forecast operator/(Forecast a, Forecast b) {
  return {b.expected > 0 ? a.expected / b.expected : 0, b.worst > 0 ? a.worst / b.worst : 0};
}

/// The tokens that a number or flag prints with.
static double getPrintedTokens(Type type) {
  if (type.isInteger(1))
    return 1;
  return isa<FloatType>(type) ? 3 : 2;
}

/// The product of sizes.
static double multiply(ArrayRef<int64_t> sizes) {
  double product = 1;
  for (int64_t size : sizes)
    product = clampFigure(product * (ShapedType::isDynamic(size) ? defaultListItems : size));
  return product;
}

/// How many scalars an item of `list` has.
static double getScalarsPerItem(RankedTensorType list) {
  return multiply(list.getShape().drop_front());
}

/// The length of a value of `type` of which nothing else is known.
static Length getDefault(Type type) {
  Length length;
  auto list = dyn_cast<RankedTensorType>(type);
  Type scalar = list ? list.getElementType() : type;
  length.tokens = same(isa<TextType>(scalar) ? defaultTextTokens : getPrintedTokens(scalar));
  if (list && list.getRank() > 0)
    length.items = same(list.isDynamicDim(0) ? defaultListItems : list.getDimSize(0));
  return length;
}

/// `length` with as many items as the type says, if it does.
static Length withStaticItems(Length length, Type type) {
  if (auto list = dyn_cast<RankedTensorType>(type); list && list.getRank() > 0)
    if (!list.isDynamicDim(0))
      length.items = same(list.getDimSize(0));
  return length;
}

Length Lengths::get(Value value) const {
  auto known = lengths.find(value);
  return known == lengths.end() ? getDefault(value.getType()) : known->second;
}

Forecast Lengths::getTokens(Value value) const {
  Length length = get(value);
  auto list = dyn_cast<RankedTensorType>(value.getType());
  if (!list || list.getRank() == 0)
    return length.tokens;
  return length.tokens * length.items * getScalarsPerItem(list);
}

//===----------------------------------------------------------------------===//
// What comes from outside
//===----------------------------------------------------------------------===//

static bool holdsText(Type type) { return isa<TextType>(getElementTypeOrSelf(type)); }

void Lengths::addInput(Value value, DictionaryAttr hints, Operation *op, int32_t argument) {
  Length length = getDefault(value.getType());
  auto getHint = [&](StringRef name) {
    return hints ? hints.getAs<IntegerAttr>(name) : IntegerAttr();
  };
  if (IntegerAttr tokens = getHint("xcs_llm.tokens"))
    length.tokens = same(tokens.getInt());
  else if (holdsText(value.getType()))
    assumptions.push_back({Assumption::Kind::Tokens, defaultTextTokens, op, argument});
  if (auto list = dyn_cast<RankedTensorType>(value.getType());
      list && list.getRank() > 0 && list.isDynamicDim(0)) {
    if (IntegerAttr count = getHint("xcs_llm.count"))
      length.items = same(count.getInt());
    else
      assumptions.push_back({Assumption::Kind::Items, defaultListItems, op, argument});
  }
  set(value, length);
}

Lengths::Lengths(func::FuncOp function, TokenizerFamily family, Likelihood &likelihood,
                 SymbolTableCollection &symbols)
    : family(family), likelihood(likelihood), symbols(symbols) {
  for (BlockArgument argument : function.getArguments())
    addInput(argument, function.getArgAttrDict(argument.getArgNumber()), function,
             argument.getArgNumber());
  visit(function.getBody());
}

void Lengths::visitTool(func::CallOp call) {
  auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
  for (OpResult result : call.getResults())
    addInput(result, callee ? callee.getResultAttrDict(result.getResultNumber()) : nullptr, call,
             -1);
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

void Lengths::visit(Region &region) {
  for (Block &block : region)
    for (Operation &op : block)
      visit(&op);
}

void Lengths::visit(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case<LLMCallOpInterface>([&](auto call) { visitCall(call); })
      .Case<TextOp>([&](TextOp text) {
        set(text, {same(getTokens(text.getValueAttr())), same(1)});
      })
      .Case<arith::ConstantOp>([&](auto constant) { visitConstant(constant); })
      .Case<PromptTemplateOp>([&](auto prompt) { visitTemplate(prompt); })
      .Case<ParseResponseOp>([&](auto parse) { visitParse(parse); })
      .Case<func::CallOp>([&](auto call) { visitTool(call); })
      .Case<CacheLookupOp>([&](auto lookup) {
        Length length = getDefault(lookup.getType());
        if (LLMCallOpInterface call = findStoredCall(lookup); call && holdsText(lookup.getType()))
          length.tokens = getOutputTokens(call);
        set(lookup, length);
      })
      .Case<CacheStoreOp>([&](auto store) { set(store.getResult(), get(store.getValue())); })
      .Case<EnsembleOp, CascadeOp, ChainOp, ConditionalOp>([&](auto) { visitControl(op); })
      .Case<BatchOp>([&](auto batch) { visitBatch(batch); })
      .Case<arith::SelectOp>([&](arith::SelectOp select) {
        Length a = get(select.getTrueValue()), b = get(select.getFalseValue());
        set(select, {(a.tokens + b.tokens) * 0.5, (a.items + b.items) * 0.5});
        Length &length = lengths[select];
        length.tokens.worst = std::max(a.tokens.worst, b.tokens.worst);
        length.items.worst = std::max(a.items.worst, b.items.worst);
      })
      .Default([&](Operation *) {
        if (isa_and_nonnull<tensor::TensorDialect>(op->getDialect()))
          return visitTensor(op);
        for (Region &region : op->getRegions())
          visit(region);
      });
}

ArrayRef<int64_t> xcs::getItemTokens(Operation *call) {
  auto tokens = call->getAttrOfType<DenseI64ArrayAttr>(itemTokensName);
  return tokens ? tokens.asArrayRef() : ArrayRef<int64_t>();
}

double xcs::getExpectedTokens(LLMCallOpInterface call) {
  if (IntegerAttr hint = call.getExpectedOutputTokensAttr())
    return hint.getInt();
  return isa<ScoreOp>(call) ? defaultScoreTokens : defaultResponseTokens;
}

/// The most that a response may have.
static double getMostTokens(LLMCallOpInterface call) {
  auto limit = call->getAttrOfType<IntegerAttr>("max_tokens");
  return limit ? limit.getInt() : mostFigure;
}

double Lengths::getMostExpectedTokens(LLMCallOpInterface call) {
  if (isa<EmbedOp>(call))
    return 0;
  ArrayRef<int64_t> items = getItemTokens(call);
  double most = items.empty() ? getExpectedTokens(call) : *llvm::max_element(items);
  return std::min(most, getMostTokens(call));
}

Forecast Lengths::getOutputTokens(LLMCallOpInterface call) const {
  if (isa<EmbedOp>(call))
    return {};
  double limit = getMostTokens(call), expected = 0;
  ArrayRef<int64_t> items = getItemTokens(call);
  for (int64_t tokens : items)
    expected += std::min<double>(tokens, limit) / items.size();
  if (items.empty())
    expected = std::min(getExpectedTokens(call), limit);
  return {expected, limit < mostFigure ? limit : expected};
}

void Lengths::visitCall(LLMCallOpInterface call) {
  Value result = call->getResult(0);
  Forecast output = getOutputTokens(call);
  if (!call.getExpectedOutputTokensAttr() && getItemTokens(call).empty() && !isa<EmbedOp>(call))
    assumptions.push_back({Assumption::Kind::OutputTokens, output.expected, call});
  Length length = getDefault(result.getType());
  if (holdsText(result.getType()))
    length.tokens = output;
  set(result, length);
}

double Lengths::getTokens(StringAttr text) {
  auto [entry, isNew] = texts.try_emplace(text, 0);
  if (isNew)
    entry->second = estimate(text.getValue());
  return entry->second;
}

void Lengths::visitConstant(arith::ConstantOp op) {
  Length length = getDefault(op.getType());
  auto list = dyn_cast<DenseStringElementsAttr>(op.getValue());
  if (list && list.size() > 0) {
    double tokens = 0;
    for (StringRef item : list.getRawStringData())
      tokens += estimate(item);
    length.tokens = same(tokens / list.getRawStringData().size());
  }
  set(op, length);
}

const Lengths::Template &Lengths::getTemplate(StringAttr format) {
  auto [entry, isNew] = templates.try_emplace(format);
  if (!isNew)
    return entry->second;
  llvm::Expected<TemplateParts> parts = parseTemplate(format.getValue());
  if (!parts) { // the verifier has refused it
    llvm::consumeError(parts.takeError());
    return entry->second;
  }
  for (StringRef literal : parts->literals)
    entry->second.tokens += estimate(literal);
  entry->second.slots.assign(parts->slots.begin(), parts->slots.end());
  return entry->second;
}

void Lengths::visitTemplate(PromptTemplateOp op) {
  const Template &format = getTemplate(op.getFormatAttr());
  Forecast tokens = same(format.tokens);
  for (unsigned slot : format.slots) {
    Value value = op.getValues()[slot];
    tokens = tokens + getTokens(value);
    if (isa<RankedTensorType>(value.getType())) {
      Forecast gaps = get(value).items + same(-1);
      tokens = tokens + Forecast{std::max(gaps.expected, 0.0), std::max(gaps.worst, 0.0)} *
                            estimate(op.getSeparator());
    }
  }
  set(op, {tokens, same(1)});
}

/// A text read out of a response is no longer than the response.
void Lengths::visitParse(ParseResponseOp op) {
  Length length = getDefault(op.getResult().getType());
  auto list = dyn_cast<RankedTensorType>(op.getResult().getType());
  if (list && list.isDynamicDim(0))
    assumptions.push_back({Assumption::Kind::Items, defaultListItems, op});
  if (holdsText(op.getResult().getType())) {
    Forecast response = get(op.getResponse()).tokens;
    if (IntegerAttr hint = op.getExpectedOutputTokensAttr()) {
      double tokens = hint.getInt();
      response = {std::min(tokens, response.expected), response.worst};
    }
    length.tokens = response / length.items;
  }
  set(op.getResult(), length);
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

/// The length of lists put together: `values` are items or lists.
static Length join(ArrayRef<Length> values, bool areLists) {
  Length all{same(0), same(0)};
  Forecast items = same(0);
  for (const Length &value : values) {
    Forecast count = areLists ? value.items : same(1);
    items = items + count;
    all.tokens = all.tokens + value.tokens * count;
  }
  all.tokens = all.tokens / items;
  // At worst there may be more items of the shorter ones.
  all.tokens.worst = std::max(all.tokens.worst, all.tokens.expected);
  all.items = items;
  return all;
}

/// A list with one scalar of it replaced.
static Length replaceOne(Length list, double scalars, Length scalar) {
  double share = 1 / std::max(scalars, 1.0);
  list.tokens = list.tokens * (1 - share) + scalar.tokens * share;
  return list;
}

/// The items of a list whose first dimensions became one.
static Forecast collapseItems(tensor::CollapseShapeOp op, Forecast items) {
  SmallVector<ReassociationIndices> dimensions = op.getReassociationIndices();
  if (dimensions.empty())
    return same(1);
  return items * multiply(op.getSrcType().getShape().take_front(dimensions[0].size()).drop_front());
}

void Lengths::visitTensor(Operation *op) {
  if (op->getNumResults() != 1)
    return;
  Value result = op->getResult(0);
  Type type = result.getType();
  SmallVector<Length> operands;
  for (Value operand : op->getOperands())
    operands.push_back(get(operand));
  Length length = getDefault(type);
  if (isa<tensor::FromElementsOp>(op) && !operands.empty())
    length = join(operands, /*areLists=*/false);
  else if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    length = join(operands, /*areLists=*/true);
    if (concat.getDim() != 0)
      length.items = operands[0].items;
  } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    length = {operands[0].tokens, collapseItems(collapse, operands[0].items)};
  else if (isa<tensor::CastOp, tensor::ExtractSliceOp>(op))
    length = operands[0];
  else if (auto insert = dyn_cast<tensor::InsertOp>(op)) {
    auto list = cast<RankedTensorType>(type);
    double items = list.getRank() == 0 ? 1 : operands[1].items.expected * getScalarsPerItem(list);
    length = replaceOne(operands[1], items, operands[0]);
  } else if (isa<tensor::ExtractOp, tensor::SplatOp>(op) || (!operands.empty() && holdsText(type)))
    length.tokens = operands[0].tokens; // an item, or what all items are
  if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
    auto items = itemTokens.find(extract.getTensor());
    if (items != itemTokens.end() && extract.getIndices().size() == 1)
      if (std::optional<int64_t> index = getConstantIntValue(extract.getIndices().front());
          index && *index >= 0 && *index < int64_t(items->second.size()))
        length.tokens = items->second[*index];
  }
  set(result, withStaticItems(length, type));
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

Length Lengths::blend(MutableArrayRef<Region> regions, ArrayRef<double> weights,
                      unsigned index) const {
  Length blended{same(0), same(0)};
  double sum = 0;
  for (auto [region, weight] : llvm::zip(regions, weights)) {
    Length part = get(region.front().getTerminator()->getOperand(index));
    blended.tokens.expected += weight * part.tokens.expected;
    blended.items.expected += weight * part.items.expected;
    blended.tokens.worst = std::max(blended.tokens.worst, part.tokens.worst);
    blended.items.worst = std::max(blended.items.worst, part.items.worst);
    sum += weight;
  }
  if (sum > 0) {
    blended.tokens.expected /= sum;
    blended.items.expected /= sum;
  }
  return blended;
}

void Lengths::visitControl(Operation *op) {
  for (Region &region : op->getRegions())
    visit(region);
  if (Likelihood::isAssumed(op)) {
    auto ensemble = dyn_cast<EnsembleOp>(op);
    bool isVote = ensemble && lacksAgreement(ensemble);
    assumptions.push_back({Assumption::Kind::Probability,
                           isVote ? assumedAgreement : defaultFlagProbability, op});
  }
  SmallVector<double> weights(op->getNumRegions(), 1.0);
  if (auto conditional = dyn_cast<ConditionalOp>(op)) {
    weights[0] = likelihood.getProbability(conditional);
    weights[1] = 1 - weights[0];
  } else if (auto cascade = dyn_cast<CascadeOp>(op)) {
    for (auto [weight, stage] : llvm::zip(weights, likelihood.getStages(cascade)))
      weight = stage.accepted;
  }
  for (OpResult result : op->getResults()) {
    Length length = blend(op->getRegions(), weights, result.getResultNumber());
    if (auto ensemble = dyn_cast<EnsembleOp>(op)) {
      if (ensemble.getPolicy() == EnsemblePolicy::All)
        length.items = same(op->getNumRegions());
      else if (!isa<RankedTensorType>(result.getType()))
        length.items = same(1); // members may yield lists of votes
    }
    set(result, withStaticItems(length, result.getType()));
  }
}

SmallVector<Forecast> Lengths::getItems(Value yielded, BatchOp batch) const {
  Operation *definition = yielded.getDefiningOp();
  if (!definition || definition->getBlock() != &batch.getBody().front() ||
      !isa<TextType>(yielded.getType()))
    return {};
  SmallVector<Forecast> items;
  if (auto call = dyn_cast<LLMCallOpInterface>(definition)) {
    double limit = getMostTokens(call);
    for (int64_t tokens : getItemTokens(call)) {
      double expected = std::min<double>(tokens, limit);
      items.push_back({expected, limit < mostFigure ? limit : expected});
    }
  } else if (auto parse = dyn_cast<ParseResponseOp>(definition)) {
    items = getItems(parse.getResponse(), batch);
    if (IntegerAttr hint = parse.getExpectedOutputTokensAttr())
      for (Forecast &tokens : items)
        tokens.expected = std::min<double>(tokens.expected, hint.getInt());
  }
  return items;
}

void Lengths::visitBatch(BatchOp op) {
  Forecast items = get(op.getLists().front()).items;
  for (Value list : op.getLists())
    items = withStaticItems({same(0), items}, list.getType()).items;
  for (auto [list, argument] : llvm::zip(op.getLists(), op.getBody().getArguments())) {
    Length item = getDefault(argument.getType());
    item.tokens = get(list).tokens;
    set(argument, item);
  }
  visit(op.getBody());
  if (Likelihood::isAssumed(op))
    assumptions.push_back({Assumption::Kind::Probability, defaultFlagProbability, op});
  Operation *yield = op.getBody().front().getTerminator();
  Forecast kept = items;
  if (getVerdict(op.getBody()))
    kept.expected *= likelihood.getAcceptance(op.getBody());
  for (OpResult result : op->getResults()) {
    Value yielded = yield->getOperand(result.getResultNumber());
    set(result, withStaticItems({get(yielded).tokens, kept}, result.getType()));
    SmallVector<Forecast> each = getItems(yielded, op);
    auto list = cast<RankedTensorType>(result.getType());
    if (!each.empty() && list.getDimSize(0) == int64_t(each.size()))
      itemTokens[result] = std::move(each);
  }
}

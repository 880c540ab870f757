//===- TemplateConstants.cpp - Constants into templates -------------------===//

#include "TemplateRewrites.h"
#include "XcsLLM/Dialect/Constants.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace xcs;

void xcs::eraseUnusedConstants(const llvm::SetVector<Operation *> &definitions) {
  for (Operation *definition : definitions)
    if (definition->hasTrait<OpTrait::ConstantLike>() && definition->use_empty())
      definition->erase();
}

/// The constant that an operand prints as, if it can be written into the format.
Attribute TemplateRewriter::getText(PromptTemplateOp op, unsigned operand) {
  // What stands in several places is written out only if it is short.
  constexpr size_t manyBytes = 512;
  constexpr int64_t manyItems = 64;
  Attribute constant;
  Value value = op.getValues()[operand];
  if (!matchPattern(value, m_Constant(&constant)))
    return {};
  bool isOnce = value.hasOneUse() && getFormat(op).slots[operand] == 1;
  if (auto list = dyn_cast<DenseElementsAttr>(constant);
      list && !isOnce && list.getNumElements() > manyItems)
    return {};
  StringAttr separator = isa<RankedTensorType>(value.getType()) ? getSeparatorOf(op) : StringAttr();
  auto [known, isNew] = printed.try_emplace({constant, separator});
  if (isNew)
    if (auto text = printConstant(constant, separator ? separator.getValue() : ""))
      known->second = StringAttr::get(op.getContext(), *text);
  StringAttr text = known->second;
  return text && (isOnce || text.size() <= manyBytes) ? text : StringAttr();
}

/// Templates of one format keep what they differ in: so they stay of one shape,
/// and can be in one batch.
bool TemplateRewriter::substituteConstants() {
  llvm::DenseMap<Shape, Texts> shapes;
  SmallVector<std::pair<PromptTemplateOp, Shape>> templates;
  for (PromptTemplateOp op : collect()) {
    Shape shape(op.getFormatAttr(), getSeparatorOf(op), op.getReorderAttr());
    templates.emplace_back(op, shape);
    Texts texts;
    for (unsigned operand = 0; operand < op.getValues().size(); ++operand)
      texts.push_back(getText(op, operand));
    auto [known, isNew] = shapes.try_emplace(shape, texts);
    for (auto [common, text] : llvm::zip(known->second, texts))
      common = common == text ? text : Attribute();
  }
  bool changed = false;
  differing.clear();
  for (auto &[op, shape] : templates) {
    const Texts &texts = shapes[shape];
    for (unsigned operand = 0; state.hasRemarks() && operand < texts.size(); ++operand)
      if (!texts[operand] && getText(op, operand))
        differing.push_back(op);
    if (llvm::none_of(texts, [](Attribute text) { return bool(text); }))
      continue;
    substitute(op, texts);
    changed = true;
  }
  return changed;
}

void TemplateRewriter::substitute(PromptTemplateOp op, const Texts &texts) {
  const TemplateParts &parts = getFormat(op).parts;
  TemplateWriter writer;
  writer.addText(parts.literals.front());
  for (auto [operand, literal] : llvm::zip(parts.slots, llvm::drop_begin(parts.literals))) {
    if (texts[operand])
      writer.addText(cast<StringAttr>(texts[operand]).getValue());
    else
      writer.repeatSlot(parts.names[operand]);
    writer.addText(literal);
  }
  SmallVector<Value> values;
  llvm::SetVector<Operation *> constants;
  for (auto [value, text] : llvm::zip(op.getValues(), texts))
    if (text)
      constants.insert(value.getDefiningOp());
    else
      values.push_back(value);
  op->setOperands(values);
  op.setFormat(writer.get());
  eraseUnusedConstants(constants);
  state.applied(op.getLoc(), "substituted", Allow::Lossless,
                "wrote " + Twine(constants.size()) +
                    (constants.size() == 1 ? " constant" : " constants") + " into the format");
}

//===- TemplateRewrites.cpp - Templates put together ----------------------===//

#include "TemplateRewrites.h"

using namespace mlir;
using namespace xcs;

const TemplateRewriter::Format &TemplateRewriter::getFormat(PromptTemplateOp op) {
  std::unique_ptr<Format> &format = formats[op.getFormatAttr()];
  if (format)
    return *format;
  format = std::make_unique<Format>();
  format->parts = llvm::cantFail(parseTemplate(op.getFormat()));
  format->slots.resize(format->parts.names.size());
  for (unsigned operand : format->parts.slots)
    ++format->slots[operand];
  return *format;
}

bool TemplateRewriter::isReorderable(PromptTemplateOp op) {
  return op.getReorder() && moveConstantsAhead(op.getFormat());
}

SmallVector<PromptTemplateOp> TemplateRewriter::collect() {
  SmallVector<PromptTemplateOp> templates;
  state.function.walk<WalkOrder::PreOrder>([&](PromptTemplateOp op) { templates.push_back(op); });
  return templates;
}

bool TemplateRewriter::run() {
  bool folded = foldTemplates(), merged = mergeTemplates();
  return substituteConstants() || folded || merged;
}

/// Templates that are constant, or only repeat a text: upstream would fold them, too,
/// but here each may let another one be put together.
bool TemplateRewriter::foldTemplates() {
  bool changed = false;
  for (PromptTemplateOp op : collect()) {
    OpBuilder builder(op);
    SmallVector<Value> folded;
    // In unreachable code a template may be made of itself.
    if (llvm::is_contained(op->getOperands(), op.getResult()) ||
        failed(builder.tryFold(op, folded)) || folded.empty())
      continue;
    state.applied(op.getLoc(), "folded", Allow::Lossless, "a template is the text that it gives");
    llvm::SetVector<Operation *> definitions;
    for (Value operand : op.getValues())
      if (operand != folded.front() && operand.getDefiningOp())
        definitions.insert(operand.getDefiningOp());
    op.replaceAllUsesWith(folded.front());
    op.erase();
    eraseUnusedConstants(definitions);
    changed = true;
  }
  return changed;
}

//===----------------------------------------------------------------------===//
// Templates into templates
//===----------------------------------------------------------------------===//

static bool joinsList(PromptTemplateOp op) {
  return llvm::any_of(op.getValues().getTypes(), llvm::IsaPred<RankedTensorType>);
}

/// Whether the template can become part of the one that uses it, but for what
/// separates the items of lists.
bool TemplateRewriter::isInner(PromptTemplateOp op) {
  if (!op->hasOneUse() || !op->getDiscardableAttrDictionary().empty())
    return false;
  OpOperand &use = *op->use_begin();
  auto outer = dyn_cast<PromptTemplateOp>(use.getOwner());
  // Twice would be longer; and leave to move parts of one is none to move the other's.
  return outer && getFormat(outer).slots[use.getOperandNumber()] == 1 && !isReorderable(op) &&
         !isReorderable(outer);
}

bool TemplateRewriter::mergeTemplates() {
  bool changed = false;
  SmallVector<PromptTemplateOp> roots = collect();
  llvm::erase_if(roots, [&](PromptTemplateOp op) { return isInner(op); });
  // Outer ones are behind inner ones: from the last to the first, with what cannot
  // become part of one as a root of its own.
  while (!roots.empty())
    changed |= mergeInto(roots.pop_back_val(), roots);
  return changed;
}

/// Puts all that is inner to `root` into it, at whatever depth, writing each text
/// once. What is separated otherwise is `pending`.
bool TemplateRewriter::mergeInto(PromptTemplateOp root,
                                 SmallVectorImpl<PromptTemplateOp> &pending) {
  /// A template that is being written, up to a slot.
  struct Frame {
    PromptTemplateOp op;
    const Format *format;
    SmallVector<StringRef> names; ///< of its operands, once they have one
    size_t slot = 0;
  };
  SmallVector<Frame> frames;
  SmallVector<PromptTemplateOp> merged;
  SmallVector<Location> locations;
  SmallVector<Value> values;
  TemplateWriter writer;
  StringAttr separator = joinsList(root) ? getSeparatorOf(root) : StringAttr();
  auto enter = [&](PromptTemplateOp op) {
    const Format &format = getFormat(op);
    frames.push_back({op, &format, SmallVector<StringRef>(format.parts.names.size())});
    writer.addText(format.parts.literals.front());
    merged.push_back(op);
    locations.push_back(op.getLoc());
  };
  auto canEnter = [&](PromptTemplateOp op) {
    if (!op || !isInner(op))
      return false;
    if (!joinsList(op))
      return true;
    separator = separator ? separator : getSeparatorOf(op);
    if (getSeparatorOf(op) == separator)
      return true;
    pending.push_back(op);
    return false;
  };
  enter(root);
  while (!frames.empty()) {
    Frame &frame = frames.back();
    const TemplateParts &parts = frame.format->parts;
    if (frame.slot == parts.slots.size()) {
      frames.pop_back();
      if (!frames.empty()) // behind the slot that it stood in
        writer.addText(frames.back().format->parts.literals[frames.back().slot]);
      continue;
    }
    unsigned operand = parts.slots[frame.slot++];
    StringRef literal = parts.literals[frame.slot];
    Value value = frame.op.getValues()[operand];
    if (auto inner = value.getDefiningOp<PromptTemplateOp>(); canEnter(inner)) {
      enter(inner);
      continue;
    }
    StringRef &name = frame.names[operand];
    if (name.empty()) {
      name = writer.addSlot(parts.names[operand]);
      values.push_back(value);
    } else {
      writer.repeatSlot(name);
    }
    writer.addText(literal);
  }
  if (merged.size() == 1)
    return false;
  OpBuilder builder(root);
  auto both = cast<PromptTemplateOp>(builder.clone(*root));
  both->setLoc(builder.getFusedLoc(locations));
  both->setOperands(values);
  both.setFormat(writer.get());
  if (separator && separator != getSeparatorOf(root))
    both.setSeparatorAttr(separator);
  both.setReorder(false);
  root.replaceAllUsesWith(both.getResult());
  for (PromptTemplateOp op : merged)
    op.erase();
  state.applied(both.getLoc(), "merged", Allow::Lossless,
                "put " + Twine(merged.size() - 1) +
                    (merged.size() == 2 ? " template" : " templates") +
                    " into the one that uses it");
  return true;
}

//===----------------------------------------------------------------------===//
// Why not
//===----------------------------------------------------------------------===//

/// Why a template is not part of the one that uses it; empty if none does.
StringRef TemplateRewriter::getObstacle(PromptTemplateOp op) {
  auto user = llvm::find_if(op->getUsers(), llvm::IsaPred<PromptTemplateOp>);
  if (user == op->user_end())
    return "";
  auto outer = cast<PromptTemplateOp>(*user);
  if (!op->hasOneUse())
    return "it is used in several places";
  if (isInner(op))
    return "the items of their lists are separated otherwise";
  if (isReorderable(op) || isReorderable(outer))
    return "one of them has leave to move its constant parts, which is not the other's";
  return op->getDiscardableAttrDictionary().empty() ? "it stands there twice"
                                                    : "it has attributes of its own";
}

void TemplateRewriter::explain() {
  if (!state.hasRemarks())
    return;
  for (PromptTemplateOp op : collect())
    if (StringRef obstacle = getObstacle(op); !obstacle.empty())
      state.refused(op.getLoc(), "not-merged",
                    "not put into the template that uses it: " + obstacle);
  for (PromptTemplateOp op : differing)
    state.refused(op.getLoc(), "not-substituted",
                  "a constant stays an operand, as another template of this format has another "
                  "value there: so they can be one batch");
}

//===- XcsLLMDialect.cpp - The dialect and its attributes -------------------===//

#include "Detail.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace xcs;

#include "XcsLLM/Dialect/XcsLLMDialect.cpp.inc"
#include "XcsLLM/Dialect/XcsLLMEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "XcsLLM/Dialect/XcsLLMTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "XcsLLM/Dialect/XcsLLMAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "XcsLLM/Dialect/XcsLLMOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Type xcs::stackType(Type item, int64_t size) {
  auto tensor = dyn_cast<RankedTensorType>(item);
  if (!tensor)
    return TensorType::isValidElementType(item) ? RankedTensorType::get({size}, item) : Type();
  if (!tensor.hasStaticShape())
    return {};
  SmallVector<int64_t> shape(tensor.getShape());
  shape.insert(shape.begin(), size);
  return RankedTensorType::get(shape, tensor.getElementType());
}

Type xcs::itemType(RankedTensorType list) {
  if (list.getRank() == 1)
    return list.getElementType();
  return RankedTensorType::get(list.getShape().drop_front(), list.getElementType());
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

LogicalResult EstimateAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   IntegerAttr inputTokens, IntegerAttr outputTokens,
                                   FloatAttr costUsd, FloatAttr latencyMs, FloatAttr memoryMb) {
  for (IntegerAttr tokens : {inputTokens, outputTokens})
    if (tokens && (!tokens.getType().isSignlessInteger(64) || tokens.getInt() < 0))
      return emitError() << "estimated tokens must be an i64 that is not negative (got " << tokens
                         << ")";
  for (FloatAttr figure : {costUsd, latencyMs, memoryMb})
    if (figure && (!figure.getType().isF64() || !std::isfinite(figure.getValueAsDouble()) ||
                   figure.getValueAsDouble() < 0))
      return emitError() << "an estimate must be a finite f64 that is not negative (got " << figure
                         << ")";
  return success();
}

/// The name among `known` that is nearest to `name`.
static StringRef nearest(StringRef name, ArrayRef<StringRef> known) {
  return *llvm::min_element(known, [&](StringRef a, StringRef b) {
    return name.edit_distance(a) < name.edit_distance(b);
  });
}

/// The first string in `attribute` that is not UTF-8.
static StringAttr findInvalidText(Attribute attribute) {
  if (auto text = dyn_cast<StringAttr>(attribute))
    return llvm::json::isUTF8(text.strref()) ? StringAttr() : text;
  if (auto array = dyn_cast<ArrayAttr>(attribute))
    for (Attribute element : array)
      if (StringAttr invalid = findInvalidText(element))
        return invalid;
  return {};
}

static LogicalResult verifyText(Operation *op, NamedAttribute attribute) {
  StringAttr invalid = findInvalidText(attribute.getValue());
  if (!invalid)
    return success();
  size_t offset = 0;
  (void)llvm::json::isUTF8(invalid.strref(), &offset);
  return op->emitOpError("attribute '")
         << attribute.getName().getValue() << "' must be UTF-8 (got an invalid byte at offset "
         << offset << ")";
}

LogicalResult xcs::detail::verifyCheckedAttributes(Operation *op) {
  for (NamedAttribute attribute : op->getDiscardableAttrDictionary()) {
    StringRef name = attribute.getName();
    if (name.contains('.'))
      continue;
    SmallVector<StringRef> parameters;
    for (StringAttr parameter : op->getRegisteredInfo()->getAttributeNames())
      parameters.push_back(parameter);
    InFlightDiagnostic error = op->emitOpError("must have no attribute it does not know (got '")
                               << name << "'";
    if (!parameters.empty())
      error << "; the nearest is '" << nearest(name, parameters) << "'";
    return error << ")";
  }
  // Asking by name builds no dictionary, of which a million would be noticed.
  for (StringAttr name : op->getRegisteredInfo()->getAttributeNames())
    if (Attribute value = op->getInherentAttr(name).value_or(nullptr))
      if (failed(verifyText(op, {name, value})))
        return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Discardable attributes around a program
//===----------------------------------------------------------------------===//

namespace {
struct KnownAttribute {
  StringRef name;
  bool (*isValid)(Attribute);
  StringRef rule; ///< what it must be
};
} // namespace

static bool isText(Attribute value) { return isa<StringAttr>(value); }
static bool isFlag(Attribute value) { return isa<BoolAttr>(value); }
static bool isUnit(Attribute value) { return isa<UnitAttr>(value); }
static bool isCountList(Attribute value) {
  auto list = dyn_cast<DenseI64ArrayAttr>(value);
  return list && llvm::all_of(list.asArrayRef(), [](int64_t number) { return number >= 0; });
}
static bool isTextList(Attribute value) {
  auto list = dyn_cast<ArrayAttr>(value);
  return list && llvm::all_of(list, isText);
}
static bool isCount(Attribute value) {
  auto number = dyn_cast<IntegerAttr>(value);
  return number && number.getType().isSignlessInteger(64) && number.getInt() >= 0;
}
static bool isFigure(Attribute value) {
  auto number = dyn_cast<FloatAttr>(value);
  return number && number.getType().isF64() && std::isfinite(number.getValueAsDouble()) &&
         number.getValueAsDouble() >= 0;
}
static bool isShare(Attribute value) {
  return isFigure(value) && cast<FloatAttr>(value).getValueAsDouble() <= 1;
}
static bool isAllow(Attribute value) {
  auto text = dyn_cast<StringAttr>(value);
  return text && symbolizeAllow(text.strref());
}

static constexpr StringRef figureRule = "a finite f64 that is not negative";
static const KnownAttribute functionAttributes[] = {
    {"xcs_llm.budget_usd", isFigure, figureRule},
    {"xcs_llm.deadline_ms", isFigure, figureRule},
    {"xcs_llm.min_quality", isShare, "an f64 from 0 to 1"},
    {"xcs_llm.allow", isAllow, "\"lossless\", \"distribution\" or \"quality\""},
    {"xcs_llm.task", isText, "a string"},
    {"xcs_llm.pure", isUnit, "a unit attribute"},
    {"xcs_llm.latency_ms", isFigure, figureRule}};
static const KnownAttribute valueAttributes[] = {
    {"xcs_llm.name", isText, "a string"},
    {"xcs_llm.tokens", isCount, "an i64 that is not negative"},
    {"xcs_llm.count", isCount, "an i64 that is not negative"}};
static const KnownAttribute moduleAttributes[] = {
    {"xcs_llm.passes", isTextList, "a list of strings"}};
static const KnownAttribute modelAttributes[] = {
    {"xcs_llm.supports_response_schema", isFlag, "true or false"}};
static const KnownAttribute callAttributes[] = {
    {"xcs_llm.item_output_tokens", isCountList, "an array of i64 that are not negative"},
    {"xcs_llm.sample_ids", isCountList, "an array of i64 that are not negative"}};

static const KnownAttribute decisionAttributes[] = {
    {"xcs_llm.cancel", isUnit, "a unit attribute"}};

/// Whether a part of what `op` waits for may decide its result.
static bool mayBeDecidedEarly(Operation *op) {
  if (auto ensemble = dyn_cast<EnsembleOp>(op))
    return llvm::is_contained({EnsemblePolicy::First, EnsemblePolicy::Majority},
                              ensemble.getPolicy());
  return isa<arith::AndIOp, arith::OrIOp>(op) && op->getResult(0).getType().isSignlessInteger(1);
}

/// Checks an attribute of `owner` against those known in its place.
static LogicalResult verifyKnown(Operation *op, const Twine &owner, NamedAttribute attribute,
                                 ArrayRef<KnownAttribute> known) {
  StringRef name = attribute.getName();
  const KnownAttribute *entry =
      llvm::find_if(known, [&](const KnownAttribute &candidate) { return candidate.name == name; });
  if (entry == known.end()) {
    auto names = llvm::map_to_vector(known, [](const KnownAttribute &entry) { return entry.name; });
    return op->emitOpError() << "attribute of " << owner
                             << " must be one that this dialect knows there (got '" << name
                             << "'; the nearest is '" << nearest(name, names) << "')";
  }
  if (!entry->isValid(attribute.getValue()))
    return op->emitOpError() << "'" << name << "' must be " << entry->rule << " (got "
                             << attribute.getValue() << ")";
  return verifyText(op, attribute);
}

LogicalResult XcsLLMDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  if (isa<ModuleOp>(op))
    return verifyKnown(op, "a module", attribute, moduleAttributes);
  if (isa<ModelOp>(op))
    return verifyKnown(op, "a model", attribute, modelAttributes);
  if (isa<LLMCallOpInterface>(op))
    return verifyKnown(op, "a call", attribute, callAttributes);
  if (mayBeDecidedEarly(op))
    return verifyKnown(op, "what may be decided early", attribute, decisionAttributes);
  StringRef name = attribute.getName();
  if (!isa<FunctionOpInterface>(op))
    return op->emitOpError() << "must have no attribute of 'xcs_llm' (got '" << name << "')";
  bool ofTool = llvm::is_contained({"xcs_llm.task", "xcs_llm.pure", "xcs_llm.latency_ms"}, name);
  // The function itself has not been verified yet.
  if (ofTool && op->getNumRegions() == 1 && !op->getRegion(0).empty())
    return op->emitOpError() << "'" << name
                             << "' must be on a tool, a function without a body (got one with)";
  return verifyKnown(op, "a function", attribute, functionAttributes);
}

LogicalResult XcsLLMDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned index,
                                                      NamedAttribute attribute) {
  return verifyKnown(op, "argument #" + Twine(index), attribute, valueAttributes);
}

LogicalResult XcsLLMDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned index,
                                                         NamedAttribute attribute) {
  return verifyKnown(op, "result #" + Twine(index), attribute, valueAttributes);
}

//===----------------------------------------------------------------------===//
// Interfaces of the dialect
//===----------------------------------------------------------------------===//

namespace {
/// Whatever is of this dialect may be inlined, but a callee with constraints or
/// leave of its own would lose them.
struct Inliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Region *destination, Region *source, bool, IRMapping &) const final {
    return haveEqualConstraints(destination, source);
  }
  bool isLegalToInline(Operation *op, Region *destination, bool, IRMapping &) const final {
    return haveEqualConstraints(destination, op->getParentRegion());
  }

private:
  static bool haveEqualConstraints(Region *destination, Region *source) {
    Operation *caller = getFunction(destination), *callee = getFunction(source);
    return llvm::all_of(ArrayRef<StringRef>{"xcs_llm.budget_usd", "xcs_llm.deadline_ms",
                                            "xcs_llm.min_quality", "xcs_llm.allow"},
                        [&](StringRef name) {
                          return (caller ? caller->getAttr(name) : nullptr) ==
                                 (callee ? callee->getAttr(name) : nullptr);
                        });
  }
  static Operation *getFunction(Region *region) {
    Operation *op = region->getParentOp();
    return isa<FunctionOpInterface>(op) ? op : op->getParentOfType<FunctionOpInterface>();
  }
};

// Pattern: an item of a constant list of texts is a text. Upstream folds it to a
// constant that it cannot build.
struct ExtractConstantText : OpRewritePattern<tensor::ExtractOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ExtractOp extract,
                                PatternRewriter &rewriter) const override {
    DenseElementsAttr list;
    if (!isa<TextType>(extract.getType()) || !matchPattern(extract.getTensor(), m_Constant(&list)))
      return rewriter.notifyMatchFailure(extract, "not of a constant list of texts");
    SmallVector<uint64_t> position;
    for (auto [index, size] : llvm::zip(extract.getIndices(), list.getType().getShape())) {
      std::optional<int64_t> known = getConstantIntValue(index);
      if (!known || *known < 0 || *known >= size)
        return rewriter.notifyMatchFailure(extract, "index is not known, or out of range");
      position.push_back(*known);
    }
    auto text = cast<StringAttr>(list.getValues<Attribute>()[position]);
    if (!llvm::json::isUTF8(text.strref()))
      return rewriter.notifyMatchFailure(extract, "the item is not UTF-8");
    rewriter.replaceOpWithNewOp<TextOp>(extract, rewriter.getStringAttr(text.strref()));
    return success();
  }
};
} // namespace

void XcsLLMDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "XcsLLM/Dialect/XcsLLMTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "XcsLLM/Dialect/XcsLLMAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "XcsLLM/Dialect/XcsLLMOps.cpp.inc"
      >();
  addInterfaces<Inliner>();
}

void XcsLLMDialect::getCanonicalizationPatterns(RewritePatternSet &patterns) const {
  patterns.add<ExtractConstantText>(getContext());
  populateDataCanonicalizations(patterns);
  populateControlCanonicalizations(patterns);
}

Operation *XcsLLMDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type,
                                              Location loc) {
  if (auto text = dyn_cast<StringAttr>(value); text && isa<TextType>(type))
    return TextOp::create(builder, loc, builder.getStringAttr(text.strref()));
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

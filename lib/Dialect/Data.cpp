//===- Data.cpp - Models, texts, templates and parses -----------------------===//

#include "Detail.h"
#include "XcsLLM/Dialect/Constants.h"
#include "XcsLLM/Support/Text.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// model
//===----------------------------------------------------------------------===//

LogicalResult ModelOp::verify() {
  if (getName().empty())
    return emitOpError("must have a name (got \"\")");
  // The first model of the module checks them all, which keeps this linear.
  for (Operation *op = (*this)->getPrevNode(); op; op = op->getPrevNode())
    if (isa<ModelOp>(op))
      return success();
  DenseMap<StringAttr, ModelOp> declared;
  for (auto model : (*this)->getBlock()->getOps<ModelOp>()) {
    // One without a name is an error of its own, still to come.
    if (!model.getNameAttr())
      continue;
    auto [first, isNew] = declared.try_emplace(model.getNameAttr(), model);
    if (isNew)
      continue;
    InFlightDiagnostic error = model.emitOpError("must be declared once (got a second '")
                               << model.getName() << "')";
    error.attachNote(first->second.getLoc()) << "first declared here";
    return error;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// text
//===----------------------------------------------------------------------===//

OpFoldResult TextOp::fold(FoldAdaptor) { return getValueAttr(); }

//===----------------------------------------------------------------------===//
// prompt_template
//===----------------------------------------------------------------------===//

LogicalResult PromptTemplateOp::verify() {
  llvm::Expected<TemplateParts> parts = parseTemplate(getFormat());
  if (!parts)
    return emitOpError() << llvm::toString(parts.takeError());
  if (parts->names.size() != getValues().size())
    return emitOpError("must have one operand for each distinct placeholder (got ")
           << getValues().size() << " operands for " << parts->names.size() << " placeholders)";
  return success();
}

// Constants beyond these stay as they are: a splat may stand for any number of
// items, and only integers up to 2^53 are numbers of RFC 8785.
static constexpr int64_t maxFoldedItems = 1 << 16;
static constexpr int64_t maxExactInteger = int64_t(1) << 53;

std::optional<std::string> xcs::printConstant(Attribute constant, StringRef separator) {
  using Text = std::optional<std::string>;
  return TypeSwitch<Attribute, Text>(constant)
      .Case([](StringAttr text) -> Text {
        // Nobody has checked the items of a list.
        return llvm::json::isUTF8(text.strref()) ? Text(text.str()) : std::nullopt;
      })
      .Case([](BoolAttr flag) { return flag.getValue() ? "true" : "false"; })
      .Case([](IntegerAttr number) -> Text {
        int64_t value = number.getInt();
        bool isExact = -maxExactInteger <= value && value <= maxExactInteger;
        return isExact ? Text(std::to_string(value)) : std::nullopt;
      })
      .Case([](FloatAttr number) -> Text {
        double value = number.getValueAsDouble();
        return std::isfinite(value) ? Text(formatNumber(value)) : std::nullopt;
      })
      .Case([&](DenseElementsAttr list) -> Text {
        if (list.getNumElements() > maxFoldedItems)
          return std::nullopt;
        SmallVector<std::string> items;
        for (Attribute item : list.getValues<Attribute>()) {
          Text text = printConstant(item, separator);
          if (!text)
            return std::nullopt;
          items.push_back(*text);
        }
        return llvm::join(items, separator);
      })
      .Default([](Attribute) { return std::nullopt; });
}

OpFoldResult PromptTemplateOp::fold(FoldAdaptor adaptor) {
  SmallVector<std::string> texts;
  for (Attribute constant : adaptor.getValues())
    if (auto text = constant ? printConstant(constant, getSeparator()) : std::nullopt)
      texts.push_back(std::move(*text));
  bool isConstant = texts.size() == getValues().size();
  bool mayRepeat = getValues().size() == 1 && isa<TextType>(getValues().front().getType()) &&
                   getFormat().starts_with("{");
  if (!isConstant && !mayRepeat)
    return {};
  llvm::Expected<TemplateParts> parts = parseTemplate(getFormat());
  if (!parts) {
    llvm::consumeError(parts.takeError());
    return {};
  }
  if (isConstant)
    return StringAttr::get(getContext(), parts->render(texts));
  // Pattern: a template that only repeats its text is the text.
  if (parts->slots.size() == 1 &&
      llvm::all_of(parts->literals, [](const std::string &literal) { return literal.empty(); }))
    return getValues().front();
  return {};
}

//===----------------------------------------------------------------------===//
// parse_response
//===----------------------------------------------------------------------===//

/// Whether `constant` stands for a value of `type`.
static bool isConstantOf(Attribute constant, Type type) {
  if (auto list = dyn_cast<RankedTensorType>(type)) {
    auto items = dyn_cast<ArrayAttr>(constant);
    return items && (list.isDynamicDim(0) || list.getDimSize(0) == int64_t(items.size())) &&
           llvm::all_of(items,
                        [&](Attribute item) { return isConstantOf(item, list.getElementType()); });
  }
  if (auto text = dyn_cast<StringAttr>(constant))
    return isa<TextType>(type) && isa<NoneType>(text.getType());
  if (auto number = dyn_cast<FloatAttr>(constant))
    return number.getType() == type && std::isfinite(number.getValueAsDouble());
  auto number = dyn_cast<IntegerAttr>(constant);
  return number && number.getType() == type;
}

/// Why `pointer` is no RFC 6901 pointer, or null.
static const char *pointerError(StringRef pointer) {
  if (!pointer.empty() && !pointer.starts_with("/"))
    return "must be empty or begin with '/'";
  for (size_t at = pointer.find('~'); at != StringRef::npos; at = pointer.find('~', at + 1))
    if (pointer.substr(at + 1, 1) != "0" && pointer.substr(at + 1, 1) != "1")
      return "must escape '~' as '~0'";
  return nullptr;
}

LogicalResult ParseResponseOp::verify() {
  ParseFormat format = getFormat();
  bool takesSelector = format == ParseFormat::Json || format == ParseFormat::Regex;
  if (takesSelector != getSelector().has_value())
    return emitOpError() << "as '" << stringifyParseFormat(format) << "' must have "
                         << (takesSelector ? "a selector (got none)" : "no selector (got one)");
  if ((format == ParseFormat::Choice) != getChoices().has_value())
    return emitOpError() << "must have 'choices' if and only if it reads a 'choice' (got '"
                         << stringifyParseFormat(format) << "' "
                         << (getChoices() ? "with" : "without") << " choices)";
  if (ArrayAttr choices = getChoicesAttr()) {
    llvm::StringSet<> known;
    for (auto choice : choices.getAsRange<StringAttr>())
      if (choice.empty() || !known.insert(choice.strref().lower()).second)
        return emitOpError("must have distinct choices that are not empty (got ") << choices << ")";
    if (choices.empty())
      return emitOpError("must have at least one choice (got none)");
  }
  if (format == ParseFormat::Json)
    if (const char *error = pointerError(*getSelector()))
      return emitOpError("JSON pointer ") << error << " (got '" << *getSelector() << "')";
  if (format == ParseFormat::Regex)
    if (std::string error = regexError(*getSelector()); !error.empty())
      return emitOpError("pattern must be RE2 syntax (got '")
             << *getSelector() << "': " << error << ")";

  Type type = getResult().getType();
  auto expect = [&](bool right, StringRef types) -> LogicalResult {
    return right ? success()
                 : emitOpError() << "as '" << stringifyParseFormat(format) << "' must give "
                                 << types << " (got " << type << ")";
  };
  bool isNumber = type.isF64() || type.isInteger(64);
  LogicalResult typed = success();
  switch (format) {
  case ParseFormat::Text:
    typed = expect(isa<TextType>(type), "a text");
    break;
  case ParseFormat::Number:
    typed = expect(isNumber, "f64 or i64");
    break;
  case ParseFormat::Boolean:
    typed = expect(type.isInteger(1), "i1");
    break;
  case ParseFormat::Choice:
    typed = expect(type.isInteger(64), "i64");
    break;
  case ParseFormat::Regex:
    typed = expect(!isa<RankedTensorType>(type), "text, number or flag");
    break;
  case ParseFormat::Json:
    break;
  }
  if (failed(typed))
    return failure();
  if (Attribute otherwise = getOtherwiseAttr(); otherwise && !isConstantOf(otherwise, type))
    return emitOpError("'otherwise' must be a constant of the result's type ")
           << type << " (got " << otherwise << ")";
  return success();
}

/// The text as a constant of `type`, if it can be read so.
static Attribute convert(StringRef text, Type type) {
  if (isa<TextType>(type))
    return StringAttr::get(type.getContext(), text);
  if (type.isInteger(1)) {
    std::optional<bool> flag = readBoolean(text);
    return flag ? BoolAttr::get(type.getContext(), *flag) : Attribute();
  }
  std::optional<Number> number = readNumber(text);
  if (!number)
    return {};
  if (type.isF64())
    return FloatAttr::get(type, number->value);
  return number->integer ? IntegerAttr::get(type, *number->integer) : Attribute();
}

/// The scalar as a constant of `type`, if it is of that kind.
static Attribute getConstant(const JsonScalar &scalar, Type type) {
  MLIRContext *context = type.getContext();
  if (auto *text = std::get_if<std::string>(&scalar))
    return isa<TextType>(type) ? StringAttr::get(context, *text) : Attribute();
  if (auto *flag = std::get_if<bool>(&scalar))
    return type.isInteger(1) ? BoolAttr::get(context, *flag) : Attribute();
  auto &number = std::get<Number>(scalar);
  if (type.isF64())
    return FloatAttr::get(type, number.value);
  return type.isInteger(64) && number.integer ? IntegerAttr::get(type, *number.integer)
                                              : Attribute();
}

/// What the pointer selects as a constant of `type`, if it is of that kind.
static Attribute getConstant(const JsonSelection &selection, Type type) {
  auto list = dyn_cast<RankedTensorType>(type);
  if (!list)
    return selection.isList ? Attribute() : getConstant(selection.items.front(), type);
  if (!selection.isList || list.getDimSize(0) != int64_t(selection.items.size()))
    return {};
  SmallVector<Attribute> items;
  for (const JsonScalar &item : selection.items)
    if (!items.emplace_back(getConstant(item, list.getElementType())))
      return {};
  return DenseElementsAttr::get(list, items);
}

OpFoldResult ParseResponseOp::fold(FoldAdaptor adaptor) {
  auto response = dyn_cast_if_present<StringAttr>(adaptor.getResponse());
  if (!response)
    return {};
  Type type = getResult().getType();
  Attribute read;
  switch (getFormat()) {
  case ParseFormat::Text:
    return StringAttr::get(getContext(), readText(response));
  case ParseFormat::Number:
  case ParseFormat::Boolean:
    read = convert(response, type);
    break;
  case ParseFormat::Choice: {
    auto choices = llvm::to_vector(getChoicesAttr().getAsValueRange<StringAttr>());
    if (std::optional<int64_t> index = readChoice(response, choices))
      read = IntegerAttr::get(type, *index);
    break;
  }
  case ParseFormat::Json:
    // What is selected from less than a whole document is for the runtime to say.
    if (auto selection = selectJson(response, *getSelector()))
      return getConstant(*selection, type);
    return {};
  case ParseFormat::Regex:
    if (std::optional<std::string> found = readRegex(response, *getSelector()))
      read = convert(*found, type);
    break;
  }
  // A parse that would fail is never folded.
  return read ? read : getOtherwiseAttr();
}

namespace {
// Pattern: a list that is read from a constant has a known length, which the
// type may not tell.
struct ReadKnownList : OpRewritePattern<ParseResponseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ParseResponseOp parse, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(parse.getType());
    StringAttr response;
    if (!type || type.hasStaticShape() || !matchPattern(parse.getResponse(), m_Constant(&response)))
      return rewriter.notifyMatchFailure(parse, "reads no list of unknown length from a constant");
    auto selection = selectJson(response, *parse.getSelector());
    if (!selection || !selection->isList)
      return rewriter.notifyMatchFailure(parse, "is not known to read a list");
    int64_t length = selection->items.size();
    auto known = RankedTensorType::get(length, type.getElementType());
    Attribute items = getConstant(*selection, known);
    if (!items)
      return rewriter.notifyMatchFailure(parse, "items are of another kind");
    auto list = arith::ConstantOp::create(rewriter, parse.getLoc(), cast<TypedAttr>(items));
    rewriter.replaceOpWithNewOp<tensor::CastOp>(parse, type, list);
    return success();
  }
};
} // namespace

void xcs::populateDataCanonicalizations(RewritePatternSet &patterns) {
  patterns.add<ReadKnownList>(patterns.getContext());
}

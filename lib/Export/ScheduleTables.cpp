//===- ScheduleTables.cpp - What tasks of a schedule refer to --------------===//

#include "ScheduleTables.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace xcs;

std::vector<std::string_view> xcs::viewTexts(ArrayAttr texts) {
  std::vector<std::string_view> views;
  for (auto text : texts.getAsRange<StringAttr>())
    views.push_back(view(text));
  return views;
}

LogicalResult xcs::checkName(Operation *op, StringRef name) {
  size_t offset = 0;
  if (llvm::json::isUTF8(name, &offset))
    return success();
  return op->emitOpError("name must be UTF-8 (got an invalid byte at offset ") << offset << ")";
}

ScheduleTables::ScheduleTables(ModuleOp module, ModelTable &modelTable,
                               schedule::Document &document)
    : document(document), modelTable(modelTable), symbols(module) {
  for (auto model : module.getOps<ModelOp>())
    declaredModels[model.getNameAttr()] = model;
  for (auto function : module.getOps<func::FuncOp>())
    impureToolDeclared |= function.isExternal() && !isPureTool(function);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The name of a scalar's type, or nothing if it has none.
static std::string_view getScalarName(Type type) {
  return llvm::TypeSwitch<Type, std::string_view>(type)
      .Case([](TextType) { return "text"; })
      .Case([](IndexType) { return "index"; })
      .Case([](Float32Type) { return "f32"; })
      .Case([](Float64Type) { return "f64"; })
      .Case([](IntegerType integer) -> std::string_view {
        if (!integer.isSignless())
          return {};
        switch (integer.getWidth()) {
        case 1: return "i1";
        case 8: return "i8";
        case 16: return "i16";
        case 32: return "i32";
        case 64: return "i64";
        default: return {};
        }
      })
      .Default([](Type) { return std::string_view(); });
}

FailureOr<const schedule::Type *> ScheduleTables::getType(Operation *op, Type type) {
  auto [known, isNew] = types.try_emplace(type, nullptr);
  if (known->second)
    return known->second;
  auto list = dyn_cast<RankedTensorType>(type);
  schedule::Type converted{getScalarName(list ? list.getElementType() : type), std::nullopt};
  if (converted.item.empty() || (list && list.getEncoding()))
    return op->emitOpError("must have values of text, i1, i8, i16, i32, i64, index, f32, f64 or "
                           "lists of these to have a form in a schedule (got ")
           << type << ")";
  if (list) {
    converted.shape.emplace();
    for (int64_t size : list.getShape())
      converted.shape->push_back(ShapedType::isDynamic(size) ? schedule::Type::unknownSize : size);
  }
  return known->second = &*document.types.insert(std::move(converted)).first;
}

LogicalResult ScheduleTables::getTypes(Operation *op, TypeRange types,
                                       std::vector<const schedule::Type *> &converted) {
  for (Type type : types) {
    FailureOr<const schedule::Type *> one = getType(op, type);
    if (failed(one))
      return failure();
    converted.push_back(*one);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Texts, templates, constants
//===----------------------------------------------------------------------===//

uint32_t ScheduleTables::getText(StringAttr text) {
  auto [known, isNew] = texts.try_emplace(text, document.texts.size());
  if (isNew)
    document.texts.push_back(view(text));
  return known->second;
}

uint32_t ScheduleTables::getTemplate(StringAttr format) {
  auto [known, isNew] = templates.try_emplace(format, document.templates.size());
  if (!isNew)
    return known->second;
  // The operation that it is of verified, so it can be taken apart.
  TemplateParts parts = llvm::cantFail(parseTemplate(format));
  schedule::Template &added = document.templates.emplace_back();
  added.format = view(format);
  added.literals.assign(parts.literals.begin(), parts.literals.end());
  added.slots.assign(parts.slots.begin(), parts.slots.end());
  for (StringRef name : parts.names)
    added.names.push_back(name.str());
  return known->second;
}

LogicalResult ScheduleTables::addScalar(Operation *op, Attribute value,
                                        std::vector<schedule::Scalar> &items) {
  if (auto flag = dyn_cast<BoolAttr>(value)) {
    items.emplace_back(flag.getValue());
  } else if (auto integer = dyn_cast<IntegerAttr>(value)) {
    items.emplace_back(integer.getValue().getSExtValue());
  } else if (auto number = dyn_cast<FloatAttr>(value)) {
    if (!number.getValue().isFinite())
      return op->emitOpError("must be finite to have a form in a schedule (got ") << value << ")";
    items.emplace_back(number.getValueAsDouble());
  } else if (auto text = dyn_cast<StringAttr>(value)) {
    size_t offset = 0;
    if (!llvm::json::isUTF8(text, &offset))
      return op->emitOpError("text must be UTF-8 (got an invalid byte at offset ") << offset << ")";
    items.emplace_back(view(text));
  } else {
    return op->emitOpError("must be a number, flag or text to have a form in a schedule (got ")
           << value << ")";
  }
  return success();
}

FailureOr<schedule::Constant> ScheduleTables::convert(Operation *op, Attribute value, Type type) {
  FailureOr<const schedule::Type *> converted = getType(op, type);
  if (failed(converted))
    return failure();
  schedule::Constant constant{*converted, {}};
  auto add = [&](Attribute item) { return addScalar(op, item, constant.items); };
  LogicalResult added = success();
  if (auto list = dyn_cast<DenseElementsAttr>(value)) {
    constant.isSplat = list.isSplat() && list.getNumElements() > 1;
    if (constant.isSplat)
      added = add(list.getSplatValue<Attribute>());
    else
      for (Attribute item : list.getValues<Attribute>())
        if (failed(added = add(item)))
          break;
  } else if (auto list = dyn_cast<ArrayAttr>(value)) {
    for (Attribute item : list)
      if (failed(added = add(item)))
        break;
  } else {
    added = add(value);
  }
  if (failed(added))
    return failure();
  return constant;
}

FailureOr<schedule::Reference> ScheduleTables::getConstant(Operation *op) {
  using Kind = schedule::Reference::Kind;
  if (auto text = dyn_cast<TextOp>(op))
    return schedule::Reference{Kind::Text, getText(text.getValueAttr()), 0, std::nullopt};
  return getConstant(op, cast<arith::ConstantOp>(op).getValue());
}

FailureOr<schedule::Reference> ScheduleTables::getConstant(Operation *op, TypedAttr value) {
  using Kind = schedule::Reference::Kind;
  bool isList = isa<ShapedType>(value.getType());
  auto &known = isList ? lists : literals;
  auto &table = isList ? document.lists : document.literals;
  auto [entry, isNew] = known.try_emplace(value, table.size());
  if (isNew) {
    FailureOr<schedule::Constant> converted = convert(op, value, value.getType());
    if (failed(converted))
      return failure();
    table.push_back(std::move(*converted));
  }
  return schedule::Reference{isList ? Kind::List : Kind::Literal, entry->second, 0, std::nullopt};
}

//===----------------------------------------------------------------------===//
// Models and tools
//===----------------------------------------------------------------------===//

void ScheduleTables::addModel(LLMCallOpInterface call) {
  StringAttr name = call.getModelAttr();
  auto [model, isNew] = document.models.try_emplace(view(name));
  if (!isNew)
    return;
  describeModel(modelTable.lookup(name), declaredModels.lookup(name), document, model->second);
  if (StringRef nearest = modelTable.findNearest(name); !nearest.empty())
    call.emitWarning("nothing is known of model ")
        << name << ", nor what it costs; did you mean \"" << nearest << "\"?";
}

const schedule::NamedPool *ScheduleTables::getPool(const ModelEntry &model) {
  if (!model.requestsPerMin && !model.tokensPerMin && !model.maxConcurrency)
    return nullptr;
  auto [pool, isNew] = document.pools.try_emplace(keep(model.name));
  if (isNew)
    pool->second = {model.requestsPerMin, model.tokensPerMin, model.maxConcurrency};
  return &*pool;
}

func::FuncOp ScheduleTables::getCallee(func::CallOp call) const {
  return symbols.lookup<func::FuncOp>(call.getCalleeAttr().getAttr());
}

bool ScheduleTables::callsImpureTool(func::CallOp call) const {
  func::FuncOp callee = getCallee(call);
  return callee && callee.isExternal() && !isPureTool(callee);
}

/// Whether running `callee` leads to a call of `function`.
bool ScheduleTables::leadsTo(func::FuncOp callee, func::FuncOp function) const {
  llvm::SetVector<func::FuncOp> reached;
  reached.insert(callee);
  for (unsigned next = 0; next < reached.size(); ++next) {
    func::FuncOp current = reached[next];
    current.walk([&](func::CallOp call) {
      if (func::FuncOp further = getCallee(call))
        reached.insert(further);
    });
  }
  return reached.contains(function);
}

LogicalResult ScheduleTables::checkTool(func::CallOp call, func::FuncOp callee) const {
  auto name = [&] { return ("'@" + callee.getName() + "'").str(); };
  if (!callee.isExternal()) {
    auto caller = call->getParentOfType<func::FuncOp>();
    if (leadsTo(callee, caller))
      return call.emitOpError("must not be recursive to have a form in a schedule (got ")
             << name() << ", which leads back to '@" << caller.getName() << "')";
    return call.emitOpError("must call a tool to have a form in a schedule (got ")
           << name() << ", which has a body; '--inline' puts it in place)";
  }
  if (!callee->hasAttr("xcs_llm.task"))
    return call.emitOpError("must call a tool with a task for the scheduler (got ")
           << name() << " without 'xcs_llm.task')";
  return checkName(callee, callee.getName());
}

LogicalResult ScheduleTables::addTool(func::CallOp call) {
  func::FuncOp callee = getCallee(call);
  if (tools.contains(callee))
    return success();
  if (failed(checkTool(call, callee)))
    return failure();
  schedule::Tool tool;
  tool.task = view(callee->getAttrOfType<StringAttr>("xcs_llm.task"));
  tool.pure = isPureTool(callee);
  if (auto latency = callee->getAttrOfType<FloatAttr>("xcs_llm.latency_ms"))
    tool.latencyMs = latency.getValueAsDouble();
  if (failed(getTypes(callee, callee.getArgumentTypes(), tool.inputs)) ||
      failed(getTypes(callee, callee.getResultTypes(), tool.outputs)))
    return failure();
  tools.insert(callee);
  document.tools.emplace(view(callee.getName()), std::move(tool));
  return success();
}

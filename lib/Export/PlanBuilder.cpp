//===- PlanBuilder.cpp - A function as a plan ------------------------------===//
//
// The walk over a function, and what all its tasks have in common. Tasks.cpp
// has the forms of operations that compute, Scopes.cpp of those that control.
//
//===----------------------------------------------------------------------===//

#include "PlanBuilder.h"
#include "XcsLLM/Export/Export.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace xcs;
using schedule::Reference;

//===----------------------------------------------------------------------===//
// The plan itself
//===----------------------------------------------------------------------===//

static std::optional<std::string_view> getName(Attribute attribute) {
  auto name = dyn_cast_if_present<StringAttr>(attribute);
  return name ? std::optional(view(name)) : std::nullopt;
}

FailureOr<schedule::Port> PlanBuilder::getPort(Type type, DictionaryAttr attributes) {
  FailureOr<const schedule::Type *> converted = tables.getType(function, type);
  if (failed(converted))
    return failure();
  schedule::Port port{*converted, std::nullopt, std::nullopt, std::nullopt};
  if (attributes) {
    port.name = getName(attributes.get("xcs_llm.name"));
    port.tokens = getCount(attributes.get("xcs_llm.tokens"));
    port.count = getCount(attributes.get("xcs_llm.count"));
  }
  return port;
}

LogicalResult PlanBuilder::addPorts() {
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    FailureOr<schedule::Port> port = getPort(type, function.getArgAttrDict(index));
    if (failed(port))
      return failure();
    plan.inputs.push_back(*port);
  }
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    FailureOr<schedule::Port> port = getPort(type, function.getResultAttrDict(index));
    if (failed(port))
      return failure();
    plan.outputs.push_back(*port);
  }
  return success();
}

/// Marks the operations that have a call of an impure tool inside. Each is
/// marked once, whatever the number of calls.
void PlanBuilder::findImpureControl() {
  if (!tables.hasImpureTool())
    return;
  function.walk([&](func::CallOp call) {
    if (!tables.callsImpureTool(call))
      return;
    for (Operation *around = call->getParentOp(); around != function;
         around = around->getParentOp())
      if (!impureControl.insert(around).second)
        break;
  });
}

LogicalResult PlanBuilder::build() {
  if (failed(checkName(function, function.getName())))
    return failure();
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("must have one block to have a form in a schedule (got ")
           << function.getBody().getBlocks().size() << ")";
  plan.name = view(function.getName());
  plan.constraints.budgetUsd = getFigure(function->getAttr("xcs_llm.budget_usd"));
  plan.constraints.deadlineMs = getFigure(function->getAttr("xcs_llm.deadline_ms"));
  plan.constraints.minQuality = getFigure(function->getAttr("xcs_llm.min_quality"));
  plan.constraints.allow = getName(function->getAttr("xcs_llm.allow"));
  if (failed(addPorts()))
    return failure();
  findImpureControl();

  uint32_t root = addScope(schedule::ScopeKind::Plan);
  plan.scopes[root].when = schedule::When::PlanStarts;
  for (const schedule::Port &port : plan.inputs)
    plan.scopes[root].arguments.push_back(port.type);
  surroundings[root].executionProbability = 1.0;
  enter(function.getBody(), root, std::nullopt);
  while (!stack.empty()) {
    Operation *op = &*stack.back().next++;
    if (failed(op->hasTrait<OpTrait::IsTerminator>() ? leave(op) : visit(op)))
      return failure();
  }
  addCancellations();
  addEstimates();
  return success();
}

//===----------------------------------------------------------------------===//
// One operation
//===----------------------------------------------------------------------===//

LogicalResult PlanBuilder::visit(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([](TextOp) { return success(); })
      .Case([&](arith::ConstantOp op) { return buildConstant(op); })
      .Case([&](PromptTemplateOp op) { return buildTemplate(op); })
      .Case([&](LLMCallOpInterface op) { return buildCall(op); })
      .Case([&](ParseResponseOp op) { return buildParse(op); })
      .Case([&](BatchOp op) { return buildBatch(op); })
      .Case([&](EnsembleOp op) { return buildEnsemble(op); })
      .Case([&](CascadeOp op) { return buildCascade(op); })
      .Case([&](ChainOp op) { return buildChain(op); })
      .Case([&](ConditionalOp op) { return buildConditional(op); })
      .Case([&](CacheLookupOp op) { return buildLookup(op); })
      .Case([&](CacheStoreOp op) { return buildStore(op); })
      .Case([&](func::CallOp op) { return buildTool(op); })
      .Case([&](tensor::ConcatOp op) { return buildConcat(op); })
      .Case([&](tensor::ExtractSliceOp op) { return buildSlice(op); })
      .Case<tensor::FromElementsOp, tensor::ExtractOp, tensor::InsertOp, tensor::SplatOp,
            tensor::CastOp, tensor::DimOp>([&](Operation *op) { return buildTensor(op); })
      .Case([&](tensor::CollapseShapeOp op) -> LogicalResult {
        // The output's shape tells what was collapsed, up to one unknown size.
        if (int64_t unknown = op.getResultType().getNumDynamicDims(); unknown > 1)
          return op.emitOpError("must give at most one unknown size to have a form in a schedule (got ")
                 << unknown << ")";
        return buildTensor(op);
      })
      .Default([&](Operation *op) { return buildArith(op); });
}

FailureOr<Reference> PlanBuilder::refer(Value value) {
  using Kind = Reference::Kind;
  if (auto argument = dyn_cast<BlockArgument>(value))
    return Reference{Kind::Argument, scopes.lookup(argument.getOwner()),
                     argument.getArgNumber(), getTokens(value)};
  Operation *producer = value.getDefiningOp();
  auto task = tasks.find(producer);
  if (task == tasks.end())
    return tables.getConstant(producer);
  return Reference{Kind::Task, task->second,
                   cast<OpResult>(value).getResultNumber(), getTokens(value)};
}

LogicalResult PlanBuilder::refer(ValueRange values, std::vector<Reference> &references) {
  for (Value value : values) {
    FailureOr<Reference> reference = refer(value);
    if (failed(reference))
      return failure();
    references.push_back(*reference);
  }
  return success();
}

/// Where `op` stands, if its location tells. Files other than the document's
/// source are named.
static schedule::Location getLocation(Operation *op, StringRef source) {
  Location location = op->getLoc();
  while (true) {
    if (auto named = dyn_cast<NameLoc>(location))
      location = named.getChildLoc();
    else if (auto call = dyn_cast<CallSiteLoc>(location))
      location = call.getCallee();
    else if (auto fused = dyn_cast<FusedLoc>(location); fused && !fused.getLocations().empty())
      location = fused.getLocations().front();
    else
      break;
  }
  auto place = dyn_cast<FileLineColRange>(location);
  if (!place)
    return {};
  StringRef file = place.getFilename().strref();
  return {file == source ? std::string_view() : view(file), place.getStartLine(),
          place.getStartColumn()};
}

schedule::Planning &PlanBuilder::getPlanning(schedule::Task &task) {
  if (!task.planning)
    task.planning = std::make_unique<schedule::Planning>();
  return *task.planning;
}

/// The entries of `list` from `begin` on.
template <typename T>
static schedule::Slice getSlice(const std::vector<T> &list, size_t begin) {
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(list.size() - begin)};
}

/// A task starts after the tasks that its inputs come from, and an impure tool
/// after the one before it. Control that may run one takes part as a whole.
void PlanBuilder::setDependencies(schedule::Task &task, bool isImpure) {
  std::vector<uint32_t> &all = plan.dependencies;
  size_t begin = all.size();
  for (const Reference &input :
       ArrayRef(plan.references).slice(task.inputs.begin, task.inputs.size))
    if (input.kind == Reference::Kind::Task)
      all.push_back(input.index);
  if (isImpure && stack.back().impure)
    all.push_back(*stack.back().impure);
  std::sort(all.begin() + begin, all.end());
  all.erase(std::unique(all.begin() + begin, all.end()), all.end());
  task.dependsOn = getSlice(all, begin);
}

LogicalResult PlanBuilder::addTask(Operation *op, schedule::TaskKind kind, ValueRange inputs,
                                   schedule::Details details) {
  uint32_t index = plan.tasks.size(), scope = stack.back().scope;
  schedule::Task &task = plan.tasks.emplace_back();
  task.kind = kind;
  task.number = ++taskNumbers[static_cast<unsigned>(kind)];
  task.scope = scope;
  task.details = std::move(details);
  task.location = getLocation(op, tables.getSourceFile());
  size_t firstInput = plan.references.size(), firstOutput = plan.types.size();
  if (failed(refer(inputs, plan.references)) ||
      failed(tables.getTypes(op, op->getResultTypes(), plan.types)))
    return failure();
  task.inputs = getSlice(plan.references, firstInput);
  task.outputs = getSlice(plan.types, firstOutput);
  auto call = dyn_cast<func::CallOp>(op);
  bool isImpure = call ? tables.callsImpureTool(call) : impureControl.contains(op);
  setDependencies(task, isImpure);
  if (isImpure)
    stack.back().impure = index;
  const Surroundings &around = surroundings[scope];
  if (around.executionProbability && *around.executionProbability < 1)
    getPlanning(task).executionProbability = around.executionProbability;
  if (around.localityScope)
    getPlanning(task).localityScope = around.localityScope;
  tasks[op] = index;
  return success();
}

//===----------------------------------------------------------------------===//
// The document
//===----------------------------------------------------------------------===//

FailureOr<schedule::Document> xcs::buildSchedule(ModuleOp module, StringRef sourceFile,
                                                 StringRef sourceHash, const Catalog &catalog) {
  schedule::Document document;
  document.sourceFile = sourceFile.str();
  document.sourceHash = sourceHash.str();
  if (auto passes = module->getAttrOfType<ArrayAttr>("xcs_llm.passes"))
    document.passes = viewTexts(passes);
  CostModel costs(module, catalog);
  if (failed(costs.verifyPrices()))
    return failure();
  ScheduleTables tables(module, costs.getModels(), document);
  for (Operation &op : *module.getBody()) {
    if (isa<ModelOp>(op))
      continue;
    auto function = dyn_cast<func::FuncOp>(op);
    if (!function)
      return op.emitOpError("must be a function or a model to have a form in a schedule");
    if (function.isExternal())
      continue;
    document.plans.emplace_back();
    const ProgramCost &cost = costs.getCost(function);
    if (failed(PlanBuilder(tables, function, cost, document.plans.back()).build()))
      return failure();
  }
  return document;
}

//===- Tasks.cpp - Calls and computations as tasks -------------------------===//

#include "PlanBuilder.h"
#include "XcsLLM/Analysis/Decisions.h"
#include "XcsLLM/Analysis/SampleIds.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace xcs;
using schedule::TaskKind;

//===----------------------------------------------------------------------===//
// Calls to models
//===----------------------------------------------------------------------===//

/// What `generate` and `score` share.
template <typename CallOp>
static void addSampling(CallOp op, ScheduleTables &tables, schedule::Request &request) {
  for (auto role : op.getRoles().template getAsRange<RoleAttr>())
    request.roles.push_back(view(stringifyRole(role.getValue())));
  request.samples = getCount(op.getNAttr());
  request.temperature = getFigure(op.getTemperatureAttr());
  request.topP = getFigure(op.getTopPAttr());
  request.maxTokens = getCount(op.getMaxTokensAttr());
  request.seed = getCount(op.getSeedAttr());
  if (ArrayAttr stop = op.getStopAttr())
    request.stop = viewTexts(stop);
  if (StringAttr schema = op.getResponseSchemaAttr())
    request.responseSchema = tables.getText(schema);
}

FailureOr<std::unique_ptr<schedule::Request>> PlanBuilder::getRequest(LLMCallOpInterface call) {
  if (!call.getModelAttr())
    return call.emitOpError("must name a model to have a form in a schedule (got none; model "
                            "selection chooses one)");
  tables.addModel(call);
  auto request = std::make_unique<schedule::Request>();
  request->model = view(call.getModelAttr());
  request->deterministic = call.isDeterministic();
  request->cacheable = call.getCacheable();
  request->noReuse = call.getNoReuse();
  request->batchCompatible = call.getBatchCompatible();
  request->fusionCompatible = call.getFusionCompatible();
  request->minQuality = getFigure(call.getMinQualityAttr());
  return request;
}

static schedule::Estimate getEstimate(EstimateAttr attribute) {
  schedule::Estimate estimate;
  estimate.inputTokens = getCount(attribute.getInputTokens());
  estimate.outputTokens = getCount(attribute.getOutputTokens());
  estimate.costUsd = getFigure(attribute.getCostUsd());
  estimate.latencyMs = getFigure(attribute.getLatencyMs());
  estimate.memoryMb = getFigure(attribute.getMemoryMb());
  return estimate;
}

/// The tier that `name` is of; it verified.
static schedule::ServiceTier getTier(StringRef name) {
  return llvm::StringSwitch<schedule::ServiceTier>(name)
      .Case("flex", schedule::ServiceTier::Flex)
      .Case("batch", schedule::ServiceTier::Batch)
      .Default(schedule::ServiceTier::Standard);
}

void PlanBuilder::addHints(LLMCallOpInterface call, schedule::Task &task) {
  if (call.getExpectedOutputTokensAttr())
    getPlanning(task).expectedOutputTokens = getCount(call.getExpectedOutputTokensAttr());
  if (call.getHitRateAttr())
    getPlanning(task).hitRate = getFigure(call.getHitRateAttr());
  if (StringAttr qualityTask = call.getQualityTaskAttr())
    getPlanning(task).qualityTask = view(qualityTask);
  if (StringAttr tier = call.getServiceTierAttr(); tier && tier.getValue() != "standard")
    getPlanning(task).serviceTier = getTier(tier);
  if (EstimateAttr estimate = call.getEstimateAttr())
    getPlanning(task).estimate = getEstimate(estimate);
}

LogicalResult PlanBuilder::buildCall(LLMCallOpInterface call) {
  FailureOr<std::unique_ptr<schedule::Request>> request = getRequest(call);
  if (failed(request))
    return failure();
  TaskKind kind = llvm::TypeSwitch<Operation *, TaskKind>(call)
                      .Case([&](GenerateOp op) {
                        addSampling(op, tables, **request);
                        return TaskKind::Generate;
                      })
                      .Case([&](ScoreOp op) {
                        addSampling(op, tables, **request);
                        if (ArrayAttr labels = op.getLabelsAttr())
                          (*request)->labels = viewTexts(labels);
                        return TaskKind::Score;
                      })
                      .Case([&](EmbedOp op) {
                        (*request)->dimensions =
                            cast<RankedTensorType>(op.getResult().getType()).getDimSize(0);
                        return TaskKind::Embed;
                      });
  if (failed(addTask(call, kind, call.getMessages(), std::move(*request))))
    return failure();
  addHints(call, plan.tasks.back());
  if (ArrayRef<int64_t> ids = getSampleIds(call); !ids.empty())
    plan.sampleIds[plan.tasks.size() - 1] = ids.vec();
  return success();
}

/// What a lookup and a store have in common.
template <typename CacheOp>
static std::unique_ptr<schedule::Cache> getCache(CacheOp op) {
  auto cache = std::make_unique<schedule::Cache>();
  cache->fingerprint = view(op.getFingerprint());
  cache->ttlS = getFigure(op.getTtlSAttr());
  if (op.getScope())
    cache->scope = view(*op.getScope());
  return cache;
}

LogicalResult PlanBuilder::buildLookup(CacheLookupOp op) {
  return addTask(op, TaskKind::CacheLookup, op.getKeys(), getCache(op));
}

LogicalResult PlanBuilder::buildStore(CacheStoreOp op) {
  return addTask(op, TaskKind::CacheStore, op->getOperands(), getCache(op));
}

LogicalResult PlanBuilder::buildTool(func::CallOp call) {
  if (failed(tables.addTool(call)))
    return failure();
  return addTask(call, TaskKind::Tool, call.getOperands(),
                 schedule::ToolUse{view(call.getCallee())});
}

//===----------------------------------------------------------------------===//
// Texts
//===----------------------------------------------------------------------===//

LogicalResult PlanBuilder::buildTemplate(PromptTemplateOp op) {
  schedule::Render render{tables.getTemplate(op.getFormatAttr()), std::nullopt, op.getReorder()};
  if (llvm::any_of(op.getValues().getTypes(), llvm::IsaPred<RankedTensorType>))
    render.separator = view(op.getSeparator());
  return addTask(op, TaskKind::Template, op.getValues(), render);
}

LogicalResult PlanBuilder::buildParse(ParseResponseOp op) {
  auto parse = std::make_unique<schedule::Parse>();
  parse->format = view(stringifyParseFormat(op.getFormat()));
  if (op.getSelector())
    parse->selector = view(*op.getSelector());
  if (ArrayAttr choices = op.getChoicesAttr())
    parse->choices = viewTexts(choices);
  if (Attribute otherwise = op.getOtherwiseAttr()) {
    FailureOr<schedule::Constant> constant =
        tables.convert(op, otherwise, op.getResult().getType());
    if (failed(constant))
      return failure();
    parse->otherwise = std::move(*constant);
  }
  if (failed(addTask(op, TaskKind::Parse, op.getResponse(), std::move(parse))))
    return failure();
  if (op.getExpectedOutputTokensAttr())
    getPlanning(plan.tasks.back()).expectedOutputTokens =
        getCount(op.getExpectedOutputTokensAttr());
  return success();
}

//===----------------------------------------------------------------------===//
// Numbers and lists
//===----------------------------------------------------------------------===//

static bool hasArithForm(Operation *op) {
  return isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::DivSIOp, arith::DivUIOp,
             arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp, arith::RemSIOp,
             arith::RemUIOp, arith::AndIOp, arith::OrIOp, arith::XOrIOp, arith::ShLIOp,
             arith::ShRSIOp, arith::ShRUIOp, arith::MaxSIOp, arith::MaxUIOp, arith::MinSIOp,
             arith::MinUIOp, arith::CmpIOp, arith::AddFOp, arith::SubFOp, arith::MulFOp,
             arith::DivFOp, arith::RemFOp, arith::NegFOp, arith::MaximumFOp,
             arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp, arith::CmpFOp,
             arith::SelectOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::ExtFOp,
             arith::TruncFOp, arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp,
             arith::FPToUIOp, arith::IndexCastOp, arith::IndexCastUIOp>(op);
}

/// Says that `op` has no form, and which pass may help.
static LogicalResult refuse(Operation *op) {
  InFlightDiagnostic error = op->emitOpError("has no form in a schedule");
  if (op->getName().getStringRef() == "ub.poison")
    error << "; '--canonicalize' removes poison that decides nothing";
  return error;
}

LogicalResult PlanBuilder::buildArith(Operation *op) {
  if (!hasArithForm(op))
    return refuse(op);
  auto rounding = op->getAttrOfType<arith::RoundingModeAttr>("roundingmode");
  if (rounding && rounding.getValue() != arith::RoundingMode::to_nearest_even)
    return op->emitOpError("must round to nearest even to have a form in a schedule (got ")
           << arith::stringifyRoundingMode(rounding.getValue()) << ")";
  schedule::Arith arith{view(op->getName().stripDialect()), {}, std::nullopt, 0};
  if (op->hasAttr(cancelName) && joinsFlags(op))
    decisions[op->getBlock()].push_back(op);
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    arith.predicate = view(arith::stringifyCmpIPredicate(compare.getPredicate()));
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    arith.predicate = view(arith::stringifyCmpFPredicate(compare.getPredicate()));
  return addTask(op, TaskKind::Arith, op->getOperands(), arith);
}

/// `value`, or each of its items: `then` if it is finite, which is the number itself if
/// `then` is none, else 0.
static TypedAttr replaceNumbers(TypedAttr value, std::optional<double> then) {
  auto replace = [&](const APFloat &number) {
    if (number.isFinite() && !then)
      return number;
    bool isLost = false;
    APFloat other(number.isFinite() ? *then : 0.0);
    other.convert(number.getSemantics(), APFloat::rmNearestTiesToEven, &isLost);
    return other;
  };
  if (auto number = dyn_cast<FloatAttr>(value))
    return FloatAttr::get(number.getType(), replace(number.getValue()));
  auto list = cast<DenseFPElementsAttr>(value);
  return list.mapValues(list.getElementType(), [&](const APFloat &number) {
    return replace(number).bitcastToAPInt();
  });
}

static bool isFinite(Attribute value) {
  auto isFinite = [](const APFloat &number) { return number.isFinite(); };
  if (auto list = dyn_cast<DenseFPElementsAttr>(value))
    return list.isSplat() ? list.getSplatValue<APFloat>().isFinite() : llvm::all_of(list, isFinite);
  auto number = dyn_cast<FloatAttr>(value);
  return !number || number.getValue().isFinite();
}

/// Constants are no tasks, but for numbers that are not finite: upstream folds to them
/// what has failed. So they fail, as quotients by 0; in a list, what is finite is
/// divided by 1.
LogicalResult PlanBuilder::buildConstant(arith::ConstantOp op) {
  if (isFinite(op.getValue()) || op->use_empty())
    return success();
  size_t firstInput = plan.references.size();
  if (failed(addTask(op, TaskKind::Arith, {}, schedule::Arith{"divf", {}, {}, 0})))
    return failure();
  for (std::optional<double> then : {std::optional<double>(), std::optional(1.0)}) {
    FailureOr<schedule::Reference> number =
        tables.getConstant(op, replaceNumbers(op.getValue(), then));
    if (failed(number))
      return failure();
    plan.references.push_back(*number);
  }
  plan.tasks.back().inputs = {static_cast<uint32_t>(firstInput), 2};
  return success();
}

LogicalResult PlanBuilder::buildTensor(Operation *op, schedule::Tensor form) {
  form.op = view(op->getName().stripDialect());
  return addTask(op, TaskKind::Tensor, op->getOperands(),
                 std::make_unique<schedule::Tensor>(std::move(form)));
}

LogicalResult PlanBuilder::buildConcat(tensor::ConcatOp op) {
  schedule::Tensor form;
  form.dim = op.getDim();
  return buildTensor(op, std::move(form));
}

LogicalResult PlanBuilder::buildSlice(tensor::ExtractSliceOp op) {
  if (op->getNumOperands() != 1)
    return op.emitOpError("must have constant offsets, sizes and strides to have a form in a "
                          "schedule (got ")
           << op->getNumOperands() - 1 << " that are computed; '--canonicalize' folds constants)";
  schedule::Tensor form;
  form.offsets.assign(op.getStaticOffsets().begin(), op.getStaticOffsets().end());
  form.sizes.assign(op.getStaticSizes().begin(), op.getStaticSizes().end());
  form.strides.assign(op.getStaticStrides().begin(), op.getStaticStrides().end());
  return buildTensor(op, std::move(form));
}

//===- HintWriter.cpp - Hints from what was measured -----------------------===//

#include "HintWriter.h"
#include "XcsLLM/Analysis/Likelihood.h"
#include "XcsLLM/Analysis/TaskIds.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cmath>

using namespace mlir;
using namespace xcs;

static Attribute toCount(MLIRContext *context, double value) {
  return Builder(context).getI64IntegerAttr(std::llround(std::min(value, 9e15)));
}

void HintWriter::set(Operation *op, StringRef name, Attribute value) {
  if (op->getAttr(name) == value)
    return;
  op->setAttr(name, value);
  changed = true;
}

void HintWriter::setFigure(Operation *op, StringRef name, std::optional<double> value) {
  if (value)
    set(op, name, Builder(op->getContext()).getF64FloatAttr(*value));
}

void HintWriter::setCount(Operation *op, StringRef name, std::optional<double> value) {
  if (value)
    set(op, name, toCount(op->getContext(), *value));
}

template <typename Get, typename Set>
void HintWriter::setOfValue(StringRef name, std::optional<double> value, Get get, Set set) {
  Attribute count = value ? toCount(module.getContext(), *value) : Attribute();
  if (!count || get(name) == count)
    return;
  set(name, count);
  changed = true;
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

void HintWriter::applyToCall(const MeasuredTask &measured, LLMCallOpInterface call) {
  if (measured.model && call.getModelAttr() && call.getModelAttr().strref() != *measured.model) {
    emitWarning(call.getLoc()) << "the profile measured another model here ('" << *measured.model
                               << "'), so it is left out";
    return;
  }
  if (measured.outputTokens && isa<GenerateOp>(call)) {
    setCount(call, "expected_output_tokens", measured.outputTokens);
    if (call->removeAttr("xcs_llm.item_output_tokens")) // the lengths that were assumed
      changed = true;
  }
  if (measured.cache)
    setFigure(call, "hit_rate", measured.cache->get());
}

/// A stage that never ran keeps its hint, or has the default chance.
void HintWriter::applyToCascade(const MeasuredTask &measured, CascadeOp cascade) {
  SmallVector<double> rates(cascade.getStages().size(), defaultFlagProbability);
  if (std::optional<ArrayRef<double>> hints = cascade.getAcceptRate())
    llvm::copy(*hints, rates.begin());
  if (measured.stages.size() != rates.size()) {
    emitWarning(cascade.getLoc()) << "the profile measured another number of stages here ("
                                  << measured.stages.size() << "), so it is left out";
    return;
  }
  for (auto [rate, stage] : llvm::zip_equal(rates, measured.stages))
    rate = stage.get().value_or(rate);
  if (llvm::any_of(measured.stages, [](const MeasuredShare &stage) { return stage.runs > 0; }))
    set(cascade, "accept_rate", Builder(cascade.getContext()).getDenseF64ArrayAttr(rates));
}

/// What is known of a tool is on its declaration, for all of its calls.
void HintWriter::addToTool(const MeasuredTask &measured, func::CallOp call) {
  if (measured.tool && *measured.tool != call.getCallee()) {
    emitWarning(call.getLoc()) << "the profile measured another tool here ('" << *measured.tool
                               << "'), so it is left out";
    return;
  }
  auto tool = symbols.lookup<func::FuncOp>(call.getCallee());
  if (!tool || !tool.isExternal())
    return;
  MeasuredTool &sums = tools[tool];
  sums.latencyMs.add(measured.latencyMs, measured.calls);
  sums.outputTokens.add(measured.outputTokens, measured.calls);
}

void HintWriter::apply(const MeasuredTool &measured, func::FuncOp tool) {
  setFigure(tool, "xcs_llm.latency_ms", measured.latencyMs.get());
  for (auto [index, type] : llvm::enumerate(tool.getResultTypes()))
    if (isa<TextType>(getElementTypeOrSelf(type)))
      setOfValue(
          "xcs_llm.tokens", measured.outputTokens.get(),
          [&, at = index](StringRef name) { return tool.getResultAttr(at, name); },
          [&, at = index](StringRef name, Attribute value) {
            tool.setResultAttr(at, name, value);
          });
}

void HintWriter::apply(const MeasuredTask &measured, Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](LLMCallOpInterface call) { applyToCall(measured, call); })
      .Case([&](func::CallOp call) { addToTool(measured, call); })
      .Case([&](EnsembleOp ensemble) { setFigure(ensemble, "agreement", measured.agreement); })
      .Case([&](CascadeOp cascade) {
        if (!measured.stages.empty())
          applyToCascade(measured, cascade);
      })
      .Case([&](ConditionalOp conditional) {
        if (measured.condition)
          setFigure(conditional, "probability", measured.condition->get());
      });
}

//===----------------------------------------------------------------------===//
// Plans and models
//===----------------------------------------------------------------------===//

void HintWriter::apply(const MeasuredPlan &measured) {
  auto function = symbols.lookup<func::FuncOp>(measured.name);
  if (!function || function.isExternal()) {
    emitWarning(module.getLoc()) << "the profile measured '@" << measured.name
                                 << "', which is no function with a body here, so that is left out";
    return;
  }
  if (measured.inputs.size() > function.getNumArguments()) {
    emitWarning(function.getLoc())
        << "the profile measured more inputs than there are (" << measured.inputs.size()
        << "), so '@" << measured.name << "' is left as it is";
    return;
  }
  for (auto [index, input] : llvm::enumerate(measured.inputs)) {
    auto get = [&, at = index](StringRef name) { return function.getArgAttr(at, name); };
    auto set = [&, at = index](StringRef name, Attribute value) {
      function.setArgAttr(at, name, value);
    };
    setOfValue("xcs_llm.tokens", input.tokens, get, set);
    setOfValue("xcs_llm.count", input.count, get, set);
  }
  llvm::StringMap<Operation *> tasks = findTasks(function);
  for (const MeasuredTask &task : measured.tasks) {
    if (Operation *op = tasks.lookup(task.id))
      apply(task, op);
    else
      emitWarning(function.getLoc()) << "the profile measured a task '" << task.id
                                     << "', which is not here, so that is left out";
  }
}

/// A model's own declaration says what was measured of it; without one, a new one does.
void HintWriter::apply(const MeasuredModel &measured) {
  ModelOp model;
  for (auto op : module.getOps<ModelOp>())
    if (op.getName() == measured.name)
      model = op;
  if (!measured.ttftMs && !measured.outputTokensPerS && !measured.failureRate)
    return;
  if (!model) {
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    OperationState state(module.getLoc(), ModelOp::getOperationName());
    state.addAttribute("name", builder.getStringAttr(measured.name));
    model = cast<ModelOp>(builder.create(state));
    changed = true;
  }
  setFigure(model, "ttft_ms", measured.ttftMs);
  if (measured.outputTokensPerS != 0.0)
    setFigure(model, "output_tokens_per_s", measured.outputTokensPerS);
  setFigure(model, "failure_rate", measured.failureRate);
}

/// The hash of the file that the module was read from, as schedules have it; empty if
/// there is none any more.
static std::string hashFile(ModuleOp module) {
  auto location = dyn_cast<FileLineColLoc>(module.getLoc());
  auto file = location ? llvm::MemoryBuffer::getFile(location.getFilename().strref())
                       : std::make_error_code(std::errc::no_such_file_or_directory);
  if (!file)
    return "";
  return hashSource((*file)->getBuffer());
}

void HintWriter::apply(const Profile &profile) {
  std::string hash = hashFile(module);
  if (!hash.empty() && !profile.sourceHash.empty() && hash != profile.sourceHash)
    emitWarning(module.getLoc())
        << "the profile is not of this file as it is now, and calls that it names by their "
           "numbers may be others here (SHA-256 "
        << profile.sourceHash << ", got " << hash << ")";
  for (const MeasuredModel &model : profile.models)
    apply(model);
  for (const MeasuredPlan &plan : profile.plans)
    apply(plan);
  for (const auto &[tool, measured] : tools)
    apply(measured, tool);
}

//===- PlanBuilder.h - A function as a plan ---------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_EXPORT_PLANBUILDER_H
#define XCSLLM_LIB_EXPORT_PLANBUILDER_H

#include "ScheduleTables.h"
#include "XcsLLM/Analysis/CostModel.h"
#include "llvm/ADT/MapVector.h"
#include <array>

namespace xcs {

/// The number that `attribute` has, if there is one.
inline std::optional<double> getFigure(mlir::Attribute attribute) {
  auto figure = llvm::dyn_cast_if_present<mlir::FloatAttr>(attribute);
  return figure ? std::optional(figure.getValueAsDouble()) : std::nullopt;
}
inline std::optional<int64_t> getCount(mlir::Attribute attribute) {
  auto count = llvm::dyn_cast_if_present<mlir::IntegerAttr>(attribute);
  return count ? std::optional(count.getInt()) : std::nullopt;
}

/// Makes the plan of one function. Walks with a stack of its own, so that the
/// program's nesting does not become the compiler's.
class PlanBuilder {
public:
  PlanBuilder(ScheduleTables &tables, mlir::func::FuncOp function, const ProgramCost &cost,
              schedule::Plan &plan)
      : tables(tables), function(function), cost(cost), plan(plan) {}

  mlir::LogicalResult build();

private:
  /// A region whose operations are being visited.
  struct Frame {
    mlir::Block::iterator next;
    uint32_t scope;
    std::optional<uint32_t> impure; ///< the task that an impure tool here comes after
  };
  /// What tasks of a scope take from it.
  struct Surroundings {
    std::optional<double> executionProbability; ///< 1 where the scope runs for sure
    std::optional<uint32_t> localityScope;
  };

  // Ports.
  mlir::LogicalResult addPorts();
  mlir::FailureOr<schedule::Port> getPort(mlir::Type type, mlir::DictionaryAttr attributes);
  void findImpureControl();

  // One operation.
  mlir::LogicalResult visit(mlir::Operation *op);
  mlir::FailureOr<schedule::Reference> refer(mlir::Value value);
  /// Adds references to `values`.
  mlir::LogicalResult refer(mlir::ValueRange values, std::vector<schedule::Reference> &references);
  /// Adds the task of `op`, with all but its details.
  mlir::LogicalResult addTask(mlir::Operation *op, schedule::TaskKind kind,
                              mlir::ValueRange inputs, schedule::Details details);
  void setDependencies(schedule::Task &task, bool isImpure);
  schedule::Planning &getPlanning(schedule::Task &task);
  void addHints(LLMCallOpInterface call, schedule::Task &task);

  mlir::LogicalResult buildCall(LLMCallOpInterface call);
  mlir::FailureOr<std::unique_ptr<schedule::Request>> getRequest(LLMCallOpInterface call);
  mlir::LogicalResult buildTemplate(PromptTemplateOp op);
  mlir::LogicalResult buildParse(ParseResponseOp op);
  mlir::LogicalResult buildTool(mlir::func::CallOp call);
  mlir::LogicalResult buildLookup(CacheLookupOp op);
  mlir::LogicalResult buildStore(CacheStoreOp op);
  mlir::LogicalResult buildArith(mlir::Operation *op);
  mlir::LogicalResult buildConstant(mlir::arith::ConstantOp op);
  mlir::LogicalResult buildTensor(mlir::Operation *op, schedule::Tensor form = {});
  mlir::LogicalResult buildConcat(mlir::tensor::ConcatOp op);
  mlir::LogicalResult buildSlice(mlir::tensor::ExtractSliceOp op);

  // Control: one task, one scope a region.
  mlir::LogicalResult buildBatch(BatchOp op);
  mlir::LogicalResult buildEnsemble(EnsembleOp op);
  mlir::LogicalResult buildCascade(CascadeOp op);
  mlir::LogicalResult buildChain(ChainOp op);
  mlir::LogicalResult buildConditional(ConditionalOp op);
  mlir::LogicalResult addControl(mlir::Operation *op, schedule::TaskKind kind,
                                 schedule::ScopeKind scopeKind, schedule::Control control,
                                 llvm::function_ref<void(unsigned, schedule::Scope &)> describe);
  void enter(mlir::Region &region, uint32_t scope, std::optional<uint32_t> impure);
  mlir::LogicalResult leave(mlir::Operation *terminator);
  uint32_t addScope(schedule::ScopeKind kind);

  void addCancellations();

  // Estimates.
  void addEstimates();
  void addEstimate(const CallCost &cost);
  void addEstimate(const ToolCost &cost);
  void addForecast();
  bool knowsTimes() const;
  std::optional<uint32_t> getTokens(mlir::Value value) const;

  ScheduleTables &tables;
  mlir::func::FuncOp function;
  const ProgramCost &cost;
  schedule::Plan &plan;
  llvm::SmallVector<Frame> stack;
  std::vector<Surroundings> surroundings; ///< of each scope
  std::array<uint32_t, schedule::taskKindCount> taskNumbers{};
  std::array<uint32_t, schedule::scopeKindCount> scopeNumbers{};
  llvm::DenseMap<mlir::Operation *, uint32_t> tasks;
  llvm::DenseMap<mlir::Block *, uint32_t> scopes;
  /// What is marked to be decided early, of each block.
  llvm::MapVector<mlir::Block *, llvm::SmallVector<mlir::Operation *>> decisions;
  llvm::DenseSet<mlir::Operation *> impureControl; ///< runs impure tools, perhaps
};

} // namespace xcs

#endif // XCSLLM_LIB_EXPORT_PLANBUILDER_H

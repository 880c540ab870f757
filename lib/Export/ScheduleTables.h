//===- ScheduleTables.h - What tasks of a schedule refer to -----*- C++ -*-===//

#ifndef XCSLLM_LIB_EXPORT_SCHEDULETABLES_H
#define XCSLLM_LIB_EXPORT_SCHEDULETABLES_H

#include "XcsLLM/Analysis/ModelTable.h"
#include "XcsLLM/Export/Schedule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

namespace xcs {

inline std::string_view view(llvm::StringRef text) { return {text.data(), text.size()}; }
std::vector<std::string_view> viewTexts(mlir::ArrayAttr texts);

/// Fills a document's tables. Attributes and types are unique in their context,
/// so each is looked up by its address and converted once.
class ScheduleTables {
public:
  ScheduleTables(mlir::ModuleOp module, ModelTable &modelTable, schedule::Document &document);

  /// The type of a value of `op`; an error if it has no form.
  mlir::FailureOr<const schedule::Type *> getType(mlir::Operation *op, mlir::Type type);
  /// Adds the types of values of `op`.
  mlir::LogicalResult getTypes(mlir::Operation *op, mlir::TypeRange types,
                               std::vector<const schedule::Type *> &converted);
  uint32_t getText(mlir::StringAttr text);
  uint32_t getTemplate(mlir::StringAttr format);

  /// The value of an operation that is a constant.
  mlir::FailureOr<schedule::Reference> getConstant(mlir::Operation *op);
  /// A number, flag or list of these that `op` uses.
  mlir::FailureOr<schedule::Reference> getConstant(mlir::Operation *op, mlir::TypedAttr value);
  /// `value` as a constant of `type` that `op` holds.
  mlir::FailureOr<schedule::Constant> convert(mlir::Operation *op, mlir::Attribute value,
                                              mlir::Type type);

  /// Adds the model that `call` names; warns of one that is most likely misspelt.
  void addModel(LLMCallOpInterface call);
  /// The pool of the model's calls; null if nothing is known to limit them.
  const schedule::NamedPool *getPool(const ModelEntry &model);
  std::string_view keep(std::string_view name) { return document.keep(name); }
  /// Adds the tool that `call` calls; an error if it calls something else.
  mlir::LogicalResult addTool(mlir::func::CallOp call);
  bool callsImpureTool(mlir::func::CallOp call) const;
  llvm::StringRef getSourceFile() const { return document.sourceFile; }
  bool hasImpureTool() const { return impureToolDeclared; }

private:
  mlir::LogicalResult addScalar(mlir::Operation *op, mlir::Attribute value,
                                std::vector<schedule::Scalar> &items);
  mlir::LogicalResult checkTool(mlir::func::CallOp call, mlir::func::FuncOp callee) const;
  bool leadsTo(mlir::func::FuncOp callee, mlir::func::FuncOp function) const;
  mlir::func::FuncOp getCallee(mlir::func::CallOp call) const;

  schedule::Document &document;
  ModelTable &modelTable;
  mlir::SymbolTable symbols;
  bool impureToolDeclared = false;
  llvm::DenseMap<mlir::StringAttr, ModelOp> declaredModels;
  llvm::DenseMap<mlir::Type, const schedule::Type *> types;
  llvm::DenseMap<mlir::Attribute, uint32_t> texts, templates, literals, lists;
  llvm::DenseSet<mlir::Operation *> tools;
};

/// Fills `model` with what is known of it; `declared` is null if the module does
/// not declare it.
void describeModel(const ModelEntry &entry, ModelOp declared, schedule::Document &document,
                   schedule::Model &model);

/// Refuses a name that JSON could not hold.
mlir::LogicalResult checkName(mlir::Operation *op, llvm::StringRef name);

} // namespace xcs

#endif // XCSLLM_LIB_EXPORT_SCHEDULETABLES_H

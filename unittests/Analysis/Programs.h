//===- Programs.h - Programs of texts, for tests of the analyses -*- C++ -*-===//

#ifndef XCSLLM_UNITTESTS_ANALYSIS_PROGRAMS_H
#define XCSLLM_UNITTESTS_ANALYSIS_PROGRAMS_H

#include "XcsLLM/Analysis/CostModel.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

namespace xcs::test {

/// A program and what it costs, by a catalog of its own.
class Program {
public:
  /// Every program may use the type alias `!text`. Fails the test if it does not parse.
  explicit Program(llvm::StringRef text, llvm::StringRef catalogJson = "{}") {
    context.loadDialect<XcsLLMDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect,
                        mlir::tensor::TensorDialect, mlir::scf::SCFDialect,
                        mlir::cf::ControlFlowDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(("!text = !xcs_llm.text\n" + text).str(),
                                                     &context);
    EXPECT_TRUE(module) << text.str();
    llvm::Expected<Catalog> parsed = Catalog::parse(catalogJson, "catalog.json");
    EXPECT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
    if (parsed)
      catalog = std::move(*parsed);
    if (module)
      model = std::make_unique<CostModel>(*module, catalog);
  }

  mlir::func::FuncOp getFunction(llvm::StringRef name = "f") {
    return module->lookupSymbol<mlir::func::FuncOp>(name);
  }
  const ProgramCost &getCost(llvm::StringRef name = "f") {
    return model->getCost(getFunction(name));
  }
  /// The operation of this type that comes first.
  template <typename Op> Op find() {
    Op found;
    module->walk<mlir::WalkOrder::PreOrder>([&](Op op) { found = found ? found : op; });
    return found;
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Catalog catalog;
  std::unique_ptr<CostModel> model;
};

/// Numbers that differ by no more than rounding.
inline bool isNear(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

} // namespace xcs::test

#endif // XCSLLM_UNITTESTS_ANALYSIS_PROGRAMS_H

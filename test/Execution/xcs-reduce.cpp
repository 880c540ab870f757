//===- xcs-reduce.cpp - Makes programs smaller that show a fault -----------===//
//
// `mlir-reduce` with this dialect and a pass of its own: upstream's `reduction-tree`
// leaves uses of what it erases without a value, and crashes on regions then. reduce.py
// calls this. Programs need not mean the same after a step.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/InitAll.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Reducer/Tester.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

//===----------------------------------------------------------------------===//
// Steps: each changes one operation, or says that it cannot
//===----------------------------------------------------------------------===//

/// What nobody uses goes.
static bool drop(Operation *op, IRRewriter &rewriter) {
  if (!op->use_empty() || op->hasTrait<OpTrait::IsTerminator>())
    return false;
  rewriter.eraseOp(op);
  return true;
}

/// The program returns one of its last values less.
template <unsigned fromEnd> static bool returnLess(Operation *op, IRRewriter &rewriter) {
  auto end = dyn_cast<func::ReturnOp>(op);
  if (!end || end.getNumOperands() < 2 || end.getNumOperands() <= fromEnd)
    return false;
  auto function = end->getParentOfType<func::FuncOp>();
  unsigned index = end.getNumOperands() - 1 - fromEnd;
  end->eraseOperand(index);
  return succeeded(function.eraseResult(index));
}

/// Control becomes what one of its regions does.
static bool takeRegion(Operation *op, IRRewriter &rewriter) {
  for (Region &region : op->getRegions()) {
    if (!isa<RegionBranchOpInterface>(op) || !region.hasOneBlock() || region.getNumArguments() != 0)
      continue;
    Operation *end = region.front().getTerminator();
    auto yielded = end->getOperands().take_front(op->getNumResults());
    if (yielded.getTypes() != op->getResultTypes())
      continue;
    SmallVector<Value> values(yielded);
    rewriter.eraseOp(end);
    rewriter.inlineBlockBefore(&region.front(), op);
    rewriter.replaceOp(op, values);
    return true;
  }
  return false;
}

/// Results become constants.
static bool takeConstants(Operation *op, IRRewriter &rewriter) {
  if (op->hasTrait<OpTrait::ConstantLike>() || op->use_empty())
    return false;
  SmallVector<Value> constants;
  rewriter.setInsertionPoint(op);
  for (Type type : op->getResultTypes()) {
    auto list = dyn_cast<RankedTensorType>(type);
    Type item = list ? list.getElementType() : type;
    if (isa<xcs::TextType>(type))
      constants.push_back(xcs::TextOp::create(rewriter, op->getLoc(), rewriter.getStringAttr("x")));
    else if (item.isIntOrIndexOrFloat() && (!list || list.hasStaticShape()))
      constants.push_back(arith::ConstantOp::create(rewriter, op->getLoc(),
                                                    cast<TypedAttr>(rewriter.getZeroAttr(type))));
    else
      return false;
  }
  rewriter.replaceOp(op, constants);
  return true;
}

/// A result becomes an operand of its type.
static bool takeOperand(Operation *op, IRRewriter &rewriter) {
  if (op->getNumResults() != 1 || op->use_empty())
    return false;
  for (Value operand : op->getOperands())
    if (operand.getType() == op->getResult(0).getType()) {
      rewriter.replaceOp(op, operand);
      return true;
    }
  return false;
}

/// Hints and parameters go.
static bool dropAttributes(Operation *op, IRRewriter &) {
  bool isChanged = false;
  for (StringRef name : {"expected_output_tokens", "hit_rate", "stop", "max_tokens", "top_p",
                         "estimate", "batch_size", "separator"})
    isChanged |= static_cast<bool>(op->removeAttr(name));
  return isChanged;
}

static constexpr bool (*steps[])(Operation *, IRRewriter &) = {
    drop,       returnLess<0>, returnLess<1>, returnLess<2>,
    takeRegion, takeConstants, takeOperand,   dropAttributes};

//===----------------------------------------------------------------------===//
// One step after another
//===----------------------------------------------------------------------===//

namespace {

/// Tries every step on every operation, outer ones first, and keeps what the tester
/// finds interesting.
struct Shrink : PassWrapper<Shrink, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Shrink)
  Shrink() = default;
  Shrink(const Shrink &) {}
  StringRef getArgument() const override { return "xcs-shrink"; }
  StringRef getDescription() const override { return "make a program smaller, step by step"; }

  void runOnOperation() override {
    size_t before;
    do {
      before = countOps(getOperation());
      for (size_t index = 0; index < countOps(getOperation());)
        if (!tryAt(index))
          ++index;
    } while (countOps(getOperation()) < before);
  }

private:
  static size_t countOps(ModuleOp module) {
    size_t count = 0;
    module.walk<WalkOrder::PreOrder>([&](Operation *) { ++count; });
    return count;
  }

  static Operation *getOp(ModuleOp module, size_t index) {
    Operation *found = nullptr;
    module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (index-- != 0)
        return WalkResult::advance();
      found = op;
      return WalkResult::interrupt();
    });
    return found;
  }

  bool tryAt(size_t index) {
    for (auto *step : steps) {
      OwningOpRef<ModuleOp> copy = getOperation().clone();
      IRRewriter rewriter(&getContext());
      Operation *op = getOp(*copy, index);
      if (isa<ModuleOp>(op) || (isa<func::FuncOp>(op) && !cast<func::FuncOp>(op).isExternal()))
        return false;
      if (!step(op, rewriter) || failed(verify(*copy)) || !isInteresting(*copy))
        continue;
      getOperation()->getRegion(0).takeBody(copy->getRegion());
      return true;
    }
    return false;
  }

  bool isInteresting(ModuleOp module) {
    return Tester(tester, {}).isInteresting(module).first == Tester::Interestingness::True;
  }

  Option<std::string> tester{*this, "test", llvm::cl::desc("what finds programs interesting")};
};

} // namespace

int main(int argc, char **argv) {
  DialectRegistry registry;
  xcs::registerAllDialects(registry);
  registerTransformsPasses();
  PassRegistration<Shrink>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  // Steps that do not verify are none; nobody needs to hear why.
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
  return failed(mlirReduceMain(argc, argv, context));
}

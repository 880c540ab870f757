//===- Inlining.cpp - How large a module gets by inlining -----------------===//

#include "XcsLLM/Analysis/Inlining.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace xcs;

namespace {
struct Size {
  double own = 0;     ///< operations
  double inlined = 0; ///< those of what it calls among them, as far as they are known
  SmallVector<func::FuncOp> callees; ///< one for each call
};
} // namespace

static Size measure(func::FuncOp function, SymbolTableCollection &symbols) {
  Size size;
  function.walk([&](Operation *op) {
    ++size.own;
    auto call = dyn_cast<func::CallOp>(op);
    auto callee = call ? symbols.lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr())
                       : func::FuncOp();
    if (callee && !callee.isExternal())
      size.callees.push_back(callee);
  });
  return size;
}

bool xcs::staysSmallInlined(ModuleOp module) {
  SymbolTableCollection symbols;
  llvm::DenseMap<Operation *, Size> sizes;
  double before = 0, after = 0;
  // Callees first, on a stack of its own: call graphs may be deep.
  module.walk([&](func::FuncOp root) {
    SmallVector<std::pair<func::FuncOp, bool>> stack{{root, false}};
    while (!stack.empty()) {
      auto [function, isDone] = stack.pop_back_val();
      if (isDone) {
        Size &size = sizes[function];
        size.inlined = size.own;
        for (func::FuncOp callee : size.callees)
          size.inlined += sizes[callee].inlined;
        continue;
      }
      if (function.isExternal() || sizes.contains(function))
        continue;
      const Size &size = sizes[function] = measure(function, symbols);
      before += size.own;
      stack.emplace_back(function, true);
      for (func::FuncOp callee : size.callees)
        stack.emplace_back(callee, false);
    }
  });
  for (auto &[function, size] : sizes)
    after += size.inlined;
  return after <= std::max(2 * before, 10000.0);
}

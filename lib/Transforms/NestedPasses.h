//===- NestedPasses.h - Passes that run passes ------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TRANSFORMS_NESTEDPASSES_H
#define XCSLLM_LIB_TRANSFORMS_NESTEDPASSES_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassInstrumentation.h"
#include <set>

namespace xcs {

/// Tells those who watch the passes around this one (timers, printers) of passes in it.
class Forwarder : public mlir::PassInstrumentation {
public:
  explicit Forwarder(mlir::PassInstrumentor &watcher) : watcher(watcher) {}
  void runBeforePass(mlir::Pass *pass, mlir::Operation *op) override {
    watcher.runBeforePass(pass, op);
  }
  void runAfterPass(mlir::Pass *pass, mlir::Operation *op) override {
    watcher.runAfterPass(pass, op);
  }
  void runAfterPassFailed(mlir::Pass *pass, mlir::Operation *op) override {
    watcher.runAfterPassFailed(pass, op);
  }
  void runBeforeAnalysis(llvm::StringRef name, mlir::TypeID id, mlir::Operation *op) override {
    watcher.runBeforeAnalysis(name, id, op);
  }
  void runAfterAnalysis(llvm::StringRef name, mlir::TypeID id, mlir::Operation *op) override {
    watcher.runAfterAnalysis(name, id, op);
  }

private:
  mlir::PassInstrumentor &watcher;
};

/// Lets each warning through once: passes run several times.
class OneWarningEach {
public:
  explicit OneWarningEach(mlir::MLIRContext *context)
      : handler(context, [this](mlir::Diagnostic &diagnostic) {
          bool isRepeated =
              diagnostic.getSeverity() == mlir::DiagnosticSeverity::Warning &&
              !seen.emplace(mlir::LocationAttr(diagnostic.getLocation()).getAsOpaquePointer(),
                            diagnostic.str())
                   .second;
          return mlir::success(isRepeated); // and so done with
        }) {}

private:
  std::set<std::pair<const void *, std::string>> seen; ///< locations, and what is said
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_NESTEDPASSES_H

//===- RewritePass.cpp - What passes that rewrite share -------------------===//

#include "RewritePass.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace xcs;

const CallCost *Rewrite::getCost(LLMCallOpInterface call) {
  if (callCosts.empty())
    for (const CallCost &cost : getCost().calls)
      callCosts[cost.call] = &cost;
  return callCosts.lookup(call);
}

bool xcs::holdsIsolated(func::FuncOp function) {
  return function
      .walk([&](Operation *op) {
        return op != function && op->hasTrait<OpTrait::IsIsolatedFromAbove>()
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

bool Rewrite::hasRemarks() const { return function->getContext()->getRemarkEngine() != nullptr; }

void Rewrite::applied(Location location, StringRef name, Allow rewriteClass, const Twine &text,
                      std::optional<Change> change) const {
  auto message = remark::passed(
      location,
      remark::RemarkOpts::name(name).category(pass).function(getName()));
  if (!message)
    return;
  message << text.str() << remark::metric("Class", getClassName(rewriteClass));
  if (!change)
    return;
  const auto &[before, after] = *change;
  auto saved = [&](StringRef figure, double from, double to) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format("%g", from - to);
    message << remark::metric(figure, text);
  };
  if (before.costUsd.complete && after.costUsd.complete)
    saved("SavedUsd", before.costUsd.known, after.costUsd.known);
  if (before.latencyMs.complete && after.latencyMs.complete)
    saved("SavedMs", before.latencyMs.known, after.latencyMs.known);
  saved("SavedRequests", before.requests, after.requests);
}

void Rewrite::refused(Location location, StringRef name, const Twine &reason) const {
  if (auto message = remark::missed(
          location,
          remark::RemarkOpts::name(name).category(pass).function(getName())))
    message << reason.str();
}

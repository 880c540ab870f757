//===- EqualCandidates.cpp - Votes and judges that decide nothing ---------===//

#include "EqualCandidates.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace xcs;

/// Whether the candidates are one value, and that a model's answer.
static bool isOneAnswer(ValueRange candidates, const EqualValues &values) {
  if (candidates.size() < 2 || !llvm::all_equal(llvm::map_range(candidates, [&](Value candidate) {
        return values.getFirst(candidate);
      })))
    return false;
  Operation *definition = candidates.front().getDefiningOp();
  while (auto parse = dyn_cast_if_present<ParseResponseOp>(definition))
    definition = parse.getResponse().getDefiningOp();
  return isa_and_present<LLMCallOpInterface>(definition);
}

void xcs::warnOfEqualCandidates(Operation *function, const EqualValues &values) {
  auto warn = [&](Operation *op, Value candidate, StringRef what) {
    InFlightDiagnostic warning = emitWarning(op->getLoc())
                                 << what << " are all the same answer of a deterministic call, so "
                                 << "they decide nothing; a temperature would make them differ";
    warning.attachNote(candidate.getLoc()) << "the answer";
  };
  function->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto ensemble = dyn_cast<EnsembleOp>(op)) {
      // Equal requests of which the first answer counts are meant to be equal.
      if (ensemble.getPolicy() == EnsemblePolicy::First)
        return;
      auto getYields = [&](unsigned index) {
        return llvm::map_to_vector(ensemble.getMembers(), [&](Region &member) -> Value {
          return member.front().getTerminator()->getOperand(index);
        });
      };
      if (llvm::all_of(llvm::seq(ensemble->getNumResults()),
                       [&](unsigned index) { return isOneAnswer(getYields(index), values); }))
        warn(op, getYields(0).front(), "candidates of this ensemble");
    } else if (auto prompt = dyn_cast<PromptTemplateOp>(op)) {
      bool asks = llvm::any_of(prompt->getUsers(), llvm::IsaPred<LLMCallOpInterface>);
      for (Value list : prompt.getValues())
        if (auto elements = list.getDefiningOp<tensor::FromElementsOp>();
            asks && elements && isOneAnswer(elements.getElements(), values))
          warn(op, elements.getElements().front(), "candidates in this prompt");
    }
  });
}

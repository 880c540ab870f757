//===- NestPredicates.cpp - Decide before asking on -----------------------===//
//
// Lossless: the requests that are left are the same, sample by sample. What one flag
// has decided, the failure of another no longer undoes.
//
//===----------------------------------------------------------------------===//

#include "Terms.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace xcs;

/// `%a and %b` becomes `%a ? %b : false`, and calls behind `%b` run only there.
bool PredicateNester::nest(Operation *root) {
  Join join = findJoin(root);
  SmallVector<Need> behind = needs.find(join.flags, join.parts);
  auto isConstant = [](Value flag) { return matchPattern(flag, m_Constant()); };
  if (behind.size() < 2 || llvm::any_of(join.flags, isConstant) || !mayNest(root, behind))
    return false;
  Terms order(behind, join.isConjunction, truths, spending);
  Change change;
  if (!isGain(root, order.saved, order.afterMs - order.beforeMs, change))
    return false;
  for (const Term &term : llvm::drop_begin(order.terms))
    if (term.need.hasCalls)
      moveInto(term.need, term.reached);
  OpBuilder builder(root);
  Location location = builder.getFusedLoc(
      llvm::map_to_vector(join.parts, [](Operation *op) { return op->getLoc(); }));
  state.applied(location, "nested", Allow::Lossless,
                "decides " + Twine(order.terms.size()) + " flags step by step, the cheapest first",
                change);
  auto noteNew = [&](Operation *op) { needs.add(op, root); };
  auto flags = llvm::map_to_vector(order.terms, [](const Term &term) { return term.flag; });
  if (order.free > 1) {
    flags[order.free - 1] = joinFlags(root, ArrayRef(flags).take_front(order.free), noteNew);
    flags.erase(flags.begin(), flags.begin() + order.free - 1);
  }
  Value flag = nestFlags(builder, location, flags, join.isConjunction, noteNew);
  replace(join.parts, flag, order.afterMs);
  return true;
}

//===- Joins.cpp - Conjunctions and disjunctions of flags -----------------===//

#include "XcsLLM/Analysis/Joins.h"
#include "XcsLLM/Analysis/Likelihood.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Joins as they are
//===----------------------------------------------------------------------===//

/// Whether `op` is only part of a longer conjunction, or disjunction.
static bool isPart(Operation *op) {
  Operation *user = op->hasOneUse() ? *op->user_begin() : nullptr;
  return user && user->getName() == op->getName() && user->getBlock() == op->getBlock();
}

bool xcs::isWholeJoin(Operation *op) {
  return isa<arith::AndIOp, arith::OrIOp>(op) && op->getResult(0).getType().isInteger(1) &&
         !isPart(op);
}

Join xcs::findJoin(Operation *root) {
  Join join{isa<arith::AndIOp>(root), {}, {}};
  llvm::SetVector<Value> flags;
  llvm::SmallPtrSet<Operation *, 8> entered;
  SmallVector<Value> pending{root->getResult(0)};
  while (!pending.empty()) {
    Value flag = pending.pop_back_val();
    Operation *part = flag.getDefiningOp();
    if (part == root || (part && part->getName() == root->getName() && isPart(part))) {
      // In unreachable code a join may be made of itself.
      if (!entered.insert(part).second)
        return {join.isConjunction, {}, {}};
      join.parts.push_back(part);
      pending.append({part->getOperand(1), part->getOperand(0)});
    } else {
      flags.insert(flag);
    }
  }
  join.flags.assign(flags.begin(), flags.end());
  return join;
}

//===----------------------------------------------------------------------===//
// Joins as conditionals
//===----------------------------------------------------------------------===//

JoinedFlag xcs::joinFlags(Operation *root, ArrayRef<JoinedFlag> flags, NoteNew noteNew) {
  JoinedFlag joined = flags.front();
  OpBuilder builder(root);
  for (const JoinedFlag &flag : flags.drop_front()) {
    Operation *join = builder.clone(*root);
    join->setOperands(ValueRange({joined.value, flag.value}));
    noteNew(join);
    joined.value = join->getResult(0);
    joined.open =
        joined.open && flag.open ? std::optional(*joined.open * *flag.open) : std::nullopt;
  }
  return joined;
}

/// One nest; as deep as there are flags.
static Value nest(OpBuilder &builder, Location location, ArrayRef<JoinedFlag> flags,
                  bool isConjunction) {
  Value flag = flags.front().value;
  if (flags.size() == 1)
    return flag;
  FloatAttr hint;
  if (std::optional<double> open = flags.front().open)
    hint = builder.getF64FloatAttr(isConjunction ? *open : 1 - *open);
  auto conditional =
      ConditionalOp::create(builder, location, TypeRange(flag.getType()), flag, hint);
  OpBuilder inside = OpBuilder::atBlockEnd(&conditional->getRegion(isConjunction).emplaceBlock());
  Value decided = arith::ConstantIntOp::create(inside, location, !isConjunction, 1);
  YieldOp::create(inside, location, decided);
  inside.setInsertionPointToEnd(&conditional->getRegion(!isConjunction).emplaceBlock());
  Value rest = nest(inside, location, flags.drop_front(), isConjunction);
  YieldOp::create(inside, location, rest);
  return conditional->getResult(0);
}

Value xcs::nestFlags(OpBuilder &builder, Location location, ArrayRef<JoinedFlag> flags,
                     bool isConjunction, NoteNew noteNew) {
  constexpr size_t mostLevels = 8;
  auto getOpen = [](const JoinedFlag &flag) { return flag.open.value_or(defaultFlagProbability); };
  JoinedFlag joined = flags.front();
  for (size_t next = 1; next < flags.size();) {
    SmallVector<JoinedFlag> levels{joined};
    for (; levels.size() < mostLevels && next < flags.size(); ++next) {
      levels.push_back(flags[next]);
      joined.open = getOpen(joined) * getOpen(flags[next]);
    }
    joined.value = nest(builder, location, levels, isConjunction);
    noteNew(joined.value.getDefiningOp());
  }
  return joined.value;
}

//===- NestPredicates.cpp - Decide before asking on -------------------------===//
//
// Lossless: the requests that are left are the same, sample by sample. What one flag
// has decided, the failure of another no longer undoes.
//
//===----------------------------------------------------------------------===//

#include "Nester.h"
#include "XcsLLM/Analysis/Predicates.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"
#include <numeric>

using namespace mlir;
using namespace xcs;

/// Conditionals that are nested in each other; more follow one another.
constexpr size_t mostLevels = 8;

namespace {
/// One of the flags that are joined.
struct Term {
  Need need;
  Spending::Sum sum;
  std::optional<double> open; ///< the chance that it does not decide, if that is known
  Predicate predicate;
};

class PredicateNester : Nester {
public:
  using Nester::Nester;
  bool nest(Operation *root);

private:
  std::vector<Term> findTerms(ArrayRef<Need> flags, bool isConjunction);
  void mergeFree(std::vector<Term> &terms, Operation *root);
};
} // namespace

//===----------------------------------------------------------------------===//
// Flags
//===----------------------------------------------------------------------===//

static bool isJoin(Operation *op) {
  return isa<arith::AndIOp, arith::OrIOp>(op) && op->getResult(0).getType().isInteger(1);
}

/// Whether `op` is only part of a longer conjunction, or disjunction.
static bool isPart(Operation *op) {
  Operation *user = op->hasOneUse() ? *op->user_begin() : nullptr;
  return user && user->getName() == op->getName() && user->getBlock() == op->getBlock();
}

static std::optional<double> multiply(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::optional(*a * *b) : std::nullopt;
}

/// The flags in the order in which they are best decided: those that cost nothing
/// first.
std::vector<Term> PredicateNester::findTerms(ArrayRef<Need> flags, bool isConjunction) {
  std::vector<Term> terms;
  bool inMoney = true;
  for (const Need &need : flags) {
    Term &term = terms.emplace_back(Term{need, {}, getTruth(need.value), {}});
    if (term.open && !isConjunction)
      term.open = 1 - *term.open;
    if (need.hasCalls)
      term.sum = spending.get(need.ops);
    inMoney &= term.sum.costUsd.complete;
  }
  for (Term &term : terms) {
    double open = term.open.value_or(0.5), ready = spending.getReadyTimes().get(term.need.value);
    term.predicate = {term.sum.getPrice(inMoney), isConjunction ? open : 1 - open,
                      term.need.hasCalls ? term.sum.startMs : ready, ready};
  }
  auto predicates = llvm::map_to_vector(terms, [](const Term &term) { return term.predicate; });
  std::vector<Term> sorted;
  for (unsigned index : orderPredicates(predicates, isConjunction))
    sorted.push_back(std::move(terms[index]));
  llvm::stable_sort(sorted,
                    [](const Term &a, const Term &b) { return a.need.hasCalls < b.need.hasCalls; });
  return sorted;
}

/// Makes one flag of those that cost nothing.
void PredicateNester::mergeFree(std::vector<Term> &terms, Operation *root) {
  Term &first = terms.front();
  size_t free = llvm::count_if(terms, [](const Term &term) { return !term.need.hasCalls; });
  for (size_t index = 1; index < free; ++index) {
    const Term &term = terms[index];
    OpBuilder builder(root);
    Operation *join = builder.clone(*root);
    join->setOperands(ValueRange({first.need.value, term.need.value}));
    needs.add(join, root);
    first.need.value = join->getResult(0);
    first.open = multiply(first.open, term.open);
  }
  if (free > 1)
    terms.erase(terms.begin() + 1, terms.begin() + free);
}

/// `%a and %b and …` becomes `%a ? (%b ? … : false) : false`, and `%a or %b` becomes
/// `%a ? true : %b`.
static Value nestTerms(OpBuilder &builder, Location location, ArrayRef<Term> terms,
                       bool isConjunction) {
  Value flag = terms.front().need.value;
  if (terms.size() == 1)
    return flag;
  FloatAttr hint;
  if (std::optional<double> open = terms.front().open)
    hint = builder.getF64FloatAttr(isConjunction ? *open : 1 - *open);
  auto conditional =
      ConditionalOp::create(builder, location, TypeRange(flag.getType()), flag, hint);
  OpBuilder inside = OpBuilder::atBlockEnd(&conditional->getRegion(isConjunction).emplaceBlock());
  Value decided = arith::ConstantIntOp::create(inside, location, !isConjunction, 1);
  YieldOp::create(inside, location, decided);
  inside.setInsertionPointToEnd(&conditional->getRegion(!isConjunction).emplaceBlock());
  Value rest = nestTerms(inside, location, terms.drop_front(), isConjunction);
  YieldOp::create(inside, location, rest);
  return conditional->getResult(0);
}

bool PredicateNester::nest(Operation *root) {
  bool isConjunction = isa<arith::AndIOp>(root);
  SmallVector<Operation *> tree; // users before what they use
  llvm::SetVector<Value> leaves;
  SmallVector<Value> pending{root->getResult(0)};
  while (!pending.empty()) {
    Value flag = pending.pop_back_val();
    Operation *part = flag.getDefiningOp();
    if (part == root || (part && part->getName() == root->getName() && isPart(part))) {
      tree.push_back(part);
      pending.append({part->getOperand(1), part->getOperand(0)});
    } else {
      leaves.insert(flag);
    }
  }
  SmallVector<Need> behind = needs.find(leaves.getArrayRef(), tree);
  bool isFolded = llvm::any_of(leaves, [](Value leaf) { return matchPattern(leaf, m_Constant()); });
  if (leaves.size() < 2 || isFolded || !mayNest(root, behind))
    return false;
  std::vector<Term> terms = findTerms(behind, isConjunction);
  auto predicates = llvm::map_to_vector(terms, [](const Term &term) { return term.predicate; });
  std::vector<unsigned> order(terms.size());
  std::iota(order.begin(), order.end(), 0);
  Evaluation before = evaluateAtOnce(predicates);
  Evaluation after = evaluateInOrder(predicates, order, isConjunction);
  Spending::Sum saved;
  for (auto [index, term] : llvm::enumerate(terms)) {
    saved.add(term.sum, 1 - after.reached[index]);
    if (term.need.hasCalls && term.predicate.readyMs == before.readyMs)
      saved.slackMs = term.sum.slackMs;
  }
  Change change;
  if (!isGain(root, saved, after.readyMs - before.readyMs, change))
    return false;
  for (auto [index, term] : llvm::enumerate(terms))
    if (term.need.hasCalls && index > 0)
      moveInto(term.need, after.reached[index]);
  OpBuilder builder(root);
  Location location =
      builder.getFusedLoc(llvm::map_to_vector(tree, [](Operation *op) { return op->getLoc(); }));
  state.applied(location, "nested", Allow::Lossless,
                "decides " + Twine(terms.size()) + " flags step by step, the cheapest first",
                change);
  mergeFree(terms, root);
  Term joined = terms.front();
  for (size_t next = 1; next < terms.size();) {
    std::vector<Term> levels{joined};
    for (; levels.size() < mostLevels && next < terms.size(); ++next) {
      levels.push_back(terms[next]);
      joined.open = joined.open.value_or(0.5) * terms[next].open.value_or(0.5);
    }
    joined.need.value = nestTerms(builder, location, levels, isConjunction);
    needs.add(joined.need.value.getDefiningOp(), root);
  }
  replace(tree, joined.need.value, after.readyMs);
  return true;
}

bool xcs::nestPredicates(Rewrite &state, const OrderedOps &ordered, Spending &spending,
                         llvm::DenseSet<Operation *> &toSink) {
  // What constants decide is folded upstream.
  auto isConstant = [](Value flag) { return matchPattern(flag, m_Constant()); };
  std::vector<Operation *> roots;
  state.function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    auto select = dyn_cast<arith::SelectOp>(op);
    if (isJoin(op) ? !isPart(op)
                   : select && select.getCondition().getType().isInteger(1) &&
                         !isConstant(select.getCondition()))
      roots.push_back(op);
  });
  if (roots.empty())
    return false;
  Needs needs(state.function, ordered);
  PredicateNester joins(state, needs, spending, toSink);
  ChoiceNester choices(state, needs, spending, toSink);
  bool changed = false;
  for (Operation *root : roots) {
    auto select = dyn_cast<arith::SelectOp>(root);
    changed |= select ? choices.nest(select) : joins.nest(root);
  }
  return changed;
}

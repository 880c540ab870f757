//===- NestPredicates.cpp - Decide before asking on -------------------------===//
//
// Lossless: the requests that are left are the same, sample by sample. What one flag
// has decided, the failure of another no longer undoes.
//
//===----------------------------------------------------------------------===//

#include "PruneConditionals.h"
#include "XcsLLM/Analysis/Needs.h"
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

class PredicateNester {
public:
  PredicateNester(Rewrite &state, const OrderedOps &ordered, Spending &spending,
                  llvm::DenseSet<Operation *> &toSink)
      : state(state), needs(state.function, ordered), spending(spending), toSink(toSink) {}

  bool nestJoin(Operation *root);
  bool nestChoice(arith::SelectOp select);

private:
  std::vector<Term> findTerms(ArrayRef<Need> flags, bool isConjunction);
  void mergeFree(std::vector<Term> &terms, Operation *root);
  bool mayNest(Operation *root, ArrayRef<Need> behind);
  bool isGain(Operation *root, const Spending::Sum &saved, double laterMs, Change &change);
  void moveInto(const Need &need, double share);
  void replace(ArrayRef<Operation *> old, Value value, double readyMs);
  bool refuse(Operation *root, const Twine &reason);

  Rewrite &state;
  Needs needs;
  Spending &spending;
  llvm::DenseSet<Operation *> &toSink;
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

/// How likely `flag` is true, if a constant or a hint says it.
static std::optional<double> getTruth(Value flag) {
  bool isNegated = false;
  while (true) {
    APInt constant;
    if (matchPattern(flag, m_ConstantInt(&constant)))
      return constant.isZero() == isNegated ? 1 : 0;
    for (Operation *user : flag.getUsers())
      if (auto conditional = dyn_cast<ConditionalOp>(user))
        if (FloatAttr hint = conditional.getProbabilityAttr();
            hint && conditional.getCondition() == flag)
          return isNegated ? 1 - hint.getValueAsDouble() : hint.getValueAsDouble();
    auto negation = flag.getDefiningOp<arith::XOrIOp>();
    if (!negation || !matchPattern(negation.getRhs(), m_One()))
      return std::nullopt;
    flag = negation.getLhs();
    isNegated = !isNegated;
  }
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
  llvm::stable_sort(sorted, [](const Term &a, const Term &b) {
    return a.need.hasCalls < b.need.hasCalls;
  });
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
static Value nest(OpBuilder &builder, Location location, ArrayRef<Term> terms,
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
  Value rest = nest(inside, location, terms.drop_front(), isConjunction);
  YieldOp::create(inside, location, rest);
  return conditional->getResult(0);
}

//===----------------------------------------------------------------------===//
// Rewrites
//===----------------------------------------------------------------------===//

/// Whether a call has to do with what `need` is of: of other flags nobody expects
/// anything.
static bool isOfCall(const Need &need) {
  Operation *source = need.value.getDefiningOp();
  if (auto parse = dyn_cast_if_present<ParseResponseOp>(source))
    source = parse.getResponse().getDefiningOp();
  return need.hasCalls || isa_and_present<LLMCallOpInterface>(source);
}

bool PredicateNester::refuse(Operation *root, const Twine &reason) {
  state.refused(root->getLoc(), "not-nested", "not decided step by step: " + reason);
  return false;
}

/// Whether what is behind `root` can wait, and something would be saved by that.
bool PredicateNester::mayNest(Operation *root, ArrayRef<Need> behind) {
  if (llvm::none_of(behind, [](const Need &need) { return need.hasCalls; })) {
    if (state.hasRemarks() && llvm::any_of(behind, isOfCall))
      refuse(root, "what stands behind its operands is used elsewhere as well");
    return false;
  }
  if (needs.isOrderedBetween(behind, root))
    return refuse(root, "a tool that is not pure is called in between");
  return true;
}

bool PredicateNester::isGain(Operation *root, const Spending::Sum &saved, double laterMs,
                             Change &change) {
  double delayMs = std::max(0.0, laterMs - std::max(0.0, saved.slackMs));
  std::string reason = spending.whyNot(root, saved, delayMs, change);
  return reason.empty() || refuse(root, reason);
}

void PredicateNester::moveInto(const Need &need, double share) {
  toSink.insert(need.ops.begin(), need.ops.end());
  for (Operation *op : need.ops)
    spending.scale(op, share);
}

void PredicateNester::replace(ArrayRef<Operation *> old, Value value, double readyMs) {
  spending.getReadyTimes().set(value, readyMs);
  needs.add(value.getDefiningOp(), old.front());
  old.front()->replaceAllUsesWith(ValueRange(value));
  for (Operation *op : old) // users before what they use
    op->erase();
}

static void addSaving(Spending::Sum &saved, const Spending::Sum &sum, double share) {
  saved.costUsd += sum.costUsd * share;
  saved.requests += sum.requests * share;
}

bool PredicateNester::nestJoin(Operation *root) {
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
    addSaving(saved, term.sum, 1 - after.reached[index]);
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
  Location location = builder.getFusedLoc(
      llvm::map_to_vector(tree, [](Operation *op) { return op->getLoc(); }));
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
    joined.need.value = nest(builder, location, levels, isConjunction);
    needs.add(joined.need.value.getDefiningOp(), root);
  }
  replace(tree, joined.need.value, after.readyMs);
  return true;
}

/// `select %c, %a, %b` becomes `%c ? %a : %b`.
bool PredicateNester::nestChoice(arith::SelectOp select) {
  SmallVector<Value> values{select.getTrueValue(), select.getFalseValue()};
  SmallVector<Need> behind = needs.find(values, select.getOperation());
  if (values[0] == values[1] || !mayNest(select, behind))
    return false;
  std::optional<double> truth = getTruth(select.getCondition());
  ReadyTimes &times = spending.getReadyTimes();
  double shares[] = {truth.value_or(defaultFlagProbability), 0};
  shares[1] = 1 - shares[0];
  double ready = times.get(select.getCondition()), before = ready;
  Spending::Sum saved;
  for (unsigned branch : {0, 1}) {
    Spending::Sum sum = spending.get(behind[branch].ops);
    addSaving(saved, sum, 1 - shares[branch]);
    double end = times.get(values[branch]), start = behind[branch].hasCalls ? sum.startMs : end;
    if (behind[branch].hasCalls && end >= before)
      saved.slackMs = sum.slackMs;
    before = std::max(before, end);
    ready = std::max(ready, start) + shares[branch] * std::max(0.0, end - start);
  }
  Change change;
  if (!isGain(select, saved, ready - before, change))
    return false;
  OpBuilder builder(select);
  auto conditional = ConditionalOp::create(
      builder, select.getLoc(), select->getResultTypes(), select.getCondition(),
      truth ? builder.getF64FloatAttr(*truth) : FloatAttr());
  for (unsigned branch : {0, 1}) {
    moveInto(behind[branch], shares[branch]);
    builder.setInsertionPointToEnd(&conditional->getRegion(branch).emplaceBlock());
    YieldOp::create(builder, select.getLoc(), values[branch]);
  }
  state.applied(select.getLoc(), "nested", Allow::Lossless,
                "decides before what is chosen is computed", change);
  replace(select.getOperation(), conditional->getResult(0), ready);
  return true;
}

bool xcs::nestPredicates(Rewrite &state, const OrderedOps &ordered, Spending &spending,
                         llvm::DenseSet<Operation *> &toSink) {
  // What constants decide is folded upstream.
  auto isConstant = [](Value flag) { return matchPattern(flag, m_Constant()); };
  std::vector<Operation *> roots;
  state.function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    auto select = dyn_cast<arith::SelectOp>(op);
    if (isJoin(op) ? !isPart(op) : select && select.getCondition().getType().isInteger(1) &&
                                         !isConstant(select.getCondition()))
      roots.push_back(op);
  });
  if (roots.empty())
    return false;
  PredicateNester nester(state, ordered, spending, toSink);
  bool changed = false;
  for (Operation *root : roots) {
    auto select = dyn_cast<arith::SelectOp>(root);
    changed |= select ? nester.nestChoice(select) : nester.nestJoin(root);
  }
  return changed;
}

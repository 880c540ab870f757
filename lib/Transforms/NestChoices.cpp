//===- NestChoices.cpp - Choose before what is chosen from is computed -----===//
//
// Lossless: what is not chosen is not asked for, and nothing else changes.
//
//===----------------------------------------------------------------------===//

#include "Nester.h"

using namespace mlir;
using namespace xcs;

/// `select %c, %a, %b` becomes `%c ? %a : %b`.
bool ChoiceNester::nest(arith::SelectOp select) {
  SmallVector<Value> values{select.getTrueValue(), select.getFalseValue()};
  SmallVector<Need> behind = needs.find(values, select.getOperation());
  if (values[0] == values[1] || !mayNest(select, behind))
    return false;
  std::optional<double> truth = truths.get(select.getCondition());
  ReadyTimes &times = spending.getReadyTimes();
  double shares[] = {truth.value_or(defaultFlagProbability), 0};
  shares[1] = 1 - shares[0];
  double ready = times.get(select.getCondition()), before = ready;
  Spending::Sum saved;
  for (unsigned branch : {0, 1}) {
    Spending::Sum sum = spending.get(behind[branch].ops);
    saved.add(sum, 1 - shares[branch]);
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
  auto conditional = ConditionalOp::create(builder, select.getLoc(), select->getResultTypes(),
                                           select.getCondition(),
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

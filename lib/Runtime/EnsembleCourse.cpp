//===- EnsembleCourse.cpp - How members come to one result -----------------===//

#include "EnsembleCourse.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

EnsembleCourse::EnsembleCourse(const Plan &plan, const Control &control, Pace pace)
    : plan(plan), control(control), decidesEarly(pace == Pace::AtOnce), waveEnd(control.waves[0]) {
  members.resize(waveEnd);
  for (uint32_t scope : control.scopes) {
    std::optional<int64_t> most = plan.scopes[scope].maxVotes;
    openVotes += most.value_or(0);
    openUnknown += !most;
  }
}

void EnsembleCourse::cast(const Member &member, size_t number, Votes &votes) const {
  if (!member.hasValue || control.policy != Policy::Majority)
    return;
  bool areItems = plan.scopes[control.scopes[number]].votesAreItems;
  const Value::List *items = areItems ? member.settled.yields[0].getList() : nullptr;
  if (!items)
    return votes.cast(member.settled.yields);
  for (const Value &item : *items)
    votes.cast({item});
}

void EnsembleCourse::add(size_t number, Settled settled) {
  Member &member = members[number];
  member.hasValue = settled.isAccepted() && !anyFailed(settled.yields) &&
                    (control.policy != Policy::Best || settled.score.getNumber());
  member.settled = std::move(settled);
  std::optional<int64_t> most = plan.scopes[control.scopes[number]].maxVotes;
  openVotes -= most.value_or(0);
  openUnknown -= !most;
  if (member.hasValue && present++ == 0)
    firstPresent = number;
  if (decidesEarly)
    cast(member, number, arrived);
  if (++done < waveEnd) {
    if (decidesEarly && isKnown())
      finish();
    return;
  }
  for (size_t at = waveEnd - control.waves[wave]; at < waveEnd; ++at)
    cast(members[at], at, inOrder);
  if (waveEnd == control.scopes.size() || isDecided())
    return finish();
  waveEnd += control.waves[++wave];
  members.resize(waveEnd);
}

std::optional<int64_t> EnsembleCourse::countOpenVotes() const {
  return openUnknown ? std::nullopt : std::optional(openVotes);
}

bool EnsembleCourse::isKnown() const {
  switch (control.policy) {
  case Policy::All:
    return present < done;
  case Policy::First:
    return present > 0;
  case Policy::Best:
    return false;
  case Policy::Majority:
    return arrived.isCertain(countOpenVotes(), control.quorum);
  }
  return false;
}

bool EnsembleCourse::isDecided() const {
  if (control.policy != Policy::Majority)
    return isKnown();
  return inOrder.isDecided(countOpenVotes(), control.quorum, control.confidence);
}

std::optional<double> EnsembleCourse::getAgreement() const {
  return control.policy == Policy::Majority ? getVotes().getShare() : std::nullopt;
}

void EnsembleCourse::finish() {
  outputs = choose();
  isDone = true;
}

/// The outputs, or none if there is no result.
std::vector<Value> EnsembleCourse::choose() const {
  if (control.policy == Policy::Majority) {
    const std::vector<Value> *winner = getVotes().getWinner(control.quorum);
    return winner ? *winner : std::vector<Value>();
  }
  if (control.policy == Policy::All) {
    if (present < control.scopes.size())
      return {};
    Value::List values;
    for (const Member &member : members)
      values.push_back(member.settled.yields[0]);
    return {Value::list(std::move(values))};
  }
  if (present == 0)
    return {};
  if (control.policy == Policy::First)
    return members[firstPresent].settled.yields;
  const Member *chosen = nullptr; // of equals the first
  for (const Member &member : members)
    if (member.hasValue &&
        (!chosen || *member.settled.score.getNumber() > *chosen->settled.score.getNumber()))
      chosen = &member;
  return chosen->settled.yields;
}

} // namespace xcs::runtime

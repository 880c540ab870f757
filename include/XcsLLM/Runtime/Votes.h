//===- Votes.h - Who wins a vote --------------------------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_VOTES_H
#define XCSLLM_RUNTIME_VOTES_H

#include "XcsLLM/Runtime/Value.h"
#include "llvm/ADT/StringMap.h"

namespace xcs::runtime {

/// The votes for the most frequent value: of several values as a tuple, of equals the
/// first that was cast.
class Votes {
public:
  /// Counts a vote, unless a part of it has failed.
  void cast(const std::vector<Value> &ballot);

  /// The winner; null if it has fewer than `quorum` votes, or none.
  const std::vector<Value> *getWinner(std::optional<int64_t> quorum) const;

  /// Whether `rest` votes more (none: nobody knows how many) cannot change the result;
  /// or P(Beta(a+1, b+1) > ½), a and b being the two largest counts, is no less than
  /// `confidence`.
  bool isDecided(std::optional<int64_t> rest, std::optional<int64_t> quorum,
                 std::optional<double> confidence) const;

  /// Whether `rest` votes more cannot change the result, in whatever order all of them
  /// are counted.
  bool isCertain(std::optional<int64_t> rest, std::optional<int64_t> quorum) const;

  /// The share of all votes that the most frequent value has; none without a vote.
  std::optional<double> getShare() const;

private:
  struct Count {
    std::vector<Value> ballot;
    int64_t votes = 0;
  };

  const Count *getLeader() const; ///< null without a vote

  std::vector<Count> counts; ///< in the order of their first votes
  llvm::StringMap<size_t> places;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_VOTES_H

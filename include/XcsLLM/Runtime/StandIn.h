//===- StandIn.h - Models and tools that are none ---------------*- C++ -*-===//
//
// Answers that are functions of what is asked and of which sample it is, so that a
// program and its rewritten form can be compared: never of the order or the number of
// requests. Failures are injected by the same keys.
//
// Which sample an answer is, its identity: the numbers of a task's `sample_ids`, one
// for each item of the batches of known length around it, and each sample; behind it
// the indices of items of other batches, and of attempts. Without numbers it is the
// task's place. A deterministic request has one answer, whoever asks.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_STANDIN_H
#define XCSLLM_RUNTIME_STANDIN_H

#include "XcsLLM/Runtime/Interpreter.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include <map>
#include <set>

namespace xcs::runtime {

/// A sequence of numbers that depends on its seed alone.
class Dice {
public:
  explicit Dice(uint64_t seed) : state(seed) {}

  uint64_t next();
  /// From 0 to `sides` - 1.
  uint64_t roll(uint64_t sides) { return next() % sides; }
  bool oneIn(uint64_t sides) { return roll(sides) == 0; }
  template <typename List> auto pick(const List &list) { return list[roll(list.size())]; }

private:
  uint64_t state;
};

/// What the parses of a document look for, so that answers can have it.
class Vocabulary {
public:
  explicit Vocabulary(const Document &document);

  /// Some text of a model, or of a person.
  std::string say(uint64_t seed) const;
  /// A text with something for each of the parse tasks.
  std::string sayFor(llvm::ArrayRef<const Task *> readers, uint64_t seed) const;

private:
  struct Member {
    std::string pointer;
    Type type;
  };

  std::string sayJson(Dice &dice) const;

  std::vector<std::string> labels, patterns;
  std::vector<Member> members; ///< of JSON objects
};

/// A text that the regular expression matches, for the commoner forms.
std::string makeExample(llvm::StringRef pattern, Dice &dice);

/// What was asked of a stand-in.
struct Asked {
  uint64_t requests = 0, samples = 0;
  /// How often each sample was asked for, by its key.
  llvm::MapVector<uint64_t, unsigned> keys;
  /// Requests' samples and parses that can fail, in the order in which they came up.
  llvm::SetVector<uint64_t> canFail;
  llvm::DenseSet<uint64_t> failed; ///< those that did
  /// The keys of all samples of each request of several.
  std::set<std::vector<uint64_t>> lists;
  /// What has failed, each by itself: a sample, a parse, or a request of several.
  llvm::SetVector<uint64_t> events;
  bool hasFailedList = false; ///< that all samples of a request of several have
  /// Calls of impure tools.
  std::vector<std::pair<std::string, std::vector<Value>>> toolCalls;
};

/// What is made to fail, and what is not.
struct Injection {
  std::vector<uint64_t> failing; ///< keys of samples and parses
  /// Of the events to come those that do not: a sample is as it would be, and a response
  /// that cannot be read has some value of its type.
  std::vector<uint64_t> pardoned;
  /// A request of several samples that all fail gives a list of them, as it does if each
  /// of them comes back empty. Else it fails as a whole. With its event among the
  /// pardoned it does the other one of the two.
  bool givesLists = false;
};

class StandIn : public Backend {
public:
  StandIn(const Vocabulary &vocabulary, const Injection &injection)
      : vocabulary(vocabulary), failing(injection.failing.begin(), injection.failing.end()),
        pardoned(injection.pardoned.begin(), injection.pardoned.end()),
        givesLists(injection.givesLists) {}

  Value ask(const Call &call) override;
  std::vector<Value> use(const Call &call) override;
  Value read(const Call &call) override;
  Value lookUp(const Call &call) override;
  void store(const Call &call) override;

  Asked asked;

private:
  bool fails(uint64_t key, uint64_t event);
  Value giveList(const Call &call, Value::List answers);

  const Vocabulary &vocabulary;
  llvm::DenseSet<uint64_t> failing, pardoned;
  bool givesLists;
  std::map<std::string, Value> cache;
};

/// What a stand-in answers for a sample of a request, when that does not fail: a function
/// of the request, of its inputs, and of which sample it is. A text can be read by all of
/// `readers`, parse tasks, if one is found soon.
Value inventAnswer(const Call &call, int64_t sample, const Vocabulary &vocabulary,
                   llvm::ArrayRef<const Task *> readers = {});
/// What it gives for a tool: a function of its name and inputs.
std::vector<Value> inventOutputs(const Call &call, const Vocabulary &vocabulary);

/// Inputs for a run of the plan: the same for plans of one name and form.
std::vector<Value> inventInputs(const Plan &plan, const Vocabulary &vocabulary);

/// Which sample of which run of its task something is, as described above.
std::string getIdentity(const Call &call, int64_t sample);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_STANDIN_H

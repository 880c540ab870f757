//===- AnswerStore.h - Answers that outlive a run ---------------*- C++ -*-===//
//
// Two SQLite files: a cache, which any number of processes share, and the state of a
// run, with which it goes on where it was killed. What comes out of them is what was
// put in, or nothing: each entry has a checksum, and a damaged file is not used.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_ANSWERSTORE_H
#define XCSLLM_RUNTIME_ANSWERSTORE_H

#include "XcsLLM/Runtime/Observer.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <memory>

namespace xcs::runtime {

/// SHA-256, as 64 hexadecimal digits, of the parts; other parts, or parts divided
/// otherwise, have another.
std::string makeDigest(llvm::ArrayRef<llvm::StringRef> parts);

/// Milliseconds since 1970.
int64_t getNowMs();

//===----------------------------------------------------------------------===//
// Cache
//===----------------------------------------------------------------------===//

/// The key of a cached value: all that the answer depends on, and who shares it.
std::string makeCacheKey(llvm::StringRef fingerprint, llvm::StringRef space,
                         llvm::ArrayRef<Value> inputs);

class AnswerCache {
public:
  struct Options {
    uint64_t maxBytes = uint64_t(1) << 30; ///< of keys and values; the longest unused go first
    std::function<int64_t()> getNowMs = runtime::getNowMs;
    /// Is told of damage, in a line for people.
    std::function<void(const std::string &)> warn = [](const std::string &) {};
  };

  /// Opens the file, or makes it. A cache that is damaged is set aside, under a name that
  /// it warns of, and a new one begun. An error if the file is something else, or cannot be
  /// written.
  static llvm::Expected<std::unique_ptr<AnswerCache>> open(llvm::StringRef file,
                                                           const Options &options);
  ~AnswerCache();

  /// What is kept for the key, of the type, and no older than `ttlS` seconds if that is
  /// given; failed if there is nothing. A file that does not answer keeps nothing.
  Value lookUp(llvm::StringRef key, const Type &type, std::optional<double> ttlS = std::nullopt);

  /// Keeps the value, for `ttlS` seconds if that is given: not one that has failed, nor a
  /// list with an item that has.
  void store(llvm::StringRef key, const Value &value, std::optional<double> ttlS = std::nullopt);

  struct State;

private:
  explicit AnswerCache(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

//===----------------------------------------------------------------------===//
// State of a run
//===----------------------------------------------------------------------===//

/// What makes a run the same run.
struct RunIdentity {
  std::string schedule; ///< digest of the document
  std::string plan;     ///< its name
  std::string inputs;   ///< digest of all inputs
  std::string services; ///< what answers: a simulation's are of no use to servers
};

class RunState {
public:
  /// An answer, under a key that tells the task and the item or attempt, and the digest of
  /// what was asked.
  struct Entry {
    std::string key, request;
    KeptAnswer answer;
  };

  /// Opens the file, or makes it. An error if it is of another run, or used by another
  /// process, or damaged.
  static llvm::Expected<std::unique_ptr<RunState>> open(llvm::StringRef file,
                                                        const RunIdentity &identity);
  ~RunState();

  /// The run's id: chosen when the file is made, and kept.
  llvm::StringRef getRunId() const;

  /// How many answers there are.
  uint64_t getCount() const;

  /// What is kept for the key, by sample: if the request is still the one of that digest,
  /// and the values are of the types, which are those of all samples.
  std::vector<KeptAnswer> find(llvm::StringRef key, llvm::StringRef request,
                               llvm::ArrayRef<Type> types);

  /// Keeps all of them: when this returns, no end of this process loses them. An error if
  /// they could not be kept; then none is.
  llvm::Error store(llvm::ArrayRef<Entry> entries);

  struct State;

private:
  explicit RunState(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_ANSWERSTORE_H

//===- Caching.h - Which answers are worth keeping --------------*- C++ -*-===//
//
// What a cache knows a request by, when two runs of a call may share an answer,
// and whether a look into the cache pays. Rewrites nothing.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_CACHING_H
#define XCSLLM_ANALYSIS_CACHING_H

#include "XcsLLM/Analysis/CostModel.h"
#include "XcsLLM/Analysis/Objective.h"
#include "llvm/ADT/StringSet.h"

namespace xcs {

//===----------------------------------------------------------------------===//
// Fingerprints
//===----------------------------------------------------------------------===//

/// All of a request but its messages, as a text: equal for equal requests, on every
/// machine, and different for different ones. What decides how and when it is asked,
/// but not the answer, is left out: hints, leave, quality floors, service tiers.
std::string getCanonicalRequest(LLMCallOpInterface call);

/// What a cache knows a request by: its operation, its model, and the SHA-256 of its
/// canonical text.
std::string getFingerprint(LLMCallOpInterface call);

/// Numbers the samples of equal requests, so that each is kept under a name of its
/// own: two samples that shared an entry would be one.
class SampleNumbers {
public:
  /// Names that are taken are those that `function` already keeps answers under.
  explicit SampleNumbers(mlir::Operation *function);
  /// The name of the next sample of what is kept under `fingerprint`.
  std::string getNext(llvm::StringRef fingerprint);

private:
  llvm::StringSet<> taken;
  llvm::StringMap<uint64_t> next;
};

//===----------------------------------------------------------------------===//
// Where one entry stands for one sample
//===----------------------------------------------------------------------===//

/// Functions that something calls, as an analysis of a module.
class CalledFunctions {
public:
  explicit CalledFunctions(mlir::Operation *module);
  bool contains(mlir::Operation *function) const { return called.contains(function); }
  /// Whether it is called where a budget or a deadline holds, that of who calls.
  bool isConstrained(mlir::Operation *function) const { return constrained.contains(function); }

private:
  llvm::DenseSet<mlir::Operation *> called, constrained;
};

/// Why an operation may run more than once in one run of its function; empty if it
/// runs at most once.
llvm::StringRef findRepetition(mlir::Operation *op);

/// What looks into a cache may take before a constraint breaks.
class LookupRoom {
public:
  /// `program` has to outlive it.
  LookupRoom(const ProgramCost &program, const Effort &lookup);

  /// The constraint, of a chain or the function around `call`, that it might break at
  /// worst by a look in each of its runs; empty if it breaks none, and then the room
  /// is taken. What is unknown might be anything.
  llvm::StringRef take(const CallCost &call);

private:
  struct Need {
    double usd = 0, ms = 0;
  };
  llvm::StringRef findBroken(mlir::Operation *around, const Need &more) const;

  const ProgramCost &program;
  const Effort lookup;
  llvm::DenseMap<mlir::Operation *, const ChainCost *> chains;
  llvm::DenseMap<mlir::Operation *, Need> taken; ///< of what has constraints
};

//===----------------------------------------------------------------------===//
// Whether it pays
//===----------------------------------------------------------------------===//

/// What a call takes behind a cache: `lookup` each time, and itself but for the share
/// `hitRate` of its runs.
Effort getCachedEffort(const Effort &call, double hitRate, const Effort &lookup);

enum class CachingGain : uint8_t { Yes, No, Unknown };

/// Whether that gains. It may where `call` is not known completely: what is saved at
/// least may be more than the look.
CachingGain getCachingGain(const Effort &call, double hitRate, const Effort &lookup,
                           Objective objective);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_CACHING_H

//===- Profile.h - What runs of a program have measured ---------*- C++ -*-===//
//
// The format that `xcs-run --profile` writes; see docs/Profiles.md. Everything in it
// may be absent, and is unknown then.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_PROFILE_H
#define XCSLLM_ANALYSIS_PROFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xcs {

/// How often something came out one way.
struct MeasuredShare {
  int64_t runs = 0, hits = 0;

  /// None if it never ran.
  std::optional<double> get() const {
    return runs > 0 ? std::optional(double(hits) / runs) : std::nullopt;
  }
};

struct MeasuredTask {
  std::string id; ///< as in the schedule
  std::optional<std::string> model, tool;
  int64_t calls = 1;                      ///< of a tool
  std::optional<double> outputTokens;     ///< mean of a sample, or of each text that a tool gives
  std::optional<double> latencyMs;        ///< mean
  std::optional<MeasuredShare> cache;     ///< requests, and how many of them were answered before
  std::optional<double> agreement;        ///< mean share of the winner among the votes
  std::vector<MeasuredShare> stages;      ///< of a cascade: started, and accepted
  std::optional<MeasuredShare> condition; ///< runs, and how often it held
};

struct MeasuredInput {
  std::optional<double> tokens; ///< mean; of a list, of its items
  std::optional<double> count;  ///< mean number of a list's items
};

struct MeasuredPlan {
  std::string name;
  std::vector<MeasuredInput> inputs; ///< by position
  std::vector<MeasuredTask> tasks;
};

struct MeasuredModel {
  std::string name;
  std::optional<double> ttftMs, outputTokensPerS;
  std::optional<double> failureRate; ///< share of requests that failed, from 0 to 1
};

struct Profile {
  std::string sourceHash; ///< of the program that was run, as in its schedule; may be empty
  std::vector<MeasuredModel> models;
  std::vector<MeasuredPlan> plans;
};

/// What tells a program's text from all others: its SHA-256, in hexadecimal.
std::string hashSource(llvm::StringRef text);

/// Reads a profile. An error says where what is wrong; that of a simulation is one.
llvm::Expected<Profile> readProfile(llvm::StringRef json);
/// Reads the profile in the file.
llvm::Expected<Profile> loadProfile(llvm::StringRef path);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_PROFILE_H

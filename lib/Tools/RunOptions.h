//===- RunOptions.h - What xcs-run is asked for -----------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TOOLS_RUNOPTIONS_H
#define XCSLLM_LIB_TOOLS_RUNOPTIONS_H

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include <string>

namespace xcs::runtime {

namespace cl = llvm::cl;

enum class Format { Default, Text, Json };

struct RunOptions {
  cl::OptionCategory category{"Options of xcs-run"};
  cl::opt<std::string> schedule{cl::Positional, cl::Required, cl::desc("<schedule>"),
                                cl::cat(category)};
  cl::list<std::string> inputs{"input", cl::value_desc("name=value"), cl::cat(category),
                               cl::desc("An input of the plan; name=@file reads it from a file")};
  cl::opt<std::string> rows{"inputs", cl::value_desc("file"), cl::cat(category),
                            cl::desc("Run once for each line, a JSON object of inputs")};
  cl::opt<std::string> plan{"plan", cl::value_desc("name"), cl::cat(category),
                            cl::desc("The plan to run, if the schedule has several")};
  cl::opt<Format> format{
      "format", cl::cat(category), cl::desc("How outputs are printed"),
      cl::values(clEnumValN(Format::Text, "text", "as they are (default for one run)"),
                 clEnumValN(Format::Json, "json", "an object on one line (default for --inputs)")),
      cl::init(Format::Default)};
  cl::opt<bool> simulate{"simulate", cl::cat(category),
                         cl::desc("Invent all answers, after the time that is expected (the "
                                  "default without an endpoint)")};
  cl::opt<double> timeScale{"time-scale", cl::init(1), cl::value_desc("factor"), cl::cat(category),
                            cl::desc("How long a simulated second takes, in seconds; 0: no time")};
  cl::opt<std::string> endpoint{"endpoint", cl::value_desc("url"), cl::cat(category),
                                cl::desc("An OpenAI-compatible server that has all models")};
  cl::opt<std::string> config{"config", cl::value_desc("file"), cl::cat(category),
                              cl::desc("How models and tools are reached, as JSON")};
  cl::opt<std::string> cache{"cache", cl::value_desc("file"), cl::cat(category),
                             cl::desc("Keep cached answers there, for other runs, too")};
  cl::opt<std::string> state{"state", cl::value_desc("file"), cl::cat(category),
                             cl::desc("Keep each answer there: a run that was ended goes on")};
  cl::opt<unsigned> parallelRuns{"parallel-runs", cl::init(64), cl::value_desc("count"),
                                 cl::cat(category),
                                 cl::desc("Most lines of --inputs that run at once")};
  cl::opt<unsigned> concurrency{
      "concurrency", cl::init(256), cl::value_desc("count"), cl::cat(category),
      cl::desc("Most requests to servers at once, whatever models allow")};
  cl::opt<unsigned> toolConcurrency{"tool-concurrency", cl::init(16), cl::value_desc("count"),
                                    cl::cat(category), cl::desc("Most calls of tools at once")};
  cl::opt<std::string> trace{"trace", cl::value_desc("file"), cl::cat(category),
                             cl::desc("Write Chrome trace events, for Perfetto")};
  cl::opt<std::string> telemetry{"telemetry", cl::value_desc("file"), cl::cat(category),
                                 cl::desc("Write OpenTelemetry spans, as OTLP's JSON")};
  cl::opt<std::string> profile{
      "profile", cl::value_desc("file"), cl::cat(category),
      cl::desc("Write what was measured, for xcs-opt --xcs-apply-profile")};
  cl::opt<bool> quiet{"quiet", cl::cat(category), cl::desc("Print outputs and errors alone")};

  bool isSimulated() const { return simulate || (endpoint.empty() && config.empty()); }
  /// Says what is wrong with them, if something is.
  llvm::Error check() const;

private:
  llvm::Error checkFiles() const;
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_TOOLS_RUNOPTIONS_H

//===- RunOptions.cpp - What xcs-run is asked for --------------------------===//

#include "RunOptions.h"
#include "RunFiles.h"
#include <cmath>

using namespace llvm;

namespace xcs::runtime {

Error RunOptions::checkFiles() const {
  std::vector<NamedFile> read, written;
  auto add = [](std::vector<NamedFile> &files, const cl::opt<std::string> &option) {
    if (!option.empty())
      files.push_back({"--" + option.ArgStr.str(), option.getValue()});
  };
  read.push_back({"the schedule", schedule.getValue()});
  for (const std::string &input : inputs)
    if (auto [name, value] = StringRef(input).split('='); value.starts_with("@"))
      read.push_back({"that of --input " + name.str(), value.drop_front()});
  add(read, rows);
  add(read, config);
  for (const cl::opt<std::string> *option : {&cache, &state, &trace, &telemetry, &profile})
    add(written, *option);
  return runtime::checkFiles(read, written);
}

Error RunOptions::check() const {
  // An empty text is an unset variable of the shell, say, and not an option left out.
  for (const cl::opt<std::string> *option :
       {&rows, &plan, &endpoint, &config, &cache, &state, &trace, &telemetry, &profile})
    if (option->getNumOccurrences() && option->empty())
      return createStringError("--" + option->ArgStr + " must not be empty");
  for (const cl::opt<unsigned> *option : {&concurrency, &toolConcurrency, &parallelRuns})
    if (*option == 0)
      return createStringError("--" + option->ArgStr + " must be at least 1 (got 0)");
  if (!rows.empty() && !inputs.empty())
    return createStringError("--input and --inputs exclude each other");
  if (simulate && !endpoint.empty())
    return createStringError("--simulate and --endpoint exclude each other");
  if (!std::isfinite(timeScale) || timeScale < 0)
    return createStringError("--time-scale must be a number that is not negative");
  if (!isSimulated() && timeScale != 1)
    return createStringError("--time-scale is for simulations alone");
  if (isSimulated() && !cache.empty())
    return createStringError("--cache is for answers of servers, and a simulation invents them");
  return checkFiles();
}

} // namespace xcs::runtime

//===- ToolProcess.h - Commands that work beside us -------------*- C++ -*-===//
//
// Runs commands, any number at a time, on one thread: `start` some, wait until one of
// their files or their time is due (`HttpClient::poll` takes the files), `poll`. A
// command is a list of words and never goes through a shell. It leads a process group
// of its own, which ends with it.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_TOOLPROCESS_H
#define XCSLLM_RUNTIME_TOOLPROCESS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <poll.h>
#include <string>
#include <vector>

namespace xcs::runtime {

struct ToolCommand {
  std::vector<std::string> words;     ///< the program, found in PATH, and its arguments
  std::vector<std::string> withheld;  ///< variables of our environment that it does not get
  std::vector<std::string> variables; ///< `NAME=value` each, that it gets besides
  std::vector<std::string> secrets;   ///< that are blotted out of what it says
  std::string input;                  ///< on its standard input
  int64_t timeoutMs = 60000;
  size_t maxOutputBytes = size_t(64) << 20;
};

struct ToolResult {
  uint64_t id = 0;    ///< what `start` gave
  std::string output; ///< what it wrote to its standard output
  /// Why there is no result, with the end of what it wrote to its standard error; empty
  /// if it ended with 0.
  std::string failure;
  std::string errorOutput; ///< the last 4 KiB of its standard error
};

class ToolProcesses {
public:
  ToolProcesses();
  ~ToolProcesses(); ///< kills what still runs

  /// Starts the command; the result is its number. A command that cannot be started is
  /// a result with a failure.
  uint64_t start(ToolCommand command);

  /// Ends the command and all that it started, asking first: 1 s later by force. `poll`
  /// does not report it.
  void cancel(uint64_t id);

  /// How many commands run that were not cancelled.
  size_t getActive() const;

  /// Adds the files that something is expected of.
  void addFiles(std::vector<pollfd> &files) const;

  /// After how many milliseconds `poll` has something to do even if no file is ready;
  /// -1 if never.
  int64_t getTimeoutMs() const;

  /// Does what can be done without waiting, and gives what is done by then.
  std::vector<ToolResult> poll();

private:
  struct State;
  std::unique_ptr<State> state;
};

/// Has writes to closed pipes and connections fail, instead of ending the process.
/// Whoever makes an `HttpClient` or `ToolProcesses` has asked for it.
void ignoreBrokenPipes();

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_TOOLPROCESS_H

//===- ToolProcess.cpp - Commands that work beside us ----------------------===//

#include "XcsLLM/Runtime/ToolProcess.h"
#include "XcsLLM/Runtime/OpenAi.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;

extern char **environ;

namespace xcs::runtime {

using Clock = std::chrono::steady_clock;

void ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN); }

namespace {

/// A file that is closed when its owner goes.
class File {
public:
  File() = default;
  explicit File(int number) : number(number) {}
  File(File &&other) : number(std::exchange(other.number, -1)) {}
  File &operator=(File &&other) {
    std::swap(number, other.number);
    return *this;
  }
  ~File() { reset(); }

  void reset() {
    if (isOpen())
      close(std::exchange(number, -1));
  }
  bool isOpen() const { return number >= 0; }
  int get() const { return number; }

private:
  int number = -1;
};

/// Two ends, closed in children; of ours, no call waits.
struct Pipe {
  File ours, theirs;

  bool open(bool isOutput) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
      return false;
    ours = File(ends[isOutput ? 0 : 1]);
    theirs = File(ends[isOutput ? 1 : 0]);
    return fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0;
  }
};

struct Process {
  uint64_t id = 0;
  ToolCommand command;
  pid_t pid = -1;
  bool hasEnded = false, isCancelled = false;
  int status = 0;
  File in, out, err;
  File end; ///< ready when the process has ended; not open where the kernel has none
  size_t written = 0;
  ToolResult result;
  Clock::time_point deadline; ///< when it is out of time, or is ended by force
};

} // namespace

struct ToolProcesses::State {
  uint64_t lastId = 0;
  std::vector<std::unique_ptr<Process>> running;
  std::vector<ToolResult> done;
};

//===----------------------------------------------------------------------===//
// Starting
//===----------------------------------------------------------------------===//

/// Our environment without the variables that are withheld, and with those of the command.
static std::vector<char *> makeEnvironment(const ToolCommand &command) {
  auto getName = [](StringRef variable) { return variable.split('=').first; };
  std::vector<char *> variables;
  for (const std::string &variable : command.variables)
    variables.push_back(const_cast<char *>(variable.c_str()));
  for (char **variable = environ; *variable; ++variable) {
    StringRef name = getName(*variable);
    bool isReplaced =
        any_of(command.variables, [&](const std::string &own) { return getName(own) == name; });
    if (!isReplaced && !is_contained(command.withheld, name))
      variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  return variables;
}

/// Starts the command with the three files, in a process group of its own; 0, or why not.
static int spawn(const ToolCommand &command, int in, int out, int err, pid_t &pid) {
  std::vector<char *> arguments, environment = makeEnvironment(command);
  for (const std::string &word : command.words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, err, 2);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  sigset_t none, all;
  sigemptyset(&none);
  sigemptyset(&all);
  for (int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGXFSZ})
    sigaddset(&all, number);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setsigdefault(&how, &all);
  posix_spawnattr_setpgroup(&how, 0);
  posix_spawnattr_setflags(&how,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int error = posix_spawnp(&pid, arguments[0], &files, &how, arguments.data(), environment.data());
  posix_spawnattr_destroy(&how);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

ToolProcesses::ToolProcesses() : state(std::make_unique<State>()) { ignoreBrokenPipes(); }

uint64_t ToolProcesses::start(ToolCommand command) {
  auto process = std::make_unique<Process>();
  process->id = process->result.id = ++state->lastId;
  process->command = std::move(command);
  process->deadline =
      Clock::now() + std::chrono::milliseconds(std::max<int64_t>(process->command.timeoutMs, 0));
  Pipe in, out, err;
  int error = process->command.words.empty() ? ENOENT : 0;
  if (!error && !(in.open(false) && out.open(true) && err.open(true)))
    error = errno;
  if (!error)
    error =
        spawn(process->command, in.theirs.get(), out.theirs.get(), err.theirs.get(), process->pid);
  if (error) {
    process->result.failure = "could not be started: " + std::string(strerror(error));
    state->done.push_back(std::move(process->result));
    return state->lastId;
  }
  process->in = std::move(in.ours);
  process->out = std::move(out.ours);
  process->err = std::move(err.ours);
  process->end = File(int(syscall(SYS_pidfd_open, process->pid, 0)));
  state->running.push_back(std::move(process));
  return state->lastId;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// Writes what the command takes; closes its input when it has all, or wants no more.
static void writeInput(Process &process) {
  StringRef rest = StringRef(process.command.input).drop_front(process.written);
  while (process.in.isOpen() && !rest.empty()) {
    ssize_t size = write(process.in.get(), rest.data(), rest.size());
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0 && errno == EAGAIN)
      return;
    if (size < 0)
      break; // it does not read on, which is its own affair
    process.written += size;
    rest = rest.drop_front(size);
  }
  process.in.reset();
}

/// Takes some of what there is to read, until `take` has enough; closes the file at its
/// end.
template <typename Take> static void readSome(File &file, Take take) {
  char buffer[1 << 16];
  // Not for ever: there may always be more.
  for (unsigned turn = 0; turn < 16 && file.isOpen(); ++turn) {
    ssize_t size = read(file.get(), buffer, sizeof(buffer));
    if (size > 0 && take(StringRef(buffer, size)))
      continue;
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0 && errno == EAGAIN)
      return;
    if (size > 0)
      return;
    file.reset();
  }
}

static constexpr size_t errorBytes = 4096;

/// Leaves the end of what it said, without secrets.
static void shortenErrors(Process &process) {
  std::string &errors = process.result.errorOutput;
  errors = blotOut(errors, process.command.secrets); // before half of one is cut off
  if (errors.size() > errorBytes)
    errors.erase(0, errors.size() - errorBytes);
}

static void readOutputs(Process &process) {
  ToolResult &result = process.result;
  readSome(process.out, [&](StringRef data) {
    if (result.output.size() + data.size() > process.command.maxOutputBytes) {
      result.failure =
          "gave more than " + std::to_string(process.command.maxOutputBytes) + " bytes";
      return false;
    }
    result.output += data;
    return true;
  });
  readSome(process.err, [&](StringRef data) {
    result.errorOutput += data;
    if (result.errorOutput.size() > 2 * errorBytes)
      shortenErrors(process);
    return true;
  });
}

//===----------------------------------------------------------------------===//
// Ending
//===----------------------------------------------------------------------===//

static void sendSignal(const Process &process, int signal) {
  if (process.pid > 0)
    kill(-process.pid, signal);
}

/// Takes note of the end of the process. It stays a zombie, so that its number, by which
/// its group is known, is not given to another.
static void noteEnd(Process &process) {
  siginfo_t info = {};
  int result;
  do
    result = waitid(P_PID, process.pid, &info, WEXITED | WNOHANG | WNOWAIT);
  while (result < 0 && errno == EINTR);
  process.hasEnded = result < 0 || info.si_pid != 0;
}

/// Ends all of the process's group, and waits until the process is gone.
static void endByForce(Process &process) {
  sendSignal(process, SIGKILL);
  while (waitpid(process.pid, &process.status, 0) < 0 && errno == EINTR)
    continue;
}

/// What the status of an ended process says; empty if all is well.
static std::string describeStatus(int status) {
  if (WIFSIGNALED(status))
    return "ended by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) ? "ended with status " + std::to_string(WEXITSTATUS(status)) : "";
}

static ToolResult finish(Process &process) {
  shortenErrors(process);
  ToolResult result = std::move(process.result);
  if (result.failure.empty())
    result.failure = describeStatus(process.status);
  StringRef said = StringRef(result.errorOutput).trim();
  if (!result.failure.empty() && !said.empty())
    result.failure += ": " + makeLine(said.substr(said.rfind('\n') + 1), 500);
  if (!result.failure.empty())
    result.output.clear();
  return result;
}

/// Whether the process has come to its end, or was brought to it.
static bool settle(Process &process) {
  writeInput(process);
  readOutputs(process);
  noteEnd(process);
  std::string &failure = process.result.failure;
  if (!process.hasEnded && Clock::now() >= process.deadline && failure.empty())
    failure = "took longer than " + std::to_string(process.command.timeoutMs) + " ms";
  if (!process.hasEnded && failure.empty())
    return false;
  // What it has started ends with it, and may have its outputs open.
  endByForce(process);
  readOutputs(process);
  return true;
}

ToolProcesses::~ToolProcesses() {
  for (auto &process : state->running)
    endByForce(*process);
}

void ToolProcesses::cancel(uint64_t id) {
  erase_if(state->done, [&](const ToolResult &result) { return result.id == id; });
  for (auto &process : state->running)
    if (process->id == id && !process->isCancelled) {
      process->isCancelled = true;
      process->in.reset();
      process->deadline = Clock::now() + std::chrono::seconds(1);
      sendSignal(*process, SIGTERM);
    }
}

size_t ToolProcesses::getActive() const {
  return state->done.size() +
         count_if(state->running, [](auto &process) { return !process->isCancelled; });
}

void ToolProcesses::addFiles(std::vector<pollfd> &files) const {
  for (auto &process : state->running) {
    if (process->in.isOpen())
      files.push_back({process->in.get(), POLLOUT, 0});
    for (const File *file : {&process->out, &process->err, &process->end})
      if (file->isOpen())
        files.push_back({file->get(), POLLIN, 0});
  }
}

int64_t ToolProcesses::getTimeoutMs() const {
  if (!state->done.empty())
    return 0;
  int64_t least = -1;
  for (auto &process : state->running) {
    auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(process->deadline - Clock::now());
    int64_t ms = std::max<int64_t>(left.count() + 1, 0);
    if (!process->end.isOpen())
      ms = std::min<int64_t>(ms, 2);
    least = least < 0 ? ms : std::min(least, ms);
  }
  return least;
}

std::vector<ToolResult> ToolProcesses::poll() {
  std::vector<ToolResult> results = std::move(state->done);
  state->done.clear();
  for (auto &process : state->running)
    if (settle(*process)) {
      if (!process->isCancelled)
        results.push_back(finish(*process));
      process.reset();
    }
  erase_if(state->running, [](auto &process) { return !process; });
  return results;
}

} // namespace xcs::runtime

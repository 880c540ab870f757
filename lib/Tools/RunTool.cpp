//===- RunTool.cpp - The command-line tool that runs schedules -------------===//

#include "XcsLLM/Tools/RunTool.h"
#include "RunOptions.h"
#include "RunProgress.h"
#include "RunRecords.h"
#include "Streams.h"
#include "Version.h"
#include "XcsLLM/Runtime/Network.h"
#include "XcsLLM/Runtime/RunInputs.h"
#include "XcsLLM/Runtime/RunMemory.h"
#include "XcsLLM/Runtime/RunReport.h"
#include "XcsLLM/Runtime/Simulation.h"
#include "XcsLLM/Runtime/ToolProcess.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include <csignal>
#include <map>
#include <random>

using namespace llvm;

namespace xcs::runtime {

namespace {

/// Whether it was started so, by `nohup` say. To be asked before LLVM has its handlers.
bool outlivesTerminal = false;
/// The runner that a signal ends.
std::atomic<Runner *> interruptible = nullptr;
/// What a second signal does: it ends the process, and leaves no half of a file.
struct sigaction endAtOnce;

/// Has `action` done by all signals that end runs.
void handleInterrupts(const struct sigaction &action) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    if (signal != SIGHUP || !outlivesTerminal)
      sigaction(signal, &action, nullptr);
}

void onInterrupt(int) {
  if (Runner *runner = interruptible)
    runner->interrupt();
  handleInterrupts(endAtOnce);
}

int fail(const Twine &reason) {
  errs() << "xcs-run: error: " << reason << "\n";
  return 1;
}

/// Prints results in the order of their inputs, whenever they come.
class Printer {
public:
  Printer(const Plan &plan, bool asJson, bool hasMany, bool isQuiet, Progress &progress)
      : plan(plan), asJson(asJson), hasMany(hasMany), isQuiet(isQuiet), progress(progress) {}

  void add(RunResult result) {
    ++count;
    failed += hasFailed(result);
    overspent += result.isOverspent;
    timeMs += result.endMs - result.startMs;
    waiting.emplace(result.number, std::move(result));
    for (auto next = waiting.begin(); next != waiting.end() && next->first == printed;
         next = waiting.erase(next), ++printed)
      print(next->second);
  }
  void finish() {
    for (const auto &[number, result] : waiting)
      print(result);
  }

  uint64_t count = 0, failed = 0, overspent = 0;
  double timeMs = 0; ///< of all runs

private:
  void print(const RunResult &result) {
    progress.clear();
    if (asJson)
      printJsonLine(plan, result, outs());
    else
      printText(plan, result, outs());
    outs().flush(); // for whoever reads along
    if (isQuiet && !hasFailed(result))
      return;
    for (const std::string &reason : explain(plan, result)) {
      errs() << "xcs-run: ";
      if (hasMany)
        errs() << "run " << result.number << ": ";
      errs() << reason << "\n";
    }
  }

  const Plan &plan;
  bool asJson, hasMany; ///< runs, whose numbers have to be told
  bool isQuiet;
  Progress &progress;
  std::map<uint64_t, RunResult> waiting;
  uint64_t printed = 0;
};

class Program {
public:
  explicit Program(const RunOptions &options) : options(options) {}

  int run();

private:
  Error read();
  Error readRows(StringRef name);
  Expected<RunConfig> readConfig() const;
  Expected<std::unique_ptr<Services>> makeServices(Clock &clock) const;
  Error openMemory();
  int runAll(Services &services, Clock &clock);

  const RunOptions &options;
  std::unique_ptr<MemoryBuffer> file;
  Document document;
  bool isSimulated = true;
  RunMemory memory;
  const Plan *plan = nullptr;
  std::vector<std::vector<Value>> rows;
};

} // namespace

static Expected<std::unique_ptr<MemoryBuffer>> readFile(StringRef name) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFileOrSTDIN(name);
  if (!file)
    return createStringError("cannot read '" + name + "': " + file.getError().message());
  return std::move(*file);
}

/// All lines are read before the first one runs: nothing is paid if one is wrong.
Error Program::readRows(StringRef name) {
  Expected<std::unique_ptr<MemoryBuffer>> file = readFile(name);
  if (!file)
    return file.takeError();
  size_t number = 0;
  for (StringRef line : split((*file)->getBuffer(), '\n')) {
    ++number;
    if (line.empty() || line == "\r")
      continue;
    Expected<std::vector<Value>> inputs = readInputsLine(*plan, line, name, number);
    if (!inputs)
      return inputs.takeError();
    rows.push_back(std::move(*inputs));
  }
  if (rows.empty())
    return createStringError(name + ": must have a line for each run (got none)");
  return Error::success();
}

/// An id that no other run has.
static std::string makeRunId() {
  std::random_device random;
  uint64_t id = uint64_t(random()) << 32 | random();
  return "run-" + utohexstr(id, /*LowerCase=*/true);
}

int Program::runAll(Services &services, Clock &clock) {
  RunRecords records;
  if (Error error =
          records.open({options.trace, options.telemetry, options.profile}, document, isSimulated))
    return fail(toString(std::move(error)));
  Dispatcher::Options settings;
  settings.observers = records.getObservers();
  memory.getNowMs = [&clock] { return clock.getNow(); };
  settings.memory = &memory;
  if (memory.state)
    settings.runId = memory.state->getRunId().str();
  else if (!isSimulated)
    settings.runId = makeRunId();
  // A simulation has as much at once as is expected, unless it is told otherwise.
  if (!isSimulated || options.concurrency.getNumOccurrences())
    settings.mostRequests = options.concurrency;
  if (!isSimulated || options.toolConcurrency.getNumOccurrences())
    settings.mostToolCalls = options.toolConcurrency;
  Dispatcher dispatcher(document, services, clock, std::move(settings));
  Runner runner(document, *plan, services, clock, dispatcher);
  runner.mostRuns = options.parallelRuns;
  Progress progress(*plan, dispatcher, clock, rows.size(), options.quiet);
  runner.tick = [&] { progress.show(); };
  if (progress.isShown() && options.timeScale > 0)
    runner.longestWaitMs = Progress::everyMs / options.timeScale;
  bool asJson = options.format == Format::Json ||
                (options.format == Format::Default && !options.rows.empty());
  Printer printer(*plan, asJson, !options.rows.empty(), options.quiet, progress);
  interruptible = &runner;
  sigaction(SIGTERM, nullptr, &endAtOnce);
  struct sigaction endRuns = {};
  endRuns.sa_handler = onInterrupt;
  endRuns.sa_flags = SA_RESTART;
  handleInterrupts(endRuns);
  if (outlivesTerminal)
    std::signal(SIGHUP, SIG_IGN);
  ignoreBrokenPipes();
  size_t next = 0;
  runner.run(
      [&]() -> std::optional<std::vector<Value>> {
        return next < rows.size() ? std::optional(std::move(rows[next++])) : std::nullopt;
      },
      [&](RunResult result) {
        printer.add(std::move(result));
        if (outs().has_error())
          runner.interrupt(); // nobody gets what more would be paid for
      });
  interruptible = nullptr;
  progress.clear();
  printer.finish();
  if (!options.quiet)
    printSummary({*plan, dispatcher.getStatistics(), printer.count, printer.failed,
                  printer.overspent, rows.size() - printer.count, clock.getNow(),
                  printer.timeMs / std::max<double>(printer.count, 1), isSimulated},
                 errs());
  if (Error error = records.finish())
    return fail(toString(std::move(error)));
  if (outs().has_error())
    return fail("cannot write outputs: " + outs().error().message());
  if (runner.wasInterrupted())
    return 130;
  return printer.failed ? 2 : 0;
}

/// Reads the schedule and the inputs.
Error Program::read() {
  Expected<std::unique_ptr<MemoryBuffer>> read = readFile(options.schedule);
  if (!read)
    return read.takeError();
  file = std::move(*read);
  Expected<Document> parsed = readDocument(file->getBuffer(), options.schedule);
  if (!parsed)
    return parsed.takeError();
  document = std::move(*parsed);
  Expected<const Plan *> chosen = choosePlan(document, options.plan);
  if (!chosen)
    return chosen.takeError();
  plan = *chosen;
  if (!options.rows.empty())
    return readRows(options.rows);
  std::vector<std::string> given(options.inputs.begin(), options.inputs.end());
  Expected<std::vector<Value>> inputs = readInputs(*plan, given);
  if (!inputs)
    return inputs.takeError();
  rows.push_back(std::move(*inputs));
  return Error::success();
}

Expected<RunConfig> Program::readConfig() const {
  RunConfig config;
  if (!options.config.empty()) {
    Expected<std::unique_ptr<MemoryBuffer>> file = readFile(options.config);
    if (!file)
      return file.takeError();
    Expected<RunConfig> read = RunConfig::read((*file)->getBuffer(), options.config);
    if (!read)
      return read.takeError();
    config = std::move(*read);
  }
  if (!options.endpoint.empty())
    if (Error error = config.setDefault(options.endpoint))
      return createStringError("--endpoint " + toString(std::move(error)));
  return config;
}

Expected<std::unique_ptr<Services>> Program::makeServices(Clock &clock) const {
  if (isSimulated)
    return std::make_unique<Simulation>(document, *plan, clock);
  if (any_of(plan->tasks,
             [](const Task &task) { return task.dispatch && task.dispatch->tier == Tier::Batch; }))
    errs() << "xcs-run: warning: requests of the batch tier are sent, and paid, at the standard "
              "one: who runs a plan waits for its answers\n";
  Expected<RunConfig> config = readConfig();
  if (!config)
    return config.takeError();
  return Network::create(document, *plan, *config, clock);
}

Error Program::openMemory() {
  auto warn = [](const std::string &warning) { errs() << "xcs-run: warning: " << warning << "\n"; };
  memory.warn = warn;
  if (!options.cache.empty()) {
    if (none_of(plan->tasks, [](const Task &task) { return task.kind == TaskKind::CacheLookup; }))
      warn("the plan looks nothing up in a cache; xcs-opt --xcs-insert-caching makes it do so");
    AnswerCache::Options settings;
    settings.warn = warn;
    Expected<std::unique_ptr<AnswerCache>> cache = AnswerCache::open(options.cache, settings);
    if (!cache)
      return cache.takeError();
    memory.cache = std::move(*cache);
  }
  if (options.state.empty())
    return Error::success();
  std::vector<StringRef> inputs;
  std::vector<std::string> keys;
  for (const std::vector<Value> &row : rows)
    keys.push_back(getKey(Value::list(row)));
  inputs.assign(keys.begin(), keys.end());
  RunIdentity identity{makeDigest({file->getBuffer()}), plan->name, makeDigest(inputs),
                       isSimulated ? "simulation" : "servers"};
  Expected<std::unique_ptr<RunState>> state = RunState::open(options.state, identity);
  if (!state)
    return state.takeError();
  memory.state = std::move(*state);
  return Error::success();
}

int Program::run() {
  isSimulated = options.isSimulated();
  if (Error error = options.check())
    return fail(toString(std::move(error)));
  if (Error error = read())
    return fail(toString(std::move(error)));
  Clock clock(options.timeScale);
  Expected<std::unique_ptr<Services>> services = makeServices(clock);
  if (!services)
    return fail(toString(services.takeError()));
  if (Error error = openMemory())
    return fail(toString(std::move(error)));
  return runAll(**services, clock);
}

} // namespace xcs::runtime

int xcs::runSchedule(int argc, char **argv) {
  xcs::reserveStandardStreams();
  runtime::outlivesTerminal = std::signal(SIGHUP, SIG_DFL) == SIG_IGN;
  InitLLVM init(argc, argv);
  std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is one that cannot be written
  runtime::RunOptions options;
  cl::HideUnrelatedOptions(options.category);
  showVersion("xcs-run");
  cl::ParseCommandLineOptions(argc, argv, "Runs a schedule\n");
  int status = runtime::Program(options).run();
  for (raw_fd_ostream *stream : {&outs(), &errs()})
    stream->clear_error(); // it was told, if it could be; else it ends the process
  return status;
}

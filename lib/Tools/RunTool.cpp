//===- RunTool.cpp - The command-line tool that runs schedules -------------===//

#include "XcsLLM/Tools/RunTool.h"
#include "RunProgress.h"
#include "XcsLLM/Runtime/RunInputs.h"
#include "XcsLLM/Runtime/RunReport.h"
#include "XcsLLM/Runtime/Simulation.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"
#include <csignal>
#include <map>

using namespace llvm;

namespace xcs::runtime {

namespace {

enum class Format { Default, Text, Json };

struct Options {
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
  cl::opt<unsigned> parallelRuns{"parallel-runs", cl::init(64), cl::value_desc("count"),
                                 cl::cat(category),
                                 cl::desc("Most lines of --inputs that run at once")};
  cl::opt<bool> quiet{"quiet", cl::cat(category), cl::desc("Print outputs and errors alone")};
};

/// The runner that a signal ends.
std::atomic<Runner *> interruptible = nullptr;

void onInterrupt(int signal) {
  if (Runner *runner = interruptible)
    runner->interrupt();
  std::signal(signal, SIG_DFL); // a second one ends the process
}

int fail(const Twine &reason) {
  errs() << "xcs-run: error: " << reason << "\n";
  return 1;
}

/// Prints results in the order of their inputs, whenever they come.
class Printer {
public:
  Printer(const Plan &plan, bool asJson, Progress &progress)
      : plan(plan), asJson(asJson), progress(progress) {}

  void add(RunResult result) {
    ++count;
    failed += hasFailed(result);
    timeMs += result.endMs - result.startMs;
    waiting.emplace(result.number, std::move(result));
    for (auto next = waiting.begin(); next != waiting.end() && next->first == printed;
         next = waiting.erase(next), ++printed)
      print(next->second);
  }
  void finish() {
    for (const auto &[number, result] : waiting)
      print(result);
    outs().flush();
  }

  uint64_t count = 0, failed = 0;
  double timeMs = 0; ///< of all runs

private:
  void print(const RunResult &result) {
    progress.clear();
    if (asJson)
      printJsonLine(plan, result, outs());
    else
      printText(plan, result, outs());
    if (hasFailed(result))
      printFailures(plan, result, errs() << "xcs-run: ");
  }

  const Plan &plan;
  bool asJson;
  Progress &progress;
  std::map<uint64_t, RunResult> waiting;
  uint64_t printed = 0;
};

class Program {
public:
  explicit Program(const Options &options) : options(options) {}

  int run();

private:
  Error readRows(StringRef file);
  int runAll(Services &services, Clock &clock);

  const Options &options;
  Document document;
  const Plan *plan = nullptr;
  std::vector<std::vector<Value>> rows;
};

} // namespace

/// All lines are read before the first one runs: nothing is paid if one is wrong.
Error Program::readRows(StringRef file) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFileOrSTDIN(file);
  if (!buffer)
    return createStringError("cannot read '" + file + "': " + buffer.getError().message());
  for (line_iterator line(**buffer); !line.is_at_end(); ++line) {
    Expected<std::vector<Value>> inputs = readInputsLine(*plan, *line);
    if (!inputs)
      return createStringError(file + ":" + Twine(line.line_number()) + ": " +
                               toString(inputs.takeError()));
    rows.push_back(std::move(*inputs));
  }
  return Error::success();
}

int Program::runAll(Services &services, Clock &clock) {
  Dispatcher dispatcher(document, services, clock, {});
  Runner runner(document, *plan, services, clock, dispatcher);
  runner.mostRuns = std::max(1u, options.parallelRuns.getValue());
  Progress progress(*plan, dispatcher, clock, rows.size(), options.quiet);
  runner.tick = [&] { progress.show(); };
  bool asJson = options.format == Format::Json ||
                (options.format == Format::Default && !options.rows.empty());
  Printer printer(*plan, asJson, progress);
  interruptible = &runner;
  std::signal(SIGINT, onInterrupt);
  std::signal(SIGTERM, onInterrupt);
  size_t next = 0;
  runner.run(
      [&]() -> std::optional<std::vector<Value>> {
        return next < rows.size() ? std::optional(std::move(rows[next++])) : std::nullopt;
      },
      [&](RunResult result) { printer.add(std::move(result)); });
  interruptible = nullptr;
  progress.clear();
  printer.finish();
  if (!options.quiet)
    printSummary({*plan, dispatcher.getStatistics(), printer.count, printer.failed, clock.getNow(),
                  printer.timeMs / std::max<double>(printer.count, 1), true},
                 errs());
  if (runner.wasInterrupted())
    return 130;
  return printer.failed ? 2 : 0;
}

int Program::run() {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFileOrSTDIN(options.schedule);
  if (!file)
    return fail("cannot read '" + options.schedule + "': " + file.getError().message());
  Expected<Document> read = readDocument((*file)->getBuffer());
  if (!read)
    return fail(options.schedule + ": " + toString(read.takeError()));
  document = std::move(*read);
  Expected<const Plan *> chosen = choosePlan(document, options.plan);
  if (!chosen)
    return fail(toString(chosen.takeError()));
  plan = *chosen;
  if (options.timeScale < 0)
    return fail("--time-scale must not be negative");
  if (!options.rows.empty()) {
    if (!options.inputs.empty())
      return fail("--input and --inputs exclude each other");
    if (Error error = readRows(options.rows))
      return fail(toString(std::move(error)));
  } else {
    Expected<std::vector<Value>> inputs =
        readInputs(*plan, std::vector<std::string>(options.inputs.begin(), options.inputs.end()));
    if (!inputs)
      return fail(toString(inputs.takeError()));
    rows.push_back(std::move(*inputs));
  }
  Clock clock(options.timeScale);
  Simulation simulation(document, clock);
  return runAll(simulation, clock);
}

} // namespace xcs::runtime

int xcs::runSchedule(int argc, char **argv) {
  InitLLVM init(argc, argv);
  runtime::Options options;
  cl::HideUnrelatedOptions(options.category);
  cl::ParseCommandLineOptions(argc, argv, "Runs a schedule\n");
  return runtime::Program(options).run();
}

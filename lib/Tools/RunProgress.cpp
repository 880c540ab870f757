//===- RunProgress.cpp - One line that says how far runs are ---------------===//

#include "RunProgress.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace xcs::runtime {

Progress::Progress(const Plan &plan, const Dispatcher &dispatcher, const Clock &clock,
                   uint64_t runs, bool isQuiet)
    : plan(plan), dispatcher(dispatcher), clock(clock), runs(runs),
      isTerminal(!isQuiet && sys::Process::StandardErrIsDisplayed()) {}

void Progress::show() {
  double now = realTime.getNow();
  if (!isTerminal || now < nextMs)
    return;
  nextMs = now + everyMs;
  const Statistics &statistics = dispatcher.getStatistics();
  raw_ostream &os = errs();
  os << "\r\033[K" << statistics.answered << " done, " << dispatcher.countRunning() << " running, "
     << dispatcher.countWaiting() << format(" waiting, $%.4f", statistics.usd);
  if (plan.totals.costUsd)
    os << format(" of about $%.4f", *plan.totals.costUsd * runs);
  double elapsed = clock.getNow() / 1000;
  os << format(", %.1f s", elapsed);
  // Of several runs, by how many of the expected requests are done.
  double requests = plan.totals.requests.value_or(0) * runs;
  std::optional<double> whole;
  if (runs == 1 && plan.totals.makespanMs)
    whole = *plan.totals.makespanMs / 1000;
  else if (requests > 0 && statistics.answered > 0)
    whole = elapsed * requests / double(statistics.answered);
  if (whole && *whole > elapsed)
    os << format(", about %.1f s left", *whole - elapsed);
  os.flush();
  hasLine = true;
}

void Progress::clear() {
  if (hasLine)
    errs() << "\r\033[K";
  hasLine = false;
}

} // namespace xcs::runtime

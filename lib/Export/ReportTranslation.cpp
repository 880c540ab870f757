//===- ReportTranslation.cpp - `--xcs-to-report` ---------------------------===//
//
// The page is share/xcs-llm/report.html, with the schedule in it. It draws all
// that it shows from that by its own script, so there is one format of figures.
//
//===----------------------------------------------------------------------===//

#include "Remarks.h"
#include "Translation.h"
#include "XcsLLM/Analysis/Catalog.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace xcs;

static constexpr llvm::StringLiteral page =
#include "ReportPage.inc"
    ;

namespace {
/// Writes JSON so that it can stand in an HTML script element: `<`, which could
/// end it or begin a comment, and the line separators of old JavaScript are
/// escaped. In JSON these stand in strings alone.
class ScriptTextStream : public llvm::raw_ostream {
public:
  explicit ScriptTextStream(llvm::raw_ostream &os) : os(os) {}
  ~ScriptTextStream() override {
    flush();
    os << held;
  }

private:
  void write_impl(const char *text, size_t size) override {
    for (llvm::StringRef rest(text, size); !rest.empty(); rest = rest.drop_front())
      write(rest.front());
    position += size;
  }
  void write(char byte) {
    static constexpr llvm::StringLiteral separator = "\xE2\x80\xA8"; // or with A9 at its end
    if (held.size() == 2 && (byte == '\xA8' || byte == '\xA9')) {
      held.clear();
      os << (byte == '\xA8' ? "\\u2028" : "\\u2029");
      return;
    }
    if (held.size() < 2 && byte == separator[held.size()]) {
      held += byte;
      return;
    }
    os << held;
    held.clear();
    if (byte == separator.front())
      held += byte;
    else if (byte == '<')
      os << "\\u003c";
    else
      os << byte;
  }
  uint64_t current_pos() const override { return position; }

  llvm::raw_ostream &os;
  std::string held; ///< the beginning of what may be a separator
  uint64_t position = 0;
};
} // namespace

/// Adds the totals of each plan of the program before the passes, by its name.
static LogicalResult printBefore(const ExportOptions &options, MLIRContext *context,
                                 llvm::raw_ostream &os) {
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(options.before->getMemBufferRef()),
                              llvm::SMLoc());
  SourceMgrDiagnosticHandler handler(*sources, context);
  FailureOr<ScheduledProgram> program = readProgram(sources, options, context);
  if (failed(program))
    return failure();
  const char *separator = "{";
  for (const schedule::Plan &plan : program->document.plans) {
    os << separator << llvm::json::Value(llvm::StringRef(plan.name)) << ':';
    printPlanTotals(plan, os);
    separator = ",";
  }
  os << (program->document.plans.empty() ? "{}" : "}");
  return success();
}

static void printPage(const schedule::Document &document, llvm::StringRef before,
                      llvm::StringRef remarks, llvm::raw_ostream &os) {
  auto [head, afterTitle] = page.split("@XCS_REPORT_TITLE@");
  auto [middle, tail] = afterTitle.split("@XCS_REPORT_DATA@");
  os << head;
  llvm::printHTMLEscaped(llvm::sys::path::filename(document.sourceFile), os);
  os << middle;
  {
    ScriptTextStream json(os);
    json << "{\"schedule\":";
    printSchedule(document, json);
    json << ",\"before\":" << before << ",\"rewrites\":" << remarks << '}';
  }
  os << tail;
}

/// Reads all that there is to read before it writes anything.
static LogicalResult translateToReport(const ExportOptions &options,
                                       const std::shared_ptr<llvm::SourceMgr> &sources,
                                       llvm::raw_ostream &os, MLIRContext *context) {
  FailureOr<ScheduledProgram> program = readProgram(sources, options, context);
  if (failed(program))
    return failure();
  std::string before, remarks;
  llvm::raw_string_ostream beforeStream(before), remarkStream(remarks);
  if (!options.before)
    before = "null";
  else if (failed(printBefore(options, context, beforeStream)))
    return failure();
  if (options.remarks.empty())
    remarks = "[]";
  else if (failed(printRemarks(options.remarks, UnknownLoc::get(context), remarkStream)))
    return failure();
  printPage(program->document, before, remarks, os);
  return success();
}

void xcs::registerReportTranslation(const ExportOptions &options) {
  TranslateRegistration registration(
      "xcs-to-report", "write what the program costs, and why, as one HTML page",
      [&options](const std::shared_ptr<llvm::SourceMgr> &sources, llvm::raw_ostream &os,
                 MLIRContext *context) {
        return translateToReport(options, sources, os, context);
      });
}

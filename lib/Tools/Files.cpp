//===- Files.cpp - Reading inputs and writing outputs ---------------------===//

#include "XcsLLM/Tools/Tools.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
namespace fs = llvm::sys::fs;

/// Bytecode is not text, and is read without recursion on regions; the tools write
/// none that nests deeper than what they read.
static bool isBytecode(StringRef source) { return source.starts_with("ML\xEFR"); }

static bool checkNesting(const MemoryBuffer &input) {
  StringRef source = input.getBuffer();
  std::optional<size_t> offset = isBytecode(source) ? std::nullopt : xcs::findTooDeep(source);
  if (!offset)
    return true;
  StringRef before = source.take_front(*offset);
  size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  errs() << input.getBufferIdentifier() << ':' << before.count('\n') + 1 << ':' << column
         << ": error: nesting must be at most " << xcs::maxNestingDepth << " deep (got deeper)\n";
  return false;
}

std::unique_ptr<MemoryBuffer> xcs::readInput(StringRef filename) {
  if (filename == "-" && sys::Process::StandardInIsUserInput())
    errs() << "(processing input from stdin now, hit ctrl-c/ctrl-d to interrupt)\n";
  std::string message;
  std::unique_ptr<MemoryBuffer> input = mlir::openInputFile(filename, &message);
  if (!input) {
    WithColor::error() << message << '\n';
    return nullptr;
  }
  if (input->getBuffer().trim().empty()) {
    WithColor::error() << "input '" << filename << "' must hold a program (got an empty file)\n";
    return nullptr;
  }
  return checkNesting(*input) ? std::move(input) : nullptr;
}

static LogicalResult failToWrite(StringRef filename, std::error_code reason) {
  WithColor::error() << "cannot write output file '" << filename << "': " << reason.message() << '\n';
  return failure();
}

/// Writes to what is no file that another could take the place of: standard
/// output, a pipe, a device.
static LogicalResult writeThrough(StringRef filename,
                                  function_ref<LogicalResult(raw_ostream &)> write) {
  std::error_code reason;
  raw_fd_ostream stream(filename, reason);
  if (reason)
    return failToWrite(filename, reason);
  LogicalResult result = write(stream);
  stream.flush();
  if (!stream.has_error())
    return result;
  reason = stream.error();
  stream.clear_error();
  return failToWrite(filename, reason);
}

LogicalResult xcs::writeOutput(StringRef filename,
                               function_ref<LogicalResult(raw_ostream &)> write) {
  fs::file_status status;
  bool exists = !fs::status(filename, status);
  if (filename == "-" || (exists && !fs::is_regular_file(status)))
    return writeThrough(filename, write);
  // What takes a file's place needs no right to write to it, but its user does.
  if (std::error_code reason = exists ? fs::access(filename, fs::AccessMode::Write) : std::error_code())
    return failToWrite(filename, reason);

  SmallString<128> target(filename);
  if (exists)
    (void)fs::real_path(filename, target); // a link stays a link
  unsigned mode = exists ? status.permissions() : fs::all_read | fs::all_write;
  Expected<fs::TempFile> file = fs::TempFile::create(target + ".tmp-%%%%%%", mode);
  if (!file)
    return failToWrite(filename, errorToErrorCode(file.takeError()));
  raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
  LogicalResult result = write(stream);
  stream.flush();
  std::error_code reason = stream.error();
  stream.clear_error();
  if (failed(result) || reason) {
    consumeError(file->discard());
    return reason ? failToWrite(filename, reason) : result;
  }
  if (Error error = file->keep(target))
    return failToWrite(filename, errorToErrorCode(std::move(error)));
  return success();
}

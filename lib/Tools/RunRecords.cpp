//===- RunRecords.cpp - Files that tell of runs ----------------------------===//

#include "RunRecords.h"
#include "XcsLLM/Runtime/ProfileRecorder.h"
#include "XcsLLM/Runtime/Telemetry.h"
#include "XcsLLM/Runtime/TraceRecorder.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include <chrono>
#include <functional>
#include <optional>
#include <random>

using namespace llvm;

namespace xcs::runtime {

/// One file, and who writes it.
class RunRecords::Record {
public:
  /// Without `file`, `number` is that of what is at the path.
  Record(std::string path, int number, std::optional<sys::fs::TempFile> file)
      : path(std::move(path)), file(std::move(file)), os(number, /*shouldClose=*/!this->file) {}
  ~Record() {
    observer.reset();
    os.flush();
    os.clear_error(); // or it ends the process
    if (file)
      consumeError(file->discard()); // does nothing where it was kept
  }

  static Expected<std::unique_ptr<Record>> open(const std::string &path);

  Error finish() {
    if (complete)
      complete();
    observer.reset(); // writes its end
    os.flush();
    std::error_code error = os.error();
    os.clear_error();
    if (error)
      return createStringError("cannot write '" + path + "': " + error.message());
    Error kept = file ? file->keep(path) : Error::success();
    if (kept)
      return createStringError("cannot write '" + path + "': " + toString(std::move(kept)));
    return Error::success();
  }

  std::string path;
  std::optional<sys::fs::TempFile> file; ///< what takes the place of the path
  raw_fd_ostream os;
  std::unique_ptr<Observer> observer;
  std::function<void()> complete; ///< writes what is written at the end
};

/// What is no file, such as a pipe or `/dev/null`, is written to as it is.
Expected<std::unique_ptr<RunRecords::Record>> RunRecords::Record::open(const std::string &path) {
  sys::fs::file_status status;
  bool isThere = !sys::fs::status(path, status) && sys::fs::exists(status);
  if (!isThere || sys::fs::is_regular_file(status)) {
    // What takes a file's place needs no right to write to it, but its user does.
    if (std::error_code error =
            isThere ? sys::fs::access(path, sys::fs::AccessMode::Write) : std::error_code())
      return errorCodeToError(error);
    SmallString<128> target(path);
    if (isThere)
      (void)sys::fs::real_path(path, target); // a link stays a link
    auto mode = isThere ? status.permissions() : sys::fs::all_read | sys::fs::all_write;
    Expected<sys::fs::TempFile> file = sys::fs::TempFile::create(target + ".%%%%%%%%", mode);
    if (!file)
      return file.takeError();
    int number = file->FD;
    if (isThere)
      (void)sys::fs::setPermissions(number, mode); // whatever the mask for new files
    return std::make_unique<Record>(target.str().str(), number, std::move(*file));
  }
  int number;
  if (std::error_code error = sys::fs::openFileForWrite(path, number, sys::fs::CD_OpenExisting))
    return errorCodeToError(error);
  return std::make_unique<Record>(path, number, std::nullopt);
}

RunRecords::RunRecords() = default;
RunRecords::~RunRecords() = default;

static uint64_t getEpochNs() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

Error RunRecords::open(const RecordFiles &files, const Document &document, bool isSimulated) {
  for (const std::string *path : {&files.trace, &files.telemetry, &files.profile}) {
    if (path->empty())
      continue;
    if (sys::fs::is_directory(*path))
      return createStringError("cannot write '" + *path + "': it is a directory");
    Expected<std::unique_ptr<Record>> opened = Record::open(*path);
    if (!opened)
      return createStringError("cannot write '" + *path + "': " + toString(opened.takeError()));
    Record &record = *records.emplace_back(std::move(*opened));
    if (path == &files.trace) {
      record.observer = std::make_unique<TraceRecorder>(record.os);
    } else if (path == &files.telemetry) {
      std::random_device device;
      uint64_t seed = uint64_t(device()) << 32 | device();
      record.observer = std::make_unique<TelemetryRecorder>(record.os, getEpochNs(), seed);
    } else {
      auto recorder = std::make_unique<ProfileRecorder>(document, isSimulated);
      record.complete = [&os = record.os, &profile = *recorder] { profile.write(os); };
      record.observer = std::move(recorder);
    }
  }
  return Error::success();
}

std::vector<Observer *> RunRecords::getObservers() const {
  std::vector<Observer *> observers;
  for (const auto &record : records)
    observers.push_back(record->observer.get());
  return observers;
}

Error RunRecords::finish() {
  Error errors = Error::success();
  for (const auto &record : records)
    errors = joinErrors(std::move(errors), record->finish());
  return errors;
}

} // namespace xcs::runtime

//===- RunRecords.h - Files that tell of runs -------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TOOLS_RUNRECORDS_H
#define XCSLLM_LIB_TOOLS_RUNRECORDS_H

#include "XcsLLM/Runtime/Observer.h"
#include "llvm/Support/Error.h"

namespace xcs::runtime {

/// Where to write what; empty: not at all.
struct RecordFiles {
  std::string trace, telemetry, profile;
};

/// The records of runs that somebody asked for. Each is written beside its file, and
/// takes its place when it is complete.
class RunRecords {
public:
  RunRecords();
  ~RunRecords();

  /// Opens the files: an error comes before anything is paid.
  llvm::Error open(const RecordFiles &files, const Document &document, bool isSimulated);
  /// Who has to watch the runs.
  std::vector<Observer *> getObservers() const;
  /// Completes the files.
  llvm::Error finish();

private:
  class Record;
  std::vector<std::unique_ptr<Record>> records;
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_TOOLS_RUNRECORDS_H

//===- RunMemory.h - What runs keep -----------------------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_RUNMEMORY_H
#define XCSLLM_RUNTIME_RUNMEMORY_H

#include "XcsLLM/Runtime/AnswerStore.h"
#include "XcsLLM/Runtime/Dispatcher.h"
#include "llvm/ADT/StringMap.h"

namespace xcs::runtime {

/// Caches in a file, or else for as long as this lives; and, with a file for it, each
/// answer of a run.
class RunMemory : public Memory {
public:
  std::unique_ptr<AnswerCache> cache;
  std::unique_ptr<RunState> state;
  /// The time of the runs, by which entries age that are in no file.
  std::function<double()> getNowMs = [] { return double(runtime::getNowMs()); };
  /// Is told of what could not be kept, in a line for people.
  std::function<void(const std::string &)> warn = [](const std::string &) {};

  Value lookUp(const Call &call) override;
  void store(const Call &call) override;
  std::vector<KeptAnswer> recall(const std::string &key, const Job &job) override;
  void keep(llvm::ArrayRef<Entry> entries) override;

private:
  struct Cached {
    Value value;
    double sinceMs = 0, untilMs = 0;
  };
  llvm::StringMap<Cached> here; ///< where there is no file
  bool hasWarned = false;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_RUNMEMORY_H

//===- EngineState.h - What a run keeps of its scopes -----------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_ENGINESTATE_H
#define XCSLLM_LIB_RUNTIME_ENGINESTATE_H

#include "XcsLLM/Runtime/Engine.h"

namespace xcs::runtime {

/// A control task that is running.
struct Engine::Control {
  Control(Frame &frame, uint32_t place, std::unique_ptr<Course> course)
      : frame(frame), place(place), course(std::move(course)) {}

  Frame &frame;
  uint32_t place;
  std::unique_ptr<Course> course;
  size_t opened = 0;                             ///< runs of its scopes, so far
  bool isQueued = false;                         ///< to open more
  llvm::SmallDenseMap<size_t, uint64_t, 4> runs; ///< frames of those that are open
};

/// One run of a scope: its arguments, and what its tasks have given.
struct Engine::Frame {
  uint64_t id = 0;
  uint32_t scope = 0, depth = 0;
  Frame *around = nullptr; ///< of the task that runs it
  uint32_t owner = 0;      ///< that task's place there
  size_t number = 0;       ///< which of that task's runs it is
  int64_t index = -1;      ///< which item or attempt, if there may be several
  bool hasEnded = false;
  std::vector<Value> arguments = {}, results = {};
  std::vector<Node> nodes = {};
  llvm::SmallDenseMap<uint32_t, std::unique_ptr<Control>, 1> controls;
  /// Nodes of scopes inside that wait for a task here.
  llvm::SmallDenseMap<uint32_t, llvm::SmallVector<JobId, 1>, 1> waiters;
  std::shared_ptr<Account> account = nullptr;
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_ENGINESTATE_H

//===- RunTool.h - The command-line tool that runs schedules ----*- C++ -*-===//

#ifndef XCSLLM_TOOLS_RUNTOOL_H
#define XCSLLM_TOOLS_RUNTOOL_H

namespace xcs {

/// `xcs-run`. Returns the exit code: 0, 1 for what cannot be run, 2 if a run has
/// failed, 130 if it was interrupted.
int runSchedule(int argc, char **argv);

} // namespace xcs

#endif // XCSLLM_TOOLS_RUNTOOL_H

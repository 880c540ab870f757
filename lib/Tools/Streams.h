//===- Streams.h - Standard streams that may be closed ----------*- C++ -*-===//

#ifndef XCSLLM_LIB_TOOLS_STREAMS_H
#define XCSLLM_LIB_TOOLS_STREAMS_H

#include <fcntl.h>
#include <initializer_list>

namespace xcs {

/// Keeps the numbers of standard streams that are closed from files that are opened, which
/// would get what is printed. What is printed there still fails. First of all in a tool.
inline void reserveStandardStreams() {
  for (int stream : {0, 1, 2})
    if (fcntl(stream, F_GETFD) < 0)
      (void)!open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY); // the lowest number is free
}

} // namespace xcs

#endif // XCSLLM_LIB_TOOLS_STREAMS_H

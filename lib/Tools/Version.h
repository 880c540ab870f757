//===- Version.h - What --version says --------------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TOOLS_VERSION_H
#define XCSLLM_LIB_TOOLS_VERSION_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

namespace xcs {

/// Has `--version` name the tool and this project's version. Before options are parsed.
inline void showVersion(llvm::StringRef tool) {
  llvm::cl::SetVersionPrinter([tool](llvm::raw_ostream &os) {
    os << tool << " " << XCSLLM_VERSION << ", with LLVM " << LLVM_VERSION_STRING << "\n";
  });
}

} // namespace xcs

#endif // XCSLLM_LIB_TOOLS_VERSION_H

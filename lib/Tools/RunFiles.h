//===- RunFiles.h - Files that options name ---------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_TOOLS_RUNFILES_H
#define XCSLLM_LIB_TOOLS_RUNFILES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace xcs::runtime {

struct NamedFile {
  std::string name; ///< as people know it: `--trace`, `the schedule`
  llvm::StringRef path;
};

/// An error if a file would be written that is read, or written as something else, too, or
/// standard input read twice.
/// What is no file, such as `/dev/null`, may be named as often as somebody likes.
llvm::Error checkFiles(llvm::ArrayRef<NamedFile> read, llvm::ArrayRef<NamedFile> written);

} // namespace xcs::runtime

#endif // XCSLLM_LIB_TOOLS_RUNFILES_H

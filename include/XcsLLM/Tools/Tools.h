//===- Tools.h - What the command-line tools are made of --------*- C++ -*-===//
//
// Mains that differ from upstream's in what they do with bad input: an input
// too deep for the parser's stack is refused at its location, and an output is
// either written in full or left as it was.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_TOOLS_TOOLS_H
#define XCSLLM_TOOLS_TOOLS_H

#include "XcsLLM/Export/Export.h"
#include "mlir/IR/DialectRegistry.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <optional>

namespace xcs {

/// The deepest nesting of brackets that the tools read. The parser recurses, and
/// overruns a stack of 8 MiB somewhere above twice this depth.
constexpr unsigned maxNestingDepth = 2000;

/// The offset in `source` at which brackets nest deeper than `limit`, if they
/// do. Strings and comments do not count, and `({` is one bracket.
std::optional<size_t> findTooDeep(llvm::StringRef source, unsigned limit = maxNestingDepth);

/// Reads a tool's input; `-` is standard input. Says why if there is none, it
/// is empty, or it is too deep.
std::unique_ptr<llvm::MemoryBuffer> readInput(llvm::StringRef filename);

/// Has `write` write to a file beside `filename`, which takes its place once all
/// has been written; `-` is standard output. On failure, of which `write` tells
/// the reason itself, nothing is left behind.
llvm::LogicalResult
writeOutput(llvm::StringRef filename,
            llvm::function_ref<llvm::LogicalResult(llvm::raw_ostream &)> write);

/// `mlir-opt` on what is registered. Returns the exit code.
int runOpt(int argc, char **argv, llvm::StringRef toolName, mlir::DialectRegistry &registry);

/// `mlir-translate` on what is registered. Fills in `options` from the command
/// line. Returns the exit code.
int runTranslate(int argc, char **argv, llvm::StringRef toolName, ExportOptions &options);

} // namespace xcs

#endif // XCSLLM_TOOLS_TOOLS_H

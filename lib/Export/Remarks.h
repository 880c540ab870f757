//===- Remarks.h - Remarks of the passes, read back -------------*- C++ -*-===//

#ifndef XCSLLM_LIB_EXPORT_REMARKS_H
#define XCSLLM_LIB_EXPORT_REMARKS_H

#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

namespace xcs {

/// Prints the remarks in the file at `path`, which passes wrote as LLVM's YAML or
/// bitstream, as a JSON list of objects: `pass`, `kind` (`passed`, `missed`,
/// `analysis` or `failure`), `function`, `message`, `line` and `file` if known,
/// and `metrics`, of names to texts. A file that cannot be read, or is no such
/// file, is an error at `location` that names it; what was printed is void then.
mlir::LogicalResult printRemarks(llvm::StringRef path, mlir::Location location,
                                 llvm::raw_ostream &os);

} // namespace xcs

#endif // XCSLLM_LIB_EXPORT_REMARKS_H

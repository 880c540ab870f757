//===- Constants.h - How constants print ------------------------*- C++ -*-===//

#ifndef XCSLLM_DIALECT_CONSTANTS_H
#define XCSLLM_DIALECT_CONSTANTS_H

#include "mlir/IR/Attributes.h"
#include <optional>
#include <string>

namespace xcs {

/// What a template prints of a constant, the items of a list with `separator`
/// between them; none for what fails, or is too much to write out.
std::optional<std::string> printConstant(mlir::Attribute constant, llvm::StringRef separator);

} // namespace xcs

#endif // XCSLLM_DIALECT_CONSTANTS_H

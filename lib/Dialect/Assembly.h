//===- Assembly.h - Custom directives of the assembly formats ---*- C++ -*-===//

#ifndef XCSLLM_LIB_DIALECT_ASSEMBLY_H
#define XCSLLM_LIB_DIALECT_ASSEMBLY_H

#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

using UnresolvedOperands = mlir::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand>;
using Types = mlir::SmallVectorImpl<mlir::Type>;

mlir::ParseResult parseTypedOperands(mlir::OpAsmParser &parser, UnresolvedOperands &operands,
                                     Types &types);
void printTypedOperands(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                        mlir::OperandRange operands, mlir::TypeRange types);

mlir::ParseResult parseMessages(mlir::OpAsmParser &parser, UnresolvedOperands &messages,
                                mlir::ArrayAttr &roles);
void printMessages(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                   mlir::OperandRange messages, mlir::ArrayAttr roles);

mlir::ParseResult parseArrowTypes(mlir::OpAsmParser &parser, Types &types);
void printArrowTypes(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::TypeRange types);

mlir::ParseResult parseQuorum(mlir::OpAsmParser &parser, mlir::IntegerAttr &quorum);
void printQuorum(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::IntegerAttr quorum);

mlir::ParseResult parseBatchBody(mlir::OpAsmParser &parser, UnresolvedOperands &lists,
                                 Types &listTypes, Types &resultTypes, mlir::Region &body);
void printBatchBody(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::OperandRange lists,
                    mlir::TypeRange listTypes, mlir::TypeRange resultTypes, mlir::Region &body);

} // namespace xcs

#endif // XCSLLM_LIB_DIALECT_ASSEMBLY_H

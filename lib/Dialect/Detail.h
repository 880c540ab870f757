//===- Detail.h - What the files of the dialect share -----------*- C++ -*-===//

#ifndef XCSLLM_LIB_DIALECT_DETAIL_H
#define XCSLLM_LIB_DIALECT_DETAIL_H

#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

// Custom directives of the assembly formats.
using UnresolvedOperands = mlir::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand>;
using Types = mlir::SmallVectorImpl<mlir::Type>;

mlir::ParseResult parseTypedOperands(mlir::OpAsmParser &parser, UnresolvedOperands &operands,
                                     Types &types);
void printTypedOperands(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                        mlir::OperandRange operands, mlir::TypeRange types);

mlir::ParseResult parseMessages(mlir::OpAsmParser &parser, UnresolvedOperands &messages,
                                mlir::ArrayAttr &roles);
void printMessages(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::OperandRange messages,
                   mlir::ArrayAttr roles);

mlir::ParseResult parseArrowTypes(mlir::OpAsmParser &parser, Types &types);
void printArrowTypes(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::TypeRange types);

mlir::ParseResult parseQuorum(mlir::OpAsmParser &parser, mlir::IntegerAttr &quorum);
void printQuorum(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::IntegerAttr quorum);

mlir::ParseResult parseBatchBody(mlir::OpAsmParser &parser, UnresolvedOperands &lists,
                                 Types &listTypes, Types &resultTypes, mlir::Region &body);
void printBatchBody(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::OperandRange lists,
                    mlir::TypeRange listTypes, mlir::TypeRange resultTypes, mlir::Region &body);

/// Adds the canonical forms of parses.
void populateDataCanonicalizations(mlir::RewritePatternSet &patterns);

/// Adds the canonical forms of batches, cascades, chains and conditionals.
void populateControlCanonicalizations(mlir::RewritePatternSet &patterns);

} // namespace xcs

#endif // XCSLLM_LIB_DIALECT_DETAIL_H

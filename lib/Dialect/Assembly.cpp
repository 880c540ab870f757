//===- Assembly.cpp - Custom directives of the assembly formats -------------===//

#include "Detail.h"

using namespace mlir;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Operands of templates: `%text, %list : tensor<2x!xcs_llm.text>`
//===----------------------------------------------------------------------===//

ParseResult xcs::parseTypedOperands(OpAsmParser &parser, UnresolvedOperands &operands,
                                    Types &types) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, [&]() -> ParseResult {
    Type &type = types.emplace_back(TextType::get(parser.getContext()));
    return failure(parser.parseOperand(operands.emplace_back()) ||
                   (succeeded(parser.parseOptionalColon()) && parser.parseType(type)));
  });
}

void xcs::printTypedOperands(OpAsmPrinter &printer, Operation *, OperandRange operands,
                             TypeRange types) {
  printer << '(';
  llvm::interleaveComma(llvm::zip(operands, types), printer, [&](auto operandAndType) {
    auto [operand, type] = operandAndType;
    printer << operand;
    if (!isa<TextType>(type))
      printer << " : " << type;
  });
  printer << ')';
}

//===----------------------------------------------------------------------===//
// Messages: `(%prompt)` or `(system %instructions, user %prompt)`
//===----------------------------------------------------------------------===//

ParseResult xcs::parseMessages(OpAsmParser &parser, UnresolvedOperands &messages,
                               ArrayAttr &roles) {
  SmallVector<Attribute> parsed;
  auto parseMessage = [&]() -> ParseResult {
    Role role = Role::User;
    StringRef keyword;
    SMLoc loc = parser.getCurrentLocation();
    if (succeeded(parser.parseOptionalKeyword(&keyword))) {
      std::optional<Role> known = symbolizeRole(keyword);
      if (!known)
        return parser.emitError(loc)
               << "a role must be 'system', 'user' or 'assistant' (got '" << keyword << "')";
      role = *known;
    }
    parsed.push_back(RoleAttr::get(parser.getContext(), role));
    return parser.parseOperand(messages.emplace_back());
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseMessage))
    return failure();
  roles = parser.getBuilder().getArrayAttr(parsed);
  return success();
}

void xcs::printMessages(OpAsmPrinter &printer, Operation *, OperandRange messages,
                        ArrayAttr roles) {
  bool plain = roles.size() == 1 && cast<RoleAttr>(roles[0]).getValue() == Role::User;
  printer << '(';
  llvm::interleaveComma(llvm::zip(messages, roles), printer, [&](auto messageAndRole) {
    auto [message, role] = messageAndRole;
    if (!plain)
      printer << stringifyRole(cast<RoleAttr>(role).getValue()) << ' ';
    printer << message;
  });
  printer << ')';
}

//===----------------------------------------------------------------------===//
// Results of control: `-> !xcs_llm.text` or `-> (!xcs_llm.text, f64)`
//===----------------------------------------------------------------------===//

ParseResult xcs::parseArrowTypes(OpAsmParser &parser, Types &types) {
  return parser.parseOptionalArrowTypeList(types);
}

void xcs::printArrowTypes(OpAsmPrinter &printer, Operation *, TypeRange types) {
  printer.printOptionalArrowTypeList(types);
}

ParseResult xcs::parseQuorum(OpAsmParser &parser, IntegerAttr &quorum) {
  if (failed(parser.parseOptionalKeyword("quorum")))
    return success();
  int64_t votes;
  if (parser.parseInteger(votes))
    return failure();
  quorum = parser.getBuilder().getI64IntegerAttr(votes);
  return success();
}

void xcs::printQuorum(OpAsmPrinter &printer, Operation *, IntegerAttr quorum) {
  if (quorum)
    printer << " quorum " << quorum.getInt();
}

//===----------------------------------------------------------------------===//
// Batch: `(%item in %list : tensor<2x!xcs_llm.text>) -> tensor<2xf64> {...}`
//===----------------------------------------------------------------------===//

ParseResult xcs::parseBatchBody(OpAsmParser &parser, UnresolvedOperands &lists, Types &listTypes,
                                Types &resultTypes, Region &body) {
  SmallVector<OpAsmParser::Argument> items;
  auto parseItem = [&]() -> ParseResult {
    SMLoc loc;
    Type type;
    if (parser.parseArgument(items.emplace_back()) || parser.parseKeyword("in") ||
        parser.parseOperand(lists.emplace_back()) || parser.parseColon() ||
        parser.getCurrentLocation(&loc) || parser.parseType(type))
      return failure();
    auto list = dyn_cast<RankedTensorType>(type);
    if (!list || list.getRank() == 0)
      return parser.emitError(loc) << "what a batch runs over must be a list (got " << type << ")";
    listTypes.push_back(type);
    items.back().type = itemType(list);
    return success();
  };
  return failure(parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseItem) ||
                 parser.parseOptionalArrowTypeList(resultTypes) || parser.parseRegion(body, items));
}

void xcs::printBatchBody(OpAsmPrinter &printer, Operation *, OperandRange lists,
                         TypeRange listTypes, TypeRange resultTypes, Region &body) {
  printer << '(';
  llvm::interleaveComma(llvm::zip(body.getArguments(), lists, listTypes), printer, [&](auto item) {
    auto [argument, list, type] = item;
    printer << argument << " in " << list << " : " << type;
  });
  printer << ')';
  printer.printOptionalArrowTypeList(resultTypes);
  printer << ' ';
  printer.printRegion(body, /*printEntryBlockArgs=*/false);
}

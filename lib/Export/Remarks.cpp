//===- Remarks.cpp - Remarks of the passes, read back ----------------------===//

#include "Remarks.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Remarks/BitstreamRemarkContainer.h"
#include "llvm/Remarks/Remark.h"
#include "llvm/Remarks/RemarkParser.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace llvm::remarks;

static llvm::StringRef getKind(llvm::remarks::Type type) {
  switch (type) {
  case llvm::remarks::Type::Passed: return "passed";
  case llvm::remarks::Type::Missed: return "missed";
  case llvm::remarks::Type::Failure: return "failure";
  default: return "analysis";
  }
}

/// The words of a remark: what it says, why, and what would help. All other
/// arguments are metrics.
static bool isMessage(const Argument &argument) {
  return argument.Key == "Remark" || argument.Key == "Reason" || argument.Key == "Suggestion";
}

static std::string getMessage(const Remark &remark) {
  std::string message;
  for (const Argument &argument : remark.Args)
    if (isMessage(argument))
      message.append(message.empty() ? "" : "; ").append(argument.Val);
  return message.empty() ? remark.RemarkName.str() : message;
}

/// LLVM's parser takes the quotes from around a YAML scalar, and leaves those in it
/// doubled; the serializer quotes every text that has one.
static std::string unquote(llvm::StringRef text) {
  std::string unquoted;
  for (; !text.empty(); text = text.drop_front(text.starts_with("''") ? 2 : 1))
    unquoted += text.front();
  return unquoted;
}

static void print(const Remark &remark, bool isYaml, llvm::json::OStream &json) {
  // Names may be any bytes, JSON may not.
  auto print = [&](llvm::StringRef key, llvm::StringRef value) {
    json.attribute(key, llvm::json::fixUTF8(isYaml ? unquote(value) : value.str()));
  };
  json.object([&] {
    print("pass", remark.PassName);
    print("kind", getKind(remark.RemarkType));
    print("function", remark.FunctionName);
    print("message", getMessage(remark));
    if (remark.Loc && remark.Loc->SourceLine) {
      json.attribute("line", remark.Loc->SourceLine);
      print("file", remark.Loc->SourceFilePath);
    }
    json.attributeObject("metrics", [&] {
      for (const Argument &argument : remark.Args)
        if (!isMessage(argument))
          print(llvm::json::fixUTF8(argument.Key), argument.Val);
    });
  });
}

static llvm::Error print(llvm::StringRef text, llvm::json::OStream &json) {
  if (text.trim().empty()) // passes had nothing to say
    return llvm::Error::success();
  bool isBitstream = text.starts_with(ContainerMagic);
  auto parser = createRemarkParser(isBitstream ? Format::Bitstream : Format::YAML, text);
  if (!parser)
    return parser.takeError();
  while (true) {
    llvm::Expected<std::unique_ptr<Remark>> remark = (*parser)->next();
    if (remark) {
      print(**remark, /*isYaml=*/!isBitstream, json);
      continue;
    }
    llvm::Error error = remark.takeError();
    if (!error.isA<EndOfFileError>())
      return error;
    llvm::consumeError(std::move(error));
    return llvm::Error::success();
  }
}

LogicalResult xcs::printRemarks(llvm::StringRef path, Location location, llvm::raw_ostream &os) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return emitError(location) << "cannot read remarks from '" << path
                               << "': " << buffer.getError().message();
  llvm::json::OStream json(os);
  json.arrayBegin();
  llvm::Error error = print((*buffer)->getBuffer(), json);
  json.arrayEnd();
  if (!error)
    return success();
  std::string reason = llvm::StringRef(llvm::toString(std::move(error))).trim().str();
  return emitError(location) << "'" << path << "' must hold remarks as YAML: " << reason;
}

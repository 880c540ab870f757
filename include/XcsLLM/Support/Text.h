//===- Text.h - Prompts and responses as texts ------------------*- C++ -*-===//
//
// What templates and parses mean, on plain strings. Folders and runtimes share
// it, so that a folded program does what the program does.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_SUPPORT_TEXT_H
#define XCSLLM_SUPPORT_TEXT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>
#include <variant>

namespace xcs {

/// A template taken apart. `literals` has one entry more than `slots`: the text
/// before, between and behind them. A slot is the index of an operand.
struct TemplateParts {
  llvm::SmallVector<std::string> literals;
  llvm::SmallVector<unsigned> slots;
  llvm::SmallVector<llvm::StringRef> names; ///< of the operands; views the format

  /// The text with the operands' texts in the slots.
  std::string render(llvm::ArrayRef<std::string> operands) const;
};

/// Takes `format` apart: `{name}` is a slot, `{{` and `}}` are braces. An error
/// tells the byte offset of a brace that is neither.
llvm::Expected<TemplateParts> parseTemplate(llvm::StringRef format);

/// The number as RFC 8785 (JSON canonicalisation) prints it. It must be finite.
std::string formatNumber(double number);

/// What reading a response gives. A number that is an integer in range, as
/// written, is an `int64_t` too.
struct Number {
  double value;
  std::optional<int64_t> integer;
};

/// The response without white space around it.
llvm::StringRef readText(llvm::StringRef response);
/// The last number in the response, commas dropped; none if it is not finite.
std::optional<Number> readNumber(llvm::StringRef response);
/// The first whole word among yes, no, true and false, in any case.
std::optional<bool> readBoolean(llvm::StringRef response);
/// The index of the earliest of `choices` to occur as a whole word, in any
/// case, the longest at one place.
std::optional<int64_t> readChoice(llvm::StringRef response,
                                  llvm::ArrayRef<llvm::StringRef> choices);
/// Group 1, or the whole match, of the first match of an RE2 `pattern`.
std::optional<std::string> readRegex(llvm::StringRef response, llvm::StringRef pattern);

/// The text, which anybody may have written, in one line for people: without control
/// characters, and cut behind so many bytes.
std::string makeLine(llvm::StringRef text, size_t longest = 300);

using JsonScalar = std::variant<std::string, Number, bool>;

/// What a pointer selects in a JSON document: one scalar, or a list of them.
struct JsonSelection {
  bool isList;
  llvm::SmallVector<JsonScalar> items;
};

/// What the RFC 6901 `pointer` selects, where the whole response is one JSON
/// object or array; none for what is not there, is null, or is nested deeper.
std::optional<JsonSelection> selectJson(llvm::StringRef response, llvm::StringRef pointer);

/// Whether `text` is one JSON value.
bool isJson(llvm::StringRef text);

/// Why `pattern` is no RE2 pattern, or an empty string.
std::string regexError(llvm::StringRef pattern);

} // namespace xcs

#endif // XCSLLM_SUPPORT_TEXT_H

//===- Templates.h - Formats of templates, rewritten ------------*- C++ -*-===//
//
// What passes do to the formats of templates, on plain strings. What a format
// means is in Text.h.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_SUPPORT_TEMPLATES_H
#define XCSLLM_SUPPORT_TEMPLATES_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace xcs {

/// Writes a format piece by piece, each in time linear in its length.
class TemplateWriter {
public:
  /// Adds constant text; its braces are doubled.
  void addText(llvm::StringRef text);
  /// Adds a slot of a placeholder of its own, called `name`, or, if another one is
  /// called that, `name_2` and so on. Returns what it is called.
  llvm::StringRef addSlot(llvm::StringRef name);
  /// Adds another slot of a placeholder.
  void repeatSlot(llvm::StringRef name);

  const std::string &get() const { return format; }

private:
  std::string format;
  llvm::StringMap<unsigned> names; ///< and the last number that was put behind each
};

/// The format with its constant paragraphs ahead of those with placeholders, if
/// they are not there already. Paragraphs are what blank lines part. Within both
/// kinds the order stays, and so do the lines between paragraphs. One that ends in a
/// colon introduces the next one and stays with it; the last one, the answer.
/// Placeholders appear in the order that they did. The format must be valid.
std::optional<std::string> moveConstantsAhead(llvm::StringRef format);

} // namespace xcs

#endif // XCSLLM_SUPPORT_TEMPLATES_H

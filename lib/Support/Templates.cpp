//===- Templates.cpp - Formats of templates, rewritten --------------------===//

#include "XcsLLM/Support/Templates.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"
#include <algorithm>

using namespace llvm;
using namespace xcs;

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

void TemplateWriter::addText(StringRef text) {
  for (char c : text)
    format.append(c == '{' || c == '}' ? 2 : 1, c);
}

StringRef TemplateWriter::addSlot(StringRef name) {
  auto [known, isNew] = names.try_emplace(name, 1);
  StringRef unique = known->first();
  while (!isNew) {
    auto [entry, isFree] = names.try_emplace((name + "_" + Twine(++known->second)).str(), 1);
    unique = entry->first();
    isNew = isFree;
  }
  repeatSlot(unique);
  return unique;
}

void TemplateWriter::repeatSlot(StringRef name) {
  format += '{';
  format += name;
  format += '}';
}

//===----------------------------------------------------------------------===//
// Reordering
//===----------------------------------------------------------------------===//

namespace {
/// Paragraphs that stay together.
struct Section {
  StringRef text;
  bool isConstant;
};
} // namespace

/// The end of the line breaks at `from`.
static size_t skipBreaks(StringRef format, size_t from) {
  return std::min(format.find_first_not_of('\n', from), format.size());
}

static bool hasSlots(StringRef paragraph) {
  Expected<TemplateParts> parts = parseTemplate(paragraph);
  if (parts)
    return !parts->slots.empty();
  consumeError(parts.takeError());
  return true;
}

/// Takes the format without line breaks around it apart; `breaks` are what stands
/// between its sections. Neither placeholders nor doubled braces reach over a line's
/// end.
static SmallVector<Section> takeSections(StringRef format, SmallVectorImpl<StringRef> &breaks) {
  SmallVector<Section> sections;
  size_t begin = 0;
  bool isConstant = true;
  for (size_t from = 0; from < format.size();) {
    size_t end = std::min(format.find("\n\n", from), format.size());
    StringRef paragraph = format.slice(from, end);
    isConstant &= !hasSlots(paragraph);
    from = skipBreaks(format, end);
    bool introduces = paragraph.rtrim(" \t").ends_with(":");
    if (introduces && end < format.size())
      continue;
    sections.push_back({format.slice(begin, end), isConstant && !introduces});
    breaks.push_back(format.slice(end, from));
    begin = from;
    isConstant = true;
  }
  return sections;
}

std::optional<std::string> xcs::moveConstantsAhead(StringRef format) {
  StringRef body = format.trim('\n');
  SmallVector<StringRef> breaks;
  SmallVector<Section> sections = takeSections(body, breaks);
  auto isConstant = [](const Section &section) { return section.isConstant; };
  if (std::is_partitioned(sections.begin(), sections.end(), isConstant))
    return std::nullopt;
  std::stable_partition(sections.begin(), sections.end(), isConstant);
  std::string reordered = format.take_while([](char c) { return c == '\n'; }).str();
  for (auto [section, lines] : llvm::zip(sections, breaks))
    reordered += (section.text + lines).str();
  return reordered + format.drop_front(body.end() - format.begin()).str();
}

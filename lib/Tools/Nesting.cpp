//===- Nesting.cpp - How deep a source nests ------------------------------===//

#include "XcsLLM/Tools/Tools.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/StringExtras.h"

using llvm::StringRef;

/// The offset behind the string that starts at `offset`. It ends with its line
/// if nothing closes it.
static size_t skipString(StringRef source, size_t offset) {
  while (++offset < source.size() && source[offset] != '"' && source[offset] != '\n')
    offset += source[offset] == '\\';
  return offset + 1;
}

/// The offset behind the token at `offset`: a string, a comment, one of the
/// operators that look like a bracket, or else one byte.
static size_t skipToken(StringRef source, size_t offset) {
  StringRef rest = source.drop_front(offset);
  if (rest.front() == '"')
    return skipString(source, offset);
  if (rest.starts_with("//"))
    return std::min(source.find('\n', offset), source.size());
  if (rest.starts_with("->") || rest.starts_with(">=") || rest.starts_with("<="))
    return offset + 2;
  return offset + 1;
}

std::optional<size_t> xcs::findTooDeep(StringRef source, unsigned limit) {
  llvm::BitVector open; // for each open bracket, whether it counts
  unsigned depth = 0;
  char previous = 0;
  for (size_t offset = 0, next; offset < source.size(); offset = next) {
    next = skipToken(source, offset);
    char token = next == offset + 1 ? source[offset] : 0;
    if (llvm::isSpace(token))
      continue;
    if (StringRef("([{<").contains(token)) {
      // Generic operations write a region's bracket behind a list's.
      bool counts = token != '{' || previous != '(';
      open.push_back(counts);
      depth += counts;
      if (depth > limit)
        return offset;
    } else if (StringRef(")]}>").contains(token) && !open.empty()) {
      depth -= open.back();
      open.pop_back();
    }
    previous = token;
  }
  return std::nullopt;
}

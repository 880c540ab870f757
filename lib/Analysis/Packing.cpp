//===- Packing.cpp - Several items in one prompt ----------------------------===//

#include "XcsLLM/Analysis/Packing.h"
#include "XcsLLM/Support/Text.h"

using namespace xcs;
using llvm::ArrayRef;
using llvm::StringRef;

static constexpr llvm::StringLiteral packedHead = "Do the following for each of the items below, ";

/// `text` as a template has it.
static std::string escape(StringRef text) {
  std::string escaped;
  for (char c : text) {
    escaped += c;
    if (c == '{' || c == '}')
      escaped += c;
  }
  return escaped;
}

PackedPrompt xcs::packTemplate(StringRef format, ArrayRef<bool> differs, int64_t items) {
  TemplateParts parts = llvm::cantFail(parseTemplate(format));
  PackedPrompt packed;
  auto addSlot = [&](unsigned operand, int64_t item) {
    auto bound = std::make_pair(operand, item);
    auto at = llvm::find(packed.operands, bound) - packed.operands.begin();
    if (at == static_cast<ptrdiff_t>(packed.operands.size()))
      packed.operands.push_back(bound);
    packed.format += "{v" + std::to_string(at) + "}";
  };
  // The instructions, with the names of what differs in its places.
  packed.format = packedHead.str() + "with its own";
  std::vector<unsigned> varying;
  for (unsigned operand = 0; operand < parts.names.size(); ++operand)
    if (differs[operand])
      varying.push_back(operand);
  for (unsigned operand : varying)
    packed.format += (operand == varying.front() ? " [" : ", [") + parts.names[operand].str() + "]";
  packed.format += ":\n" + escape(parts.literals.front());
  for (size_t at = 0; at < parts.slots.size(); ++at) {
    if (differs[parts.slots[at]])
      packed.format += "[" + parts.names[parts.slots[at]].str() + "]";
    else
      addSlot(parts.slots[at], -1);
    packed.format += escape(parts.literals[at + 1]);
  }
  packed.format += "\n\nItems:";
  for (int64_t item = 0; item < items; ++item) {
    packed.format += "\n" + std::to_string(item + 1) + ".";
    for (unsigned operand : varying) {
      packed.format += varying.size() > 1 ? " [" + parts.names[operand].str() + "] " : " ";
      addSlot(operand, item);
    }
  }
  packed.format +=
      "\n\nAnswer with nothing but a JSON list of " + std::to_string(items) + " strings, in order.";
  return packed;
}

bool xcs::isPackedTemplate(StringRef format) { return format.starts_with(packedHead); }

std::vector<int64_t> xcs::splitIntoPacks(int64_t items, int64_t most) {
  std::vector<int64_t> packs;
  for (int64_t left = (items + most - 1) / most; left > 0; --left) {
    packs.push_back((items + left - 1) / left);
    items -= packs.back();
  }
  return packs;
}

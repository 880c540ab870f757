//===- Prefixes.cpp - Prompts that begin alike ----------------------------===//

#include "XcsLLM/Analysis/Prefixes.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace xcs;

namespace {
/// A stretch of a prompt: a block of constant text, or a value that is not known.
struct Piece {
  uint64_t key;
  double tokens;
};

/// A prompt, taken apart. Templates in templates are taken apart to a small depth,
/// beyond which they are values like others, so that no prompt grows without bound.
class Pieces {
public:
  explicit Pieces(PrefixCall call) : lengths(*call.lengths) {
    if (auto schema = call.call->getAttrOfType<StringAttr>("response_schema"))
      add(schema.getAsOpaquePointer(), 0); // comes before all messages
    ArrayAttr roles = call.call.getRolesAttr();
    for (auto [index, message] : llvm::enumerate(call.call.getMessages())) {
      if (roles)
        add(roles[index].getAsOpaquePointer(), 0);
      addValue(message, /*depth=*/0);
    }
  }
  ArrayRef<Piece> get() const { return pieces; }

private:
  static constexpr size_t blockBytes = 64;
  static constexpr unsigned maxDepth = 4;

  void add(const void *identity, double tokens) {
    pieces.push_back({llvm::xxh3_64bits(ArrayRef(reinterpret_cast<const uint8_t *>(&identity),
                                                 sizeof(identity))),
                      tokens});
  }

  void addText(StringRef text) {
    double tokensPerByte = text.empty() ? 0 : lengths.estimate(text) / text.size();
    for (; !text.empty(); text = text.drop_front(std::min(blockBytes, text.size()))) {
      StringRef block = text.take_front(blockBytes);
      pieces.push_back({llvm::xxh3_64bits(block), block.size() * tokensPerByte});
    }
  }

  void addValue(Value value, unsigned depth) {
    if (auto text = value.getDefiningOp<TextOp>())
      return addText(text.getValue());
    auto prompt = value.getDefiningOp<PromptTemplateOp>();
    if (!prompt || depth == maxDepth)
      return add(value.getAsOpaquePointer(), lengths.getTokens(value).expected);
    llvm::Expected<TemplateParts> parts = parseTemplate(prompt.getFormat());
    if (!parts)
      return llvm::consumeError(parts.takeError());
    addText(parts->literals.front());
    for (auto [slot, literal] : llvm::zip(parts->slots, llvm::drop_begin(parts->literals))) {
      Value value = prompt.getValues()[slot];
      if (isa<RankedTensorType>(value.getType())) // it prints with what separates its items
        add(prompt.getSeparatorAttr().getAsOpaquePointer(), 0);
      addValue(value, depth + 1);
      addText(literal);
    }
  }

  const Lengths &lengths;
  SmallVector<Piece, 32> pieces;
};

/// The shortest prefix that counts, less what sums of blocks are rounded by.
static double getMinimum(const ModelEntry &model) { return *model.minCachedTokens * (1 - 1e-9); }

/// Prompts as paths of a tree, each node a prefix.
class PrefixTree {
public:
  explicit PrefixTree(llvm::function_ref<bool(uint32_t, uint32_t)> isAround, size_t calls)
      : isAround(isAround), results(calls), groups(calls) {}

  void add(ArrayRef<PrefixCall> calls, uint32_t index) {
    PrefixCall call = calls[index];
    double depth = 0; // tokens so far
    uint32_t node = 0, writer = none, companion = none;
    uint64_t edge = reinterpret_cast<uintptr_t>(call.model);
    SharedPrefix &result = results[index];
    bool isCached = call.isCached;
    auto descend = [&](uint64_t key) {
      node = children.try_emplace({node, key}, nodes.size()).first->second;
      if (node == nodes.size())
        nodes.emplace_back();
    };
    descend(edge);
    Pieces pieces(call);
    for (const Piece &piece : pieces.get()) {
      descend(piece.key);
      depth += piece.tokens;
      Node &prefix = nodes[node];
      if (prefix.first != none) {
        result.shared = depth;
        companion = prefix.first;
      } else {
        prefix.first = index;
      }
      if (!call.isCached)
        continue;
      uint32_t earlier = findEarlier(calls, prefix, call);
      isCached &= earlier != none;
      if (isCached) {
        result.cached = depth;
        writer = earlier;
      }
      enter(calls, prefix, index);
    }
    double least = getMinimum(*call.model);
    if (companion == none || result.shared < least || result.shared <= 0)
      result.shared = 0;
    else
      join(index, companion, result.shared);
    if (writer == none || result.cached < least)
      result.cached = 0;
    else
      results[writer].written = std::max(results[writer].written, result.cached);
  }

  std::vector<SharedPrefix> take() {
    groups.compress();
    // Groups count from 1 in program order; calls on their own have none.
    std::vector<uint32_t> numbers(groups.getNumClasses());
    uint32_t next = 0;
    for (auto [index, result] : llvm::enumerate(results))
      if (result.shared > 0) {
        uint32_t &number = numbers[groups[index]];
        result.group = number ? number : number = ++next;
      }
    return std::move(results);
  }

private:
  static constexpr uint32_t none = ~0u;
  /// Calls that a prefix is known from; the last is that which is soonest cached.
  struct Entry {
    uint32_t call, previous;
  };
  struct Node {
    uint32_t first = none; ///< the first call with this prefix
    uint32_t last = none;  ///< the last entry
  };

  static bool isSooner(const PrefixCall &a, const PrefixCall &b) {
    return std::tie(a.cachedMs, a.rank) < std::tie(b.cachedMs, b.rank);
  }

  /// Forgets calls in regions that were left: they may not have run.
  void leave(ArrayRef<PrefixCall> calls, Node &node, const PrefixCall &call) {
    while (node.last != none && !isAround(calls[entries[node.last].call].scope, call.scope))
      node.last = entries[node.last].previous;
  }

  uint32_t findEarlier(ArrayRef<PrefixCall> calls, Node &node, const PrefixCall &call) {
    leave(calls, node, call);
    if (node.last == none)
      return none;
    uint32_t index = entries[node.last].call;
    const PrefixCall &earlier = calls[index];
    bool isEarlier = std::tie(earlier.cachedMs, earlier.rank) < std::tie(call.startMs, call.rank);
    return isEarlier ? index : none;
  }

  void enter(ArrayRef<PrefixCall> calls, Node &node, uint32_t index) {
    if (node.last == none || isSooner(calls[index], calls[entries[node.last].call])) {
      entries.push_back({index, node.last});
      node.last = entries.size() - 1;
    }
  }

  void join(uint32_t index, uint32_t companion, double tokens) {
    groups.join(index, companion);
    results[companion].shared = std::max(results[companion].shared, tokens);
  }

  llvm::function_ref<bool(uint32_t, uint32_t)> isAround;
  std::vector<SharedPrefix> results;
  llvm::IntEqClasses groups;
  llvm::DenseMap<std::pair<uint32_t, uint64_t>, uint32_t> children;
  std::vector<Node> nodes{1};
  std::vector<Entry> entries;
};
} // namespace

std::vector<SharedPrefix>
xcs::findSharedPrefixes(ArrayRef<PrefixCall> calls,
                        llvm::function_ref<bool(uint32_t, uint32_t)> isAround) {
  PrefixTree tree(isAround, calls.size());
  for (uint32_t index = 0; index < calls.size(); ++index) {
    PrefixCall call = calls[index];
    if (!call.model->minCachedTokens || isa<EmbedOp>(call.call))
      continue;
    // A prompt that is too short shares nothing that would be kept.
    double tokens = 0;
    for (Value message : call.call.getMessages())
      tokens += call.lengths->getTokens(message).expected;
    if (tokens >= getMinimum(*call.model))
      tree.add(calls, index);
  }
  return tree.take();
}

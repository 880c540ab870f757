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

/// A constant text, by blocks.
struct Literal {
  uint64_t key; ///< of the text as a whole
  double tokens = 0;
  std::vector<Piece> blocks;
};

/// Constant texts and templates, each taken apart once.
class Literals {
public:
  /// `format` as a template; a text is one without slots.
  struct Format {
    std::vector<Literal> literals; ///< one more than slots
    SmallVector<unsigned> slots;
  };

  const Format &getTemplate(StringAttr format, const Lengths &lengths) {
    return get(format, lengths, /*isTemplate=*/true);
  }
  const Literal &getText(StringAttr text, const Lengths &lengths) {
    return get(text, lengths, /*isTemplate=*/false).literals.front();
  }

private:
  static constexpr size_t blockBytes = 64;

  const Format &get(StringAttr text, const Lengths &lengths, bool isTemplate) {
    std::unique_ptr<Format> &known = formats[{{text, &lengths}, isTemplate}];
    if (known)
      return *known;
    known = std::make_unique<Format>();
    llvm::Expected<TemplateParts> parts =
        isTemplate ? parseTemplate(text.getValue()) : TemplateParts{{text.str()}, {}, {}};
    if (!parts) { // the verifier has refused it
      llvm::consumeError(parts.takeError());
      known->literals.emplace_back();
      return *known;
    }
    for (StringRef literal : parts->literals)
      known->literals.push_back(takeApart(literal, lengths));
    known->slots.assign(parts->slots.begin(), parts->slots.end());
    return *known;
  }

  static Literal takeApart(StringRef text, const Lengths &lengths) {
    Literal literal{~llvm::xxh3_64bits(text), lengths.estimate(text), {}};
    double tokensPerByte = text.empty() ? 0 : literal.tokens / text.size();
    for (; !text.empty(); text = text.drop_front(std::min(blockBytes, text.size()))) {
      StringRef block = text.take_front(blockBytes);
      literal.blocks.push_back({llvm::xxh3_64bits(block), block.size() * tokensPerByte});
    }
    return literal;
  }

  llvm::DenseMap<std::pair<std::pair<StringAttr, const Lengths *>, unsigned>,
                 std::unique_ptr<Format>>
      formats;
};

/// A stretch of a prompt: constant text, or, if that is null, one piece.
struct Stretch {
  const Literal *literal;
  Piece piece;
};

/// A prompt, taken apart. Templates in templates are taken apart to a small depth,
/// beyond which they are values like others. A prompt of more than a number of
/// stretches is followed so far; what is behind them counts as not shared.
class Prompt {
public:
  Prompt(PrefixCall call, Literals &literals) : lengths(*call.lengths), literals(literals) {
    if (auto schema = call.call->getAttrOfType<StringAttr>("response_schema"))
      add(schema.getAsOpaquePointer(), 0); // comes before all messages
    ArrayAttr roles = call.call.getRolesAttr();
    for (auto [index, message] : llvm::enumerate(call.call.getMessages())) {
      if (roles)
        add(roles[index].getAsOpaquePointer(), 0);
      addValue(message, /*depth=*/0);
    }
  }
  ArrayRef<Stretch> get() const { return stretches; }

private:
  static constexpr unsigned maxDepth = 4;
  static constexpr size_t maxStretches = 1024;

  bool isFull() const { return stretches.size() >= maxStretches; }

  void add(const void *identity, double tokens) {
    uint64_t key = llvm::xxh3_64bits(
        ArrayRef(reinterpret_cast<const uint8_t *>(&identity), sizeof(identity)));
    if (!isFull())
      stretches.push_back({nullptr, {key, tokens}});
  }
  void add(const Literal &literal) {
    if (!isFull() && !literal.blocks.empty())
      stretches.push_back({&literal, {}});
  }

  void addValue(Value value, unsigned depth) {
    if (isFull())
      return;
    if (auto text = value.getDefiningOp<TextOp>())
      return add(literals.getText(text.getValueAttr(), lengths));
    auto prompt = value.getDefiningOp<PromptTemplateOp>();
    if (!prompt || depth == maxDepth)
      return add(value.getAsOpaquePointer(), lengths.getTokens(value).expected);
    const Literals::Format &format = literals.getTemplate(prompt.getFormatAttr(), lengths);
    add(format.literals.front());
    for (auto [slot, literal] : llvm::zip(format.slots, llvm::drop_begin(format.literals))) {
      Value value = prompt.getValues()[slot];
      if (isa<RankedTensorType>(value.getType())) // it prints with what separates its items
        add(prompt.getSeparatorAttr().getAsOpaquePointer(), 0);
      addValue(value, depth + 1);
      add(literal);
    }
  }

  const Lengths &lengths;
  Literals &literals;
  SmallVector<Stretch, 16> stretches;
};

/// The shortest prefix that counts, less what sums of blocks are rounded by.
static double getMinimum(const ModelEntry &model) { return *model.minCachedTokens * (1 - 1e-9); }

/// Prompts as paths of a tree, each node a prefix.
class PrefixTree {
public:
  explicit PrefixTree(llvm::function_ref<bool(uint32_t, uint32_t)> isAround, size_t calls)
      : isAround(isAround), results(calls), groups(calls) {}

  void add(ArrayRef<PrefixCall> calls, uint32_t index) {
    Path path{calls, index};
    path.isCached = calls[index].isCached;
    path.node = getChild(path.node, reinterpret_cast<uintptr_t>(calls[index].model));
    Prompt prompt(calls[index], literals);
    for (const Stretch &stretch : prompt.get())
      if (stretch.literal)
        follow(path, *stretch.literal);
      else
        follow(path, stretch.piece);

    SharedPrefix &result = results[index];
    double least = getMinimum(*calls[index].model);
    if (path.companion == none || result.shared < least || result.shared <= 0)
      result.shared = 0;
    else
      join(index, path.companion, result.shared);
    if (path.writer == none || result.cached < least)
      result.cached = 0;
    else
      results[path.writer].written = std::max(results[path.writer].written, result.cached);
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

  /// A prompt's way through the tree, so far.
  struct Path {
    ArrayRef<PrefixCall> calls;
    uint32_t index;
    uint32_t node = 0;
    double depth = 0;         ///< tokens
    bool isCached = true;     ///< all until here
    uint32_t writer = none;   ///< the call that has brought it there
    uint32_t companion = none; ///< another call with this prefix
  };
  /// Longer texts are followed by blocks once; then, as a whole.
  static constexpr size_t maxBlocksAgain = 256;

  uint32_t getChild(uint32_t node, uint64_t key) {
    auto [child, isNew] = children.try_emplace({node, key}, nodes.size());
    if (isNew)
      nodes.emplace_back();
    return child->second;
  }

  void follow(Path &path, const Literal &literal) {
    uint32_t begin = path.node;
    bool isLong = literal.blocks.size() > maxBlocksAgain;
    if (isLong)
      if (auto known = shortcuts.find({begin, literal.key}); known != shortcuts.end()) {
        path.node = known->second;
        return arrive(path, literal.tokens);
      }
    for (const Piece &block : literal.blocks)
      follow(path, block);
    if (isLong)
      shortcuts[{begin, literal.key}] = path.node;
  }

  void follow(Path &path, Piece piece) {
    path.node = getChild(path.node, piece.key);
    arrive(path, piece.tokens);
  }

  void arrive(Path &path, double tokens) {
    path.depth += tokens;
    Node &prefix = nodes[path.node];
    SharedPrefix &result = results[path.index];
    if (prefix.first != none) {
      result.shared = path.depth;
      path.companion = prefix.first;
    } else {
      prefix.first = path.index;
    }
    PrefixCall call = path.calls[path.index];
    if (!call.isCached)
      return;
    uint32_t earlier = findEarlier(path.calls, prefix, call);
    path.isCached &= earlier != none;
    if (path.isCached) {
      result.cached = path.depth;
      path.writer = earlier;
    }
    enter(path.calls, prefix, path.index);
  }

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
  Literals literals;
  llvm::DenseMap<std::pair<uint32_t, uint64_t>, uint32_t> children, shortcuts;
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

//===- TemplateRewrites.h - Templates put together --------------*- C++ -*-===//
//
// The rewrites of `--xcs-optimize-chains` that leave every text as it is.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_LIB_TRANSFORMS_TEMPLATEREWRITES_H
#define XCSLLM_LIB_TRANSFORMS_TEMPLATEREWRITES_H

#include "RewritePass.h"
#include "XcsLLM/Support/Templates.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/SetVector.h"

namespace xcs {

/// What separates the items of lists; an attribute that is not there is the default.
inline mlir::StringAttr getSeparatorOf(PromptTemplateOp op) {
  return mlir::StringAttr::get(op.getContext(), op.getSeparator());
}

/// Erases those of `definitions` that are constants which nobody uses any more.
void eraseUnusedConstants(const llvm::SetVector<mlir::Operation *> &definitions);

/// Puts constants into the templates of one function, and templates into those that
/// use them.
class TemplateRewriter {
public:
  explicit TemplateRewriter(Rewrite &state) : state(state) {}

  /// Whether anything changed; then more may be possible.
  bool run();

  /// Says what was not put together, and why; to be called when no more is possible.
  void explain();

  /// Whether the template has leave to be reordered, and something that would move.
  bool isReorderable(PromptTemplateOp op);

private:
  /// A format taken apart, once.
  struct Format {
    TemplateParts parts;
    llvm::SmallVector<unsigned> slots; ///< how many each operand has
  };
  const Format &getFormat(PromptTemplateOp op);

  /// The texts of operands that are put into a template; null for one that stays.
  using Texts = llvm::SmallVector<mlir::Attribute>;
  using Shape = std::tuple<mlir::Attribute, mlir::Attribute, mlir::Attribute>;

  llvm::SmallVector<PromptTemplateOp> collect();
  bool foldTemplates();
  bool mergeTemplates();
  bool isInner(PromptTemplateOp op);
  bool mergeInto(PromptTemplateOp root, llvm::SmallVectorImpl<PromptTemplateOp> &pending);
  bool substituteConstants();
  mlir::Attribute getText(PromptTemplateOp op, unsigned operand);
  void substitute(PromptTemplateOp op, const Texts &texts);
  llvm::StringRef getObstacle(PromptTemplateOp op);

  Rewrite &state;
  llvm::DenseMap<mlir::StringAttr, std::unique_ptr<Format>> formats;
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Attribute>, mlir::StringAttr> printed;
  llvm::SmallVector<PromptTemplateOp> differing; ///< those that keep a constant operand
};

} // namespace xcs

#endif // XCSLLM_LIB_TRANSFORMS_TEMPLATEREWRITES_H

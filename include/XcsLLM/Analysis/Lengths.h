//===- Lengths.h - How long values are --------------------------*- C++ -*-===//
//
// The expected and the worst length of texts and lists, from the inputs' and
// calls' hints through templates, parses and control. docs/CostModel.md has the
// rules, and the defaults below where nothing is said.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_ANALYSIS_LENGTHS_H
#define XCSLLM_ANALYSIS_LENGTHS_H

#include "XcsLLM/Analysis/Likelihood.h"
#include "XcsLLM/Analysis/Pricing.h"
#include "XcsLLM/Support/TokenEstimator.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace xcs {

/// Tokens of a text that comes from outside and does not say its length.
constexpr double defaultTextTokens = 100;
/// Items of a list that does not say how many it has.
constexpr double defaultListItems = 10;
/// Tokens of a response of which only the limit, if that, is known.
constexpr double defaultResponseTokens = 256;
/// Tokens of the answer to a `score`.
constexpr double defaultScoreTokens = 1;

/// The attribute of calls in batches that has, where these differ, the expected
/// output tokens of each item: one number for each item of the batches of known
/// length around the call, the outermost batch's items first. Like all hints, it is
/// no part of the request.
constexpr llvm::StringLiteral itemTokensName = "xcs_llm.item_output_tokens";
/// Those numbers; empty if the items do not differ.
llvm::ArrayRef<int64_t> getItemTokens(mlir::Operation *call);

/// The tokens of one sample of `call` where its items do not differ.
double getExpectedTokens(LLMCallOpInterface call);

/// How long a value is. A list of lists counts its outermost items.
struct Length {
  Forecast tokens;        ///< of each scalar in it, as a template prints it
  Forecast items{1, 1};   ///< 1 for what is no list
};

/// A default that was taken where the program says nothing.
struct Assumption {
  enum class Kind : uint8_t { Tokens, Items, OutputTokens, Probability };

  Kind kind;
  double value;        ///< tokens, items, or the chance
  mlir::Operation *op; ///< of whose result it is, or whose argument
  int32_t argument = -1; ///< the function's argument; -1: not one
};

/// The lengths of a function's values, in the tokens of one family of models.
class Lengths {
public:
  Lengths(mlir::func::FuncOp function, TokenizerFamily family, Likelihood &likelihood,
          mlir::SymbolTableCollection &symbols);

  Length get(mlir::Value value) const;
  /// The tokens that all of `value` has, as a template prints it; of lists without
  /// what separates the items.
  Forecast getTokens(mlir::Value value) const;
  /// The tokens of constant text.
  double estimate(llvm::StringRef text) const { return estimateTokens(text, family); }
  /// The tokens that one sample of `call` has, of all items on average.
  Forecast getOutputTokens(LLMCallOpInterface call) const;

  llvm::ArrayRef<Assumption> getAssumptions() const { return assumptions; }

  /// Likewise, of the item that has most: items run side by side.
  static double getMostExpectedTokens(LLMCallOpInterface call);

private:
  void visit(mlir::Region &region);
  void visit(mlir::Operation *op);
  void addInput(mlir::BlockArgument argument, mlir::func::FuncOp function);
  void addInput(mlir::Value value, mlir::DictionaryAttr hints, mlir::Operation *op,
                int32_t argument);
  void visitCall(LLMCallOpInterface call);
  void visitTemplate(PromptTemplateOp op);
  void visitParse(ParseResponseOp op);
  double getTokens(mlir::StringAttr text);
  void visitConstant(mlir::arith::ConstantOp op);
  void visitTool(mlir::func::CallOp call);
  void visitTensor(mlir::Operation *op);
  void visitControl(mlir::Operation *op);
  void visitBatch(BatchOp op);
  /// The length of yield `index` over `regions`, each with its weight.
  Length blend(mlir::MutableArrayRef<mlir::Region> regions, mlir::ArrayRef<double> weights,
               unsigned index) const;
  void set(mlir::Value value, Length length) { lengths[value] = length; }
  /// Of each item of `batch` the tokens of a text that its body yields; empty if
  /// that is the same for all.
  llvm::SmallVector<Forecast> getItems(mlir::Value yielded, BatchOp batch) const;

  TokenizerFamily family;
  Likelihood &likelihood;
  mlir::SymbolTableCollection &symbols;
  llvm::DenseMap<mlir::Value, Length> lengths;
  /// Of lists whose items are known to differ: each one's tokens.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Forecast>> itemTokens;
  /// A template's constant tokens, and the operands in its slots.
  struct Template {
    double tokens = 0;
    llvm::SmallVector<unsigned, 4> slots;
  };
  const Template &getTemplate(mlir::StringAttr format);

  llvm::DenseMap<mlir::StringAttr, Template> templates;
  llvm::DenseMap<mlir::StringAttr, double> texts; ///< tokens of constants
  std::vector<Assumption> assumptions;
};

} // namespace xcs

#endif // XCSLLM_ANALYSIS_LENGTHS_H

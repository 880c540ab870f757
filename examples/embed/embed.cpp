//===- embed.cpp - XcsLLM in a program of one's own -----------------------===//
//
// Builds a module that mixes func, scf, arith and xcs_llm, batches its prompts,
// and prints it.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/InitAll.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

/// Asks a small model `format` about `subject`.
static Value ask(OpBuilder &builder, Location loc, StringRef format, Value subject) {
  Type text = xcs::TextType::get(builder.getContext());
  Value prompt = xcs::PromptTemplateOp::create(builder, loc, text, format, subject);
  xcs::GenerateOp::Properties request;
  request.model = builder.getStringAttr("gpt-4o-mini");
  request.roles = builder.getArrayAttr(xcs::RoleAttr::get(builder.getContext(), xcs::Role::User));
  request.max_tokens = builder.getI64IntegerAttr(200);
  return xcs::GenerateOp::create(builder, loc, TypeRange(text), ValueRange(prompt), request);
}

/// func @review(%draft, %other, %level): what is good about two drafts, or the
/// drafts themselves if they need not be judged.
static void buildReview(OpBuilder &builder, Location loc) {
  Type text = xcs::TextType::get(builder.getContext());
  auto type = builder.getFunctionType({text, text, builder.getI64Type()}, {text, text});
  auto function = func::FuncOp::create(builder, loc, "review", type);
  builder.setInsertionPointToStart(function.addEntryBlock());
  ValueRange drafts = function.getArguments().take_front(2);

  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 64);
  Value judge = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt,
                                      function.getArgument(2), zero);
  auto choice = scf::IfOp::create(builder, loc, {text, text}, judge, /*withElseRegion=*/true);
  builder.setInsertionPointToStart(choice.thenBlock());
  SmallVector<Value> judgements;
  for (Value draft : drafts)
    judgements.push_back(ask(builder, loc, "What is good about this?\n\n{draft}", draft));
  scf::YieldOp::create(builder, loc, judgements);
  builder.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(builder, loc, drafts);
  builder.setInsertionPointAfter(choice);
  func::ReturnOp::create(builder, loc, choice.getResults());
}

int main() {
  DialectRegistry registry;
  xcs::registerAllDialects(registry);
  registry.insert<scf::SCFDialect>();
  MLIRContext context(registry);
  context.loadAllAvailableDialects();

  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToStart(module->getBody());
  buildReview(builder, builder.getUnknownLoc());

  PassManager passes(&context);
  passes.addPass(xcs::createBatchPrompts());
  if (failed(verify(*module)) || failed(passes.run(*module)))
    return EXIT_FAILURE;
  module->print(llvm::outs());
  return EXIT_SUCCESS;
}

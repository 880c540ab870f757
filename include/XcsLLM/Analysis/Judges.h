//===- Judges.h - Calls that choose between candidates ----------*- C++ -*-===//

#ifndef XCSLLM_ANALYSIS_JUDGES_H
#define XCSLLM_ANALYSIS_JUDGES_H

#include "XcsLLM/Dialect/XcsLLM.h"

namespace xcs {

/// A call whose prompt shows several answers to one question, and gives another one.
struct Judge {
  GenerateOp call;
  /// What alone is read of its response; null if the response is passed on as it is.
  ParseResponseOp reading;
  /// The candidates: texts, or one list of them.
  llvm::SmallVector<mlir::Value> candidates;
  int64_t count = 0;
  /// Where each candidate is read as the judge's response is: how. Else empty, and
  /// the candidates themselves are texts like the answer.
  llvm::SmallVector<ParseResponseOp> readings;

  /// What the judge is there for.
  mlir::Value getAnswer() const {
    ParseResponseOp parse = reading;
    GenerateOp judge = call;
    return parse ? mlir::Value(parse.getResult()) : mlir::Value(judge.getResult());
  }
};

/// What `call` judges. None if its prompt shows no candidates; and none, with a
/// `reason`, if nothing that they have in common could stand in for its answer.
std::optional<Judge> findJudge(GenerateOp call, llvm::StringRef &reason);

} // namespace xcs

#endif // XCSLLM_ANALYSIS_JUDGES_H

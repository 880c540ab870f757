//===- Operations.h - What tasks compute ------------------------*- C++ -*-===//
//
// Tasks that need no one else: numbers, lists, templates and responses, as functions
// of values. They take what a plan may hold, failures too, and never crash on values
// of other types than they expect: the result has failed then.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_OPERATIONS_H
#define XCSLLM_RUNTIME_OPERATIONS_H

#include "XcsLLM/Runtime/Value.h"

namespace xcs::runtime {

struct Arith {
  std::string op, predicate;
  Scalar in = Scalar::F64;            ///< type of the operands, but for the flag of a `select`
  bool decidedBy = false;             ///< the flag that any of `deciders` decides it with
  std::vector<int64_t> deciders = {}; ///< operands that decide, whatever the others are
};

/// Whether there is such a computation.
bool isKnown(const Arith &arith);
/// Computes on scalars, or on lists item by item. `out` is the type of the result or
/// of its items.
Value compute(const Arith &arith, llvm::ArrayRef<Value> operands, Scalar out);

struct Tensor {
  std::string op;
  int64_t dim = 0;
  std::vector<int64_t> offsets, sizes, strides;
  llvm::SmallVector<int64_t, 2> shape; ///< of the first operand
};

bool isKnown(const Tensor &tensor);
Value build(const Tensor &tensor, llvm::ArrayRef<Value> operands, const Type &out);

/// A template taken apart, as the schedule has it.
struct Template {
  std::vector<std::string> literals;
  std::vector<uint32_t> slots;
};

Value render(const Template &form, llvm::StringRef separator, llvm::ArrayRef<Value> operands);

enum class ParseFormat : uint8_t { Text, Number, Boolean, Choice, Json, Regex };

struct Parse {
  ParseFormat format = ParseFormat::Text;
  std::string selector; ///< the JSON pointer or the pattern
  std::vector<std::string> choices;
  Value otherwise; ///< failed if there is none
};

/// Reads the response; failed, and not `otherwise`, if it cannot be read so.
Value readResponse(const Parse &parse, llvm::StringRef response, const Type &type);
/// Why it cannot, in a line for people.
std::string explainUnread(const Parse &parse, llvm::StringRef response, const Type &type);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_OPERATIONS_H

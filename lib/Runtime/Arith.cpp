//===- Arith.cpp - Numbers and flags ---------------------------------------===//
//
// Integers are computed on as 64 bits without sign, which wrap around, and cut to
// their width at the end.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Runtime/Operations.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace llvm;

namespace xcs::runtime {

namespace {

using Integer = std::optional<uint64_t>; ///< none if it has failed
using IntegerOp = Integer (*)(uint64_t, uint64_t, unsigned width);
using FloatOp = double (*)(double, double);

} // namespace

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

static uint64_t mask(uint64_t bits, unsigned width) {
  return bits & maskTrailingOnes<uint64_t>(width);
}

/// Quotient and remainder towards zero; of the least integer by -1 they wrap around.
static uint64_t divide(int64_t a, int64_t b) { return b == -1 ? -uint64_t(a) : a / b; }
static int64_t remain(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }

/// Whether `a / b` is not whole, and below (or else above) its rounding towards zero.
static bool isInexact(int64_t a, int64_t b, bool below) {
  return remain(a, b) != 0 && ((a < 0) != (b < 0)) == below;
}

#define SIGNED(expression)                                                                         \
  [](uint64_t left, uint64_t right, unsigned width) -> Integer {                                   \
    [[maybe_unused]] int64_t a = left, b = right;                                                  \
    return expression;                                                                             \
  }
#define SIGNED_BY(expression)                                                                      \
  [](uint64_t left, uint64_t right, unsigned width) -> Integer {                                   \
    [[maybe_unused]] int64_t a = left, b = right;                                                  \
    return b == 0 ? std::nullopt : Integer(expression);                                            \
  }

/// Operands with their signs.
static const StringMap<IntegerOp> &getSigned() {
  static const StringMap<IntegerOp> table = {
      {"addi", SIGNED(left + right)},
      {"subi", SIGNED(left - right)},
      {"muli", SIGNED(left * right)},
      {"divsi", SIGNED_BY(divide(a, b))},
      {"ceildivsi", SIGNED_BY(divide(a, b) + isInexact(a, b, /*below=*/false))},
      {"floordivsi", SIGNED_BY(divide(a, b) - isInexact(a, b, /*below=*/true))},
      {"remsi", SIGNED_BY(remain(a, b))},
      {"andi", SIGNED(left & right)},
      {"ori", SIGNED(left | right)},
      {"xori", SIGNED(left ^ right)},
      {"maxsi", SIGNED(std::max(a, b))},
      {"minsi", SIGNED(std::min(a, b))},
      {"shrsi", SIGNED(mask(right, width) < width ? Integer(a >> right) : std::nullopt)},
      {"extsi", SIGNED(left)},
      {"trunci", SIGNED(left)},
      {"index_cast", SIGNED(left)},
  };
  return table;
}

#define UNSIGNED(expression)                                                                       \
  [](uint64_t a, uint64_t b, [[maybe_unused]] unsigned width) -> Integer { return expression; }

/// Operands without sign.
static const StringMap<IntegerOp> &getUnsigned() {
  static const StringMap<IntegerOp> table = {
      {"divui", UNSIGNED(b ? Integer(a / b) : std::nullopt)},
      {"ceildivui", UNSIGNED(b ? Integer(a / b + (a % b != 0)) : std::nullopt)},
      {"remui", UNSIGNED(b ? Integer(a % b) : std::nullopt)},
      {"maxui", UNSIGNED(std::max(a, b))},
      {"minui", UNSIGNED(std::min(a, b))},
      {"shli", UNSIGNED(b < width ? Integer(a << b) : std::nullopt)},
      {"shrui", UNSIGNED(b < width ? Integer(a >> b) : std::nullopt)},
      {"extui", UNSIGNED(a)},
      {"index_castui", UNSIGNED(a)},
  };
  return table;
}

#undef SIGNED
#undef SIGNED_BY
#undef UNSIGNED

/// The bits of an integer or flag, extended by its sign.
static Integer getBits(const Value &value) {
  if (const bool *flag = value.getFlag())
    return *flag ? ~uint64_t(0) : 0;
  const int64_t *integer = value.getInteger();
  return integer ? Integer(*integer) : std::nullopt;
}

static Value fromBits(uint64_t bits, Scalar type) {
  unsigned width = getWidth(type);
  if (width == 0)
    return failed;
  if (type == Scalar::I1)
    return Value::flag(bits & 1);
  return Value::integer(SignExtend64(mask(bits, width), width));
}

static Value computeIntegers(const Arith &arith, ArrayRef<Value> operands, Scalar out) {
  auto isSigned = getSigned().find(arith.op);
  IntegerOp op = isSigned != getSigned().end() ? isSigned->second : getUnsigned().lookup(arith.op);
  uint64_t bits[2] = {0, 0};
  unsigned width = getWidth(arith.in);
  if (width == 0 || operands.size() > 2)
    return failed;
  for (auto [value, into] : zip(operands, bits)) {
    Integer integer = getBits(value);
    if (!integer)
      return failed;
    into = isSigned != getSigned().end() ? *integer : mask(*integer, width);
  }
  Integer result = op(bits[0], bits[1], width);
  return result ? fromBits(*result, out) : failed;
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

static const StringMap<FloatOp> &getFloats() {
  static const StringMap<FloatOp> table = {
      {"addf", [](double a, double b) { return a + b; }},
      {"subf", [](double a, double b) { return a - b; }},
      {"mulf", [](double a, double b) { return a * b; }},
      {"divf", [](double a, double b) { return a / b; }},
      {"remf", [](double a, double b) { return std::fmod(a, b); }},
      {"negf", [](double a, double) { return -a; }},
      {"maximumf", [](double a, double b) { return std::max(a, b); }},
      {"maxnumf", [](double a, double b) { return std::max(a, b); }},
      {"minimumf", [](double a, double b) { return std::min(a, b); }},
      {"minnumf", [](double a, double b) { return std::min(a, b); }},
      {"extf", [](double a, double) { return a; }},
      {"truncf", [](double a, double) { return a; }},
  };
  return table;
}

static Value makeNumber(double number, Scalar type) {
  if (!isFloat(type))
    return failed;
  // Rounding a double's sum, product or quotient once more is as rounding it once: a
  // double has more than twice the digits.
  if (type == Scalar::F32)
    number = static_cast<float>(number);
  return std::isfinite(number) ? Value::number(number) : failed;
}

static Value computeFloats(const Arith &arith, ArrayRef<Value> operands, Scalar out) {
  double numbers[2] = {0, 0};
  if (operands.size() > 2)
    return failed;
  for (auto [value, into] : zip(operands, numbers)) {
    if (!value.getNumber())
      return failed;
    into = *value.getNumber();
  }
  return makeNumber(getFloats().lookup(arith.op)(numbers[0], numbers[1]), out);
}

//===----------------------------------------------------------------------===//
// Between both
//===----------------------------------------------------------------------===//

static bool isConversion(StringRef op) {
  return op == "sitofp" || op == "uitofp" || op == "fptosi" || op == "fptoui";
}

static Value convert(const Arith &arith, const Value &operand, Scalar out) {
  if (Integer bits = getBits(operand)) {
    bool isSigned = arith.op == "sitofp";
    // At once to the result's type: by way of a double it would be rounded twice.
    uint64_t plain = mask(*bits, getWidth(arith.in));
    if (out == Scalar::F32)
      return makeNumber(isSigned ? float(int64_t(*bits)) : float(plain), out);
    return makeNumber(isSigned ? double(int64_t(*bits)) : double(plain), out);
  }
  const double *number = operand.getNumber();
  unsigned width = getWidth(out);
  if (!number || width == 0)
    return failed;
  bool isSigned = arith.op == "fptosi";
  double whole = std::trunc(*number), size = std::ldexp(1.0, width - isSigned);
  if (whole >= size || whole < (isSigned ? -size : 0))
    return failed;
  return fromBits(isSigned ? uint64_t(int64_t(whole)) : uint64_t(whole), out);
}

//===----------------------------------------------------------------------===//
// Comparisons and choices
//===----------------------------------------------------------------------===//

template <typename T> static std::optional<bool> compare(StringRef predicate, T a, T b) {
  if (predicate == "eq")
    return a == b;
  if (predicate == "ne")
    return a != b;
  if (predicate == "lt")
    return a < b;
  if (predicate == "le")
    return a <= b;
  if (predicate == "gt")
    return a > b;
  if (predicate == "ge")
    return a >= b;
  return std::nullopt;
}

static std::optional<bool> compareIntegers(const Arith &arith, uint64_t a, uint64_t b) {
  StringRef predicate = arith.predicate;
  if (predicate == "eq" || predicate == "ne")
    return compare(predicate, a, b);
  if (predicate.consume_front("s"))
    return compare<int64_t>(predicate, a, b);
  unsigned width = getWidth(arith.in);
  if (predicate.consume_front("u"))
    return compare(predicate, mask(a, width), mask(b, width));
  return std::nullopt;
}

static std::optional<bool> compareFloats(StringRef predicate, double a, double b) {
  // No value is NaN.
  if (predicate == "true" || predicate == "ord")
    return true;
  if (predicate == "false" || predicate == "uno")
    return false;
  return predicate.empty() || !StringRef("ou").contains(predicate[0])
             ? std::nullopt
             : compare(predicate.drop_front(), a, b);
}

static Value toFlag(std::optional<bool> result) { return result ? Value::flag(*result) : failed; }

static Value computeComparison(const Arith &arith, ArrayRef<Value> operands) {
  if (operands.size() != 2)
    return failed;
  if (arith.op == "cmpf") {
    const double *a = operands[0].getNumber(), *b = operands[1].getNumber();
    return a && b ? toFlag(compareFloats(arith.predicate, *a, *b)) : failed;
  }
  Integer a = getBits(operands[0]), b = getBits(operands[1]);
  return a && b ? toFlag(compareIntegers(arith, *a, *b)) : failed;
}

/// Fails only by its condition, or by the value chosen.
static Value choose(ArrayRef<Value> operands) {
  const bool *condition = operands.size() == 3 ? operands[0].getFlag() : nullptr;
  return condition ? operands[*condition ? 1 : 2] : failed;
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

bool isKnown(const Arith &arith) {
  if (arith.op == "cmpi")
    return compareIntegers(arith, 0, 0).has_value();
  if (arith.op == "cmpf")
    return compareFloats(arith.predicate, 0, 0).has_value();
  return arith.op == "select" || isConversion(arith.op) || getSigned().contains(arith.op) ||
         getUnsigned().contains(arith.op) || getFloats().contains(arith.op);
}

static Value computeScalar(const Arith &arith, ArrayRef<Value> operands, Scalar out) {
  if (arith.op == "select")
    return choose(operands);
  if (operands.empty() || anyFailed(operands))
    return failed;
  if (arith.op == "cmpi" || arith.op == "cmpf")
    return computeComparison(arith, operands);
  if (isConversion(arith.op))
    return convert(arith, operands[0], out);
  if (getFloats().contains(arith.op))
    return computeFloats(arith, operands, out);
  return computeIntegers(arith, operands, out);
}

Value compute(const Arith &arith, ArrayRef<Value> operands, Scalar out) {
  // A flag may choose between lists as they are.
  if (arith.op == "select" && !operands.empty() && !operands[0].getList())
    return choose(operands);
  if (none_of(operands, [](const Value &value) { return value.getList(); }))
    return computeScalar(arith, operands, out);
  size_t size = 0;
  for (const Value &value : operands) {
    if (!value.getList() || (&value != operands.begin() && value.getList()->size() != size))
      return failed;
    size = value.getList()->size();
  }
  Value::List results;
  for (size_t at = 0; at < size; ++at) {
    SmallVector<Value, 3> column;
    for (const Value &value : operands)
      column.push_back((*value.getList())[at]);
    results.push_back(compute(arith, column, out));
  }
  return Value::list(std::move(results));
}

} // namespace xcs::runtime

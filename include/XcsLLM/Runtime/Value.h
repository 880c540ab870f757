//===- Value.h - What a run of a plan computes with -------------*- C++ -*-===//
//
// Types and values of docs/ScheduleFormat.md. A failure is a value. Texts and
// lists are shared, never changed: a value is cheap to copy.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_VALUE_H
#define XCSLLM_RUNTIME_VALUE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace xcs::runtime {

enum class Scalar : uint8_t { Text, I1, I8, I16, I32, I64, Index, F32, F64 };

/// The bits of an integer or a flag; 0 for what is neither.
unsigned getWidth(Scalar scalar);
bool isFloat(Scalar scalar);
std::optional<Scalar> findScalar(llvm::StringRef name);
llvm::StringRef getName(Scalar scalar);

/// A scalar, or, with a shape, a list of lists of … scalars.
struct Type {
  static constexpr int64_t unknownSize = -1;

  Scalar item = Scalar::Text;
  llvm::SmallVector<int64_t, 2> shape; ///< outermost size first; empty for a scalar
  bool isList = false;                 ///< a list may have no dimension, and then has one item

  /// That of a list's items.
  Type getInner() const;
  bool operator==(const Type &other) const {
    return item == other.item && isList == other.isList && shape == other.shape;
  }
};

class Value {
public:
  using List = std::vector<Value>;

  Value() = default; ///< what has failed
  static Value text(std::string text) {
    return Value(std::make_shared<const std::string>(std::move(text)));
  }
  static Value flag(bool flag) { return Value(flag); }
  static Value integer(int64_t integer) { return Value(integer); }
  static Value number(double number) { return Value(number); }
  static Value list(List items) { return Value(std::make_shared<const List>(std::move(items))); }

  bool isFailed() const { return std::holds_alternative<std::monostate>(content); }
  /// What the value is, or null.
  const std::string *getText() const { return getShared<std::string>(); }
  const List *getList() const { return getShared<List>(); }
  const bool *getFlag() const { return std::get_if<bool>(&content); }
  const int64_t *getInteger() const { return std::get_if<int64_t>(&content); }
  const double *getNumber() const { return std::get_if<double>(&content); }

  /// Texts by their bytes, numbers by value, failures and lists item by item.
  bool operator==(const Value &other) const;
  bool operator!=(const Value &other) const { return !(*this == other); }

private:
  template <typename T> using Shared = std::shared_ptr<const T>;
  using Content =
      std::variant<std::monostate, bool, int64_t, double, Shared<std::string>, Shared<List>>;

  explicit Value(Content content) : content(std::move(content)) {}
  template <typename T> const T *getShared() const {
    auto *shared = std::get_if<Shared<T>>(&content);
    return shared ? shared->get() : nullptr;
  }

  Content content;
};

inline const Value failed;

inline bool anyFailed(llvm::ArrayRef<Value> values) {
  return llvm::any_of(values, [](const Value &value) { return value.isFailed(); });
}

/// Whether the value has failed, or an item of it, however deep.
inline bool hasFailure(const Value &value) {
  return value.isFailed() || (value.getList() && llvm::any_of(*value.getList(), hasFailure));
}

/// Whether the value, if it has not failed, is of the type.
bool fits(const Value &value, const Type &type);

/// How many items a list of `shape` has; none if a size is unknown.
std::optional<size_t> countItems(llvm::ArrayRef<int64_t> shape);

/// The items, in order, as a list of `shape`, in which the outermost size may be
/// unknown; failed if their number is another.
Value shapeItems(llvm::ArrayRef<Value> items, llvm::ArrayRef<int64_t> shape);

/// A text that tells the value from all that are not equal to it.
std::string getKey(const Value &value);

/// Prints the value as JSON. What has failed is null.
void printJson(const Value &value, llvm::raw_ostream &os);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_VALUE_H

//===- Tensor.cpp - Lists --------------------------------------------------===//
//
// Lists hold their items, failed or not; only an index that has failed, or a list
// that has failed as a whole, is looked at.
//
//===----------------------------------------------------------------------===//

#include "XcsLLM/Runtime/Operations.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace xcs::runtime {

static constexpr StringLiteral operations[] = {"from_elements", "splat",          "extract",
                                               "insert",        "cast",           "dim",
                                               "concat",        "collapse_shape", "extract_slice"};

bool isKnown(const Tensor &tensor) {
  size_t rank = tensor.offsets.size();
  return is_contained(operations, tensor.op) && tensor.dim >= 0 && tensor.sizes.size() == rank &&
         tensor.strides.size() == rank;
}

/// The item of `value`, a list, at `index`, or null.
static const Value *getItem(const Value &value, int64_t index) {
  const Value::List *items = value.getList();
  return items && index >= 0 && size_t(index) < items->size() ? &(*items)[index] : nullptr;
}

static const Value *getItem(const Value &value, const Value &index) {
  return index.getInteger() ? getItem(value, *index.getInteger()) : nullptr;
}

static Value extract(const Value &list, ArrayRef<Value> indices) {
  const Value *value = &list;
  for (const Value &index : indices) {
    value = getItem(*value, index);
    if (!value)
      return failed;
  }
  if (indices.empty()) // a list without dimensions has one item
    value = getItem(*value, 0);
  return value ? *value : failed;
}

/// Puts `scalar` into `list`; false if it has no such item.
static bool insertInto(Value &list, const Value &scalar, ArrayRef<Value> indices) {
  const Value *old = getItem(list, indices[0]);
  if (!old)
    return false;
  Value item = *old;
  // What is inserted in a row that has failed as a whole is lost.
  if (indices.size() == 1)
    item = scalar;
  else if (!item.isFailed() && !insertInto(item, scalar, indices.drop_front()))
    return false;
  Value::List changed = *list.getList();
  changed[*indices[0].getInteger()] = std::move(item);
  list = Value::list(std::move(changed));
  return true;
}

static Value insert(const Value &scalar, Value list, ArrayRef<Value> indices) {
  if (indices.empty())
    return Value::list({scalar});
  return insertInto(list, scalar, indices) ? list : failed;
}

static Value concat(ArrayRef<Value> lists, int64_t dim) {
  Value::List joined;
  for (const Value &list : lists) {
    const Value::List *items = list.getList();
    if (!items || (dim > 0 && items->size() != lists[0].getList()->size()))
      return failed;
    if (dim == 0)
      joined.insert(joined.end(), items->begin(), items->end());
  }
  for (size_t row = 0; dim > 0 && row < lists[0].getList()->size(); ++row) {
    Value::List rows;
    for (const Value &list : lists)
      rows.push_back((*list.getList())[row]);
    joined.push_back(concat(rows, dim - 1));
  }
  return Value::list(std::move(joined));
}

/// Appends the scalars of `value`, of the shape `shape`; false if they are not known.
static bool flatten(const Value &value, ArrayRef<int64_t> shape, Value::List &into) {
  std::optional<size_t> size = countItems(shape);
  if (shape.empty())
    into.push_back(value);
  else if (value.isFailed() && size)
    into.resize(into.size() + *size);
  else
    return value.getList() && all_of(*value.getList(), [&](const Value &item) {
             return flatten(item, shape.drop_front(), into);
           });
  return true;
}

static Value collapse(const Value &value, ArrayRef<int64_t> shape, const Type &out) {
  Value::List items;
  return flatten(value, shape, items) ? shapeItems(items, out.shape) : failed;
}

static Value slice(const Value &value, const Tensor &form, size_t dim) {
  if (dim == form.sizes.size() || value.isFailed())
    return value;
  Value::List picked;
  for (int64_t at = 0; at < form.sizes[dim]; ++at) {
    const Value *item = getItem(value, form.offsets[dim] + at * form.strides[dim]);
    if (!item)
      return failed;
    picked.push_back(slice(*item, form, dim + 1));
  }
  return Value::list(std::move(picked));
}

/// A slice of the sizes `have` as one of `want`, whose other sizes are one.
static Value dropUnits(const Value &value, ArrayRef<int64_t> have, ArrayRef<int64_t> want) {
  if (have.empty() || !value.getList() || have == want)
    return value;
  if (!want.empty() && have[0] == want[0]) {
    Value::List items;
    for (const Value &item : *value.getList())
      items.push_back(dropUnits(item, have.drop_front(), want.drop_front()));
    return Value::list(std::move(items));
  }
  const Value *only = getItem(value, 0);
  return only ? dropUnits(*only, have.drop_front(), want) : failed;
}

static Value measure(const Value &list, const Value &dim) {
  const Value *value = &list;
  if (!dim.getInteger() || *dim.getInteger() < 0)
    return failed;
  for (int64_t at = 0; value && at < *dim.getInteger(); ++at)
    value = getItem(*value, 0);
  return value && value->getList() ? Value::integer(value->getList()->size()) : failed;
}

Value build(const Tensor &form, ArrayRef<Value> operands, const Type &out) {
  StringRef op = form.op;
  if (op == "from_elements")
    return shapeItems(operands, out.shape);
  if (operands.empty())
    return failed;
  if (op == "splat") {
    std::optional<size_t> size = countItems(out.shape);
    return size ? shapeItems(Value::List(*size, operands[0]), out.shape) : failed;
  }
  if (op == "extract")
    return extract(operands[0], operands.drop_front());
  if (op == "insert")
    return operands.size() < 2 || operands[1].isFailed() || anyFailed(operands.drop_front(2))
               ? failed
               : insert(operands[0], operands[1], operands.drop_front(2));
  if (op == "cast")
    return fits(operands[0], out) ? operands[0] : failed;
  if (op == "dim")
    return operands.size() == 2 ? measure(operands[0], operands[1]) : failed;
  if (op == "concat")
    return concat(operands, form.dim);
  if (operands[0].isFailed())
    return failed;
  if (op == "collapse_shape")
    return collapse(operands[0], form.shape, out);
  return dropUnits(slice(operands[0], form, 0), form.sizes, out.shape);
}

} // namespace xcs::runtime

//===- RunInputs.cpp - Inputs as people give them --------------------------===//

#include "XcsLLM/Runtime/RunInputs.h"
#include "JsonScanner.h"
#include "JsonText.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace xcs::runtime {

/// `'name' (text)`, for each.
static std::string describeInputs(const Plan &plan) {
  SmallVector<std::string> ports;
  for (const Port &port : plan.inputs)
    ports.push_back("'" + port.name + "' (" + describe(port.type) + ")");
  return ports.empty() ? "none" : join(ports, ", ");
}

namespace {

/// Inputs, each once.
class Collector {
public:
  explicit Collector(const Plan &plan) : plan(plan), values(plan.inputs.size()) {}

  using Read = function_ref<Expected<Value>(const Type &)>;

  Error add(StringRef name, Read read) {
    size_t at = find(name);
    if (at == values.size())
      return createStringError("plan '" + plan.name + "' has no input '" + name +
                               "'; its inputs: " + describeInputs(plan));
    return add(at, name, read);
  }

  Error add(size_t at, StringRef name, Read read) {
    if (!values[at].isFailed())
      return createStringError("input '" + name + "' must be given once");
    Expected<Value> value = read(plan.inputs[at].type);
    if (!value)
      return createStringError("input '" + name + "': " + toString(value.takeError()));
    values[at] = std::move(*value);
    return Error::success();
  }

  Expected<std::vector<Value>> take() {
    for (size_t at = 0; at < values.size(); ++at)
      if (values[at].isFailed())
        return createStringError("plan '" + plan.name + "' must have input '" +
                                 plan.inputs[at].name + "'; its inputs: " + describeInputs(plan));
    return std::move(values);
  }

private:
  size_t find(StringRef name) const {
    for (size_t at = 0; at < values.size(); ++at)
      if (plan.inputs[at].name == name)
        return at;
    size_t number;
    return name.getAsInteger(10, number) || number > values.size() ? values.size() : number;
  }

  const Plan &plan;
  std::vector<Value> values;
};

} // namespace

static Expected<Value> readGiven(StringRef given, const Type &type) {
  if (!given.consume_front("@"))
    return readInput(given, type);
  ErrorOr<std::unique_ptr<MemoryBuffer>> file =
      MemoryBuffer::getFileOrSTDIN(given, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return createStringError("cannot read '" + given + "': " + file.getError().message());
  return readInput((*file)->getBuffer(), type);
}

Expected<std::vector<Value>> readInputs(const Plan &plan, ArrayRef<std::string> given) {
  Collector collector(plan);
  for (StringRef one : given) {
    if (!one.contains('='))
      return createStringError("an input must be name=value or name=@file (got '" + one + "')");
    auto [name, value] = one.split('=');
    Error error = collector.add(
        name, [&, value = value](const Type &type) { return readGiven(value, type); });
    if (error)
      return error;
  }
  return collector.take();
}

static Expected<std::vector<Value>> readRow(const Plan &plan, StringRef json) {
  auto readSlice = [](StringRef slice) {
    return [slice](const Type &type) { return readJson(slice, type); };
  };
  Collector collector(plan);
  if (std::optional<std::vector<StringRef>> items = getJsonItems(json)) {
    if (items->size() != plan.inputs.size())
      return createStringError("a list must have all " + Twine(plan.inputs.size()) +
                               " inputs (got " + Twine(items->size()) + ")");
    for (auto [at, item] : enumerate(*items))
      if (Error error = collector.add(at, plan.inputs[at].name, readSlice(item)))
        return error;
  }
  for (auto [name, value] : getJsonMembers(json))
    if (Error error = collector.add(readJsonString(name), readSlice(value)))
      return error;
  return collector.take();
}

Expected<std::vector<Value>> readInputsLine(const Plan &plan, StringRef line, StringRef file,
                                            size_t number) {
  line = line.trim();
  Expected<Json> json = parseJson(line, {file, number});
  if (!json)
    return json.takeError();
  Expected<std::vector<Value>> inputs =
      json->is_object() || json->is_array()
          ? readRow(plan, line)
          : createStringError("must be an object with the plan's inputs, or a list of them (got " +
                              Twine(json->type_name()) + ")");
  if (inputs)
    return inputs;
  return createStringError(file + ":" + Twine(number) + ": " + toString(inputs.takeError()));
}

Expected<const Plan *> choosePlan(const Document &document, StringRef name) {
  if (document.plans.empty())
    return createStringError("the schedule has no plan");
  const Plan *plan =
      name.empty() && document.plans.size() == 1 ? &document.plans[0] : document.find(name);
  if (plan)
    return plan;
  SmallVector<StringRef> names;
  for (const Plan &one : document.plans)
    names.push_back(one.name);
  std::string all = join(names, "', '");
  return name.empty()
             ? createStringError("the schedule has several plans, and one must be named "
                                 "by --plan: '" +
                                 all + "'")
             : createStringError("the schedule has no plan '" + name + "', but '" + all + "'");
}

} // namespace xcs::runtime

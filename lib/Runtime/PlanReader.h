//===- PlanReader.h - Schedule JSON as plans --------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_PLANREADER_H
#define XCSLLM_LIB_RUNTIME_PLANREADER_H

#include "JsonReader.h"
#include "XcsLLM/Runtime/Plan.h"

namespace xcs::runtime {

/// The value of the enumeration `T` with that name, by the order of `names`.
template <typename T>
T findName(JsonReader &reader, llvm::StringRef name, llvm::ArrayRef<llvm::StringLiteral> names,
           llvm::StringRef what) {
  for (size_t at = 0; at < names.size(); ++at)
    if (names[at] == name)
      return static_cast<T>(at);
  reader.fail("unknown " + what + " '" + name + "'");
  return T();
}

/// The names of kinds of tasks, in their order.
llvm::ArrayRef<llvm::StringLiteral> getTaskKinds();

/// Reads what plans share, and their types and constants.
class DocumentReader : public JsonReader {
public:
  explicit DocumentReader(Document &document) : document(document) {}

  void read(const Json &json);

  Type readType(const Json &json);
  std::vector<Type> readTypes(const Json &object, const char *name);
  /// A constant of the type.
  Value readValue(const Json &json, const Type &type);

  Document &document;
  std::vector<Type> constantTypes;
  size_t texts = 0, lists = 0; ///< the constants begin with these
  llvm::StringMap<uint32_t> tools, models, pools;

private:
  void readTables(const Json &json);
  void readTemplate(const Json &json);
  void readList(const Json &json);
  void readTool(const Json &json);
  void readModel(const Json &json);
  RateLimits readRateLimits(const Json &json);
};

/// Reads one plan.
class PlanReader {
public:
  PlanReader(DocumentReader &reader, Plan &plan) : reader(reader), plan(plan) {}

  void read(const Json &json);

private:
  // Names, scopes and tasks, without what they refer to.
  void readNames(const Json &scopes, const Json &tasks);
  void readScope(const Json &json, Scope &scope);
  Limits readLimits(const Json &json);
  void readTask(const Json &json, Task &task);
  void placeScope(const Json &json, uint32_t index);

  // References. `behind` is the task that refers, or, for a scope's yields, the
  // number of tasks.
  Reference readReference(const Json &json, uint32_t scope, uint32_t behind, Type &type);
  Reference readReference(const Json &json, uint32_t scope, uint32_t behind) {
    Type type;
    return readReference(json, scope, behind, type);
  }
  Reference readConstant(const Json &json, Type &type);
  /// That the task, or a scope around which there is one in the scope of `needed`,
  /// has to wait for `needed`.
  void addNeed(uint32_t needed, uint32_t scope, uint32_t behind);
  std::optional<uint32_t> findTask(const Json &object, const char *name);
  std::optional<uint32_t> findScope(const Json &object, const char *name);
  void readInputs(const Json &json, uint32_t index);
  void readYields(const Json &json, uint32_t index);

  // What tasks do.
  void readDetails(const Json &json, Task &task);
  /// What those that do the task have to know.
  std::shared_ptr<const Dispatch> readDispatch(const Json &json);
  Totals readTotals(const Json &json);
  std::vector<Port> readPorts(const Json &json, const char *name);
  void readParameters(const Json &json, Request &request);
  Request readRequest(const Json &json, const Task &task);
  TemplateUse readTemplateUse(const Json &json, const Task &task);
  Parse readParse(const Json &json, const Task &task);
  Arith readArith(const Json &json);
  Tensor readTensor(const Json &json);
  Control readControl(const Json &json, const Task &task);
  /// What a task takes from the types of its inputs.
  void takeTypes(Task &task, llvm::ArrayRef<Type> inputs);
  void checkYields(const Task &task);

  DocumentReader &reader;
  Plan &plan;
  llvm::StringMap<uint32_t> scopeNames, taskNames;
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_PLANREADER_H

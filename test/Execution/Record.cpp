//===- Record.cpp - A run for others to repeat -----------------------------===//

#include "Record.h"
#include "XcsLLM/Runtime/StandIn.h"
#include "llvm/ADT/STLExtras.h"

using namespace xcs::runtime;
using List = Value::List;

namespace {

/// A stand-in that notes what it is asked, and what it says.
class Recorder : public StandIn {
public:
  using StandIn::StandIn;

  Value ask(const Call &call) override {
    Value answer = StandIn::ask(call);
    note(call, {answer});
    return answer;
  }

  std::vector<Value> use(const Call &call) override {
    std::vector<Value> outputs = StandIn::use(call);
    note(call, outputs);
    return outputs;
  }

  List notes;

private:
  void note(const Call &call, const List &outputs) {
    notes.push_back(Value::list(
        {Value::text(call.task.id), Value::list(call.inputs.vec()), Value::list(outputs)}));
  }
};

} // namespace

void xcs::test::printRecord(const Document &document, const Plan &plan, llvm::StringRef schedule,
                            llvm::raw_ostream &os) {
  Vocabulary vocabulary(document);
  List inputs = inventInputs(plan, vocabulary);
  StandIn first(vocabulary, {});
  llvm::consumeError(runPlan(document, plan, inputs, first).takeError());
  std::vector<uint64_t> failing;
  for (auto [at, entry] : llvm::enumerate(first.asked.keys))
    if (at % 5 == 4)
      failing.push_back(entry.first);
  Recorder recorder(vocabulary, {failing, {}, false});
  llvm::Expected<Outcome> outcome = runPlan(document, plan, inputs, recorder);
  if (!outcome) {
    os << llvm::toString(outcome.takeError()) << "\n";
    return;
  }
  os << "{\"plan\": ";
  printJson(Value::text(plan.name), os);
  for (auto [name, values] :
       {std::pair("inputs", &inputs), {"answers", &recorder.notes}, {"outputs", &outcome->outputs}})
    printJson(Value::list(*values), os << ", \"" << name << "\": ");
  std::string line = schedule.str(); // of which only its printing has line breaks
  std::replace(line.begin(), line.end(), '\n', ' ');
  os << ", \"schedule\": " << line << "}\n";
}

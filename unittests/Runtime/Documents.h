//===- Documents.h - Schedules to test with ---------------------*- C++ -*-===//

#ifndef XCSLLM_UNITTESTS_RUNTIME_DOCUMENTS_H
#define XCSLLM_UNITTESTS_RUNTIME_DOCUMENTS_H

#include <string>

namespace xcs::runtime {

/// A plan of one scope, and, if given, further ones.
inline std::string document(std::string inputs, std::string outputs, std::string scopes,
                            std::string tasks) {
  return R"({"schema_version":"1.1","texts":["no","yes"],
    "templates":[{"format":"{a}!","literals":["","!"],"slots":[0],"names":["a"]}],
    "lists":[{"type":{"item":"text","shape":[3]},"items":["a","b","c"]}],
    "models":[],"tools":[{"name":"send","task":"send","pure":false,"inputs":["text"],
    "outputs":["text"]}],"plans":[{"name":"p","inputs":)" +
         inputs + R"(,"outputs":)" + outputs + R"(,"scopes":)" + scopes + R"(,"tasks":)" + tasks +
         "}]}";
}

inline const std::string flag = R"([{"type":"i1"}])", textPort = R"([{"type":"text"}])";
inline const std::string request =
    R"("request":{"model":"m","messages":[{"role":"user","input":0}],"deterministic":false})";

inline std::string ask(const std::string &id, const std::string &scope) {
  return R"({"id":")" + id + R"(","kind":"generate","scope":")" + scope +
         R"(","inputs":[{"text":0}],"outputs":["text"],"depends_on":[],)" + request + "}";
}

inline std::string planScope(const std::string &yields) {
  return R"({"id":"plan1","kind":"plan","arguments":[],"runs":{"when":"plan_starts"},"yields":)" +
         yields + R"(,"on_failed":"forward","cancels":"nothing"})";
}

inline std::string ensemble(const std::string &control, int members) {
  std::string scopes = planScope(R"([{"task":"ensemble1","output":0}])"), names, tasks;
  for (int at = 1; at <= members; ++at) {
    std::string number = std::to_string(at), id = "generate" + number;
    names += (at > 1 ? ",\"member" : "\"member") + number + "\"";
    scopes += R"(,{"id":"member)" + number +
              R"(","kind":"member","owner":"ensemble1","arguments":[],
      "runs":{"when":"owner_starts"},"yields":[{"task":")" +
              id + R"(","output":0}],"votes":"value","on_failed":"skip","cancels":"siblings"})";
    tasks += "," + ask(id, "member" + number);
  }
  return document("[]", textPort, "[" + scopes + "]",
                  R"([{"id":"ensemble1","kind":"ensemble","scope":"plan1","inputs":[],
    "outputs":["text"],"depends_on":[],"control":{"scopes":[)" +
                      names + R"(],"settles":"decided",)" + control + "}}" + tasks + "]");
}

/// `first` or `second`, read as flags from answers, decided by true in `inputs`.
inline std::string disjunction(const std::string &inputs) {
  std::string tasks = ask("generate1", "plan1") + "," + ask("generate2", "plan1");
  for (std::string number : {"1", "2"})
    tasks += R"(,{"id":"parse)" + number + R"(","kind":"parse","scope":"plan1",
    "inputs":[{"task":"generate)" +
             number + R"(","output":0}],"outputs":["i1"],
    "depends_on":["generate)" +
             number + R"("],"parse":{"format":"boolean"},
    "cancel_when_settled":"arith1"})";
  tasks += R"(,{"id":"arith1","kind":"arith","scope":"plan1","inputs":[{"task":"parse1",
    "output":0},{"task":"parse2","output":0}],"outputs":["i1"],
    "depends_on":["parse1","parse2"],"arith":{"op":"ori","decided_by":{"is":true,"inputs":)" +
           inputs + "}}}";
  return document("[]", flag, "[" + planScope(R"([{"task":"arith1","output":0}])") + "]",
                  "[" + tasks + "]");
}

} // namespace xcs::runtime

#endif // XCSLLM_UNITTESTS_RUNTIME_DOCUMENTS_H

//===- PlanTest.cpp - Plans read and run ----------------------------------===//

#include "Documents.h"
#include "XcsLLM/Runtime/StandIn.h"
#include "gtest/gtest.h"

using namespace xcs::runtime;

namespace {

std::string readError(const std::string &json) {
  llvm::Expected<Document> read = readDocument(json);
  return read ? "" : llvm::toString(read.takeError());
}

/// Answers by what `answers` says of the task, once for each run; else fails.
class Script : public Backend {
public:
  std::map<std::string, std::vector<Value>> answers;
  std::vector<std::string> log;

  Value next(const Call &call) {
    std::string name = call.task.id;
    for (const Iteration &iteration : call.path)
      name += "/" + std::to_string(iteration.index);
    log.push_back(name);
    std::vector<Value> &rest = answers[call.task.id];
    if (rest.empty())
      return failed;
    Value first = rest.front();
    rest.erase(rest.begin());
    return first;
  }
  Value ask(const Call &call) override { return next(call); }
  std::vector<Value> use(const Call &call) override { return {next(call)}; }
  Value lookUp(const Call &call) override { return next(call); }
  void store(const Call &call) override {}
};

std::vector<Value> run(const std::string &json, Script &script, std::vector<Value> inputs = {},
                       std::optional<uint64_t> seed = std::nullopt) {
  Document read = llvm::cantFail(readDocument(json));
  return llvm::cantFail(runPlan(read, read.plans[0], inputs, script, seed)).outputs;
}

Value text(std::string text) { return Value::text(std::move(text)); }

/// A stage with one generate task, with the verdict that its answer is yes.
std::string stage(const std::string &number, int attempts) {
  return R"({"id":"stage)" + number + R"(","kind":"stage","owner":"cascade1","arguments":[],
    "runs":{"when":"owner_starts","attempts":)" +
         std::to_string(attempts) + R"(},"yields":[{"task":"generate)" + number +
         R"(","output":0}],"verdict":{"task":"parse)" + number + R"(","output":0},
    "on_failed":"next","on_rejected":"next","cancels":"siblings"})";
}

std::string parse(const std::string &number) {
  return R"({"id":"parse)" + number + R"(","kind":"parse","scope":"stage)" + number +
         R"(","inputs":[{"task":"generate)" + number + R"(","output":0}],"outputs":["i1"],
    "depends_on":["generate)" +
         number + R"("],"parse":{"format":"boolean"}})";
}

std::string cascade() {
  return document("[]", textPort,
                  "[" + planScope(R"([{"task":"cascade1","output":0}])") + "," + stage("1", 2) +
                      "," + stage("2", 1) + "]",
                  R"([{"id":"cascade1","kind":"cascade","scope":"plan1","inputs":[],
    "outputs":["text"],"depends_on":[],"control":{"scopes":["stage1","stage2"],
    "settles":"first_accepted"}},)" +
                      ask("generate1", "stage1") + "," + parse("1") + "," +
                      ask("generate2", "stage2") + "," + parse("2") + "]");
}

TEST(Plans, ACascadeGoesOnUntilAccepted) {
  Script script;
  script.answers["generate1"] = {text("no, one"), text("yes, two")};
  EXPECT_EQ(run(cascade(), script)[0], text("yes, two"));
  EXPECT_EQ(script.log, (std::vector<std::string>{"generate1/0", "generate1/1"}));
}

TEST(Plans, TheLastVerdictOfACascadeIsIgnored) {
  Script script;
  script.answers["generate2"] = {text("no, last")};
  EXPECT_EQ(run(cascade(), script)[0], text("no, last"));
  EXPECT_EQ(script.log, (std::vector<std::string>{"generate1/0", "generate1/1", "generate2"}));
  Script silent;
  EXPECT_TRUE(run(cascade(), silent)[0].isFailed());
}

TEST(Plans, OneInputMayDecide) {
  auto give = [](const std::string &inputs, const std::string &first, const std::string &second) {
    Script script;
    for (auto [name, answer] : {std::pair("generate1", first), {"generate2", second}})
      if (!answer.empty())
        script.answers[name] = {text(answer)};
    return run(disjunction(inputs), script)[0];
  };
  EXPECT_EQ(give("[0,1]", "yes", ""), Value::flag(true));
  EXPECT_EQ(give("[0,1]", "", "yes"), Value::flag(true));
  EXPECT_EQ(give("[0,1]", "no", "no"), Value::flag(false));
  // What does not decide has to wait for the other one, and fails with it.
  EXPECT_TRUE(give("[0,1]", "no", "").isFailed());
  EXPECT_TRUE(give("[1]", "yes", "").isFailed());
  EXPECT_EQ(give("[1]", "", "yes"), Value::flag(true));
}

TEST(Plans, ListsWithFailedItemsAreNotKept) {
  struct Cache : Script {
    void store(const Call &call) override { log.push_back("store"); }
  };
  std::string tasks = R"({"id":"generate1","kind":"generate","scope":"plan1",
    "inputs":[{"text":0}],"outputs":[{"item":"text","shape":[2]}],"depends_on":[],
    "request":{"model":"m","n":2,"messages":[{"role":"user","input":0}],"deterministic":false}},
    {"id":"cache1","kind":"cache_store","scope":"plan1",
    "inputs":[{"task":"generate1","output":0},{"text":0}],
    "outputs":[{"item":"text","shape":[2]}],"depends_on":["generate1"],
    "cache":{"fingerprint":"f"}})";
  std::string plan =
      document("[]", R"([{"type":{"item":"text","shape":[2]}}])",
               "[" + planScope(R"([{"task":"cache1","output":0}])") + "]", "[" + tasks + "]");
  Cache whole, part;
  Value both = Value::list({text("a"), text("b")}), one = Value::list({text("a"), failed});
  whole.answers["generate1"] = {both};
  part.answers["generate1"] = {one};
  EXPECT_EQ(run(plan, whole)[0], both);
  EXPECT_EQ(whole.log, (std::vector<std::string>{"generate1", "store"}));
  EXPECT_EQ(run(plan, part)[0], one);
  EXPECT_EQ(part.log, (std::vector<std::string>{"generate1"}));
}

TEST(Plans, AVoteStartsNoWaveOnceItIsDecided) {
  Script script;
  for (int at = 1; at <= 5; ++at)
    script.answers["generate" + std::to_string(at)] = {text(at == 1 ? "b" : "a")};
  std::string waves = R"("policy":"majority","waves":[4,1])";
  EXPECT_EQ(run(ensemble(waves, 5), script)[0], text("a"));
  EXPECT_EQ(script.log.size(), 4u);
}

TEST(Plans, AQuorumMayNotBeReached) {
  Script script;
  script.answers["generate1"] = {text("a")};
  script.answers["generate2"] = {text("b")};
  EXPECT_TRUE(run(ensemble(R"("policy":"majority","quorum":2)", 2), script)[0].isFailed());
}

TEST(Plans, TheFirstThatHasAValueWins) {
  Script script;
  script.answers["generate2"] = {text("b")};
  script.answers["generate3"] = {text("c")};
  EXPECT_EQ(run(ensemble(R"("policy":"first","waves":[1,1,1])", 3), script)[0], text("b"));
  EXPECT_EQ(script.log.size(), 2u);
}

/// A batch over a list that keeps the items that `generate1` says yes to.
std::string filter() {
  return document("[]", R"([{"type":{"item":"text","shape":[null]}}])",
                  "[" + planScope(R"([{"task":"batch1","output":0}])") +
                      R"(,{"id":"item1","kind":"item","owner":"batch1","arguments":["text"],
    "runs":{"when":"each_item"},"yields":[{"scope":"item1","argument":0}],
    "verdict":{"task":"parse1","output":0},"on_failed":"keep","on_rejected":"drop",
    "cancels":"nothing"}])",
                  R"([{"id":"batch1","kind":"batch","scope":"plan1","inputs":[{"list":0}],
    "outputs":[{"item":"text","shape":[null]}],"depends_on":[],
    "control":{"scopes":["item1"],"settles":"all_done"}},)" +
                      ask("generate1", "item1") +
                      R"(,{"id":"parse1","kind":"parse","scope":"item1",
    "inputs":[{"task":"generate1","output":0}],"outputs":["i1"],"depends_on":["generate1"],
    "parse":{"format":"boolean"}}])");
}

TEST(Plans, ABatchKeepsWhatIsAccepted) {
  Script script;
  script.answers["generate1"] = {text("yes"), text("no"), text("yes")};
  EXPECT_EQ(run(filter(), script)[0], Value::list({text("a"), text("c")}));
  EXPECT_EQ(script.log, (std::vector<std::string>{"generate1/0", "generate1/1", "generate1/2"}));
}

TEST(Plans, AnImpureToolStopsAPlanWhoseInputHasFailed) {
  std::string json = document("[]", textPort, "[" + planScope(R"([{"text":0}])") + "]",
                              "[" + ask("generate1", "plan1") +
                                  R"(,{"id":"tool1","kind":"tool","scope":"plan1",
    "inputs":[{"task":"generate1","output":0}],"outputs":["text"],"depends_on":["generate1"],
    "tool":{"name":"send"}}])");
  Script script;
  EXPECT_TRUE(run(json, script)[0].isFailed());
  EXPECT_EQ(script.log.size(), 1u);
}

/// `size` templates, each filled in with the text of the one before.
std::string chain(int size) {
  std::string tasks;
  for (int at = 1; at <= size; ++at) {
    std::string before = "template" + std::to_string(at - 1);
    tasks += (at == 1 ? "" : ",\n") + (R"({"id":"template)" + std::to_string(at)) +
             R"(","kind":"template","scope":"plan1","outputs":["text"],"template":{"index":0},)" +
             (at == 1 ? R"("inputs":[{"text":1}],"depends_on":[]})"
                      : R"("inputs":[{"task":")" + before + R"(","output":0}],"depends_on":[")" +
                            before + "\"]}");
  }
  return document(
      "[]", textPort,
      "[" + planScope(R"([{"task":"template)" + std::to_string(size) + R"(","output":0}])") + "]",
      "[" + tasks + "]");
}

TEST(Plans, ALongChainTakesNoStack) {
  // The texts are short: the template of a long one would take the square of time.
  std::string json = chain(100000);
  for (size_t at = json.find("\"!\""); at != std::string::npos; at = json.find("\"!\"", at))
    json.replace(at, 3, "\"\"");
  Script script;
  EXPECT_EQ(run(json, script)[0], text("yes"));
  EXPECT_EQ(run(json, script, {}, 7)[0], text("yes"));
}

TEST(Plans, AnyOrderThatDependencesAllowGivesTheSame) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Script script;
    EXPECT_EQ(run(chain(3), script, {}, seed)[0], text("yes!!!"));
  }
}

TEST(Documents, SayWhatIsWrong) {
  EXPECT_EQ(readError("{"), "no JSON at line 1, column 2");
  EXPECT_EQ(readError("{}"), "must have 'schema_version'");
  EXPECT_EQ(llvm::toString(readDocument("{\n 1}", "a.json").takeError()), "a.json:2:2: no JSON");
  EXPECT_EQ(readError(R"({"schema_version":"2.0"})"), "'schema_version' must be 1 (got 2.0)");
  EXPECT_EQ(readError(R"({"schema_version":"1.1","texts":[1]})"),
            "'texts' must be a list of texts (got number)");
  std::string scope = "[" + planScope("[]") + "]";
  EXPECT_EQ(readError(document("[]", textPort, scope, "[]")),
            "p: its scope must have its inputs and outputs");
  std::string twins = R"([{"type":"text"},{"name":"0","type":"text"}])";
  EXPECT_EQ(readError(document(twins, "[]", scope, "[]")),
            "p: 'inputs' must have different names (got several '0')");
  EXPECT_EQ(readError(document("[]", "[]", scope, R"([{"id":"a","kind":"magic","scope":"plan1",
            "outputs":[]}])")),
            "p/a: unknown kind of task 'magic'");
  EXPECT_EQ(readError(document("[]", "[]", scope, R"([{"id":"a","kind":"template","scope":"x",
            "outputs":[]}])")),
            "p/a: 'scope' must be a scope of the plan (got 'x')");
  std::string itself = R"([{"id":"a","kind":"template","scope":"plan1","outputs":["text"],
    "inputs":[{"task":"a","output":0}],"depends_on":["a"],"template":{"index":0}}])";
  EXPECT_EQ(readError(document("[]", "[]", scope, itself)),
            "p/a: must refer to a task that stands earlier (got 'a')");
  std::string list = R"([{"id":"a","kind":"embed","scope":"plan1","inputs":[{"list":0}],
    "outputs":[{"item":"f32","shape":[2]}],"depends_on":[],
    "request":{"model":"m","deterministic":true}}])";
  EXPECT_EQ(readError(document("[]", "[]", scope, list)),
            "p/a: inputs of a request must be texts (got list of 3 text)");
}

//===----------------------------------------------------------------------===//
// The stand-in
//===----------------------------------------------------------------------===//

/// The identity of the given sample of a sampled request.
std::string identify(std::vector<int64_t> ids, std::optional<int64_t> samples,
                     std::vector<std::pair<std::optional<int64_t>, int64_t>> path, int64_t sample) {
  Document document;
  Plan plan;
  Task task;
  task.id = "generate1";
  task.sampleIds = std::move(ids);
  Request request;
  request.samples = samples;
  task.details = request;
  std::vector<Scope> scopes(path.size());
  std::vector<Iteration> iterations;
  for (size_t at = 0; at < path.size(); ++at) {
    scopes[at].items = path[at].first;
    iterations.push_back({&scopes[at], path[at].second});
  }
  return getIdentity({document, plan, task, {}, iterations}, sample);
}

TEST(Identity, IsTheNumberOfTheSample) {
  EXPECT_EQ(identify({7}, std::nullopt, {}, 0), "7");
  EXPECT_EQ(identify({7, 8, 9}, 3, {}, 2), "9");
  // Two items of three, outermost first.
  EXPECT_EQ(identify({1, 2, 3, 4, 5, 6}, std::nullopt, {{2, 1}, {3, 0}}, 0), "4");
  EXPECT_EQ(identify({1, 2, 3, 4, 5, 6}, 3, {{2, 1}}, 2), "6");
  // What has no numbers of its own is told apart by its place.
  EXPECT_EQ(identify({1, 2}, std::nullopt, {{std::nullopt, 5}, {2, 1}}, 0), "2/5");
  EXPECT_EQ(identify({1}, std::nullopt, {{2, 1}, {std::nullopt, 4}}, 0), "1/1/4");
  EXPECT_EQ(identify({}, 2, {{2, 1}}, 1), "@generate1/1/1");
}

TEST(Examples, MatchTheirPatterns) {
  for (const char *pattern : {"count (-?[0-9]+)", "Final Answer: (.*)", "[a-z]+", "(a|b){2,3}c?",
                              "\\d\\s\\(x\\)", "(?i)yes|no", "[^x-z]q", "a{2}"})
    for (uint64_t seed = 0; seed < 50; ++seed) {
      Dice dice(seed);
      Parse parse;
      parse.format = ParseFormat::Regex;
      parse.selector = pattern;
      std::string example = makeExample(pattern, dice);
      if (pattern != std::string("[^x-z]q")) {
        EXPECT_FALSE(readResponse(parse, example, Type()).isFailed()) << pattern << ": " << example;
      }
    }
}

} // namespace

//===- OpenAiTest.cpp - What goes over the wire, and what may come back ---===//

#include "XcsLLM/Runtime/OpenAi.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "gtest/gtest.h"

using namespace xcs::runtime;

static Value text(std::string text) { return Value::text(std::move(text)); }

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

TEST(OpenAi, UrlsHaveThePath) {
  EXPECT_EQ(makeUrl("http://a:1", TaskKind::Generate), "http://a:1/v1/chat/completions");
  EXPECT_EQ(makeUrl("http://a:1/", TaskKind::Score), "http://a:1/v1/chat/completions");
  EXPECT_EQ(makeUrl("http://a:1/v1", TaskKind::Embed), "http://a:1/v1/embeddings");
  EXPECT_EQ(makeUrl("http://a:1/v1/", TaskKind::Embed), "http://a:1/v1/embeddings");
  EXPECT_EQ(makeUrl("https://a/openai/x?api-version=2", TaskKind::Generate),
            "https://a/openai/x/chat/completions?api-version=2");
}

static Request conversation() {
  Request request;
  request.roles = {"system", "user"};
  request.messages = {1, 0};
  return request;
}

static WireOptions named(std::string model) {
  WireOptions options;
  options.model = std::move(model);
  return options;
}

TEST(OpenAi, BodiesHaveWhatTheRequestSays) {
  Request request = conversation();
  EXPECT_EQ(makeChatBody(request, TaskKind::Generate, {text("q \"\n\x01"), text("be terse")}, 1,
                         named("m")),
            R"({"model":"m","messages":[{"role":"system","content":"be terse"},)"
            R"({"role":"user","content":"q \"\n\u0001"}]})");
  request.temperature = 0;
  request.topP = 0.9;
  request.maxTokens = 7;
  request.seed = -5;
  request.stop = {"END", "\""};
  WireOptions options = named("m");
  options.serviceTier = "flex";
  options.maxTokensName = "max_completion_tokens";
  EXPECT_EQ(makeChatBody(request, TaskKind::Generate, {text("q"), text("s")}, 3, options),
            R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user",)"
            R"("content":"q"}],"n":3,"temperature":0,"top_p":0.9,"max_completion_tokens":7,)"
            R"("stop":["END","\""],"seed":-5,"service_tier":"flex"})");
}

static std::string schemaBody(std::string schema) {
  Request request;
  request.responseSchema = std::move(schema);
  std::string body = makeChatBody(request, TaskKind::Generate, {}, 1, named("m"));
  return body.substr(body.find("\"response_format\""));
}

TEST(OpenAi, SchemasAreStrictIfTheyCanBe) {
  std::string head = R"("response_format":{"type":"json_schema","json_schema":{"name":"response",)";
  std::string strict = R"({"type":"object","properties":{"a":{"type":"string"}},)"
                       R"("required":["a"],"additionalProperties":false})";
  EXPECT_EQ(schemaBody(strict), head + "\"schema\":" + strict + ",\"strict\":true}}}");
  for (std::string loose :
       {R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})",
        R"({"type":"object","properties":{"a":{}},"required":[],"additionalProperties":false})",
        R"({"type":"array","items":{"type":"object","properties":{"a":{}}}})"})
    EXPECT_EQ(schemaBody(loose), head + "\"schema\":" + loose + "}}}");
  EXPECT_EQ(schemaBody("{nonsense"), head + R"("schema":"{nonsense"}}})");
}

TEST(OpenAi, ScoresAreAskedForAsNumbers) {
  Request request = conversation();
  std::string body =
      makeChatBody(request, TaskKind::Score, {text("good?"), text("s")}, 1, named("m"));
  EXPECT_NE(body.find(R"({"role":"user","content":"good?"},{"role":"user","content":"Answer with )"
                      "one number from 0 to 1"),
            std::string::npos);
  request.labels = {"a", "\"b\""};
  body = makeChatBody(request, TaskKind::Score, {text("good?"), text("s")}, 1, named("m"));
  EXPECT_NE(body.find(R"(\"a\", \"\\\"b\\\"\")"), std::string::npos) << body;
}

TEST(OpenAi, EmbeddingsTakeOneTextOrSeveral) {
  Request request;
  EXPECT_EQ(makeEmbeddingBody(request, {"a"}, named("e")), R"({"model":"e","input":"a"})");
  request.dimensions = 8;
  EXPECT_EQ(makeEmbeddingBody(request, {"a", "b"}, named("e")),
            R"({"model":"e","input":["a","b"],"dimensions":8})");
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

static std::string chatError(const std::string &body) {
  llvm::Expected<ChatAnswer> answer = readChatAnswer(body, 5);
  return answer ? "" : llvm::toString(answer.takeError());
}

static std::string choice(const std::string &message) {
  return R"({"choices":[{"index":0,"message":)" + message + "}]}";
}

TEST(OpenAi, AnswersHaveSamplesAndUsage) {
  ChatAnswer answer = llvm::cantFail(readChatAnswer(
      R"({"id":"x","model":"m-1","choices":[
          {"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"length"},
          {"index":0,"message":{"content":"a é 😀","refusal":null},"finish_reason":"stop"}],
          "usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,
                   "prompt_tokens_details":{"cached_tokens":2}}})",
      3));
  ASSERT_EQ(answer.samples.size(), 2u);
  EXPECT_EQ(answer.samples[0].text, "a é 😀");
  EXPECT_EQ(answer.samples[1].text, "b");
  EXPECT_EQ(answer.usage.inputTokens, 9);
  EXPECT_EQ(answer.usage.cachedInputTokens, 2);
  EXPECT_EQ(answer.usage.outputTokens, 4);
}

TEST(OpenAi, ErrorsInAnswersStandForStatuses) {
  for (auto [status, error] :
       {std::pair{503, R"({"message":"x","code":503})"}, {529, R"({"code":"529"})"},
        {429, R"({"type":"rate_limit_error"})"}, {429, R"({"code":"rate_limit_exceeded"})"},
        {429, R"({"status":"RESOURCE_EXHAUSTED"})"}, {503, R"({"type":"server_error"})"},
        {503, R"({"type":"overloaded_error"})"}, {400, R"({"type":"insufficient_quota"})"},
        {400, R"({"code":7})"}, {400, R"("out of order")"}})
    EXPECT_EQ(findErrorStatus(std::string(R"({"error":)") + error + "}"), status) << error;
  for (const char *body : {R"({"error":null})", "{}", "[1]", "no JSON"})
    EXPECT_EQ(findErrorStatus(body), std::nullopt) << body;
}

TEST(OpenAi, AnswersMayLackWhatIsNotNeeded) {
  ChatAnswer answer =
      llvm::cantFail(readChatAnswer(R"({"choices":[{"message":{"content":""}}],"usage":null})", 1));
  EXPECT_EQ(answer.samples[0].text, "");
  EXPECT_EQ(answer.usage.inputTokens, std::nullopt);
  // One choice of five, and not the first.
  answer =
      llvm::cantFail(readChatAnswer(R"({"choices":[{"index":3,"message":{"content":"x"}}]})", 5));
  ASSERT_EQ(answer.samples.size(), 1u);
  // More than were asked for.
  answer = llvm::cantFail(readChatAnswer(
      R"({"choices":[{"message":{"content":"x"}},{"message":{"content":"y"}}]})", 1));
  ASSERT_EQ(answer.samples.size(), 1u);
  EXPECT_EQ(answer.samples[0].text, "x");
}

TEST(OpenAi, SamplesMayFail) {
  auto failure = [](std::string body) {
    ChatAnswer answer = llvm::cantFail(readChatAnswer(body, 1));
    EXPECT_EQ(answer.samples.at(0).text, std::nullopt);
    return answer.samples[0].failure;
  };
  EXPECT_EQ(failure(choice(R"({"content":null})")), "the answer has no text");
  EXPECT_EQ(failure(choice(R"({"content":null,"refusal":"no"})")), "the model refused");
  EXPECT_EQ(failure(choice(R"({"content":"x","refusal":"no"})")), "the model refused");
  EXPECT_EQ(
      failure(R"({"choices":[{"message":{"content":"x"},"finish_reason":"content_filter"}]})"),
      "the provider's filter took the answer away");
}

TEST(OpenAi, OtherFormsAreErrors) {
  EXPECT_EQ(chatError(""), "the answer must be JSON (got nothing)");
  EXPECT_EQ(chatError("<html></html>"),
            "the answer must be JSON (got a page of HTML)");
  EXPECT_EQ(chatError("{\"choices\":\n[}"),
            "the answer must be JSON (no JSON at line 2, column 2)");
  EXPECT_EQ(chatError(choice("{\"content\":\"\xff\"}")).substr(0, 32),
            "the answer must be JSON (no JSON");
  EXPECT_EQ(chatError("[]"), "the answer must be a JSON object (got array)");
  EXPECT_EQ(chatError("{}"), "the answer: must have 'choices'");
  EXPECT_EQ(chatError(R"({"choices":{}})"), "the answer: 'choices' must be a list (got object)");
  EXPECT_EQ(chatError(R"({"choices":[]})"), "the answer: must have a choice");
  EXPECT_EQ(chatError(R"({"choices":[7]})"),
            "the answer's choice 0: must be an object (got number)");
  EXPECT_EQ(chatError(choice("\"x\"")),
            "the answer's choice 0: 'message' must be an object (got string)");
  EXPECT_EQ(chatError(choice(R"({"content":7})")),
            "the answer's choice 0: 'content' must be a text (got number)");
  EXPECT_EQ(chatError(choice(R"({"content":["x"]})")),
            "the answer's choice 0: 'content' must be a text (got array)");
  EXPECT_EQ(chatError(R"({"choices":[{"index":-1,"message":{"content":"x"}}]})"),
            "the answer's choice 0: 'index' must be an integer of at least 0 (got number)");
  EXPECT_EQ(chatError(R"({"choices":[{"index":0,"message":{"content":"x"}},
                                     {"index":0,"message":{"content":"y"}}]})"),
            "the answer's choice 1: must be the only one of its index (got 0 again)");
  EXPECT_EQ(chatError(R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":"9"}})"),
            "the answer: 'prompt_tokens' must be an integer of at least 0 (got string)");
  EXPECT_EQ(chatError(R"({"error":{"message":"over\nloaded"}})"),
            "the answer is an error: over\nloaded");
  EXPECT_EQ(chatError(std::string(5000000, '[')),
            "the answer must be JSON (nested deeper than 100)");
  EXPECT_EQ(chatError(R"({"choices":1e999})").substr(0, 22), "the answer must be JSO");
}

TEST(OpenAi, EmbeddingsAreReadByIndex) {
  EmbeddingAnswer answer = llvm::cantFail(readEmbeddingAnswer(
      R"({"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2.5]}],
          "usage":{"prompt_tokens":3,"total_tokens":3}})",
      2, 2));
  EXPECT_EQ(answer.vectors, (std::vector<std::vector<double>>{{1, 2.5}, {3, 4}}));
  EXPECT_EQ(answer.usage.inputTokens, 3);
  auto error = [](std::string body) {
    return llvm::toString(readEmbeddingAnswer(body, 1, 2).takeError());
  };
  EXPECT_EQ(error(R"({"data":[]})"),
            "the answer: must have an embedding for each of 1 texts (got 0)");
  EXPECT_EQ(error(R"({"data":[{"index":1,"embedding":[1,2]}]})"),
            "the answer's embedding 0: 'index' must be less than 1 (got 1)");
  EXPECT_EQ(error(R"({"data":[{"embedding":[1]}]})"),
            "the answer's embedding 0: 'embedding' must have 2 numbers (got 1)");
  EXPECT_EQ(error(R"({"data":[{"embedding":[1,"2"]}]})"),
            "the answer's embedding 0: 'embedding' must be a list of numbers (got string)");
  EXPECT_EQ(error(R"({"data":[{"embedding":"AAAA"}]})"),
            "the answer's embedding 0: 'embedding' must be a list (got string)");
  EXPECT_EQ(error(R"({"data":[null]})"), "the answer's embedding 0: must have 'embedding'");
  Type type{Scalar::F32, {2}, true};
  Value value = makeEmbedding({0.1, 2}, type);
  EXPECT_EQ(*(*value.getList())[0].getNumber(), double(0.1f));
  EXPECT_TRUE(makeEmbedding({1e300, 2}, type).isFailed());
  EXPECT_TRUE(makeEmbedding({1}, type).isFailed());
}

TEST(OpenAi, FailuresAreToldInALine) {
  HttpResponse response;
  response.status = 401;
  response.body = R"({"error":{"message":"Incorrect key: sk-secret","code":"bad"}})";
  EXPECT_EQ(describeFailure(response, {"sk-secret"}), "status 401: Incorrect key: ***");
  // Escapes hide no key, not even where what is said is cut.
  std::string escaped = R"(sk\/ab\u002bcd\/ef)", message = std::string(293, 'x') + " ";
  response.body = R"({"error":{"message":"bad )" + escaped + R"("}})";
  EXPECT_EQ(describeFailure(response, {"sk/ab+cd/ef"}), "status 401: bad ***");
  response.body = R"({"error":{"message":")" + message + escaped + R"("}})";
  EXPECT_EQ(describeFailure(response, {"sk/ab+cd/ef"}), "status 401: " + message + "***");
  response.body = R"({"error":{"message":"bad )" + escaped + R"("})";
  EXPECT_EQ(describeFailure(response, {"sk/ab+cd/ef"}), "status 401: broken JSON");
  response.body = "<!DOCTYPE html><title>502</title>";
  EXPECT_EQ(describeFailure(response), "status 401: a page of HTML");
  response.body = "over\r\n\x1b[31mloaded";
  EXPECT_EQ(describeFailure(response), "status 401: over [31mloaded");
  response.body = R"({"detail":"x"})";
  EXPECT_EQ(describeFailure(response), "status 401: x");
  response.body = R"({"error":"y"})";
  EXPECT_EQ(describeFailure(response), "status 401: y");
  response.body = "";
  response.status = 302;
  EXPECT_EQ(describeFailure(response), "status 302: redirects are not followed");
  response.error = HttpError::TimedOut;
  response.reason = "after 5 ms";
  EXPECT_EQ(describeFailure(response), "timed out: after 5 ms");
}

TEST(OpenAi, SecretsAreBlottedOut) {
  EXPECT_EQ(blotOut("key1 and key12, not ke", {"key1", "", "key12"}), "*** and ***, not ke");
  for (const char *stars : {"*", "**", "***"})
    EXPECT_EQ(blotOut(stars, {stars}), "***");
  EXPECT_EQ(blotOut("abab", {"ab"}), "******");
}

TEST(OpenAi, ScoresAreReadStrictly) {
  auto read = [](std::string text) { return writeJson(readScore(text, {})); };
  EXPECT_EQ(read("0.85"), "0.85");
  EXPECT_EQ(read(" 1.\n"), "1");
  EXPECT_EQ(read(".5"), "0.5");
  EXPECT_EQ(read("Score: 0.3"), "0.3");
  EXPECT_EQ(read("Yes."), "1");
  EXPECT_EQ(read("no"), "0");
  for (const char *unclear : {"7", "-0.5", "8/10", "0.8 of 1", "perhaps", "", "85%", "nan", "inf"})
    EXPECT_EQ(read(unclear), "null") << unclear;
  auto shares = [](std::string text) { return writeJson(readScore(text, {"a", "b"})); };
  EXPECT_EQ(shares("```json\n{\"b\": 0.25, \"a\": 0.75}\n```"), "[0.75,0.25]");
  EXPECT_EQ(shares("[0.5, 0.5]"), "[0.5,0.5]");
  EXPECT_EQ(shares(R"({"a": 0.2, "b": 0.2})"), "[0.5,0.5]");
  EXPECT_EQ(shares("It is b."), "[0,1]");
  for (const char *unclear : {"{\"x\": 1}", "[0, 0]", "[2, 1]", "neither", ""})
    EXPECT_EQ(shares(unclear), "null") << unclear;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static std::string read(const std::string &json, const Type &type, Nulls nulls = Nulls::Refuse) {
  llvm::Expected<Value> value = readJson(json, type, nulls);
  return value ? writeJson(*value) : llvm::toString(value.takeError());
}

TEST(ValueJson, ReadsByType) {
  Type text{Scalar::Text, {}, false}, i64{Scalar::I64, {}, false}, f64{Scalar::F64, {}, false};
  EXPECT_EQ(read(R"("a\n\u00e9")", text), R"("a\né")");
  EXPECT_EQ(read("7", text), "must be text (got number)");
  EXPECT_EQ(read("9223372036854775807", i64), "9223372036854775807");
  EXPECT_EQ(read("9223372036854775808", i64), "must be i64 (got number)");
  EXPECT_EQ(read("1.0", i64), "must be i64 (got number)");
  EXPECT_EQ(read("128", Type{Scalar::I8, {}, false}), "must be i8 (got number)");
  EXPECT_EQ(read("1", f64), "1");
  EXPECT_EQ(read("1e39", Type{Scalar::F32, {}, false}), "must be f32 (got number)");
  EXPECT_EQ(read("true", Type{Scalar::I1, {}, false}), "true");
  EXPECT_EQ(read("1", Type{Scalar::I1, {}, false}), "must be i1 (got number)");
  EXPECT_EQ(read("null", text), "must be text (got null)");
  EXPECT_EQ(read("null", text, Nulls::MeanFailed), "null");
  EXPECT_EQ(read("", text), "no JSON at line 1, column 1");
}

TEST(ValueJson, ReadsLists) {
  Type rows{Scalar::I64, {Type::unknownSize, 2}, true};
  EXPECT_EQ(read("[[1,2],[3,4]]", rows), "[[1,2],[3,4]]");
  EXPECT_EQ(read("[]", rows), "[]");
  EXPECT_EQ(read("[[1,2],[3]]", rows), "/1: must be list of 2 i64 (got a list of 1)");
  EXPECT_EQ(read("[[1,2],[3,\"4\"]]", rows), "/1/1: must be i64 (got string)");
  EXPECT_EQ(read("[[1,null],null]", rows, Nulls::MeanFailed), "[[1,null],null]");
  EXPECT_EQ(read("7", rows), "must be list of list of 2 i64 (got number)");
  Type one{Scalar::I64, {}, true};
  EXPECT_EQ(read("[7]", one), "[7]");
  auto values = readJsonList(R"(["a", 1])", {Type{}, Type{Scalar::I64, {}, false}});
  EXPECT_EQ(writeJsonList(llvm::cantFail(std::move(values))), R"(["a",1])");
  EXPECT_EQ(llvm::toString(readJsonList("[1]", {}).takeError()),
            "must be a list of 0 values (got a list of 1)");
}

TEST(ValueJson, TakesTextsOfPeopleAsTheyAre) {
  EXPECT_EQ(writeJson(llvm::cantFail(readInput("\"7\"", Type{}))), R"("\"7\"")");
  EXPECT_EQ(llvm::toString(readInput("a\xff", Type{}).takeError()),
            "must be UTF-8 (got another byte at 1)");
  EXPECT_EQ(writeJson(llvm::cantFail(readInput("[\"a\"]", Type{Scalar::Text, {1}, true}))),
            R"(["a"])");
}

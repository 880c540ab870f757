//===- RunConfigTest.cpp - Where models and tools are ---------------------===//

#include "XcsLLM/Runtime/RunConfig.h"
#include "gtest/gtest.h"

using namespace xcs::runtime;

static std::optional<std::string> environment(const std::string &name) {
  if (name == "KEY")
    return "sk-1";
  if (name == "OTHER")
    return "sk-2";
  if (name == "LINES")
    return "a\nb";
  return std::nullopt;
}

static const char *whole = R"({
  "endpoints": {
    "default": {"url": "http://127.0.0.1:8000", "timeout_ms": 5000, "retries": {"max_attempts": 5}},
    "providers": {"acme": {"url": "https://api.acme.test/v1", "key_env": "KEY",
                           "headers_env": {"X-Team": "OTHER"}}},
    "models": {"small": {"model": "small-2", "max_tokens_name": "max_completion_tokens"},
               "own": {"url": "http://10.0.0.1:1", "connect_timeout_ms": 70}}
  },
  "tools": {"search": {"command": ["python3", "-u", "search.py"], "timeout_ms": 900,
                       "environment": ["OTHER", "NONE"]},
            "tickets": {"url": "https://t.test/open", "key_env": "KEY"}}
})";

using Texts = std::vector<std::string>;

TEST(RunConfig, FindsTheNearestEndpoint) {
  RunConfig config = llvm::cantFail(RunConfig::read(whole));
  Endpoint small = llvm::cantFail(config.find("small", "acme", environment));
  EXPECT_EQ(small.url, "https://api.acme.test/v1");
  EXPECT_EQ(small.headers, (Texts{"Content-Type: application/json", "X-Team: sk-2",
                                  "Authorization: Bearer sk-1"}));
  EXPECT_EQ(small.secrets, (Texts{"sk-2", "sk-1"}));
  EXPECT_EQ(small.wire.model, "small-2");
  EXPECT_EQ(small.wire.maxTokensName, "max_completion_tokens");
  EXPECT_EQ(small.timeoutMs, 5000);
  EXPECT_EQ(small.retries.maxAttempts, 5);
  // A model with a server of its own gets no one else's keys.
  Endpoint own = llvm::cantFail(config.find("own", "acme", environment));
  EXPECT_EQ(own.url, "http://10.0.0.1:1");
  EXPECT_EQ(own.headers, Texts{"Content-Type: application/json"});
  EXPECT_EQ(own.connectTimeoutMs, 70);
  Endpoint other = llvm::cantFail(config.find("other", "", environment));
  EXPECT_EQ(other.url, "http://127.0.0.1:8000");
  EXPECT_EQ(other.wire.model, "other");
  EXPECT_EQ(other.wire.maxTokensName, "max_tokens");
}

static Tool named(std::string name, std::string task) {
  Tool tool;
  tool.name = std::move(name);
  tool.task = std::move(task);
  return tool;
}

TEST(RunConfig, FindsTools) {
  RunConfig config = llvm::cantFail(RunConfig::read(whole));
  ToolEndpoint search = llvm::cantFail(config.find(named("search", ""), environment));
  EXPECT_EQ(search.command, (Texts{"python3", "-u", "search.py"}));
  EXPECT_EQ(search.timeoutMs, 900);
  EXPECT_EQ(search.withheld, Texts{"KEY"});
  EXPECT_EQ(search.secrets, Texts{"sk-2"});
  ToolEndpoint ticket = llvm::cantFail(config.find(named("open_ticket", "tickets"), environment));
  EXPECT_EQ(ticket.url, "https://t.test/open");
  EXPECT_EQ(ticket.secrets, Texts{"sk-1"});
  EXPECT_EQ(llvm::toString(config.find(named("x", "y"), environment).takeError()),
            "there must be a command or a URL for tool 'x' of task 'y'");
}

TEST(RunConfig, TakesADefaultWithoutAFile) {
  RunConfig config;
  EXPECT_EQ(llvm::toString(config.find("m", "acme", environment).takeError()),
            "there must be an endpoint for model 'm' of provider 'acme'");
  EXPECT_EQ(llvm::toString(config.setDefault("127.0.0.1:80")),
            "must begin with http:// or https://");
  ASSERT_FALSE(config.setDefault("http://127.0.0.1:80"));
  EXPECT_EQ(llvm::cantFail(config.find("m", "acme", environment)).url, "http://127.0.0.1:80");
}

static std::string error(const std::string &json) {
  llvm::Expected<RunConfig> config = RunConfig::read(json);
  return config ? "" : llvm::toString(config.takeError());
}
static std::string endpointError(const std::string &members) {
  return error(R"({"endpoints":{"default":{)" + members + "}}}");
}
static std::string toolError(const std::string &members) {
  return error(R"({"tools":{"a/b":{)" + members + "}}}");
}

TEST(RunConfig, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error("{\n \"endpoints\": nonsense}"), "no JSON at line 2, column 16");
  EXPECT_EQ(error("[]"), "the file: must be an object (got array)");
  EXPECT_EQ(error(R"({"endpoint":{}})"),
            "the file: must have no 'endpoint'; did you mean 'endpoints'?");
  EXPECT_EQ(error(R"({"servers":{}})"),
            "the file: must have no other members than endpoints, tools");
  EXPECT_EQ(endpointError(R"("urls":"http://a")"),
            "/endpoints/default: must have no 'urls'; did you mean 'url'?");
  EXPECT_EQ(endpointError(R"("url":7)"),
            "/endpoints/default/url: must be a text that is not empty (got number)");
  EXPECT_EQ(endpointError(R"("url":"ftp://a")"),
            "/endpoints/default/url: must begin with http:// or https://");
  EXPECT_EQ(endpointError(R"("url":"http:///v1")"), "/endpoints/default/url: must have a host");
  EXPECT_EQ(endpointError(R"("url":"http://a b")"),
            "/endpoints/default/url: must be a URL of a server");
  EXPECT_EQ(endpointError(R"("timeout_ms":0)"),
            "/endpoints/default/timeout_ms: must be a number from 1 to 1000000000");
  EXPECT_EQ(endpointError(R"("retries":{"max_attempts":1.5})"),
            "/endpoints/default/retries/max_attempts: must be an integer (got number)");
  EXPECT_EQ(endpointError(R"("model":"x")"),
            "/endpoints/default: must have no 'model': that is for entries of 'models'");
  EXPECT_EQ(endpointError(R"("max_tokens_name":"tokens")"),
            "/endpoints/default/max_tokens_name: must be 'max_tokens' or 'max_completion_tokens'");
  EXPECT_EQ(toolError(""), "/tools/a~1b: must have either a 'command' or a 'url'");
  EXPECT_EQ(toolError(R"("command":"ls -l")"),
            "/tools/a~1b/command: must be a list of words, the program first: there is no shell "
            "(got string)");
  EXPECT_EQ(toolError(R"("command":[])").substr(0, 35), "/tools/a~1b/command: must be a list");
  EXPECT_EQ(toolError(R"("command":["ls",1])"),
            "/tools/a~1b/command: must be a list of texts (got number)");
  EXPECT_EQ(toolError(R"("command":["ls"],"key_env":"KEY")"),
            "/tools/a~1b: must have a 'url' that its keys are for");
  EXPECT_EQ(toolError(R"("url":"http://a","environment":["KEY"])"),
            "/tools/a~1b: must have a 'command' that its 'environment' is for");
}

TEST(RunConfig, PrintsNoKeys) {
  for (const char *members :
       {R"("key":"sk-hidden")", R"("api_key":"sk-hidden")", R"("Authorization":"sk-hidden")",
        R"("url":"http://a","key_env":"sk-hidden")",
        R"("url":"http://a","headers_env":{"X-Key":"sk-hidden"})", R"("url":"https://sk-hidden@a")",
        R"("url":"sk-hidden")", R"("url":"https://a/v1?api-version=1&api-key=sk-hidden")",
        R"("url":"https://a?access_token=sk-hidden")", R"("url":"https://user:sk/hidden@a")",
        R"("sk-hidden":1)", R"("sk-hidden":{})", R"("url":"http://a","key_env":{"sk-hidden":1})",
        R"("url":"http://a","headers_env":{"sk-hidden":"sk-hidden"})",
        R"("url":"http://a","headers_env":{"sk-hidden":1})",
        R"("url":"http://a","headers_env":{"sk hidden":"KEY"})"}) {
    std::string message = endpointError(members);
    EXPECT_NE(message, "") << members;
    EXPECT_EQ(message.find("hidden"), std::string::npos) << message;
  }
  // One that might be a name is found out when it is not set.
  for (const char *name : {"gsk_hidden", "LINES"}) {
    RunConfig config = llvm::cantFail(RunConfig::read(
        std::string(R"({"endpoints":{"default":{"url":"http://a","key_env":")") + name + "\"}}}"));
    std::string message = llvm::toString(config.find("m", "", environment).takeError());
    EXPECT_EQ(message.find("/endpoints/default/key_env: the environment variable that it names"),
              0u);
    EXPECT_EQ(message.find(name), std::string::npos);
  }
  // Nor is a header's name that is a key, in the place of the variable's.
  RunConfig config = llvm::cantFail(RunConfig::read(
      R"({"endpoints":{"default":{"url":"http://a","headers_env":{"sk-hidden":"Authorization"}}}})"));
  EXPECT_EQ(llvm::toString(config.find("m", "", environment).takeError()),
            "/endpoints/default/headers_env: the environment variable that it names must be set");
}

TEST(RunConfig, TakesQueriesWithoutKeys) {
  EXPECT_EQ(endpointError(R"("url":"https://a:80/v1?api-version=2024-10-21")"), "");
  EXPECT_EQ(endpointError(R"("url":"http://[::1]:8000")"), "");
}

TEST(RunConfig, WithholdsKeysFromCommands) {
  RunConfig config = llvm::cantFail(RunConfig::read(R"({
    "endpoints": {"default": {"url": "http://a", "key_env": "A"},
                  "models": {"m": {"url": "http://b", "headers_env": {"X": "B"}}}},
    "tools": {"url": {"url": "http://c", "key_env": "C"},
              "plain": {"command": ["c"]},
              "trusted": {"command": ["c"], "environment": ["B", "D"]}}})"));
  auto getWithheld = [&](const char *tool) {
    return llvm::cantFail(config.find(named(tool, ""), environment)).withheld;
  };
  EXPECT_EQ(getWithheld("plain"), (Texts{"A", "B", "C"}));
  EXPECT_EQ(getWithheld("trusted"), (Texts{"A", "C"}));
}

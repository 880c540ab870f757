//===- RunConfig.cpp - Where models and tools are --------------------------===//

#include "XcsLLM/Runtime/RunConfig.h"
#include "JsonText.h"
#include "XcsLLM/Support/Text.h"
#include "llvm/ADT/StringExtras.h"
#include <cstdlib>

using namespace llvm;

namespace xcs::runtime {

std::optional<std::string> getEnvironment(const std::string &name) {
  const char *value = getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

/// Whether a parameter of a URL is one that keys are given in.
static bool namesKey(StringRef parameter) {
  std::string name = parameter.split('=').first.lower();
  return StringRef(name).ends_with("key") || StringRef(name).ends_with("token") ||
         is_contained({"sig", "signature", "secret", "password", "code"}, name);
}

/// Why it is no URL of a server; empty if it is one. What it is is not said: it might
/// have a key in it.
static std::string checkUrl(StringRef url) {
  StringRef rest = url;
  if (!rest.consume_front("http://") && !rest.consume_front("https://"))
    return "must begin with http:// or https://";
  StringRef host = rest.take_until([](char c) { return c == '/' || c == '?' || c == '#'; });
  constexpr StringLiteral instead = ": name an environment variable that has it in 'key_env' or "
                                    "'headers_env' of --config";
  if (host.contains('@'))
    return ("must have no user and no password in it" + instead).str();
  if (any_of(split(url.split('?').second, '&'), namesKey))
    return ("must have no key in it" + instead).str();
  if (host.empty() || host.starts_with(":"))
    return "must have a host";
  StringRef port = host.substr(host.rfind(']') + 1).split(':').second; // behind an IPv6 address
  if (!all_of(port, isDigit))
    return "must have a number as its port";
  auto isBad = [](char c) { return !isPrint(c) || c == ' '; };
  if (any_of(url, isBad) || url.contains('#'))
    return "must be a URL of a server";
  return "";
}

static bool isVariableName(StringRef name) {
  return !name.empty() && !isDigit(name[0]) &&
         all_of(name, [](char c) { return isAlnum(c) || c == '_'; });
}

static bool isHeaderName(StringRef name) {
  return !name.empty() && all_of(name, [](char c) { return isAlnum(c) || c == '-' || c == '_'; });
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Reads the file's JSON. Values are never part of an error: they might be keys.
class RunConfigReader {
public:
  explicit RunConfigReader(RunConfig &config) : config(config) {}

  void read(const Json &json);

  std::string error;

private:
  using Handler = std::function<void(const Json &value, const std::string &where)>;
  using Handlers = std::map<std::string, Handler>;

  void fail(const std::string &where, const Twine &rule) {
    if (error.empty())
      error = ((where.empty() ? "the file" : where) + ": " + rule).str();
  }
  bool expect(bool isRight, const Json &value, const std::string &where, StringRef what) {
    if (!isRight)
      fail(where, "must be " + what + " (got " + value.type_name() + ")");
    return isRight;
  }

  /// Calls the handler of each member; one without is an error.
  void readObject(const Json &json, const std::string &where, const Handlers &handlers);
  /// Calls `read` with each member's name, value and place.
  void readTable(const Json &json, const std::string &where,
                 function_ref<void(const std::string &, const Json &, const std::string &)> read);
  std::string readText(const Json &json, const std::string &where);
  std::string readUrl(const Json &json, const std::string &where);
  double readNumber(const Json &json, const std::string &where, double least, double most);
  int64_t readMs(const Json &json, const std::string &where) {
    return int64_t(readNumber(json, where, 1, 1e9));
  }
  RunConfig::Header readVariable(const Json &json, const std::string &where, std::string header,
                                 std::string prefix);
  void readHeaders(const Json &json, const std::string &where,
                   std::vector<RunConfig::Header> &headers);
  RetryPolicy readRetries(const Json &json, const std::string &where);
  RunConfig::EndpointEntry readEndpoint(const Json &json, const std::string &where);
  RunConfig::ToolEntry readTool(const Json &json, const std::string &where);
  void readEndpoints(const Json &json, const std::string &where);

  RunConfig &config;
};

void RunConfigReader::readTable(
    const Json &json, const std::string &where,
    function_ref<void(const std::string &, const Json &, const std::string &)> read) {
  if (!expect(json.is_object(), json, where, "an object"))
    return;
  for (const auto &member : json.items())
    if (error.empty())
      read(member.key(), member.value(), extendPointer(where, member.key()));
}

/// Of `names` the one that is most like `name`, if one is.
static std::string findNearest(StringRef name, const std::vector<StringRef> &names) {
  StringRef nearest;
  unsigned least = 3;
  for (StringRef known : names)
    if (unsigned distance = name.edit_distance(known, true, least); distance < least) {
      least = distance;
      nearest = known;
    }
  return nearest.str();
}

void RunConfigReader::readObject(const Json &json, const std::string &where,
                                 const Handlers &handlers) {
  auto readMember = [&](const std::string &name, const Json &value, const std::string &at) {
    auto found = handlers.find(name);
    if (found != handlers.end())
      return found->second(value, at);
    static constexpr StringLiteral keyNames[] = {"key",   "api_key",       "apikey", "api-key",
                                                 "token", "authorization", "secret", "password"};
    if (is_contained(keyNames, StringRef(name).lower()))
      return fail(at, "keys do not belong in files: name an environment variable in 'key_env'");
    std::vector<StringRef> names;
    for (const auto &handler : handlers)
      names.push_back(handler.first);
    std::string nearest = findNearest(name, names);
    if (nearest.empty()) // what it is might be a key
      fail(where, "must have no other members than " + join(names, ", "));
    else
      fail(where, "must have no '" + Twine(name) + "'; did you mean '" + nearest + "'?");
  };
  readTable(json, where, readMember);
}

std::string RunConfigReader::readText(const Json &json, const std::string &where) {
  bool isText = json.is_string() && !json.get_ref<const std::string &>().empty();
  return expect(isText, json, where, "a text that is not empty") ? json.get<std::string>() : "";
}

std::string RunConfigReader::readUrl(const Json &json, const std::string &where) {
  std::string url = readText(json, where);
  std::string reason = error.empty() ? checkUrl(url) : "";
  if (!reason.empty())
    fail(where, reason);
  return url;
}

double RunConfigReader::readNumber(const Json &json, const std::string &where, double least,
                                   double most) {
  double number = json.is_number() ? json.get<double>() : least - 1;
  if (number < least || number > most)
    fail(where, "must be a number from " + formatNumber(least) + " to " + formatNumber(most));
  return number;
}

RunConfig::Header RunConfigReader::readVariable(const Json &json, const std::string &where,
                                                std::string header, std::string prefix) {
  std::string name = json.is_string() ? json.get<std::string>() : "";
  if (!isVariableName(name))
    fail(where, "must name an environment variable, and have no key");
  return {std::move(header), std::move(name), std::move(prefix), where};
}

void RunConfigReader::readHeaders(const Json &json, const std::string &where,
                                  std::vector<RunConfig::Header> &headers) {
  // Where name and variable are confused, or a key is written, the name is no name.
  readTable(json, where, [&](const std::string &name, const Json &value, const std::string &) {
    if (!isHeaderName(name))
      return fail(where, "must have names of headers");
    headers.push_back(readVariable(value, where, name, ""));
  });
}

RetryPolicy RunConfigReader::readRetries(const Json &json, const std::string &where) {
  RetryPolicy retries;
  auto number = [&](double &field, double least, double most) {
    return [&field, least, most, this](const Json &value, const std::string &at) {
      field = readNumber(value, at, least, most);
    };
  };
  readObject(json, where,
             {{"max_attempts",
               [&](const Json &value, const std::string &at) {
                 expect(value.is_number_integer(), value, at, "an integer");
                 retries.maxAttempts = int64_t(readNumber(value, at, 1, 1000));
               }},
              {"initial_backoff_ms", number(retries.initialBackoffMs, 0, 1e9)},
              {"backoff_factor", number(retries.backoffFactor, 1, 1000)},
              {"max_backoff_ms", number(retries.maxBackoffMs, 0, 1e9)},
              {"longest_pause_ms", number(retries.longestPauseMs, 0, 1e9)}});
  return retries;
}

RunConfig::EndpointEntry RunConfigReader::readEndpoint(const Json &json, const std::string &where) {
  RunConfig::EndpointEntry entry;
  readObject(
      json, where,
      {{"url", [&](const Json &value, const std::string &at) { entry.url = readUrl(value, at); }},
       {"key_env",
        [&](const Json &value, const std::string &at) {
          entry.headers.push_back(readVariable(value, at, "Authorization", "Bearer "));
        }},
       {"headers_env",
        [&](const Json &value, const std::string &at) { readHeaders(value, at, entry.headers); }},
       {"model",
        [&](const Json &value, const std::string &at) { entry.model = readText(value, at); }},
       {"max_tokens_name",
        [&](const Json &value, const std::string &at) {
          entry.maxTokensName = readText(value, at);
          if (entry.maxTokensName != "max_tokens" && entry.maxTokensName != "max_completion_tokens")
            fail(at, "must be 'max_tokens' or 'max_completion_tokens'");
        }},
       {"timeout_ms",
        [&](const Json &value, const std::string &at) { entry.timeoutMs = readMs(value, at); }},
       {"connect_timeout_ms",
        [&](const Json &value, const std::string &at) {
          entry.connectTimeoutMs = readMs(value, at);
        }},
       {"retries", [&](const Json &value, const std::string &at) {
          entry.retries = readRetries(value, at);
        }}});
  if (!entry.headers.empty() && entry.url.empty())
    fail(where, "must have a 'url' that its keys are for");
  return entry;
}

void RunConfigReader::readEndpoints(const Json &json, const std::string &where) {
  auto table = [&](std::map<std::string, RunConfig::EndpointEntry> &entries) {
    return [&entries, this](const Json &value, const std::string &place) {
      readTable(value, place,
                [&](const std::string &name, const Json &entry, const std::string &at) {
                  entries[name] = readEndpoint(entry, at);
                });
    };
  };
  readObject(json, where,
             {{"default",
               [&](const Json &value, const std::string &at) {
                 config.otherwise = readEndpoint(value, at);
                 if (!config.otherwise.model.empty())
                   fail(at, "must have no 'model': that is for entries of 'models'");
               }},
              {"providers", table(config.providers)},
              {"models", table(config.models)}});
  for (const auto &provider : config.providers)
    if (!provider.second.model.empty())
      fail(extendPointer(where + "/providers", provider.first),
           "must have no 'model': that is for entries of 'models'");
}

RunConfig::ToolEntry RunConfigReader::readTool(const Json &json, const std::string &where) {
  RunConfig::ToolEntry entry;
  ToolEndpoint &endpoint = entry.endpoint;
  readObject(
      json, where,
      {{"command",
        [&](const Json &value, const std::string &at) {
          if (!expect(value.is_array() && !value.empty(), value, at,
                      "a list of words, the program first: there is no shell"))
            return;
          for (const Json &word : value) {
            bool isText = word.is_string() &&
                          word.get_ref<const std::string &>().find('\0') == std::string::npos;
            if (expect(isText, word, at, "a list of texts"))
              endpoint.command.push_back(word.get<std::string>());
          }
        }},
       {"url",
        [&](const Json &value, const std::string &at) { endpoint.url = readUrl(value, at); }},
       {"key_env",
        [&](const Json &value, const std::string &at) {
          entry.headers.push_back(readVariable(value, at, "Authorization", "Bearer "));
        }},
       {"headers_env",
        [&](const Json &value, const std::string &at) { readHeaders(value, at, entry.headers); }},
       {"environment",
        [&](const Json &value, const std::string &at) {
          if (expect(value.is_array(), value, at, "a list of names of environment variables"))
            for (const Json &name : value)
              entry.environment.insert(readVariable(name, at, "", "").variable);
        }},
       {"timeout_ms", [&](const Json &value, const std::string &at) {
          endpoint.timeoutMs = readMs(value, at);
        }}});
  if (endpoint.command.empty() == endpoint.url.empty())
    fail(where, "must have either a 'command' or a 'url'");
  if (endpoint.url.empty() && !entry.headers.empty())
    fail(where, "must have a 'url' that its keys are for");
  if (endpoint.command.empty() && !entry.environment.empty())
    fail(where, "must have a 'command' that its 'environment' is for");
  return entry;
}

void RunConfigReader::read(const Json &json) {
  readObject(
      json, "",
      {{"endpoints", [&](const Json &value, const std::string &at) { readEndpoints(value, at); }},
       {"tools", [&](const Json &value, const std::string &place) {
          readTable(value, place,
                    [&](const std::string &name, const Json &entry, const std::string &at) {
                      config.tools[name] = readTool(entry, at);
                    });
        }}});
}

Expected<RunConfig> RunConfig::read(StringRef text, StringRef file) {
  Expected<Json> json = parseJson(text, {file});
  if (!json)
    return json.takeError();
  RunConfig config;
  RunConfigReader reader(config);
  reader.read(*json);
  if (!reader.error.empty())
    return createStringError(file + (file.empty() ? "" : ": ") + reader.error);
  return config;
}

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

Error RunConfig::setDefault(StringRef url) {
  std::string reason = checkUrl(url);
  if (!reason.empty())
    return createStringError(reason);
  otherwise.url = url.str();
  otherwise.headers.clear(); // they were another server's
  return Error::success();
}

Error RunConfig::addHeaders(ArrayRef<Header> entries, const Environment &environment,
                            std::vector<std::string> &headers, std::vector<std::string> &secrets) {
  for (const Header &header : entries) {
    std::optional<std::string> value = environment(header.variable);
    // The name is not said: it might be a key, written in the wrong place.
    if (!value || value->empty())
      return createStringError(header.where +
                               ": the environment variable that it names must be set");
    if (!all_of(*value, [](char c) { return isPrint(c); }))
      return createStringError(
          header.where +
          ": the environment variable that it names must have one line of printable ASCII");
    headers.push_back(header.name + ": " + header.prefix + *value);
    secrets.push_back(std::move(*value));
  }
  return Error::success();
}

Expected<Endpoint> RunConfig::find(StringRef model, StringRef provider,
                                   const Environment &environment) const {
  SmallVector<const EndpointEntry *, 3> entries;
  if (auto found = models.find(model.str()); found != models.end())
    entries.push_back(&found->second);
  if (auto found = providers.find(provider.str()); found != providers.end())
    entries.push_back(&found->second);
  entries.push_back(&otherwise);
  Endpoint endpoint;
  const EndpointEntry *server = nullptr;
  std::optional<int64_t> timeoutMs, connectTimeoutMs;
  std::optional<RetryPolicy> retries;
  std::string maxTokensName;
  for (const EndpointEntry *entry : entries) {
    if (!server && !entry->url.empty())
      server = entry;
    if (endpoint.wire.model.empty())
      endpoint.wire.model = entry->model;
    if (maxTokensName.empty())
      maxTokensName = entry->maxTokensName;
    timeoutMs = timeoutMs ? timeoutMs : entry->timeoutMs;
    connectTimeoutMs = connectTimeoutMs ? connectTimeoutMs : entry->connectTimeoutMs;
    retries = retries ? retries : entry->retries;
  }
  if (!server)
    return createStringError("there must be an endpoint for model '" + model + "'" +
                             (provider.empty() ? "" : " of provider '" + provider + "'"));
  endpoint.url = server->url;
  endpoint.headers.push_back("Content-Type: application/json");
  if (Error error = addHeaders(server->headers, environment, endpoint.headers, endpoint.secrets))
    return error;
  if (endpoint.wire.model.empty())
    endpoint.wire.model = model.str();
  if (!maxTokensName.empty())
    endpoint.wire.maxTokensName = maxTokensName;
  endpoint.timeoutMs = timeoutMs.value_or(endpoint.timeoutMs);
  endpoint.connectTimeoutMs = connectTimeoutMs.value_or(endpoint.connectTimeoutMs);
  endpoint.retries = retries.value_or(endpoint.retries);
  return endpoint;
}

std::set<std::string> RunConfig::getKeyVariables() const {
  std::set<std::string> names;
  auto add = [&](ArrayRef<Header> headers) {
    for (const Header &header : headers)
      names.insert(header.variable);
  };
  add(otherwise.headers);
  for (const auto *entries : {&providers, &models})
    for (const auto &entry : *entries)
      add(entry.second.headers);
  for (const auto &tool : tools)
    add(tool.second.headers);
  return names;
}

Expected<ToolEndpoint> RunConfig::find(const Tool &tool, const Environment &environment) const {
  auto found = tools.find(tool.name);
  if (found == tools.end())
    found = tools.find(tool.task);
  if (found == tools.end())
    return createStringError("there must be a command or a URL for tool '" + tool.name + "'" +
                             (tool.task.empty() ? "" : " of task '" + tool.task + "'"));
  ToolEndpoint endpoint = found->second.endpoint;
  for (const std::string &name : getKeyVariables())
    if (!found->second.environment.count(name))
      endpoint.withheld.push_back(name);
  for (const std::string &name : found->second.environment)
    if (std::optional<std::string> value = environment(name); value && !value->empty())
      endpoint.secrets.push_back(std::move(*value));
  if (!endpoint.url.empty())
    endpoint.headers.push_back("Content-Type: application/json");
  if (Error error =
          addHeaders(found->second.headers, environment, endpoint.headers, endpoint.secrets))
    return error;
  return endpoint;
}

} // namespace xcs::runtime

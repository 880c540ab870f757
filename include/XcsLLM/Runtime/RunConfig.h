//===- RunConfig.h - Where models and tools are -----------------*- C++ -*-===//
//
// The configuration file of a run, JSON; docs/Running.md describes it. It names
// environment variables that have keys, and has none itself. Messages never have a
// key in them, nor anything that might be one.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_RUNCONFIG_H
#define XCSLLM_RUNTIME_RUNCONFIG_H

#include "XcsLLM/Runtime/OpenAi.h"
#include "XcsLLM/Runtime/RetryPolicy.h"
#include <functional>
#include <map>
#include <set>

namespace xcs::runtime {

/// Gives the value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string &name)>;
/// That of this process.
std::optional<std::string> getEnvironment(const std::string &name);

/// How a model is reached.
struct Endpoint {
  std::string url;
  std::vector<std::string> headers; ///< with the key: not to be printed
  std::vector<std::string> secrets; ///< parts of the headers, to be blotted out of messages
  WireOptions wire;                 ///< without the tier
  int64_t timeoutMs = 600000, connectTimeoutMs = 5000;
  RetryPolicy retries;
};

/// How a tool is reached: a command, or a URL.
struct ToolEndpoint {
  std::vector<std::string> command;
  std::vector<std::string> withheld; ///< variables that the command does not get
  std::string url;
  std::vector<std::string> headers; ///< for the URL
  std::vector<std::string> secrets; ///< that it is given, to be blotted out of messages
  int64_t timeoutMs = 60000;
};

class RunConfig {
public:
  /// Reads the text of a configuration file. An error says where: in `file`, if it has a
  /// name, and as line and column or as a JSON pointer.
  static llvm::Expected<RunConfig> read(llvm::StringRef json, llvm::StringRef file = "");

  /// Has all models that have no endpoint of their own, nor their providers, use `url`.
  llvm::Error setDefault(llvm::StringRef url);

  /// How the model is reached: by its own entry, its provider's (which may be empty), or
  /// the default. An error if none has a URL, or a variable that it names is not set.
  llvm::Expected<Endpoint> find(llvm::StringRef model, llvm::StringRef provider,
                                const Environment &environment = getEnvironment) const;

  /// How the tool is reached, by its name or else its task; likewise.
  llvm::Expected<ToolEndpoint> find(const Tool &tool,
                                    const Environment &environment = getEnvironment) const;

private:
  friend class RunConfigReader;

  /// A header's value is that of a variable.
  struct Header {
    std::string name, variable, prefix, where;
  };
  /// What is absent is that of the next entry.
  struct EndpointEntry {
    std::string url;
    std::vector<Header> headers;
    std::string model, maxTokensName;
    std::optional<int64_t> timeoutMs, connectTimeoutMs;
    std::optional<RetryPolicy> retries;
  };
  struct ToolEntry {
    ToolEndpoint endpoint;
    std::vector<Header> headers;
    std::set<std::string> environment; ///< variables with keys that its command gets
  };

  std::set<std::string> getKeyVariables() const;
  static llvm::Error addHeaders(llvm::ArrayRef<Header> entries, const Environment &environment,
                                std::vector<std::string> &headers,
                                std::vector<std::string> &secrets);

  EndpointEntry otherwise;
  std::map<std::string, EndpointEntry> providers, models;
  std::map<std::string, ToolEntry> tools;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_RUNCONFIG_H

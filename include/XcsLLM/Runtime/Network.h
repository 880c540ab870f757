//===- Network.h - Servers of models, and tools -----------------*- C++ -*-===//

#ifndef XCSLLM_RUNTIME_NETWORK_H
#define XCSLLM_RUNTIME_NETWORK_H

#include "XcsLLM/Runtime/Clock.h"
#include "XcsLLM/Runtime/RunConfig.h"
#include "XcsLLM/Runtime/Services.h"
#include "XcsLLM/Runtime/ToolProcess.h"
#include <random>

namespace xcs::runtime {

/// Asks servers that are compatible with OpenAI's, and tools that are commands or URLs.
class Network : public Services {
public:
  /// An error if a model or a tool of the plan cannot be reached by the configuration.
  /// `clock` has to be of real time.
  static llvm::Expected<std::unique_ptr<Network>> create(const Document &document, const Plan &plan,
                                                         const RunConfig &config, Clock &clock);

  void start(const Query &query) override;
  void cancel(uint64_t query) override;
  std::vector<Reply> wait(double untilMs) override;
  /// Whoever waits for an answer gets none of the batch tier.
  Tier getTier(Tier asked) const override { return asked == Tier::Batch ? Tier::Standard : asked; }
  void wakeUp() noexcept override { http->wakeUp(); }

private:
  Network(const Document &document, Clock &clock, std::unique_ptr<HttpClient> http)
      : document(document), clock(clock), http(std::move(http)) {}

  llvm::Error addEndpoints(const Plan &plan, const RunConfig &config);
  HttpRequest makeRequest(const Query &query) const;
  Reply readAnswer(const Query &query, const HttpResponse &response);
  void explainAnswer(const Query &query, const HttpResponse &response, Reply &reply);
  std::optional<double> getPause(const Query &query, const HttpResponse &response);
  void readToolOutput(const Query &query, llvm::StringRef output, Reply &reply) const;
  const Endpoint &getEndpoint(const Query &query) const;
  const ToolEndpoint &getTool(const Query &query) const;

  const Document &document;
  Clock &clock;
  std::unique_ptr<HttpClient> http;
  ToolProcesses processes;
  std::map<uint32_t, Endpoint> endpoints; ///< by the model's index
  std::map<uint32_t, ToolEndpoint> tools; ///< by the tool's
  using Target = std::shared_ptr<const HttpTarget>;
  std::map<std::pair<uint32_t, bool>, Target> targets; ///< by the model's, and whether to embed
  std::map<uint32_t, Target> toolTargets;
  llvm::DenseMap<uint64_t, Query> requests, commands; ///< by the client's number
  struct Place {
    bool isCommand;
    uint64_t number;
  };
  llvm::DenseMap<uint64_t, Place> places; ///< of queries
  std::mt19937_64 dice{std::random_device()()};
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_NETWORK_H

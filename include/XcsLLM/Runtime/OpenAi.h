//===- OpenAi.h - Requests and answers as servers take them -----*- C++ -*-===//
//
// The wire format of OpenAI-compatible servers: chat completions for `generate` and
// `score`, embeddings for `embed`. Strict: what is not of the form that it should
// have is an error that says where, and no answer. docs/Running.md describes it.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_OPENAI_H
#define XCSLLM_RUNTIME_OPENAI_H

#include "XcsLLM/Runtime/HttpClient.h"
#include "XcsLLM/Runtime/Plan.h"

namespace xcs::runtime {

/// How one model of a server is asked.
struct WireOptions {
  std::string model;                        ///< its name there
  std::string maxTokensName = "max_tokens"; ///< `max_completion_tokens` of some models
  std::string serviceTier;                  ///< sent as it is; empty: not sent
};

/// Where requests of the kind go. `endpoint` may end in `/v1`, in `/`, or neither; one
/// that has another path keeps it, and a query.
std::string makeUrl(llvm::StringRef endpoint, TaskKind kind);

/// The body of a request for `samples` samples. `inputs` are the task's, none failed.
std::string makeChatBody(const Request &request, TaskKind kind, llvm::ArrayRef<Value> inputs,
                         int64_t samples, const WireOptions &options);

/// The body of a request for the embeddings of `texts`; of one, not as a list.
std::string makeEmbeddingBody(const Request &request, llvm::ArrayRef<llvm::StringRef> texts,
                              const WireOptions &options);

/// Tokens that the server says it has counted; none where it does not say.
struct Usage {
  std::optional<int64_t> inputTokens, cachedInputTokens, outputTokens;
};

/// One choice of an answer: its text, or why it has none.
struct Sample {
  std::optional<std::string> text;
  std::string failure;
};

struct ChatAnswer {
  std::vector<Sample> samples; ///< by index; as many as came, and no more than asked for
  Usage usage;
};

struct EmbeddingAnswer {
  std::vector<std::vector<double>> vectors; ///< one for each text, in order
  Usage usage;
};

/// Reads what a server answered with status 2xx. An answer has no more than `samples`
/// samples, and at least one; it has exactly `texts` embeddings, each of `dimensions`
/// numbers unless that is `Type::unknownSize`. What an error quotes is as the server said it:
/// for `blotOut` and `makeLine`.
llvm::Expected<ChatAnswer> readChatAnswer(llvm::StringRef body, int64_t samples);
llvm::Expected<EmbeddingAnswer> readEmbeddingAnswer(llvm::StringRef body, size_t texts,
                                                    int64_t dimensions);

/// The status that stands for the error which the body of an answer tells, as some servers
/// do with status 200; none if it tells none.
std::optional<int64_t> findErrorStatus(llvm::StringRef body);

/// The text without the secrets in it, which somebody may have repeated. It has to be whole,
/// and decoded: of what was shortened or has escapes, half a secret may stay.
std::string blotOut(llvm::StringRef text, llvm::ArrayRef<std::string> secrets);

/// What went wrong, in a line for people: of a response that did not come, or has
/// another status than 2xx. `secrets` are blotted out, should the server repeat them.
std::string describeFailure(const HttpResponse &response, llvm::ArrayRef<std::string> secrets = {});

/// A score, as the server was asked for it: a number from 0 to 1, or, with labels, a
/// list with the probability of each. Failed if the text has none.
Value readScore(llvm::StringRef text, llvm::ArrayRef<std::string> labels);

/// An embedding as a value of `type`, a list of floats.
Value makeEmbedding(llvm::ArrayRef<double> vector, const Type &type);

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_OPENAI_H

//===- HttpClient.h - Many requests at once ---------------------*- C++ -*-===//
//
// Posts to servers, any number at a time: `start` some, `poll` until they are done. For
// one thread; another, of the client's own, does the sending and receiving. Connections are kept
// and used again; HTTP/2 is used where it is offered. Redirects are not followed, as keys must not
// go to strangers. No request is sent twice. No header that is sent is ever printed.
//
//===----------------------------------------------------------------------===//

#ifndef XCSLLM_RUNTIME_HTTPCLIENT_H
#define XCSLLM_RUNTIME_HTTPCLIENT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <poll.h>
#include <string>
#include <vector>

namespace xcs::runtime {

/// What kept a response from coming in whole.
enum class HttpError : uint8_t {
  None,
  BadUrl,   ///< it is no URL of a server
  Resolve,  ///< nobody knows the host
  Connect,  ///< the host does not answer
  Tls,      ///< it is not who it says it is
  TimedOut, ///< before or after the first byte
  Closed,   ///< the connection ended before the response did
  TooLarge, ///< longer than the client takes
  Protocol  ///< what came is no HTTP
};

llvm::StringRef getName(HttpError error);

/// Where many requests go, and what is the same for all of them.
struct HttpTarget {
  std::string url;
  std::vector<std::string> headers; ///< `Name: value` each, in printable ASCII
};

struct HttpRequest {
  std::shared_ptr<const HttpTarget> target;
  std::string header; ///< one more, of this request; or empty
  std::string body;
  int64_t timeoutMs = 600000; ///< for all of it
  int64_t connectTimeoutMs = 5000;
  /// On a connection that no request has used: a kept one may end at any time.
  bool isFresh = false;
};

/// Those headers of a response that matter here; empty if absent.
struct HttpHeaders {
  std::string contentType, requestId, shouldRetry, retryAfterMs, retryAfter;
};

struct HttpResponse {
  uint64_t id = 0; ///< what `start` gave
  HttpError error = HttpError::None;
  std::string reason; ///< of the error, for people
  int status = 0;     ///< 0 if there was an error before it was known
  HttpHeaders headers;
  std::string body; ///< decoded; of a failed one nothing
  double firstByteMs = 0, totalMs = 0;
  bool wasSent = false; ///< or a part of it
};

class HttpClient {
public:
  struct Options {
    size_t maxBodyBytes = size_t(64) << 20; ///< of a response, decoded
    long maxConnections = 1024;             ///< that are kept for later
  };

  static llvm::Expected<std::unique_ptr<HttpClient>> create(const Options &options);
  static llvm::Expected<std::unique_ptr<HttpClient>> create() { return create(Options()); }
  ~HttpClient(); ///< breaks off what is still under way

  /// Sends the request; the result is its number, which none had before.
  uint64_t start(HttpRequest request);

  /// Breaks the request off: its connection is closed, and `poll` does not report it.
  /// One that is done, or that there is not, is no error.
  void cancel(uint64_t id);

  /// How many requests are under way.
  size_t getActive() const;

  /// Does what there is to do, and gives what is done by then. If nothing is, waits up
  /// to `timeoutMs`, but no longer than until something happens: to a request, to one of
  /// the files `others`, or by `wakeUp`.
  std::vector<HttpResponse> poll(int64_t timeoutMs, llvm::ArrayRef<pollfd> others = {});

  /// Ends a `poll` that waits, or the next one. For other threads and signal handlers.
  void wakeUp() noexcept;

private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace xcs::runtime

#endif // XCSLLM_RUNTIME_HTTPCLIENT_H

//===- HttpLoop.h - Requests under way on one thread ------------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_HTTPLOOP_H
#define XCSLLM_LIB_RUNTIME_HTTPLOOP_H

#include "Watch.h"
#include "XcsLLM/Runtime/HttpClient.h"
#include "llvm/ADT/DenseMap.h"
#include <chrono>
#include <curl/curl.h>
#include <optional>

namespace xcs::runtime {

/// A request under way, with the handle that it is sent with; both are used again.
struct Transfer {
  CURL *easy = nullptr;
  std::shared_ptr<const HttpTarget> target; ///< that the handle is set up for
  curl_slist *headers = nullptr;            ///< of the target
  curl_slist ownHeader = {};                ///< of the request, before those
  HttpRequest request;
  HttpResponse response;
  size_t maxBodyBytes = 0;
  bool wasBegun = false; ///< the sending of the request
  char message[CURL_ERROR_SIZE] = {};

  ~Transfer();
};

/// All of curl, for one thread; but for `wakeUp`, which is for every thread.
class HttpLoop {
public:
  explicit HttpLoop(const HttpClient::Options &options);
  ~HttpLoop(); ///< breaks off what is still under way

  bool isReady() const { return multi && wakeFile >= 0 && watch.getFile() >= 0; }
  void start(uint64_t id, HttpRequest request);
  /// Closes the connection. One that there is not is no error.
  void cancel(uint64_t id);
  /// Waits for something to happen, and acts on it. What is done by then is added.
  void work(std::vector<HttpResponse> &responses);
  void wakeUp() const noexcept;

private:
  std::unique_ptr<Transfer> getTransfer();
  static void aim(Transfer &transfer, std::shared_ptr<const HttpTarget> target);
  int64_t getTimerMs() const;
  void runTimer();
  void takeEvents(int waitMs);
  HttpResponse finish(Transfer &transfer, CURLcode code);
  void release(std::unique_ptr<Transfer> transfer);
  void collect(std::vector<HttpResponse> &responses);

  HttpClient::Options options;
  Watch watch;
  std::optional<std::chrono::steady_clock::time_point> timer; ///< when curl wants to be called
  CURLM *multi = nullptr;
  int wakeFile = -1;
  llvm::DenseMap<uint64_t, std::unique_ptr<Transfer>> active;
  std::vector<std::unique_ptr<Transfer>> idle;
  std::vector<HttpResponse> done; ///< without curl's help
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_HTTPLOOP_H

//===- HttpClient.cpp - Many requests at once ------------------------------===//

#include "XcsLLM/Runtime/HttpClient.h"
#include "HttpLoop.h"
#include "XcsLLM/Runtime/ToolProcess.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include <cerrno>
#include <csignal>
#include <mutex>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

using namespace llvm;

namespace xcs::runtime {

StringRef getName(HttpError error) {
  static constexpr StringLiteral names[] = {"none",      "bad_url", "resolve",   "connect", "tls",
                                            "timed_out", "closed",  "too_large", "protocol"};
  return names[static_cast<size_t>(error)];
}

/// What the two threads have in common.
struct HttpClient::State {
  explicit State(const Options &options)
      : loop(options), wakeFile(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~State();

  void run();
  void stop();
  std::vector<HttpResponse> takeDone();

  // Of the user's thread.
  uint64_t lastId = 0;
  DenseSet<uint64_t> active;
  std::thread thread;

  HttpLoop loop; ///< of its own thread, once that runs
  int wakeFile;  ///< wakes the user's thread

  std::mutex mutex; ///< guards what follows
  std::vector<std::pair<uint64_t, HttpRequest>> starts;
  std::vector<uint64_t> cancels;
  std::vector<HttpResponse> done;
  bool isOver = false;
};

static void wake(int file) noexcept {
  uint64_t one = 1;
  ssize_t written = write(file, &one, sizeof(one));
  (void)written; // full: it is awake
}

HttpClient::State::~State() {
  stop();
  if (wakeFile >= 0)
    close(wakeFile);
}

void HttpClient::State::stop() {
  if (!thread.joinable())
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    isOver = true;
  }
  loop.wakeUp();
  thread.join();
}

/// The thread that sends and receives, so that what is made of an answer delays no other.
void HttpClient::State::run() {
  std::vector<std::pair<uint64_t, HttpRequest>> toStart;
  std::vector<uint64_t> toCancel;
  std::vector<HttpResponse> finished;
  while (true) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (isOver)
        return;
      std::swap(toStart, starts);
      std::swap(toCancel, cancels);
      // Only whoever finds nothing waits.
      if (!finished.empty() && done.empty())
        wake(wakeFile);
      if (done.empty())
        std::swap(done, finished);
      else
        std::move(finished.begin(), finished.end(), std::back_inserter(done));
    }
    finished.clear();
    for (auto &[id, request] : toStart)
      loop.start(id, std::move(request));
    toStart.clear();
    for (uint64_t id : toCancel)
      loop.cancel(id);
    toCancel.clear();
    loop.work(finished);
  }
}

std::vector<HttpResponse> HttpClient::State::takeDone() {
  std::vector<HttpResponse> responses;
  {
    std::lock_guard<std::mutex> lock(mutex);
    std::swap(responses, done);
  }
  // Some may have come after they were cancelled.
  erase_if(responses, [&](const HttpResponse &response) { return !active.erase(response.id); });
  return responses;
}

HttpClient::HttpClient(std::unique_ptr<State> state) : state(std::move(state)) {}
HttpClient::~HttpClient() = default;

Expected<std::unique_ptr<HttpClient>> HttpClient::create(const Options &options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  ignoreBrokenPipes();
  if (started != CURLE_OK)
    return createStringError("could not start curl");
  auto state = std::make_unique<State>(options);
  if (!state->loop.isReady() || state->wakeFile < 0)
    return createStringError("could not start curl");
  // Signals are the user's thread's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  state->thread = std::thread([shared = state.get()] { shared->run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

uint64_t HttpClient::start(HttpRequest request) {
  uint64_t id = ++state->lastId;
  state->active.insert(id);
  bool isFirst;
  {
    std::lock_guard<std::mutex> lock(state->mutex);
    isFirst = state->starts.empty() && state->cancels.empty();
    state->starts.emplace_back(id, std::move(request));
  }
  if (isFirst)
    state->loop.wakeUp();
  return id;
}

void HttpClient::cancel(uint64_t id) {
  if (!state->active.erase(id))
    return;
  bool isFirst;
  {
    std::lock_guard<std::mutex> lock(state->mutex);
    auto &starts = state->starts;
    size_t before = starts.size();
    erase_if(starts, [&](const auto &start) { return start.first == id; });
    if (starts.size() < before)
      return; // it was never sent
    isFirst = starts.empty() && state->cancels.empty();
    state->cancels.push_back(id);
  }
  if (isFirst)
    state->loop.wakeUp();
}

size_t HttpClient::getActive() const { return state->active.size(); }

std::vector<HttpResponse> HttpClient::poll(int64_t timeoutMs, ArrayRef<pollfd> others) {
  std::vector<HttpResponse> responses = state->takeDone();
  if (!responses.empty())
    return responses;
  std::vector<pollfd> files = others.vec();
  files.push_back({state->wakeFile, POLLIN, 0});
  int wait = int(std::clamp<int64_t>(timeoutMs, 0, INT32_MAX));
  if (::poll(files.data(), files.size(), wait) > 0 && files.back().revents) {
    uint64_t wakes;
    while (read(state->wakeFile, &wakes, sizeof(wakes)) < 0 && errno == EINTR)
      continue;
  }
  return state->takeDone();
}

void HttpClient::wakeUp() noexcept {
  int before = errno;
  wake(state->wakeFile);
  errno = before;
}

} // namespace xcs::runtime

//===- HttpLoop.cpp - Requests under way on one thread ---------------------===//

#include "HttpLoop.h"
#include "llvm/ADT/StringExtras.h"
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

using namespace llvm;

namespace xcs::runtime {

/// What a result of curl's means to us.
static HttpError classify(CURLcode code) {
  switch (code) {
  case CURLE_OK:
    return HttpError::None;
  case CURLE_URL_MALFORMAT:
    return HttpError::BadUrl;
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
    return HttpError::Resolve;
  case CURLE_COULDNT_CONNECT:
  case CURLE_SSL_CONNECT_ERROR: // as a rule, a connection that ended while it was made
    return HttpError::Connect;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_ENGINE_INITFAILED:
    return HttpError::Tls;
  case CURLE_OPERATION_TIMEDOUT:
    return HttpError::TimedOut;
  case CURLE_GOT_NOTHING:
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
  case CURLE_PARTIAL_FILE:
  case CURLE_HTTP2:
  case CURLE_HTTP2_STREAM:
  case CURLE_ABORTED_BY_CALLBACK: // that does not send again
    return HttpError::Closed;
  default:
    return HttpError::Protocol;
  }
}

Transfer::~Transfer() {
  curl_slist_free_all(headers);
  curl_easy_cleanup(easy);
}

/// Curl sends a request again by itself where a connection that was kept ends before the
/// answer begins. But it may have been acted on, and paid: others decide on that.
static int beginOnce(void *user, char *, char *, int, int) {
  bool wasBegun = std::exchange(static_cast<Transfer *>(user)->wasBegun, true);
  return wasBegun ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t takeBody(char *data, size_t, size_t size, void *user) {
  auto &transfer = *static_cast<Transfer *>(user);
  std::string &body = transfer.response.body;
  if (size > transfer.maxBodyBytes - body.size()) {
    transfer.response.error = HttpError::TooLarge;
    return 0; // which ends the transfer
  }
  if (body.empty()) { // what the server promises, within reason
    constexpr curl_off_t most = 1 << 20;
    curl_off_t length = -1;
    curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    body.reserve(std::clamp<curl_off_t>(length, size, std::max<curl_off_t>(size, most)));
  }
  body.append(data, size);
  return size;
}

static size_t takeHeader(char *data, size_t, size_t size, void *user) {
  HttpHeaders &headers = static_cast<Transfer *>(user)->response.headers;
  StringRef line(data, size);
  if (line.starts_with("HTTP/")) // a response that another follows, like 100
    headers = HttpHeaders();
  auto [name, value] = line.split(':');
  for (auto [known, field] :
       {std::pair<StringLiteral, std::string *>{"content-type", &headers.contentType},
        {"x-request-id", &headers.requestId},
        {"x-should-retry", &headers.shouldRetry},
        {"retry-after-ms", &headers.retryAfterMs},
        {"retry-after", &headers.retryAfter}})
    if (name.equals_insensitive(known))
      *field = value.trim().str();
  return size;
}

//===----------------------------------------------------------------------===//
// What the kernel is asked for
//===----------------------------------------------------------------------===//

static int watchSocket(CURL *, curl_socket_t socket, int what, void *user, void *) {
  auto &watch = *static_cast<Watch *>(user);
  if (what == CURL_POLL_REMOVE)
    watch.unset(socket);
  else
    watch.set(socket, (what & CURL_POLL_IN ? uint32_t(EPOLLIN) : 0) |
                          (what & CURL_POLL_OUT ? uint32_t(EPOLLOUT) : 0));
  return 0;
}

static int addSocket(void *user, curl_socket_t socket, curlsocktype) {
  // Tools that are started meanwhile must not hold a connection open.
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  static_cast<Watch *>(user)->add(socket);
  return CURL_SOCKOPT_OK;
}

static int closeSocket(void *user, curl_socket_t socket) {
  static_cast<Watch *>(user)->forget(socket);
  return close(socket);
}

using Clock = std::chrono::steady_clock;

static int setTimer(CURLM *, long timeoutMs, void *user) {
  auto &timer = *static_cast<std::optional<Clock::time_point> *>(user);
  timer.reset();
  if (timeoutMs >= 0)
    timer = Clock::now() + std::chrono::milliseconds(timeoutMs);
  return 0;
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

HttpLoop::HttpLoop(const HttpClient::Options &options) : options(options) {
  multi = curl_multi_init();
  wakeFile = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (!isReady())
    return;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watchSocket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, &watch);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, setTimer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, &timer);
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, long(CURLPIPE_MULTIPLEX));
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, options.maxConnections);
  watch.set(wakeFile, EPOLLIN);
}

HttpLoop::~HttpLoop() {
  for (auto &entry : active)
    curl_multi_remove_handle(multi, entry.second->easy);
  active.clear();
  idle.clear();
  if (multi)
    curl_multi_cleanup(multi);
  if (wakeFile >= 0)
    close(wakeFile);
}

/// How long curl wants to wait at the most, rounded up.
int64_t HttpLoop::getTimerMs() const {
  if (!timer)
    return INT32_MAX;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(*timer - Clock::now());
  return std::max<int64_t>(left.count(), 0);
}

/// Has curl do what is due, such as beginning what was started.
void HttpLoop::runTimer() {
  int running;
  // Each call may set the timer anew, but not for ever.
  for (int turn = 0; turn < 16 && timer && *timer <= Clock::now(); ++turn) {
    timer.reset();
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

/// Waits for something to happen to connections, or for being woken up, and has curl act
/// on it.
void HttpLoop::takeEvents(int waitMs) {
  std::array<epoll_event, 256> events;
  int running, count = epoll_wait(watch.getFile(), events.data(), int(events.size()), waitMs);
  for (int at = 0; at < count; ++at) {
    int file = events[at].data.fd;
    if (file == wakeFile) {
      uint64_t wakes;
      while (read(wakeFile, &wakes, sizeof(wakes)) < 0 && errno == EINTR)
        continue;
      continue;
    }
    if (!watch.isWanted(file))
      continue;
    uint32_t happened = events[at].events;
    int action = (happened & EPOLLIN ? CURL_CSELECT_IN : 0) |
                 (happened & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                 (happened & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi, file, action, &running);
  }
}

/// A handle with all that is the same for every request.
std::unique_ptr<Transfer> HttpLoop::getTransfer() {
  if (!idle.empty()) {
    std::unique_ptr<Transfer> transfer = std::move(idle.back());
    idle.pop_back();
    return transfer;
  }
  auto transfer = std::make_unique<Transfer>();
  CURL *easy = transfer->easy = curl_easy_init();
  if (!easy)
    return nullptr;
  transfer->maxBodyBytes = options.maxBodyBytes;
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Not even a slow lookup of a host holds up the others.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ""); // all that curl can decode
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, addSocket);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, &watch);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, closeSocket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &watch);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, beginOnce);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, takeBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, takeHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer.get());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer.get());
  return transfer;
}

/// No header may begin another, as parts of it may be anybody's.
static void makePrintable(std::string &header) {
  std::replace_if(
      header.begin(), header.end(), [](char c) { return !isPrint(c); }, '?');
}

/// Sets up what is the same for all requests to the target.
void HttpLoop::aim(Transfer &transfer, std::shared_ptr<const HttpTarget> target) {
  CURL *easy = transfer.easy;
  curl_slist_free_all(std::exchange(transfer.headers, nullptr));
  for (std::string header : target->headers) {
    makePrintable(header);
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  }
  // Some servers never answer to `Expect: 100-continue`.
  transfer.headers = curl_slist_append(transfer.headers, "Expect:");
  curl_easy_setopt(easy, CURLOPT_URL, target->url.c_str());
  // Where a connection may carry several requests, rather wait for it than open more.
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, long(StringRef(target->url).starts_with("https:")));
  transfer.target = std::move(target);
}

void HttpLoop::release(std::unique_ptr<Transfer> transfer) {
  transfer->request = HttpRequest(); // the body may be long
  transfer->response = HttpResponse();
  idle.push_back(std::move(transfer));
}

/// Moves out the response of a transfer that has ended.
HttpResponse HttpLoop::finish(Transfer &transfer, CURLcode code) {
  HttpResponse response = std::move(transfer.response);
  long status = 0, sentBytes = 0;
  curl_off_t firstByteUs = 0, totalUs = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(transfer.easy, CURLINFO_STARTTRANSFER_TIME_T, &firstByteUs);
  curl_easy_getinfo(transfer.easy, CURLINFO_TOTAL_TIME_T, &totalUs);
  curl_easy_getinfo(transfer.easy, CURLINFO_REQUEST_SIZE, &sentBytes);
  response.status = int(status);
  response.wasSent = sentBytes > 0;
  response.firstByteMs = double(firstByteUs) / 1000;
  response.totalMs = double(totalUs) / 1000;
  if (response.error == HttpError::TooLarge)
    response.reason = "longer than " + std::to_string(options.maxBodyBytes) + " bytes";
  else if ((response.error = classify(code)) != HttpError::None)
    response.reason = code == CURLE_ABORTED_BY_CALLBACK ? "it was kept from an earlier request"
                      : transfer.message[0]             ? transfer.message
                                                        : curl_easy_strerror(code);
  if (response.error != HttpError::None)
    response.body = std::string();
  return response;
}

void HttpLoop::collect(std::vector<HttpResponse> &responses) {
  for (HttpResponse &response : done)
    responses.push_back(std::move(response));
  done.clear();
  int left = 0;
  while (CURLMsg *message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    CURLcode code = message->data.result;
    Transfer *ended = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
    curl_multi_remove_handle(multi, ended->easy);
    auto found = active.find(ended->response.id);
    std::unique_ptr<Transfer> transfer = std::move(found->second);
    active.erase(found);
    responses.push_back(finish(*transfer, code));
    release(std::move(transfer));
  }
}

void HttpLoop::start(uint64_t id, HttpRequest request) {
  std::unique_ptr<Transfer> transfer = getTransfer();
  if (!transfer) {
    HttpResponse response;
    response.id = id;
    response.error = HttpError::Connect;
    response.reason = "out of memory";
    done.push_back(std::move(response));
    return;
  }
  transfer->request = std::move(request);
  transfer->response.id = id;
  transfer->message[0] = 0;
  transfer->wasBegun = false;
  HttpRequest &sent = transfer->request;
  if (sent.target != transfer->target)
    aim(*transfer, sent.target);
  makePrintable(sent.header);
  transfer->ownHeader = {sent.header.data(), transfer->headers};
  CURL *easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                   sent.header.empty() ? transfer->headers : &transfer->ownHeader);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, sent.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(sent.body.size()));
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, long(sent.isFresh));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, long(std::max<int64_t>(sent.timeoutMs, 1)));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   long(std::max<int64_t>(sent.connectTimeoutMs, 1)));
  curl_multi_add_handle(multi, easy);
  active[id] = std::move(transfer);
}

void HttpLoop::cancel(uint64_t id) {
  erase_if(done, [&](const HttpResponse &response) { return response.id == id; });
  auto found = active.find(id);
  if (found == active.end())
    return;
  std::unique_ptr<Transfer> transfer = std::move(found->second);
  active.erase(found);
  curl_multi_remove_handle(multi, transfer->easy); // closes what is not at its end
  release(std::move(transfer));
}

void HttpLoop::work(std::vector<HttpResponse> &responses) {
  size_t before = responses.size();
  runTimer();
  collect(responses);
  bool isIdle = responses.size() == before;
  // Once only: it may be that it was woken up.
  takeEvents(isIdle ? int(getTimerMs()) : 0);
  runTimer();
  collect(responses);
}

void HttpLoop::wakeUp() const noexcept {
  uint64_t one = 1;
  ssize_t written = write(wakeFile, &one, sizeof(one));
  (void)written; // full: it is awake
}

} // namespace xcs::runtime

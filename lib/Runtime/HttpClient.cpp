//===- HttpClient.cpp - Many requests at once ------------------------------===//

#include "XcsLLM/Runtime/HttpClient.h"
#include "XcsLLM/Runtime/ToolProcess.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringExtras.h"
#include <cerrno>
#include <curl/curl.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

using namespace llvm;

namespace xcs::runtime {

StringRef getName(HttpError error) {
  static constexpr StringLiteral names[] = {"none",      "bad_url", "resolve",   "connect", "tls",
                                            "timed_out", "closed",  "too_large", "protocol"};
  return names[static_cast<size_t>(error)];
}

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
    return HttpError::Closed;
  default:
    return HttpError::Protocol;
  }
}

namespace {

/// A request under way, with the handle that it is sent with; both are used again.
struct Transfer {
  CURL *easy = nullptr;
  curl_slist *headers = nullptr;
  HttpRequest request;
  HttpResponse response;
  size_t maxBodyBytes = 0;
  char message[CURL_ERROR_SIZE] = {};

  ~Transfer() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
  }
};

} // namespace

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

/// Tools that are started meanwhile must not hold a connection open.
static int keepFromChildren(void *, curl_socket_t socket, curlsocktype) {
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  return CURL_SOCKOPT_OK;
}

struct HttpClient::State {
  Options options;
  CURLM *multi = nullptr;
  int wakeFile = -1;
  uint64_t lastId = 0;
  DenseMap<uint64_t, std::unique_ptr<Transfer>> active;
  std::vector<std::unique_ptr<Transfer>> idle;
  std::vector<HttpResponse> done; ///< without curl's help

  ~State();
  std::unique_ptr<Transfer> getTransfer();
  bool isReady() const { return multi && wakeFile >= 0; }
  HttpResponse finish(Transfer &transfer, CURLcode code);
  void release(std::unique_ptr<Transfer> transfer);
  void collect(std::vector<HttpResponse> &responses);
};

HttpClient::State::~State() {
  for (auto &entry : active)
    curl_multi_remove_handle(multi, entry.second->easy);
  active.clear();
  idle.clear();
  if (multi)
    curl_multi_cleanup(multi);
  if (wakeFile >= 0)
    close(wakeFile);
}

/// A handle with all that is the same for every request.
std::unique_ptr<Transfer> HttpClient::State::getTransfer() {
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
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ""); // all that curl can decode
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, keepFromChildren);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->message);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, takeBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, takeHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer.get());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer.get());
  return transfer;
}

void HttpClient::State::release(std::unique_ptr<Transfer> transfer) {
  curl_slist_free_all(transfer->headers);
  transfer->headers = nullptr;
  transfer->request = HttpRequest(); // the body may be long, the headers secret
  transfer->response = HttpResponse();
  idle.push_back(std::move(transfer));
}

/// Moves out the response of a transfer that has ended.
HttpResponse HttpClient::State::finish(Transfer &transfer, CURLcode code) {
  HttpResponse response = std::move(transfer.response);
  long status = 0;
  curl_off_t firstByteUs = 0, totalUs = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(transfer.easy, CURLINFO_STARTTRANSFER_TIME_T, &firstByteUs);
  curl_easy_getinfo(transfer.easy, CURLINFO_TOTAL_TIME_T, &totalUs);
  response.status = int(status);
  response.firstByteMs = double(firstByteUs) / 1000;
  response.totalMs = double(totalUs) / 1000;
  if (response.error == HttpError::TooLarge)
    response.reason = "longer than " + std::to_string(options.maxBodyBytes) + " bytes";
  else if ((response.error = classify(code)) != HttpError::None)
    response.reason = transfer.message[0] ? transfer.message : curl_easy_strerror(code);
  if (response.error != HttpError::None)
    response.body = std::string();
  return response;
}

void HttpClient::State::collect(std::vector<HttpResponse> &responses) {
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

HttpClient::HttpClient(std::unique_ptr<State> state) : state(std::move(state)) {}
HttpClient::~HttpClient() = default;

Expected<std::unique_ptr<HttpClient>> HttpClient::create(const Options &options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  ignoreBrokenPipes();
  auto state = std::make_unique<State>();
  state->options = options;
  if (started == CURLE_OK)
    state->multi = curl_multi_init();
  state->wakeFile = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (!state->isReady())
    return createStringError("could not start curl");
  curl_multi_setopt(state->multi, CURLMOPT_PIPELINING, long(CURLPIPE_MULTIPLEX));
  curl_multi_setopt(state->multi, CURLMOPT_MAXCONNECTS, options.maxConnections);
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

uint64_t HttpClient::start(HttpRequest request) {
  uint64_t id = ++state->lastId;
  std::unique_ptr<Transfer> transfer = state->getTransfer();
  if (!transfer) {
    HttpResponse response;
    response.id = id;
    response.error = HttpError::Connect;
    response.reason = "out of memory";
    state->done.push_back(std::move(response));
    return id;
  }
  transfer->request = std::move(request);
  transfer->response.id = id;
  transfer->message[0] = 0;
  const HttpRequest &sent = transfer->request;
  for (std::string &header : transfer->request.headers) {
    // Parts of it may be anybody's: none may begin another header.
    std::replace_if(
        header.begin(), header.end(), [](char c) { return !isPrint(c); }, '?');
    transfer->headers = curl_slist_append(transfer->headers, header.c_str());
  }
  // Some servers never answer to `Expect: 100-continue`.
  transfer->headers = curl_slist_append(transfer->headers, "Expect:");
  CURL *easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_URL, sent.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, sent.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(sent.body.size()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, long(std::max<int64_t>(sent.timeoutMs, 1)));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   long(std::max<int64_t>(sent.connectTimeoutMs, 1)));
  // Where a connection may carry several requests, rather wait for it than open more.
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, long(StringRef(sent.url).starts_with("https:")));
  curl_multi_add_handle(state->multi, easy);
  state->active[id] = std::move(transfer);
  return id;
}

void HttpClient::cancel(uint64_t id) {
  erase_if(state->done, [&](const HttpResponse &response) { return response.id == id; });
  auto found = state->active.find(id);
  if (found == state->active.end())
    return;
  std::unique_ptr<Transfer> transfer = std::move(found->second);
  state->active.erase(found);
  curl_multi_remove_handle(state->multi, transfer->easy); // closes what is not at its end
  state->release(std::move(transfer));
}

size_t HttpClient::getActive() const { return state->active.size() + state->done.size(); }

std::vector<HttpResponse> HttpClient::poll(int64_t timeoutMs, ArrayRef<pollfd> others) {
  std::vector<HttpResponse> responses;
  int running = 0;
  curl_multi_perform(state->multi, &running);
  state->collect(responses);
  int wait = int(std::clamp<int64_t>(timeoutMs, 0, INT32_MAX));
  if (!responses.empty() || !wait)
    return responses;
  SmallVector<curl_waitfd, 8> files = {{state->wakeFile, CURL_WAIT_POLLIN, 0}};
  for (const pollfd &other : others) {
    int events = (other.events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                 (other.events & POLLOUT ? CURL_WAIT_POLLOUT : 0);
    files.push_back({other.fd, short(events), 0});
  }
  curl_multi_poll(state->multi, files.data(), files.size(), wait, nullptr);
  uint64_t wakes;
  while (files[0].revents && read(state->wakeFile, &wakes, sizeof(wakes)) < 0 && errno == EINTR)
    continue;
  curl_multi_perform(state->multi, &running);
  state->collect(responses);
  return responses;
}

void HttpClient::wakeUp() noexcept {
  int before = errno;
  uint64_t one = 1;
  ssize_t written = write(state->wakeFile, &one, sizeof(one));
  (void)written; // full: it is awake
  errno = before;
}

} // namespace xcs::runtime

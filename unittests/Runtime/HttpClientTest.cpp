//===- HttpClientTest.cpp - Requests to a server of sockets ---------------===//

#include "XcsLLM/Runtime/HttpClient.h"
#include "XcsLLM/Runtime/RetryPolicy.h"
#include "gtest/gtest.h"
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <dlfcn.h>
#include <functional>
#include <mutex>
#include <netdb.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace xcs::runtime;

namespace {

/// A server on loopback: `answer` gets each connection's number and its request, and
/// gives the bytes to send; an empty text closes the connection.
class Server {
public:
  using Answer = std::function<std::string(unsigned connection, const std::string &request)>;

  explicit Server(Answer answer) : answer(std::move(answer)) {
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto *plain = reinterpret_cast<sockaddr *>(&address);
    EXPECT_EQ(bind(listener, plain, size), 0);
    EXPECT_EQ(listen(listener, 512), 0);
    getsockname(listener, plain, &size);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread = std::thread([this] { accept(); });
  }
  ~Server() {
    shutdown(listener, SHUT_RDWR);
    thread.join();
    for (int file : files)
      shutdown(file, SHUT_RDWR);
    for (std::thread &client : clients)
      client.join();
    close(listener);
  }

  std::string url;
  std::atomic<unsigned> connections{0}, requests{0}, closed{0};
  std::atomic<bool> closesEach{false}; ///< after what it has sent

private:
  void accept() {
    int file;
    while ((file = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
      files.push_back(file);
      clients.emplace_back([this, file, number = connections++] { serve(file, number); });
    }
  }

  void serve(int file, unsigned number) {
    std::string data;
    char buffer[65536];
    while (true) {
      size_t end = data.find("\r\n\r\n"), length = 0, at = data.find("Content-Length: ");
      if (at != std::string::npos)
        length = std::stoul(data.substr(at + 16));
      if (end != std::string::npos && data.size() >= end + 4 + length) {
        ++requests;
        std::string sent = answer(number, data.substr(0, end + 4 + length));
        data.erase(0, end + 4 + length);
        if (sent.empty() || send(file, sent.data(), sent.size(), MSG_NOSIGNAL) < 0 || closesEach)
          break;
        continue;
      }
      ssize_t size = recv(file, buffer, sizeof(buffer), 0);
      if (size <= 0)
        break;
      data.append(buffer, size);
    }
    ++closed;
    shutdown(file, SHUT_RDWR);
    close(file);
  }

  Answer answer;
  int listener;
  std::vector<int> files;
  std::vector<std::thread> clients;
  std::thread thread;
};

std::string respond(const std::string &body, const std::string &headers = "",
                    const std::string &status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::unique_ptr<HttpClient> makeClient(size_t maxBodyBytes = 1 << 24) {
  HttpClient::Options options;
  options.maxBodyBytes = maxBodyBytes;
  return llvm::cantFail(HttpClient::create(options));
}

HttpRequest makeRequest(const std::string &url, std::string body = "{}",
                        std::vector<std::string> headers = {}) {
  HttpRequest request;
  request.target = std::make_shared<HttpTarget>(HttpTarget{url, std::move(headers)});
  request.body = std::move(body);
  request.timeoutMs = 5000;
  return request;
}

/// Waits for `count` responses.
std::vector<HttpResponse> wait(HttpClient &client, size_t count) {
  std::vector<HttpResponse> responses;
  while (responses.size() < count) {
    for (HttpResponse &response : client.poll(10000))
      responses.push_back(std::move(response));
    if (!client.getActive())
      break;
  }
  return responses;
}

HttpResponse ask(HttpClient &client, HttpRequest request) {
  uint64_t id = client.start(std::move(request));
  std::vector<HttpResponse> responses = wait(client, 1);
  EXPECT_EQ(responses.size(), 1u);
  EXPECT_EQ(responses.at(0).id, id);
  return std::move(responses[0]);
}

bool waitUntil(const std::function<bool()> &isTrue) {
  for (int turn = 0; turn < 500 && !isTrue(); ++turn)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return isTrue();
}

} // namespace

TEST(HttpClient, PostsAndReads) {
  std::string seen;
  Server server([&](unsigned, const std::string &request) {
    seen = request;
    return respond("pong",
                   "Content-Type: text/plain\r\nX-Request-ID: r1\r\nRetry-After: 7\r\n"
                   "retry-after-ms: 70\r\nx-should-retry: false\r\n",
                   "418 Teapot");
  });
  auto client = makeClient();
  HttpRequest request =
      makeRequest(server.url + "/v1/chat", "ping", {"X-Key: secret", "X-Odd: a\r\nX-Other: b"});
  request.header = "X-Own: c\r\nX-Other: d";
  HttpResponse response = ask(*client, request);
  EXPECT_EQ(response.error, HttpError::None);
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.body, "pong");
  EXPECT_EQ(response.headers.contentType, "text/plain");
  EXPECT_EQ(response.headers.requestId, "r1");
  EXPECT_EQ(response.headers.retryAfter, "7");
  EXPECT_EQ(response.headers.retryAfterMs, "70");
  EXPECT_EQ(response.headers.shouldRetry, "false");
  EXPECT_GT(response.totalMs, 0);
  EXPECT_EQ(seen.rfind("POST /v1/chat HTTP/1.1\r\n", 0), 0u);
  EXPECT_NE(seen.find("X-Key: secret\r\n"), std::string::npos);
  EXPECT_NE(seen.find("X-Odd: a??X-Other: b\r\n"), std::string::npos);
  EXPECT_NE(seen.find("X-Own: c??X-Other: d\r\n"), std::string::npos);
  EXPECT_EQ(seen.find("Expect"), std::string::npos);
  EXPECT_EQ(seen.substr(seen.size() - 4), "ping");
}

TEST(HttpClient, UsesConnectionsAgain) {
  Server server([&](unsigned, const std::string &) { return respond("{}"); });
  auto client = makeClient();
  for (int turn = 0; turn < 50; ++turn)
    EXPECT_EQ(ask(*client, makeRequest(server.url)).body, "{}");
  EXPECT_EQ(server.connections, 1u);
}

// A connection that was kept may end while it is used again.
TEST(HttpClient, SendsNoRequestTwice) {
  unsigned answered = 0;
  Server server([&](unsigned, const std::string &) {
    return answered++ % 2 ? "" : respond("{}"); // each second one is dropped
  });
  auto client = makeClient();
  for (unsigned turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(ask(*client, makeRequest(server.url)).body, "{}");
    HttpResponse dropped = ask(*client, makeRequest(server.url));
    EXPECT_EQ(dropped.error, HttpError::Closed);
    EXPECT_EQ(dropped.reason, "it was kept from an earlier request");
    EXPECT_TRUE(dropped.wasSent);
    EXPECT_EQ(server.requests, 2 * turn + 2);
  }
}

TEST(HttpClient, SendsOnAFreshConnection) {
  Server server([&](unsigned, const std::string &) { return respond("{}"); });
  auto client = makeClient();
  HttpRequest request = makeRequest(server.url);
  ask(*client, request);
  request.isFresh = true;
  EXPECT_EQ(ask(*client, request).body, "{}");
  EXPECT_EQ(server.connections, 2u);
}

TEST(HttpClient, SendsManyAtOnceAndKeepsThemApart) {
  Server server([&](unsigned, const std::string &request) {
    return respond(request.substr(request.find("\r\n\r\n") + 4));
  });
  auto client = makeClient();
  std::map<uint64_t, std::string> bodies;
  auto start = [&](size_t number) {
    std::string body(number * 37 % 100000, char('a' + number % 26));
    bodies[client->start(makeRequest(server.url, body))] = body;
  };
  size_t started = 0, done = 0;
  while (done < 1000) {
    while (started < 1000 && client->getActive() < 50)
      start(started++);
    for (const HttpResponse &response : client->poll(10000)) {
      EXPECT_EQ(response.error, HttpError::None) << response.reason;
      EXPECT_TRUE(response.body == bodies[response.id]);
      ++done;
    }
  }
  EXPECT_LE(server.connections, 50u);
  EXPECT_EQ(server.requests, 1000u);
}

TEST(HttpClient, TellsWhatWentWrong) {
  auto client = makeClient(1000);
  Server silent([](unsigned, const std::string &) {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return "";
  });
  HttpRequest slow = makeRequest(silent.url);
  slow.timeoutMs = 100;
  HttpResponse unanswered = ask(*client, slow);
  EXPECT_EQ(unanswered.error, HttpError::TimedOut);
  EXPECT_TRUE(unanswered.wasSent);
  Server closing([](unsigned, const std::string &) { return ""; });
  HttpResponse closed = ask(*client, makeRequest(closing.url));
  EXPECT_EQ(closed.error, HttpError::Closed);
  EXPECT_TRUE(closed.wasSent);
  Server half([](unsigned, const std::string &) {
    std::string whole = respond("0123456789");
    return whole.substr(0, whole.size() - 5);
  });
  HttpRequest cut = makeRequest(half.url);
  cut.timeoutMs = 200;
  EXPECT_EQ(ask(*client, cut).error, HttpError::TimedOut);
  half.closesEach = true;
  EXPECT_EQ(ask(*client, makeRequest(half.url)).error, HttpError::Closed);
  Server large([](unsigned, const std::string &) { return respond(std::string(1001, 'x')); });
  HttpResponse tooLarge = ask(*client, makeRequest(large.url));
  EXPECT_EQ(tooLarge.error, HttpError::TooLarge);
  EXPECT_EQ(tooLarge.body, "");
  Server nonsense([](unsigned, const std::string &) { return std::string("hello\r\n\r\n"); });
  EXPECT_EQ(ask(*client, makeRequest(nonsense.url)).error, HttpError::Protocol);
  HttpResponse unsent = ask(*client, makeRequest("http://127.0.0.1:1/"));
  EXPECT_EQ(unsent.error, HttpError::Connect);
  EXPECT_FALSE(unsent.wasSent);
  HttpRequest unknown = makeRequest("http://nowhere.invalid/");
  unknown.connectTimeoutMs = 500;
  HttpError unresolved = ask(*client, unknown).error; // not every resolver is quick
  EXPECT_TRUE(unresolved == HttpError::Resolve || unresolved == HttpError::TimedOut);
  EXPECT_EQ(ask(*client, makeRequest("http://")).error, HttpError::BadUrl);
  EXPECT_NE(ask(*client, makeRequest("file:///etc/hostname")).error, HttpError::None);
  EXPECT_NE(ask(*client, makeRequest("https://" + large.url.substr(7))).error, HttpError::None);
}

namespace {

/// Looks up hosts for curl, but for one, of which nobody says anything until it is told.
struct SlowLookup {
  std::mutex mutex;
  std::condition_variable changed;
  bool isUnderWay = false, isOver = false;

  void run() {
    std::unique_lock<std::mutex> lock(mutex);
    isUnderWay = true;
    changed.wait_for(lock, std::chrono::seconds(10), [&] { return isOver; });
    isUnderWay = false;
    changed.notify_all();
  }
  bool check() {
    std::lock_guard<std::mutex> lock(mutex);
    return isUnderWay;
  }
  void finish() {
    std::unique_lock<std::mutex> lock(mutex);
    isOver = true;
    changed.notify_all();
    changed.wait(lock, [&] { return !isUnderWay; });
  }
} slowLookup;

} // namespace

extern "C" int getaddrinfo(const char *host, const char *service, const addrinfo *hints,
                           addrinfo **result) {
  if (host && std::string(host) == "slow.invalid") {
    slowLookup.run();
    return EAI_NONAME;
  }
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(host, service, hints, result);
}

TEST(HttpClient, WaitsForNoLookup) {
  {
    auto client = makeClient();
    HttpRequest late = makeRequest("http://slow.invalid/"), cancelled = late, left = late;
    late.connectTimeoutMs = 50;
    client->cancel(client->start(cancelled));
    EXPECT_EQ(ask(*client, late).error, HttpError::TimedOut);
    client->start(left);
  }
  EXPECT_TRUE(slowLookup.check());
  slowLookup.finish();
}

TEST(HttpClient, DoesNotFollowRedirects) {
  Server server([](unsigned, const std::string &) {
    return respond("", "Location: http://127.0.0.1:1/\r\n", "307 Elsewhere");
  });
  auto client = makeClient();
  EXPECT_EQ(ask(*client, makeRequest(server.url)).status, 307);
}

TEST(HttpClient, ClosesWhatIsCancelled) {
  Server server([](unsigned, const std::string &) {
    std::string whole = respond(std::string(100, 'x'));
    return whole.substr(0, whole.size() - 1); // and never ends
  });
  auto client = makeClient();
  uint64_t id = client->start(makeRequest(server.url));
  while (!server.requests)
    EXPECT_TRUE(client->poll(20).empty());
  client->poll(20);
  client->cancel(id);
  client->cancel(id);
  EXPECT_EQ(client->getActive(), 0u);
  EXPECT_TRUE(waitUntil([&] { return server.closed == 1; }));
  EXPECT_TRUE(client->poll(0).empty());
}

TEST(HttpClient, IsWokenUp) {
  auto client = makeClient();
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    client->wakeUp();
  });
  auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE(client->poll(20000).empty());
  other.join();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  client->poll(20000, {pollfd{ends[0], POLLIN, 0}});
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
  close(ends[0]);
  close(ends[1]);
}

//===----------------------------------------------------------------------===//
// Retries
//===----------------------------------------------------------------------===//

static HttpResponse status(int status) {
  HttpResponse response;
  response.status = status;
  return response;
}

static HttpResponse error(HttpError error) {
  HttpResponse response;
  response.error = error;
  return response;
}

static int64_t pause(const HttpResponse &response, int64_t attempts = 1, double dice = 0) {
  return RetryPolicy().getPauseMs(response, attempts, dice, 1000).value_or(-1);
}

TEST(RetryPolicy, TriesAgainWhatMayPass) {
  for (int code : {408, 409, 429, 500, 502, 503, 504, 529})
    EXPECT_EQ(pause(status(code)), 500) << code;
  for (int code : {200, 201, 301, 400, 401, 403, 404, 413, 422})
    EXPECT_EQ(pause(status(code)), -1) << code;
  for (HttpError passing : {HttpError::Resolve, HttpError::Connect, HttpError::TimedOut,
                            HttpError::Closed, HttpError::Protocol})
    EXPECT_EQ(pause(error(passing)), 500);
  for (HttpError lasting : {HttpError::BadUrl, HttpError::Tls, HttpError::TooLarge})
    EXPECT_EQ(pause(error(lasting)), -1);
}

TEST(RetryPolicy, PausesLongerEachTime) {
  RetryPolicy policy;
  policy.maxAttempts = 10;
  int64_t expected[] = {500, 1000, 2000, 4000, 8000, 8000};
  for (int64_t attempt = 1; attempt <= 6; ++attempt) {
    EXPECT_EQ(policy.getPauseMs(status(500), attempt, 0, 0), expected[attempt - 1]);
    EXPECT_EQ(policy.getPauseMs(status(500), attempt, 1, 0), expected[attempt - 1] * 3 / 4);
  }
  EXPECT_EQ(policy.getPauseMs(status(500), 10, 0, 0), std::nullopt);
  EXPECT_EQ(pause(status(500), 3), -1);
  policy.maxAttempts = INT64_MAX;
  EXPECT_EQ(policy.getPauseMs(status(500), int64_t(1) << 40, 0, 0), 8000);
}

TEST(RetryPolicy, DoesAsTheServerSays) {
  HttpResponse response = status(400);
  response.headers.shouldRetry = "true";
  EXPECT_EQ(pause(response), 500);
  response = status(500);
  response.headers.shouldRetry = "false";
  EXPECT_EQ(pause(response), -1);
  response = status(429);
  response.headers.retryAfter = "3";
  EXPECT_EQ(pause(response), 3000);
  response.headers.retryAfter = "0.25";
  EXPECT_EQ(pause(response), 250);
  response.headers.retryAfterMs = "20";
  EXPECT_EQ(pause(response), 20);
  response.headers.retryAfterMs = "soon";
  EXPECT_EQ(pause(response), 250);
  response.headers.retryAfter = "Thu, 01 Jan 1970 00:16:45 GMT";
  EXPECT_EQ(pause(response), 5000);
  // In the past, or no time at all: as if nothing had been said.
  for (const char *text :
       {"Thu, 01 Jan 1970 00:16:00 GMT", "-3", "0", "nan", "inf", "1e999", "tomorrow", ""}) {
    response.headers.retryAfter = text;
    EXPECT_EQ(pause(response), 500) << text;
  }
  response.headers.retryAfter = "121";
  EXPECT_EQ(pause(response), -1);
  response.headers.retryAfter = "120";
  EXPECT_EQ(pause(response), 120000);
}

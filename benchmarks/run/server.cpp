//===- server.cpp - A server of models that answers in time ----------------===//
//
// usage: run-server DELAY-MS    prints its port, then serves until it is ended
//
// Every POST gets the same chat completion, DELAY-MS after it has come. One thread,
// so that little of the machine goes to it.
//
//===----------------------------------------------------------------------===//

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <netinet/tcp.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

using Clock = std::chrono::steady_clock;

static std::string makeResponse() {
  std::string body =
      R"({"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"message":)"
      R"({"role":"assistant","content":"0.5"},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}})";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Takes a whole request from the front of `data`, if there is one.
static bool takeRequest(std::string &data) {
  size_t head = data.find("\r\n\r\n");
  if (head == std::string::npos)
    return false;
  size_t at = data.find("Content-Length: ");
  size_t length = at < head ? std::strtoul(data.c_str() + at + 16, nullptr, 10) : 0;
  if (data.size() < head + 4 + length)
    return false;
  data.erase(0, head + 4 + length);
  return true;
}

static int listenOnLoopback() {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto *plain = reinterpret_cast<sockaddr *>(&address);
  if (bind(listener, plain, size) || listen(listener, 4096) ||
      getsockname(listener, plain, &size)) {
    perror("run-server");
    exit(1);
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int argc, char **argv) {
  std::chrono::milliseconds delay(argc > 1 ? atoi(argv[1]) : 0);
  const std::string response = makeResponse();
  int listener = listenOnLoopback(), poller = epoll_create1(0), one = 1;
  auto watch = [&](int file) {
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = file;
    epoll_ctl(poller, EPOLL_CTL_ADD, file, &event);
  };
  watch(listener);
  std::map<int, std::string> clients;
  std::deque<std::pair<Clock::time_point, int>> due; ///< in order: all wait as long
  auto answer = [&](int file) { // to whoever has gone in the meantime: an error, that is all
    if (clients.count(file) && send(file, response.data(), response.size(), MSG_NOSIGNAL) < 0)
      return;
  };
  while (true) {
    int wait = -1;
    if (!due.empty())
      wait = int(std::chrono::ceil<std::chrono::milliseconds>(due[0].first - Clock::now()).count());
    epoll_event events[256];
    int count = epoll_wait(poller, events, 256, due.empty() ? -1 : std::max(wait, 0));
    for (int at = 0; at < count; ++at) {
      int file = events[at].data.fd;
      if (file == listener) {
        int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (client < 0)
          continue;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        clients[client];
        watch(client);
        continue;
      }
      char buffer[1 << 16];
      ssize_t size = read(file, buffer, sizeof(buffer));
      if (size < 0 && errno == EAGAIN)
        continue;
      if (size <= 0) {
        clients.erase(file);
        close(file);
        continue;
      }
      std::string &data = clients[file].append(buffer, size);
      while (takeRequest(data)) {
        if (delay.count())
          due.push_back({Clock::now() + delay, file});
        else
          answer(file);
      }
    }
    for (; !due.empty() && due[0].first <= Clock::now(); due.pop_front())
      answer(due[0].second);
  }
}

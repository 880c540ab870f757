//===- floor.cpp - The same requests by libcurl alone ----------------------===//
//
// usage: run-floor URL COUNT CONCURRENCY BODY    prints the milliseconds that it took
//
//===----------------------------------------------------------------------===//

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <curl/curl.h>
#include <string>
#include <vector>

static size_t take(char *data, size_t, size_t size, void *user) {
  static_cast<std::string *>(user)->append(data, size);
  return size;
}

int main(int argc, char **argv) {
  if (argc != 5)
    return fprintf(stderr, "usage: run-floor URL COUNT CONCURRENCY BODY\n"), 1;
  long count = atol(argv[2]), concurrency = std::min(atol(argv[3]), count), started = 0, done = 0;
  std::string body = argv[4];
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  curl_slist *headers = curl_slist_append(nullptr, "Content-Type: application/json");
  std::vector<std::string> answers(concurrency);
  auto begin = std::chrono::steady_clock::now();
  for (std::string &answer : answers) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, long(body.size()));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &answer);
    curl_multi_add_handle(multi, easy);
    ++started;
  }
  while (done < count) {
    int running, left;
    bool hasEnded = false;
    curl_multi_perform(multi, &running);
    while (CURLMsg *message = curl_multi_info_read(multi, &left)) {
      CURL *easy = message->easy_handle;
      std::string *answer;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &answer);
      if (message->data.result != CURLE_OK || answer->empty())
        return fprintf(stderr, "run-floor: %s\n", curl_easy_strerror(message->data.result)), 1;
      answer->clear();
      curl_multi_remove_handle(multi, easy);
      hasEnded = true;
      ++done;
      if (started++ < count)
        curl_multi_add_handle(multi, easy);
    }
    if (!hasEnded && done < count)
      curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
  printf("%.3f\n", time.count());
}

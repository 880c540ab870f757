//===- Watch.cpp - What the kernel is asked for ----------------------------===//

#include "Watch.h"
#include <sys/epoll.h>
#include <unistd.h>

namespace xcs::runtime {

Watch::Watch() : poller(epoll_create1(EPOLL_CLOEXEC)) {}

Watch::~Watch() {
  if (poller >= 0)
    close(poller);
}

void Watch::add(int file) {
  if (size_t(file) >= files.size())
    files.resize(file + 1);
  files[file] = Entry();
  files[file].isConnection = true;
}

void Watch::set(int file, uint32_t events) {
  if (size_t(file) >= files.size())
    files.resize(file + 1);
  Entry &entry = files[file];
  entry.isWanted = true;
  if (entry.events == events)
    return;
  epoll_event event = {};
  event.events = events;
  event.data.fd = file;
  if (epoll_ctl(poller, entry.events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, file, &event))
    epoll_ctl(poller, entry.events ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, file, &event);
  entry.events = events;
}

void Watch::unset(int file) {
  if (size_t(file) >= files.size())
    return;
  files[file].isWanted = false;
  if (!files[file].isConnection)
    remove(file);
}

void Watch::forget(int file) {
  if (size_t(file) < files.size() && files[file].events)
    remove(file);
}

bool Watch::isWanted(int file) {
  bool wanted = files[file].isWanted;
  if (!wanted)
    remove(file);
  return wanted;
}

void Watch::remove(int file) {
  epoll_ctl(poller, EPOLL_CTL_DEL, file, nullptr);
  files[file] = Entry();
}

} // namespace xcs::runtime

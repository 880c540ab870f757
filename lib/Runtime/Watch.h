//===- Watch.h - What the kernel is asked for -------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_WATCH_H
#define XCSLLM_LIB_RUNTIME_WATCH_H

#include <cstdint>
#include <vector>

namespace xcs::runtime {

/// The connections of curl's that something is expected of. Asking the kernel anew for
/// each request would cost as much as all the rest: a connection that curl has no need of
/// at the time stays until something happens to it.
class Watch {
public:
  Watch();
  Watch(const Watch &) = delete;
  ~Watch();

  int getFile() const { return poller; }
  /// The number is that of a new connection, whose end `forget` is told.
  void add(int file);
  void set(int file, uint32_t events);
  void unset(int file);
  /// The file is about to be closed, and its number may become another's.
  void forget(int file);
  /// Whether something that has happened to the file matters.
  bool isWanted(int file);

private:
  struct Entry {
    uint32_t events = 0; ///< that the kernel was asked for; 0 if it was not
    bool isWanted = false, isConnection = false;
  };

  void remove(int file);

  int poller;
  std::vector<Entry> files; ///< by their numbers
};

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_WATCH_H

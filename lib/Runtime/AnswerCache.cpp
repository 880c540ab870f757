//===- AnswerCache.cpp - Answers that several runs share -------------------===//

#include "Sqlite.h"
#include "XcsLLM/Runtime/AnswerStore.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/xxhash.h"
#include <chrono>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace xcs::runtime {

std::string makeDigest(ArrayRef<StringRef> parts) {
  SHA256 hash;
  for (StringRef part : parts) {
    hash.update(std::to_string(part.size()) + ":");
    hash.update(part);
  }
  return toHex(hash.final(), /*LowerCase=*/true);
}

int64_t getNowMs() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string makeCacheKey(StringRef fingerprint, StringRef space, ArrayRef<Value> inputs) {
  std::string values;
  for (const Value &input : inputs)
    values += getKey(input);
  return makeDigest({fingerprint, space, values});
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static constexpr int64_t mark = 0x58435343; // XCSC

/// `total` is kept by triggers, so that it holds whoever writes.
static constexpr char schema[] = R"(
  PRAGMA application_id = 1480807235;
  CREATE TABLE answers (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER,
    used INTEGER NOT NULL, checksum INTEGER NOT NULL, size INTEGER NOT NULL);
  CREATE INDEX by_use ON answers (used);
  CREATE TABLE total (bytes INTEGER NOT NULL);
  INSERT INTO total VALUES (0);
  CREATE TRIGGER more AFTER INSERT ON answers
    BEGIN UPDATE total SET bytes = bytes + new.size; END;
  CREATE TRIGGER other AFTER UPDATE OF size ON answers
    BEGIN UPDATE total SET bytes = bytes + new.size - old.size; END;
  CREATE TRIGGER less AFTER DELETE ON answers
    BEGIN UPDATE total SET bytes = bytes - old.size; END;)";
static_assert(mark == 1480807235);

struct AnswerCache::State {
  std::string file;
  Options options;
  Database database;
  ino_t opened = 0; ///< which file of that name
  bool hasWarned = false;
  Statement find, touch, insert, total, removeOldest, remove;

  std::string open();
  std::string prepare();
  std::string setAside();
  ino_t getFileNumber() const {
    struct stat info;
    return stat(file.c_str(), &info) ? 0 : info.st_ino;
  }
  void close();
  void handleError();
  void warnOnce(const std::string &reason) {
    if (!std::exchange(hasWarned, true))
      options.warn(reason);
  }
};

void AnswerCache::State::close() {
  for (Statement *statement : {&find, &touch, &insert, &total, &removeOldest, &remove})
    *statement = Statement();
  database.close();
}

/// Makes the tables, unless another process has.
static bool create(Database &database) {
  if (!database.execute("BEGIN IMMEDIATE"))
    return false;
  bool isThere = identify(database, mark) == FileKind::Ours;
  if ((isThere || database.execute(schema)) && database.execute("COMMIT"))
    return true;
  database.execute("ROLLBACK");
  return false;
}

/// Opens the file as it is; empty, or what is wrong.
std::string AnswerCache::State::prepare() {
  if (!database.open(file, /*busyTimeoutMs=*/10000))
    return database.getMessage();
  FileKind kind = identify(database, mark);
  opened = getFileNumber();
  if (kind == FileKind::Other)
    return "it is another SQLite database";
  if (kind == FileKind::Unreadable)
    return database.getMessage();
  if (!database.setWriteAhead() || !database.execute("PRAGMA synchronous=NORMAL"))
    return database.getMessage();
  if (kind == FileKind::Empty && !create(database))
    return database.getMessage();
  find = database.prepare("SELECT value, created, expires, used, checksum FROM answers"
                          " WHERE key = ?");
  touch = database.prepare("UPDATE answers SET used = ? WHERE key = ?");
  insert = database.prepare(
      "INSERT INTO answers (key, value, created, expires, used, checksum, size)"
      " VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6) ON CONFLICT (key) DO UPDATE SET value = ?2,"
      " created = ?3, expires = ?4, used = ?3, checksum = ?5, size = ?6");
  total = database.prepare("SELECT bytes FROM total");
  removeOldest = database.prepare(
      "DELETE FROM answers WHERE rowid = (SELECT rowid FROM answers ORDER BY used, rowid LIMIT 1)");
  remove = database.prepare("DELETE FROM answers WHERE key = ?");
  bool isComplete = find && touch && insert && total && removeOldest && remove;
  return isComplete ? "" : database.getMessage();
}

/// Renames the file, and what SQLite has beside it, so that nobody takes it for good.
std::string AnswerCache::State::setAside() {
  close();
  std::string aside = file + ".damaged";
  for (unsigned number = 2; access(aside.c_str(), F_OK) == 0; ++number)
    aside = file + ".damaged-" + std::to_string(number);
  // The log first: it must never be taken for one of the next file's.
  for (const char *end : {"-wal", "-shm", ""})
    if (rename((file + end).c_str(), (aside + end).c_str()) && !*end)
      return "could not be set aside";
  options.warn("the cache '" + file + "' is damaged: it is now '" + aside +
               "', and a new one is begun");
  return "";
}

std::string AnswerCache::State::open() {
  std::string reason = prepare();
  if (reason.empty())
    return "";
  // Tables that it should have and has not are damage, too.
  bool isDamaged = database.isDamaged(), isUnlike = database.getCode() == SQLITE_ERROR;
  bool isOurs = identify(database, mark) == FileKind::Ours || hasMark(file, mark);
  if (!isOurs && isDamaged)
    return "it is something else (" + reason + ")";
  if (!isDamaged && !(isOurs && isUnlike))
    return reason;
  reason = setAside();
  return reason.empty() ? prepare() : reason;
}

/// After a call that failed: has a sound file again, or does without.
void AnswerCache::State::handleError() {
  if (!database.isDamaged())
    return warnOnce("the cache '" + file + "' does not work: " + database.getMessage());
  // Another process may have set it aside before.
  bool isSame = getFileNumber() == opened;
  close();
  std::string reason = isSame ? setAside() : "";
  if (reason.empty())
    reason = open();
  if (!reason.empty()) {
    close();
    warnOnce("the cache '" + file + "' is damaged: " + reason);
  }
}

AnswerCache::AnswerCache(std::unique_ptr<State> state) : state(std::move(state)) {}
AnswerCache::~AnswerCache() = default;

Expected<std::unique_ptr<AnswerCache>> AnswerCache::open(StringRef file, const Options &options) {
  auto state = std::make_unique<State>();
  state->file = file.str();
  state->options = options;
  std::string reason = state->open();
  if (!reason.empty())
    return createStringError("could not open the cache '" + file + "': " + reason);
  return std::unique_ptr<AnswerCache>(new AnswerCache(std::move(state)));
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

static int64_t getChecksum(StringRef key, StringRef value, int64_t created,
                           std::optional<int64_t> expires) {
  std::string all =
      (key + "\n" + Twine(created) + "\n" + (expires ? Twine(*expires).str() : "-") + "\n" + value)
          .str();
  return int64_t(xxh3_64bits(StringRef(all)));
}

/// When something of this age begins, or ends: `from` and the seconds; none if never.
static std::optional<int64_t> addSeconds(int64_t from, std::optional<double> seconds) {
  constexpr double longest = 1e12; // some 30,000 years
  if (!seconds || !(*seconds < longest))
    return std::nullopt;
  return from + int64_t(*seconds * 1000);
}

Value AnswerCache::lookUp(StringRef key, const Type &type, std::optional<double> ttlS) {
  if (!state->find)
    return failed;
  int code = state->find.bind(1, key).step();
  if (code != SQLITE_ROW) {
    state->find.reset();
    if (code != SQLITE_DONE)
      state->handleError();
    return failed;
  }
  std::string json = state->find.getText(0).str();
  int64_t created = state->find.getInteger(1), used = state->find.getInteger(3);
  std::optional<int64_t> expires = state->find.findInteger(2);
  int64_t checksum = state->find.getInteger(4), now = state->options.getNowMs();
  state->find.reset();
  bool isSound = checksum == getChecksum(key, json, created, expires);
  if (!isSound)
    state->options.warn("an entry of the cache '" + state->file + "' is damaged: it is not used");
  std::optional<int64_t> end = addSeconds(created, ttlS);
  bool isOver = (expires && now >= *expires);
  if (!isSound || isOver) {
    if (!state->remove.bind(1, key).run())
      state->handleError();
    return failed;
  }
  if (end && now >= *end)
    return failed;
  Expected<Value> value = readJson(json, type);
  if (!value) { // of another program, which has another type for it
    consumeError(value.takeError());
    return failed;
  }
  constexpr int64_t notableMs = 1000; // how exactly the time of use is kept
  if (now - used >= notableMs && !state->touch.bind(1, now).bind(2, key).run())
    state->handleError();
  return *value;
}

void AnswerCache::store(StringRef key, const Value &value, std::optional<double> ttlS) {
  if (!state->insert || hasFailure(value))
    return;
  std::string json = writeJson(value);
  uint64_t size = key.size() + json.size();
  if (size > state->options.maxBytes)
    return;
  int64_t now = state->options.getNowMs();
  std::optional<int64_t> expires = addSeconds(now, ttlS);
  auto write = [&] {
    if (!state->database.execute("BEGIN IMMEDIATE"))
      return false;
    if (!state->insert.bind(1, key)
             .bind(2, json)
             .bind(3, now)
             .bind(4, expires)
             .bind(5, getChecksum(key, json, now, expires))
             .bind(6, int64_t(size))
             .run())
      return false;
    while (true) {
      if (state->total.step() != SQLITE_ROW)
        return false;
      uint64_t bytes = std::max<int64_t>(state->total.getInteger(0), 0);
      state->total.reset();
      if (bytes <= state->options.maxBytes)
        break;
      if (!state->removeOldest.run())
        return false;
      if (!state->database.getChanges())
        break;
    }
    return state->database.execute("COMMIT");
  };
  if (write())
    return;
  state->total.reset();
  state->handleError();
  state->database.execute("ROLLBACK");
}

} // namespace xcs::runtime

//===- RunState.cpp - A run that goes on where it was killed ---------------===//

#include "Sqlite.h"
#include "XcsLLM/Runtime/AnswerStore.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/RandomNumberGenerator.h"
#include "llvm/Support/xxhash.h"
#include <sqlite3.h>

using namespace llvm;

namespace xcs::runtime {

static constexpr int64_t mark = 0x58435352; // XCSR

static constexpr char schema[] = R"(
  PRAGMA application_id = 1480807250;
  CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE finished (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, outputs TEXT NOT NULL, input INTEGER,
    cached INTEGER, output INTEGER, cost REAL NOT NULL, checksum INTEGER NOT NULL);)";
static_assert(mark == 1480807250);

struct RunState::State {
  Database database;
  std::string runId;
  Statement find, insert, count;

  std::string open(const std::string &file, const RunIdentity &identity);
  std::string check(const RunIdentity &identity);
  std::string begin(const RunIdentity &identity);
  std::string readName(StringRef name);
  std::string describeError() {
    if (database.getCode() == SQLITE_BUSY)
      return "another process uses it";
    std::string reason = database.getMessage();
    if (database.isDamaged())
      reason = "it is damaged (" + reason + "); move it away to begin anew, and pay anew";
    return reason;
  }
};

/// Of each run the file says what makes it that run.
static std::array<std::pair<StringRef, const std::string *>, 4>
getParts(const RunIdentity &identity) {
  return {{{"schedule", &identity.schedule},
           {"plan", &identity.plan},
           {"inputs", &identity.inputs},
           {"settings", &identity.settings}}};
}

std::string RunState::State::readName(StringRef name) {
  Statement statement = database.prepare("SELECT value FROM run WHERE name = ?");
  return statement.bind(1, name).step() == SQLITE_ROW ? statement.getText(0).str() : "";
}

/// Why the file is not of this run; empty if it is.
std::string RunState::State::check(const RunIdentity &identity) {
  if (database.query("SELECT count(*) FROM pragma_quick_check WHERE quick_check = 'ok'") != 1)
    return database.isDamaged() ? describeError()
                                : "it is damaged; move it away to begin anew, and pay anew";
  for (auto [name, value] : getParts(identity))
    if (readName(name) != *value)
      return ("it is of a run " + Twine(name == "settings" ? "with" : "of") + " other " + name +
              ": give that run's, or another file")
          .str();
  runId = readName("id");
  return runId.empty() ? "it is damaged" : "";
}

std::string RunState::State::begin(const RunIdentity &identity) {
  uint8_t bytes[16];
  if (getRandomBytes(bytes, sizeof(bytes)))
    return "there is no source of random numbers";
  runId = toHex(ArrayRef<uint8_t>(bytes), /*LowerCase=*/true);
  if (!database.execute("BEGIN IMMEDIATE") || !database.execute(schema))
    return describeError();
  Statement insertName = database.prepare("INSERT INTO run VALUES (?, ?)");
  bool isDone = insertName.bind(1, "id").bind(2, runId).run();
  for (auto [name, value] : getParts(identity))
    isDone = isDone && insertName.bind(1, name).bind(2, *value).run();
  return isDone && database.execute("COMMIT") ? "" : describeError();
}

std::string RunState::State::open(const std::string &file, const RunIdentity &identity) {
  // The lock is held as long as the file is open, and gone with the process.
  if (!database.open(file, /*busyTimeoutMs=*/0) ||
      !database.execute("PRAGMA locking_mode=EXCLUSIVE"))
    return describeError();
  FileKind kind = identify(database, mark);
  if (kind == FileKind::Unreadable)
    return describeError();
  if (kind == FileKind::Other)
    return "it is another SQLite database";
  // What is committed outlives the process: the file is the system's then.
  if (!database.execute("PRAGMA journal_mode=WAL") ||
      !database.execute("PRAGMA synchronous=NORMAL") || !database.execute("BEGIN IMMEDIATE") ||
      !database.execute("COMMIT"))
    return describeError();
  std::string reason = kind == FileKind::Ours ? check(identity) : begin(identity);
  if (!reason.empty())
    return reason;
  find = database.prepare("SELECT outputs, input, cached, output, cost, checksum FROM finished"
                          " WHERE key = ? AND request = ?");
  insert =
      database.prepare("INSERT OR REPLACE INTO finished VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  count = database.prepare("SELECT count(*) FROM finished");
  return find && insert && count ? "" : describeError();
}

RunState::RunState(std::unique_ptr<State> state) : state(std::move(state)) {}
RunState::~RunState() = default;

Expected<std::unique_ptr<RunState>> RunState::open(StringRef file, const RunIdentity &identity) {
  auto state = std::make_unique<State>();
  std::string reason = state->open(file.str(), identity);
  if (!reason.empty())
    return createStringError("could not use the state '" + file + "': " + reason);
  return std::unique_ptr<RunState>(new RunState(std::move(state)));
}

StringRef RunState::getRunId() const { return state->runId; }

uint64_t RunState::getCount() const {
  int64_t count = state->count.step() == SQLITE_ROW ? state->count.getInteger(0) : 0;
  state->count.reset();
  return count;
}

static int64_t getChecksum(StringRef key, StringRef request, StringRef outputs, const Usage &usage,
                           double costUsd) {
  std::string all = (key + "\n" + request + "\n").str();
  for (const std::optional<int64_t> &count :
       {usage.inputTokens, usage.cachedInputTokens, usage.outputTokens})
    all += (count ? std::to_string(*count) : "-") + "\n";
  all.append(reinterpret_cast<const char *>(&costUsd), sizeof(costUsd));
  return int64_t(xxh3_64bits(StringRef(all += outputs)));
}

std::optional<Finished> RunState::find(StringRef key, StringRef request, ArrayRef<Type> types) {
  Statement &found = state->find;
  std::optional<Finished> finished;
  if (found.bind(1, key).bind(2, request).step() == SQLITE_ROW) {
    Usage usage{found.findInteger(1), found.findInteger(2), found.findInteger(3)};
    StringRef outputs = found.getText(0);
    double costUsd = found.getNumber(4);
    bool isSound = found.getInteger(5) == getChecksum(key, request, outputs, usage, costUsd);
    Expected<std::vector<Value>> values = readJsonList(outputs, types, Nulls::MeanFailed);
    if (values && isSound)
      finished = Finished{std::move(*values), usage, costUsd};
    else if (!values)
      consumeError(values.takeError());
  }
  found.reset();
  return finished;
}

Error RunState::store(StringRef key, StringRef request, const Finished &finished) {
  std::string outputs = writeJsonList(finished.outputs);
  const Usage &usage = finished.usage;
  bool isKept = state->insert.bind(1, key)
                    .bind(2, request)
                    .bind(3, outputs)
                    .bind(4, usage.inputTokens)
                    .bind(5, usage.cachedInputTokens)
                    .bind(6, usage.outputTokens)
                    .bind(7, finished.costUsd)
                    .bind(8, getChecksum(key, request, outputs, usage, finished.costUsd))
                    .run();
  if (isKept)
    return Error::success();
  return createStringError("could not keep an answer: " + state->describeError());
}

} // namespace xcs::runtime

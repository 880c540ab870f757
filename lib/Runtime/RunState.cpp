//===- RunState.cpp - A run that goes on where it was killed ---------------===//

#include "Sqlite.h"
#include "XcsLLM/Runtime/AnswerStore.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/RandomNumberGenerator.h"
#include "llvm/Support/xxhash.h"
#include <array>
#include <sqlite3.h>

using namespace llvm;

namespace xcs::runtime {

static constexpr int64_t mark = 0x58435352; // XCSR

static constexpr char schema[] = R"(
  PRAGMA application_id = 1480807250;
  CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE answers (
    key TEXT, sample INTEGER, request TEXT NOT NULL, count INTEGER NOT NULL, answer TEXT NOT NULL,
    input REAL, cached REAL, output REAL, latency REAL, cost REAL NOT NULL,
    checksum INTEGER NOT NULL, PRIMARY KEY (key, sample));)";
static_assert(mark == 1480807250);

struct RunState::State {
  Database database;
  std::string runId;
  Statement find, insert, count;

  std::optional<KeptAnswer> read(StringRef key, StringRef request, ArrayRef<Type> types);
  bool write(const Entry &entry);

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
           {"services", &identity.services}}};
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
      return ("it is of a run of other " + name + ": give that run's, or another file").str();
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
  find = database.prepare("SELECT answer, sample, count, input, cached, output, latency, cost,"
                          " checksum FROM answers WHERE key = ? AND request = ? ORDER BY sample");
  insert =
      database.prepare("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  count = database.prepare("SELECT count(*) FROM answers");
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

static int64_t getChecksum(StringRef key, StringRef request, StringRef values,
                           const KeptAnswer &answer) {
  std::string all = (key + "\n" + request + "\n" + Twine(answer.sample) + "\n" +
                     (answer.usage ? "u" : "-") + (answer.latencyMs ? "l" : "-") + "\n")
                        .str();
  TokenCounts usage = answer.usage.value_or(TokenCounts());
  double figures[] = {usage.input, usage.cached, usage.output, answer.latencyMs.value_or(0),
                      answer.usd};
  all.append(reinterpret_cast<const char *>(figures), sizeof(figures));
  return int64_t(xxh3_64bits(StringRef(all += values)));
}

/// The answer that `find` is at; none if it is not sound.
std::optional<KeptAnswer> RunState::State::read(StringRef key, StringRef request,
                                                ArrayRef<Type> types) {
  KeptAnswer answer;
  StringRef values = find.getText(0);
  answer.sample = find.getInteger(1);
  uint64_t sample = answer.sample, count = find.getInteger(2);
  if (std::optional<double> input = find.findNumber(3))
    answer.usage = {*input, find.getNumber(4), find.getNumber(5)};
  answer.latencyMs = find.findNumber(6);
  answer.usd = find.getNumber(7);
  if (find.getInteger(8) != getChecksum(key, request, values, answer) || sample > types.size() ||
      count > types.size() - sample)
    return std::nullopt;
  Expected<std::vector<Value>> read =
      readJsonList(values, types.slice(sample, count), Nulls::MeanFailed);
  if (!read) {
    consumeError(read.takeError());
    return std::nullopt;
  }
  answer.values = std::move(*read);
  return answer;
}

std::vector<KeptAnswer> RunState::find(StringRef key, StringRef request, ArrayRef<Type> types) {
  std::vector<KeptAnswer> answers;
  state->find.bind(1, key).bind(2, request);
  while (state->find.step() == SQLITE_ROW)
    if (std::optional<KeptAnswer> answer = state->read(key, request, types))
      answers.push_back(std::move(*answer));
  state->find.reset();
  return answers;
}

bool RunState::State::write(const Entry &entry) {
  const KeptAnswer &answer = entry.answer;
  std::string values = writeJsonList(answer.values);
  auto count = [&](double TokenCounts::*tokens) {
    return answer.usage ? std::optional((*answer.usage).*tokens) : std::nullopt;
  };
  return insert.bind(1, entry.key)
      .bind(2, answer.sample)
      .bind(3, entry.request)
      .bind(4, int64_t(answer.values.size()))
      .bind(5, values)
      .bind(6, count(&TokenCounts::input))
      .bind(7, count(&TokenCounts::cached))
      .bind(8, count(&TokenCounts::output))
      .bind(9, answer.latencyMs)
      .bind(10, answer.usd)
      .bind(11, getChecksum(entry.key, entry.request, values, answer))
      .run();
}

Error RunState::store(ArrayRef<Entry> entries) {
  bool isKept = state->database.execute("BEGIN");
  for (const Entry &entry : entries)
    isKept = isKept && state->write(entry);
  if (isKept && state->database.execute("COMMIT"))
    return Error::success();
  std::string reason = state->describeError();
  state->database.execute("ROLLBACK");
  return createStringError("could not keep an answer: " + reason);
}

} // namespace xcs::runtime

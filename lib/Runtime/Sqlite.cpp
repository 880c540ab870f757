//===- Sqlite.cpp - A file of SQLite's -------------------------------------===//

#include "Sqlite.h"
#include "llvm/Support/Endian.h"
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <sqlite3.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

using namespace llvm;

namespace xcs::runtime {

Statement::Statement(sqlite3 *database, StringRef sql) {
  sqlite3_prepare_v3(database, sql.data(), int(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                     nullptr);
}

Statement::~Statement() { sqlite3_finalize(statement); }

Statement &Statement::bind(int index, StringRef text) {
  const char *data = text.data() ? text.data() : "";
  sqlite3_bind_text64(statement, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}
Statement &Statement::bind(int index, int64_t integer) {
  sqlite3_bind_int64(statement, index, integer);
  return *this;
}
Statement &Statement::bind(int index, double number) {
  sqlite3_bind_double(statement, index, number);
  return *this;
}
Statement &Statement::bind(int index, std::optional<int64_t> integer) {
  if (integer)
    return bind(index, *integer);
  sqlite3_bind_null(statement, index);
  return *this;
}
Statement &Statement::bind(int index, std::optional<double> number) {
  if (number)
    return bind(index, *number);
  sqlite3_bind_null(statement, index);
  return *this;
}

int Statement::step() { return statement ? sqlite3_step(statement) : SQLITE_MISUSE; }

bool Statement::run() {
  int code = step();
  reset();
  return code == SQLITE_DONE || code == SQLITE_ROW;
}

void Statement::reset() { sqlite3_reset(statement); }

StringRef Statement::getText(int column) const {
  const void *text = sqlite3_column_text(statement, column);
  return {static_cast<const char *>(text), size_t(sqlite3_column_bytes(statement, column))};
}
int64_t Statement::getInteger(int column) const { return sqlite3_column_int64(statement, column); }
double Statement::getNumber(int column) const { return sqlite3_column_double(statement, column); }
std::optional<int64_t> Statement::findInteger(int column) const {
  if (sqlite3_column_type(statement, column) == SQLITE_NULL)
    return std::nullopt;
  return getInteger(column);
}
std::optional<double> Statement::findNumber(int column) const {
  if (sqlite3_column_type(statement, column) == SQLITE_NULL)
    return std::nullopt;
  return getNumber(column);
}

/// Makes the file, if there is none, for its owner alone: answers may be confidential.
/// What SQLite makes beside it has the same permissions.
static void createPrivately(const std::string &file) {
  int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made >= 0)
    ::close(made);
}

bool Database::open(const std::string &file, int busyTimeoutMs) {
  close();
  createPrivately(file);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(file.c_str(), &database, flags, nullptr) != SQLITE_OK)
    return false;
  sqlite3_extended_result_codes(database, 0);
  sqlite3_busy_timeout(database, busyTimeoutMs);
  return true;
}

void Database::close() {
  sqlite3_close_v2(database);
  database = nullptr;
}

bool Database::execute(const char *sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::optional<int64_t> Database::query(StringRef sql) {
  Statement statement = prepare(sql);
  if (statement.step() != SQLITE_ROW)
    return std::nullopt;
  return statement.getInteger(0);
}

/// SQLite does not wait for others by itself while it changes the mode.
bool Database::setWriteAhead() {
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (execute("PRAGMA journal_mode=WAL"))
      return true;
    if (getCode() != SQLITE_BUSY)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

int Database::getChanges() const { return sqlite3_changes(database); }

int Database::getCode() const { return sqlite3_errcode(database) & 0xff; }

std::string Database::getMessage() const {
  return database ? sqlite3_errmsg(database) : "out of memory";
}

bool Database::isDamaged() const {
  return getCode() == SQLITE_CORRUPT || getCode() == SQLITE_NOTADB;
}

FileKind identify(Database &database, int64_t mark) {
  // In this order: another process may make both in between.
  std::optional<int64_t> tables = database.query("SELECT count(*) FROM sqlite_master");
  if (!tables)
    return FileKind::Unreadable; // before another call says something else
  std::optional<int64_t> found = database.query("PRAGMA application_id");
  if (!found)
    return FileKind::Unreadable;
  if (*found == mark)
    return FileKind::Ours;
  return *found == 0 && *tables == 0 ? FileKind::Empty : FileKind::Other;
}

bool hasMark(const std::string &file, int64_t mark) {
  constexpr size_t at = 68; // by SQLite's file format
  constexpr StringLiteral magic("SQLite format 3");
  char head[at + sizeof(uint32_t)];
  std::ifstream stream(file, std::ios::binary);
  stream.read(head, sizeof(head));
  if (size_t(stream.gcount()) < sizeof(head))
    return StringRef(head, stream.gcount()).starts_with(magic);
  return support::endian::read32be(head + at) == uint32_t(mark);
}

} // namespace xcs::runtime

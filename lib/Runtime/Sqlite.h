//===- Sqlite.h - A file of SQLite's ----------------------------*- C++ -*-===//

#ifndef XCSLLM_LIB_RUNTIME_SQLITE_H
#define XCSLLM_LIB_RUNTIME_SQLITE_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace xcs::runtime {

/// A prepared statement. `bind` counts from 1, columns from 0, as SQLite does.
class Statement {
public:
  Statement() = default;
  Statement(sqlite3 *database, llvm::StringRef sql);
  Statement(Statement &&other) : statement(std::exchange(other.statement, nullptr)) {}
  Statement &operator=(Statement &&other) {
    std::swap(statement, other.statement);
    return *this;
  }
  ~Statement();

  explicit operator bool() const { return statement; }

  // Texts have to live until `reset`.
  Statement &bind(int index, llvm::StringRef text);
  Statement &bind(int index, int64_t integer);
  Statement &bind(int index, double number);
  Statement &bind(int index, std::optional<int64_t> integer); ///< none is null
  Statement &bind(int index, std::optional<double> number);   ///< likewise

  /// SQLite's code: a row, the end, or an error.
  int step();
  /// Steps once, to the end; whether that is where it came.
  bool run();
  void reset();

  llvm::StringRef getText(int column) const;
  int64_t getInteger(int column) const;
  double getNumber(int column) const;
  std::optional<int64_t> findInteger(int column) const;
  std::optional<double> findNumber(int column) const;

private:
  sqlite3_stmt *statement = nullptr;
};

/// An open database, or one that could not be opened: `getCode` and `getMessage` say why.
class Database {
public:
  Database() = default;
  Database(const Database &) = delete;
  ~Database() { close(); }

  bool open(const std::string &file, int busyTimeoutMs);
  void close();
  bool execute(const char *sql);
  Statement prepare(llvm::StringRef sql) { return Statement(database, sql); }
  /// The integer that a query gives; none on an error.
  std::optional<int64_t> query(llvm::StringRef sql);
  bool setWriteAhead();
  int getChanges() const; ///< rows that the last statement changed

  /// Of the last call.
  int getCode() const;
  std::string getMessage() const;
  /// Whether the last call says that the file is not what it should be.
  bool isDamaged() const;

private:
  sqlite3 *database = nullptr;
};

/// What a file is, by the mark that SQLite lets its users set.
enum class FileKind : uint8_t { Empty, Ours, Other, Unreadable };
FileKind identify(Database &database, int64_t mark);

/// Whether the head of the file, which may be damaged, has that mark; or is one of
/// SQLite's that breaks off before it.
bool hasMark(const std::string &file, int64_t mark);

} // namespace xcs::runtime

#endif // XCSLLM_LIB_RUNTIME_SQLITE_H

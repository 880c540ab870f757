//===- AnswerStoreTest.cpp - Answers that outlive a process ---------------===//

#include "XcsLLM/Runtime/AnswerStore.h"
#include "XcsLLM/Runtime/RunMemory.h"
#include "XcsLLM/Runtime/ValueJson.h"
#include "gtest/gtest.h"
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace xcs::runtime;

namespace {

/// A folder that goes with the test.
struct Folder {
  Folder() {
    std::string pattern = testing::TempDir() + "answers-XXXXXX";
    name = mkdtemp(pattern.data());
  }
  ~Folder() {
    std::string command = "rm -rf '" + name + "'";
    EXPECT_EQ(system(command.c_str()), 0);
  }
  std::string operator/(const std::string &file) const { return name + "/" + file; }
  std::string name;
};

/// A cache whose time does not pass by itself, and what it has warned of.
struct Cache {
  explicit Cache(const std::string &file, uint64_t maxBytes = 1 << 20) {
    AnswerCache::Options options;
    options.maxBytes = maxBytes;
    options.getNowMs = [this] { return now; };
    options.warn = [this](const std::string &warning) { warnings.push_back(warning); };
    llvm::Expected<std::unique_ptr<AnswerCache>> opened = AnswerCache::open(file, options);
    if (opened)
      cache = std::move(*opened);
    else
      error = llvm::toString(opened.takeError());
  }
  std::string get(const std::string &key, std::optional<double> ttlS = std::nullopt) {
    return writeJson(cache->lookUp(key, Type{}, ttlS));
  }
  void put(const std::string &key, const std::string &value,
           std::optional<double> ttlS = std::nullopt) {
    cache->store(key, Value::text(value), ttlS);
  }

  int64_t now = 1000000;
  std::vector<std::string> warnings;
  std::unique_ptr<AnswerCache> cache;
  std::string error;
};

void runSql(const std::string &file, const char *sql) {
  sqlite3 *database;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

bool exists(const std::string &file) { return access(file.c_str(), F_OK) == 0; }

void overwrite(const std::string &file, off_t at, const std::string &bytes) {
  int number = open(file.c_str(), O_WRONLY);
  ASSERT_GE(number, 0);
  EXPECT_EQ(pwrite(number, bytes.data(), bytes.size(), at), ssize_t(bytes.size()));
  close(number);
}

} // namespace

//===----------------------------------------------------------------------===//
// Cache
//===----------------------------------------------------------------------===//

TEST(AnswerCache, KeysTellAllApart) {
  std::vector<Value> ab = {Value::text("a"), Value::text("b")};
  std::string key = makeCacheKey("f", "", ab);
  EXPECT_EQ(key.size(), 64u);
  EXPECT_EQ(key, makeCacheKey("f", "", ab));
  EXPECT_NE(key, makeCacheKey("f", "mine", ab));
  EXPECT_NE(key, makeCacheKey("g", "", ab));
  EXPECT_NE(key, makeCacheKey("f", "", {Value::text("ab")}));
  EXPECT_NE(makeDigest({"a", "b"}), makeDigest({"ab"}));
}

TEST(AnswerCache, KeepsValues) {
  Folder folder;
  {
    Cache first(folder / "c");
    ASSERT_EQ(first.error, "");
    EXPECT_EQ(first.get("k"), "null");
    first.put("k", "v\n\"é");
    first.put("k", "w");
    EXPECT_EQ(first.get("k"), "\"w\"");
    first.cache->store("list", Value::list({Value::number(0.1), Value::number(1e300)}));
    first.cache->store("failed", failed);
    first.cache->store("partly", Value::list({Value::text("x"), failed}));
  }
  Cache second(folder / "c");
  EXPECT_EQ(second.get("k"), "\"w\"");
  EXPECT_EQ(second.get("list"), "null"); // another type
  Type numbers{Scalar::F64, {2}, true};
  EXPECT_EQ(writeJson(second.cache->lookUp("list", numbers)), "[0.1,1e+300]");
  EXPECT_EQ(second.get("failed"), "null");
  EXPECT_TRUE(second.cache->lookUp("partly", Type{Scalar::Text, {2}, true}).isFailed());
  EXPECT_TRUE(second.warnings.empty());
}

TEST(AnswerCache, EntriesHaveTheirTime) {
  Folder folder;
  Cache cache(folder / "c");
  cache.put("k", "v", 10);
  cache.put("forever", "v");
  cache.now += 9999;
  EXPECT_EQ(cache.get("k"), "\"v\"");
  EXPECT_EQ(cache.get("forever", 9), "null");
  EXPECT_EQ(cache.get("forever", 10), "\"v\"");
  cache.now += 1;
  EXPECT_EQ(cache.get("k"), "null");
  EXPECT_EQ(cache.get("forever"), "\"v\"");
  EXPECT_EQ(cache.get("forever", 1e300), "\"v\"");
}

TEST(AnswerCache, TheLongestUnusedGoFirst) {
  Folder folder;
  Cache cache(folder / "c", 400);
  std::string value(90, 'x');
  for (const char *key : {"a", "b", "c", "d"}) {
    cache.put(key, value);
    cache.now += 2000;
  }
  EXPECT_NE(cache.get("a"), "null");
  cache.now += 2000;
  cache.put("e", value);
  EXPECT_EQ(cache.get("b"), "null");
  for (const char *key : {"a", "c", "d", "e"})
    EXPECT_NE(cache.get(key), "null") << key;
  cache.put("large", std::string(1000, 'x'));
  EXPECT_EQ(cache.get("large"), "null");
  for (int turn = 0; turn < 100; ++turn)
    cache.put("a", std::string(turn, 'x')); // what is replaced counts once
  for (const char *key : {"a", "c", "d", "e"})
    EXPECT_NE(cache.get(key), "null") << key;
}

TEST(AnswerCache, DamagedFilesAreSetAside) {
  Folder folder;
  std::string file = folder / "c";
  {
    Cache cache(file);
    cache.put("k", "v");
  }
  overwrite(file, 100, std::string(5000, 'z'));
  {
    Cache cache(file);
    ASSERT_EQ(cache.error, "");
    ASSERT_EQ(cache.warnings.size(), 1u);
    EXPECT_EQ(cache.warnings[0], "the cache '" + file + "' is damaged: it is now '" + file +
                                     ".damaged', and a new one is begun");
    EXPECT_TRUE(exists(file + ".damaged"));
    for (int at = 0; at < 200; ++at)
      cache.put("k" + std::to_string(at), std::string(1000, 'x'));
  }
  ASSERT_EQ(truncate(file.c_str(), 20000), 0);
  {
    Cache cache(file);
    ASSERT_EQ(cache.error, "");
    for (int at = 0; at < 200; ++at) {
      std::string got = cache.get("k" + std::to_string(at));
      EXPECT_TRUE(got == "null" || got == "\"" + std::string(1000, 'x') + "\"");
    }
    EXPECT_FALSE(cache.warnings.empty());
    EXPECT_TRUE(exists(file + ".damaged-2"));
    cache.put("new", "v");
    EXPECT_EQ(cache.get("new"), "\"v\"");
  }
  // A file of ours without its tables.
  runSql(file, "DROP TABLE total");
  Cache cache(file);
  EXPECT_EQ(cache.error, "");
  EXPECT_EQ(cache.warnings.size(), 1u);
}

TEST(AnswerCache, DamagedEntriesAreNotUsed) {
  Folder folder;
  std::string file = folder / "c";
  {
    Cache cache(file);
    cache.put("k", "value");
    cache.put("l", "value");
  }
  runSql(file, "UPDATE answers SET value = '\"velue\"' WHERE key = 'k'");
  Cache cache(file);
  EXPECT_EQ(cache.get("k"), "null");
  EXPECT_EQ(cache.warnings.size(), 1u);
  EXPECT_EQ(cache.get("k"), "null");
  EXPECT_EQ(cache.warnings.size(), 1u);
  EXPECT_EQ(cache.get("l"), "\"value\"");
}

TEST(AnswerCache, FlippedBytesAreNeverAnswers) {
  Folder folder;
  std::string file = folder / "c", copy = folder / "copy";
  {
    Cache cache(file);
    for (int at = 0; at < 40; ++at)
      cache.put("k" + std::to_string(at), "value " + std::to_string(at) + std::string(200, 'v'));
  }
  struct stat info;
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  std::stringstream whole;
  whole << std::ifstream(file).rdbuf();
  for (off_t at = 0; at < info.st_size; at += 487) {
    for (const char *end : {"", "-wal", "-shm", ".damaged", ".damaged-wal", ".damaged-shm"})
      unlink((copy + end).c_str());
    std::ofstream(copy) << whole.str();
    overwrite(copy, at, std::string(3, '\x15'));
    Cache cache(copy);
    if (!cache.cache)
      continue; // of no kind that it knows
    for (int key = 0; key < 40; ++key) {
      std::string got = cache.get("k" + std::to_string(key));
      std::string kept = "\"value " + std::to_string(key) + std::string(200, 'v') + "\"";
      EXPECT_TRUE(got == "null" || got == kept) << at << ": " << got;
    }
    cache.put("new", "v");
  }
}

TEST(AnswerCache, OtherFilesAreNotTouched) {
  Folder folder;
  std::string file = folder / "other";
  runSql(file, "CREATE TABLE theirs (a)");
  Cache cache(file);
  EXPECT_EQ(cache.error, "could not open the cache '" + file + "': it is another SQLite database");
  Cache nowhere(folder / "no/such/folder");
  EXPECT_NE(nowhere.error, "");
  // Nor are those of which nobody knows what they are.
  std::string text = folder / "notes.txt";
  for (const std::string &content : {std::string("short"), std::string(5000, 'z')}) {
    std::ofstream(text) << content;
    Cache notes(text);
    EXPECT_EQ(notes.error, "could not open the cache '" + text +
                               "': it is something else (file is not a database)");
    std::stringstream whole;
    whole << std::ifstream(text).rdbuf();
    EXPECT_EQ(whole.str(), content);
  }
  overwrite(file, 100, std::string(5000, 'z'));
  Cache damaged(file);
  EXPECT_NE(damaged.error.find("': it is something else ("), std::string::npos) << damaged.error;
  EXPECT_FALSE(exists(file + ".damaged"));
}

TEST(AnswerCache, EmptyAndBrokenOffFilesAreUsed) {
  Folder folder;
  std::string empty = folder / "empty", half = folder / "half";
  std::ofstream(empty).flush();
  std::ofstream(half) << "SQLite format 3";
  for (const std::string &file : {empty, half}) {
    Cache cache(file);
    EXPECT_EQ(cache.error, "");
    EXPECT_EQ(cache.warnings.size(), file == half);
    cache.put("k", "v");
    EXPECT_EQ(cache.get("k"), "\"v\"");
  }
}

TEST(AnswerCache, IsMadeForItsOwnerAlone) {
  Folder folder;
  std::string file = folder / "cache";
  mode_t before = umask(0);
  Cache cache(file);
  umask(before);
  cache.put("k", "v");
  for (const char *end : {"", "-wal", "-shm"}) {
    struct stat info = {};
    ASSERT_EQ(stat((file + end).c_str(), &info), 0) << end;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << end;
  }
  ASSERT_EQ(chmod(file.c_str(), 0640), 0); // its owner knows better
  Cache again(file);
  struct stat info = {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(AnswerCache, ServesSeveralProcesses) {
  Folder folder;
  std::string file = folder / "c";
  constexpr int processes = 6, entries = 150;
  std::vector<pid_t> children;
  for (int number = 0; number < processes; ++number) {
    pid_t child = fork();
    if (child == 0) {
      Cache cache(file, 40000);
      bool isGood = cache.error.empty();
      for (int at = 0; at < entries && isGood; ++at) {
        std::string key = "k" + std::to_string(at % 50);
        std::string got = cache.get(key);
        isGood = got == "null" || got == "\"value of " + key + "\"";
        cache.put(key, "value of " + key);
        cache.put("own" + std::to_string(number) + "-" + std::to_string(at), std::string(500, 'x'));
      }
      for (const std::string &warning : cache.warnings)
        std::fprintf(stderr, "%s\n", warning.c_str());
      std::fprintf(stderr, "%s", cache.error.c_str());
      _exit(isGood && cache.warnings.empty() ? 0 : 1);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  Cache cache(file, 40000);
  EXPECT_EQ(cache.error, "");
  EXPECT_TRUE(cache.warnings.empty());
}

// Without a file, too, though nobody else shares it.
TEST(RunMemory, EntriesServeForTheirTime) {
  Document document;
  Plan plan;
  RunMemory memory;
  double now = 5000;
  memory.getNowMs = [&] { return now; };
  auto use = [&](std::optional<double> ttlS) {
    Task task;
    task.details = CacheUse{"f", "", ttlS};
    task.outputs = {Type{}};
    return task;
  };
  const Value asked = Value::text("q"), answer = Value::text("a"), both[] = {answer, asked};
  auto store = [&](const Task &task) { memory.store({document, plan, task, both, {}}); };
  auto isKept = [&](const Task &task) {
    return !memory.lookUp({document, plan, task, asked, {}}).isFailed();
  };
  const Task always = use(std::nullopt), brief = use(1), once = use(0);
  EXPECT_FALSE(isKept(always));
  store(brief);
  now += 999;
  EXPECT_TRUE(isKept(always));
  EXPECT_TRUE(isKept(brief));
  EXPECT_FALSE(isKept(once));
  now += 1;
  EXPECT_FALSE(isKept(always));
  store(always);
  now += 1000;
  EXPECT_TRUE(isKept(always));
  EXPECT_FALSE(isKept(brief));
}

//===----------------------------------------------------------------------===//
// State of a run
//===----------------------------------------------------------------------===//

static const RunIdentity identity = {"s1", "triage", "i1", "x1"};

static std::string openError(const std::string &file, const RunIdentity &identity) {
  llvm::Expected<std::unique_ptr<RunState>> opened = RunState::open(file, identity);
  return opened ? "" : llvm::toString(opened.takeError());
}

static RunState::Entry entry(std::string key, std::string text, int64_t sample = 0) {
  return {key, "r", {sample, {Value::text(std::move(text)), failed}, TokenCounts{7, 0, 3}, 12.5, 0.25}};
}

TEST(RunState, GoesOnWhereItWas) {
  Folder folder;
  std::string file = folder / "s", id;
  const Type numbers{Scalar::F64, {2}, true};
  const Type types[] = {Type{}, numbers, Type{}, numbers};
  RunState::Entry bare{"t/0", "r", {2, {Value::text("b")}}};
  {
    auto state = llvm::cantFail(RunState::open(file, identity));
    id = state->getRunId().str();
    EXPECT_EQ(id.size(), 32u);
    EXPECT_TRUE(state->find("t/0", "r", types).empty());
    EXPECT_FALSE(state->store({bare, entry("t/0", "a")}));
  }
  auto state = llvm::cantFail(RunState::open(file, identity));
  EXPECT_EQ(state->getRunId(), id);
  EXPECT_EQ(state->getCount(), 2u);
  std::vector<KeptAnswer> found = state->find("t/0", "r", types);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].sample, 0);
  EXPECT_EQ(writeJsonList(found[0].values), R"(["a",null])");
  EXPECT_EQ(found[0].usage->input, 7);
  EXPECT_EQ(found[0].usage->cached, 0);
  EXPECT_EQ(found[0].usage->output, 3);
  EXPECT_EQ(found[0].latencyMs, 12.5);
  EXPECT_EQ(found[0].usd, 0.25);
  EXPECT_EQ(found[1].sample, 2);
  EXPECT_EQ(writeJsonList(found[1].values), R"(["b"])");
  EXPECT_FALSE(found[1].usage);
  EXPECT_FALSE(found[1].latencyMs);
  // Another request in its place, or one with other outputs, or fewer.
  EXPECT_TRUE(state->find("t/0", "r2", types).empty());
  EXPECT_TRUE(state->find("t/0", "r", {numbers, numbers, numbers}).empty());
  EXPECT_EQ(state->find("t/0", "r", {Type{}, Type{}}).size(), 1u);
}

TEST(RunState, IsOfOneRun) {
  Folder folder;
  std::string file = folder / "s";
  EXPECT_EQ(openError(file, identity), "");
  EXPECT_EQ(openError(file, identity), "");
  std::string head = "could not use the state '" + file + "': ";
  RunIdentity other = identity;
  other.schedule = "s2";
  EXPECT_EQ(openError(file, other),
            head + "it is of a run of other schedule: give that run's, or another file");
  other = identity;
  other.inputs = "i2";
  EXPECT_EQ(openError(file, other),
            head + "it is of a run of other inputs: give that run's, or another file");
  auto state = llvm::cantFail(RunState::open(file, identity));
  EXPECT_EQ(openError(file, identity), head + "another process uses it");
  runSql(folder / "other", "CREATE TABLE theirs (a)");
  EXPECT_EQ(openError(folder / "other", identity),
            "could not use the state '" + folder.name + "/other': it is another SQLite database");
}

TEST(RunState, DamageIsAnError) {
  Folder folder;
  std::string file = folder / "s";
  {
    auto state = llvm::cantFail(RunState::open(file, identity));
    for (int at = 0; at < 100; ++at)
      EXPECT_FALSE(state->store(entry("k" + std::to_string(at), std::string(500, 'x'))));
  }
  ASSERT_EQ(truncate(file.c_str(), 20000), 0);
  EXPECT_NE(openError(file, identity).find("damaged"), std::string::npos);
  std::ofstream(file) << std::string(5000, 'z');
  EXPECT_NE(openError(file, identity).find("damaged"), std::string::npos);
  EXPECT_TRUE(exists(file));
}

TEST(RunState, OutlivesKilledProcesses) {
  Folder folder;
  std::string file = folder / "s";
  const Type types[] = {Type{}, Type{}};
  uint64_t kept = 0;
  for (int turn = 0; turn < 20; ++turn) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
      auto state = llvm::cantFail(RunState::open(file, identity));
      for (uint64_t at = state->getCount();; ++at) {
        llvm::cantFail(state->store(entry("k" + std::to_string(at), std::to_string(at))));
        if (write(ends[1], &at, sizeof(at)) < 0)
          _exit(1);
      }
    }
    close(ends[1]);
    uint64_t told;
    for (int at = 0; at <= turn * 7; ++at)
      ASSERT_EQ(read(ends[0], &told, sizeof(told)), ssize_t(sizeof(told)));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(ends[0], &told, sizeof(told)) == ssize_t(sizeof(told)))
      continue;
    close(ends[0]);
    kept = told;
    auto state = llvm::cantFail(RunState::open(file, identity));
    EXPECT_GE(state->getCount(), kept + 1);
    EXPECT_LE(state->getCount(), kept + 2);
    std::vector<KeptAnswer> last = state->find("k" + std::to_string(kept), "r", types);
    ASSERT_EQ(last.size(), 1u);
    EXPECT_EQ(*last[0].values[0].getText(), std::to_string(kept));
  }
}

//===- ToolProcessTest.cpp - Commands that behave, and others -------------===//

#include "XcsLLM/Runtime/ToolProcess.h"
#include "gtest/gtest.h"
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace xcs::runtime;

static ToolCommand shell(std::string script, std::string input = "") {
  ToolCommand command;
  command.words = {"/bin/sh", "-c", std::move(script)};
  command.input = std::move(input);
  command.timeoutMs = 20000;
  return command;
}

static std::vector<ToolResult> wait(ToolProcesses &tools, size_t count) {
  std::vector<ToolResult> results;
  while (results.size() < count && tools.getActive()) {
    std::vector<pollfd> files;
    tools.addFiles(files);
    poll(files.data(), files.size(), int(tools.getTimeoutMs()));
    for (ToolResult &result : tools.poll())
      results.push_back(std::move(result));
  }
  return results;
}

static ToolResult run(ToolCommand command) {
  ToolProcesses tools;
  uint64_t id = tools.start(std::move(command));
  std::vector<ToolResult> results = wait(tools, 1);
  EXPECT_EQ(results.size(), 1u);
  EXPECT_EQ(results.at(0).id, id);
  return std::move(results[0]);
}

TEST(ToolProcess, GivesInputAndTakesOutput) {
  ToolResult result = run(shell("cat", "[\"a\"]"));
  EXPECT_EQ(result.output, "[\"a\"]");
  EXPECT_EQ(result.failure, "");
  ToolCommand words;
  words.words = {"printf", "%s|", "a b", "$HOME", "*"};
  EXPECT_EQ(run(words).output, "a b|$HOME|*|");
}

TEST(ToolProcess, WithholdsVariables) {
  setenv("XCS_KEY", "sk-1", 1);
  setenv("XCS_KEY_ID", "7", 1);
  ToolCommand command = shell("echo $XCS_KEY,$XCS_KEY_ID");
  EXPECT_EQ(run(command).output, "sk-1,7\n");
  command.withheld = {"XCS_KEY"};
  EXPECT_EQ(run(command).output, ",7\n");
}

TEST(ToolProcess, MovesMuchBothWays) {
  std::string much(5000000, 'x');
  EXPECT_TRUE(run(shell("cat", much)).output == much);
}

TEST(ToolProcess, DoesNotMindInputThatIsNotRead) {
  std::string much(5000000, 'x');
  EXPECT_EQ(run(shell("echo 1", much)).output, "1\n");
  EXPECT_EQ(run(shell("exec <&-; sleep 0.05; echo 1", much)).output, "1\n");
}

TEST(ToolProcess, SaysWhyThereIsNoResult) {
  EXPECT_EQ(run(shell("echo 1; echo first >&2; echo worst >&2; exit 3")).failure,
            "ended with status 3: worst");
  EXPECT_EQ(run(shell("kill -9 $$")).failure, "ended by signal 9");
  ToolCommand missing;
  EXPECT_EQ(run(missing).failure, "could not be started: No such file or directory");
  missing.words = {"/no/such/program"};
  EXPECT_EQ(run(missing).failure, "could not be started: No such file or directory");
  ToolCommand slow = shell("sleep 30");
  slow.timeoutMs = 50;
  EXPECT_EQ(run(slow).failure, "took longer than 50 ms");
  ToolCommand endless = shell("yes");
  endless.maxOutputBytes = 100000;
  EXPECT_EQ(run(endless).failure, "gave more than 100000 bytes");
  ToolCommand noisy = shell("yes >&2");
  noisy.timeoutMs = 200;
  ToolResult result = run(noisy);
  EXPECT_EQ(result.failure, "took longer than 200 ms: y");
  EXPECT_LE(result.errorOutput.size(), 4096u);
  EXPECT_EQ(run(shell("exec >&- 2>&-; sleep 0.1; exit 4")).failure, "ended with status 4");
}

TEST(ToolProcess, TellsNoSecrets) {
  ToolCommand command = shell("echo bad key sk-1234 of MY_KEY >&2; exit 1");
  command.secrets = {"sk-1234", "1"};
  EXPECT_EQ(run(command).failure, "ended with status 1: bad key *** of MY_KEY");
  // Nor a part of one, wherever what it said is cut.
  command = shell("head -c 491 /dev/zero | tr '\\0' x >&2; echo sk-1234sk-1234 >&2; exit 1");
  command.secrets = {"sk-1234"};
  EXPECT_EQ(run(command).failure, "ended with status 1: " + std::string(491, 'x') + "******");
  command = shell("yes sk-1234 | head -c 80000 | tr -d '\\n' >&2; exit 1");
  command.secrets = {"sk-1234"};
  EXPECT_EQ(run(command).errorOutput.find_first_of("sk-1234"), std::string::npos);
}

TEST(ToolProcess, RunsManyAtOnce) {
  ToolProcesses tools;
  auto before = std::chrono::steady_clock::now();
  for (int at = 0; at < 30; ++at)
    tools.start(shell("sleep 0.3; echo " + std::to_string(at)));
  EXPECT_EQ(tools.getActive(), 30u);
  std::vector<ToolResult> results = wait(tools, 30);
  EXPECT_EQ(results.size(), 30u);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
  EXPECT_EQ(tools.getTimeoutMs(), -1);
}

static std::string makeFile() {
  std::string name = testing::TempDir() + "tool-" + std::to_string(getpid());
  std::ofstream(name).close();
  return name;
}

/// The number that the command has written to the file, once it has.
static pid_t readNumber(const std::string &file) {
  pid_t number = 0;
  for (int turn = 0; turn < 500 && !number; ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::ifstream(file) >> number;
  }
  return number;
}

static bool isGone(pid_t process) {
  for (int turn = 0; turn < 300; ++turn) {
    // One that nobody has waited for yet is gone, too.
    std::string state, line;
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    if (!std::getline(stat, line) || line.find(") Z ") != std::string::npos)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(ToolProcess, CancelsWithAllThatItStarted) {
  std::string file = makeFile();
  ToolProcesses tools;
  // A child that does not listen to the polite signal.
  uint64_t id = tools.start(
      shell("(trap '' TERM; sh -c 'echo $PPID' > " + file + "; sleep 60; sleep 60) & wait"));
  pid_t child = readNumber(file);
  ASSERT_GT(child, 0);
  tools.cancel(id);
  EXPECT_EQ(tools.getActive(), 0u);
  for (int turn = 0; turn < 300 && tools.getTimeoutMs() >= 0; ++turn) {
    EXPECT_TRUE(tools.poll().empty());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(isGone(child));
  unlink(file.c_str());
}

TEST(ToolProcess, EndsWhatIsLeftInTheBackground) {
  std::string file = makeFile();
  ToolResult result = run(shell("sleep 60 & echo $! > " + file + "; echo 1; echo 2 >&2"));
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(result.output, "1\n");
  EXPECT_EQ(result.errorOutput, "2\n");
  EXPECT_TRUE(isGone(readNumber(file)));
  unlink(file.c_str());
  EXPECT_EQ(run(shell("sleep 60 & exit 3")).failure, "ended with status 3");
}

TEST(ToolProcess, LeavesNothingBehind) {
  std::string file = makeFile();
  pid_t child;
  {
    ToolProcesses tools;
    tools.start(shell("trap '' TERM; echo $$ > " + file + "; sleep 60; sleep 60"));
    child = readNumber(file);
    ASSERT_GT(child, 0);
  }
  EXPECT_NE(kill(child, 0), 0); // waited for, too
  unlink(file.c_str());
}
